"""Shapes put together from parts: planes and solids, meshed by Netgen.

Parts are joined, holes taken out of all of them, corners rounded; edges (faces, in space) get names by points on them
or a box around them.  What has no name on the boundary is called "rest".  With order = 2 curved edges and faces stay
curved: cells of second order, whose nodes lie on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, cast

from femtdgl.errors import InputError
from femtdgl.input.limits import affordable
from femtdgl.input.nearest import nearest
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.input.unsettled import Words, has_units
from femtdgl.mesh.drawing import Drawing, draw
from femtdgl.mesh.netgen import CELLS, meshed
from femtdgl.mesh.parts import Part, PlanePart, SolidPart, Step
from femtdgl.mesh.places import Finer, Named, Rounded, Where
from femtdgl.mesh.scale import Unit, in_xi


class Shape(Section):
    """What planes and solids have in common."""

    dim: ClassVar[int]
    sides: ClassVar[str]
    """What names stand under."""
    parts: tuple[Part, ...]
    holes: tuple[Part, ...]
    h: InXi
    rounded: tuple[Rounded, ...]
    finer: tuple[Finer, ...]
    order: Literal[1, 2]
    scale: float
    unit: Unit | None

    def __hash__(self) -> int:
        return hash(repr(self))

    @property
    def named(self) -> Mapping[str, Where]:
        """Where the named edges or faces are."""
        found: Mapping[str, Where] = getattr(self, self.sides)
        return found

    def _check(self) -> None:
        if not self.parts:
            raise InputError("is empty", key="parts", allowed="one part or more")
        positive("h", self.h)
        positive("scale", self.scale)
        if any(not name.strip() for name in self.named):
            raise InputError("has an empty name", key=self.sides, allowed="names")
        places: dict[str, Where | Rounded | Finer] = {
            f"{self.sides}.{name}": where for name, where in self.named.items()
        }
        lists: dict[str, Sequence[Rounded | Finer]] = {"rounded": self.rounded, "finer": self.finer}
        for key, group in lists.items():
            places |= {f"{key}.{k}": each for k, each in enumerate(group)}
        for key, place in places.items():
            try:
                place.check(self.dim)
            except InputError as error:
                raise error.at(key=f"{key}.{error.key}") from None
        known = _known(self, self._stamps)  # what cannot be drawn is refused here
        affordable("h", CELLS[self.dim] * known.content / self.h**self.dim, self.dim)
        names = dict.fromkeys([*known.boundaries, *self.named, *known.regions])
        for k, each in enumerate(self.finer):
            for name in each.along:
                if name not in names:
                    words = f"{name!r} is neither in [mesh.{self.sides}] nor a region{nearest(name, names)}"
                    raise InputError(words, key=f"finer.{k}.along", allowed=", ".join(names))

    @property
    def _stamps(self) -> tuple[int, ...]:
        """Times of the files that are read, so that they are read again when they have changed."""
        files = [part.path for part in _all(self.parts, self.holes) if isinstance(part, Step)]
        return tuple(Path(path).stat().st_mtime_ns for path in files)

    def drawing(self) -> Drawing:
        """The shape, not meshed.  Raises InputError for one that cannot be drawn."""
        unit = 2.0 ** -round(math.log2(self.h))  # cells of about 1, and no digit lost
        return draw(self.dim, unit, self.parts, self.holes, self.rounded, self.named, self.sides)

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names on the boundary, in the order of the description; "rest" comes last."""
        return _known(self, self._stamps).boundaries

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the parts that have one."""
        return _known(self, self._stamps).regions

    def build(self) -> Any:
        """The scikit-fem mesh: MeshTri or MeshTet, of second order where it is curved (MeshTri2, MeshTet2)."""
        return _built(self, self._stamps)


@dataclass(frozen=True, kw_only=True)
class Plane(Shape):
    """A shape of the plane, with cells of a size of about `h`.

    `parts` are joined, and those with a `name` become regions; `holes` are taken out of all of them; corners are
    `rounded`; `edges` get names, in the order in which the boundaries count: of two terminals the first is where the
    current enters.  All else on the boundary is called "rest".  `finer`: where cells are smaller.
    """

    parts: tuple[PlanePart, ...]
    """What it is put together from."""
    h: InXi
    """Size of the cells."""
    edges: Mapping[str, Named] = field(default_factory=dict)
    """Where the edges with names are, by name."""
    holes: tuple[PlanePart, ...] = ()
    """Taken out of all parts."""
    rounded: tuple[Rounded, ...] = ()
    """Corners that are rounded."""
    finer: tuple[Finer, ...] = ()
    """Where cells are smaller."""
    alike: tuple[str, str] | None = None
    """Two edges, one of them the other moved, whose cells are divided alike: for periodic ends."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic and as curved as the edges."""
    scale: float = 1.0
    """xi for a length of this section."""
    unit: Unit | None = None
    """Of the lengths of this section, for a film in SI; None: xi."""
    shape: Literal["plane"] = "plane"

    dim: ClassVar[int] = 2
    sides: ClassVar[str] = "edges"
    __hash__ = Shape.__hash__

    def __post_init__(self) -> None:
        self._check()
        for name in self.alike or ():
            if name not in self.edges:
                words = f"{name!r} is not in [mesh.edges]{nearest(name, self.edges)}"
                raise InputError(words, key="alike", allowed=", ".join(self.edges))

    def in_xi(self, xi: float) -> Plane:
        """The same with its lengths in xi (m) and no unit."""
        return self if self.unit is None else replace(self, unit=None, scale=in_xi(self.scale, self.unit, xi))


