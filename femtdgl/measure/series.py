"""A recorded series, and its integrals over any part of its time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESTART = 0.05
"""A step shorter than this share of the one before is the first after a new start of the integrator, or the last before
it, cut short: without the latter a jump would reach the long step before it."""


class Series:
    """A recorded series with its integral over any part of its time: cubic splines through the steps.

    Where the integrator started anew, with its tiny first step, another spline begins: one through both sides would
    turn the slightest jump there into a large swing before it.
    """

    def __init__(self, t: Array, values: Array, total: Series | None = None) -> None:
        """t (n,), values (n,); `total`: the integral as it was recorded from the dense output, if it was."""
        self.total = total
        keep = np.append(np.diff(t) > 1e-9, True)
        self.t, self.values = t[keep], values[keep]
        step = np.diff(self.t)
        starts = np.flatnonzero(step[1:] < RESTART * step[:-1]) + 1
        cuts = [0, *starts, self.t.size - 1] if self.t.size > 1 else []
        self._pieces = [_spline(self.t[a : b + 1], self.values[a : b + 1]) for a, b in pairwise(cuts)]

    def integral(self, start: float, stop: float) -> float:
        """Integral over [start, stop]."""
        if self.total is not None:
            return float(np.diff(self.total.at(start, stop))[0])
        total = 0.0
        for piece in self._pieces:
            a, b = max(start, piece.x[0]), min(stop, piece.x[-1])
            if a < b:
                total += float(piece.integrate(a, b))
        return total

    def running(self) -> Array:
        """Integral from the first time to each of the times."""
        total = np.zeros(self.t.size)
        for piece in self._pieces:
            inside = (self.t > piece.x[0]) & (self.t <= piece.x[-1])
            total[inside] += piece.antiderivative()(self.t[inside])
            total[self.t > piece.x[-1]] += float(piece.integrate(piece.x[0], piece.x[-1]))
        return total

    def mean(self, start: float, stop: float) -> float:
        """Mean over [start, stop]."""
        return self.integral(start, stop) / (stop - start)

    def at(self, *times: float) -> Array:
        """Values at these times, those before a jump."""
        t, values = np.asarray(times), np.full(len(times), self.values[0])
        for piece in self._pieces:
            here = (t > piece.x[0]) & (t <= piece.x[-1])
            values[here] = piece(t[here])
        return values

    def within(self, start: float, stop: float) -> Array:
        """Recorded values between two times; those at the two where there are none."""
        inside = (self.t >= start) & (self.t <= stop)
        return self.values[inside] if inside.any() else self.at(start, stop)


class Counts:
    """A recorded number of things: whole at each time, and at its new value from the first time that has it."""

    def __init__(self, t: Array, values: Array) -> None:
        """t (n,), values (n,) whole numbers."""
        self.t, self.values = t, values

    def mean(self, start: float, stop: float) -> float:
        """Mean over [start, stop]."""
        edges = np.clip(np.append(self.t, np.inf), start, stop)
        return float(np.diff(edges) @ self.values) / (stop - start)

    def jumps(self, start: float, stop: float) -> tuple[Array, Array]:
        """When it changes in (start, stop], and by how much."""
        by = np.diff(self.values)
        t = self.t[1:]
        here = (by != 0) & (t > start) & (t <= stop)
        return t[here], by[here]


def _spline(t: Array, values: Array) -> Any:
    """Through the values, a cubic where there are enough of them: a scipy PPoly."""
    from scipy.interpolate import CubicSpline, PPoly

    if t.size > 3:
        return CubicSpline(t, values)
    return PPoly(np.stack((np.diff(values) / np.diff(t), values[:-1])), t)


def kept_part(t: Array, start: float) -> tuple[float, float]:
    """Where the measured part of a record begins and ends: all of it, if it ends before `start`."""
    return (start, float(t[-1])) if start < t[-1] else (float(t[0]), float(t[-1]))
