"""(3.2) and [PSC] (5) for the time loop: the phonons that the filament itself emits, and that escape in a time tau_es.

    (5)  d_t dN = I(N0) - dN/tau_pe - dN/tau_es,      1/tau_pe = C0 R(w),      C0 = pi lambda omega_D/(2 eps_F),

with I(N0) from the populations (2.2), to first order in their rate ((2.3), the whole kernel), and R from equilibrium:

    I(N0) = C0 (2 tau_eps/T) K d|Psi|/dt = C0 (2 tau_eps/T) kappa(n, w) d_t n,      kappa = K/(2 Psi).

C0 Delta0/hbar is a rate: in 1/t0, C0/(2 sqrt(eta u)).  K is odd in Psi and R even, so kappa and R are functions of n.
Where dN follows at once, (3.2) makes p proportional to d_t n,

    p = H(n) d_t n,   H = -(delta C/eta) (2 tau_eps/T) int w^2 B kappa a/(1 + a R) dw,   a = C0 tau_es Delta0/hbar:

phonons that cannot leave are a friction on |psi|, -H beside nu delta^2/2.  a -> infinity leaves 1/R: a bottleneck has a
limit.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.feedback import phonon_relaxation_rate
from femtdgl.equations.feedback_table import (
    CELLS_OF_SPECTRA,
    GAUSS,
    POINTS,
    TAIL,
    Frequencies,
    at_frequencies,
    equilibrium,
    frequencies,
    gaps,
    refined,
)
from femtdgl.equations.phonons import phonon_kernel

Array = NDArray[np.float64]

SMALL_GAP = 1e-3
"""|psi| at which K/(2 |psi|) stands for its limit."""


class Emission(NamedTuple):
    """What (5) needs of a film at T, on the grid of `gaps` and an axis of frequencies: (gaps, w) each."""

    axis: Frequencies
    kappa: Array
    R: Array
    B: Array

    def friction(self, escape: float) -> Array:
        """int w^2 B kappa a/(1 + a R) dw for the escape time a (1/Delta0): (gaps, 1)."""
        shared = self.B * self.kappa * escape / (1 + escape * self.R)
        return (shared @ (self.axis.w**2 * self.axis.weight))[:, None]

    def energies(self, escape: float) -> Array:
        """int w^3 kappa dw, and the part of it that escapes in the time a, int w^3 kappa/(1 + a R) dw: (gaps, 2).

        Times d_t n, power in the unit of (2.1).
        """
        emitted = self.kappa * self.axis.w**3 * self.axis.weight
        return np.stack([emitted.sum(axis=1), (emitted / (1 + escape * self.R)).sum(axis=1)], axis=1)


@lru_cache(maxsize=8)
def emission(psi_max: float, gamma: float, T: float, form: str, order: int = GAUSS, tail: float = TAIL) -> Emission:
    """That of a film at T, in Delta0."""
    axis = frequencies(psi_max, gamma, T, order, tail)
    _, psi = gaps(psi_max, gamma, CELLS_OF_SPECTRA)
    some = np.maximum(psi, SMALL_GAP)[:, None]
    kappa = phonon_kernel(axis.w, some, T, gamma, points=POINTS) / (2 * some)
    R = phonon_relaxation_rate(axis.w, psi[:, None], T, gamma, equilibrium(T), points=POINTS)
    B = at_frequencies(axis.w, psi, gamma, T, form, POINTS)
    return Emission(axis, *(refined(part, psi_max, gamma) for part in (kappa, R, B)))


def rate_of_coupling(coupling: float, eta: float, u: float) -> float:
    """C0 Delta0/hbar in 1/t0."""
    return coupling / (2 * math.sqrt(eta * u))
