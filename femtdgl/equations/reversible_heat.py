"""The reversible heat of (2.7) for the time loop: s1(n, T) as a table, n = |psi|^2.

    (2.7)  q_ph = w + (s1/(2 eta)) d_t n,      s1 = S1/(2 T Psi),      S1 = int_0^inf e R2 sech^2(e/2T) de

Energies and temperatures are in Delta0.  The level xi = Re s(e) as variable makes R2 de = (R2/N1) dxi and
e R2/N1 = Psi xi^2/(xi^2 + gamma^2), with e^2 = xi^2 [1 + n/(xi^2 + gamma^2)] (see phonons.entropy_slope):

    s1 = (1/2T) int_0^inf xi^2/(xi^2 + gamma^2) sech^2(e/2T) dxi.

With x = xi/T, m = n/T^2 and g = gamma/T it depends on two numbers only,

    s1(m, g) = (1/2) int_0^inf x^2/(x^2 + g^2) sech^2( (x/2) sqrt(1 + m/(x^2 + g^2)) ) dx,

and it is analytic in m.  The poles e = i pi T pinch the axis of x first at m = -(pi + g)^2, at x^2 = pi g; so there is
nothing singular at n = 0, not even for gamma -> 0.  At a large gap s1 goes from exp(-sqrt(m)) to a power law of the
levels below the gap.  The table therefore holds ln s1 over

    r = sqrt(pi^2 + m),      theta = ln T       (ln T only through ln g: nothing at all when gamma = 0),

where it has no structure finer than about 1, as a quintic spline with steps STEP_R and STEP_THETA: to 1e-8 of s1.
s1 is positive by construction, and its derivatives are those of the spline.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.equations.phonons import entropy_slope
from femtdgl.errors import InputError
from femtdgl.units import reduced_temperature

Values = NDArray[Any]  # of floats, or of complex numbers in a complex step

ORDER = 6
"""Coefficients per direction and cell: quintic."""
STEP_R, STEP_THETA = 0.1, 0.05
FEWEST_CELLS = 12
QUADRATURE = 160


class EntropySlope:
    """s1(n, T) at one gamma, for 0 <= n <= n_max and T_min <= T <= T_max; see `__call__`."""

    def __init__(self, gamma: float, T_min: float, T_max: float, n_max: float = 1.5) -> None:
        if not (math.isfinite(gamma) and gamma >= 0):
            raise InputError(f"{gamma!r} is not possible", key="gamma", allowed="a number >= 0, in Delta0")
        if not 0 < T_min < T_max < math.inf:
            raise InputError(f"{T_min!r} to {T_max!r} is no range", key="T", allowed="0 < T_min < T_max, in Delta0")
        if not 0 < n_max < math.inf:
            raise InputError(f"{n_max!r} is not possible", key="n_max", allowed="a number > 0")
        self.gamma, self.T_min, self.T_max, self.n_max = gamma, T_min, T_max, n_max
        self._r = _cells(math.pi, math.sqrt(math.pi**2 + n_max / T_min**2), STEP_R)
        self._theta = _cells(math.log(T_min), math.log(T_max), STEP_THETA)
        self.table = self._filled()

    def _filled(self) -> NDArray[np.float64]:
        """Taylor coefficients of the spline in every cell: (cells in r x cells in theta, ORDER, ORDER)."""
        r, theta = self._r, self._theta
        T = np.exp(theta)
        m = np.maximum(r**2 - math.pi**2, 0)
        s1 = entropy_slope(np.sqrt(m)[:, None] * T, T[None, :], self.gamma, points=QUADRATURE)
        along_theta = _taylor(theta, np.log(s1).T)  # (ORDER, cells in theta, points in r)
        both = _taylor(r, np.moveaxis(along_theta, -1, 0))  # (ORDER, cells in r, ORDER, cells in theta)
        return np.ascontiguousarray(both.transpose(1, 3, 0, 2)).reshape(-1, ORDER, ORDER)

    def __call__(self, n: ArrayLike, T: ArrayLike) -> tuple[Values, Values, Values]:
        """s1, ds1/dn, ds1/dT.  Broadcasts; real or complex arguments.

        Outside the range s1 goes on with continuous slope and stays positive: ln s1 linear in r and in theta from the
        edge (as exp(-Delta/T) and powers of T do), with theta bounded below T_min and r bounded below n = 0, so that
        no iterate, not one with T <= 0 either, does harm.
        """
        n, T = np.broadcast_arrays(n, T)
        shape, n, T = n.shape, np.ravel(n), np.ravel(T)
        theta, theta_T = self._log(T)
        scale = np.exp(-2 * theta)
        r, r_m = _root(n * scale)
        F, F_r, F_theta = self._interpolated(r, theta)
        s1 = np.exp(F)
        by_n = s1 * F_r * r_m * scale
        by_T = (s1 * F_theta - 2 * n * by_n) * theta_T
        return s1.reshape(shape), by_n.reshape(shape), by_T.reshape(shape)

    def _log(self, T: Values) -> tuple[Values, Values]:
        """theta = ln T and its derivative; below T_min the hyperbola d/(1 - 2 d) of the same slope, d = T/T_min - 1."""
        inside = np.where(T.real > self.T_min, T, self.T_min)
        d = np.where(T.real > self.T_min, 0, T / self.T_min - 1)
        return np.log(inside) + d / (1 - 2 * d), 1 / (inside * (1 - 2 * d) ** 2)

    def _interpolated(self, r: Values, theta: Values) -> tuple[Values, Values, Values]:
        """ln s1 and its derivatives in r and theta, continued bilinearly from the edges of the table."""
        i, u, du, h_r = _located(self._r, r)
        j, v, dv, h_theta = _located(self._theta, theta)
        block = np.take(self.table, i * (len(self._theta) - 1) + j, axis=0)
        P, P_u = _powers(u)
        Q, Q_v = _powers(v)
        rows, rows_u = _contract(block, P), _contract(block, P_u)
        F, F_u, F_v = (np.einsum("np,np->n", *pair) for pair in ((rows, Q), (rows_u, Q), (rows, Q_v)))
        if du is not None or dv is not None:
            F_uv = np.einsum("np,np->n", rows_u, Q_v)
            du, dv = (np.zeros_like(F) if d is None else d for d in (du, dv))
            F = F + F_u * du + F_v * dv + F_uv * du * dv
            F_u, F_v = F_u + F_uv * dv, F_v + F_uv * du
        return F, F_u / h_r, F_v / h_theta


@lru_cache(maxsize=8)
def entropy_table(gamma: float, eta: float, n_max: float = 1.5) -> EntropySlope:
    """The table of a film: T from 0.2 T0 to 3 T0."""
    T0 = reduced_temperature(eta)
    return EntropySlope(gamma, 0.2 * T0, 3 * T0, n_max)


def _cells(a: float, b: float, step: float) -> NDArray[np.float64]:
    return np.linspace(a, b, max(FEWEST_CELLS, math.ceil((b - a) / step)) + 1)


def _taylor(x: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients in (x - x_i)/h of the quintic spline through values (len(x), ...): (ORDER, cells, ...)."""
    from scipy.interpolate import make_interp_spline

    spline, h = make_interp_spline(x, values, k=ORDER - 1), x[1] - x[0]
    return np.stack([spline(x[:-1], nu=k) * (h**k / math.factorial(k)) for k in range(ORDER)])