@dataclass(frozen=True, kw_only=True)
class Solid(Shape):
    """A body of space, with cells of a size of about `h`.

    `parts` are joined, and those with a `name` become regions; `holes` are taken out of all of them; edges are
    `rounded`; `faces` get names, in the order in which the boundaries count: of two terminals the first is where the
    current enters.  All else on the boundary is called "rest".  `finer`: where cells are smaller.
    """

    parts: tuple[SolidPart, ...]
    """What it is put together from."""
    h: InXi
    """Size of the cells."""
    faces: Mapping[str, Named] = field(default_factory=dict)
    """Where the faces with names are, by name."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of all parts."""
    rounded: tuple[Rounded, ...] = ()
    """Edges that are rounded."""
    finer: tuple[Finer, ...] = ()
    """Where cells are smaller."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic and as curved as the faces."""
    scale: float = 1.0
    """xi for a length of this section."""
    unit: Unit | None = None
    """Of the lengths of this section, for a film in SI; None: xi."""
    shape: Literal["solid"] = "solid"

    dim: ClassVar[int] = 3
    sides: ClassVar[str] = "faces"
    __hash__ = Shape.__hash__

    def __post_init__(self) -> None:
        self._check()

    def in_xi(self, xi: float) -> Solid:
        """The same with its lengths in xi (m) and no unit."""
        return self if self.unit is None else replace(self, unit=None, scale=in_xi(self.scale, self.unit, xi))


def plane(**words: Any) -> Plane:
    """A plane by the words of a problem file: parts as tables, as `femtdgl.mesh.Disc` and so on, or of shapely.

    Polygons of shapely may stand wherever a part does; several of them in one (a MultiPolygon) are several parts.
    Raises InputError for what is wrong first.
    """
    several = {key: _several(words[key]) for key in ("parts", "holes") if key in words}
    return cast(Plane, _made("plane", Plane, words | several))


def solid(**words: Any) -> Solid:
    """A body by the words of a problem file: parts as tables, or as `femtdgl.mesh.Cylinder` and so on.

    Raises InputError for what is wrong first.
    """
    return cast(Solid, _made("solid", Solid, words))


def _made(shape: str, cls: type[Shape], words: Mapping[str, Any]) -> Any:
    """A shape; of text with units its words, which a Problem with a film in SI reads."""
    return Words(shape, {"shape": shape, **words}) if has_units(words) else validated(cls, words, "")


def _several(parts: Any) -> Any:
    """Parts as a list: one alone too, and each polygon of several in one."""
    if not isinstance(parts, list | tuple):
        parts = [parts]
    return [one for part in parts for one in (getattr(part, "geoms", None) or [part])]


def _all(*groups: Sequence[Part]) -> Iterator[Part]:
    """Parts and all that they are made of."""
    for group in groups:
        for part in group:
            yield part
            yield from _all(getattr(part, "holes", ()), getattr(part, "of", ()))


class Known(NamedTuple):
    """What a shape has, before it is meshed."""

    boundaries: tuple[str, ...]
    regions: tuple[str, ...]
    content: float
    """Area or volume."""


@lru_cache(maxsize=16)
def _known(shape: Shape, stamps: tuple[int, ...]) -> Known:
    """What a shape has; drawn again when one of its files has changed."""
    drawing = shape.drawing()
    return Known(drawing.boundaries, drawing.regions, drawing.content)


@lru_cache(maxsize=4)
def _built(shape: Shape, stamps: tuple[int, ...]) -> Any:
    """The mesh of a shape; made again when one of its files has changed."""
    alike = shape.alike if isinstance(shape, Plane) else None
    return meshed(shape.drawing(), shape.h, shape.finer, shape.scale, order=shape.order, alike=alike)
