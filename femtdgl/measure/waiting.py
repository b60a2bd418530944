"""Waiting times between slips that noise brings about.

A slip that noise makes may be undone at once and made again: near its moment psi is small, and crosses zero as often as
noise likes.  So what is waited for is that the windings added up come to one more than ever before (in the direction
in which they go), and a slip that is undone counts neither as one nor as two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.cycle import Slips

Array = NDArray[np.float64]


def first_passages(slips: Slips) -> Array:
    """Times at which the windings added up first reach 1, 2, 3, ... in their own direction."""
    order = np.argsort(slips.t, kind="stable")
    t, total = slips.t[order], np.cumsum(slips.winding[order])
    if not t.size:
        return np.empty(0)
    highest = np.maximum.accumulate(np.maximum(total if total[-1] >= 0 else -total, 0))
    return np.repeat(t, np.diff(highest, prepend=0))


def waiting_times(slips: Slips) -> Array:
    """Times from each of `first_passages` to the next."""
    return np.diff(first_passages(slips))
