"""The summary of a run, from what lies on disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from femtdgl.files.reader import Result
from femtdgl.files.versions import versions
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.measure.heat import measure_heat
from femtdgl.measure.hysteresis import branches, retrapping_current, switching_current
from femtdgl.measure.measured import measure
from femtdgl.problem.boundary import Bank
from femtdgl.problem.heat import TEMPERATURES, of_electrons
from femtdgl.problem.problem import Problem

LEDGER_TOLERANCE = 1e-3
"""Share of the work that the energy ledger of a heated run may miss without a warning."""
HOT = 20.0
"""T/Tc above which the input is probably not what was meant."""
EPS_MOST = 2.0
"""eps above which a warning is due: (Tc - T)/(Tc - T0) of a filament much colder than T0."""
CLOCK = "t0 = xi^2/(u D)"


def summarise(problem: Problem, simulation: Simulation, reached: float, reason: str) -> dict[str, Any]:
    """The summary of a run, from what lies on disk.  Keys: docs/results.md."""
    result = Result(simulation.directory)
    film, system = problem.film, simulation.system
    probes = {name: result.probes[name] for name in result.probes}
    slip_t, slip_x = result.read("slips/t"), result.read("slips/x").reshape(-1, system.space.dim)
    banks_only = all(isinstance(problem.boundary[name], Bank) for name in problem.terminals)
    measured = measure(
        probes,
        slip_t,
        slip_x[:, 0],
        problem.discard(reached),
        area=float(system.layout.areas[0]) if problem.terminals else 1.0,
        delta=film.delta,
        eta=film.eta,
        u=film.u,
        josephson=problem.measure.josephson or ("voltage" if problem.terminals and banks_only else None),
        imposed=not system.own_currents and (system.potential is None or system.space.dim == 1),
        named=tuple(probe.name for probe in problem.probes),
    )
    scales = film.scales
    heat = system.heat
    heated = None if heat is None else {
        "temperatures": heat.heat.temperatures, "source": heat.heat.source,
        **measure_heat(
            probes, heat.field_names, problem.discard(reached), None if scales is None else scales.Tc
        ),
        "units": {name: size for name, size in heat.units._asdict().items() if size is not None},
    }  # fmt: skip
    return {
        "title": problem.title,
        "model": "gapless" if film.delta == 0 else film.model,
        "interference": film.interference,
        "conductance": film.conductance,
        "delta": film.delta,
        "eta": film.eta,
        "length": float(np.ptp(system.space.nodes[0])),
        "mesh": {"nodes": system.space.N, "elements": int(system.space.mesh.t.shape[1]), "order": problem.mesh.order},
        "current": float(probes["current"][-1]),
        "t_end": float(reached),
        "clock": CLOCK,
        **measured,
        **({} if heated is None else {"heat": heated}),
        "sweep": _sweep(probes, float(np.ptp(system.space.nodes[0]))),
        "slips_in_all": int(slip_t.size),
        "unknowns": system.size,
        "steps": simulation.integrator.step_count,
        "rtol": problem.time.rtol,
        "cpu_seconds": simulation.cpu_seconds,
        "stop_reason": reason,
        "warnings": warnings(measured, heated, film.eta),
        "scales": None if scales is None else {
            "length": scales.length, "time": scales.time, "potential": scales.potential,
            "current_density": scales.current_density, "gap": scales.gap,
        },
        "versions": versions(),
    }  # fmt: skip


def _sweep(probes: dict[str, Any], resistance: float) -> dict[str, float | None] | None:
    """Switching and retrapping currents of a run whose current goes up and down again; else None."""
    record = probes["t"], probes["current"]
    if branches(*record) is None:
        return None
    return {
        "switching_current": switching_current(*record, probes["voltage"], resistance),
        "retrapping_current": retrapping_current(*record, probes["voltage"], resistance),
    }


def warnings(measured: dict[str, Any], heated: dict[str, Any] | None, eta: float) -> list[str]:
    """Sentences about what the numbers of a run cannot be used for; `heated`: the entry `heat` of its summary."""
    found = []
    if (measured["omega_tau_eps"] or 0.0) > 0.2:
        found.append(
            f"Omega tau_eps = {measured['omega_tau_eps']:.3g} is above 0.2: the finite-gap equations and the "
            "variants of the interference current are approximations there."
        )
    if (measured["w_negative_share"] or 0.0) > 0.0:
        found.append(
            f"w is negative in places (share {measured['w_negative_share']:.3g} of the positive part): the "
            "interference current has no partner in the equation of psi; "
            + ("take care when w is used as heat." if heated is None else "it is used as heat here, unclipped.")
        )
    return [*found, *heat_warnings(heated, measured["omega_tau_eps"], eta)] if heated is not None else found


def heat_warnings(heated: dict[str, Any], omega_tau_eps: float | None, eta: float) -> Iterator[str]:
    """Those of a heated run, from the entry `heat` of its summary."""
    if heated["source"] == "q_ph" and (omega_tau_eps or 0.0) > 0.2:
        yield "q_ph of (2.7) is first order in Omega tau_eps: its reversible part is outside its range here."
    mismatch = heated["ledger"]["mismatch"]
    if mismatch > LEDGER_TOLERANCE and heated["source"] != "first-law":
        yield (
            f'the source "{heated["source"]}" leaves {mismatch:.2g} of the work unaccounted: the heat of condensation '
            'is not in it as the first law has it ("first-law").'
        )
    elif mismatch > LEDGER_TOLERANCE:
        yield (
            f"the energy ledger misses {mismatch:.2g} of the work: a finer mesh (the part of psi), "
            'a smaller time.rtol (the part of heat) or output.probes = "every-step" (the integrals) closes it.'
        )
    hottest = max(heated[name]["max_of_run"] for name in TEMPERATURES if name in heated)
    if hottest > HOT:
        yield f"T reaches {hottest:.4g} Tc: the temperatures of a reduced film are in Tc, not in K."
    felt = of_electrons(heated)
    assert felt is not None
    eps = (1 - heated[felt]["min"]) / eta
    if eps > EPS_MOST:
        yield (
            f"eps reaches {eps:.3g} at the coldest place: far below T0 the expansion in Tc - T that (1.1) rests on "
            "does not hold."
        )
