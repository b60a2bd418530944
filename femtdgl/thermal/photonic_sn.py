"""Photonic link between a superconductor-normal source and a normal drain ([SN]).

The source is a resistor R_D in series with a superconductor of normal resistance R_0, the drain a resistor R_D:

    Z_S = R_D + R_0/(sigma1 - i sigma2),    Z_D = R_D,    tau = 4 Re Z_S Re Z_D/|Z_S + Z_D + i X|^2      (6.2)

Below Tc the source is nearly matched; above, R_S = R_D + R_0 is not, and the heat falls while T_S rises.
Energies are in kelvin.  The integral (6.1) splits at w = 2 D, where sigma has a kink and a logarithm.

tau depends on T_S alone, so its table is kept for each T_S: many T_D cost one table.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.quantities import Resistance, Temperature
from femtdgl.thermal.link import (
    backward_slope,
    link_kind,
    require_choice,
    require_not_negative,
    require_positive,
    require_temperatures,
)
from femtdgl.thermal.mattis_bardeen import GAP_LAWS, GapLaw, SigmaForm, conductivity
from femtdgl.thermal.photon_exchange import QUANTUM, REACH, PhotonicLink, panels, photon_power
from femtdgl.thermal.quadrature import tanh_sinh
from femtdgl.units import K_B

PHOTONS = 96
"""Photon energies per interval: Q to 1e-11 from 0.05 Tc to Tc - 1e-7 K (tests/test_photonic_sn.py)."""


@link_kind
@dataclass(frozen=True, kw_only=True)
class SNLink(PhotonicLink):
    """Heat by photons from an S-N source (a) to a normal drain (b), (6.1) to (6.3).

    `gap_law="gap_printed"` (E10) and `sigma2="eq5_printed"` (E11) are the papers' misprints, for
    comparison only.
    """

    R_D: Resistance
    """Ohm, drain, and the normal part of the source."""
    R_0: Resistance
    """Ohm, the superconductor in its normal state."""
    Tc: Temperature
    """K."""
    ratio: float = 1.76
    """Delta(0)/(kB Tc)."""
    gap_law: GapLaw = "tanh"
    """Delta(T): "tanh", or "gap_printed" as the papers have it (E10)."""
    sigma2: SigmaForm = "derived"
    """"derived", or "eq5_printed" as the paper has it (E11)."""

    observables: ClassVar[Mapping[str, str]] = {**PhotonicLink.observables, "mean_transmission_at": ""}
    sees_mean: ClassVar[bool] = True
    si_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_positive(self, "R_D", "Tc", "ratio")
        require_not_negative(self, "R_0")
        super().__post_init__()
        require_choice(self, "gap_law", tuple(GAP_LAWS))
        require_choice(self, "sigma2", ("derived", "eq5_printed"))

    @property
    def corners(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The source's Tc."""
        return (self.Tc,), ()

    def gap(self, T_S: float) -> float:
        """Gap of the source at T_S, in K."""
        return GAP_LAWS[self.gap_law](T_S, self.Tc, self.ratio) / K_B

    def power(self, T_a: float, T_b: float) -> float:
        """(6.1) in W, positive from source (a) to drain (b)."""
        require_temperatures(T_a, T_b)
        w, weight, tau = transmission_table(self, T_a, reach_doublings(T_a, T_b))
        return photon_power(w, weight, tau, T_a, T_b)

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """As in Link; the drain's from the source's one table: d n/dT is exact."""
        require_temperatures(T_a, T_b)
        w, weight, tau = transmission_table(self, T_a, reach_doublings(T_a, T_b))
        x = w / T_b
        bose_slope = np.exp(-x) / np.expm1(-x) ** 2 * x / T_b
        by_drain = -QUANTUM * float(np.sum(weight * w * tau * bose_slope))
        return source_slope(self, T_a, T_b), by_drain

    def impedances(self, w: np.ndarray, T_a: float, T_b: float) -> tuple[np.ndarray, np.ndarray]:
        """Z_S and Z_D of (6.2), Ohm."""
        D = self.gap(T_a)
        re, im = source_impedance(self, w, w - 2 * D, T_a, D, nodes=160)
        return re + 1j * im, np.full(w.shape, complex(self.R_D))

    def edges(self, T_a: float, T_b: float) -> list[float]:
        """2 Delta, and the resonance of the line."""
        return [2 * self.gap(T_a), *self.resonances]

    def transmission(self, energy: float | np.ndarray, T_S: float) -> np.ndarray:
        """(6.2) at photon energies (energy, J; any shape) and a source at T_S, K."""
        require_temperatures(T_S, T_S)
        w, D = np.asarray(energy, dtype=float) / K_B, self.gap(T_S)
        if not np.all(w > 0):
            raise InputError("a photon energy is not positive", key="energy", allowed="above 0, in J")
        flat = np.atleast_1d(w).ravel()
        return transmission(self, flat, flat - 2 * D, T_S, D, nodes=160).reshape(w.shape)[()]

    def mean_transmission(self, T_S: float) -> float:
        """[SN]'s average of tau over photon energies from 0 to 2 Delta(0), the source at T_S, K."""
        require_temperatures(T_S, T_S)
        D, end = self.gap(T_S), 2 * self.ratio * self.Tc
        inner = [2 * D] if 0 < 2 * D < end else []
        w, excess, weight = split(sorted([0.0, *inner, end]), 2 * D, 96)
        return float(np.sum(weight * transmission(self, w, excess, T_S, D, nodes=96))) / end

    def mean_transmission_at(self, T_a: float, T_b: float) -> float:
        """`mean_transmission` of the source, for a scan."""
        return self.mean_transmission(T_a)


