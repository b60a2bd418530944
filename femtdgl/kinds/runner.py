"""Run and resume: a problem in, a directory with result, summary and figures out."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tomli_w

from femtdgl.errors import InputError, SolverStopped
from femtdgl.files.atomic import write_json
from femtdgl.files.reader import Result
from femtdgl.files.results import ResultWriter
from femtdgl.kinds.cooler.job import prepare_cooler, solve_cooler
from femtdgl.kinds.filament.simulation import Simulation, Watch
from femtdgl.kinds.network.job import check_network, solve_network
from femtdgl.measure.heat import measure_heat
from femtdgl.measure.hysteresis import branches, retrapping_current, switching_current
from femtdgl.measure.measured import measure
from femtdgl.problem import config
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
PACKAGES = ("femtdgl", "numpy", "scipy", "scikit-fem", "scikit-sundae", "numba", "h5py")
Job = Callable[[Path, Watch | None], None]


def run(problem: Problem | str | Path, out: str | Path | None = None, *, until: float | None = None,
        force: bool = False, watch: Watch | None = None, **overrides: Any) -> Result:  # fmt: skip
    """Solve a problem, or a problem file, and return its result.

    `out`: directory for the result; None keeps it only as long as the returned Result lives.  `until` replaces
    time.t_end.  Further keywords override keys of a problem file, with __ for the dot: film__delta=10.
    Raises InputError for bad input and SolverStopped when the integrator gives up.
    """
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    if until is not None:
        changes["time.t_end"] = float(until)
    if isinstance(problem, Problem):
        table = config.parse(config.dump(problem))
        config.override(table, changes)
        potential = problem.vector_potential
        job = filament_job(replace(config.build(table), vector_potential=potential), tomli_w.dumps(table))
    else:
        job = file_job(problem, changes)
    if out is None:
        keep = TemporaryDirectory(prefix="femtdgl-")
        job(Path(keep.name), watch)
        return Result(keep.name, keep=keep)
    directory = Path(out)
    prepare(directory, force=force)
    job(directory, watch)
    return Result(directory)


def filament_job(problem: Problem, text: str) -> Job:
    """A problem as something to run.  Raises InputError for all that is wrong with it, mesh and start included."""
    simulation = Simulation(problem)
    return lambda directory, watch: solve(simulation, text, directory, watch=watch)


def file_job(path: str | Path, changes: Mapping[str, Any] | None = None) -> Job:
    """A problem file of any kind as something to run.  Raises InputError before anything is written."""
    table, text = config.read(path, changes)
    if table.get("kind") == "network":
        list(check_network(table, file=str(path)))
        return lambda directory, watch: solve_network(table, text, directory, versions())
    if table.get("kind") == "cooler":
        prepared = prepare_cooler(table, file=str(path))
        return lambda directory, watch: solve_cooler(
            prepared, text, directory, versions(),
            lambda problem, words, where: filament_job(problem, words)(where, watch),
        )  # fmt: skip
    try:
        return filament_job(config.build(table, file=str(path)), text)
    except InputError as error:
        raise error.at(file=error.file or str(path)) from None


def resume(where: str | Path, *, until: float | None = None, watch: Watch | None = None) -> Result:
    """Go on with a run from its last checkpoint, to its end or to `until`.

    What was recorded after the checkpoint is computed again, so that the result is the uninterrupted one to the bit.
    """
    directory = Path(where)
    text = Result(directory).problem_text
    problem = config.build(config.parse(text, file=str(directory)), file=str(directory))
    if until is not None:
        problem = replace(problem, time=replace(problem.time, t_end=until))
        text = config.dump(problem)
    solve(Simulation(problem), text, directory, watch=watch, again=True)
    return Result(directory)


def prepare(directory: Path, *, force: bool = False) -> None:
    """Make the directory of a run.  Raises InputError when it holds a result already, or cannot be written to."""
    if directory.exists() and not directory.is_dir():
        raise InputError("is not a directory", key="--out", file=str(directory), allowed="a directory")
    if (directory / "result.h5").exists():
        if not force:
            allowed = "another directory, or --force"
            raise InputError("holds a result already", key="--out", file=str(directory), allowed=allowed)
        _clear(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", key="--out", file=str(directory)) from None
    if not os.access(directory, os.W_OK):
        raise InputError("cannot be written to", key="--out", file=str(directory))


def _clear(directory: Path) -> None:
    """Remove an old run; never called for a directory that holds none, whose files are not ours."""
    for old in ("result.h5", "summary.json", "checkpoint.npz", "flux.h5", "flux.json"):
        (directory / old).unlink(missing_ok=True)
    for old in ("parts", "figures", "paraview"):
        shutil.rmtree(directory / old, ignore_errors=True)


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
        _finish(simulation, stop.time, f"solver stopped: {stop.reason}")
        raise SolverStopped(stop.reason, time=stop.time, checkpoint=str(directory / "checkpoint.npz")) from stop
    _finish(simulation, reached, simulation.stop_reason)


def _finish(simulation: Simulation, reached: float, reason: str) -> None:
    if reason in ("t_end", "steady", "periodic", "normal"):
        simulation.writer.finish()
    summary = summarise(simulation.problem, simulation, reached, reason)
    write_json(simulation.directory / "summary.json", summary)


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


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def _attributes(problem: Problem, simulation: Simulation) -> dict[str, Any]:
    film = problem.film
    return {
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
        "mesh_type": type(simulation.system.space.mesh).__name__.removesuffix("1"),
        **{f"version_{name}": value for name, value in versions().items()},
    }


def _static(text: str, simulation: Simulation) -> dict[str, Any]:
    space = simulation.system.space
    return {
        "problem": text,
        "mesh/points": space.mesh.p,
        "mesh/cells": space.mesh.t,
        "mesh/nodes": space.nodes,
        **{f"mesh/boundaries/{name}": facets for name, facets in (space.mesh.boundaries or {}).items()},
        "mesh/dofs": space.basis.element_dofs,
    }


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
    if heated["ledger"]["mismatch"] > LEDGER_TOLERANCE:
        yield (
            f"the energy ledger misses {heated['ledger']['mismatch']:.2g} of the work: a finer mesh (the part of psi), "
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
