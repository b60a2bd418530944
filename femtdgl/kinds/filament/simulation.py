"""One run of a filament: the march, its record, the rules that stop it and its checkpoints, put together."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from femtdgl.files.checkpoint import read_checkpoint, write_checkpoint
from femtdgl.files.results import ResultWriter
from femtdgl.kinds.filament.progress import FilamentProgress
from femtdgl.kinds.filament.start import initial_psi, initial_temperatures
from femtdgl.kinds.kind import Watch
from femtdgl.measure.record import Record
from femtdgl.problem.problem import Problem
from femtdgl.solve.integrate import Step
from femtdgl.solve.march import March
from femtdgl.solve.stopping import Stopping
from femtdgl.solve.system import System

Array = NDArray[np.float64]


class Simulation:
    """One run of a problem.  Building it finds all that is wrong with the problem; nothing is written until `run`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.system = System(problem)
        self.march = March(self.system)
        self.record = Record(self.system)
        self.stopping = Stopping(self.system)
        self.stop_reason = ""
        self.interrupted = False
        self.start = self.system.initial(initial_psi(problem, self.system), *initial_temperatures(problem, self.system))
        self._cpu_before = 0.0
        self._cpu_start: float | None = None  # while `run` is under way

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the march, probes and stored fields included, over all its pieces."""
        since = 0.0 if self._cpu_start is None else time.process_time() - self._cpu_start
        return self._cpu_before + since

    def run(self, writer: ResultWriter, *, resume: bool = False, watch: Watch | None = None) -> float:
        """March to the end, to a reason to stop, or until `interrupted` is set, into the directory of the writer.

        Returns the time reached.  Raises SolverStopped when the integrator gives up; what was recorded is on disk.
        """
        self._cpu_start = time.process_time()
        y, yp = self.system.consistent(0.0, self.start)
        self.record.open(writer, 0.0, y, yp)
        t = 0.0
        if resume:
            t, y = self._restore(writer)
        else:
            self.record.first(t, y, yp)
            self._save(writer, t, y)
        self.record.begin(t, y)
        try:
            while t < self.problem.time.t_end and not self.stop_reason:
                cut = self.march.next_cut(t)
                for step in self.march.steps(t, y, cut):
                    self.record.after(step, self.march.integrator.dense)
                    t, y = step.t, step.y
                    if t == cut.t and self.system.potential is not None:
                        self.record.flush()  # A_t may jump here: what is seen is before the jump
                    if watch is not None:
                        watch(self._progress(step))
                    reason = self.stopping.reason(step, self.record.recent)
                    self.stop_reason = "interrupted" if self.interrupted else reason
                    if self.stop_reason:
                        break
                if cut.is_checkpoint and not self.stop_reason:
                    self._save(writer, t, y)
                if self.system.potential is not None:
                    self.record.begin(t, y)  # a jump of A here is no slip
            self.stop_reason = self.stop_reason or "t_end"
        finally:
            self.record.commit()
            self._cpu_before, self._cpu_start = self.cpu_seconds, None
        return t

    def _save(self, writer: ResultWriter, t: float, y: Array) -> None:
        self.record.commit()
        state = {
            "t": t, "y": y, "calm_since": self.stopping.calm_since, "parts": writer.parts,
            "steps": self.march.integrator.step_count, "cpu_seconds": self.cpu_seconds, **self.record.state(),
        }  # fmt: skip
        write_checkpoint(writer.directory, state)

    def _restore(self, writer: ResultWriter) -> tuple[float, Array]:
        state = read_checkpoint(writer.directory)
        self.record.restore(state)
        self.stopping.calm_since = state["calm_since"]
        self.march.integrator.step_count, self._cpu_before = state["steps"], state["cpu_seconds"]
        writer.reopen(state["parts"], self.record.rows)
        return state["t"], state["y"]

    def _progress(self, step: Step) -> FilamentProgress:
        return FilamentProgress(
            t=step.t,
            t_end=self.problem.time.t_end,
            step=step.t - step.t_old,
            order=self.march.integrator.order,
            slips=self.record.rows["slips"],
            voltage=float(self.system.voltage(step.t, step.y)),
            steps=self.march.steps_taken,
        )
