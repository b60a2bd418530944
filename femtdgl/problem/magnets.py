"""Magnets near a film: dipoles, current loops and straight wires, in closed form, each times a waveform.

[drive.magnets.tip]
kind = "dipole"
at = [0.0, 0.0, 3.0]                   # xi; a film lies at z = 0
moment = { ramp = [0.0, 40.0], over = 20.0 }       # Bc2 xi^3/mu0
axis = [0.0, 0.0, 1.0]                 # the default

[drive.magnets.coil]
kind = "loop"
at = [0.0, 0.0, 1.0]
radius = 4.0
current = "2.0*sin(0.1*t)"             # Bc2 xi/mu0: the field in the middle is current/(2 radius)

[drive.magnets.line]
kind = "wire"
at = [0.0, 0.0, 0.5]
axis = [1.0, 0.0, 0.0]                 # its direction
current = 1.0                          # the field at a distance d is current/(2 pi d)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, PlainValidator
from scipy.special import ellipe, ellipk, hyp2f1

from femtdgl.errors import InputError
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.problem.waveform import Course, Waveform, waveform

Array = NDArray[np.float64]

SMALL = 0.5
"""Parameter m below which (1 - m/2) K - E, a small difference, is taken as (pi/32) m^2 F(3/2, 3/2; 3; m)."""


@dataclass(frozen=True, kw_only=True)
class Magnet(Section):
    """Something at a point, with an axis, that makes a vector potential."""

    at: tuple[InXi, InXi, InXi]
    """xi; films lie at z = 0."""
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    """A direction, of any length."""

    def __post_init__(self) -> None:
        size = math.hypot(*self.axis)
        if not (math.isfinite(size) and size > 0):
            raise InputError(f"{list(self.axis)!r} is not possible", key="axis", allowed="a direction other than 0")

    @property
    def direction(self) -> Array:
        """The axis, of length one: (3,)."""
        return np.array(self.axis) / math.hypot(*self.axis)

    @property
    def wave(self) -> Waveform:
        """Its strength in time."""
        raise NotImplementedError

    def shape(self, r: Array) -> Array:
        """A (3, ...) of a strength of one at points r (3, ...), measured from `at`."""
        raise NotImplementedError

    def distance(self, r: Array) -> Array:
        """From the points (3, ...) to where A is infinite."""
        raise NotImplementedError

    def _parts(self, r: Array) -> tuple[Array, Array]:
        """Along the axis (...), and the rest (3, ...)."""
        along = np.tensordot(self.direction, r, 1)
        return along, r - self.direction.reshape(3, *[1] * (r.ndim - 1)) * along


@dataclass(frozen=True, kw_only=True)
class Dipole(Magnet):
    """A = m x r/(4 pi r^3)."""

    moment: Annotated[Waveform, PlainValidator(waveform), Course("magnetic moment")]
    """In Bc2 xi^3/mu0."""
    kind: Literal["dipole"] = "dipole"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "moment", waveform(self.moment))

    @property
    def wave(self) -> Waveform:
        """The moment."""
        return self.moment

    def distance(self, r: Array) -> Array:
        """From the point, xi; r as for `shape`."""
        return np.linalg.norm(r, axis=0)

    def shape(self, r: Array) -> Array:
        """A of a moment of one at r, (dim, n) from it in xi."""
        return np.cross(self.direction, r, axisb=0, axisc=0) / (4 * np.pi * self.distance(r) ** 3)


@dataclass(frozen=True, kw_only=True)
class Current(Magnet):
    """What carries a current."""

    current: Annotated[Waveform, PlainValidator(waveform), Course("current of a magnet")]
    """In Bc2 xi/mu0, right-handed about the axis, or along it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "current", waveform(self.current))

    @property
    def wave(self) -> Waveform:
        """The current."""
        return self.current


