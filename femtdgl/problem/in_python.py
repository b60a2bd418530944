"""What a problem made in Python may have and no file can hold: functions.

The text that is stored with a result has `{ python_function = "name" }` in their place.  A problem is read back from it
with the functions put in again; without them that is refused in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.section import Described

KEY = "python_function"


def named(function: Any) -> str:
    """What a function is called."""
    return str(getattr(function, "__qualname__", type(function).__name__)).rsplit(".", 1)[-1]


def in_python(function: Any) -> dict[str, str]:
    """What stands in a file in place of a function."""
    return {KEY: named(function)}


def is_function(value: Any) -> bool:
    """Whether it is a function of Python, and not a waveform that knows how it is written."""
    return callable(value) and not isinstance(value, Described) and not is_dataclass(value)


def is_in_python(value: Any) -> bool:
    """Whether this stands in place of a function."""
    return isinstance(value, Mapping) and set(value) == {KEY}


def refuse_in_python(value: Any) -> None:
    """Raises InputError for what stands in place of a function."""
    if is_in_python(value):
        raise InputError(
            f"is the Python function {value[KEY]!r}, which no file holds",
            allowed="a Problem made in Python; to resume a run, the same function again",
        )


def left_out(table: Any, where: str = "") -> dict[str, str]:
    """Dotted keys of a table where a function is left out, and the names of the functions."""
    if is_in_python(table):
        return {where: str(table[KEY])}
    items: Any = ()
    if isinstance(table, Mapping):
        items = table.items()
    elif isinstance(table, list | tuple):
        items = enumerate(table)
    found: dict[str, str] = {}
    for key, item in items:
        found |= left_out(item, f"{where}.{key}".removeprefix("."))
    return found


def refuse_functions(table: Any, file: str, *others: str) -> None:
    """Raises InputError, naming the file, where a table to be written leaves a function out, or there are others."""
    for key in (*left_out(table), *others):
        words = "is a Python function, which no file can hold"
        raise InputError(words, key=key, file=file, allowed="an expression, or a table")


def put_in(table: Any, functions: Mapping[str, Any]) -> None:
    """Put functions, or what is made of them, into a table by their dotted keys."""
    for key, function in functions.items():
        *path, last = key.split(".")
        section = table
        for name in path:
            section = section[int(name) if isinstance(section, list) else name]
        section[int(last) if isinstance(section, list) else last] = function


def found_in(problem: Any, table: Any) -> dict[str, Any]:
    """The functions of a problem by their dotted keys, where a table of it leaves them out."""
    return {key: _at(problem, key.split(".") if key else ()) for key in left_out(table)}


def _at(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        if isinstance(value, list | tuple):
            value = value[int(name)]
        elif isinstance(value, Mapping):
            value = value[name]
        else:
            value = getattr(value, name)
    return value
