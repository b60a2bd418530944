"""What every run can be checked by: the Josephson relation and the energy balance (1.5).

The period comes from located slips, the mean voltage from the recorded potential; both over whole periods of the kept
part of the run.  Only so does V x period = 2 pi test anything.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.cycle import Cycle
from femtdgl.measure.series import Series

Array = NDArray[np.float64]


def josephson_mismatch(voltage: Series, cycle: Cycle) -> float | None:
    """|int V dt/(2 pi x slips) - 1| over whole periods; None without a period."""
    if cycle.period is None:
        return None
    counted = np.sum((cycle.slip_t > cycle.first) & (cycle.slip_t <= cycle.last))
    return float(abs(voltage.integral(cycle.first, cycle.last) / (2 * np.pi * counted) - 1))


def energy_mismatch(series: Mapping[str, Series], power: Series, cycle: Cycle) -> float | None:
    """|<w>/<work> - 1| over whole periods, of a heated run with the other terms of (1.5); None without a period."""
    work = power.mean(cycle.first, cycle.last)
    if cycle.period is None or work == 0:
        return None
    kept_back = 0.0
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
    if "condensation" in series:
        rest += series["condensation"].integral(start, end)
    return abs(rest) / turned if turned > 0 else None
