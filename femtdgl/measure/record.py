"""What is kept of a run: fields and probes at their times, slips where they fall.

Integrals over time of what is linear in the state, the voltages, belong to the integrator's dense output: two points of
Gauss a step, whether or not probes are kept at each.

States wait in small batches, because many at once are several times cheaper to observe than one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.probes import (
    CONDENSATION,
    STANDARD,
    Probe,
    center_probe,
    field_probe,
    free_probe,
    heat_probes,
    named_probes,
    phonon_probes,
)
from femtdgl.problem.waveform import Waveform
from femtdgl.solve.crossings import Rim
from femtdgl.solve.integrate import Step
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.slips import find_slips, without_zeros
from femtdgl.solve.stopping import beyond_banks
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Dense = Callable[[float], tuple[Array, Array]]

LARGE, SAMPLES = 20_000, 0.1
"""Nodes from which on probes are kept at an interval unless the problem says otherwise, and that interval, in t0."""
POINTS_AT_ONCE = 20_000
"""Quadrature points of a batch of states."""
GAUSS = np.array([-1.0, 1.0]) / np.sqrt(3.0)
"""Points in (-1, 1), of weight 1 each."""
REMEMBERED = 7
"""Times of slips that are kept at hand, for the rules that stop a run."""


class Series(Protocol):
    """Where a record goes: named groups of series, appended to and committed now and then."""

    def declare(self, group: str, **examples: Any) -> None:
        """Name the series of a group, with an entry each."""

    def add(self, group: str, **values: Any) -> None:
        """More entries for every series of a group."""

    def commit(self) -> None:
        """Make what was added last."""


class Record:
    """The record of a run: `open` it, tell it the `first` state and `after` each step what `dense` output there is."""

    def __init__(self, system: System) -> None:
        self.system, self.output = system, system.problem.output
        space = system.space
        center = int(np.argmin(np.sum((space.nodes - space.nodes.mean(axis=1, keepdims=True)) ** 2, axis=0)))
        self.probes: list[Probe] = [*STANDARD, center_probe(center), free_probe(beyond_banks(system))]
        if isinstance(system.problem.drive.field, Waveform):
            self.probes.append(field_probe(system.problem.drive.field))
        if system.landscape.moves:
            self.probes.append(CONDENSATION)
        if system.heat is not None:
            self.probes += heat_probes(system.heat)
        if system.phonons is not None:
            self.probes += phonon_probes(system.phonons.own is not None)
        self.probes += named_probes(system.problem, space, self.probes)
        self.integrated = [probe for probe in self.probes if probe.integrated]
        self.totals = np.zeros(len(self.integrated))
        self.rows = {"fields": 0, "probes": 0, "integrals": 0, "slips": 0}
        self.frame, self.sample = 0, 0  # index of the next stored fields, of the next probe at an interval
        self.recent: list[float] = []  # times of the last slips
        self._samples = self._interval()
        self.noise = system.problem.time.noise
        self._rim = Rim(space, system.layout.held) if space.dim == 2 else None
        self.vortices = np.zeros(2, dtype=int)  # that came in and went out at free edges, by their vorticity
        self._batch = int(np.clip(POINTS_AT_ONCE // space.nq, 1, 64))
        self._pending: dict[str, list[tuple[float, Array, Array]]] = {"fields": [], "probes": []}
        self._series: Series | None = None
        self._last_psi: Complex = np.empty(0, dtype=np.complex128)  # on the path of slips, at the end of the last step
        self._last_nodal: Complex = self._last_psi  # at the nodes, in the plane
        self._last_link: Array | float = 0.0

    def _interval(self) -> float | None:
        """That of the probes; None: every step."""
        asked = self.output.probes
        if asked is None:
            return min(SAMPLES, 0.1 * self.system.problem.time.t_end) if self.system.space.N > LARGE else None
        return None if isinstance(asked, str) else asked

    @property
    def series(self) -> Series:
        """Where the record goes."""
        assert self._series is not None, "the record was not opened"
        return self._series

    def open(self, series: Series, t: float, y: Array, yp: Array) -> None:
        """Name what will be kept, by the example of a state."""
        self._series = series
        example = Snapshots(self.system, np.array([t]), y, yp)
        series.declare("fields", **self._fields(example))
        series.declare("probes", **self._numbers(example))
        series.declare("integrals", **self._integrals(np.zeros(1)))
        series.declare("slips", t=np.zeros(1), x=np.zeros((1, self.system.space.dim)), winding=np.zeros(1, int))

    def first(self, t: float, y: Array, yp: Array) -> None:
        """Keep the state at the start."""
        for group in self._pending:
            self._keep(group, t, y, yp)
        self._add_integrals(t)
        self.frame = self.sample = 1

    def begin(self, t: float, y: Array) -> None:
        """Slips are looked for from this state on."""
        self._last_nodal, self._last_link = self.system.psi(y), self._link(t)
        self._last_psi = self.system.path.psi(self._last_nodal, self.system.before(t))

    def after(self, step: Step, dense: Dense) -> None:
        """Keep what fell into a step."""
        nodal = self.system.psi(step.y)
        new = without_zeros(self.system.path.psi(nodal, self.system.before(step.t)), self._last_psi)
        if self._rim is not None:
            link = self._link(step.t)
            crossed = self._rim.crossings(self._last_nodal, nodal, self.noise, self._last_link, link)
            self.vortices = self.vortices + crossed
            self._last_nodal, self._last_link = nodal, link
        self._find_slips(step, new, dense)
        self._integrate(step, dense)
        self.frame = self._keep_at("fields", self.output.fields, self.frame, step, dense)
        if self._samples is None:
            self._keep("probes", step.t, step.y, step.yp)
        else:
            self.sample = self._keep_at("probes", self._samples, self.sample, step, dense)
        self._last_psi = new

    def flush(self) -> None:
        """Work out every state that waits."""
        for group in self._pending:
            self._work_out(group)

    def commit(self) -> None:
        """Work out what waits, and make all of it last."""
        self.flush()
        self.series.commit()

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold to go on with the record."""
        counts = {f"rows_{name}": count for name, count in self.rows.items()}
        recent = np.array(self.recent)
        return {
            "frame": self.frame, "sample": self.sample, "recent": recent, "totals": self.totals,
            "vortices": self.vortices, **counts,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        self.frame, self.sample, self.recent = state["frame"], state["sample"], list(state["recent"])
        self.totals = np.atleast_1d(state["totals"])
        self.vortices = state["vortices"]
        self.rows = {name: state[f"rows_{name}"] for name in self.rows}

    def _link(self, t: float) -> Array | float:
        """int A.dl between neighbouring nodes of the free edges, (edges,)."""
        if self._rim is None or self.system.potential is None:
            return 0.0
        return self._rim.link(self.system.potential, self.system.before(t))

    def _psi_on_path(self, t: float, y: Array) -> Complex:
        return self.system.path.psi(self.system.psi(y), self.system.before(t))

    def _find_slips(self, step: Step, new: Complex, dense: Dense) -> None:
        path = self.system.path
        on_path = lambda t: self._psi_on_path(t, dense(t)[0])  # noqa: E731
        found = find_slips(step.t_old, self._last_psi, step.t, new, on_path, path.broken, path.length, self.noise)
        for slip in found:
            # the phase along the path gives back what V has wound up: a positive V goes with a positive winding
            self.series.add("slips", t=[slip.t], x=[path.at(slip.place)], winding=[-slip.winding])
            self.rows["slips"] += 1
            self.recent = [*self.recent, slip.t][-REMEMBERED:]

    def _integrate(self, step: Step, dense: Dense) -> None:
        """Add the integrals over a step."""
        half = 0.5 * (step.t - step.t_old)
        times = step.t - half * (1 - GAUSS)
        y, yp = (np.array(part) for part in zip(*(dense(t) for t in times), strict=True))
        inside = Snapshots(self.system, times, y, yp)
        self.totals = self.totals + half * np.array([probe(inside).sum() for probe in self.integrated])
        self._add_integrals(step.t)

    def _add_integrals(self, t: float) -> None:
        self.series.add("integrals", **self._integrals(np.array([t])))
        self.rows["integrals"] += 1

    def _integrals(self, t: Array) -> dict[str, Any]:
        made = {"t": t, **{p.name: [total] for p, total in zip(self.integrated, self.totals, strict=True)}}
        if self._rim is not None:
            made |= {"vortices_gained": [self.vortices[0]], "vortices_lost": [self.vortices[1]]}
        return made

    def _keep_at(self, group: str, interval: float, index: int, step: Step, dense: Dense) -> int:
        """Keep the states at multiples of an interval that fell into a step; the next index."""
        while index * interval <= step.t:
            t = index * interval
            self._keep(group, t, *((step.y, step.yp) if t == step.t else dense(t)))
            index += 1
        return index

    def _keep(self, group: str, t: float, y: Array, yp: Array) -> None:
        pending = self._pending[group]
        pending.append((t, y, yp))
        self.rows[group] += 1
        if len(pending) >= self._batch:
            self._work_out(group)

    def _work_out(self, group: str) -> None:
        if self._pending[group]:
            t, y, yp = (np.array(part) for part in zip(*self._pending[group], strict=True))
            snapshots = Snapshots(self.system, t, y, yp)
            self.series.add(group, **(self._fields if group == "fields" else self._numbers)(snapshots))
            self._pending[group].clear()

    def _fields(self, at: Snapshots) -> dict[str, Any]:
        j_s, j_int, j_n = at.currents.astype(np.float32)  # recovered, not solved for: 7 digits are more than they have
        w = self.system.space.density(at.dissipation).astype(np.float32)
        more = {} if self.system.heat is None else at.heat.by_name
        if self.system.phonons is not None:
            more = {**more, "p": self.system.space.project(at.feedback)}
        if self.system.spectrum is not None:
            dN = np.moveaxis(self.system.spectrum.nodal(at.y), -1, -2)
            more = {**more, "dN": dN.astype(np.float32)}
        return {
            "t": at.t, "psi": at.psi, "psi_t": at.psi_t, "phi": at.phi, "j_s": j_s, "j_int": j_int, "j_n": j_n, "w": w,
            **at.magnetic, **more,
        }  # fmt: skip

    def _numbers(self, at: Snapshots) -> dict[str, Any]:
        return {"t": at.t, **{probe.name: probe(at) for probe in self.probes}}
