"""Time integration by SUNDIALS IDA (variable-order, variable-step BDF), one accepted step at a time.

The order, the step size, the error test and the dense output are IDA's business.  Two things are ours:

* The integrator starts anew at checkpoints and at corners of the drive, always with the same first step, so that
  a resumed run repeats the uninterrupted one to the bit.
* The first step is given: IDA would estimate it from the distance to the requested time, which fails the error test.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import SolverStopped
from femtdgl.solve.system import System

Array = NDArray[np.float64]

FIRST_STEP = 1e-6

KRYLOV = 30
"""Krylov vectors of GMRES: more than are ever needed."""


class Step(NamedTuple):
    """One accepted step: it ends at `t` with y and y', and began at `t_old`."""

    t: float
    t_old: float
    y: Array
    yp: Array


class Integrator:
    """IDA on a System.  `start`, then iterate `steps(t_stop)`; `dense(t)` reads the solution inside the last step."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.t = self._t_old = 0.0
        self.step_count = 0
        self._ida: Any = None

    def _residual(self, t: float, y: Array, yp: Array, F: Array) -> None:
        F[:] = self.system.residual(t, y, yp)

    def _jacobian(self, t: float, y: Array, yp: Array, F: Array, cj: float, J: Array) -> None:
        J[:] = self.system.jacobian(t, y, yp, cj)

    def _direct(self) -> dict[str, Any]:
        """Options of IDA for sparse LU of the whole Jacobian."""
        return {"linsolver": "sparse", "jacfn": self._jacobian, "sparsity": self.system.pattern, "nthreads": 1}

    def _iterative(self) -> dict[str, Any]:
        """Options of IDA for GMRES with the preconditioner of `linear`."""
        from sksundae.ida import IDAJacTimes, IDAPrecond

        blocks = self.system.blocks
        return {
            "linsolver": "gmres",
            "krylov_dim": KRYLOV,
            "precond": IDAPrecond(blocks.setup, blocks.solve),
            "jactimes": IDAJacTimes(None, blocks.times),
        }

    def start(self, t: float, y: Array, yp: Array) -> None:
        """Begin at t with consistent y and y'."""
        from sksundae.ida import IDA

        system, options = self.system, self.system.problem.time
        with warnings.catch_warnings():  # it says that it will use our Jacobian: that is what we want
            warnings.filterwarnings("ignore", message="Custom sparse Jacobian approximation")
            self._ida = IDA(
                self._residual,
                rtol=options.rtol,
                atol=options.rtol if options.atol is None else options.atol,
                algebraic_idx=system.algebraic,
                first_step=FIRST_STEP,
                max_step=options.max_step or 0.0,
                max_num_steps=100_000,
                **(self._iterative() if system.iterative else self._direct()),
            )
        self._ida.init_step(t, y, yp)
        self.t = t

    def steps(self, t_stop: float) -> Iterator[Step]:
        """Accepted steps until exactly t_stop.  Raises SolverStopped when IDA gives up."""
        self.system.horizon = t_stop
        while self.t < t_stop:
            try:
                result = self._ida.step(t_stop, method="onestep", tstop=t_stop)
            except (RuntimeError, ValueError, FloatingPointError) as error:
                raise SolverStopped(str(error), time=self.t) from error
            if not result.success:
                raise SolverStopped(result.message, time=self.t)
            if not np.all(np.isfinite(result.y)):
                raise SolverStopped("the solution is not finite", time=self.t)
            if result.t <= self.t:  # after dense output IDA first returns to the end of its last step
                continue
            step = Step(result.t, self.t, result.y, result.yp)
            self.t, self._t_old = result.t, self.t
            self.step_count += 1
            yield step
        self.system.horizon = np.inf

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
        result = self._ida.step(t, method="normal")
        return result.y, result.yp
