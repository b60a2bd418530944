"""Time integration by SUNDIALS IDA (variable-order, variable-step BDF), one accepted step at a time.

The order, the step size, the error test and the dense output are IDA's business.  Five things are ours:

* The integrator starts anew at checkpoints, and where the equations jump (`march`), with a first step that depends on
  what the checkpoint holds, so that a resumed run repeats the uninterrupted one to the bit.
* That step is given: IDA would estimate it from the distance to the requested time, which fails the error test.  At a
  checkpoint it comes from how the last step was bent (`pace`): from 1e-3 t0 it takes a dozen steps to be back at its
  length.
* Potentials are out of the error test.  phi has no rate of its own: it follows from psi and d_t psi at each moment,
  and what Newton's iteration leaves of the supercurrent adds up along a wire, to an error of phi that grows as the
  length.  The test takes that for truncation, which no step is short enough for: with phi held to the tolerance of psi
  a wire of 100 xi takes ever more steps as rtol is tightened, and its voltage goes wrong, in silence.  SUNDIALS has a
  switch for it (IDASetSuppressAlg) that scikit-sundae does not hand through; a wide absolute tolerance does the same.
* It would also widen what Newton's iteration and GMRES are asked for, as they are judged by the same weights.  So the
  Jacobian is never old (`newton`): phi is linear in its rows, and one iteration then leaves 1e-6 of it, less than when
  it was tested.  psi also holds phi by itself: an error of phi turns it by as much in a step.
* Where no progress is made, it gives up: IDA itself goes on for ever with steps that no longer move the time.

Phases of banks stay in the test: they have rates, -phi, and psi at the bank has the size of one whatever they are.
Mean temperatures of places stay too: no rate, but they are averages of what is tested.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import SolverStopped
from femtdgl.solve.system import System

Array = NDArray[np.float64]

FIRST_STEPS, MOVE = (1e-6, 1e-3), 0.5
"""The first step, at least and at most, and how far the state moves in it, in tolerances."""

BEND = 0.5
"""Of the tolerance: what a first step may leave out by being straight, see `Integrator.pace`."""

KRYLOV = 30
"""Krylov vectors of GMRES: more than are ever needed."""

POTENTIAL = 1e-2
"""Absolute tolerance of the potentials, in V0; from 1e-3 to 1 and beyond steps and results are the same."""

PATIENCE, LEAST_STEP = 1000, 1e-12
"""Steps in a row that may be shorter, on average, than the least step: t0, far from t = 0 a share of the time."""

STEEP = (
    "something changes faster than any step can follow: a longer ramp, a larger time.rtol or a finer mesh may help; a "
    "vector potential in Python needs `corners`, the times at which it or its rate jumps"
)
SINGULAR = "the equations of a step are singular: the mesh, or a parameter far from 1, may be the cause"
REMEDIES = {
    -1: STEEP,
    -2: "time.rtol is smaller than rounding allows",
    -3: STEEP,
    -4: STEEP,
    -6: SINGULAR,
    -7: SINGULAR,
}
"""What may be the cause and what may help, by IDA's number of the failure."""


class StepInterrupted(Exception):
    """The integrator was told to stop; the last accepted step stands."""


class _Numbers(np.ndarray[Any, Any]):
    """Numbers for scikit-sundae, which asks each for its type, in Python, longer than a step takes: one is shown."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self[:1].tolist())


class Step(NamedTuple):
    """One accepted step: it ends at `t` with y and y', and began at `t_old`."""

    t: float
    t_old: float
    y: Array
    yp: Array

    def times(self, shares: Array) -> Array:
        """Times at shares of the step from -1, its beginning, to 1, its end."""
        return self.t - 0.5 * (self.t - self.t_old) * (1 - shares)

    def share(self, times: Array) -> Array:
        """Times within the step from -1, its beginning, to 1, its end."""
        return (2 * times - self.t_old - self.t) / (self.t - self.t_old)


