"""Simulation: the march of a filament through time, with all that is recorded on the way.

The run is cut at checkpoints and at the corners of the drive.  At each cut the integrator starts anew from consistent
values, in an uninterrupted run and in a resumed one alike: that makes a resumed run the same to the bit.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from femtdgl.errors import InputError
from femtdgl.files.checkpoint import read_checkpoint, write_checkpoint
from femtdgl.files.results import ResultWriter
from femtdgl.kinds.kind import Progress, Watch
from femtdgl.measure.probes import STANDARD, Probe, center_probe, heat_probes, named_probes
from femtdgl.problem.boundary import Bank, NormalContact
from femtdgl.problem.heat import of_electrons
from femtdgl.problem.problem import Problem, Stop
from femtdgl.solve.integrate import Integrator, Step
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.slips import find_slips, without_zeros
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

REST = 5.0  # t0 that a steady state must last
NEAR_BANK = 2.0  # xi over which a bank makes a normal filament superconducting
POINTS_AT_ONCE = 20_000  # quadrature points of a batch of states
SERIES = 6  # intervals between slips that must agree for `stop.periodic`


def initial_psi(problem: Problem, system: System) -> Complex:
    """Nodal psi at t = 0: one less the dips, noise inside, 0 on normal contacts; or the end of another run."""
    space, start = system.space, problem.initial
    if start.file is not None:
        from femtdgl.files.reader import Result

        psi = Result(start.file).last_psi()
        if psi.shape != (space.N,):
            raise InputError(
                f"holds {psi.size} nodes, this mesh has {space.N}",
                key="initial.file",
                allowed="a run on the same mesh",
            )
    else:
        psi = np.ones(space.N, dtype=np.complex128)
        for dip in start.dips:
            psi -= dip(space.nodes)
    inside = np.ones(space.N, dtype=bool)
    for name, condition in problem.boundary.items():
        nodes = space.boundary_nodes(name)
        if isinstance(condition, NormalContact):
            psi[nodes] = 0.0
        if isinstance(condition, Bank | NormalContact):
            inside[nodes] = False
        if isinstance(condition, Bank):
            psi[nodes] /= np.maximum(np.abs(psi[nodes]), 1e-300)
    if start.noise:
        random = np.random.default_rng(start.seed)
        noise = random.normal(scale=start.noise, size=(2, space.N))
        psi[inside] += noise[0, inside] + 1j * noise[1, inside]
    return psi


def initial_temperatures(problem: Problem, system: System) -> tuple[Array | None, dict[str, float]]:
    """Nodal T at t = 0, (fields, N), and lumped nodes, where the run starts from the end of a heated one.

    One temperature serves both fields, and T_e serves one.
    """
    if problem.initial.file is None or system.heat is None:
        return None, {}
    from femtdgl.files.reader import Result

    earlier, heat = Result(problem.initial.file), system.heat
    one = of_electrons(earlier.field_names)
    if one is None:
        return None, {}
    names = [name if name in earlier.field_names else one for name in heat.field_names]
    T = np.stack([earlier.read(f"fields/{name}", -1) for name in names])
    found = {name: f"T_node_{name}" for name in heat.temperatures.nodes if f"T_node_{name}" in earlier.probes}
    return T, {name: float(earlier.probes[probe][-1]) for name, probe in found.items()}


class Simulation:
    """One run of a problem.  Building it finds all that is wrong with the problem; nothing is written until `run`."""

    writer: ResultWriter
    directory: Path

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.system = System(problem)
        self.integrator = Integrator(self.system)
        space = self.system.space
        self.path = self.system.path
        self.center = int(np.argmin(np.sum((space.nodes - space.nodes.mean(axis=1, keepdims=True)) ** 2, axis=0)))
        self.probes: list[Probe] = [*STANDARD, center_probe(self.center)]
        if self.system.heat is not None:
            self.probes += heat_probes(self.system.heat)
        self.probes += named_probes(problem, space, self.probes)
        self.rows = {"fields": 0, "probes": 0, "slips": 0}
        self.batch = int(np.clip(POINTS_AT_ONCE // space.nq, 1, 64))
        self._pending: dict[str, list[tuple[float, Array, Array]]] = {"fields": [], "probes": []}
        self.frame, self.sample = 0, 0  # index of the next stored fields, of the next probe at an interval
        self.recent: list[float] = []  # times of the last slips
        self.calm_since = math.inf
        self.stop_reason = ""
        self.interrupted = False
        self.cpu_before = 0.0
        self.cpu_start: float | None = None  # while `run` is under way
        self.start = self.system.initial(initial_psi(problem, self.system), *initial_temperatures(problem, self.system))
        self._beyond_banks = self._nodes_beyond_banks()

    def _nodes_beyond_banks(self) -> NDArray[np.bool_]:
        """Nodes farther from every bank than a bank reaches into a normal filament."""
        space, far = self.system.space, np.ones(self.system.space.N, dtype=bool)
        for nodes in self.system.layout.bank_nodes:
            far &= cKDTree(space.nodes[:, nodes].T).query(space.nodes.T)[0] > NEAR_BANK
        return far

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the march, probes and stored fields included, over all its pieces."""
        since = 0.0 if self.cpu_start is None else time.process_time() - self.cpu_start
        return self.cpu_before + since

    # ---- recording ----------------------------------------------------------------------------------------

    def _declare(self, first: Snapshots) -> None:
        self.writer.declare("fields", **self._fields(first))
        self.writer.declare("probes", **self._numbers(first))
        self.writer.declare("slips", t=np.zeros(1), x=np.zeros((1, self.system.space.dim)), winding=np.zeros(1, int))

    def _fields(self, at: Snapshots) -> dict[str, Any]:
        j_s, j_int, j_n = at.currents.astype(np.float32)  # recovered, not solved for: 7 digits are more than they have
        w = self.system.space.project(at.dissipation).astype(np.float32)
        heat = {} if self.system.heat is None else at.heat.by_name
        return {
            "t": at.t, "psi": at.psi, "psi_t": at.psi_t, "phi": at.phi, "j_s": j_s, "j_int": j_int, "j_n": j_n, "w": w,
            **heat,
        }  # fmt: skip

    def _numbers(self, at: Snapshots) -> dict[str, Any]:
        return {"t": at.t, **{probe.name: probe(at) for probe in self.probes}}

    def _keep(self, group: str, t: float, y: Array, yp: Array) -> None:
        """Remember a state; a batch of them is worked out and recorded at once."""
        pending = self._pending[group]
        pending.append((t, y, yp))
        self.rows[group] += 1
        if len(pending) >= self.batch:
            self._record_pending(group)

    def _record_pending(self, group: str) -> None:
        if self._pending[group]:
            t, y, yp = (np.array(part) for part in zip(*self._pending[group], strict=True))
            snapshots = Snapshots(self.system, t, y, yp)
            self.writer.add(group, **(self._fields if group == "fields" else self._numbers)(snapshots))
            self._pending[group].clear()

    def _commit(self) -> None:
        for group in self._pending:
            self._record_pending(group)
        self.writer.commit()

    def _psi_on_path(self, y: Array) -> Complex:
        return self.path.psi(self.system.psi(y))

    def _record_slips(self, step: Step, old: Complex, new: Complex) -> None:
        path, dense = self.path, self.integrator.dense
        slips = find_slips(step.t_old, old, step.t, new, lambda t: self._psi_on_path(dense(t)[0]), path.broken)
        for slip in slips:
            self.writer.add("slips", t=[slip.t], x=[path.at(slip.place)], winding=[slip.winding])
            self.rows["slips"] += 1
            self.recent = [*self.recent, slip.t][-SERIES - 1 :]

    def _after_step(self, step: Step, old: Complex, new: Complex) -> None:
        """Record what fell into a step."""
        output, dense = self.problem.output, self.integrator.dense
        self._record_slips(step, old, new)
        while self.frame * output.fields <= step.t:
            t = self.frame * output.fields
            self._keep("fields", t, *((step.y, step.yp) if t == step.t else dense(t)))
            self.frame += 1
        if isinstance(output.probes, str):
            self._keep("probes", step.t, step.y, step.yp)
        else:
            while self.sample * output.probes <= step.t:
                t = self.sample * output.probes
                self._keep("probes", t, *((step.y, step.yp) if t == step.t else dense(t)))
                self.sample += 1

    # ---- when to stop -------------------------------------------------------------------------------------

    def _reason_to_stop(self, step: Step) -> str:
        stop = self.problem.stop
        if stop == Stop():
            return ""
        now = Snapshots(self.system, np.array(step.t), step.y, step.yp)
        if stop.normal is not None and self._beyond_banks.any() and now.n[0, self._beyond_banks].max() < stop.normal:
            return "normal"
        if stop.periodic is not None and len(self.recent) > SERIES:
            intervals = np.diff(self.recent)
            if np.ptp(intervals) < stop.periodic * intervals.mean():
                return "periodic"
        if stop.steady is not None:
            at_rest = step.t > max(self.problem.corners, default=0.0)
            calm = np.abs(now.n_t).max() <= stop.steady
            if self.system.heat is not None:
                calm &= np.abs(now.heat.rates).max() <= stop.steady * self.system.film.eta  # eps changes so much
            if not at_rest or not calm:
                self.calm_since = math.inf
            else:
                self.calm_since = min(self.calm_since, step.t)
                if step.t - self.calm_since >= REST:
                    return "steady"
        return ""

    # ---- checkpoints --------------------------------------------------------------------------------------

    def _save(self, t: float, y: Array) -> None:
        self._commit()
        state = {
            "t": t, "y": y, "frame": self.frame, "sample": self.sample, "recent": np.array(self.recent),
            "calm_since": self.calm_since, "parts": self.writer.parts, "steps": self.integrator.step_count,
            "cpu_seconds": self.cpu_seconds, **{f"rows_{name}": count for name, count in self.rows.items()},
        }  # fmt: skip
        write_checkpoint(self.directory, state)

    def _restore(self) -> tuple[float, Array]:
        state = read_checkpoint(self.directory)
        self.frame, self.sample = state["frame"], state["sample"]
        self.recent, self.calm_since = list(state["recent"]), state["calm_since"]
        self.integrator.step_count, self.cpu_before = state["steps"], state["cpu_seconds"]
        self.rows = {name: state[f"rows_{name}"] for name in self.rows}
        self.writer.reopen(state["parts"], self.rows)
        return state["t"], state["y"]

    # ---- the march ----------------------------------------------------------------------------------------

    def _next_cut(self, t: float) -> tuple[float, bool]:
        """The next time at which the integrator stops, and whether that is a checkpoint."""
        options = self.problem.time
        checkpoint = (math.floor(t / options.checkpoint * (1 + 1e-12)) + 1) * options.checkpoint
        corners = [corner for corner in self.problem.corners if corner > t]
        cut = min([checkpoint, options.t_end, *corners])
        return cut, cut == checkpoint

    def run(self, writer: ResultWriter, *, resume: bool = False, watch: Watch | None = None) -> float:
        """March to the end, to a reason to stop, or until `interrupted` is set, into the directory of the writer.

        Returns the time reached.  Raises SolverStopped when the integrator gives up; what was recorded is on disk.
        """
        system = self.system
        self.writer, self.directory = writer, writer.directory
        self.cpu_start = time.process_time()
        y, yp = system.consistent(0.0, self.start)
        self._declare(Snapshots(system, np.zeros(1), y, yp))
        t = 0.0
        if resume:
            t, y = self._restore()
        else:
            self._keep("fields", t, y, yp)
            self._keep("probes", t, y, yp)
            self.frame = self.sample = 1
            self._save(t, y)
        t_end = self.problem.time.t_end
        old = self._psi_on_path(y)
        try:
            while t < t_end and not self.stop_reason:
                cut, is_checkpoint = self._next_cut(t)
                y, yp = system.consistent(t, y)
                self.integrator.start(t, y, yp)
                for step in self.integrator.steps(cut):
                    new = without_zeros(self._psi_on_path(step.y), old)
                    self._after_step(step, old, new)
                    old, t, y = new, step.t, step.y
                    if t == cut and system.potential is not None:  # A_t may jump here: what is seen is before the jump
                        for group in self._pending:
                            self._record_pending(group)
                    if watch is not None:
                        watch(self._progress(step))
                    self.stop_reason = "interrupted" if self.interrupted else self._reason_to_stop(step)
                    if self.stop_reason:
                        break
                if is_checkpoint and not self.stop_reason:
                    self._save(t, y)
            self.stop_reason = self.stop_reason or "t_end"
        finally:
            self._commit()
            self.cpu_before, self.cpu_start = self.cpu_seconds, None
        return t

    def _progress(self, step: Step) -> Progress:
        return Progress(
            t=step.t,
            t_end=self.problem.time.t_end,
            step=step.t - step.t_old,
            order=self.integrator.order,
            slips=self.rows["slips"],
            voltage=float(self.system.voltage(step.t, step.y)),
            steps=self.integrator.step_count,
        )
