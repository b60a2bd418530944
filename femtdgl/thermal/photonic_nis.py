"""Photonic link between two reservoirs of normal-insulator-superconductor junctions ([NIS]).

A junction is its quasiparticle resistance R(T) in parallel with its capacitance.  At small voltage

    (7.1)  R0/R(T) = int N(E) (-df/dE) dE
                   = 1 - 2 pi kB T sum_{n>=0} Delta^2/[((2n+1) pi kB T + Gamma)^2 + Delta^2]^{3/2}

(the second form closes the contour on the Fermi function's poles).  With Y = 1/R + i omega C on both sides,
tau = 4 G_L G_R/|Y_L + Y_R|^2 = tau0/(1 + (omega/Om)^2), and Binet's formula for the digamma function
integrates (7.2) exactly:

    (7.3)  J = (hbar tau0 Om^2/4 pi) {B(z_L) - B(z_R)},
           B(z) = ln z - 1/(2z) - digamma(z),   z = hbar Om/(2 pi kB T)
           tau0 = 4 G_L G_R/(G_L + G_R)^2,   Om = (G_L + G_R)/(C_L + C_R)

per unit of A_L: G_L = 1/r_L, G_R = chi/r_R, C_L + C_R = c + chi c_R; J does not depend on A_L.  E13: in
[NIS] eq. 4 the second term must read r_L r_R (omega/omega_c)^2.  E16: c = 50 pF/um^2 must be 50 fF/um^2;
`variant="c_printed"` takes a thousand times the capacitance given.

The right side may be another junction (`Tc_right`, `r0_right`, `dynes_right`, `c_right`); Tc_right = 0 is a
normal one, and with c_right = 0 a plain resistor.  A reactance in the lines (the paper's outlook) leaves no closed
form: (6.1) is then integrated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from scipy.special import digamma, k1, polygamma, zeta

from femtdgl.errors import InputError
from femtdgl.input.quantities import Temperature
from femtdgl.thermal.link import (
    link_kind,
    require_choice,
    require_not_negative,
    require_positive,
    require_temperatures,
)
from femtdgl.thermal.mattis_bardeen import bcs_gap
from femtdgl.thermal.photon_exchange import PhotonicLink, resonance
from femtdgl.thermal.quadrature import tanh_sinh
from femtdgl.units import HBAR, K_B

CapacitanceVariant = Literal["derived", "c_printed"]
HOTTEST = 1000.0
"""K, of a critical temperature: above it the sums have more terms than there is memory."""
PRINTED_FACTOR = 1000.0
"""E16: pF for fF."""

SERIES_FROM = 12.0
"""z from which the asymptotic series of B is exact to rounding."""
ORDER = np.arange(1, 12)
BERNOULLI = np.array(
    [
        1 / 6,
        -1 / 30,
        1 / 42,
        -1 / 30,
        5 / 66,
        -691 / 2730,
        7 / 6,
        -3617 / 510,
        43867 / 798,
        -174611 / 330,
        854513 / 138,
    ]
)
CLOSE = 2e-3
"""|ln(T_L/T_R)| below which (7.3) is expanded: the next term is CLOSE^4/1920 = 1e-14 relative."""


@link_kind
@dataclass(frozen=True, kw_only=True)
class NISLink(PhotonicLink):
    """Heat by photons from left (a) to right (b) NIS reservoir, (7.1) to (7.3).

    The lines are taken to be of the junctions' superconductor, so above Tc the model does not hold
    (InputError); `lines="ideal"` lifts that.
    """

    chi: float
    """A_R/A_L."""
    r0: float
    """Ohm m^2, specific normal resistance."""
    c: float
    """F/m^2, specific capacitance."""
    Tc: Temperature
    """K."""
    dynes: float = 1e-4
    """Gamma/Delta(0)."""
    area: float = 1e-13
    """m^2, A_L; the heat does not depend on it, voltage fluctuations and the reactance of the line do."""
    ratio: float = 1.764
    """Delta(0)/(kB Tc)."""
    Tc_right: Temperature | None = None
    """K; None: as on the left; 0: normal."""
    r0_right: float | None = None
    """Ohm m^2; None: as on the left."""
    c_right: float | None = None
    """F/m^2; None: as on the left."""
    dynes_right: float | None = None
    """Gamma/Delta(0); None: as on the left."""
    lines: Literal["same", "ideal"] = "same"
    """"same": of the superconductor of the junctions, none above Tc; "ideal" lifts that."""
    variant: CapacitanceVariant = "derived"
    """How the capacitances enter: "derived", or "c_printed" as the paper has it."""

    observables: ClassVar[Mapping[str, str]] = {
        **PhotonicLink.observables,
        "resistance_ratio_left": "",
        "resistance_ratio_right": "",
        "voltage_fluctuation": "V",
    }
    sees_mean: ClassVar[bool] = True
    si_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_positive(self, "chi", "r0", "c", "Tc", "area", "ratio")
        require_not_negative(self, "dynes")
        for name, Tc in zip(("Tc", "Tc_right"), self.critical_temperatures, strict=True):
            if Tc > HOTTEST:
                raise InputError(f"{Tc!r} K is no critical temperature", key=name, allowed=f"up to {HOTTEST:g} K")
        for name in ("Tc_right", "c_right", "dynes_right"):
            if getattr(self, name) is not None:
                require_not_negative(self, name)
        if self.r0_right is not None:
            require_positive(self, "r0_right")
        super().__post_init__()
        require_choice(self, "variant", ("derived", "c_printed"))
        require_choice(self, "lines", ("same", "ideal"))

    @property
    def critical_temperatures(self) -> tuple[float, float]:
        """Tc of the left and the right junction, K."""
        return self.Tc, self.Tc if self.Tc_right is None else self.Tc_right

    @property
    def corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Both critical temperatures."""
        left, right = self.critical_temperatures
        return (left,), (right,) if right > 0 else ()

    @property
    def limits(self) -> tuple[float, float]:
        """The critical temperatures of superconducting sides, unless the lines are ideal."""
        if self.lines == "ideal":
            return math.inf, math.inf
        left, right = self.critical_temperatures
        return left, right if right > 0 else math.inf

    def resistance_ratio(self, T: float) -> float:
        """(7.1) R/R0 of the left junction at T."""
        require_temperatures(T, T)
        return resistance_ratio(T, self.Tc, self.dynes, self.ratio)

    def resistance_ratio_left(self, T_a: float, T_b: float) -> float:
        """(7.1) of the left junction, for a scan."""
        return self.resistance_ratio(T_a)

    def resistance_ratio_right(self, T_a: float, T_b: float) -> float:
        """(7.1) of the right junction, for a scan."""
        dynes = self.dynes if self.dynes_right is None else self.dynes_right
        return resistance_ratio(T_b, self.critical_temperatures[1], dynes, self.ratio)

    def capacitances(self) -> tuple[float, float]:
        """C_L/A_L and C_R/A_L in F/m^2."""
        factor = PRINTED_FACTOR if self.variant == "c_printed" else 1.0
        right = self.c if self.c_right is None else self.c_right
        return factor * self.c, factor * self.chi * right

    def conductances(self, T_a: float, T_b: float) -> tuple[float, float]:
        """G_L/A_L = 1/r_L and G_R/A_L = chi/r_R, 1/(Ohm m^2)."""
        right = self.r0 if self.r0_right is None else self.r0_right
        left_ratio = resistance_ratio(T_a, self.Tc, self.dynes, self.ratio)
        return 1 / (self.r0 * left_ratio), self.chi / (right * self.resistance_ratio_right(T_a, T_b))

    def power(self, T_a: float, T_b: float) -> float:
        """(7.3) in W; through (6.1) when there is a reactance in the lines."""
        require_temperatures(T_a, T_b, self.limits)
        if self.has_reactance:
            return self.power_through_line(T_a, T_b)
        G_L, G_R = self.conductances(T_a, T_b)
        cutoff = (G_L + G_R) / sum(self.capacitances())
        tau0 = 4 * G_L * G_R / (G_L + G_R) ** 2
        scale = HBAR * cutoff / (2 * math.pi * K_B)  # z = scale/T
        return HBAR * tau0 * cutoff**2 / (4 * math.pi) * binet_difference(scale, T_a, T_b)

    def transmission(self, energy: float | np.ndarray, T_a: float, T_b: float) -> np.ndarray:
        """tau at photon energies in J (energy; [NIS] eq. 3, with the reactance of the lines); any shape."""
        w = np.asarray(energy, dtype=float) / K_B
        return self.transmission_between(w, T_a, T_b)

    def impedances(self, w: np.ndarray, T_a: float, T_b: float) -> tuple[np.ndarray, np.ndarray]:
        """1/(G + i omega C) of the left and the right junction of this area at photon energies w in K, Ohm."""
        pairs = zip(self.conductances(T_a, T_b), self.capacitances(), strict=True)
        Z_L, Z_R = (1 / (self.area * (G + 1j * w * (K_B / HBAR) * C)) for G, C in pairs)
        return Z_L, Z_R

    def edges(self, T_a: float, T_b: float) -> list[float]:
        """Resonances of the line alone and with the junctions, and the cut-off frequency."""
        capacitances = [C * self.area for C in self.capacitances()]
        found = [*self.resonances, HBAR * sum(self.conductances(T_a, T_b)) / sum(self.capacitances()) / K_B]
        if self.line_inductance > 0:
            series = 1 / sum(1 / C for C in (*capacitances, self.line_capacitance) if C > 0)
            found += resonance(self.line_inductance, series)
        return found

    def voltage_fluctuation(self, T_a: float, T_b: float) -> float:
        """Thermal rms voltage across the left junction, V: the linear model wants it below kB T/e and
        Delta/e.

        <V^2> = sum_i (hbar G_i/(pi C^2)) B(z_i) with C = C_L + C_R; kB T/C when hot.
        """
        require_temperatures(T_a, T_b, self.limits)
        G = self.conductances(T_a, T_b)
        C = sum(self.capacitances())
        scale = HBAR * sum(G) / C / (2 * math.pi * K_B)
        square = HBAR / (math.pi * C * C * self.area) * (G[0] * binet(scale / T_a) + G[1] * binet(scale / T_b))
        return math.sqrt(square)


