"""Electron-phonon sinks: electrons at T_a, phonons at T_b.

    (6.4)  normal            P = Sigma V (T_a^n - T_b^n),   n = 5 for a clean metal
    (6.5)  superconductor    P = Sigma V/(24 zeta(5)) int_0^inf w^3 [n(w, T_a) - n(w, T_b)] F(w, T_a) dw
    (kB = 1)
           F = int [N N' - M M'] [f(E) - f(E')] dE,   E' = E + w,
           N = Re z/s,  M = Re Delta/s,  z = E - i Gamma,  s = sqrt(z^2 - Delta^2)

N is even in E, M is odd (the branch of s with Im s <= 0 for Im z < 0).  For Gamma = 0, N N' - M M' is
rho rho' (1 - Delta^2/EE') of [SN] eq. 9; F then jumps at w = 2 Delta, and is w for Delta = 0, where (6.5)
becomes (6.4).
E15: with a Dynes density of states it is M M' that belongs there, not N N' Delta^2/EE', which has a pole at
E = 0.

The other writing, [NIS]'s J_ph,S, integrates over both signs of the phonon energy w:

    P = Sigma V/(96 zeta(5)) int dE E int dw sgn(w) w^2 [t t' - 1 - (t - t') coth(w/2T_b)] {N N' - M M'},
    t = tanh(E/2T_a)

It equals (6.5): swap E -> -E-w to symmetrise E into w/2 (and a sign), and use t t' - 1 = -(t' - t)
coth(w/2T_a), so that the
bracket is (t' - t) [coth(w/2T_b) - coth(w/2T_a)].  E14: the paper prints the electron's energy E in coth
instead of
the phonon's w: then the power no longer vanishes at T_a = T_b.  It is kept as `form="coth_printed"`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from scipy.special import zeta

from femtdgl.errors import InputError
from femtdgl.input.quantities import Temperature
from femtdgl.thermal.link import (
    Array,
    Link,
    backward_slope,
    link_kind,
    require_choice,
    require_not_negative,
    require_positive,
    require_temperatures,
)
from femtdgl.thermal.mattis_bardeen import bcs_gap, spectral_function
from femtdgl.thermal.photon_exchange import bose_difference, panels
from femtdgl.thermal.photonic_sn import panels_of_gap, reach_doublings
from femtdgl.thermal.quadrature import between, tanh_sinh
from femtdgl.units import K_B

PhononForm = Literal["derived", "coth_printed"]

REACH = 55.0
"""Phonon energy, in the hotter temperature, at which w^4 exp(-w/T) is dropped: 1e-17 of the whole."""
PHONONS, ORDINARY = 96, 72
"""Phonon energies per interval, in general and for 0.1 Tc < T < 0.95 Tc: (6.5) to 1e-10."""
ELECTRONS = 128
"""Electron energies per interval, Dynes density of states: F to 1e-11 down to Gamma = 1e-4 Delta."""
ZETA_5 = float(zeta(5))


@link_kind
@dataclass(frozen=True, kw_only=True)
class ElectronPhonon(Link):
    """(6.4): normal metal, electrons (a) to phonons (b)."""

    Sigma: float
    """W/(m^3 K^n)."""
    volume: float
    """m^3."""
    exponent: float = 5.0
    """n of (6.4): 5 for a clean metal."""

    sized_by: ClassVar[str | None] = "volume"

    def __post_init__(self) -> None:
        require_positive(self, "Sigma", "volume", "exponent")

    def power(self, T_a: float, T_b: float) -> float:
        """Sigma V (T_a^n - T_b^n), W; without cancellation for close temperatures."""
        require_temperatures(T_a, T_b)
        return normal_power(self.Sigma * self.volume, self.exponent, T_a, T_b)

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """Exact."""
        factor = self.Sigma * self.volume * self.exponent
        return factor * T_a ** (self.exponent - 1), -factor * T_b ** (self.exponent - 1)

    def powers(self, T_a: Array, T_b: Array) -> Array:
        """As `power`, for whole arrays, complex ones too; odd in T, so that a Newton step below 0 does no harm."""
        n = self.exponent - 1
        return self.Sigma * self.volume * (T_a * (T_a * T_a) ** (n / 2) - T_b * (T_b * T_b) ** (n / 2))

    def gradients(self, T_a: Array, T_b: Array) -> tuple[Array, Array]:
        """As `slopes`, for whole arrays."""
        factor, n = self.Sigma * self.volume * self.exponent, self.exponent - 1
        return factor * np.abs(T_a) ** n, -factor * np.abs(T_b) ** n


def normal_power(factor: float, n: float, T_a: float, T_b: float) -> float:
    """(6.4) factor (T_a^n - T_b^n) by expm1."""
    return -factor * T_a**n * math.expm1(n * math.log(T_b / T_a))


@link_kind
@dataclass(frozen=True, kw_only=True)
class SuperconductorElectronPhonon(Link):
    """(6.5): quasiparticles (a) to phonons (b) of a superconductor, BCS (dynes = 0) or Dynes density of
    states.
    """

    Sigma: float
    """W/(m^3 K^5)."""
    volume: float
    """m^3."""
    Tc: Temperature
    """K."""
    ratio: float = 1.764
    """Delta(0)/(kB Tc)."""
    dynes: float = 0.0
    """Gamma/Delta(0); 0: BCS."""
    form: PhononForm = "derived"
    """"derived", or "coth_printed" as the paper has it (E14)."""
    cutoff: Temperature = math.inf
    """K, last phonon energy of the printed form, which diverges; inf: as derived."""

    sized_by: ClassVar[str | None] = "volume"

    def __post_init__(self) -> None:
        require_positive(self, "Sigma", "volume", "Tc", "ratio")
        require_not_negative(self, "dynes")
        require_choice(self, "form", ("derived", "coth_printed"))
        if not self.cutoff > 0:
            raise InputError(f"{self.cutoff!r} is not possible", key="cutoff", allowed="above 0 K, or inf")
        if self.form == "coth_printed" and self.dynes == 0:
            raise InputError("the printed form needs a Dynes density of states", key="dynes", allowed="above 0")

    @property
    def corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Tc of the electrons."""
        return (self.Tc,), ()

    @property
    def broadening(self) -> float:
        """Gamma in K."""
        return self.dynes * self.ratio * self.Tc

    def gap(self, T: float) -> float:
        """Delta at T, in K."""
        return bcs_gap(T, self.Tc, self.ratio) / K_B

    def power(self, T_a: float, T_b: float) -> float:
        """(6.5) in W."""
        require_temperatures(T_a, T_b)
        if self.form == "coth_printed":
            return coth_printed(self, T_a, T_b)
        if T_a >= self.Tc:
            return normal_power(self.Sigma * self.volume, 5.0, T_a, T_b)
        w, strength = spectrum_table(self, T_a, reach_doublings(T_a, T_b))
        return float(np.sum(strength * bose_difference(w, T_a, T_b)))

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """As in Link; the phonons' is exact."""
        if self.form == "coth_printed":
            return super().slopes(T_a, T_b)
        if T_a >= self.Tc:
            factor = 5 * self.Sigma * self.volume
            return factor * T_a**4, -factor * T_b**4
        w, strength = spectrum_table(self, T_a, reach_doublings(T_a, T_b))
        x = w / T_b
        by_phonons = -float(np.sum(strength * np.exp(-x) / np.expm1(-x) ** 2 * x)) / T_b
        return self.electron_slope(T_a, T_b), by_phonons

    def electron_slope(self, T_a: float, T_b: float) -> float:
        """d power/dT_a by a difference that stays on one side of Tc."""
        return backward_slope(lambda T: self.power(T, T_b), T_a, (self.Tc,))


