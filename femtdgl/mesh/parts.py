"""Parts that shapes are put together from: figures of the plane and bodies of space.  Lengths in those of the mesh."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator

from femtdgl.errors import InputError
from femtdgl.input.numbers import finite, not_negative, positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section

Array = NDArray[np.float64]
Point2 = tuple[InXi, InXi]
Point3 = tuple[InXi, InXi, InXi]


@dataclass(frozen=True, kw_only=True)
class Part(Section):
    """What every part has: a `name` makes it a region of the mesh, `holes` are taken out of this part alone."""

    name: str | None = None
    """Makes it a region of the mesh; None: it is none."""

    def __post_init__(self) -> None:
        if self.name is not None and not self.name.strip():
            raise InputError(f"{self.name!r} is not possible", key="name", allowed="a name, or none")


@dataclass(frozen=True, kw_only=True)
class Polygon(Part):
    """A polygon through `points`, either way round; its corners rounded by a radius, one for all or one for each."""

    points: tuple[Point2, ...]
    """Corners (x, y), in order."""
    rounded: InXi | tuple[InXi, ...] = 0.0
    """Radius of the corners, one for all or one for each."""
    holes: tuple[PlanePart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["polygon"] = "polygon"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.points) > 1 and self.points[0] == self.points[-1]:
            object.__setattr__(self, "points", tuple(self.points[:-1]))
        if len(self.points) < 3:
            raise InputError("has fewer than three points", key="points", allowed="three points or more")
        for point, following in zip(self.points, (*self.points[1:], self.points[0]), strict=True):
            finite("points", *point)
            if tuple(point) == tuple(following):
                raise InputError(f"has {list(point)} twice in a row", key="points", allowed="points that differ")
        crossing = _crossing(self.points)
        if crossing is not None:
            a, b = (f"{list(self.points[k])} to {list(self.points[(k + 1) % len(self.points)])}" for k in crossing)
            words = f"crosses or touches itself: the side from {a} and that from {b}"
            raise InputError(words, key="points", allowed="a polygon whose sides meet at their ends only")
        radii(self.rounded, len(self.points))


@dataclass(frozen=True, kw_only=True)
class Rectangle(Part):
    """A rectangle of a `size` (along x and y) about `at`, turned by `angle` degrees anticlockwise, rounded or not."""

    size: Point2
    """Along x and y."""
    at: Point2 = (0.0, 0.0)
    """Its middle."""
    angle: float = 0.0
    """Degrees, anticlockwise."""
    rounded: InXi | tuple[InXi, ...] = 0.0
    """Radius of the corners; one for each: lower left, lower right, upper right, upper left."""
    holes: tuple[PlanePart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["rectangle"] = "rectangle"

    def __post_init__(self) -> None:
        super().__post_init__()
        for length in self.size:
            positive("size", length, "two numbers > 0")
        finite("at", *self.at)
        finite("angle", self.angle)
        radii(self.rounded, 4)

    @property
    def points(self) -> tuple[Point2, ...]:
        """Its corners, from the lower left one anticlockwise."""
        a, b = (0.5 * length for length in self.size)
        turned = math.radians(self.angle)
        cos, sin = (math.cos(turned), math.sin(turned)) if self.angle else (1.0, 0.0)
        corners = ((-a, -b), (a, -b), (a, b), (-a, b))
        return tuple((self.at[0] + cos * x - sin * y, self.at[1] + sin * x + cos * y) for x, y in corners)


@dataclass(frozen=True, kw_only=True)
class Disc(Part):
    """A disc about `at`."""

    radius: InXi
    """Its radius."""
    at: Point2 = (0.0, 0.0)
    """Its middle."""
    holes: tuple[PlanePart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["disc"] = "disc"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("radius", self.radius)
        finite("at", *self.at)


@dataclass(frozen=True, kw_only=True)
class Ellipse(Part):
    """An ellipse about `at` with half axes `radii` along x and y, turned by `angle` degrees anticlockwise."""

    radii: Point2
    """Half axes, along x and y."""
    at: Point2 = (0.0, 0.0)
    """Its middle."""
    angle: float = 0.0
    """Degrees, anticlockwise."""
    holes: tuple[PlanePart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["ellipse"] = "ellipse"

    def __post_init__(self) -> None:
        super().__post_init__()
        for length in self.radii:
            positive("radii", length, "two numbers > 0")
        finite("at", *self.at)
        finite("angle", self.angle)


@dataclass(frozen=True, kw_only=True)
class Box(Part):
    """A brick of a `size` (along x, y and z) about `at`."""

    size: Point3
    """Along x, y and z."""
    at: Point3 = (0.0, 0.0, 0.0)
    """Its middle."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["box"] = "box"

    def __post_init__(self) -> None:
        super().__post_init__()
        for length in self.size:
            positive("size", length, "three numbers > 0")
        finite("at", *self.at)


