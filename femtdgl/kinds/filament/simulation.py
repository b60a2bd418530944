"""One run of a filament: the march, its record, the rules that stop it and its checkpoints, put together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.choice import place
from femtdgl.errors import InputError
from femtdgl.files.checkpoint import END, write_checkpoint
from femtdgl.files.results import ResultWriter
from femtdgl.kinds.filament.extent import extent
from femtdgl.kinds.filament.progress import FilamentProgress
from femtdgl.kinds.filament.start import initial_psi, initial_temperatures
from femtdgl.kinds.filament.summary import Work
from femtdgl.kinds.kind import Watch
from femtdgl.measure.record import Record
from femtdgl.problem.drive import UniformField
from femtdgl.problem.problem import Problem
from femtdgl.solve.integrate import Step, StepInterrupted
from femtdgl.solve.march import March
from femtdgl.solve.stopping import Stopping
from femtdgl.solve.system import System

Array = NDArray[np.float64]


class Simulation:
    """One run of a problem, from its start or from a checkpoint.

    Building it finds all that is wrong with the problem; nothing is written until `run`.  What is stored already, until
    a time after the checkpoint, stays as it is until the run has come that far again.  Raises InputError for a
    checkpoint that does not belong to the problem.
    """

    def __init__(
        self, problem: Problem, checkpoint: Mapping[str, Any] | None = None, *, stored_until: float = 0.0
    ) -> None:
        self.problem, self._stored_until = problem, stored_until
        self.system = System(problem)
        self.extent = extent(problem, self.system.space.N)
        self.march = March(self.system)
        _ = self.system.path  # that there is one is found now
        self.record = Record(self.system)
        self.stopping = Stopping(self.system)
        self.system.space.let_go()
        self.stop_reason = ""
        self._resumed = checkpoint is not None
        self._cpu_before = 0.0
        self._work_before = np.zeros(3, dtype=int)
        self._cpu_start: float | None = None  # while `run` is under way
        self._saved: float | None = None
        self._pace: float | None = None
        if checkpoint is not None:
            self._restore(checkpoint)
        else:
            self.t = 0.0
            self.y = self.system.initial(initial_psi(problem, self.system), *initial_temperatures(problem, self.system))

    def on(self, device: str) -> None:
        """March on a device, "cpu" or "gpu".  Raises InputError where that is not possible."""
        place(self.march, device)

    def interrupt(self) -> None:
        """End the run within the step under way; for signal handlers."""
        self.march.integrator.interrupted = True

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the march, probes and stored fields included, over all its pieces."""
        since = 0.0 if self._cpu_start is None else time.process_time() - self._cpu_start
        return self._cpu_before + since

    @property
    def saved(self) -> float | None:
        """The time of the last checkpoint, None before the first."""
        return self._saved

    @property
    def is_behind(self) -> bool:
        """Whether more is stored than this run has come to: then nothing of it is written."""
        return self.t < self._stored_until

    def run(self, writer: ResultWriter, *, watch: Watch | None = None) -> None:
        """March to the end, to a reason to stop, or until it is interrupted, into the directory of the writer.

        Then `t` is the time reached and `stop_reason` says why; there is a checkpoint at that time.  Raises
        SolverStopped when the integrator gives up, with all that was recorded on the disk, and OSError when that
        cannot be written.
        """
        self._cpu_start = time.process_time()
        self.march.begin(self.t, self._pace)
        y, yp = self.march.consistent(self.t, self.y)
        self.record.open(writer, self.t, y, yp)
        if self._resumed:
            writer.reopen(self.record.rows)
            self._saved = self.t
        else:
            self.y = y
            self.record.first(self.t)
            self._save(writer)
        self.record.begin(self.t, self.y)
        try:
            self._march(writer, watch)
        except StepInterrupted:
            self.stop_reason = "interrupted"
        except OSError:  # nothing more can be written
            self._cpu_before, self._cpu_start = self.cpu_seconds, None
            raise
        finally:
            if self._cpu_start is not None:
                self._save(writer, regular=False)
                self._cpu_before, self._cpu_start = self.cpu_seconds, None

    def _march(self, writer: ResultWriter, watch: Watch | None) -> None:
        while self.t < self.problem.time.t_end and not self.stop_reason:
            cut = self.march.next_cut(self.t)
            steps = self.march.steps(self.t, self.y)
            if self.system.potential is not None:
                self.record.begin(self.t, self.y)  # a jump of A here is no slip
            for step in steps:
                self.record.after(step, self.march.integrator.dense)
                self.t, self.y = step.t, step.y
                if self.t == cut.t:
                    self.record.flush()  # drives may jump here: what is seen is before the jump
                if watch is not None:
                    watch(self._progress(step))
                self.stop_reason = self.stopping.reason(step, self.record.recent, self.record.rows["slips"])
                if self.stop_reason:
                    break
            if cut.is_checkpoint and self.t == cut.t:
                self._save(writer)
        self.stop_reason = self.stop_reason or "t_end"

    def _save(self, writer: ResultWriter, *, regular: bool = True) -> None:
        """Make all that was recorded last, with a checkpoint, unless there is one of this time."""
        if self.t == self._saved or self.is_behind:
            return
        self.record.commit()
        state = {
            "t": self.t, "y": self.y, "calm_since": self.stopping.calm_since,
            "pace": (self.march.pace(self.t) if regular else None) or 0.0,
            "steps": self.march.integrator.step_count, "cpu_seconds": self.cpu_seconds,
            "work": np.array([self.work.jacobians, self.work.factorisations, self.work.iterations]),
            **self.record.state(), **{f"{END}{name}": values for name, values in self._end().items()},
        }  # fmt: skip
        write_checkpoint(writer.directory, state, regular=regular)
        self._saved = self.t

    def _end(self) -> dict[str, Any]:
        """What another run may begin with: fields (N,), and the uniform field B that psi belongs to."""
        heat, potential = self.system.heat, self.system.potential
        found: dict[str, Any] = {"psi": self.system.psi(self.y)}
        if isinstance(potential, UniformField):
            found["B"] = np.array([component(self.system.before(self.t)) for component in potential.components])
        if heat is not None:
            T = heat.temperatures.nodal(heat.temperatures.read(self.y))
            found.update(zip(heat.field_names, T, strict=True))
        return found

    def _restore(self, state: Mapping[str, Any]) -> None:
        """What a checkpoint holds.  Raises InputError where it is not that of this problem."""
        try:
            self.t, self.y = float(state["t"]), np.asarray(state["y"], dtype=float)
            self.record.restore(state)
            self.stopping.calm_since = float(state["calm_since"])
            self._pace = float(state.get("pace", 0.0)) or None
            self.march.integrator.step_count, self._cpu_before = int(state["steps"]), float(state["cpu_seconds"])
            self._work_before = np.array(state.get("work", self._work_before), dtype=int).reshape(3)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(f"holds no checkpoint of a run: {error!r}") from None
        if self.y.shape != (self.system.size,):
            raise InputError(f"holds {self.y.size} unknowns, the problem has {self.system.size}")
        counts = (self.march.steps_taken, self.record.frame, self.record.sample, *self.record.rows.values())
        if not (self.t >= 0 and np.isfinite([self.t, *self.y]).all() and min(counts) >= 0):
            raise InputError("holds no state of a run: a number in it is negative, or not finite")

    @property
    def work(self) -> Work:
        """What the integrator did, also before the run was resumed."""
        counts = self.system.newton.counts
        made, factors, iterations = (int(n) for n in self._work_before)
        return Work(
            jacobians=made + counts["setup"],
            factorisations=factors + counts["phi_setup"],
            iterations=iterations + counts["times"],
        )

    def _progress(self, step: Step) -> FilamentProgress:
        return FilamentProgress(
            t=step.t,
            t_end=self.problem.time.t_end,
            step=step.t - step.t_old,
            find_order=self.march.integrator.order,
            slips=self.record.rows["slips"],
            voltage=float(self.system.voltage(step.t, step.y)),
            steps=self.march.steps_taken,
            scales=self.problem.film.scales,
        )
