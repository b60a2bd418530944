"""Interfaces between solids, and the leak through one.

    (5.1)  power(a -> b) = A sigma_K (T_a^4 - T_b^4) x (p_forward if T_a > T_b else p_backward);   h_K = 4
    sigma_K T^3
    (5.2)  acoustic mismatch, per mode, without mode conversion:
           Z = rho s,  sin th1/s1 = sin th2/s2,  alpha = 4 Z1 Z2 c1 c2/(Z2 c1 + Z1 c2)^2,  c_i = cos th_i
           Gamma12 = 2 int_0^1 mu alpha dmu,     sigma_K = sum_modes Gamma12 pi^2 kB^4/(120 hbar^3 s1^2)
    (5.3)  P_leak = k (S/d)(T_a - T_b)

alpha is symmetric in the two sides and mu dmu/s^2 is the same on both (Snell), so Gamma12/s1^2 =
Gamma21/s2^2 exactly: a
passive interface is no diode, p_forward = p_backward = 1.  Other values are a hypothetical active element.  A
form p_f T_a^4 - p_b T_b^4 would drive heat at equal temperatures, against the second law:
`from_one_way_powers` refuses it.

E9: total internal reflection depends on the speeds of sound, s1 < s2, not on rho s.  The integral is taken
over the
cosine on the faster side, where every angle passes and alpha is smooth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.quantities import Length
from femtdgl.thermal.link import Array, Link, link_kind, require_not_negative, require_positive, require_temperatures
from femtdgl.thermal.quadrature import tanh_sinh
from femtdgl.units import HBAR, K_B

MODE_CONSTANT = math.pi**2 * K_B**4 / (120 * HBAR**3)
"""pi^2 kB^4/(120 hbar^3) of (5.2)."""


@link_kind
@dataclass(frozen=True, kw_only=True)
class Kapitza(Link):
    """Interface that passes phonons between two solids, (5.1)."""

    area: float
    """m^2."""
    sigma_K: float
    """W/(m^2 K^4)."""
    p_forward: float = 1.0
    """Factor on what flows from a to b; other than 1: a hypothetical active element."""
    p_backward: float = 1.0
    """Factor on what flows from b to a."""

    sized_by: ClassVar[str | None] = "area"
    by_solids: ClassVar[str | None] = "sigma_K"
    sees: ClassVar[Literal["electrons", "phonons"]] = "phonons"

    def __post_init__(self) -> None:
        require_positive(self, "area")
        require_not_negative(self, "sigma_K", "p_forward", "p_backward")

    @classmethod
    def from_one_way_powers(cls, *, area: float, sigma_K: float, p_forward: float, p_backward: float) -> Kapitza:
        """The form A sigma_K (p_f T_a^4 - p_b T_b^4), of an area A and p_forward, p_backward: InputError unless p_f =
        p_b.
        """
        if p_forward != p_backward:
            raise InputError(
                f"p_f = {p_forward} and p_b = {p_backward} drive heat at equal temperatures",
                key="p_backward",
                allowed="p_f = p_b, or the form (5.1)",
            )
        return cls(area=area, sigma_K=sigma_K, p_forward=p_forward, p_backward=p_backward)

    def power(self, T_a: float, T_b: float) -> float:
        """(5.1) in W."""
        require_temperatures(T_a, T_b)
        p = self.p_forward if T_a > T_b else self.p_backward
        return self.area * self.sigma_K * p * (T_a - T_b) * (T_a + T_b) * (T_a * T_a + T_b * T_b)

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """Exact; at T_a = T_b (a corner unless the p's are equal) those of p_backward."""
        p = self.p_forward if T_a > T_b else self.p_backward
        h = 4 * self.area * self.sigma_K * p
        return h * T_a**3, -h * T_b**3

    def _factors(self, T_a: Array, T_b: Array) -> Array:
        """A sigma_K p at many pairs."""
        return self.area * self.sigma_K * np.where(np.real(T_a) > np.real(T_b), self.p_forward, self.p_backward)

    def powers(self, T_a: Array, T_b: Array) -> Array:
        """As `power`, for whole arrays, complex ones too."""
        return self._factors(T_a, T_b) * (T_a - T_b) * (T_a + T_b) * (T_a * T_a + T_b * T_b)

    def gradients(self, T_a: Array, T_b: Array) -> tuple[Array, Array]:
        """As `slopes`, for whole arrays."""
        h = 4 * self._factors(T_a, T_b)
        return h * T_a**3, -h * T_b**3

    def conductance(self, T: float) -> float:
        """A h_K = 4 A sigma_K T^3 at a small difference, W/K."""
        return 4 * self.area * self.sigma_K * T**3


@link_kind
@dataclass(frozen=True, kw_only=True)
class Leak(Link):
    """Ordinary conduction, (5.3)."""

    k: float
    """W/(m K)."""
    S: float
    """m^2."""
    d: Length
    """m."""

    sized_by: ClassVar[str | None] = "S"
    sees: ClassVar[Literal["electrons", "phonons"]] = "phonons"

    def __post_init__(self) -> None:
        require_positive(self, "k", "S", "d")

    def power(self, T_a: float, T_b: float) -> float:
        """k (S/d)(T_a - T_b), W."""
        require_temperatures(T_a, T_b)
        return self.conductance * (T_a - T_b)

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """Exact."""
        return self.conductance, -self.conductance

    def powers(self, T_a: Array, T_b: Array) -> Array:
        """As `power`, for whole arrays, complex ones too."""
        return self.conductance * (T_a - T_b)

    def gradients(self, T_a: Array, T_b: Array) -> tuple[Array, Array]:
        """As `slopes`, for whole arrays."""
        slope = np.full_like(T_a, self.conductance, dtype=float)
        return slope, -slope

    @property
    def conductance(self) -> float:
        """k S/d, W/K."""
        return self.k * self.S / self.d


@dataclass(frozen=True, kw_only=True)
class Solid:
    """Density and speeds of sound of an isotropic solid."""

    density: float
    """kg/m^3."""
    longitudinal: float
    """m/s, speed of sound."""
    transverse: float
    """m/s, speed of sound."""

    def __post_init__(self) -> None:
        require_positive(self, "density", "longitudinal", "transverse")

    @property
    def modes(self) -> tuple[float, float, float]:
        """Speeds of the one longitudinal and the two transverse modes, m/s."""
        return self.longitudinal, self.transverse, self.transverse


def transmission(mu: float | np.ndarray, rho1: float, s1: float, rho2: float, s2: float) -> np.ndarray:
    """(5.2) alpha at mu = cos th1; 0 beyond the critical angle (s2 > s1 only, E9)."""
    mu = np.asarray(mu, dtype=float)
    square = 1 - (s2 / s1) ** 2 * (1 - mu * mu)
    c1, c2 = mu, np.sqrt(np.maximum(square, 0.0))
    Z1, Z2 = rho1 * s1, rho2 * s2
    denominator = Z2 * c1 + Z1 * c2
    return np.where(denominator > 0, 4 * Z1 * Z2 * c1 * c2 / np.where(denominator > 0, denominator, 1) ** 2, 0.0)


def critical_angle(s1: float, s2: float) -> float | None:
    """Angle on side 1 beyond which all is reflected, degrees; None unless s2 > s1."""
    return math.degrees(math.asin(s1 / s2)) if s2 > s1 else None


def mean_transmission(rho1: float, s1: float, rho2: float, s2: float) -> float:
    """(5.2) Gamma12 = 2 int_0^1 mu alpha dmu, from side 1."""
    if s2 > s1:
        return (s1 / s2) ** 2 * mean_transmission(rho2, s2, rho1, s1)
    mu, _, weight = tanh_sinh(128)
    return float(2 * np.sum(weight * mu * transmission(mu, rho1, s1, rho2, s2)))


def acoustic_mismatch(side1: Solid, side2: Solid) -> float:
    """(5.2) sigma_K in W/(m^2 K^4), summed over one longitudinal and two transverse modes; the same for
    (side1, side2) and (side2, side1).
    """
    return sum(
        mean_transmission(side1.density, s1, side2.density, s2) * MODE_CONSTANT / s1**2
        for s1, s2 in zip(side1.modes, side2.modes, strict=True)
    )


def escape_time(film: Solid, plate: Solid, thickness: float) -> float:
    """4 d/(s Gamma12) in s, of phonons of a film on a plate: its rate averaged over one longitudinal and two transverse
    modes by their number, 1/s^3.
    """
    pairs = list(zip(film.modes, plate.modes, strict=True))
    rates = [s * mean_transmission(film.density, s, plate.density, other) / (4 * thickness) for s, other in pairs]
    number = [s**-3 for s, _ in pairs]
    return sum(number) / sum(n * rate for n, rate in zip(number, rates, strict=True))


@dataclass(frozen=True, kw_only=True)
class Interface:
    """Film and plate by acoustic mismatch, (5.2): what passes, and where total reflection sets in (E9)."""

    film: Solid
    """On this side phonons are counted."""
    plate: Solid
    """The other side."""

    @property
    def sigma_K(self) -> float:
        """W/(m^2 K^4)."""
        return acoustic_mismatch(self.film, self.plate)

    @property
    def transmissions(self) -> tuple[float, float]:
        """Gamma of longitudinal phonons out of the film and into it."""
        film, plate = self.film, self.plate
        out = mean_transmission(film.density, film.longitudinal, plate.density, plate.longitudinal)
        return out, mean_transmission(plate.density, plate.longitudinal, film.density, film.longitudinal)

    @property
    def critical_angles(self) -> tuple[float | None, float | None]:
        """Beyond them phonons of the film are reflected, degrees, longitudinal and transverse: only if the plate is the
        faster side, whatever rho s (E9).
        """
        film, plate = self.film, self.plate
        return critical_angle(film.longitudinal, plate.longitudinal), critical_angle(film.transverse, plate.transverse)

    @property
    def reflects_as_printed(self) -> bool:
        """[PSC]: total reflection out of the film if its rho s (longitudinal) is the larger one.  Not so: E9."""
        return self.film.density * self.film.longitudinal > self.plate.density * self.plate.longitudinal
