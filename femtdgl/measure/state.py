"""What state a run ended in, in one word."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.cycle import Cycle

Array = NDArray[np.float64]

State = Literal["stationary", "periodic", "irregular", "normal"]

PERIODIC_SPREAD = 0.02
"""Relative spread of the intervals between slips up to which a run is called periodic."""
NORMAL_BELOW = 0.05
"""|psi| at the centre below which a filament is called normal."""


def state_of(cycle: Cycle, psi_center: Array) -> State:
    """The state of the kept part; psi_center: |psi| at the centre in it."""
    if psi_center.size and psi_center.max() < NORMAL_BELOW:
        return "normal"
    if cycle.slip_t.size == 0:
        return "stationary"
    return "periodic" if cycle.spread is not None and cycle.spread < PERIODIC_SPREAD else "irregular"
