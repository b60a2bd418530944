"""Recipes by the words of a problem file: fg.mesh.strip(length=15, width=5, h=0.5, hole={"radius": 1})."""

from __future__ import annotations

from inspect import signature
from typing import Any, Protocol, TypeVar, cast

from femtdgl.input.plain import plain
from femtdgl.input.tables import validated
from femtdgl.input.unsettled import Words, has_units
from femtdgl.mesh.line import Line
from femtdgl.mesh.plane import Ring, Strip
from femtdgl.mesh.volume import Wire

R = TypeVar("R", covariant=True)


class ByWords(Protocol[R]):
    """A function that makes a recipe of its words.  Raises InputError for what is wrong first."""

    def __call__(self, **words: Any) -> R:
        """The recipe."""


def by_words(cls: type[R]) -> ByWords[R]:
    """The function that makes recipes of a class: tables as such, as dataclasses, and numbers of numpy.

    Of text with units it makes the words of the recipe, which a Problem with a film in SI reads.
    """

    def make(**words: Any) -> R:
        given = plain(words)
        if has_units(given):
            return cast(R, Words(make.__name__, {"shape": make.__name__, **given}))
        made: R = validated(cls, given, "")
        return made

    make.__name__ = make.__qualname__ = cls.__name__.lower()
    make.__doc__ = cls.__doc__
    make.__signature__ = signature(cls)  # type: ignore[attr-defined]
    return make


line: ByWords[Line] = by_words(Line)
strip: ByWords[Strip] = by_words(Strip)
ring: ByWords[Ring] = by_words(Ring)
wire: ByWords[Wire] = by_words(Wire)