@lru_cache(maxsize=4096)
def spectrum_table(link: SuperconductorElectronPhonon, T: float, doublings: int) -> tuple[np.ndarray, np.ndarray]:
    """(w, Sigma V/(24 zeta(5)) w^3 F weight): everything of (6.5) that does not know the phonons'
    temperature.
    """
    D, end, t = link.gap(T), REACH * T * 2**doublings, T / link.Tc
    w, excess, weight = panels_of_gap(end / D, ORDINARY if 0.1 < t < 0.95 else PHONONS)
    if link.dynes == 0:
        F = D * spectral_function(w, excess, T / D, 1.0, nodes=20 if t < 0.99 else 40)
    else:
        F = dynes_spectral_function(D * w, T, D, link.broadening)
    w, weight = D * w, D * weight
    return w, link.Sigma * link.volume / (24 * ZETA_5) * w**3 * F * weight


def dynes_densities(E: np.ndarray, D: float, broadening: float) -> tuple[np.ndarray, np.ndarray]:
    """N = Re z/s and M = Re D/s at z = E - i Gamma, the causal branch (N even, M odd); energies in K."""
    z = E - 1j * broadening
    s = np.sqrt(z - D) * np.sqrt(z + D)  # cuts along the real axis below D only: Im s < 0 for Im z < 0
    return (z / s).real, (D / s).real


