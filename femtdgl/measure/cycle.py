"""The part of a run that is measured: what is kept of it, its phase-slip centres and its whole periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.series import kept_part

Array = NDArray[np.float64]
Index = NDArray[np.intp]

TRAIN_GAP = 0.5
"""Slips farther apart than this (in xi) belong to different phase-slip centres."""
PERIODIC_SPREAD = 0.02
"""Relative spread of the intervals between slips up to which a run is called periodic."""


@dataclass(frozen=True)
class Slips:
    """Phase slips of a record: t (slips,), x (slips,) along the filament, winding (slips,): how many times
    2 pi each takes from the phase difference of left and right that V > 0 winds up; negative for V < 0.
    """

    t: Array
    x: Array
    winding: Index

    def within(self, start: float, end: float) -> Slips:
        """Those in (start, end]."""
        inside = (self.t > start) & (self.t <= end)
        return Slips(self.t[inside], self.x[inside], self.winding[inside])

    @property
    def net(self) -> int:
        """Their windings added up."""
        return int(self.winding.sum())


MOST_SLIPS = 8
"""Slips of a centre after which a state is not looked at for a repetition."""
REPETITIONS = 3
"""Times that a sequence of intervals must be seen."""


def trains(t: Array, x: Array) -> list[Array]:
    """Slip times of each phase-slip centre, the busiest first.   t: (slips,); x: (slips,) along the filament."""
    if t.size == 0:
        return []
    order = np.argsort(x, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(x[order]) > TRAIN_GAP) + 1)
    return sorted((np.sort(t[g]) for g in groups), key=len, reverse=True)


@dataclass(frozen=True)
class Cycle:
    """[start, end] is the kept part; [first, last] its whole periods, those of slips under a drive at rest, or of the
    drive; the kept part itself where there are none."""

    start: float
    end: float
    first: float
    last: float
    slips: Slips
    """Those of the kept part."""
    centres: tuple[Array, ...]
    """Slip times of each phase-slip centre, the busiest first."""
    period: float | None
    """Mean interval between slips of the busiest centre; None unless they come at equal intervals under a drive at
    rest."""
    spread: float | None
    """Relative standard deviation of the intervals, whatever they are."""

    @classmethod
    def of(
        cls, t: Array, slips: Slips, start: float, *, at_rest: bool = True, drive_period: float | None = None
    ) -> Cycle:
        """That of a record at times t (n,), kept from `start` on.

        `at_rest`: whether the drive is, in that part; `drive_period`: that of a drive that repeats itself for ever, of
        which whole periods are measured.
        """
        start, end = kept_part(t, start)
        kept = slips.within(np.nextafter(start, -np.inf), end)
        centres = trains(kept.t, kept.x)
        intervals = np.diff(centres[0]) if centres else np.empty(0)
        spread = float(intervals.std() / intervals.mean()) if intervals.size > 1 else None
        periodic = at_rest and spread is not None and spread < PERIODIC_SPREAD
        first, last = (float(centres[0][0]), float(centres[0][-1])) if periodic else (start, end)
        if not at_rest and drive_period is not None and end - start >= drive_period:
            first = end - int((end - start) / drive_period * (1 + 1e-12)) * drive_period
        return cls(
            start=start, end=end, first=first, last=last, slips=kept, centres=tuple(centres),
            period=float(intervals.mean()) if periodic else None, spread=spread,
        )  # fmt: skip

    @property
    def halves(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Two parts of equal length at both ends of the measured part: whole periods, where there are any."""
        if self.period is None:
            middle = 0.5 * (self.first + self.last)
            return (self.first, middle), (middle, self.last)
        slips = self.centres[0]
        half = (slips.size - 1) // 2
        return (self.first, float(slips[half])), (float(slips[-1 - half]), self.last)

    @property
    def slips_per_period(self) -> int | None:
        """Slips of the busiest centre after which their intervals repeat: 1 of a periodic state, 2 once its period has
        doubled; None: they do not, or were not seen three times.
        """
        if self.period is not None:
            return 1
        intervals = np.diff(self.centres[0]) if self.centres else np.empty(0)
        for m in range(2, MOST_SLIPS + 1):
            if intervals.size < REPETITIONS * m:
                return None
            if np.abs(intervals[m:] - intervals[:-m]).max() < PERIODIC_SPREAD * intervals.mean():
                return m
        return None

    @property
    def slip_rate(self) -> float | None:
        """Slips a unit of time, of all centres together, whichever way; None unless two come one after the other."""
        times = np.sort(self.slips.t)
        return (times.size - 1) / float(times[-1] - times[0]) if times.size > 1 and times[-1] > times[0] else None

    @property
    def winding_rate(self) -> float:
        """Net winding a unit of time over the measured part, in 1/t0: between banks the mean of V is 2 pi times it."""
        return self.slips.within(self.first, self.last).net / (self.last - self.first)
