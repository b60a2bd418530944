"""Phase slips: zeros of psi in space-time, found along a path of nodes and located in time and in space.

A slip is a vortex of psi(x, t) in the plane of x and t.  Between two nodes and two times the phase winds round the
small rectangle by

    2 pi w = [arg(psi_2 psi_1*)]_new - [arg(psi_2 psi_1*)]_old - arg(psi_2,new psi_2,old*) + arg(psi_1,new psi_1,old*),

an integer w, exactly, as long as no node but one at the very zero turns by more than pi within the step; w != 0
is a slip.  w > 0: the phase difference from left to right grew by 2 pi.  The time is then found by bisection of the
same integer on the integrator's dense output.

Where superconductivity has died psi is what the integrator's tolerance leaves of it, and its zeros mean nothing: a slip
counts only if psi is above that noise within a few xi on either side of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Complex = NDArray[np.complex128]

SLIP_POSSIBLE_BELOW = 0.5
"""|psi| up to which a node can be next to a slip within the step; far above what a step resolves."""
REACH = 3.0
"""xi on either side of a slip within which psi must be above the noise."""


class Slip(NamedTuple):
    """One phase slip: when, where along the path (0 to 1 between its nodes), and which way."""

    t: float
    place: float  # index along the path, with fraction
    winding: int


def winding(old: Complex, new: Complex) -> NDArray[np.intp]:
    """Phase winding of each space-time rectangle.   old, new: (nodes,) at two times; result: (nodes - 1,)."""
    gain = np.angle(new[1:] * new[:-1].conj()) - np.angle(old[1:] * old[:-1].conj())
    turn = np.angle(new * old.conj())
    return np.rint((gain - turn[1:] + turn[:-1]) / (2 * np.pi)).astype(np.intp)


def without_zeros(new: Complex, old: Complex) -> Complex:
    """psi at the end of a step, with a node that is 0 there left a trace of its old phase: the slip comes after."""
    zero = np.abs(new) < 1e-200
    return np.where(zero, 1e-150 * np.exp(1j * np.angle(old)), new) if zero.any() else new


def find_slips(
    t_old: float,
    old: Complex,
    t: float,
    new: Complex,
    dense: Callable[[float], Complex],
    broken: NDArray[np.bool_] | None = None,
    length: NDArray[np.float64] | None = None,
    noise: float = 0.0,
) -> list[Slip]:
    """Slips between two times at which psi along the path is known; `dense(t)` gives it in between.

    broken (nodes - 1,): segments of the path that leave the filament; nothing is counted there.
    length (nodes,): of the path up to each node, in xi; `noise`: |psi| that the integrator does not resolve.
    """
    low = np.flatnonzero((np.abs(old) < SLIP_POSSIBLE_BELOW) | (np.abs(new) < SLIP_POSSIBLE_BELOW))
    if low.size == 0:
        return []
    first, last = max(low[0] - 1, 0), low[-1] + 2
    turns = np.zeros(old.size - 1, dtype=np.intp)
    turns[first : last - 1] = winding(old[first:last], new[first:last])
    if broken is not None:
        turns[broken] = 0
    hit = np.flatnonzero(turns)
    if hit.size == 0:
        return []
    slips = []
    # a zero at a node may be counted in either neighbour: take neighbours together
    for group in np.split(hit, np.flatnonzero(np.diff(hit) > 1) + 1):
        total = int(turns[group].sum())
        if total and (length is None or _stands_out(old, new, length, group, noise)):
            window = slice(max(group[0] - 1, 0), min(group[-1] + 3, old.size))
            slips.append(_locate(t_old, old[window], t, dense, total, window))
    return sorted(slips)


def _stands_out(old: Complex, new: Complex, length: NDArray[np.float64], group: NDArray[np.intp], noise: float) -> bool:
    """Whether |psi| is above the noise near some segments, before and behind them."""
    size = np.maximum(np.abs(old), np.abs(new))
    first, last = int(group[0]), int(group[-1]) + 1
    before = size[np.searchsorted(length, length[first] - REACH) : first + 1]
    behind = size[last : np.searchsorted(length, length[last] + REACH, side="right")]
    return bool(before.max() > noise and behind.max() > noise)


def _locate(
    t_low: float, low: Complex, t_high: float, dense: Callable[[float], Complex], total: int, window: slice
) -> Slip:
    """Bisection on the winding between t_low and the middle."""
    while True:
        middle = 0.5 * (t_low + t_high)
        psi = dense(middle)[window]
        if not t_low < middle < t_high or not psi.all():  # no time is left in between, or psi is 0 at a node
            break
        if winding(low, psi).sum():
            t_high = middle
        else:
            t_low, low = middle, psi
    step = np.diff(psi)
    nearest = np.clip(-np.real(psi[:-1] * step.conj()) / np.maximum(np.abs(step) ** 2, 1e-300), 0.0, 1.0)
    segment = int(np.argmin(np.abs(psi[:-1] + nearest * step)))
    return Slip(middle, window.start + segment + float(nearest[segment]), total)
