"""Where a run is cut: at checkpoints, at corners of the drive, and at its end.

Times that the integrator cannot tell apart are one cut: 0.1 + 0.7 and 0.8, or both ends of a ramp of 1e-12 t0, which is
a step then.  Of such times the end of the run counts first, then where it began, then checkpoints, then corners.
Drives are looked at just before the first of the corners of a cut until it is reached, and at the last of them from
there on: so nothing needs to know what a waveform is made of.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

SHORTEST = 1e-7
"""t0: times closer than this are one.  A tenth of the first step of the integrator."""
RELATIVE = 1e-9
"""The same as a share of the time: a step must be many times the distance of two numbers there."""


def resolution(t: float) -> float:
    """What the integrator can tell apart at a time."""
    return max(SHORTEST, RELATIVE * abs(t))


class Cut(NamedTuple):
    """A time at which a step ends, and the integrator may start anew; whether a checkpoint is due, and its corners.

    Without corners `first` is inf and `last` -inf.
    """

    t: float
    is_checkpoint: bool
    first: float
    last: float


class Cuts:
    """The cuts of a run from `start` to `t_end`, with a checkpoint at every multiple of an interval."""

    def __init__(self, t_end: float, checkpoint: float, corners: Iterable[float] = (), start: float = 0.0) -> None:
        self.t_end, self.checkpoint, self.start = t_end, checkpoint, start
        self._exact = Decimal(repr(checkpoint))
        self._corners: dict[float, tuple[float, float]] = {}
        for corner in sorted(corners):
            if start - resolution(start) <= corner <= t_end + resolution(t_end):
                self._add(corner)
        self._times = sorted(self._corners)

    def _add(self, corner: float) -> None:
        """Corners come in order: each joins the cut that it cannot be told from, or makes one."""
        t = self._anchor(corner)
        if t is None:
            latest = next(reversed(self._corners), None)
            t = latest if latest is not None and corner - latest <= resolution(corner) else corner
        first, _ = self._corners.get(t, (corner, corner))
        self._corners[t] = first, corner

    def _anchor(self, t: float) -> float | None:
        """The end, the start or the checkpoint that a time cannot be told from."""
        near = resolution(t)
        for anchor in (self.t_end, self.start, self.multiple(max(round(t / self.checkpoint), 1))):
            if abs(anchor - t) <= near:
                return anchor
        return None

    def multiple(self, k: int) -> float:
        """k times the interval of checkpoints, as decimal numbers: 3 x 0.3 is 0.9."""
        return float(k * self._exact)

    def _next_multiple(self, t: float) -> float:
        """The first checkpoint after t that can be told from it."""
        beyond = t + resolution(t)
        k = max(math.floor(beyond / self.checkpoint) - 1, 1)
        while self.multiple(k) <= beyond:
            k += 1
        return self.multiple(k)

    def at(self, t: float) -> Cut:
        """A cut at a time that is one."""
        k = round(t / self.checkpoint)
        is_checkpoint = k > 0 and abs(self.multiple(k) - t) <= resolution(t)
        return Cut(t, is_checkpoint, *self._corners.get(t, (math.inf, -math.inf)))

    def after(self, t: float) -> Cut:
        """The first cut after t, which is the start or a cut itself."""
        due = self._next_multiple(t)
        if abs(due - self.t_end) <= resolution(due):
            due = self.t_end
        place = bisect_right(self._times, t)
        return self.at(min([due, self.t_end, *self._times[place : place + 1]]))
