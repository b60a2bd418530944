"""What a lumped thermal link promises.

A link joins two lumped temperatures a and b.  It answers with two numbers, both in W:

    power(T_a, T_b)   heat that leaves a; positive when heat leaves a
    work(T_a, T_b)    extra power that b receives on top of it (0 for a passive link)

so b receives power + work.  Nothing else is promised: power need not be antisymmetric (the two ends may be different
things), need not be monotonic (that is what negative differential thermal conductance means), and a network
of links may have several steady states.

A new kind of link is a class with `@link_kind`, in a module of its own: problem files know it by the name of the class
as soon as that module is imported.  What its fields measure is said by their types (`d: Length`, input.quantities), how
it sees a filament by the class attributes of Link.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.numbers import SI, not_negative, positive
from femtdgl.input.registry import Registry

Array = NDArray[np.float64]

STEP = 1e-5
"""Relative step of the differences in `Link.slopes`: error STEP^2 of the curvature, noise 1e-15/STEP."""


@dataclass(frozen=True, kw_only=True)
class Link(ABC):
    """Base of all links: frozen, keyword-only, checked at birth.

    T_a, T_b: temperatures of its two ends, K; powers in W, slopes in W/K.  Raises InputError for values and
    temperatures that are not possible.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}
    observables: ClassVar[Mapping[str, str]] = {"rectification": ""}
    """Methods (T_a, T_b) -> float that a problem file may ask for along a scan, by their names, and their units."""
    sized_by: ClassVar[str | None] = None
    """The field that is a size: left out, a link to a place of a filament is per m^2 (or m^3) of that place."""
    by_solids: ClassVar[str | None] = None
    """The field that `solids = [one, other]` may stand for: sigma_K by acoustic mismatch."""
    sees: ClassVar[Literal["electrons", "phonons"]] = "electrons"
    """Whose temperature it sees in a filament that has two, if the file does not say."""
    sees_mean: ClassVar[bool] = False
    """Whether it sees the mean temperature of its place, if the file does not say; else point by point."""
    si_only: ClassVar[bool] = False
    """Whether hbar, kB or e stand in its power: then it has no meaning in the units of a reduced film."""

    @abstractmethod
    def power(self, T_a: float, T_b: float) -> float:
        """Heat that leaves a, W."""

    def work(self, T_a: float, T_b: float) -> float:
        """Extra power that b receives, W: 0 for a passive link."""
        return 0.0

    def rectification(self, T_a: float, T_b: float) -> float:
        """Power from a to b over that from b to a with the temperatures exchanged: 1 for a link that is no diode."""
        if T_a == T_b:
            return 1.0  # power is 0 along T_a = T_b, so its two slopes there are opposite
        back = abs(self.power(T_b, T_a))
        return abs(self.power(T_a, T_b)) / back if back else math.inf

    @property
    def corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Temperatures (of a, of b) at which power has a corner, such as Tc."""
        return (), ()

    @property
    def limits(self) -> tuple[float, float]:
        """Temperatures (of a, of b) that the model forbids to exceed."""
        return math.inf, math.inf

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """(d power/dT_a, d power/dT_b) in W/K: differences that stay on one side of a corner."""
        corners_a, corners_b = self.corners
        limit_a, limit_b = self.limits
        return (
            one_sided_slope(lambda T: self.power(T, T_b), T_a, (*corners_a, limit_a)),
            one_sided_slope(lambda T: self.power(T_a, T), T_b, (*corners_b, limit_b)),
        )

    def powers(self, T_a: Array, T_b: Array) -> Array:
        """power at many pairs (points,), W: for links joined to fields."""
        return np.array([self.power(a, b) for a, b in zip(T_a.tolist(), T_b.tolist(), strict=True)])

    def gradients(self, T_a: Array, T_b: Array) -> tuple[Array, Array]:
        """The two slopes at many pairs (points,), W/K."""
        slopes = np.array([self.slopes(a, b) for a, b in zip(T_a.tolist(), T_b.tolist(), strict=True)])
        return slopes[:, 0], slopes[:, 1]

    def extra(self, T_a: Array, T_b: Array) -> tuple[Array, Array, Array]:
        """work and its two slopes at many pairs (points,)."""
        nothing = np.zeros_like(T_a, dtype=float)
        if type(self).work is Link.work:
            return nothing, nothing, nothing
        pairs = list(zip(T_a.tolist(), T_b.tolist(), strict=True))
        by_a = [one_sided_slope(lambda T, b=b: self.work(T, b), a, ()) for a, b in pairs]  # type: ignore[misc]
        by_b = [one_sided_slope(lambda T, a=a: self.work(a, T), b, ()) for a, b in pairs]  # type: ignore[misc]
        return np.array([self.work(a, b) for a, b in pairs]), np.array(by_a), np.array(by_b)


LINKS: Registry[type[Link]] = Registry("link")
"""The kinds of links by their names, as problem files call them; see `thermal.catalogue`."""

L = TypeVar("L", bound=Link)


def link_kind(cls: type[L]) -> type[L]:
    """Class decorator: problem files may name this kind of link, by the name of its class."""
    LINKS.add(cls.__name__, cls, home=cls.__module__)
    return cls


def one_sided_slope(function: Callable[[float], float], T: float, corners: tuple[float, ...]) -> float:
    """d function/dT by central differences, or by second-order one-sided ones next to a corner."""
    h = STEP * T
    if any(T <= corner < T + h for corner in corners):
        return (3 * function(T) - 4 * function(T - h) + function(T - 2 * h)) / (2 * h)
    if any(T - h < corner < T for corner in corners):
        return (-3 * function(T) + 4 * function(T + h) - function(T + 2 * h)) / (2 * h)
    return (function(T + h) - function(T - h)) / (2 * h)


def backward_slope(function: Callable[[float], float], T: float, corners: tuple[float, ...]) -> float:
    """d function/dT to first order, for functions whose value at T is at hand and costly elsewhere."""
    h = STEP / 10 * T
    if any(T - h < corner < T for corner in corners):
        h = -h
    return (function(T) - function(T - h)) / h


def require_positive(thing: object, *names: str) -> None:
    """Raises InputError, naming the field, unless each of these names of a thing is a finite number above 0."""
    for name in names:
        positive(name, getattr(thing, name), SI)


def require_not_negative(thing: object, *names: str) -> None:
    """Raises InputError, naming the field, unless each of these names of a thing is a finite number, 0 or above."""
    for name in names:
        not_negative(name, getattr(thing, name), "a number >= 0, in SI units")


def require_choice(thing: object, name: str, choices: tuple[str, ...]) -> None:
    """Raises InputError, naming the field, unless its text is one of the choices."""
    value = getattr(thing, name)
    if value not in choices:
        raise InputError(f"{value!r} is unknown", key=name, allowed=", ".join(choices))


def require_temperatures(T_a: float, T_b: float, limits: tuple[float, float] = (math.inf, math.inf)) -> None:
    """Raises InputError unless T_a and T_b (K) are positive, finite and not above the limits of the model."""
    for key, T, limit in (("T_a", T_a, limits[0]), ("T_b", T_b, limits[1])):
        if not (math.isfinite(T) and T > 0):
            raise InputError(f"{T!r} K is no temperature", key=key, allowed="above 0 K")
        if limit < T:
            raise InputError(
                f"{T!r} K is above Tc = {limit} K, where this model does not hold",
                key=key,
                allowed="below Tc",
            )
