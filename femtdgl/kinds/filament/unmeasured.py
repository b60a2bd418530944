"""The summary of a run of which nothing can be measured: it did not get past its start, or its record is no good."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_origin, get_type_hints

import numpy as np

from femtdgl.files.versions import versions
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.summarise import CLOCK
from femtdgl.kinds.filament.summary import FilamentSummary, MeshFacts


def unmeasured(simulation: Simulation, reached: float, reason: str, why: str) -> FilamentSummary:
    """What is known without a record; what is measured is null, or empty."""
    problem, system = simulation.problem, simulation.system
    film = problem.film
    known: dict[str, Any] = {
        "title": problem.title,
        "model": "gapless" if film.delta == 0 else film.model,
        "interference": film.interference,
        "conductance": film.conductance,
        "delta": film.delta,
        "eta": film.eta,
        "length": float(np.ptp(system.space.nodes[0])),
        "mesh": MeshFacts(
            nodes=system.space.N, elements=int(system.space.mesh.t.shape[1]), order=problem.mesh.order
        ),
        "t_end": reached,
        "clock": CLOCK,
        "state": "not measured",
        "unknowns": system.size,
        "steps": simulation.march.steps_taken,
        "work": simulation.work,
        "rtol": problem.time.rtol,
        "cpu_seconds": simulation.cpu_seconds,
        "stop_reason": reason,
        "warnings": [f"Nothing is measured: {why}."],
        "versions": versions(),
    }  # fmt: skip
    hints = get_type_hints(FilamentSummary)
    for item in fields(FilamentSummary):
        if item.name not in known and item.default is MISSING:
            known[item.name] = _nothing(hints[item.name])
    return FilamentSummary(**known)


def _nothing(hint: Any) -> Any:
    """The empty value of a type: of lists, tables and counts; None of all others."""
    kind = get_origin(hint) or hint
    return kind() if kind in (list, dict, int) else None
