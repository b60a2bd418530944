"""Sections made in Python of text with units, "2 uA", whose numbers nobody knows before there is a film.

`fg.Sine(amplitude="2 uA", period="1 ns")` is such words: a table as a problem file has it, which a Problem with a film
in SI reads as it reads a file.  What holds such words, a Drive with that current, is words too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from femtdgl.input.quantities import has_unit


class Words(dict[str, Any]):
    """A table of a problem file, of a section that is called `name`."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        super().__init__(table)
        self.name = name

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.items())})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "name":  # of copies that are being made
            raise AttributeError(name)
        words = f"{self!r} has text with units: what it is a Problem with a film in SI says, so that it has no {name!r}"
        raise AttributeError(words)


def has_units(value: Any) -> bool:
    """Whether there is text with a unit, or such words, anywhere in a value."""
    if isinstance(value, str):
        return has_unit(value)
    if isinstance(value, Mapping):
        return isinstance(value, Words) or any(map(has_units, value.values()))
    return isinstance(value, list | tuple) and any(map(has_units, value))


def has_words(value: Any) -> bool:
    """Whether there are such words anywhere in a value."""
    if isinstance(value, Mapping):
        return isinstance(value, Words) or any(map(has_words, value.values()))
    return isinstance(value, list | tuple) and any(map(has_words, value))


@cache
def has_film(cls: Any) -> bool:
    """Whether a class has a film of its own, which reads its units."""
    return any(field.name == "film" for field in fields(cls))


@cache
def measures(cls: Any) -> bool:
    """Whether fields of a class measure something in the units of a film."""
    from femtdgl.input.reduce import Within, marks_of, measured  # pydantic, which links without text do without

    hints = get_type_hints(cls, include_extras=True)
    return any(measured(hint) is not None or any(isinstance(mark, Within) for mark in marks_of(hint))
               for hint in hints.values())  # fmt: skip