@dataclass(frozen=True, kw_only=True)
class Cylinder(Part):
    """A round cylinder between the middles of its two `ends`."""

    ends: tuple[Point3, Point3]
    """The middles of its ends."""
    radius: InXi
    """Its radius."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["cylinder"] = "cylinder"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("radius", self.radius)
        for end in self.ends:
            finite("ends", *end)
        if math.dist(*self.ends) <= 1e-6 * self.radius:
            raise InputError("are the same point", key="ends", allowed="two points")


@dataclass(frozen=True, kw_only=True)
class Ball(Part):
    """A ball about `at`."""

    radius: InXi
    """Its radius."""
    at: Point3 = (0.0, 0.0, 0.0)
    """Its middle."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["ball"] = "ball"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("radius", self.radius)
        finite("at", *self.at)


@dataclass(frozen=True, kw_only=True)
class Extrusion(Part):
    """Figures of the plane, joined, drawn out along an axis between two places `along` it.

    The coordinates of the figures are (x, y) for the axis z, (y, z) for x, and (z, x) for y.
    """

    of: tuple[PlanePart, ...]
    """Figures of the plane."""
    along: tuple[InXi, InXi]
    """Where it begins and ends on the axis."""
    axis: Literal["x", "y", "z"] = "z"
    """The direction in which it is drawn out."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["extrusion"] = "extrusion"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.of:
            raise InputError("is empty", key="of", allowed="one figure of the plane, or more")
        finite("along", *self.along)
        if not self.along[0] < self.along[1]:
            raise InputError(f"{list(self.along)} is not possible", key="along", allowed="two numbers, the lower first")


@dataclass(frozen=True, kw_only=True)
class Step(Part):
    """The bodies of a STEP file, joined.  `scale`: lengths of the mesh for a millimetre of the file."""

    path: str
    """The file."""
    scale: float = 1.0
    """Lengths of the mesh for a millimetre of the file."""
    at: Point3 = (0.0, 0.0, 0.0)
    """Where the origin of the file comes to lie."""
    holes: tuple[SolidPart, ...] = ()
    """Taken out of this part alone."""
    shape: Literal["step"] = "step"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("scale", self.scale)
        finite("at", *self.at)
        try:
            with Path(self.path).open("rb") as file:
                start = file.read(200)
        except OSError as error:
            words = f"cannot be read: {error.strerror}"
            raise InputError(words, key="path", file=self.path, allowed="a STEP file") from None
        if b"ISO-10303-21" not in start:
            raise InputError("is no STEP file", key="path", file=self.path, allowed="a STEP file (ISO 10303-21)")


def _outlines(value: Any) -> Any:
    """A polygon of shapely, or of whatever else tells its outline as GeoJSON does, as a table; all else as it is."""
    told = getattr(value, "__geo_interface__", None)
    if told is None:
        return value
    if not isinstance(told, Mapping) or told.get("type") != "Polygon":
        kind = told.get("type") if isinstance(told, Mapping) else type(told).__name__
        raise InputError(f"is a {kind}", allowed="polygons")
    outer, *inner = told["coordinates"]
    holes = [{"shape": "polygon", "points": _flat(ring)} for ring in inner]
    return {"shape": "polygon", "points": _flat(outer), "holes": holes}


def _flat(ring: Any) -> list[Point2]:
    return [(float(point[0]), float(point[1])) for point in ring]


PlanePart = Annotated[
    Annotated[Polygon | Rectangle | Disc | Ellipse, Discriminator("shape")], BeforeValidator(_outlines)
]
"""A figure of the plane."""
SolidPart = Annotated[Box | Cylinder | Ball | Extrusion | Step, Discriminator("shape")]
"""A body of space."""


def radii(rounded: float | tuple[float, ...], corners: int) -> tuple[float, ...]:
    """The radius of each corner.  Raises InputError, with the key `rounded`, for another number of them."""
    each = tuple(rounded) if isinstance(rounded, tuple | list) else (rounded,) * corners
    if len(each) != corners:
        words = f"has {len(each)} radii for {corners} corners"
        raise InputError(words, key="rounded", allowed=f"one radius, or {corners}")
    for radius in each:
        not_negative("rounded", radius)
    return each


def _crossing(points: tuple[Point2, ...]) -> tuple[int, int] | None:
    """Two sides of a polygon, by number, that meet elsewhere than neighbours do at their end; None if none do."""
    count = len(points)
    a = np.array(points, dtype=float).T  # (2, sides)
    b = np.roll(a, -1, axis=1)
    for i in range(count):
        p, q, following = a[:, i], b[:, i], b[:, (i + 1) % count]
        if _turn(p, q, following) == 0 and np.dot(following - q, q - p) < 0:
            return i, (i + 1) % count
        others = np.arange(i + 2, count - (i == 0))
        hit = _meet(p[:, None], q[:, None], a[:, others], b[:, others])
        if hit.any():
            return i, int(others[np.argmax(hit)])
    return None


def _turn(a: Array, b: Array, c: Array) -> Array:
    """Twice the area of triangles, negative if clockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(a: Array, b: Array, c: Array, d: Array) -> NDArray[np.bool_]:
    """Whether the segments from a to b and from c to d, each (2, n), have a point in common."""
    one, two, three, four = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    hit = (one * two < 0) & (three * four < 0)
    for turn, p, q, x in ((one, a, b, c), (two, a, b, d), (three, c, d, a), (four, c, d, b)):
        within = (np.minimum(p, q) <= x) & (x <= np.maximum(p, q))
        hit |= (turn == 0) & within.all(axis=0)
    return hit