def binet(z: float) -> float:
    """B(z) = ln z - 1/(2z) - digamma(z) = 2 int_0^inf t dt/((t^2 + z^2)(exp(2 pi t) - 1)); (7.3)."""
    if z >= SERIES_FROM:
        return float(np.sum(BERNOULLI / (2 * ORDER) * z ** (-2.0 * ORDER)))
    return math.log(z) - 0.5 / z - float(digamma(z))


def binet_slopes(z: float) -> tuple[float, float]:
    """(L B, L^3 B) with L = z d/dz."""
    if z >= SERIES_FROM:
        terms = BERNOULLI / (2 * ORDER) * z ** (-2.0 * ORDER)
        return float(np.sum(-2 * ORDER * terms)), float(np.sum((-2.0 * ORDER) ** 3 * terms))
    one, two, three = (z**k * float(polygamma(k, z)) for k in (1, 2, 3))
    return 1 + 0.5 / z - one, 0.5 / z - (one + 3 * two + three)


def binet_difference(scale: float, T_a: float, T_b: float) -> float:
    """B(scale/T_a) - B(scale/T_b); by the odd expansion in ln(T_a/T_b) about the middle when they are
    close.
    """
    if T_a == T_b:
        return 0.0
    step = math.log1p((T_a - T_b) / T_b)
    if abs(step) > CLOSE:
        return binet(scale / T_a) - binet(scale / T_b)
    first, third = binet_slopes(scale / math.sqrt(T_a * T_b))
    return -step * (first + step * step / 24 * third)


