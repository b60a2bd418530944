"""The part of a run that is measured: what is kept of it, its phase-slip centres and its whole periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.series import kept_part

Array = NDArray[np.float64]

TRAIN_GAP = 0.5
"""Slips farther apart than this (in xi) belong to different phase-slip centres."""


def trains(t: Array, x: Array) -> list[Array]:
    """Slip times of each phase-slip centre, the busiest first.   t: (slips,); x: (slips,) along the filament."""
    if t.size == 0:
        return []
    order = np.argsort(x, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(x[order]) > TRAIN_GAP) + 1)
    return sorted((np.sort(t[g]) for g in groups), key=len, reverse=True)


@dataclass(frozen=True)
class Cycle:
    """[start, end] is the kept part; [first, last] its whole periods, the kept part itself where there are none."""

    start: float
    end: float
    first: float
    last: float
    slip_t: Array
    """Times of the slips in the kept part."""
    slip_x: Array
    """Their places along the filament."""
    centres: tuple[Array, ...]
    """Slip times of each phase-slip centre, the busiest first."""
    period: float | None
    """Mean interval between slips of the busiest centre."""
    spread: float | None
    """Relative standard deviation of those intervals."""

    @classmethod
    def of(cls, t: Array, slip_t: Array, slip_x: Array, start: float) -> Cycle:
        """That of a record at times t (n,) with its slips (slips,), kept from `start` on."""
        start, end = kept_part(t, start)
        kept = slip_t >= start
        centres = trains(slip_t[kept], slip_x[kept])
        intervals = np.diff(centres[0]) if centres else np.empty(0)
        first, last = (float(centres[0][0]), float(centres[0][-1])) if intervals.size else (start, end)
        return cls(
            start=start, end=end, first=first, last=last, slip_t=slip_t[kept], slip_x=slip_x[kept],
            centres=tuple(centres),
            period=float(intervals.mean()) if intervals.size else None,
            spread=float(intervals.std() / intervals.mean()) if intervals.size > 1 else None,
        )  # fmt: skip

    @property
    def slip_rate(self) -> float | None:
        """Slips a unit of time, of all centres together; None for fewer than two slips."""
        times = np.sort(self.slip_t)
        return (times.size - 1) / float(times[-1] - times[0]) if times.size > 1 else None
