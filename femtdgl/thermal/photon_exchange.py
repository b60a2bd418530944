"""Heat by photons between two impedances in one loop.

    (6.1)  Q = (1/h) int_0^inf w tau(w) [n(w, T_a) - n(w, T_b)] dw,      w photon energy, n Bose
    (6.2)  tau = 4 Re Z_a Re Z_b/|Z_a + Z_b + i X|^2

The loop may hold a lossless reactance X = omega L - 1/(omega C): a line's inductance, a series capacitor.
Energies here are in kelvin (E/kB); kB^2/h restores watts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.link import Link, require_not_negative
from femtdgl.thermal.quadrature import between, tanh_sinh
from femtdgl.units import HBAR, K_B

PLANCK = 2 * math.pi * HBAR  # J s
QUANTUM = K_B * K_B / PLANCK
"""kB^2/h, W/K^2: a tau = 1 channel carries (pi^2/6) QUANTUM (T_a^2 - T_b^2)."""
REACH = 42.0
"""Photon energy, in the hotter temperature, at which the Bose tail is dropped: 40 exp(-42) = 2e-17."""


@dataclass(frozen=True, kw_only=True)
class PhotonicLink(Link):
    """Two impedances in one loop, with the reactance of its line."""

    line_inductance: float = 0.0  # H, lossless, in the loop
    line_capacitance: float = math.inf  # F, in series in the loop; inf: none

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
    def resonances(self) -> list[float]:
        """`resonance` of the line."""
        return resonance(self.line_inductance, self.line_capacitance)


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
