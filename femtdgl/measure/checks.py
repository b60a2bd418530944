"""What every run can be checked by: the Josephson relation and the energy balance (1.5).

**Josephson.**  Along a path from bank to bank, or around a closed one, with gamma = int (grad arg psi - A).dl the gauge
invariant phase difference and w = +-1 the winding of each slip,

    int V dt = Delta gamma + 2 pi sum of w

over any time, for whatever drive: reversed, alternating, around a ring.  Over whole periods gamma comes back, so that
the mean of V is 2 pi times the net rate of slips.  Slips are located in time and space and V is taken from the recorded
potential; only so does the relation test anything.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.cycle import Cycle
from femtdgl.measure.series import Series

Array = NDArray[np.float64]

ROUNDING = 1e-12
"""Work over the free energy that is none: what is left of j.E at rest."""


def josephson_mismatch(voltage: Series, cycle: Cycle, gamma: Series | None) -> float | None:
    """|int V dt/(2 pi sum of w) - 1| over whole periods; where there are none, what the relation misses over the kept
    part, for each slip.

    `gamma`: that of the path along which slips are seen; None where V is not taken along it from bank to bank.
    None without slips, and where neither form applies.
    """
    if cycle.period is not None:
        net = cycle.slips.within(cycle.first, cycle.last).net
        return abs(voltage.integral(cycle.first, cycle.last) / (2 * np.pi * net) - 1) if net else None
    if gamma is None:
        return None
    times = gamma.t[(gamma.t >= cycle.start) & (gamma.t <= cycle.end)]
    if times.size < 2:
        return None
    start, end = float(times[0]), float(times[-1])
    slips = cycle.slips.within(start, end)
    if not slips.t.size:
        return None
    turned = gamma.values[gamma.t == end][0] - gamma.values[gamma.t == start][0] + 2 * np.pi * slips.net
    return float(abs(voltage.integral(start, end) - turned) / (2 * np.pi * np.abs(slips.winding).sum()))


def energy_mismatch(series: Mapping[str, Series], power: Series, cycle: Cycle) -> float | None:
    """|<w>/<work> - 1| over whole periods, of a heated run with the other terms of (1.5); None without a period."""
    work = power.mean(cycle.first, cycle.last)
    if cycle.period is None or work == 0:
        return None
    kept_back = 0.0
    if "phonon_work" in series:
        work += series["phonon_work"].mean(cycle.first, cycle.last)
    if "condensation" in series:  # heated: the state need not come back to itself
        stored = float(np.diff(series["free_energy"].at(cycle.first, cycle.last))[0])
        drift = 0.5 * stored / (cycle.last - cycle.first)
        kept_back = series["condensation"].mean(cycle.first, cycle.last) + drift
    return abs((series["dissipation"].mean(cycle.first, cycle.last) + kept_back) / work - 1)


def energy_balance(series: Mapping[str, Series], cycle: Cycle) -> float | None:
    """The rest of (1.5) over the kept part, over int |j.E|; None where no work was done."""
    start, end = cycle.start, cycle.end
    work = series["work"]
    turned = Series(work.t, np.abs(work.values)).integral(start, end)
    stored = 0.5 * float(np.diff(series["free_energy"].at(start, end))[0])
    rest = stored + series["dissipation"].integral(start, end) - work.integral(start, end)
    if "phonon_work" in series:
        rest -= series["phonon_work"].integral(start, end)
    if "condensation" in series:
        rest += series["condensation"].integral(start, end)
    largest = float(np.abs(series["free_energy"].values).max())
    return abs(rest) / turned if turned > ROUNDING * largest else None
