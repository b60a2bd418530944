"""Time integration in steps of one length, for noise: the theta method with the residual and the Jacobian of IDA.

A multistep method of variable order takes noise for an error of its own, and chooses its step by it.  Here a step from
y_0 solves for a stage y_s, theta dt after its start,

    F(t_s, y_s, (y_s - y_0)/(theta dt)) + load = 0,      y_1 = y_0 + (y_s - y_0)/theta,

so that the Jacobian is dF/dy + cj dF/dy' with cj = 1/(theta dt), IDA's.  The noise is that of the state y_0, the
friction that of the stage.  theta = 1/2 is the midpoint rule: of order 2; at rest a linear mode has its variance
whatever the step, and the friction has followed the noise half of the way, which is the calculus that (10.1) needs (see
`equations.noise`).  theta = 1 is implicit Euler: it damps what a step does not resolve, and cools it by
1/(1 + (|eps| + k^2) dt/(2 u)).

Potentials have no rate: theirs is the value of the stage, in all of the step.  So a bank turns by exactly -int phi dt,
and the integral of V holds.  Within a step y is straight.

Steps end on the grid of multiples of the step, and at cuts.  A step in which Newton's iteration does not converge is
halved; the noise of the halves is that of the whole (`wiener`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import SolverStopped
from femtdgl.solve.fluctuations import Fluctuations
from femtdgl.solve.integrate import Step, StepInterrupted
from femtdgl.solve.system import System
from femtdgl.solve.wiener import ON_THE_GRID, WienerPath

Array = NDArray[np.float64]

THETA = {"midpoint": 0.5, "euler": 1.0}

SHARE = 1e-3
"""Of time.rtol: the last correction of Newton's iteration, of each unknown, absolute or relative."""
SLOW = 0.2
"""Contraction above which the Jacobian is made anew."""
SAME = 1e-6
"""Relative change of cj that the Jacobian outlives: lengths of steps are not the same to the bit."""
MOST = 30
"""Corrections after which a step is given up."""
HALVED = 8
"""A step that is given up is halved so many times at most."""


class FixedStep:
    """Fixed steps of a System, with noise or without.  The face of `integrate.Integrator`."""

    def __init__(
        self, system: System, step: float, method: str = "midpoint", fluctuations: Fluctuations | None = None
    ) -> None:
        self.system, self.step, self.method, self.fluctuations = system, step, method, fluctuations
        self.theta = THETA[method]
        self.t = self._t_old = 0.0
        self.step_count = 0
        self.interrupted = False
        self.last: Step | None = None  # at each cut it starts anew, which costs it nothing
        self._exact = Decimal(repr(step))
        self._potentials: Any = system.layout.algebraic
        self._y: Array = np.zeros(system.size)
        self._y_old, self._yp = self._y, self._y
        self._fresh = False  # whether the Jacobian is one of this start

    @classmethod
    def of(cls, system: System) -> FixedStep:
        """As [noise] of the problem says.  Raises InputError."""
        noise = system.problem.noise
        assert noise is not None
        kT, fluctuations = noise.energy(system.film, system.space.dim), None
        if kT > 0:
            size = Fluctuations.numbers(system, current=noise.has_current)
            path = WienerPath(noise.seed, size, noise.step)
            fluctuations = Fluctuations(system, kT, path, current=noise.has_current)
        return cls(system, noise.step, noise.method, fluctuations)

    def pace(self) -> None:
        """None: steps have their length."""

    def start(self, t: float, y: Array, yp: Array, pace: float | None = None) -> None:
        """Begin at t with consistent y and y'."""
        self.system.newton.restart()
        self._fresh = False
        self.t = self._t_old = t
        self._y = self._y_old = y
        self._yp = yp

    def steps(self, t_stop: float) -> Iterator[Step]:
        """Steps until exactly t_stop.  Raises SolverStopped where one cannot be solved, and StepInterrupted."""
        while self.t < t_stop:
            due = min(self._due(), t_stop)
            if t_stop - due <= ON_THE_GRID * self.step:
                due = t_stop
            while self.t < due:
                yield self._halved_step(due)

    def _due(self) -> float:
        """The next time of the grid."""
        number = math.floor(self.t / self.step + ON_THE_GRID) + 1
        return float(number * self._exact)

    def _halved_step(self, due: float) -> Step:
        """A step to a time of the grid, or as much of it as can be solved."""
        reason = ""
        for _ in range(HALVED + 1):
            try:
                with np.errstate(all="ignore"):
                    return self._accept(due, self._stage(due))
            except (RuntimeError, ValueError, ArithmeticError, MemoryError) as error:
                reason = str(error)
                due = 0.5 * (self.t + due)
        raise SolverStopped(
            f"a step of {due - self.t:.3g} cannot be solved: {reason}; a smaller noise.step", time=self.t
        )

    def _accept(self, t: float, stage: Array) -> Step:
        y = self._y + (stage - self._y) / self.theta
        y[self._potentials] = stage[self._potentials]
        yp = (y - self._y) / (t - self.t)
        yp[self._potentials] = 0.0
        self._y_old, self._y, self._yp = self._y, y, yp
        self._t_old, self.t = self.t, t
        self.step_count += 1
        return Step(t, self._t_old, y, yp)

    def _stage(self, t: float) -> Array:
        """y_s of a step to t.  Raises ArithmeticError where Newton's iteration does not converge."""
        system, newton, start = self.system, self.system.newton, self._y
        cj = 1 / (self.theta * (t - self.t))
        at = self.t + self.theta * (t - self.t)
        forces, load = None, None
        if self.fluctuations is not None:
            transport = self._transport(at)
            forces = self.fluctuations.forces(self.t, t, start, transport)
            load = self.fluctuations.load(forces, transport)
        y, last = start.copy(), math.inf
        for _ in range(MOST):
            if self.interrupted:
                raise StepInterrupted
            yp = (y - start) * cj
            F = self._residual(at, y, yp)
            if load is not None:
                F = F + load
            if forces is not None and system.heat is not None and self.fluctuations is not None:
                self.fluctuations.add_heat(forces, y, yp, self._transport(at), F)
            if not self._fresh or abs(cj / newton.cj - 1) > SAME:
                newton.setup(at, y, yp, F, cj)
                self._fresh, last = True, math.inf
            change = newton.inverse(F)
            y = y - change
            size = float((np.abs(change) / (1 + np.abs(y))).max())
            if not math.isfinite(size):
                self._fresh = False
                raise ArithmeticError("the solution leaves the finite")
            if size <= SHARE * system.problem.time.rtol:
                return y
            self._fresh = size <= SLOW * last
            last = size
        raise ArithmeticError("Newton's iteration does not converge")

    def _residual(self, t: float, y: Array, yp: Array) -> Array:
        """F without noise."""
        return self.system.residual(t, y, yp)

    def _transport(self, t: float) -> Any:
        """The transport at a time, as the fluctuations take it."""
        return self.system.transport(t)

    def order(self) -> int:
        """Order of the method, without noise."""
        return 2 if self.theta == THETA["midpoint"] else 1

    def dense(self, t: float) -> tuple[Array, Array]:
        """y and y' at a time inside the last step."""
        share = (t - self._t_old) / (self.t - self._t_old)
        y: Any = self._y_old + share * (self._y - self._y_old)
        y[self._potentials] = self._y[self._potentials]
        return y, self._yp