def dynes_spectral_function(w: np.ndarray, T: float, D: float, broadening: float) -> np.ndarray:
    """F(w, T) in K with N N' - M M'; (nw,).

    In e = E + w/2 the integrand is even; the peaks at |E| = D and |E'| = D cut e > 0 into |D - w/2|, D +
    w/2 and the tail,
    at whose ends the nodes crowd.
    """
    edges = [np.zeros_like(w), np.abs(D - w / 2), D + w / 2, D + w / 2 + 42 * T]
    left, right, weight = tanh_sinh(ELECTRONS)
    F = np.zeros_like(w)
    for a, b in itertools.pairwise(edges):
        e = between(a[:, None], b[:, None], left, right)
        low, high = e - w[:, None] / 2, e + w[:, None] / 2
        N, M = dynes_densities(low, D, broadening)
        N_, M_ = dynes_densities(high, D, broadening)
        drop = (np.tanh(high / (2 * T)) - np.tanh(low / (2 * T))) / 2
        F += 2 * (b - a) * (((N * N_ - M * M_) * drop) @ weight)
    return F


def coth_printed(link: SuperconductorElectronPhonon, T_a: float, T_b: float) -> float:
    """[NIS]'s J_ph,S literally (E14): coth of the ELECTRON's energy; W.

    The integrand over (E, w) is even under (E, w) -> (-E, -w): w > 0 and all E, twice.  coth(E/2T_b) E is
    smooth at 0.
    """
    D, broadening, hot = link.gap(T_a), link.broadening, max(T_a, T_b)
    end = REACH * hot if math.isinf(link.cutoff) else link.cutoff
    w, weight_w = panels(sorted({0.0, *([2 * D] if 0 < 2 * D < end else []), end}), PHONONS)
    edges = np.sort(
        np.stack([-w - D, -w + D, np.full_like(w, -D), np.full_like(w, D), -w - D - 42 * T_a, 42 * T_a + D + 0 * w]),
        axis=0,
    )
    left, right, weight = tanh_sinh(ELECTRONS)
    inner = np.zeros_like(w)
    for a, b in itertools.pairwise(edges):
        E = between(a[:, None], b[:, None], left, right)
        high = E + w[:, None]
        N, _ = dynes_densities(E, D, broadening)
        N_, _ = dynes_densities(high, D, broadening)
        if D > 0:
            _, M = dynes_densities(E, D, broadening)
            _, M_ = dynes_densities(high, D, broadening)
            coherence = N * N_ - M * M_
        else:
            coherence = N * N_
        t, t_ = np.tanh(E / (2 * T_a)), np.tanh(high / (2 * T_a))
        x = E / (2 * T_b)
        E_coth = np.where(np.abs(x) < 1e-6, 2 * T_b, E / np.tanh(np.where(x == 0, 1.0, x)))
        inner += (b - a) * ((coherence * (E * (t * t_ - 1) - (t - t_) * E_coth)) @ weight)
    return link.Sigma * link.volume / (96 * ZETA_5) * 2 * float(np.sum(weight_w * w * w * inner))
