"""What state a run ended in, in one word.

interrupted    it was stopped by hand
normal         no superconductivity anywhere out of the reach of a bank
driven         a drive moves within the kept part: nothing there is a state of its own
periodic       slips of the busiest centre come at equal intervals
irregular      slips come otherwise, or something moves on for ever without any
relaxing       no slips, and what still moves becomes slower
stationary     no slips, and every rate is small over the last window
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from femtdgl.measure.cycle import Cycle
from femtdgl.measure.series import Series

State = Literal["stationary", "relaxing", "periodic", "irregular", "driven", "normal", "interrupted"]

WINDOWS = 5
"""Of the kept part, into which means are also taken; the last is where a state must be at rest."""
NORMAL_BELOW = 0.05
"""|psi| out of the reach of the banks below which a filament is called normal."""
RATE_AT_REST = 1e-3
"""d_t |psi|^2 (1/t0) and, in a heated run, change of T (Tc) in a window, below which nothing moves."""
SLOWER = 0.5
"""A run relaxes when rates in its last window are below this share of those in its first."""


def state_of(cycle: Cycle, series: Mapping[str, Series], *, driven: bool = False, interrupted: bool = False) -> State:
    """The state of the kept part, from the probes `psi_max_free`, `rate_max` and, if heated, temperatures."""
    if interrupted:
        return "interrupted"
    if series["psi_max_free"].within(cycle.start, cycle.end).max() < NORMAL_BELOW:
        return "normal"
    if driven:
        return "driven"
    if cycle.slips.t.size:
        return "periodic" if cycle.period is not None else "irregular"
    edges = np.linspace(cycle.start, cycle.end, WINDOWS + 1)
    early = float(series["rate_max"].within(edges[0], edges[1]).max())
    late = float(series["rate_max"].within(edges[-2], edges[-1]).max())
    drifts = [np.ptp(series[name].within(edges[-2], edges[-1])) for name in ("T_mean", "T_e_mean") if name in series]
    if late < RATE_AT_REST and max(drifts, default=0.0) < RATE_AT_REST:
        return "stationary"
    return "relaxing" if late < SLOWER * early or late < RATE_AT_REST else "irregular"
