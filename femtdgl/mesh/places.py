"""Places on a shape: edges, faces and corners by points on them or a box around them, and where cells are small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from femtdgl.errors import InputError
from femtdgl.input.numbers import finite, not_negative, positive
from femtdgl.input.quantities import InXi, Reduced
from femtdgl.input.section import Section

Point = tuple[InXi, ...]


def _points(value: Any) -> Any:
    """One point as a list of it."""
    if isinstance(value, Sequence) and value and all(isinstance(x, int | float) for x in value):
        return [value]
    return value


Points = Annotated[tuple[Point, ...], BeforeValidator(_points)]
"""One point, or several."""


@dataclass(frozen=True, kw_only=True)
class Where(Section):
    """Edges (faces, in space) of a shape: those with one of the points `at` on them, and those within a `box`.

    A box is given by two opposite corners; an edge that is wholly in it counts.
    """

    at: Points = ()
    """A point on each, or a list of them."""
    box: tuple[Point, Point] | None = None
    """Two opposite corners of a box around them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(tuple(point) for point in _points(self.at)))
        if not self.at and self.box is None:
            raise InputError("is missing", key="at", allowed="a point on an edge, or a box around it")
        for point in self.at:
            finite("at", *point)
        for point in self.box or ():
            finite("box", *point)

    def check(self, dim: int) -> None:
        """Raises InputError, with the key, for points of another dimension."""
        require(dim, at=self.at, box=self.box or ())


def _where(value: Any) -> Any:
    return {"at": value} if isinstance(value, list | tuple) else value


Named = Annotated[Where, BeforeValidator(_where), Reduced("length")]
"""In a problem file: a table { at = [0, 1] } or { box = [[0, 0], [1, 1]] }, or nothing but a point."""


@dataclass(frozen=True, kw_only=True)
class Rounded(Section):
    """Corners of the whole shape (edges, in space), each by a point `at` it, rounded by a `radius`."""

    at: Points
    """A point at each corner, or a list of them."""
    radius: InXi
    """Of the round."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(tuple(point) for point in _points(self.at)))
        if not self.at:
            raise InputError("is empty", key="at", allowed="a point, or several")
        positive("radius", self.radius)

    def check(self, dim: int) -> None:
        """Raises InputError, with the key, for points of another dimension."""
        require(dim, at=self.at)


@dataclass(frozen=True, kw_only=True)
class Finer(Section):
    """Smaller cells, of a size `h`: within `radius` of points `at`, in a `box`, or along the edges named in `along`.

    Away from there the size grows by 0.3 per unit of distance.
    """

    h: InXi
    """Size of the cells there."""
    at: Points = ()
    """A point, or a list of them."""
    radius: InXi = 0.0
    """How far from the points; 0: at them."""
    box: tuple[Point, Point] | None = None
    """Two opposite corners."""
    along: tuple[str, ...] = ()
    """Names of edges, faces or regions."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", tuple(tuple(point) for point in _points(self.at)))
        positive("h", self.h)
        not_negative("radius", self.radius)
        if not self.at and self.box is None and not self.along:
            raise InputError("is missing", key="at", allowed="a place: at, box or along")

    def check(self, dim: int) -> None:
        """Raises InputError, with the key, for points of another dimension."""
        require(dim, at=self.at, box=self.box or ())


def require(dim: int, **points: Iterable[Point]) -> None:
    """Raises InputError, with the key, for points of another dimension."""
    for key, group in points.items():
        for point in group:
            if len(point) != dim:
                raise InputError(f"{list(point)} is not possible", key=key, allowed=f"points of {dim} coordinates")
