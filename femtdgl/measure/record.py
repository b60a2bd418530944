"""What is kept of a run: fields and probes at their times, slips where they fall.

Integrals over time of what is linear in the state, the voltages, belong to the integrator's dense output: two or three
points of Gauss a step, whether or not probes are kept at each.

States wait in small batches, because many at once are several times cheaper to observe than one after the other.

In large problems a state costs milliseconds to observe, and probes may be asked for many times a step.  What is read
off the unknowns, such as a voltage, is taken at each of these times; densities, which have to be worked out at all
points of the quadrature, at three times a step, those of Gauss, with a parabola through them.  In vortex flow that
misses less than what rates jump by from step to step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
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
    ring_probes,
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
POINTS_AT_ONCE = 10_000
"""Quadrature points of a batch of states; where one state has more, densities are worked out at three times a step.
For arrays of twice as many the C library takes memory from the system and gives it back again and again, which costs
more than the arithmetic."""
GAUSS = {2: np.array([-1.0, 1.0]) / np.sqrt(3.0), 3: np.array([-1.0, 0.0, 1.0]) * np.sqrt(0.6)}
WEIGHTS = {2: np.ones(2), 3: np.array([5.0, 8.0, 5.0]) / 9}
"""Gauss's points in (-1, 1) and their weights: for the integrals over a step, and three of them for its densities where
more times of probes than these fall into it.  The end of a step is none of them: where IDA changes its step, d_t psi
there is not that of the dense output."""
REMEMBERED = 7
"""Times of slips that are kept at hand, for the rules that stop a run."""


def lagrange(points: Array, x: Array) -> Array:
    """Weights (x, points) with which a polynomial through values at `points` is read at x."""
    made = np.ones((x.size, points.size))
    for k, point in enumerate(points):
        for other in np.delete(points, k):
            made[:, k] *= (x - other) / (point - other)
    return made


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
        if space.seam is not None:
            dense = [replace(probe, density=True) if probe.name == "current" else probe for probe in self.probes]
            self.probes = [*dense, *ring_probes(system.problem.drive.flux)]  # round a ring it is a mean over all of it
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
        self._pending: dict[str, list[Snapshots]] = {"fields": [], "probes": []}
        self._steps: list[tuple[Step, list[Snapshots], Array]] = []  # with the states at GAUSS, and crossings
        self._series: Series | None = None
        self._example: dict[str, dict[str, Any]] = {}  # the state at the start, until it is kept
        self._last_psi: Complex = np.empty(0, dtype=np.complex128)  # on the path of slips, at the end of the last step
        self._last_rim: Complex = self._last_psi  # at the nodes of the free edges, in the plane
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
        self._example = {"fields": self._fields(example), "probes": self._numbers(example)}
        for group, made in self._example.items():
            series.declare(group, **made)
        series.declare("integrals", **self._integrals(np.zeros(1), self.totals[None], self.vortices[None]))
        series.declare("slips", t=np.zeros(1), x=np.zeros((1, self.system.space.dim)), winding=np.zeros(1, int))

    def first(self, t: float) -> None:
        """Keep the state at the start, which was the example."""
        for group, made in self._example.items():
            self.series.add(group, **made)
            self.rows[group] += 1
        self._add_integrals(np.array([t]), self.totals[None], self.vortices[None])
        self.frame = self.sample = 1

    def begin(self, t: float, y: Array) -> None:
        """Slips are looked for from this state on."""
        self._example = {}
        self._last_psi = self._psi_on_path(t, y)
        if self._rim is not None:
            self._last_rim, self._last_link = self.system.psi(y, self._rim.nodes), self._link(t)

    def after(self, step: Step, dense: Dense) -> None:
        """Keep what fell into a step."""
        new = without_zeros(self._psi_on_path(step.t, step.y), self._last_psi)
        if self._rim is not None:
            rim, link = self.system.psi(step.y, self._rim.nodes), self._link(step.t)
            self.vortices = self.vortices + self._rim.crossings(self._last_rim, rim, self.noise, self._last_link, link)
            self._last_rim, self._last_link = rim, link
        self._find_slips(step, new, dense)
        within = self._falls_within(step)
        states = [self._dense(float(t), dense) for t in step.times(GAUSS[3 if within else 2])]
        self._wait(step, states)
        self.frame = self._keep_at("fields", self.output.fields, self.frame, step, dense)
        if self._samples is None:
            self._keep("probes", Snapshots(self.system, np.array([step.t]), step.y, step.yp))
        elif within:
            self._keep_within(step, states, dense)
        else:
            self.sample = self._keep_at("probes", self._samples, self.sample, step, dense)
        self._last_psi = new

    def flush(self) -> None:
        """Work out every state that waits."""
        for group in self._pending:
            self._work_out(group)
        self._integrate()

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
            "vortices": self.vortices, "interval": self._samples or 0.0, **counts,
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state`."""
        self.frame, self.sample, self.recent = state["frame"], state["sample"], list(state["recent"])
        self.totals = np.atleast_1d(state["totals"])
        self.vortices = state["vortices"]
        if self.output.probes is None and "interval" in state:  # which follows from the end that was asked for then
            self._samples = float(state["interval"]) or None
        self.rows = {name: state[f"rows_{name}"] for name in self.rows}

    def _link(self, t: float) -> Array | float:
        """int A.dl between neighbouring nodes of the free edges, (edges,)."""
        if self._rim is None or self.system.potential is None:
            return 0.0
        return self._rim.link(self.system.potential, self.system.before(t))

    def _psi_on_path(self, t: float, y: Array) -> Complex:
        path = self.system.path
        return path.psi(self.system.psi(y, path.reads), self.system.before(t))

    def _find_slips(self, step: Step, new: Complex, dense: Dense) -> None:
        path, before = self.system.path, self.system.before
        start = path.brightest(self._last_psi, new)  # a ring is opened where no slip is

        def seen(t: float, psi: Complex) -> Complex:
            return path.begun_at(start, psi, before(t))

        on_path = lambda t: seen(t, self._psi_on_path(t, dense(t)[0]))  # noqa: E731
        old, now = seen(step.t_old, self._last_psi), seen(step.t, new)
        broken, length = path.segments_from(start)
        for slip in find_slips(step.t_old, old, step.t, now, on_path, broken, length, self.noise):
            place = slip.place + start if slip.place + start <= broken.size else slip.place + start - broken.size
            # the phase along the path gives back what V has wound up: a positive V goes with a positive winding
            self.series.add("slips", t=[slip.t], x=[path.at(place)], winding=[-slip.winding])
            self.rows["slips"] += 1
            self.recent = [*self.recent, slip.t][-REMEMBERED:]

    def _wait(self, step: Step, states: list[Snapshots]) -> None:
        """Let a step wait for its integrals."""
        self._steps.append((step, states, self.vortices))
        if len(self._steps) >= self._batch:
            self._integrate()

    def _integrate(self) -> None:
        """Add the integrals over the steps that wait."""
        if not self._steps:
            return
        ends = np.array([step.t for step, *_ in self._steps])
        half = 0.5 * (ends - [step.t_old for step, *_ in self._steps])
        inside = Snapshots.together([state for _, states, _ in self._steps for state in states])
        counts = [len(states) for _, states, _ in self._steps]
        weights, first = np.concatenate([WEIGHTS[count] for count in counts]), np.cumsum([0, *counts[:-1]])
        over = [half * np.add.reduceat(weights * probe(inside), first) for probe in self.integrated]
        totals = np.cumsum([self.totals, *np.transpose(over)], axis=0)
        self.totals = totals[-1]
        self._add_integrals(ends, totals[1:], np.array([vortices for *_, vortices in self._steps]))
        self._steps.clear()

    def _add_integrals(self, t: Array, totals: Array, vortices: Array) -> None:
        self.series.add("integrals", **self._integrals(t, totals, vortices))
        self.rows["integrals"] += t.size

    def _integrals(self, t: Array, totals: Array, vortices: Array) -> dict[str, Any]:
        made = {"t": t, **{p.name: total for p, total in zip(self.integrated, totals.T, strict=True)}}
        if self._rim is not None:
            made |= {"vortices_gained": vortices[:, 0], "vortices_lost": vortices[:, 1]}
        return made

    def _falls_within(self, step: Step) -> bool:
        """Whether more times of probes fall into a step than its densities are worked out at, in a large problem."""
        many = self._samples is not None and (self.sample + GAUSS[3].size) * self._samples <= step.t
        return many and self.system.space.nq > POINTS_AT_ONCE

    def _keep_within(self, step: Step, states: list[Snapshots], dense: Dense) -> None:
        """Keep the probes of many times within a step, densities by a parabola through three of them, at GAUSS."""
        assert self._samples is not None
        last = int(np.ceil(step.t / self._samples))
        times: Array = np.arange(self.sample, last + 1) * np.float64(self._samples)
        times = times[times <= step.t]
        weights, made = lagrange(GAUSS[3], step.share(times)), {}
        densities, read = ([p for p in self.probes if p.density is kind] for kind in (True, False))
        known = [[probe(state)[0] for probe in densities] for state in states]  # state by state, each in the cache
        seen = [[probe(state)[0] for probe in read] for state in (self._dense(float(t), dense) for t in times)]
        for probe, values in zip(densities, zip(*known, strict=True), strict=True):
            made[probe.name] = weights @ np.array(values)
        for probe, values in zip(read, zip(*seen, strict=True), strict=True):
            made[probe.name] = np.array(values)
        self.series.add("probes", t=times, **{probe.name: made[probe.name] for probe in self.probes})
        self.sample += times.size
        self.rows["probes"] += times.size

    def _dense(self, t: float, dense: Dense) -> Snapshots:
        """The state at a time within a step."""
        return Snapshots(self.system, np.array([t]), *dense(t))

    def _keep_at(self, group: str, interval: float, index: int, step: Step, dense: Dense) -> int:
        """Keep the states at multiples of an interval that fell into a step; the next index."""
        while index * interval <= step.t:
            t = index * interval
            y, yp = (step.y, step.yp) if t == step.t else dense(t)
            self._keep(group, Snapshots(self.system, np.array([t]), y, yp))
            index += 1
        return index

    def _keep(self, group: str, state: Snapshots) -> None:
        pending = self._pending[group]
        pending.append(state)
        self.rows[group] += 1
        if len(pending) >= self._batch:
            self._work_out(group)

    def _work_out(self, group: str) -> None:
        if self._pending[group]:
            snapshots = Snapshots.together(self._pending[group])
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
