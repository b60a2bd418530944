"""The measured entries of a summary, from the recorded series of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.checks import energy_balance, energy_mismatch, josephson_mismatch
from femtdgl.measure.cycle import Cycle, Slips
from femtdgl.measure.series import Counts, Series
from femtdgl.measure.state import WINDOWS, State, state_of
from femtdgl.problem.film import Film

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """The record of a run: probes by name with their times under "t", its slips, and where its kept part begins."""

    probes: Mapping[str, Array]
    slips: Slips
    start: float
    integrals: Mapping[str, Array] = field(default_factory=dict)
    """Integrals over time of some of the probes, from the dense output, with their times under "t"."""
    driven: bool = False
    """Whether a drive moves within the kept part."""
    drive_period: float | None = None
    """Of a drive that repeats itself for ever."""
    interrupted: bool = False

    @cached_property
    def series(self) -> dict[str, Series]:
        """The probes as series."""
        t = np.asarray(self.probes["t"])
        totals = {name: Series(self.integrals["t"], total) for name, total in self.integrals.items() if name != "t"}
        return {
            name: Series(t, np.asarray(values), totals.get(name)) for name, values in self.probes.items() if name != "t"
        }

    @cached_property
    def cycle(self) -> Cycle:
        """The part that is measured."""
        t, driven = np.asarray(self.probes["t"]), self.driven
        return Cycle.of(t, self.slips, self.start, at_rest=not driven, drive_period=self.drive_period)

    @cached_property
    def state(self) -> State:
        """What state it ended in."""
        return state_of(self.cycle, self.series, driven=self.driven, interrupted=self.interrupted)


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """How the current comes in, as far as checks depend on it."""

    area: float = 1.0
    """Cross-section that the current flows through, in xi^(d-1)."""
    imposed: bool = True
    """Whether the work is V J area; with a field or several terminals it is int j.E."""
    josephson: str | None = "voltage"
    """The probe whose mean must be 2 pi x (net slip rate); None: there is no such probe."""
    gamma: bool = True
    """Whether that probe is V along the path of slips, from bank to bank or around a closed one."""
    named: tuple[str, ...] = ()
    """Probes whose means are reported."""


def windows(series: Series | Counts, cycle: Cycle) -> list[float]:
    """Means over five equal windows of the kept part."""
    return [series.mean(a, b) for a, b in pairwise(np.linspace(cycle.start, cycle.end, WINDOWS + 1))]


def measure(record: Recorded, film: Film, circuit: Circuit) -> dict[str, Any]:
    """The measured entries of the summary of a filament, by name."""
    series, cycle = record.series, record.cycle
    first, last = cycle.first, cycle.last
    V, heat = series["voltage"], series["dissipation"]
    psi = series["psi_center"].within(cycle.start, cycle.end)
    state = record.state
    if circuit.imposed:
        product = np.asarray(record.probes["voltage"]) * np.asarray(record.probes["current"]) * circuit.area
        power = Series(np.asarray(record.probes["t"]), product)
    else:
        power = series["work"]
    negative = series["dissipation_negative"].integral(first, last)
    positive = heat.integral(first, last) - negative
    parts = windows(V, cycle)
    omega = None if cycle.period is None else 2 * np.pi / cycle.period
    return {
        "state": state,
        "mean_voltage": V.mean(first, last),
        "mean_voltage_kept": V.mean(cycle.start, cycle.end),
        "mean_voltage_windows": parts,
        "mean_voltage_spread": float(np.std(parts)),
        "period": cycle.period,
        "period_spread": cycle.spread,
        "slips_per_period": None if record.driven else cycle.slips_per_period,
        "slips": int(cycle.slips.t.size),
        "net_winding": cycle.slips.net,
        "slip_rate": cycle.slip_rate,
        "slip_times": cycle.slips.t.tolist(),
        "slip_positions": cycle.slips.x.tolist(),
        "phase_slip_centres": len(cycle.centres),
        "josephson_mismatch": (
            None
            if circuit.josephson is None
            else josephson_mismatch(series[circuit.josephson], cycle, series["gamma"] if circuit.gamma else None)
        ),
        "energy_mismatch": energy_mismatch(series, power, cycle),
        "energy_balance": energy_balance(series, cycle),
        "mean_dissipation": heat.mean(first, last),
        "mean_joule": power.mean(first, last),
        "psi_center_max": float(psi.max()),
        "psi_center_min": float(psi.min()),
        "omega_tau_eps": None if omega is None else float(omega * film.delta * np.sqrt(film.eta * film.u)),
        "w_min": float(series["dissipation_min"].within(first, last).min()),
        "w_negative_share": float(-negative / positive) if positive > 0 else None,
        "measured_from": first,
        "measured_to": last,
        "of_probes": {key: value for name in circuit.named for key, value in _of_probe(record, name)},
    }


def _of_probe(record: Recorded, name: str) -> Iterator[tuple[str, Any]]:
    """Entries of a probe that the problem asked for."""
    values, cycle = np.asarray(record.probes[name]), record.cycle
    if not np.issubdtype(values.dtype, np.integer):
        yield f"mean_{name}", record.series[name].mean(cycle.start, cycle.end)
        yield f"mean_{name}_windows", windows(record.series[name], cycle)
        return
    counts = Counts(np.asarray(record.probes["t"]), values)
    when, by = counts.jumps(cycle.start, cycle.end)
    yield f"mean_{name}", counts.mean(cycle.start, cycle.end)
    yield f"mean_{name}_windows", windows(counts, cycle)
    yield f"{name}_end", int(values[-1])
    yield f"{name}_jump_times", when.tolist()
    yield f"{name}_largest_jump", int(np.abs(by).max(initial=0))