class _Muffled:
    """Standard output without the messages that IDA prints on a failure: they come as errors too."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.said = stream, False

    def write(self, text: str) -> int:
        if text.startswith("\n[IDA"):
            self.said = True
        elif not (self.said and text == "\n"):
            self.said = False
            self.stream.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Quiet:
    """Without the messages of IDA."""

    def __enter__(self) -> None:
        self._stream = sys.stdout
        sys.stdout = _Muffled(self._stream)

    def __exit__(self, *error: object) -> None:
        sys.stdout = self._stream


class Integrator:
    """IDA on a System.  `start`, then iterate `steps(t_stop)`; `dense(t)` reads the solution inside the last step.

    Once `interrupted` is set, from a signal handler in the middle of a step too, the next callback ends that step.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.t = self._t_old = 0.0
        self.step_count = 0
        self.interrupted = False
        self.last: Step | None = None  # since the start
        self._ida: Any = None

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """A callback for IDA, with the same arguments, that ends the step when the integrator was interrupted."""

        @functools.wraps(callback)
        def guarded(*arguments: Any) -> None:
            if self.interrupted:
                raise StepInterrupted
            callback(*arguments)

        return guarded

    def _residual(self, t: float, y: Array, yp: Array, F: Array) -> None:
        F[:] = self.system.residual(t, y, yp)

    def _tolerances(self) -> Array:
        """Absolute tolerances of the unknowns; those of the potentials leave the error test."""
        options = self.system.problem.time
        tolerances = np.full(self.system.size, options.rtol if options.atol is None else options.atol)
        potentials = self.system.layout.algebraic
        tolerances[potentials] = np.maximum(tolerances[potentials], POTENTIAL)
        return tolerances

    def _size(self, y: Array, change: Array) -> float:
        """Root mean square of a change of the state, in tolerances: what the error test judges by."""
        tolerances = self.system.problem.time.rtol * np.abs(y) + self._tolerances()
        moving = np.delete(change / tolerances, self.system.algebraic)
        return max(float(np.sqrt(np.mean(moving**2))), 1e-300) if moving.size else 1e-300

    def _first_step(self, y: Array, yp: Array, pace: float | None) -> float:
        """That in which the state moves by a part of the tolerance, or `pace` if that is longer."""
        step = float(np.clip(MOVE / self._size(y, yp), *FIRST_STEPS))
        return step if pace is None else max(step, pace)

    def pace(self) -> float | None:
        """A first step to go on with from the end of the last one: h at which h^2 y''/2 is a part of the tolerance.

        y'' is that of the last step, on average; no longer than that step.  None before the first.
        """
        if self.last is None:
            return None
        h = self.t - self._t_old
        bend = self._size(self.last.y, (self.last.yp - self.dense(self._t_old)[1]) / h)
        return min(h, float(np.sqrt(2 * BEND / bend)))

    def start(self, t: float, y: Array, yp: Array, pace: float | None = None) -> None:
        """Begin at t with consistent y and y', with a first step of `pace` if it is known."""
        from sksundae.ida import IDA, IDAJacTimes, IDAPrecond

        system, options, newton = self.system, self.system.problem.time, self.system.newton
        newton.restart()
        self._ida = IDA(
            self._guarded(self._residual),
            rtol=options.rtol,
            atol=self._tolerances().view(_Numbers),
            algebraic_idx=system.algebraic,
            first_step=self._first_step(y, yp, pace),
            max_step=system.problem.longest_step or 0.0,
            max_num_steps=100_000,
            linsolver="gmres",
            krylov_dim=KRYLOV,
            precond=IDAPrecond(self._guarded(newton.setup), self._guarded(newton.solve)),
            jactimes=IDAJacTimes(self._guarded(newton.refresh), self._guarded(newton.times)),
        )
        self._ida.init_step(t, y, yp)
        self.t, self.last = t, None

    def steps(self, t_stop: float) -> Iterator[Step]:
        """Accepted steps until exactly t_stop.

        Raises SolverStopped when IDA gives up or gets nowhere, and StepInterrupted.
        """
        calls, t_then = 0, self.t
        while self.t < t_stop:
            result = self._step(t_stop)
            calls += 1
            if calls >= PATIENCE:
                if self.t - t_then < PATIENCE * LEAST_STEP * max(1.0, abs(self.t)):
                    raise SolverStopped(f"no progress in {PATIENCE} steps; {STEEP}", time=self.t)
                calls, t_then = 0, self.t
            if result.t <= self.t:  # after dense output IDA first returns to the end of its last step
                continue
            self.last = step = Step(result.t, self.t, result.y, result.yp)
            self.t, self._t_old = result.t, self.t
            self.step_count += 1
            yield step

    def _step(self, t_stop: float) -> Any:
        """One step of IDA, or what is left of one after dense output."""
        if self.interrupted:
            raise StepInterrupted
        try:
            with _Quiet(), np.errstate(all="ignore"):  # what leaves the finite is looked for
                result = self._ida.step(t_stop, method="onestep", tstop=t_stop)
        except KeyError as error:  # a failure that scikit-sundae has no words for
            raise SolverStopped(f"IDA gave up with {error.args[0]}", time=self.t) from error
        except (RuntimeError, ValueError, ArithmeticError, MemoryError) as error:
            remedy = f"; {SINGULAR}" if "singular" in str(error).lower() else ""
            raise SolverStopped(f"{error}{remedy}", time=self.t) from error
        if not result.success:
            remedy = REMEDIES.get(result.status, "")
            reason = result.message.rstrip(".")
            raise SolverStopped(f"{reason[:1].lower()}{reason[1:]}{remedy and '; '}{remedy}", time=self.t)
        if not (np.isfinite(result.y).all() and np.isfinite(result.yp).all()):
            reason = "the solution left the finite; the drive, [heat] or the start may be the cause"
            raise SolverStopped(reason, time=self.t)
        return result

    def order(self) -> int:
        """Order of the BDF in the last step: the degree of its dense output, told by differences of samples.

        scikit-sundae does not hand the order through.  For a display; eight evaluations.
        """
        h = self.t - self._t_old
        samples = np.array([self.dense(self.t - h * (1 - k / 7))[0] for k in range(8)])
        scale = np.abs(samples).max(axis=0) + 1e-300
        for degree in range(5, 1, -1):
            if np.max(np.abs(np.diff(samples, n=degree, axis=0)) / scale) > 2.0**degree * 1e-14:
                return degree
        return 1

    def dense(self, t: float) -> tuple[Array, Array]:
        """y and y' at a time inside the last step, from the interpolating polynomial of the BDF."""
        with _Quiet():
            result = self._ida.step(t, method="normal")
        if not result.success:
            raise SolverStopped(f"dense output at {t:.17g}: {result.message}", time=self.t)
        return result.y, result.yp
