"""The summary of a run, from what lies on disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.files.reader import Result
from femtdgl.files.versions import versions
from femtdgl.kinds.filament.in_si import in_si, si_scales
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.summary import (
    FilamentSummary,
    HeatSummary,
    Ledger,
    MeshFacts,
    NodeTemperature,
    NoiseSummary,
    PhononLedger,
    PhononSummary,
    Sweep,
    Temperature,
    VortexCount,
)
from femtdgl.kinds.filament.warnings import early, phonon_warnings, warnings
from femtdgl.measure.cycle import Slips
from femtdgl.measure.entry import ABSENT
from femtdgl.measure.heat import measure_heat
from femtdgl.measure.hysteresis import branches, contact_resistance, retrapping_current, switching_current
from femtdgl.measure.measured import Circuit, Recorded, measure
from femtdgl.measure.phonons import phonon_ledger
from femtdgl.measure.resolution import Resolution, resolution
from femtdgl.measure.series import kept_part
from femtdgl.measure.waiting import first_passages, waiting_times
from femtdgl.problem.boundary import Bank, NormalContact
from femtdgl.problem.problem import Problem
from femtdgl.solve.stopping import REST, SERIES

Array = NDArray[np.float64]

AT_REST = 1e-9
"""|d_t A| below which a vector potential stands still."""
FRAMES = 40
"""Stored frames that are looked at for what the mesh resolves."""
CLOCK = "t0 = xi^2/(u D)"


def summarise(simulation: Simulation, result: Result, reached: float, reason: str) -> FilamentSummary:
    """The summary of a run that reached a time and ended for a reason."""
    problem, system = simulation.problem, simulation.system
    film, scales = problem.film, problem.film.scales
    probes = {name: result.probes[name] for name in result.probes}
    x = result.read("slips/x").reshape(-1, system.space.dim)[:, 0]
    slips = Slips(result.read("slips/t"), x, result.read("slips/winding"))
    start, end = kept_part(probes["t"], measured_from(problem, reached, reason, slips.t))
    record = Recorded(
        probes,
        slips,
        start,
        integrals={name: result.read(f"integrals/{name}") for name in result.integral_names},
        driven=moves(simulation, start, end),
        drive_period=None if problem.vector_potential is not None else problem.repeats_after,
        interrupted=reason == "interrupted",
    )
    measured = measure(record, film, circuit(simulation))
    noise = noise_summary(simulation, record)
    noisy = noise is not None and noise.kT > 0
    if noisy:  # what the noise does on psi stands in no series
        measured |= {"energy_mismatch": None, "energy_balance": None}
    length = float(np.ptp(system.space.nodes[0]))
    heat = heat_summary(simulation, record)
    phonons = phonon_summary(simulation, record)
    resolved = measured_resolution(simulation, result, record)
    contacts = any(isinstance(problem.boundary[n], NormalContact) for n in problem.terminals)
    swept = None if problem.ends else sweep(probes, length, contacts)
    current = float(probes["current"][-1])
    area = system.layout.cross_section
    si = in_si(problem, measured, swept, length=length, reached=reached, current=current, area=area)
    return FilamentSummary(
        title=problem.title,
        model="gapless" if film.delta == 0 else film.model,
        interference="off" if film.delta == 0 else film.interference,
        conductance="normal" if film.delta == 0 else film.conductance,
        delta=film.delta,
        eta=film.eta,
        length=length,
        mesh=MeshFacts(
            nodes=system.space.N, elements=int(system.space.mesh.t.shape[1]), order=problem.mesh.order
        ),
        current=current,
        t_end=float(reached),
        clock=CLOCK,
        **measured,
        vortices=ABSENT if system.space.dim != 2 else vortex_count(result, record),
        resolution=resolved,
        heat=ABSENT if heat is None else heat,
        phonons=ABSENT if phonons is None else phonons,
        noise=ABSENT if noise is None else noise,
        sweep=swept,
        slips_in_all=int(slips.t.size),
        unknowns=system.size,
        steps=simulation.march.steps_taken,
        work=simulation.work,
        rtol=problem.time.rtol,
        cpu_seconds=simulation.cpu_seconds,
        stop_reason=reason,
        warnings=[
            *early(problem, reached, start),
            *warnings(measured, heat, film.eta, resolved, noisy=noisy),
            *phonon_warnings(phonons, float(record.series["psi_max"].values.max()), measured["period"]),
        ],
        scales=None if scales is None else si_scales(scales),
        si=ABSENT if si is None else si,
        versions=versions(),
    )  # fmt: skip


def measured_from(problem: Problem, reached: float, reason: str, slips: Array) -> float:
    """Where the measured part begins.  Of a run that a rule ended it is what the rule looked at, the way there is no
    part of the state; unless measure.discard says something else, and it came so far.   slips: times (n,) of all.
    """
    asked = problem.measure.discard
    if asked is None or asked >= reached:
        if reason == "steady":
            return max(reached - REST, 0.0)
        if reason == "periodic":
            return float(np.nextafter(slips[-SERIES - 1], -np.inf))
    return problem.discard(reached)


def circuit(simulation: Simulation) -> Circuit:
    """How the current comes in."""
    problem, system = simulation.problem, simulation.system
    banks_only = all(isinstance(problem.boundary[name], Bank) for name in problem.terminals)
    around = not problem.terminals and system.path.closed
    own = problem.measure.josephson
    along_path = around or (bool(problem.terminals) and banks_only)
    return Circuit(
        area=float(system.layout.areas[0]) if problem.terminals else 1.0,
        josephson=own or ("voltage" if along_path else None),
        gamma=own in (None, "voltage") and along_path and system.path.whole,
        imposed=bool(problem.terminals)
        and not system.own_currents
        and (system.potential is None or system.space.dim == 1),
        named=(*(probe.name for probe in problem.probes), *(("fluxoid",) if problem.ends else ())),
    )


def measured_resolution(simulation: Simulation, result: Result, record: Recorded) -> Resolution:
    """What the mesh resolved, from frames of the kept part."""
    cycle = record.cycle
    kept = np.flatnonzero((result.t >= cycle.start) & (result.t <= cycle.end))
    rows = kept[np.unique(np.linspace(0, kept.size - 1, FRAMES).round().astype(int))] if kept.size else kept
    psi = [result.read("fields/psi", int(row)) for row in rows]
    psi_max = float(record.series["psi_max"].within(cycle.start, cycle.end).max())
    return resolution(simulation.system, cycle.end, result.t[rows], psi, psi_max)


def vortex_count(result: Result, record: Recorded) -> VortexCount:
    """Vortices of the kept part, and of the last stored frame."""
    t, cycle = record.integrals["t"], record.cycle
    kept = np.searchsorted(t, [cycle.start, cycle.end], side="right") - 1
    gained, lost = (int(np.diff(record.integrals[f"vortices_{way}"][kept])[0]) for way in ("gained", "lost"))
    winding = result.vortices(float(result.t[-1])).winding
    return VortexCount(
        gained=gained, lost=lost,
        at_end=int(winding[winding > 0].sum()), antivortices_at_end=int(-winding[winding < 0].sum()),
    )  # fmt: skip


def moves(simulation: Simulation, start: float, end: float) -> bool:
    """Whether a drive moves between two times."""
    if any(wave.rests_from > start * (1 + 1e-9) for wave in simulation.problem.waveforms):
        return True
    if simulation.system.landscape.moves:
        return True
    potential = simulation.problem.vector_potential
    if potential is None:
        return False
    return any(
        np.abs(potential(simulation.system.space.x, t)[1]).max() > AT_REST for t in np.linspace(start, end, 17)[1:-1]
    )


def heat_summary(simulation: Simulation, record: Recorded) -> HeatSummary | None:
    """The heat of a run; None without any."""
    heat, scales = simulation.system.heat, simulation.problem.film.scales
    if heat is None:
        return None
    found = measure_heat(record.probes, heat.field_names, record.cycle, None if scales is None else scales.Tc)
    parts = {name: Temperature(**found[name]) for name in heat.field_names}
    nodes = {name: NodeTemperature(**values) for name, values in found["nodes"].items()}
    return HeatSummary(
        temperatures=heat.heat.temperatures,
        source=heat.heat.source,
        **parts,
        nodes=nodes,
        powers=found["powers"],
        flows=found["flows"],
        drift=found["drift"],
        kelvin=found.get("kelvin", ABSENT),
        ledger=Ledger(**found["ledger"]),
        ledger_of_run=Ledger(**found["ledger_of_run"]),
        units={name: size for name, size in heat.units._asdict().items() if size is not None},
    )


def phonon_summary(simulation: Simulation, record: Recorded) -> PhononSummary | None:
    """The phonons that act back; None where none do."""
    acting, given, series, cycle = simulation.system.phonons, simulation.problem.phonons, record.series, record.cycle
    if acting is None or given is None:
        return None
    own = acting.own
    return PhononSummary(
        form=given.form,
        strength=given.strength_in(simulation.problem.film),
        sources=given.names,
        balance=None if own is None or given.escape is None else given.escape.balance,
        tau_es=given.escapes_in(simulation.problem.film),
        response=None if own is None else own.response,
        table_error=acting.error(),
        table_psi=acting.psi_max,
        p_min=float(series["p_min"].within(cycle.first, cycle.last).min()),
        p_max=float(series["p_max"].within(cycle.first, cycle.last).max()),
        work=series["phonon_work"].mean(cycle.first, cycle.last),
        ledger=ABSENT if own is None else PhononLedger(**phonon_ledger(record.probes, cycle.first, cycle.last)),
    )


def noise_summary(simulation: Simulation, record: Recorded) -> NoiseSummary | None:
    """Noise, and the statistics of slips; None without [noise]."""
    noise, cycle = simulation.problem.noise, record.cycle
    if noise is None:
        return None
    slips, duration = cycle.slips, cycle.end - cycle.start
    passages, waiting = first_passages(slips).size, waiting_times(slips)
    return NoiseSummary(
        kT=noise.energy(simulation.problem.film, simulation.system.space.dim),
        seed=noise.seed, step=noise.step, method=noise.method, current=noise.has_current,
        forward=int(slips.winding[slips.winding > 0].sum()), backward=int(-slips.winding[slips.winding < 0].sum()),
        passages=passages, rate=passages / duration, rate_error=passages**0.5 / duration,
        waiting_mean=float(waiting.mean()) if waiting.size else None,
        waiting_std=float(waiting.std(ddof=1)) if waiting.size > 1 else None,
    )  # fmt: skip


def sweep(probes: Mapping[str, Any], resistance: float, normal_contacts: bool) -> Sweep | None:
    """Switching and retrapping currents of a run whose current goes up and down again, or one of the two; else None."""
    if branches(probes["t"], probes["current"]) is None:
        return None
    record = probes["t"], probes["current"], probes["voltage"], resistance
    contact = contact_resistance(*record) if normal_contacts else 0.0
    return Sweep(
        switching_current=switching_current(*record, contact=contact),
        retrapping_current=retrapping_current(*record, contact=contact),
    )
