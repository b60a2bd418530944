"""Drawings: parts put together to one shape, with regions, rounded corners and names for its edges or faces.

Where parts overlap, a part with a name comes before one without, and a later name before an earlier one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from femtdgl.errors import InputError
from femtdgl.mesh.cad import cells_of, filleted, joined, rounded_flat, size_of, whole
from femtdgl.mesh.parts import Part
from femtdgl.mesh.places import Point, Rounded, Where

ON = 1e-4
"""A point is on an edge when it is as near as this, in units of the size of the shape."""
WITHIN = 1e-6
"""Slack of a box, in the same unit."""
REST = "rest"
"""Name of the edges, or faces, of the boundary that have no other."""


@dataclass(frozen=True)
class Drawing:
    """A shape of Open CASCADE, all its lengths multiplied by `unit`; each edge (face, in space) carries a number."""

    shape: Any
    dim: int
    unit: float
    names: Mapping[str, str]
    """Name of edges and faces by their number: of those on the boundary, and of named ones inside."""
    outside: frozenset[str]
    """Numbers of those on the boundary."""
    regions: tuple[str, ...]

    @property
    def sides(self) -> dict[str, Any]:
        """Edges in the plane, faces in space, by number."""
        return {side.name: side for side in (self.shape.edges if self.dim == 2 else self.shape.faces)}

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names on the boundary, in the order in which they were given; "rest" comes last."""
        found = dict.fromkeys(name for number, name in self.names.items() if number in self.outside)
        return tuple(sorted(found, key=lambda name: name == REST))

    @property
    def content(self) -> float:
        """Area or volume, in the lengths of the parts."""
        return float(sum(cell.mass for cell in cells_of(self.shape))) / self.unit**self.dim


def draw(
    dim: int,
    unit: float,
    parts: Sequence[Part],
    holes: Sequence[Part],
    rounded: Sequence[Rounded],
    named: Mapping[str, Where],
    key: str,
) -> Drawing:
    """All parts less the holes, with rounded corners and names; `key`: what the names stand under, edges or faces.

    Raises InputError, with the key, for what cannot be drawn, for parts that do not touch, and for points on nothing.
    """  # fmt: skip
    from netgen.occ import Glue

    groups = _groups(parts, unit)
    outline = joined(list(groups.values()))
    for k, hole in enumerate(holes):
        outline = outline - whole(hole, unit, f"holes.{k}")
    if not cells_of(outline):
        raise InputError("leave nothing of the parts", key="holes", allowed="holes that leave some of them")
    # a circle begins somewhere: what is left of it may come in two pieces, which are one edge
    outline = _rounded(outline.UnifySameDomain(), rounded, dim, unit)
    pieces = cells_of(outline)
    if len(pieces) > 1:
        middles = ", ".join(_words(piece.center, dim, unit) for piece in pieces[:4])
        words = f"make {len(pieces)} pieces that do not touch, about {middles}"
        allowed = f"parts that share {'an edge' if dim == 2 else 'a face'}, and holes that cut none of them in two"
        raise InputError(words, key="parts", allowed=allowed)
    regions = _regions(groups, outline)
    shape = Glue(regions).UnifySameDomain(unifyFaces=False)
    for number, side in enumerate(shape.edges if dim == 2 else shape.faces):
        side.name = str(number)
    cells = shape.faces if dim == 2 else shape.solids
    uses = Counter(number for cell in cells for number in {s.name for s in (cell.edges if dim == 2 else cell.faces)})
    outside = frozenset(number for number, count in uses.items() if count == 1)
    sides = {side.name: side for side in (shape.edges if dim == 2 else shape.faces)}
    names = _named(sides, named, dim, unit, size_of(shape), key)
    names |= {number: REST for number in sides if number in outside and number not in names}
    return Drawing(shape, dim, unit, names, outside, tuple(name for name in groups if name is not None))


def _groups(parts: Sequence[Part], unit: float) -> dict[str | None, Any]:
    """Shapes by the name of their region, None first."""
    shapes: dict[str | None, list[Any]] = {None: []}
    for k, part in enumerate(parts):
        shapes.setdefault(part.name, []).append(whole(part, unit, f"parts.{k}"))
    return {name: joined(group) for name, group in shapes.items() if group}


