"""Recipes by the words of a problem file: fg.mesh.strip(length=15, width=5, h=0.5, hole={"radius": 1})."""

from __future__ import annotations

from inspect import signature
from typing import Any, Protocol, TypeVar

from femtdgl.input.plain import plain
from femtdgl.input.tables import validated
from femtdgl.mesh.line import Line
from femtdgl.mesh.plane import Ring, Strip
from femtdgl.mesh.volume import Wire

R = TypeVar("R", covariant=True)


class ByWords(Protocol[R]):
    """A function that makes a recipe of its words.  Raises InputError for what is wrong first."""

    def __call__(self, **words: Any) -> R:
        """The recipe."""


def by_words(cls: type[R]) -> ByWords[R]:
    """The function that makes recipes of a class: tables as such, as dataclasses, and numbers of numpy."""

    def make(**words: Any) -> R:
        made: R = validated(cls, plain(words), "")
        return made

    make.__name__ = make.__qualname__ = cls.__name__.lower()
    make.__doc__ = cls.__doc__
    make.__signature__ = signature(cls)  # type: ignore[attr-defined]
    return make


line: ByWords[Line] = by_words(Line)
strip: ByWords[Strip] = by_words(Strip)
ring: ByWords[Ring] = by_words(Ring)
wire: ByWords[Wire] = by_words(Wire)
