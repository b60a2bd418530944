"""The march through time: from cut to cut, one accepted step after the other.

A run is cut at checkpoints and at the corners of the drive.  At a checkpoint the integrator starts anew from consistent
values, in an uninterrupted run and in a resumed one alike: that makes a resumed run the same to the bit.  At a corner
it starts anew where the equations jump, so that y and y' no longer satisfy them; where only a slope of them jumps, as
at the ends of a ramp of the current, it goes on with its step and its order, and the error test sees what the corner
does.  A drive that is not straight from there on it meets with a small step: a pulse could fall within a long one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import SolverStopped
from femtdgl.solve.cuts import Cut, Cuts
from femtdgl.solve.fixed_step import FixedStep
from femtdgl.solve.integrate import SINGULAR, Integrator, Step
from femtdgl.solve.system import System

Array = NDArray[np.float64]

CONTINUOUS = 1e-9
"""Relative change over the corners of a cut below which a drive is continuous there."""
SAME_EQUATIONS = 1e-12
"""Change of F over a cut, in units of j0 xi^(d-1), below which the equations do not jump there."""


class March:
    """Steps of a system from one cut to the next; it knows nothing of what is recorded, or of why to stop."""

    def __init__(self, system: System) -> None:
        self.system = system
        fixed = system.problem.noise is not None
        self.integrator: Integrator | FixedStep = FixedStep.of(system) if fixed else Integrator(system)
        self._start: tuple[float, Array, Array, Array] | None = None  # the last: its time, what was given, y and y'
        self._moves = system.landscape.moves
        self.begin(0.0)

    @property
    def steps_taken(self) -> int:
        """Accepted steps of the run, also of those before it was resumed."""
        return self.integrator.step_count

    def begin(self, t: float, pace: float | None = None) -> None:
        """March from t: from the start, or from where a run is taken up, whose last step left a `pace`."""
        problem = self.system.problem
        self._given = None if pace is None else (t, pace)
        self._cuts = Cuts(problem.time.t_end, problem.time.checkpoint, problem.corners, start=t)
        self._face(t)

    def _face(self, t: float) -> Cut:
        """The next cut after the cut t; drives are seen as they are between the two."""
        here, there = self._cuts.at(t), self._cuts.after(t)
        if self._start is not None and self._start[0] != t:  # another time, or seen from another side
            self._start = None
        self.system.see(here.last, there.first, current_jumps=self._jumps(here) or self._jumps(there))
        return there

    def _jumps(self, cut: Cut) -> bool:
        """Whether the current of the drive jumps over the corners of a cut."""
        if cut.first > cut.last or not np.isfinite([cut.first, cut.last]).all():
            return False
        before, after = (self.system.current_at(t) for t in (float(np.nextafter(cut.first, -np.inf)), cut.last))
        return abs(after - before) > CONTINUOUS * max(abs(after), abs(before))

    def consistent(self, t: float, y: Array) -> tuple[Array, Array]:
        """y and y' that satisfy the equations at the cut t.  Raises SolverStopped where there are none."""
        if self._start is not None and any(np.array_equal(known, y) for known in self._start[1:3]):
            return self._start[2], self._start[3]  # a run looks at its start before it steps from it
        given = y
        try:
            with np.errstate(all="ignore"):
                y, yp = self.system.consistent(t, y)
        except (RuntimeError, ValueError, ArithmeticError, MemoryError) as error:
            raise SolverStopped(f"no consistent start: {error}; {SINGULAR}", time=t) from error
        if not (np.isfinite(y).all() and np.isfinite(yp).all()):
            raise SolverStopped(f"no consistent start: it is not finite; {SINGULAR}", time=t)
        self._start = (t, given.copy(), y, yp)
        return y, yp

    def next_cut(self, t: float) -> Cut:
        """The next cut after t, which is one itself."""
        return self._cuts.after(t)

    def steps(self, t: float, y: Array) -> Iterator[Step]:
        """Accepted steps from y at the cut t until exactly the next.  Raises SolverStopped."""
        here = self._cuts.at(t)
        before = self._left_over(t, y) if not here.is_checkpoint and self._goes_straight_on(here) else None
        cut = self._face(t)
        if before is None or np.abs(self._left_over(t, y) - before).max() > SAME_EQUATIONS:
            self.integrator.start(t, *self.consistent(t, y), self.pace(t) if self._is_foreseen(here) else None)
        return self.integrator.steps(cut.t)

    def pace(self, t: float) -> float | None:
        """With which step the integrator may go on at t, where the last step ended or the run is taken up."""
        if self.integrator.last is not None and self.integrator.last.t == t:
            return self.integrator.pace()
        return self._given[1] if self._given is not None and self._given[0] == t else None

    def _goes_straight_on(self, cut: Cut) -> bool:
        """Whether all that has a corner at a cut is straight from there to its next one.

        Never with heat: its ledger is made of splines through the recorded steps, which begin anew where the steps do,
        and one across a corner would miss some 1e-4 of the energies of a run.
        """
        problem = self.system.problem
        bent = [wave.corners for wave in problem.waveforms if not wave.is_straight]
        times = [t for corners in (*bent, getattr(problem.vector_potential, "corners", ())) for t in corners]
        return self.system.heat is None and not any(cut.first <= t <= cut.last for t in times)

    def _is_foreseen(self, cut: Cut) -> bool:
        """Whether nothing begins at a cut, and nothing can begin and end within a long step after it.

        A straight drive has corners, a periodic one a longest step; a bump of any other one, met from rest, is seen
        by steps that grow from a small one.
        """
        problem = self.system.problem
        waves = problem.waveforms
        bumps = not all(w.is_straight or w.repeats_after is not None or w.rests_from <= cut.t for w in waves)
        return cut.first > cut.last and not bumps and problem.vector_potential is None and not self._moves

    def _left_over(self, t: float, y: Array) -> Any:
        """F of the state in which the last step ended, if that is y at t, with the drives as they are seen now."""
        last = self.integrator.last
        if last is None or last.t != t or last.y is not y:
            return None
        return self.system.residual(t, last.y, last.yp)
