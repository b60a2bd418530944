"""Parts as shapes of Open CASCADE (through Netgen), joined, cut out of each other and rounded.

Lengths are multiplied by `unit` on the way: Open CASCADE measures with tolerances of 1e-7, so that a shape in metres
needs another unit than one in xi.  Netgen is loaded when the first part is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce, singledispatch
from itertools import pairwise
from typing import Any

from femtdgl.errors import InputError
from femtdgl.mesh.parts import Ball, Box, Cylinder, Disc, Ellipse, Extrusion, Part, Polygon, Rectangle, Step, radii

TURNS = {"x": 120.0, "y": -120.0, "z": 0.0}
"""Degrees about (1, 1, 1) that turn z into the axis of an extrusion, and x, y into those of its figures."""
NEAR = 1e-6
"""A corner is at a point when it is as near as this, in units of the size of the shape."""


def whole(part: Part, unit: float, key: str) -> Any:
    """A part with its own holes taken out.  Raises InputError, its key within `key`, for a part that cannot be."""
    try:
        shape = drawn(part, unit)
        for k, hole in enumerate(getattr(part, "holes", ())):
            shape = shape - whole(hole, unit, f"holes.{k}")
        if not cells_of(shape):
            raise InputError("leaves nothing of the part", key="holes", allowed="holes that leave some of it")
    except InputError as error:
        raise error.at(key=f"{key}.{error.key}" if error.key else key) from None
    return shape


def joined(shapes: Sequence[Any]) -> Any:
    """The union of shapes."""
    return reduce(lambda a, b: a + b, shapes)


def cells_of(shape: Any) -> list[Any]:
    """The bodies of a shape; its faces, if it has no bodies."""
    return list(shape.solids) or list(shape.faces)


@singledispatch
def drawn(part: Part, unit: float) -> Any:
    """A part as a shape of Open CASCADE, without its holes."""
    raise NotImplementedError(type(part).__name__)


@drawn.register(Polygon)
@drawn.register(Rectangle)
def _(part: Polygon | Rectangle, unit: float) -> Any:
    from netgen.occ import Edge, Face, Pnt, Vertex, Wire

    points, each = part.points, radii(part.rounded, len(part.points))
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*points, points[0]])) < 0:
        points, each = points[::-1], each[::-1]  # faces of one orientation only can be joined
    corners = [Vertex(Pnt(unit * x, unit * y, 0)) for x, y in points]
    face = Face(Wire([Edge(a, b) for a, b in pairwise([*corners, corners[0]])]))
    wanted = [(point, radius) for point, radius in zip(points, each, strict=True) if radius > 0]
    return rounded_flat(face, wanted, unit, "rounded")


@drawn.register
def _(part: Disc, unit: float) -> Any:
    from netgen.occ import WorkPlane

    return WorkPlane().MoveTo(unit * part.at[0], unit * part.at[1]).Circle(unit * part.radius).Face()


@drawn.register
def _(part: Ellipse, unit: float) -> Any:
    from netgen.occ import Axis, Pnt, WorkPlane, Z

    major, minor = unit * max(part.radii), unit * min(part.radii)
    centre = (unit * part.at[0], unit * part.at[1])
    if major == minor:
        return WorkPlane().MoveTo(*centre).Circle(major).Face()
    face = WorkPlane().MoveTo(*centre).Ellipse(major, minor).Face()
    return face.Rotate(Axis(Pnt(*centre, 0), Z), part.angle + (0.0 if part.radii[0] > part.radii[1] else 90.0))


@drawn.register(Box)
def _(part: Box, unit: float) -> Any:
    from netgen.occ import Box as Brick
    from netgen.occ import Pnt

    low, high = ([unit * (x + s * a) for x, a in zip(part.at, part.size, strict=True)] for s in (-0.5, 0.5))
    return Brick(Pnt(*low), Pnt(*high))


@drawn.register(Cylinder)
def _(part: Cylinder, unit: float) -> Any:
    from netgen.occ import Cylinder as Round
    from netgen.occ import Dir, Pnt

    start, end = part.ends
    along = [b - a for a, b in zip(start, end, strict=True)]
    length = sum(a * a for a in along) ** 0.5
    return Round(Pnt(*(unit * x for x in start)), Dir(*along), unit * part.radius, unit * length)


@drawn.register
def _(part: Ball, unit: float) -> Any:
    from netgen.occ import Pnt, Sphere

    return Sphere(Pnt(*(unit * x for x in part.at)), unit * part.radius)


@drawn.register
def _(part: Extrusion, unit: float) -> Any:
    from netgen.occ import Axis, Dir, Pnt, Vec

    flat = joined([whole(figure, unit, f"of.{k}") for k, figure in enumerate(part.of)])
    low, high = (unit * place for place in part.along)
    body = flat.Move(Vec(0, 0, low)).Extrude(Vec(0, 0, high - low))
    return body.Rotate(Axis(Pnt(0, 0, 0), Dir(1, 1, 1)), TURNS[part.axis]) if TURNS[part.axis] else body


@drawn.register
def _(part: Step, unit: float) -> Any:
    from netgen.occ import OCCGeometry, Pnt, Vec

    try:
        bodies = list(OCCGeometry(part.path).shape.solids)
    except Exception as error:  # what Open CASCADE throws has no common base
        words = f"cannot be read: {' '.join(str(error).split())}"
        raise InputError(words, key="path", file=part.path, allowed="a STEP file") from None
    if not bodies:
        raise InputError("holds no body", key="path", file=part.path, allowed="a STEP file with solids")
    body = joined(bodies).Scale(Pnt(0, 0, 0), unit * part.scale)
    return body.Move(Vec(*(unit * x for x in part.at)))


def rounded_flat(shape: Any, wanted: Sequence[tuple[Sequence[float], float]], unit: float, key: str) -> Any:
    """A shape of the plane with the corners nearest to some points rounded, each by its radius.

    Only edges of bodies can be rounded: the shape is drawn out, and the bottom of the rounded body taken.
    Raises InputError, with the key, where there is no such corner, or no room for its radius.
    """
    from netgen.occ import Vec

    if not wanted:
        return shape
    height = size_of(shape)
    body = shape.Extrude(Vec(0, 0, height))
    upright = [edge for edge in body.edges if abs(edge.end.z - edge.start.z) > 0.5 * height]
    found = []
    for point, radius in wanted:
        x, y = (unit * c for c in point)
        distance = [((e.start.x - x) ** 2 + (e.start.y - y) ** 2) ** 0.5 for e in upright]
        if not distance or min(distance) > NEAR * height:
            corners = sorted({(round(e.start.x / unit, 6) + 0.0, round(e.start.y / unit, 6) + 0.0) for e in upright})
            words = ", ".join(f"({a:g}, {b:g})" for a, b in corners[:12]) + (", ..." if len(corners) > 12 else "")
            raise InputError(f"{list(point)} is no corner", key=key, allowed=f"one of {words or 'no corner'}")
        found.append((upright[distance.index(min(distance))], unit * radius))
    solid = filleted(body, found, key)
    return joined([face for face in solid.faces if face.bounding_box[1].z < 0.5 * height])


def filleted(body: Any, wanted: Sequence[tuple[Any, float]], key: str) -> Any:
    """A body with edges rounded, each by its radius.  Raises InputError, with the key, where there is no room."""
    try:
        made = body.MakeFillet(list(wanted))
        if made.solids and min(solid.mass for solid in made.solids) > 0:
            return made
    except Exception:  # what Open CASCADE throws has no common base, and says nothing of the radius
        pass
    raise InputError("cannot be made", key=key, allowed="a radius for which there is room beside the corner")


def size_of(shape: Any) -> float:
    """Diagonal of the box around a shape."""
    low, high = shape.bounding_box
    return float(((high.x - low.x) ** 2 + (high.y - low.y) ** 2 + (high.z - low.z) ** 2) ** 0.5)
