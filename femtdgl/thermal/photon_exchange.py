"""Heat by photons between two impedances in one loop.

    (6.1)  Q = (1/h) int_0^inf w tau(w) [n(w, T_a) - n(w, T_b)] dw,      w photon energy, n Bose
    (6.2)  tau = 4 Re Z_a Re Z_b/|Z_a + Z_b + i X|^2

The loop may hold a lossless reactance X = omega L - 1/(omega C): a line's inductance, a series capacitor.
Energies
here are in kelvin (E/kB); kB^2/h restores watts.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from femtdgl.thermal.quadrature import tanh_sinh
from femtdgl.units import HBAR, K_B

PLANCK = 2 * math.pi * HBAR  # J s
QUANTUM = K_B * K_B / PLANCK
"""kB^2/h, W/K^2: a tau = 1 channel carries (pi^2/6) QUANTUM (T_a^2 - T_b^2)."""
REACH = 42.0
"""Photon energy, in the hotter temperature, at which the Bose tail is dropped: 40 exp(-42) = 2e-17."""


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
    w = np.concatenate([np.where(left < 0.5, a + (b - a) * left, b - (b - a) * right) for a, b in spans])
    return w, np.concatenate([(b - a) * weight for a, b in spans])


def resonance(inductance: float, capacitance: float) -> list[float]:
    """Photon energy (K) of the line's series resonance, as a list that is empty where there is none."""
    if inductance == 0 or math.isinf(capacitance):
        return []
    return [HBAR / (math.sqrt(inductance * capacitance) * K_B)]
