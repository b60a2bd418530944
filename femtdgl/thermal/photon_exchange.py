"""Heat by photons between two impedances in one loop.

    (6.1)  Q = (1/h) int_0^inf w tau(w) [n(w, T_a) - n(w, T_b)] dw,      w photon energy, n Bose
    (6.2)  tau = 4 Re Z_a Re Z_b/|Z_a + Z_b + i X|^2

The loop may hold a lossless reactance X = omega L - 1/(omega C): a line's inductance, a series capacitor.
Energies here are in kelvin (E/kB); kB^2/h restores watts.
"""

from __future__ import annotations

import itertools
import math
from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.quantities import Capacitance, Inductance
from femtdgl.thermal.link import Link, require_not_negative
from femtdgl.thermal.quadrature import between, tanh_sinh
from femtdgl.units import HBAR, K_B

PLANCK = 2 * math.pi * HBAR  # J s
QUANTUM = K_B * K_B / PLANCK
"""kB^2/h, W/K^2: a tau = 1 channel carries (pi^2/6) QUANTUM (T_a^2 - T_b^2)."""
REACH = 42.0
"""Photon energy, in the hotter temperature, at which the Bose tail is dropped: 40 exp(-42) = 2e-17."""


LINE_NODES = 160
"""Photon energies per interval of `PhotonicLink.power_through_line`."""


@dataclass(frozen=True, kw_only=True)
class PhotonicLink(Link):
    """Two impedances in one loop, with the reactance of its line.

    w: photon energies in K; impedances in Ohm.
    """

    line_inductance: Inductance = 0.0
    """H, lossless, in the loop."""
    line_capacitance: Capacitance = math.inf
    """F, in series in the loop; inf: none."""

    def __post_init__(self) -> None:
        require_not_negative(self, "line_inductance")
        if not self.line_capacitance > 0:
            raise InputError(
                f"{self.line_capacitance!r} is not possible",
                key="line_capacitance",
                allowed="above 0, or inf",
            )

    def reactance(self, w: np.ndarray) -> np.ndarray | float:
        """X of the line in Ohm at photon energies w (K)."""
        return line_reactance(w, self.line_inductance, self.line_capacitance)

    @property
    def has_reactance(self) -> bool:
        """Whether the line holds an inductance or a capacitor."""
        return self.line_inductance > 0 or math.isfinite(self.line_capacitance)

    @property
    def resonances(self) -> list[float]:
        """`resonance` of the line."""
        return resonance(self.line_inductance, self.line_capacitance)

    @abstractmethod
    def impedances(self, w: np.ndarray, T_a: float, T_b: float) -> tuple[np.ndarray, np.ndarray]:
        """Z of the ends a and b in Ohm, complex, at photon energies w (K), (nw,) each; exp(i omega t), so that an
        inductance has a positive imaginary part.
        """

    def edges(self, T_a: float, T_b: float) -> list[float]:
        """Photon energies (K) at which tau has a kink or a resonance, or where it is cut off."""
        return self.resonances

    def total_impedance(self, w: np.ndarray, T_a: float, T_b: float) -> np.ndarray:
        """Z_a + Z_b + i X of the loop in Ohm at photon energies w (K), (nw,)."""
        Z_a, Z_b = self.impedances(w, T_a, T_b)
        return Z_a + Z_b + 1j * self.reactance(w)

    def transmission_between(self, w: np.ndarray, T_a: float, T_b: float) -> np.ndarray:
        """(6.2) at photon energies w (K), (nw,)."""
        Z_a, Z_b = self.impedances(w, T_a, T_b)
        return 4 * Z_a.real * Z_b.real / np.abs(Z_a + Z_b + 1j * self.reactance(w)) ** 2

    def nodes(self, end: float, T_a: float, T_b: float) -> tuple[np.ndarray, np.ndarray]:
        """Photon energies (K) up to `end`, split at the `edges`, and weights."""
        inner = (edge for edge in self.edges(T_a, T_b) if 0 < edge < end)
        return panels(sorted({0.0, *inner, end}), LINE_NODES)

    def power_through_line(self, T_a: float, T_b: float) -> float:
        """(6.1) in W by quadrature, split where the circuit resonates or cuts off."""
        w, weight = self.nodes(REACH * max(T_a, T_b), T_a, T_b)
        return photon_power(w, weight, self.transmission_between(w, T_a, T_b), T_a, T_b)


def photon_power(w: np.ndarray, weight: np.ndarray, tau: np.ndarray, T_a: float, T_b: float) -> float:
    """(6.1) in W from tau at the nodes w (K) of a quadrature; each (nodes,)."""
    return QUANTUM * float(np.sum(weight * w * tau * bose_difference(w, T_a, T_b)))


def bose_difference(w: np.ndarray, T_a: float, T_b: float) -> np.ndarray:
    """n(w, T_a) - n(w, T_b), w in K: no cancellation for close temperatures, exactly 0 for equal ones."""
    if T_a < T_b:
        return -bose_difference(w, T_b, T_a)
    gap = w * ((T_a - T_b) / (T_a * T_b))
    return np.exp(-w / T_a) * np.expm1(-gap) / (np.expm1(-w / T_a) * -np.expm1(-w / T_b))


def line_reactance(w: np.ndarray, inductance: float, capacitance: float) -> np.ndarray | float:
    """X = omega L - 1/(omega C) in Ohm at photon energies w (K); capacitance = inf: no capacitor."""
    if inductance == 0 and math.isinf(capacitance):
        return 0.0
    omega = w * (K_B / HBAR)
    return omega * inductance - 1 / (omega * capacitance)


def panels(edges: list[float], nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Tanh-sinh nodes and weights over successive intervals; edges ascending, in K."""
    left, right, weight = tanh_sinh(nodes)
    spans = list(itertools.pairwise(edges))
    w = np.concatenate([between(a, b, left, right) for a, b in spans])
    return w, np.concatenate([(b - a) * weight for a, b in spans])


def resonance(inductance: float, capacitance: float) -> list[float]:
    """Photon energy (K) of the line's series resonance, as a list that is empty where there is none."""
    if inductance == 0 or math.isinf(capacitance):
        return []
    return [HBAR / (math.sqrt(inductance * capacitance) * K_B)]
