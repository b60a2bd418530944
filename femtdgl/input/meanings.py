"""What the fields of sections mean, for help(): the text below each field in the source, once.

The docstring of a section is made when somebody asks for it, since that takes reading its source.
"""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from itertools import pairwise
from typing import Any


class Explained:
    """The docstring of a section: what its source says, and a line or more on each field."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __get__(self, instance: Any, owner: type) -> str:
        """The docstring.  While dataclass makes the class, what its source says alone."""
        if not is_dataclass(owner) or "__match_args__" not in vars(owner):
            return self.text
        return explained(owner, self.text)


def explained(cls: type, text: str) -> str:
    """A text with the fields of a dataclass below it."""
    lines = [inspect.cleandoc(text), "", "Fields:"]
    known = meanings(cls)
    for item in fields(cls):
        if not item.init:
            continue
        lines.append(f"    {item.name}: {_type(item)}{_default(item)}")
        lines += [f"        {line}" for line in known.get(item.name, "").splitlines()]
    return "\n".join(lines)


@cache
def meanings(cls: type) -> dict[str, str]:
    """The text below each field in the source, those of base classes too."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        body = _bodies(each.__module__).get(each.__qualname__, []) if is_dataclass(each) else []
        for field, after in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
                value = after.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found[field.target.id] = inspect.cleandoc(value.value)
    return found


@cache
def _bodies(module: str) -> dict[str, list[ast.stmt]]:
    """Bodies of the classes of a module by name; none where the source cannot be had."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError, SyntaxError, KeyError):
        return {}
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def _type(item: Field[Any]) -> str:
    kind = item.type
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def _default(item: Field[Any]) -> str:
    if item.default is not MISSING:
        return f" = {item.default!r}"
    return "" if item.default_factory is MISSING else " (has a default)"
