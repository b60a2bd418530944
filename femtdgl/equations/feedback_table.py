"""(3.1) for the time loop: p of phonons out of equilibrium, and its derivatives, from tables over n = |psi|^2.

p = P/eta of (1.1) is linear in dN(w).  With C = (pi lambda/2) (Delta0/(s_ph p_F))^2, energies in Delta0,

    p = sum_c A_c F_c(n),     F_c = -(delta C/eta) int w^2 dN_c(w) B(w, n) dw,

dN_c the shapes of the excess and A_c(x, t) its amplitudes.  B of `equations.feedback` holds f(e/T0) as populations.

B is even in Psi, so it is a function of n, and with gamma > 0 it is analytic but for n = -gamma^2 and, at w = 2 Psi,
for branch points a distance gamma off the axis.  Over r = sqrt(n + gamma^2) it has no structure finer than gamma: a
quintic spline with steps gamma/CELLS_A_GAMMA there leaves 3e-7 of the largest value for a line inside the gap, whose
effect is small, and 1e-8 for others.  In w the panels are 2 gamma wide up to twice the largest gap, and
grow from there on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.feedback import pair_breaking
from femtdgl.equations.phonon_quadrature import bose, fermi
from femtdgl.errors import InputError

Array = NDArray[np.float64]
Values = NDArray[Any]  # of floats, or of complex numbers in a complex step

CELLS_A_GAMMA = 24
"""Of the table of p; lines of a frequency need them.  Below MOST_CELLS."""
CELLS_OF_SPECTRA = 6
"""Where B is worked out for a spectrum that is smooth in w; the rest by the spline."""
FEWEST_CELLS, MOST_CELLS = 16, 2400
ORDER = 6
"""Coefficients a cell: quintic."""
POINTS = 64
"""Points a piece of the energy axis: B to 1e-7."""
GAUSS = 6
"""Points a panel of w."""
GROWTH = 1.7
"""Ratio of the lengths of neighbouring panels above twice the largest gap."""
TAIL = 28.0
"""Temperatures at which the axis of w ends."""
FINEST_PANEL = 0.02
SMALLEST_FREQUENCY = 1e-9
DEGREES = (12, 16, 24, 32, 48)
"""Degrees tried for the dependence on a temperature."""
ACCURACY = 1e-8
"""Of what depends on a temperature, relative to its largest value."""


class Frequencies(NamedTuple):
    """Points of the axis of w and weights that integrate over it, in Delta0."""

    w: Array
    weight: Array


def frequencies(psi_max: float, gamma: float, hottest: float, order: int = GAUSS, tail: float = TAIL) -> Frequencies:
    """Gauss panels from 0 to 2 psi_max + tail x hottest (a temperature)."""
    top = 2 * psi_max
    width = max(2 * gamma, FINEST_PANEL)
    edges = list(np.linspace(0.0, top, max(2, math.ceil(top / width)) + 1))
    end = top + tail * hottest
    length = min(width, hottest)
    while edges[-1] < end:
        edges.append(min(end, edges[-1] + length))
        length = min(length * GROWTH, 5 * hottest)
    return panels(np.array(edges), order)


def panels(edges: Array, order: int = GAUSS) -> Frequencies:
    """The points of Gauss in panels between these edges."""
    x, weight = np.polynomial.legendre.leggauss(order)
    half = np.diff(edges)[:, None] / 2
    return Frequencies((edges[:-1, None] + half * (1 + x)).ravel(), (half * weight).ravel())


def gaps(psi_max: float, gamma: float, cells_a_gamma: int = CELLS_A_GAMMA) -> tuple[Array, Array]:
    """The even grid of r = sqrt(n + gamma^2) and |psi| there, from 0 to psi_max."""
    top = math.hypot(psi_max, gamma)
    cells = math.ceil((top - gamma) / (gamma / cells_a_gamma))
    r = np.linspace(gamma, top, min(max(cells, FEWEST_CELLS), MOST_CELLS) + 1)
    return r, np.sqrt(np.maximum((r - gamma) * (r + gamma), 0.0))


def equilibrium(T: float) -> Callable[[Array], Array]:
    """f(e/T)."""
    return lambda e: fermi(np.asarray(e) / T)


def refined(values: Array, psi_max: float, gamma: float) -> Array:
    """Values on the coarse grid of gaps (coarse gaps, ...) on that of the tables (gaps, ...)."""
    from scipy.interpolate import make_interp_spline

    coarse, fine = gaps(psi_max, gamma, CELLS_OF_SPECTRA)[0], gaps(psi_max, gamma)[0]
    return np.asarray(make_interp_spline(coarse, values, k=ORDER - 1)(fine))


class Breaking(NamedTuple):
    """B(w, |psi|) on a coarse grid of gaps and on an axis of frequencies."""

    psi_max: float
    gamma: float
    axis: Frequencies
    B: Array  # (coarse gaps, w)

    def of(self, excess: Array) -> Array:
        """int w^2 dN B dw of shapes dN (w, shapes), on the grid of `gaps`: (gaps, shapes)."""
        return refined((self.B * (self.axis.w**2 * self.axis.weight)) @ excess, self.psi_max, self.gamma)


@lru_cache(maxsize=8)
def breaking(psi_max: float, gamma: float, T: float, hottest: float, form: str) -> Breaking:
    """That of a film at T (in Delta0), for excesses that end with the temperature `hottest`."""
    axis = frequencies(psi_max, gamma, hottest)
    _, psi = gaps(psi_max, gamma, CELLS_OF_SPECTRA)
    return Breaking(psi_max, gamma, axis, at_frequencies(axis.w, psi, gamma, T, form, POINTS))


def at_frequencies(w: Array, psi: Array, gamma: float, T: float, form: str, points: int = 2 * POINTS) -> Array:
    """B (gaps, w) at frequencies; `points` for those that stand alone, also where B is small."""
    return pair_breaking(w[None, :], psi[:, None], gamma, equilibrium(T), form, points=points)


class FeedbackTable:
    """sum_c A_c F_c(n) for 0 <= |psi| <= psi_max, with its derivative by n; linear in r beyond."""

    def __init__(self, gamma: float, psi_max: float, values: Array) -> None:
        """values (gaps, channels): F_c on the grid of `gaps`."""
        self.gamma, self.psi_max = gamma, psi_max
        r, _ = gaps(psi_max, gamma)
        self.first, self.step = float(r[0]), float(r[1] - r[0])
        self.cells = _taylor(r, values)  # (cells, ORDER, channels)
        self.largest = float(np.abs(values).max(initial=0.0))

    def __call__(self, n: Values, amplitude: Values) -> tuple[Values, Values]:
        """p and dp/dn for n (...) and amplitude (..., channels), which broadcast."""
        shape, n = n.shape, np.ravel(n)
        r = np.sqrt(n + self.gamma**2)
        place = (r - self.first) / self.step
        cell = np.minimum(place.real.astype(np.intp), len(self.cells) - 1)
        u = place - cell
        block = self.cells[cell]
        if amplitude.ndim == 1:
            c = block @ amplitude
        else:
            share = np.broadcast_to(amplitude, (*shape, amplitude.shape[-1])).reshape(n.size, -1)
            c = block[..., 0] * share if share.shape[1] == 1 else np.einsum("nkc,nc->nk", block, share)
        outside = u.real > 1
        beyond = np.where(outside, u - 1, 0)
        u = u - beyond
        p, slope = c[:, 5] * u + c[:, 4], 5 * c[:, 5] * u + 4 * c[:, 4]
        for k in (3, 2, 1):
            p, slope = p * u + c[:, k], slope * u + k * c[:, k]
        p = p * u + c[:, 0] + slope * beyond
        return p.reshape(shape), (slope / (2 * self.step * r)).reshape(shape)

    def each(self, n: Array) -> tuple[Array, Array]:
        """F_c and dF_c/dn of every channel, (..., channels), for n (...)."""
        r = np.sqrt(n + self.gamma**2)
        place = (r - self.first) / self.step
        cell = np.minimum(place.real.astype(np.intp), len(self.cells) - 1)
        u = (place - cell)[..., None]
        beyond = np.where(u.real > 1, u - 1, 0)
        u = u - beyond
        block = np.moveaxis(self.cells[cell], -2, 0)
        p, slope = block[5] * u + block[4], 5 * block[5] * u + 4 * block[4]
        for k in (3, 2, 1):
            p, slope = p * u + block[k], slope * u + k * block[k]
        return p * u + block[0] + slope * beyond, slope / (2 * self.step * r)[..., None]


def _taylor(r: Array, values: Array) -> Array:
    from scipy.interpolate import make_interp_spline

    spline, h = make_interp_spline(r, values, k=ORDER - 1), r[1] - r[0]
    parts = [spline(r[:-1], nu=k) * (h**k / math.factorial(k)) for k in range(ORDER)]
    return np.ascontiguousarray(np.stack(parts, axis=1))


class Warm(NamedTuple):
    """int w^2 N(w/T_ph) B dw as a polynomial of Chebyshev in T_ph, between two temperatures; in Delta0."""

    T_min: float
    T_max: float
    coefficients: Array  # (gaps, degree + 1)

    def basis(self, T: Values) -> tuple[Values, Values]:
        """The polynomials at T (...), and their derivatives: (..., degree + 1)."""
        x = (2 * T - self.T_min - self.T_max) / (self.T_max - self.T_min)
        value = np.ones((*x.shape, self.coefficients.shape[1]), x.dtype)
        slope = np.zeros_like(value)
        value[..., 1], slope[..., 1] = x, 1.0
        for k in range(2, value.shape[-1]):
            value[..., k] = 2 * x * value[..., k - 1] - value[..., k - 2]
            slope[..., k] = 2 * value[..., k - 1] + 2 * x * slope[..., k - 1] - slope[..., k - 2]
        return value, slope * (2 / (self.T_max - self.T_min))


def warm(table: Breaking, T_min: float, T_max: float) -> Warm:
    """`Warm` of a film, with the degree that its accuracy needs."""
    if not 0 < T_min < T_max:
        raise InputError(f"{T_min!r} to {T_max!r} is no range", key="T", allowed="0 < T_min < T_max, in Delta0")
    for degree in DEGREES:
        x = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
        T = (T_min + T_max + (T_max - T_min) * x) / 2
        found = table.of(bose(np.maximum(table.axis.w[:, None], SMALLEST_FREQUENCY) / T))  # (gaps, T)
        polynomials = np.cos(np.arange(degree + 1)[:, None] * np.arccos(x))  # (degree + 1, T)
        coefficients = 2 / (degree + 1) * found @ polynomials.T
        coefficients[:, 0] /= 2
        if np.abs(coefficients[:, -2:]).max() < ACCURACY * np.abs(found).max():
            break
    used = max(2, 1 + int(np.flatnonzero(np.abs(coefficients).max(axis=0) > 0.1 * ACCURACY * np.abs(found).max())[-1]))
    return Warm(T_min, T_max, coefficients[:, :used])