@dataclass(frozen=True, kw_only=True)
class Loop(Current):
    """A circle about the axis: A_phi = (s/(2 pi rho)) [(1 - m/2) K(m) - E(m)], m = 4 a rho/s^2,
    s^2 = (a + rho)^2 + z^2."""

    radius: InXi
    """In xi."""
    kind: Literal["loop"] = "loop"

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("radius", self.radius)

    def distance(self, r: Array) -> Array:
        """From the circle, xi; r as for `shape`."""
        z, across = self._parts(r)
        return np.hypot(np.linalg.norm(across, axis=0) - self.radius, z)

    def shape(self, r: Array) -> Array:
        """A of a current of one: A_phi/rho times axis x r, which is regular on the axis."""
        z, across = self._parts(r)
        rho, a = np.linalg.norm(across, axis=0), self.radius
        s2 = (a + rho) ** 2 + z**2
        m = 4 * a * rho / s2
        with np.errstate(all="ignore"):
            exact = ((1 - m / 2) * ellipk(m) - ellipe(m)) / m**2
        over = np.where(m < SMALL, np.pi / 32 * hyp2f1(1.5, 1.5, 3.0, np.minimum(m, SMALL)), exact)
        return 8 * a**2 / (np.pi * s2**1.5) * over * np.cross(self.direction, r, axisb=0, axisc=0)


@dataclass(frozen=True, kw_only=True)
class StraightWire(Current):
    """Straight and long: A = -(1/(2 pi)) ln(d) along it, d the distance in xi."""

    kind: Literal["wire"] = "wire"

    def distance(self, r: Array) -> Array:
        """From the line, xi; r as for `shape`."""
        return np.linalg.norm(self._parts(r)[1], axis=0)

    def shape(self, r: Array) -> Array:
        """A of a current of one at r, (dim, n) from it in xi."""
        direction = self.direction.reshape(3, *[1] * (r.ndim - 1))
        return -np.log(self.distance(r)) / (2 * np.pi) * direction


AnyMagnet = Annotated[Dipole | Loop | StraightWire, Discriminator("kind")]


def read_magnet(table: Any) -> Any:
    """A magnet from its table; one that is made stays as it is."""
    return validated(AnyMagnet, table, "") if isinstance(table, Mapping) else table


class Magnets:
    """A(x, t) of several magnets, and of what else there is (`beside`, as a function of the same kind).

    The shapes are worked out once for each array of points that is asked for again.
    """

    KEPT = 4

    def __init__(self, magnets: Sequence[Magnet], beside: Any = None) -> None:
        self.magnets, self.beside = tuple(magnets), beside
        self._shapes: list[tuple[Array, Array]] = []

    def __call__(self, x: Array, t: float) -> tuple[Array, Array]:
        """A and d_t A at points (dim, ...): two arrays of that shape."""
        shapes = self._of(x)
        strength, rate = (np.array([getattr(m.wave, name)(t) for m in self.magnets]) for name in ("__call__", "slope"))
        A, A_t = np.tensordot(strength, shapes, 1), np.tensordot(rate, shapes, 1)
        if self.beside is not None:
            more = self.beside(x, t)
            A, A_t = A + more[0], A_t + more[1]
        return A, A_t

    def _of(self, x: Array) -> Array:
        """A of each magnet of strength one, (magnets, dim, ...)."""
        for known, shapes in self._shapes:
            if known is x:
                return shapes
        made = np.stack([magnet.shape(_from(magnet, x))[: x.shape[0]] for magnet in self.magnets])
        self._shapes = [*self._shapes[-self.KEPT + 1 :], (x, made)]
        return made

    def require_apart(self, x: Array, names: Sequence[str], least: float) -> None:
        """Raises InputError, with the key, for a magnet of these names nearer than `least` (xi) to a point x, (dim,
        n).
        """
        for name, magnet in zip(names, self.magnets, strict=True):
            near = float(magnet.distance(_from(magnet, x)).min())
            if near < least:
                raise InputError(
                    f"lies {near:.3g} xi from the mesh, whose cells do not resolve its field",
                    key=f"drive.magnets.{name}.at",
                    allowed=f"{least:.3g} xi or more",
                )


def _from(magnet: Magnet, x: Array) -> Array:
    """Points (dim, ...) in space, measured from a magnet: (3, ...)."""
    r = np.zeros((3, *x.shape[1:]))
    r[: x.shape[0]] = x
    return r - np.array(magnet.at).reshape(3, *[1] * (x.ndim - 1))
