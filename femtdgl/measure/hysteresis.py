"""Hysteresis: the currents at which a swept filament leaves the superconducting state and comes back to it.

The current of a sweep rises to its top, in either direction, and falls again; or does one of the two.  The voltage of a
phase-slip centre comes in pulses, so that a mean over a window of time is taken, and compared with a fraction of the
normal-state voltage at the same current.
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
    """The parts of a record in which the size of the current rises to its top and falls from it.

    The top belongs to both; one that the record does not have is empty.  `sign`: that of the current at the top.
    """

    up: slice
    down: slice
    sign: float


def branches(t: Array, current: Array) -> Branches | None:
    """The branches of a sweep, up, down or both, of either sign; None where the current does anything else."""
    if t.size < 3:
        return None
    sign = 1.0 if current.max() >= -current.min() else -1.0
    J = sign * current
    top = float(J.max())
    if top <= 0:
        return None
    slack = 1e-9 * top
    steps = np.diff(J)
    first, last = np.flatnonzero(top - slack <= J)[[0, -1]]
    if np.any(J[first : last + 1] < top - slack):
        return None
    rising, falling = (steps >= -slack) & (J[:-1] >= -slack), (steps <= slack) & (J[1:] >= -slack)
    stops = np.flatnonzero(~rising[:first])
    start = int(stops[-1]) + 1 if stops.size else 0
    stops = np.flatnonzero(~falling[last:])
    end = int(last + stops[0]) + 1 if stops.size else t.size
    up = slice(start, int(first) + 1) if J[start] <= FALLS * top else slice(0, 0)
    down = slice(int(last), end) if J[end - 1] <= FALLS * top else slice(0, 0)
    moving = sum(np.diff(t[part])[np.abs(np.diff(J[part])) > 1e-12 * top].sum() for part in (up, down))
    if moving < SWEEPING * (t[-1] - t[0]):
        return None
    return Branches(up, down, sign)


def window_of(t: Array, current: Array, resistance: float, fraction: float = FRACTION) -> Array:
    """Windows (steps,) for the mean voltage, that hold two slips at the threshold, if that is not too long.

    A slip is a pulse of 2 pi: in a window of half that length a single one is above the threshold.  Where the longest
    is too short for two, the sweep is too fast for its slips, and the currents are uncertain by what J moves from one
    slip to the next.
    """
    J = np.abs(current)
    threshold = fraction * resistance * np.maximum(J, FLOOR * float(J.max()))
    return np.clip(4 * math.pi / threshold, SHORTEST * (t[-1] - t[0]), LONGEST * (t[-1] - t[0]))


def windowed_mean(t: Array, values: Array, window: float | Array) -> Array:
    """Mean over [t - window/2, t + window/2], as far as there is a record; steps may be uneven.

    The window is one for all, or one for each of the times.
    """
    running = np.append(0.0, np.cumsum(0.5 * np.diff(t) * (values[1:] + values[:-1])))
    low, high = np.maximum(t - window / 2, t[0]), np.minimum(t + window / 2, t[-1])
    return (np.interp(high, t, running) - np.interp(low, t, running)) / (high - low)


def contact_resistance(t: Array, current: Array, voltage: Array, resistance: float) -> float:
    """What normal contacts add to a superconducting filament: the least mean V/J on the way up, in V0/j0.

    0 without a way up.
    """
    found = branches(t, current)
    if found is None or found.up.stop == 0:
        return 0.0
    J, mean = _means(t, current, voltage, window_of(t, current, resistance), found, found.up)
    return float(max((mean / J).min(), 0.0)) if J.size else 0.0


def switching_current(
    t: Array, current: Array, voltage: Array, resistance: float, *, fraction: float = FRACTION,
    window: float | Array | None = None, contact: float = 0.0,
) -> float | None:  # fmt: skip
    """J at which the mean voltage first rises above its threshold on the way up, with its sign; None: it never does.

    t, current, voltage: a record (probes, every step or at an interval), in t0, j0, V0; `resistance`: that of the
    normal filament in V0/j0, its length in xi where it is uniform; `contact`: that of its normal contacts alone; the
    threshold lies a `fraction` of the way from one to the other; `window` of the mean: `window_of`.
    A filament that is above the threshold from the start does not switch.
    """
    found = branches(t, current)
    if found is None or found.up.stop == 0:
        return None
    J, excess = _excess(t, current, voltage, resistance, fraction, window, contact, found, found.up)
    rises = np.flatnonzero((excess[:-1] <= 0) & (excess[1:] > 0))
    return found.sign * _crossing(J, excess, int(rises[0])) if rises.size else None


def retrapping_current(
    t: Array, current: Array, voltage: Array, resistance: float, *, fraction: float = FRACTION,
    window: float | Array | None = None, contact: float = 0.0,
) -> float | None:  # fmt: skip
    """J at which the mean voltage last falls below its threshold on the way down; see `switching_current`.

    None: it was never above on that branch, or is so still at its end.
    """
    found = branches(t, current)
    if found is None or found.down.stop == 0:
        return None
    J, excess = _excess(t, current, voltage, resistance, fraction, window, contact, found, found.down)
    falls = np.flatnonzero((excess[:-1] > 0) & (excess[1:] <= 0))
    if not falls.size or excess[-1] > 0:
        return None
    return found.sign * _crossing(J, excess, int(falls[-1]))


def _means(
    t: Array, current: Array, voltage: Array, window: float | Array, found: Branches, branch: slice
) -> tuple[Array, Array]:
    """Size of J and the mean voltage along it on a branch, above the floor."""
    J, mean = found.sign * current[branch], found.sign * windowed_mean(t, voltage, window)[branch]
    seen = FLOOR * float(np.abs(current).max()) <= J
    return J[seen], mean[seen]


def _excess(
    t: Array, current: Array, voltage: Array, resistance: float, fraction: float, window: float | Array | None,
    contact: float, found: Branches, branch: slice,
) -> tuple[Array, Array]:  # fmt: skip
    """Size of J and the mean voltage less its threshold on a branch, above the floor."""
    width = window_of(t, current, resistance, fraction) if window is None else window
    J, mean = _means(t, current, voltage, width, found, branch)
    return J, mean - (contact + fraction * (resistance - contact)) * J


def _crossing(J: Array, excess: Array, i: int) -> float:
    """J where the excess between i and i + 1 is 0, on a straight line."""
    share = excess[i] / (excess[i] - excess[i + 1])
    return float(J[i] + share * (J[i + 1] - J[i]))
