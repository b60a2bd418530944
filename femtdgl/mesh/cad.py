"""Parts as shapes of Open CASCADE (through Netgen), joined, cut out of each other and rounded.

Lengths are multiplied by `unit` on the way: Open CASCADE measures with tolerances of 1e-7, so that a shape in metres
needs another unit than one in xi.  Netgen is loaded when the first part is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce, singledispatch
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.mesh.parts import Ball, Box, Cylinder, Disc, Ellipse, Extrusion, Part, Polygon, Rectangle, Step, radii

Array = NDArray[np.float64]

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
    from netgen.occ import ArcOfCircle, Face, Pnt, Segment, Wire

    def at(point: Array) -> Any:
        return Pnt(unit * point[0], unit * point[1], 0)

    points, each = part.points, radii(part.rounded, len(part.points))
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*points, points[0]])) < 0:
        points, each = points[::-1], each[::-1]  # faces of one orientation only can be joined
    arcs = corner_arcs(np.array(points, dtype=float), np.array(each, dtype=float))
    edges = []
    for (_, _, end), (start, middle, following) in pairwise([arcs[-1], *arcs]):
        if np.linalg.norm(start - end) > NEAR * np.ptp(points, axis=0).max():
            edges.append(Segment(at(end), at(start)))
        else:
            start = end
        if np.any(middle != start):
            edges.append(ArcOfCircle(at(start), at(middle), at(following)))
    return Face(Wire(edges))


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

    Only edges of bodies can be rounded: the shape is drawn out, and the top of the rounded body taken.
    Raises InputError, with the key, where there is no such corner, or no room for its radius.
    """
    from netgen.occ import Vec

    if not wanted:
        return shape
    height = size_of(shape)
    body = shape.Extrude(Vec(0, 0, height))
    upright = [edge for edge in body.edges if abs(edge.end.z - edge.start.z) > 0.5 * height]
    found, used = [], dict[int, float]()
    flat = list(dict.fromkeys(shape.edges))
    for point, radius in wanted:
        x, y = (unit * c for c in point)
        distance = [((e.start.x - x) ** 2 + (e.start.y - y) ** 2) ** 0.5 for e in upright]
        if not distance or min(distance) > NEAR * height:
            corners = sorted({(round(e.start.x / unit, 6) + 0.0, round(e.start.y / unit, 6) + 0.0) for e in upright})
            words = ", ".join(f"({a:g}, {b:g})" for a, b in corners[:12]) + (", ..." if len(corners) > 12 else "")
            raise InputError(f"{list(point)} is no corner", key=key, allowed=f"one of {words or 'no corner'}")
        corner = upright[distance.index(min(distance))]
        for side, length in _tangents(flat, corner.start, unit * radius):
            used[side] = used.get(side, 0.0) + length
            if used[side] > (1 - NEAR) * flat[side].mass:
                words = f"of {radius:g} at {list(point)} is longer than a side of the corner has room for"
                raise InputError(words, key=key, allowed="a smaller radius")
        found.append((corner, unit * radius))
    solid = filleted(body, found, unit, key)
    top = [face for face in solid.faces if face.bounding_box[0].z > 0.5 * height]  # the bottom looks the other way
    return joined([face.Move(Vec(0, 0, -height)) for face in top])


def corner_arcs(points: Array, each: Array) -> list[tuple[Array, Array, Array]]:
    """Beginning, middle and end of the arc at each corner (n, 2) of a polygon: all the corner itself, if it is sharp.

    Raises InputError, with the key `rounded`, for radii without room on a side.
    """
    before, after = np.roll(points, 1, axis=0) - points, np.roll(points, -1, axis=0) - points
    lengths = np.linalg.norm(after, axis=1)
    u, v = before / np.roll(lengths, 1)[:, None], after / lengths[:, None]
    half = 0.5 * np.arccos(np.clip(np.sum(u * v, axis=1), -1.0, 1.0))
    tangent = np.where(each > 0, each / np.tan(half), 0.0)
    over = tangent + np.roll(tangent, -1) > lengths * (1 + NEAR)
    if over.any():
        k = int(np.argmax(over))
        a, b = points[k].tolist(), points[(k + 1) % len(points)].tolist()
        words = f"takes more than the side from {a} to {b} has"
        raise InputError(words, key="rounded", allowed="smaller radii")
    arcs = []
    for corner, a, b, radius, length, angle in zip(points, u, v, each, tangent, half, strict=True):
        inward = a + b
        if radius == 0 or np.linalg.norm(inward) < NEAR:
            arcs.append((corner, corner, corner))
            continue
        depth = radius / np.sin(angle) - radius
        arcs.append((corner + length * a, corner + depth * inward / np.linalg.norm(inward), corner + length * b))
    return arcs


def _tangents(edges: Sequence[Any], corner: Any, radius: float) -> list[tuple[int, float]]:
    """Numbers of the edges that meet at a corner, and how much of each an arc of a radius takes."""
    there = []
    for k, edge in enumerate(edges):
        for end, tangent, sign in ((edge.start, edge.start_tangent, 1), (edge.end, edge.end_tangent, -1)):
            if (end.x - corner.x) ** 2 + (end.y - corner.y) ** 2 <= (NEAR * edge.mass) ** 2:
                there.append((k, sign * np.array([tangent.x, tangent.y])))
    if len(there) != 2:
        return [(k, math.inf) for k, _ in there]
    (_, a), (_, b) = there
    cos = np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)
    length = radius / math.tan(max(0.5 * math.acos(max(-1.0, min(1.0, cos))), 1e-9))
    return [(k, length) for k, _ in there]


def filleted(body: Any, wanted: Sequence[tuple[Any, float]], unit: float, key: str) -> Any:
    """A body with edges rounded, each by its radius.  Raises InputError, with the key, where there is no room.

    Open CASCADE may end the program where two roundings meet, so that their distance is looked at before.
    """
    for face in body.faces:
        here = [(edge, next((r for other, r in wanted if other == edge), 0.0)) for edge in dict.fromkeys(face.edges)]
        for (a, one), (b, two) in combinations(here, 2):
            apart = a.Distance(b)
            if one + two > 0 and apart > 0 and one + two > (1 - NEAR) * apart:
                words = f"of {max(one, two) / unit:g} is more than there is room for"
                raise InputError(words, key=key, allowed="a smaller radius")
    try:
        made = body.MakeFillet(list(wanted))
        solids = list(made.solids)
    except Exception:  # what Open CASCADE throws has no common base, and says nothing of the radius
        solids = []
    low, high = body.bounding_box
    if not solids or not 0 < sum(s.mass for s in solids) <= (high.x - low.x) * (high.y - low.y) * (high.z - low.z):
        raise InputError("cannot be made", key=key, allowed="a radius for which there is room beside the corner")
    return made


def size_of(shape: Any) -> float:
    """Diagonal of the box around a shape."""
    low, high = shape.bounding_box
    return float(((high.x - low.x) ** 2 + (high.y - low.y) ** 2 + (high.z - low.z) ** 2) ** 0.5)