def _root(m: Values) -> tuple[Values, Values]:
    """r = sqrt(pi^2 + m) and dr/dm; for m < 0 the hyperbola pi^2/(pi - m/(2 pi)) of the same value and slope."""
    positive, negative = np.where(m.real > 0, m, 0), np.where(m.real > 0, 0, m)
    root, falls = np.sqrt(math.pi**2 + positive), math.pi / (math.pi - negative / (2 * math.pi))
    return root * falls, 0.5 / root * falls**2


def _located(grid: NDArray[np.float64], x: Values) -> tuple[NDArray[np.intp], Values, Values | None, float]:
    """Cell, place in it in cells (0 to 1), what is beyond the edges of the grid (None: nothing), and the cell."""
    h, last = float(grid[1] - grid[0]), len(grid) - 1
    place = (x - grid[0]) / h
    outside = (place.real < 0) | (place.real > last)
    beyond = None
    if outside.any():
        edge = np.clip(place.real, 0, last)
        beyond = np.where(outside, place - edge, 0)
        place = np.where(outside, edge, place)
    cell = np.minimum(place.real.astype(np.intp), last - 1)
    return cell, place - cell, beyond, h


def _powers(u: Values) -> tuple[Values, Values]:
    """u^k and k u^(k-1), k < ORDER: (points, ORDER)."""
    powers, slopes = np.ones_like(u, shape=(u.size, ORDER)), np.zeros_like(u, shape=(u.size, ORDER))
    for k in range(1, ORDER):
        powers[:, k] = powers[:, k - 1] * u
        slopes[:, k] = k * powers[:, k - 1]
    return powers, slopes


def _contract(block: NDArray[np.float64], P: Values) -> Values:
    """sum over a of P[n, a] block[n, a, b]."""
    return np.einsum("na,nab->nb", P, block)
