"""Quadrature for the phonon integrals of section 2: the causal functions and one rule for the energy axis.

All integrals of the section run over the whole axis and hold the causal functions at e and at w - e.  N1 is
even and R2 odd, so the negative half folds onto the positive one (x(-e) stands beside x(e)):

    int_{-inf}^{inf} P(e) x(e) de = int_0^inf [ P(e) x(e) + Q(e) x(-e) ] de,
    P(e) = N1(e) N1(w-e) + R2(e) R2(w-e),      Q(e) = P(-e) = N1(e) N1(w+e) - R2(e) R2(w+e).

On the half axis the integrand is analytic but for its edges, e = Psi, |w - Psi| and w + Psi: inverse square
roots when gamma = 0, branch points a distance gamma off the axis otherwise.  The axis is cut at these three
and at w (where f(w - e) steps, in a width T), and each piece is done by the double-exponential rule

    e = a + (b - a) y,   y = 1/(1 + exp(-pi sinh t)),   trapezoid in t,

which crowds its points towards both ends and needs to know nothing of the kind, or the scale, of what sits
there.  No piece is special, and gamma = 0 is not a case.

What needs care is rounding.  (i) A distance from an edge is carried as (b - a) y, never as e - Psi: so w may
come within 1e-6 of 2 Psi.  (ii) R2/N1 = Psi e/(e^2 + (Im s)^2), because Re s Im s = e gamma: no quotient of
two small numbers inside the gap, and the sharp limit min(e/Psi, Psi/e) without a branch.  (iii) N1 - 1 =
Re[Psi^2/(s (s + z))] and not N1 is computed: P - Q then stays accurate where it vanishes, for Psi -> 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SMALLEST_PIECE = 1e-30
"""Length given to a piece whose ends coincide: w = 2 Psi is then the limit from above."""

TAIL = 42.0
"""Temperatures beyond w + Psi at which the axis is cut: exp(-42) = 6e-19."""


class Causal(NamedTuple):
    """The causal functions at one energy x >= 0."""

    excess: Array  # N1 - 1
    R2: Array
    ratio: Array  # R2/N1


class Nodes(NamedTuple):
    """Points of one piece of the half axis, (m, n), and the causal functions of e, w - e and w + e there."""

    e: Array
    weight: Array
    below: NDArray[np.bool_]  # (m, 1): the piece lies below w
    at_e: Causal
    at_difference: Causal  # at w - e
    at_sum: Causal  # at w + e


def causal(x: Array, over_edge: Array, psi: Array, gamma: Array) -> Causal:
    """N1 - 1, R2 and R2/N1 at x >= 0, from s = sqrt((x + i gamma)^2 - Psi^2), Im s >= 0.

    `over_edge` is x - Psi, given apart because it may be known far better than x.
    """
    real, imag = over_edge * (x + psi) - gamma**2, 2 * gamma * x
    larger = np.sqrt((np.hypot(real, imag) + np.abs(real)) / 2)
    smaller = imag / (2 * larger)
    outside = real >= 0
    xi, q = np.where(outside, larger, smaller), np.where(outside, smaller, larger)  # s = xi + i q
    modulus = xi**2 + q**2
    sum_re, sum_im = xi + x, q + gamma  # s + z
    excess = psi**2 * (xi * sum_re - q * sum_im) / (modulus * (sum_re**2 + sum_im**2))
    return Causal(excess, psi * xi / modulus, psi * x / (x**2 + q**2))


@lru_cache(maxsize=32)
def double_exponential(points: int) -> tuple[Array, Array, Array]:
    """Distances y and 1 - y from the two ends of [0, 1], and weights.  Each (points,).

    The range of t drops 1e-14 of an inverse square root at an end.
    """
    t = np.linspace(-3.75, 3.75, points)
    grow = np.pi * np.sinh(t)
    left, right = 1 / (1 + np.exp(-grow)), 1 / (1 + np.exp(grow))
    return left, right, (t[1] - t[0]) * np.pi * np.cosh(t) * left * right


def half_axis(w: Array, psi: Array, T: Array, gamma: Array, points: int) -> Iterator[Nodes]:
    """The five pieces of 0 < e < w + Psi and the tail.  w, psi, T, gamma: (m,)."""
    w, psi, T, gamma = (np.asarray(value, float)[:, None] for value in (w, psi, T, gamma))
    left, right, weight = double_exponential(points)
    fold = np.abs(w - psi)  # edge of w - e when w > Psi, of w + e when w < Psi
    high = w >= psi
    cuts = np.sort(np.hstack([np.zeros_like(w), psi, fold, w, w + psi]), axis=1)
    cuts = np.hstack([cuts, w + psi + TAIL * T])
    for start, stop in zip(cuts.T[:-1], cuts.T[1:], strict=True):
        a, b = start[:, None], stop[:, None]
        length = np.maximum(b - a, SMALLEST_PIECE)
        below = b <= w
        from_psi = _distance(psi, a, b, length, left, right)
        from_fold = _distance(fold, a, b, length, left, right)
        from_w = _distance(w, a, b, length, left, right)
        from_last = _distance(w + psi, a, b, length, left, right)
        e = a + length * left
        difference_over = np.where(below, np.where(high, -from_fold, -(fold + e)), from_last)
        at_difference = causal(np.abs(from_w), difference_over, psi, gamma)
        odd = np.where(below, 1.0, -1.0)
        at_difference = Causal(at_difference.excess, odd * at_difference.R2, odd * at_difference.ratio)
        at_sum = causal(w + e, np.where(high, e + fold, from_fold), psi, gamma)
        yield Nodes(e, length * weight, below, causal(e, from_psi, psi, gamma), at_difference, at_sum)


def _distance(point: Array, a: Array, b: Array, length: Array, left: Array, right: Array) -> Array:
    """e - point for the nodes of [a, b], without cancellation when the point is an end of the piece."""
    return np.where(point <= a, (a - point) + length * left, (b - point) - length * right)


def fermi(x: ArrayLike) -> Array:
    """f = 1/(exp x + 1), without overflow."""
    from scipy.special import expit

    return expit(-np.asarray(x, float))


def bose(x: ArrayLike) -> Array:
    """N = 1/(exp x - 1) for x > 0, without overflow."""
    x = np.asarray(x, float)
    return np.exp(-x) / -np.expm1(-x)


def sech2(x: ArrayLike) -> Array:
    """1/cosh^2 x, without overflow."""
    decay = np.exp(-2 * np.abs(x))
    return 4 * decay / (1 + decay) ** 2
