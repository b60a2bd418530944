"""A path of Brownian motion as a function of (seed, time): the same for every way to step through it.

The increment of each interval of a grid comes from a generator that counts (Philox), with the seed as its key and the
number of the interval as its counter.  Inside an interval the path is filled in by halving (Levy's construction): the
middle of an interval of length l is the mean of its ends plus a normal number of variance l/4.  So a run that is taken
up in the middle, or a step that is cut in two at a corner of the drive, sees the same noise.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HALVINGS = 20
"""An interval is filled in so many times; between the points that there are then the path is straight."""
ON_THE_GRID = 1e-6
"""Share of an interval within which a time is one of the grid."""


class WienerPath:
    """`size` independent paths W with <W(t)^2> = t, on a grid of intervals of length `step`."""

    def __init__(self, seed: int, size: int, step: float) -> None:
        self.seed, self.size, self.step = seed, size, step

    def _normals(self, interval: int, place: int) -> Array:
        """Standard normal numbers (size,) of an interval: place 1 is the middle, 2 and 3 those of its halves, ..."""
        generator = np.random.Philox(key=[self.seed, 0], counter=[0, 0, place, interval])
        return np.random.Generator(generator).standard_normal(self.size)

    def increment(self, interval: int) -> Array:
        """W at the end of an interval, less that at its start: (size,)."""
        return math.sqrt(self.step) * self._normals(interval, 0)

    def _within(self, interval: int, share: float) -> Array:
        """W at a share of an interval, less that at its start."""
        low, high, start, end, place = 0.0, 1.0, np.zeros(self.size), self.increment(interval), 1
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            between = 0.5 * (start + end) + 0.5 * math.sqrt((high - low) * self.step) * self._normals(interval, place)
            if share == middle:
                return between
            if share < middle:
                high, end, place = middle, between, 2 * place
            else:
                low, start, place = middle, between, 2 * place + 1
        return np.asarray(start + (share - low) / (high - low) * (end - start))

    def between(self, since: float, until: float) -> Array:
        """W(until) - W(since), (size,)."""
        first, from_first = self._place(since)
        last, of_last = self._place(until)
        total = np.zeros(self.size)
        for interval in range(first, last):
            total = total + self.increment(interval)
        if of_last:
            total = total + self._within(last, of_last)
        if from_first:
            total = total - self._within(first, from_first)
        return total

    def _place(self, t: float) -> tuple[int, float]:
        """The interval of a time, and the share of it that has gone by."""
        whole = round(t / self.step)
        share = t / self.step - whole
        if abs(share) <= ON_THE_GRID:
            return whole, 0.0
        return (whole, share) if share > 0 else (whole - 1, 1 + share)
