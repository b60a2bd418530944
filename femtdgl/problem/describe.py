"""Sections as the tables of a problem file, and which of their parts tell something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from femtdgl.input.section import Described
from femtdgl.problem.in_python import is_in_python


def describe(value: Any) -> Any:
    """A problem as the table of a problem file: nested dictionaries without None, and without a function for A."""
    if isinstance(value, Described):
        return value.described()
    if is_dataclass(value) and not isinstance(value, type):
        items = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: describe(item) for name, item in items if item is not None and name != "vector_potential"}
    if isinstance(value, Mapping):
        return {name: describe(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    return str(value) if isinstance(value, PurePath) else value


def in_words(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of a problem file, sections and waveforms among them as the file has them."""
    words = {key: describe(value) for key, value in changes.items()}
    return {key: value if is_in_python(words[key]) else words[key] for key, value in changes.items()}


def is_made(value: Any) -> bool:
    """Whether a part of a problem is a section, or a table or tuple of sections, and not the words for one."""
    if isinstance(value, Mapping):
        return all(map(is_made, value.values())) and not any(isinstance(item, Mapping) for item in value.values())
    if isinstance(value, tuple):
        return all(map(is_made, value)) and not any(isinstance(item, Mapping) for item in value)
    return not isinstance(value, str | int | float | list | np.ndarray)


def parts(section: Any, always: Collection[str], never: Collection[str]) -> dict[str, str]:
    """Parts of a section in words: some in any case, others where they are not as by default."""
    chosen = [f for f in fields(section) if f.name in always or (f.name not in never and not _is_default(section, f))]
    return {f.name: ", ".join(_told(describe(getattr(section, f.name)))) for f in chosen}


def _is_default(section: Any, field: Field[Any]) -> bool:
    """Whether a field has its default."""
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return bool(getattr(section, field.name) == default)


def _told(words: Any, name: str = "") -> Iterator[str]:
    """Dotted keys of a table with their values, those alone that tell something."""
    if isinstance(words, Mapping):
        for key, item in words.items():
            yield from _told(item, f"{name}.{key}".removeprefix("."))
    elif words not in ("", [], None, False):
        yield f"{name} = {words}" if name else str(words)