def reach_doublings(T_S: float, T_D: float) -> int:
    """Doublings of T_S that reach T_D: the table's upper end depends on T_D by these alone."""
    return max(0, math.ceil(math.log2(T_D / T_S) - 1e-12))


def split(edges: list[float], edge: float, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(w, w - edge, weight) of the panels, the second without cancellation where edge is one of the edges."""
    w, weight = panels(edges, nodes)
    excess = w - edge
    left, right, _ = tanh_sinh(nodes)
    for k, (a, b) in enumerate(itertools.pairwise(edges)):
        here = slice(k * nodes, (k + 1) * nodes)
        if b == edge:
            excess[here] = -(b - a) * right
        elif a == edge:
            excess[here] = (b - a) * left
    return w, excess, weight


@lru_cache(maxsize=256)
def rounded_panels(steps: int, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(w, w - 2, weight) up to 2^(steps/4), split at 2; in units of the gap."""
    end = 2.0 ** (steps / 4)
    return split([0.0, 2.0, end] if end > 2 else [0.0, end], 2.0, nodes)


def panels_of_gap(end: float, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The panels whose end is the next power of 2^(1/4) above `end`: few tables serve all temperatures."""
    return rounded_panels(math.ceil(4 * math.log2(end)), nodes)


def source_impedance(
    link: SNLink, w: np.ndarray, excess: np.ndarray, T_S: float, D: float, nodes: int, unit: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Re and Im of Z_S in Ohm at w, excess = w - 2 D, both in `unit` (K); T_S, D in K; (nw,) each."""
    one, two = conductivity(w, excess, T_S / unit, D / unit, sigma2=link.sigma2, nodes=nodes)
    modulus = one * one + two * two
    return link.R_D + link.R_0 * one / modulus, link.R_0 * two / modulus


def transmission(
    link: SNLink, w: np.ndarray, excess: np.ndarray, T_S: float, D: float, nodes: int, unit: float = 1.0
) -> np.ndarray:
    """(6.2) at w, excess = w - 2 D, both in `unit` (K); T_S, D in K; (nw,)."""
    re, im = source_impedance(link, w, excess, T_S, D, nodes, unit)
    total = im + link.reactance(unit * w)
    return 4 * re * link.R_D / ((re + link.R_D) ** 2 + total * total)


@lru_cache(maxsize=4096)
def transmission_table(link: SNLink, T_S: float, doublings: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(w, weight, tau), w up to REACH T_S 2^doublings: everything of (6.1) that does not know T_D."""
    D, end = link.gap(T_S), REACH * T_S * 2**doublings
    if D > 0 and not link.resonances:
        w, excess, weight = panels_of_gap(end / D, PHOTONS)
        tau = transmission(link, w, excess, T_S, D, nodes=40, unit=D)
        return D * w, D * weight, tau
    inner = [e for e in (2 * D, *link.resonances) if 0 < e < end]
    w, excess, weight = split(sorted({0.0, *inner, end}), 2 * D, PHOTONS)
    return w, weight, transmission(link, w, excess, T_S, D, nodes=40)


def source_slope(link: SNLink, T_S: float, T_D: float) -> float:
    """d power/dT_S by a difference that stays on one side of Tc."""
    return backward_slope(lambda T: link.power(T, T_D), T_S, (link.Tc,))
