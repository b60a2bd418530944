"""The march through time: from cut to cut, one accepted step after the other.

A run is cut at checkpoints and at the corners of the drive.  At each cut the integrator starts anew from consistent
values, in an uninterrupted run and in a resumed one alike: that makes a resumed run the same to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.integrate import Integrator, Step
from femtdgl.solve.system import System

Array = NDArray[np.float64]


class Cut(NamedTuple):
    """A time at which the integrator stops, and whether a checkpoint is due there."""

    t: float
    is_checkpoint: bool


class March:
    """Steps of a system from one cut to the next; it knows nothing of what is recorded, or of why to stop."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.integrator = Integrator(system)

    @property
    def steps_taken(self) -> int:
        """Accepted steps of the run, also of those before it was resumed."""
        return self.integrator.step_count

    def next_cut(self, t: float) -> Cut:
        """The next cut after t."""
        options = self.system.problem.time
        checkpoint = (math.floor(t / options.checkpoint * (1 + 1e-12)) + 1) * options.checkpoint
        corners = [corner for corner in self.system.problem.corners if corner > t]
        cut = min([checkpoint, options.t_end, *corners])
        return Cut(cut, cut == checkpoint)

    def steps(self, t: float, y: Array, cut: Cut) -> Iterator[Step]:
        """Accepted steps from y at t until exactly the cut.  Raises SolverStopped when the integrator gives up."""
        self.integrator.start(t, *self.system.consistent(t, y))
        return self.integrator.steps(cut.t)
