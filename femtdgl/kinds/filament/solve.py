"""Solving a filament into a directory: the run, its end in words, its files."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from femtdgl.errors import SolverStopped
from femtdgl.files.atomic import write_json
from femtdgl.files.reader import Result
from femtdgl.files.results import ResultWriter
from femtdgl.files.versions import version_attributes
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.summarise import CLOCK, summarise
from femtdgl.kinds.kind import Watch
from femtdgl.measure.entry import as_json
from femtdgl.problem.drive import UniformField
from femtdgl.problem.problem import Problem


def solve(
    simulation: Simulation, text: str, directory: Path, *, watch: Watch | None = None, again: bool = False
) -> None:
    """March a problem into a prepared directory and write its summary; also when it ends early."""
    attributes, static = _attributes(simulation.problem, simulation), _static(text, simulation)
    writer = ResultWriter(directory, attributes=attributes, static=static)
    try:
        with _interruptible(simulation):
            reached = simulation.run(writer, resume=again, watch=watch)
    except SolverStopped as stop:
        _finish(simulation, writer, stop.time, f"solver stopped: {stop.reason}")
        raise SolverStopped(stop.reason, time=stop.time, checkpoint=str(directory / "checkpoint.npz")) from stop
    _finish(simulation, writer, reached, simulation.stop_reason)


def _finish(simulation: Simulation, writer: ResultWriter, reached: float, reason: str) -> None:
    if reason in ("t_end", "steady", "periodic", "normal"):
        writer.finish()
    summary = summarise(simulation, Result(writer.directory), reached, reason)
    write_json(writer.directory / "summary.json", as_json(summary))


@contextmanager
def _interruptible(simulation: Simulation) -> Iterator[None]:
    """Ctrl-C (and a polite kill) end the run after the step under way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        simulation.interrupted = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _attributes(problem: Problem, simulation: Simulation) -> dict[str, Any]:
    film, potential = problem.film, simulation.system.potential
    return {
        **({"field_origin": potential.center} if isinstance(potential, UniformField) else {}),
        "format": "femtdgl result 1",
        "clock": CLOCK,
        "model": film.model,
        "interference": film.interference,
        "conductance": film.conductance,
        "delta": film.delta,
        "eta": film.eta,
        "u": film.u,
        "seed": problem.initial.seed,
        "order": problem.mesh.order,
        "noise": simulation.record.noise,
        "probe_units": json.dumps({probe.name: probe.unit for probe in simulation.record.probes}),
        "mesh_type": type(simulation.system.space.mesh).__name__.removesuffix("1"),
        **version_attributes(),
    }


def _static(text: str, simulation: Simulation) -> dict[str, Any]:
    space, spectrum = simulation.system.space, simulation.system.spectrum
    return {
        "problem": text,
        "mesh/points": space.mesh.p,
        "mesh/cells": space.mesh.t,
        "mesh/nodes": space.nodes,
        **({} if spectrum is None else {f"phonons/{name}": part for name, part in spectrum.axis.items()}),
        "mesh/held": simulation.system.layout.held,
        **{f"mesh/boundaries/{name}": facets for name, facets in (space.mesh.boundaries or {}).items()},
        "mesh/dofs": space.basis.element_dofs,
    }
