"""Solving a filament into a directory: the run, its end in words, its files."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from femtdgl.errors import InputError, Interrupted, SolverStopped
from femtdgl.files.atomic import write_json
from femtdgl.files.checkpoint import NAME
from femtdgl.files.reader import RING, Result
from femtdgl.files.results import ResultWriter
from femtdgl.files.versions import version_attributes
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.summarise import CLOCK, summarise
from femtdgl.kinds.filament.summary import FilamentSummary
from femtdgl.kinds.filament.unmeasured import unmeasured
from femtdgl.kinds.kind import Watch
from femtdgl.measure.entry import as_json
from femtdgl.problem.drive import UniformField
from femtdgl.problem.problem import Problem

IN_PYTHON = "vector_potential"
"""Attribute of a result whose A is a Python function, which no file holds."""
FINISHED = ("t_end", "steady", "periodic", "normal", "slips")
"""Reasons to stop for good."""


def solve(simulation: Simulation, text: str, directory: Path, *, watch: Watch | None = None) -> None:
    """March a problem into a prepared directory and write its summary; also when it ends early.

    Raises SolverStopped, and Interrupted after Ctrl-C; in both cases all files are finished.
    """
    attributes, static = _attributes(simulation.problem, simulation), _static(text, simulation)
    writer = ResultWriter(directory, attributes=attributes, static=static)
    with _signals(simulation) as signalled:
        try:
            simulation.run(writer, watch=watch)
            if simulation.stop_reason in FINISHED:
                writer.finish()
            if not simulation.is_behind:
                _write_summary(simulation, directory)
        except (SolverStopped, OSError) as stop:
            reason = stop.reason if isinstance(stop, SolverStopped) else _full(stop)
            simulation.stop_reason = f"solver stopped: {reason}"
            with suppress(OSError, InputError):  # the disk may be full
                if not simulation.is_behind:
                    _write_summary(simulation, directory)
            raise _with_kept(reason, simulation, directory) from stop
    if signalled():
        onward = f"all of it is kept, `femtdgl resume {directory}` goes on"
        if simulation.stop_reason != "interrupted":
            onward = "but the run had come to its end"
        if simulation.is_behind:
            onward = "what was stored before is left as it was"
        raise Interrupted(f"interrupted at t = {simulation.t:.6g}; {onward}", time=simulation.t)


def _with_kept(reason: str, simulation: Simulation, directory: Path) -> SolverStopped:
    """A failure, and what is left of the run."""
    if simulation.saved is None:
        return SolverStopped(reason, time=simulation.t, kept="nothing is kept")
    kept = (
        f"kept is all up to t = {simulation.saved:.6g}, the last checkpoint is {directory / NAME}, "
        f"`femtdgl resume {directory}` goes on from it"
    )
    return SolverStopped(reason, time=simulation.t, checkpoint=str(directory / NAME), kept=kept)


def _full(error: OSError) -> str:
    """Why a file could not be written."""
    return f"{error.filename or 'a file'} cannot be written: {error.strerror or error}"


def _write_summary(simulation: Simulation, directory: Path) -> None:
    write_json(directory / "summary.json", as_json(_summary(simulation, Result(directory))))


def _summary(simulation: Simulation, result: Result) -> FilamentSummary:
    """The summary; a record that cannot be measured does not cost the run its other files."""
    reached, reason = float(simulation.saved or 0.0), simulation.stop_reason
    if len(result.probes["t"]) < 2:
        return unmeasured(simulation, reached, reason, "the record has a single time")
    try:
        with np.errstate(all="ignore"):
            return summarise(simulation, result, reached, reason)
    except Exception as error:  # of a run that went astray the record may hold anything
        return unmeasured(simulation, reached, reason, f"its record cannot be worked out, {error!r}")


@contextmanager
def _signals(simulation: Simulation) -> Iterator[Callable[[], bool]]:
    """Ctrl-C (and a polite kill) end the run within the step under way; the files are finished all the same.

    Gives a function that says whether that happened.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def stop(number: int, frame: Any) -> None:
        received.append(number)
        simulation.interrupt()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _attributes(problem: Problem, simulation: Simulation) -> dict[str, Any]:
    film, potential, seam = problem.film, simulation.system.potential, simulation.system.space.seam
    return {
        **({"field_origin": potential.center} if isinstance(potential, UniformField) else {}),
        **({} if seam is None else {RING: seam.step}),
        "clock": CLOCK,
        "model": film.model,
        "interference": film.interference,
        "conductance": film.conductance,
        "delta": film.delta,
        "eta": film.eta,
        "u": film.u,
        "seed": problem.initial.seed,
        **({} if problem.noise is None else {"noise_seed": problem.noise.seed}),
        "order": problem.mesh.order,
        "noise": simulation.record.noise,
        "probe_units": json.dumps({probe.name: probe.unit for probe in simulation.record.probes}),
        "mesh_type": type(simulation.system.space.mesh).__name__.removesuffix("1"),
        **({} if problem.vector_potential is None else {IN_PYTHON: "a function in Python"}),
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
        **({} if space.dim == 1 else {"mesh/path": simulation.system.path.points}),
    }
