"""Hysteresis: the currents at which a swept filament leaves the superconducting state and comes back to it.

The current of a sweep rises to its top and falls again.  The voltage of a phase-slip centre comes in pulses, so that a
mean over a window of time is taken, and compared with a fraction of the normal-state voltage at the same current.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FRACTION = 0.1
"""Of the normal-state voltage, above which a filament counts as switched: a hot spot is shorter than its filament."""
FLOOR = 0.05
"""Of the top of the sweep: no switch is looked for below it, where the voltage of a growing supercurrent,
proportional to dJ/dt, is more than the small voltage J R."""
FALLS = 0.9
"""Of the top of the sweep: both ends must lie below it."""
SWEEPING = 0.5
"""Of the time of the record, during which the current of a sweep must move (a pulse is no sweep)."""
SHORTEST, LONGEST = 1 / 60, 1 / 20
"""Of the time of the record: windows, see `window_of`.  The current must not change much within one."""


class Branches(NamedTuple):
    """The parts of a record in which the current rises, and in which it falls; the top belongs to both."""

    up: slice
    down: slice


def branches(t: Array, current: Array) -> Branches | None:
    """The branches of a sweep up and down; None where the current does anything else."""
    if t.size < 3:
        return None
    top = float(current.max())
    steps, slack = np.diff(current), 1e-9 * top
    first, last = np.flatnonzero(current >= top - slack)[[0, -1]]
    monotonic = np.all(steps[:first] >= -slack) and np.all(steps[last:] <= slack)
    if not monotonic or top <= 0 or max(current[0], current[-1]) > FALLS * top or min(current[0], current[-1]) < -slack:
        return None
    moving = np.abs(steps) > 1e-12 * top
    if np.diff(t)[moving].sum() < SWEEPING * (t[-1] - t[0]) or np.any(current[first : last + 1] < top - slack):
        return None
    return Branches(slice(0, int(first) + 1), slice(int(last), t.size))


def window_of(t: Array, current: Array, resistance: float, fraction: float = FRACTION) -> Array:
    """Windows (steps,) for the mean voltage, that hold two slips at the threshold, if that is not too long.

    A slip is a pulse of 2 pi: in a window of half that length a single one is above the threshold.  Where the longest
    is too short for two, the sweep is too fast for its slips, and the currents are uncertain by what J moves from one
    slip to the next.
    """
    threshold = fraction * resistance * np.maximum(current, FLOOR * float(current.max()))
    return np.clip(4 * math.pi / threshold, SHORTEST * (t[-1] - t[0]), LONGEST * (t[-1] - t[0]))


def windowed_mean(t: Array, values: Array, window: float | Array) -> Array:
    """Mean over [t - window/2, t + window/2], as far as there is a record; steps may be uneven.

    The window is one for all, or one for each of the times.
    """
    running = np.append(0.0, np.cumsum(0.5 * np.diff(t) * (values[1:] + values[:-1])))
    low, high = np.maximum(t - window / 2, t[0]), np.minimum(t + window / 2, t[-1])
    return (np.interp(high, t, running) - np.interp(low, t, running)) / (high - low)


def switching_current(
    t: Array, current: Array, voltage: Array, resistance: float, *, fraction: float = FRACTION,
    window: float | Array | None = None,
) -> float | None:  # fmt: skip
    """J at which the mean voltage first rises above `fraction` of `resistance` J on the way up; None: it never does.

    t, current, voltage: a record (probes, every step or at an interval), in t0, j0, V0; `resistance`: that of the
    normal filament in V0/j0, its length in xi where it is uniform; `window` of the mean: `window_of`.
    A filament that is above the threshold from the start does not switch.
    """
    found = branches(t, current)
    if found is None:
        return None
    J, excess = _above(t, current, voltage, resistance, fraction, window, found.up)
    rises = np.flatnonzero((excess[:-1] <= 0) & (excess[1:] > 0))
    return _crossing(J, excess, int(rises[0])) if rises.size else None


def retrapping_current(
    t: Array, current: Array, voltage: Array, resistance: float, *, fraction: float = FRACTION,
    window: float | Array | None = None,
) -> float | None:  # fmt: skip
    """J at which the mean voltage last falls below `fraction` of `resistance` J on the way down; see
    `switching_current`.

    None: it was never above on that branch, or is so still at its end.
    """
    found = branches(t, current)
    if found is None:
        return None
    J, excess = _above(t, current, voltage, resistance, fraction, window, found.down)
    falls = np.flatnonzero((excess[:-1] > 0) & (excess[1:] <= 0))
    if not falls.size or excess[-1] > 0:
        return None
    return _crossing(J, excess, int(falls[-1]))


def _above(
    t: Array, current: Array, voltage: Array, resistance: float, fraction: float, window: float | Array | None,
    branch: slice,
) -> tuple[Array, Array]:  # fmt: skip
    """J and the mean voltage less the threshold on a branch, above the floor."""
    width = window_of(t, current, resistance, fraction) if window is None else window
    mean = windowed_mean(t, voltage, width)[branch]
    J = current[branch]
    seen = J / float(current.max()) >= FLOOR
    return J[seen], mean[seen] - fraction * resistance * J[seen]


def _crossing(J: Array, excess: Array, i: int) -> float:
    """J where the excess between i and i + 1 is 0, on a straight line."""
    share = excess[i] / (excess[i] - excess[i + 1])
    return float(J[i] + share * (J[i + 1] - J[i]))