@lru_cache(maxsize=65536)
def resistance_ratio(T: float, Tc: float, dynes: float, ratio: float = 1.764) -> float:
    """(7.1) R/R0 of a junction; dynes = Gamma/Delta(0).   1 above Tc (and for Tc = 0).

    Three forms: the Matsubara sum with its tail as Hurwitz zeta functions; where that cancels, the Bessel
    series
    (Gamma = 0) or the integral over the real axis (small Gamma).
    """
    D = bcs_gap(T, Tc, ratio) / K_B if Tc > 0 else 0.0
    if D == 0:
        return 1.0
    broadening = dynes * ratio * Tc
    if broadening == 0 and D > 2 * T:
        return 1 / bessel_form(D / T)
    value = matsubara_form(T, D, broadening)
    if value < 1e-5:
        value = real_axis_form(T, D, broadening)
    return 1 / value


def matsubara_form(T: float, D: float, broadening: float) -> float:
    """R0/R by (7.1): terms up to x = 4 D, then sum_n x_n^{-s} = h^{-s} zeta(s, x_0/h)."""
    h = 2 * math.pi * T
    count = max(4, math.ceil(4 * D / h))
    x = (np.arange(count) + 0.5) * h + broadening
    near = float(np.sum(D * D / (x * x + D * D) ** 1.5))
    k = np.arange(16)
    binomial = np.cumprod(np.concatenate([[1.0], (-1.5 - k[:-1]) / (k[:-1] + 1)]))
    s = 3 + 2 * k
    tail = float(np.sum(binomial * D ** (2.0 + 2 * k) * h ** (-1.0 * s) * zeta(s, count + 0.5 + broadening / h)))
    return 1 - h * (near + tail)


def bessel_form(y: float) -> float:
    """R0/R for Gamma = 0: 2 sum_{m>=1} (-1)^{m+1} m y K1(m y), y = Delta/kB T."""
    m = np.arange(1, max(4, math.ceil(45 / y)) + 1)
    return float(2 * np.sum((-1.0) ** (m + 1) * m * y * k1(m * y)))


def real_axis_form(T: float, D: float, broadening: float) -> float:
    """R0/R = 2 int_0^inf N(E) (-df/dE) dE: below D and above, nodes crowding at D."""
    left, right, weight = tanh_sinh(400, 3.6)
    below = (D * right, -D * right, D * weight)  # distance from D: right end
    span = 45 * T
    above = (D + span * left, span * left, span * weight)
    total = 0.0
    for E, offset, w in ((D * left, below[1], below[2]), above):
        z = E - 1j * broadening
        N = (z / (np.sqrt(offset - 1j * broadening) * np.sqrt(E + D - 1j * broadening))).real
        decay = np.exp(-E / T)
        total += 2 * float(np.sum(w * N * decay / (1 + decay) ** 2)) / T
    return total
