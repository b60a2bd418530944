"""When a run ends before its time: `stop.slips`, `stop.normal`, `stop.periodic`, `stop.steady`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from femtdgl.problem.problem import Stop
from femtdgl.solve.integrate import Step
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.system import System

REST = 5.0
"""t0 that a steady state must last."""
NEAR_BANK = 2.0
"""xi over which a bank makes a normal filament superconducting; in a short filament, half of the way to the middle."""
SERIES = 6
"""Intervals between slips that must agree for `stop.periodic`."""


def beyond_banks(system: System) -> NDArray[np.bool_]:
    """Nodes (N,) farther from every bank than a bank reaches into a normal filament."""
    places, nearest = system.space.nodes, np.full(system.space.N, np.inf)
    for nodes in system.layout.bank_nodes:
        if nodes.size == 1:  # in one dimension, where scipy.spatial need not be loaded for it
            away = np.linalg.norm(places - places[:, nodes], axis=0)
        else:
            away = scipy.spatial.cKDTree(places[:, nodes].T).query(places.T)[0]
        nearest = np.minimum(nearest, away)
    return nearest > min(NEAR_BANK, 0.5 * float(nearest.max()))


class Stopping:
    """Reasons to stop, asked for after each step; `calm_since` is all that it remembers."""

    def __init__(self, system: System) -> None:
        self.system, self.rules = system, system.problem.stop
        self._never = self.rules == Stop()
        self.calm_since = math.inf
        self._beyond_banks = beyond_banks(system)

    def reason(self, step: Step, slips: Sequence[float], count: int) -> str:
        """Why to stop after a step, "" for no reason; `slips`: times of the last of them; `count`: of all."""
        stop = self.rules
        if self._never:
            return ""
        if stop.slips is not None and count >= stop.slips:
            return "slips"
        now = Snapshots(self.system, np.array(step.t), step.y, step.yp)
        if stop.normal is not None and now.n[0, self._beyond_banks].max() < stop.normal:
            return "normal"
        if stop.periodic is not None and len(slips) > SERIES:
            intervals = np.diff(slips[-SERIES - 1 :])
            if np.ptp(intervals) < stop.periodic * intervals.mean():
                return "periodic"
        if stop.steady is not None and self._has_rested(step, now, stop.steady):
            return "steady"
        return ""

    def _has_rested(self, step: Step, now: Snapshots, bound: float) -> bool:
        """Whether the drive and every rate have been at rest for long enough."""
        at_rest = step.t > max(self.system.problem.corners, default=0.0)
        calm = np.abs(now.n_t).max() <= bound
        if self.system.heat is not None:
            calm &= np.abs(now.heat.rates).max() <= bound * self.system.film.eta  # eps changes so much
        if not at_rest or not calm:
            self.calm_since = math.inf
            return False
        self.calm_since = min(self.calm_since, step.t)
        return bool(step.t - self.calm_since >= REST)
