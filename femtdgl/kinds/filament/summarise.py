"""The summary of a run, from what lies on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from femtdgl.files.reader import Result
from femtdgl.files.versions import versions
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.summary import (
    FilamentSummary,
    HeatSummary,
    Ledger,
    MeshFacts,
    NodeTemperature,
    SIScales,
    Sweep,
    Temperature,
)
from femtdgl.kinds.filament.warnings import warnings
from femtdgl.measure.entry import ABSENT
from femtdgl.measure.heat import measure_heat
from femtdgl.measure.hysteresis import branches, retrapping_current, switching_current
from femtdgl.measure.measured import Circuit, Recorded, measure
from femtdgl.problem.boundary import Bank

CLOCK = "t0 = xi^2/(u D)"


def summarise(simulation: Simulation, result: Result, reached: float, reason: str) -> FilamentSummary:
    """The summary of a run that reached a time and ended for a reason."""
    problem, system = simulation.problem, simulation.system
    film, scales = problem.film, problem.film.scales
    probes = {name: result.probes[name] for name in result.probes}
    slip_t, slip_x = result.read("slips/t"), result.read("slips/x").reshape(-1, system.space.dim)
    record = Recorded(probes, slip_t, slip_x[:, 0], problem.discard(reached))
    measured = measure(record, film, circuit(simulation))
    length = float(np.ptp(system.space.nodes[0]))
    heat = heat_summary(simulation, record)
    return FilamentSummary(
        title=problem.title,
        model="gapless" if film.delta == 0 else film.model,
        interference=film.interference,
        conductance=film.conductance,
        delta=film.delta,
        eta=film.eta,
        length=length,
        mesh=MeshFacts(
            nodes=system.space.N, elements=int(system.space.mesh.t.shape[1]), order=problem.mesh.order
        ),
        current=float(probes["current"][-1]),
        t_end=float(reached),
        clock=CLOCK,
        **measured,
        heat=ABSENT if heat is None else heat,
        sweep=sweep(probes, length),
        slips_in_all=int(slip_t.size),
        unknowns=system.size,
        steps=simulation.march.steps_taken,
        rtol=problem.time.rtol,
        cpu_seconds=simulation.cpu_seconds,
        stop_reason=reason,
        warnings=warnings(measured, heat, film.eta),
        scales=None if scales is None else SIScales(
            length=scales.length, time=scales.time, potential=scales.potential,
            current_density=scales.current_density, gap=scales.gap,
        ),
        versions=versions(),
    )  # fmt: skip


def circuit(simulation: Simulation) -> Circuit:
    """How the current comes in."""
    problem, system = simulation.problem, simulation.system
    banks_only = all(isinstance(problem.boundary[name], Bank) for name in problem.terminals)
    return Circuit(
        area=float(system.layout.areas[0]) if problem.terminals else 1.0,
        josephson=problem.measure.josephson or ("voltage" if problem.terminals and banks_only else None),
        imposed=not system.own_currents and (system.potential is None or system.space.dim == 1),
        named=tuple(probe.name for probe in problem.probes),
    )


def heat_summary(simulation: Simulation, record: Recorded) -> HeatSummary | None:
    """The heat of a run; None without any."""
    heat, scales = simulation.system.heat, simulation.problem.film.scales
    if heat is None:
        return None
    found = measure_heat(record.probes, heat.field_names, record.start, None if scales is None else scales.Tc)
    parts = {name: Temperature(**found[name]) for name in heat.field_names}
    nodes = {name: NodeTemperature(**values) for name, values in found["nodes"].items()}
    return HeatSummary(
        temperatures=heat.heat.temperatures,
        source=heat.heat.source,
        **parts,
        nodes=nodes,
        powers=found["powers"],
        flows=found["flows"],
        kelvin=found.get("kelvin", ABSENT),
        ledger=Ledger(**found["ledger"]),
        ledger_of_run=Ledger(**found["ledger_of_run"]),
        units={name: size for name, size in heat.units._asdict().items() if size is not None},
    )


def sweep(probes: Mapping[str, Any], resistance: float) -> Sweep | None:
    """Switching and retrapping currents of a run whose current goes up and down again; else None."""
    record = probes["t"], probes["current"]
    if branches(*record) is None:
        return None
    return Sweep(
        switching_current=switching_current(*record, probes["voltage"], resistance),
        retrapping_current=retrapping_current(*record, probes["voltage"], resistance),
    )
