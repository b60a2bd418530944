"""The kernel, tabulated once in (|psi|, w).

The interpolation is in |psi| only, on panels that all frequencies share:

    K(psi, w_k) = sum_i b_i(psi) K(psi_i, w_k).

Sharing the basis b is what makes a long run cheap: a sum over x of amounts a(x) is first collected on the
nodes, c_i = sum_x a(x) b_i(psi(x)), and only then meets the frequencies, as one small matrix product c . K.
So the cost of 2,000 times x 200 positions does not know how many frequencies there are.

As a function of |psi| the kernel steps at |psi| = w/2, in a width gamma: the panels are bisected until they
follow that, and in the sharp limit they have an edge at every w_k/2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.feedback import phonon_relaxation_rate
from femtdgl.equations.feedback_table import equilibrium
from femtdgl.equations.phonon_quadrature import Array
from femtdgl.equations.phonons import phonon_kernel
from femtdgl.errors import InputError
from femtdgl.flux.panels import Panels, adaptive


@dataclass(frozen=True)
class KernelTable:
    """K(|psi|, w) for one temperature, broadening and kernel; made by `tabulate`."""

    w: Array  # (nw,)
    T: float
    gamma: float
    kernel: str
    panels: Panels  # in |psi|
    values: Array  # (panels.size, nw)
    error: float  # measured between the nodes, in units of the largest |K|
    escape: float = 0.0  # a of (3.2): K is divided by 1 + a R, the part that escapes

    @property
    def psi_max(self) -> float:
        """The largest |psi| of the table."""
        return float(self.panels.edges[-1])

    def at(self, psi_abs: ArrayLike) -> Array:
        """K(|psi|, w): psi_abs.shape + (nw,)."""
        return self.panels.gather(self._inside(psi_abs), self.values)

    def primitive(self, psi_abs: ArrayLike) -> Array:
        """int_0^|psi| K(psi', w) dpsi': psi_abs.shape + (nw,).

        Because (2.1) is a function of |psi| times d|psi|/dt, its integral over any stretch of time is the
        difference of this at the ends, whatever happened between; over a cycle it is zero (E7).
        """
        return self.panels.integrate(self._inside(psi_abs), self.values)

    def collect(self, psi_abs: Array, amount: Array) -> Array:
        """sum_x amount(t, x) K(|psi|(t, x), w): arguments (nt, nx), result (nt, nw)."""
        return self.panels.project(self._inside(psi_abs), amount) @ self.values

    def _inside(self, psi_abs: ArrayLike) -> Array:
        psi_abs = np.asarray(psi_abs, float)
        if psi_abs.size and not (psi_abs.min() >= 0 and psi_abs.max() <= self.psi_max * (1 + 1e-12)):
            raise InputError(
                f"|psi| = {psi_abs.min():.6g} to {psi_abs.max():.6g} leaves the kernel table",
                key="psi_abs",
                allowed=f"0 to {self.psi_max:.6g}",
            )
        return psi_abs


def tabulate(
    w: ArrayLike,
    psi_max: float,
    T: float,
    gamma: float,
    kernel: str = "exact",
    *,
    tolerance: float = 2e-7,
    order: int | None = None,
    points: int | None = None,
    escape: float = 0.0,
) -> KernelTable:
    """The table for 0 <= |psi| <= psi_max at the frequencies w (nw,), all in Delta0.

    `tolerance` bounds the interpolation error in units of the largest |K| of the table.  `points` per piece
    of the energy axis: by default what leaves the quadrature below 5e-7 of that at this gamma (measured by
    benchmarks/phonons.py).  `order` of the polynomials: 12, or 5 in the sharp limit with its many panels.
    `escape` is a = C0 tau_es (1/Delta0) of phonons that stay for tau_es: K/(1 + a R) is what leaves, (3.2).
    w = 0 is allowed and holds 0, since the flux is K w^3.  The cost grows as 1/gamma: for 300 frequencies
    1.5 CPU seconds at gamma = 0.3, 3.5 at 0.1, 13 at 0.03, 50 at 0.01.
    """
    w = np.asarray(w, float)
    if w.ndim != 1 or not np.all(np.isfinite(w)) or np.any(w < 0):
        raise InputError(f"the frequencies {w!r} are not possible", key="w", allowed="a list of numbers >= 0")
    if not (np.isfinite(psi_max) and psi_max > 0):
        raise InputError(f"{psi_max!r} is not possible", key="psi_max", allowed="a positive number")
    for name, value, possible in (("T", T, T > 0), ("gamma", gamma, gamma >= 0)):
        if not (np.isfinite(value) and possible):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a positive number, in Delta0")
    points = points or points_for(gamma, T)
    positive = w > 0

    def column(psi: Array) -> Array:
        values = np.zeros((len(psi), len(w)))
        values[:, positive] = phonon_kernel(w[positive], psi[:, None], T, gamma, kernel, points=points)
        if escape > 0:
            R = phonon_relaxation_rate(w[positive], psi[:, None], T, gamma, equilibrium(T), points=points)
            values[:, positive] /= 1 + escape * R
        return values

    if gamma == 0:
        steps = w[positive] / 2
        edges = np.concatenate([[0.0, psi_max], steps[steps < psi_max]])
    else:
        edges = np.linspace(0, psi_max, int(np.clip(np.ceil(psi_max / (1.4 * gamma)), 1, 64)) + 1)
    order = order or (12 if gamma > 0 else 5)
    panels, values, error = adaptive(column, edges, order, tolerance, smallest=1e-7 * psi_max)
    return KernelTable(w, float(T), float(gamma), kernel, panels, values, error, escape)


def points_for(gamma: float, T: float) -> int:
    """Points per piece that make the kernel good to 5e-7 of its maximum, at gamma and T in Delta0."""
    return 64 if gamma == 0 else int(np.clip(79 + 12 * np.log10(T / gamma), 72, 150))