def _regions(groups: Mapping[str | None, Any], outline: Any) -> list[Any]:
    """The outline as one shape for each region, each marked with its name."""
    if set(groups) == {None}:
        _mark(outline, None)
        return [outline]
    made, left = [], outline
    for name, shape in sorted(groups.items(), key=lambda item: item[0] is not None)[::-1]:
        here = left if name is None else left * shape
        if cells_of(here):
            _mark(here, name)
            made.append(here)
            left = left - here
        elif name is not None:
            raise InputError(f"cover all of {name!r}", key="parts", allowed="regions of which something is left")
    if cells_of(left) and None not in groups:  # what rounding a corner added
        _mark(left, None)
        made.append(left)
    return made[::-1]


def _mark(shape: Any, name: str | None) -> None:
    """Give the cells of a shape the name of a region."""
    for cell in cells_of(shape):
        cell.name = "." if name is None else f".{name}"


def _rounded(shape: Any, rounded: Sequence[Rounded], dim: int, unit: float) -> Any:
    """The shape with corners (edges, in space) rounded."""
    if dim == 2:
        wanted = [(point, each.radius) for each in rounded for point in each.at]
        return rounded_flat(shape, wanted, unit, "rounded")
    found: dict[int, tuple[Any, float]] = {}
    edges = list(dict.fromkeys(shape.edges))  # each of them is listed once for every face that it bounds
    for k, each in enumerate(rounded):
        for point in each.at:
            n = _on(edges, point, 3, unit, size_of(shape), f"rounded.{k}.at", "edge")
            found[n] = (edges[n], unit * each.radius)
    return filleted(shape, list(found.values()), unit, "rounded") if found else shape


def _named(
    sides: Mapping[str, Any], named: Mapping[str, Where], dim: int, unit: float, size: float, key: str
) -> dict[str, str]:
    """Names of edges or faces by their number."""
    what, numbers, found = "edge" if dim == 2 else "face", list(sides), dict[str, str]()
    for name, where in named.items():
        here = f"{key}.{name}"
        if name == REST:
            raise InputError("is the name of all that has no other", key=here, allowed="another name")
        hits = {numbers[_on(list(sides.values()), p, dim, unit, size, f"{here}.at", what)] for p in where.at}
        if where.box is not None:
            inside = {number for number, side in sides.items() if _within(side, where.box, dim, unit, size)}
            if not inside:
                allowed = f"a box around an {what}" if dim == 2 else f"a box around a {what}"
                raise InputError(f"holds no {what}", key=f"{here}.box", allowed=f"{allowed}: {_list(sides, dim, unit)}")
            hits |= inside
        for number in sorted(hits, key=int):
            if number in found:
                at = _words(sides[number].center, dim, unit)
                words = f"holds the {what} about {at}, which is in {found[number]!r} too"
                raise InputError(words, key=here, allowed=f"one name for every {what}")
            found[number] = name
    return found


def _on(shapes: Sequence[Any], point: Point, dim: int, unit: float, size: float, key: str, what: str) -> int:
    """Which of the shapes a point lies on.  Raises InputError, with the key, unless it is one."""
    from netgen.occ import Pnt, Vertex

    vertex = Vertex(Pnt(*(unit * c for c in point), *(0.0,) * (3 - dim)))
    distance = [shape.Distance(vertex) for shape in shapes]
    near = [k for k, d in enumerate(distance) if d <= ON * size]
    exact = [k for k in near if distance[k] <= WITHIN * size] or near
    if len(exact) == 1:
        return exact[0]
    if exact:
        words = f"{list(point)} lies where {len(exact)} {what}s meet"
        raise InputError(words, key=key, allowed=f"a point on one {what} only")
    raise InputError(
        f"{list(point)} lies on no {what}: the nearest is {min(distance) / unit:.3g} away",
        key=key,
        allowed=f"a point on one of the {what}s: {_list(dict(enumerate(shapes)), dim, unit)}",
    )


def _within(side: Any, box: tuple[Point, Point], dim: int, unit: float, size: float) -> bool:
    """Whether an edge or a face lies wholly within a box."""
    low, high = ((p.x, p.y, p.z)[:dim] for p in side.bounding_box)
    return all(
        unit * min(a, b) - WITHIN * size <= least and most <= unit * max(a, b) + WITHIN * size
        for a, b, least, most in zip(*box, low, high, strict=True)
    )


def _list(sides: Mapping[Any, Any], dim: int, unit: float) -> str:
    """Edges or faces by their middles, for a message."""
    middles = [f"about {_words(side.center, dim, unit)}" for side in sides.values()]
    return ", ".join(middles[:12]) + (f" and {len(middles) - 12} more" if len(middles) > 12 else "")


def _words(point: Any, dim: int, unit: float) -> str:
    return "(" + ", ".join(f"{round(c / unit, 6) + 0.0:.4g}" for c in (point.x, point.y, point.z)[:dim]) + ")"
