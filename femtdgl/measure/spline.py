"""The cubic spline through points.

That of scipy.interpolate, of which this is all that a record needs: to load the rest takes as long as to measure one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

Array = NDArray[np.float64]


class Spline:
    """The cubic spline through points, not-a-knot at both ends; through three points or two, straight lines.

    Each piece is told by its values and slopes at both ends (Hermite).
    """

    def __init__(self, x: Array, y: Array) -> None:
        """x (n,) ascending, two or more of them; y (n,).  Raises ValueError unless they are finite."""
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError("a spline needs finite values")
        self.x, self.y = x, y
        self._step = np.diff(x)
        secants = np.diff(y) / self._step
        slopes = _slopes(self._step, secants) if x.size > 3 else None
        self._first, self._last = (secants, secants) if slopes is None else (slopes[:-1], slopes[1:])

    def __call__(self, x: Array) -> Array:
        """Values at points of the span."""
        i, s = self._places(x)
        h = self._step[i]
        return np.asarray(
            (1 + 2 * s) * (1 - s) ** 2 * self.y[i]
            + s**2 * (3 - 2 * s) * self.y[i + 1]
            + h * s * (1 - s) * ((1 - s) * self._first[i] - s * self._last[i])
        )

    def integral(self, x: Array) -> Array:
        """Integrals from the first point to points of the span."""
        h, y, first, last = self._step, self.y, self._first, self._last
        whole = h * (y[:-1] + y[1:]) / 2 + h**2 * (first - last) / 12
        i, s = self._places(x)
        part = y[i] * s * (1 - s**2 + s**3 / 2) + y[i + 1] * s**3 * (1 - s / 2)
        slopes = first[i] * (s**2 / 2 - 2 * s**3 / 3 + s**4 / 4) - last[i] * (s**3 / 3 - s**4 / 4)
        return np.asarray(np.append(0.0, np.cumsum(whole))[i] + h[i] * (part + h[i] * slopes))

    def _places(self, x: Array) -> tuple[NDArray[np.intp], Array]:
        """The pieces in which points lie, and the shares of them that lie before the points."""
        i = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, self._step.size - 1)
        return i, (x - self.x[i]) / self._step[i]


def _slopes(h: Array, secants: Array) -> Array:
    """Slopes (n,) at the points that make the second derivative continuous, and the third at the second point and the
    last but one; h (n - 1,): distances of neighbours.
    """
    matrix, right = np.zeros((3, h.size + 1)), np.empty(h.size + 1)
    matrix[0, 2:], matrix[1, 1:-1], matrix[2, :-2] = h[:-1], 2 * (h[:-1] + h[1:]), h[1:]
    right[1:-1] = 3 * (h[1:] * secants[:-1] + h[:-1] * secants[1:])
    for end, (a, b), (p, q) in ((0, h[:2], secants[:2]), (-1, h[:-3:-1], secants[:-3:-1])):
        matrix[1, end], matrix[end, 1 if end == 0 else -2] = b, a + b
        right[end] = ((3 * a + 2 * b) * b * p + a**2 * q) / (a + b)
    slopes: Array = solve_banded((1, 1), matrix, right, overwrite_ab=True, overwrite_b=True, check_finite=False)
    return slopes
