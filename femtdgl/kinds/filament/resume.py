"""Going on with a stored run of a filament: from where it stands, with what may change on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import tomli_w

from femtdgl.errors import InputError
from femtdgl.files.checkpoint import read_checkpoint
from femtdgl.files.reader import Result
from femtdgl.input.nearest import nearest
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.solve import FINISHED, IN_PYTHON, solve
from femtdgl.kinds.kind import Onward, Watch
from femtdgl.problem import toml
from femtdgl.problem.in_python import left_out, put_in
from femtdgl.solve.cuts import resolution

SUMMARY = "summary.json"
MAY_CHANGE = (
    "time.t_end",
    "time.rtol",
    "time.atol",
    "time.max_step",
    "time.checkpoint",
    "stop",
    "measure.discard",
    "measure.josephson",
    "expect",
    "title",
)
"""Keys that mean the same from the checkpoint on as from the start; a section stands for all of its keys."""


def resume(result: Result, onward: Onward, watch: Watch | None = None) -> None:
    """Go on with a run.  Raises InputError where that is not possible; then nothing is changed."""
    where = str(result.directory)
    table = toml.parse(result.problem_text, file=where)
    changes = dict(onward.changes) | ({} if onward.until is None else {"time.t_end": onward.until})
    functions = _functions(table, changes, where)
    _check_changes(changes, where)
    toml.override(table, changes)
    text = tomli_w.dumps(table) if changes else result.problem_text
    put_in(table, functions)
    problem = toml.build(table, file=where)
    problem = replace(problem, vector_potential=_potential(result, onward))
    try:
        there, checkpoint = _checkpoints(result, onward)
        simulation = Simulation(problem, checkpoint, stored_until=there)
        simulation.on(onward.device)
    except InputError as error:
        raise error.at(file=error.file or where) from None
    _check_mesh(result, simulation)
    if _has_ended(result, simulation, there):
        return
    solve(simulation, text, result.directory, watch=watch)


def _functions(table: Mapping[str, Any], changes: dict[str, Any], where: str) -> dict[str, Any]:
    """The functions of a run that had some in Python, given again: taken out of the changes."""
    names = left_out(table)
    for key, name in names.items():
        if key not in changes:
            again = ", ".join(f"{key.replace('.', '__')}={names[key]}" for key in names)
            raise InputError(
                f"was run with {name!r} in Python, which its files do not hold",
                file=where,
                key=key,
                allowed=f'in Python, fg.resume("{where}", {again}) with the same functions',
            )
    return {key: changes.pop(key) for key in names}


def _check_changes(changes: Mapping[str, Any], where: str) -> None:
    """Raises InputError for a key that would make the stored part and the rest two different problems."""
    for key in changes:
        if not any(key == allowed or key.startswith(f"{allowed}.") for allowed in MAY_CHANGE):
            raise InputError(
                f"cannot change in the middle of a run{nearest(key, MAY_CHANGE)}; to start from its end with other "
                f'parameters, `femtdgl run` a problem with initial.file = "{where}"',
                file=where,
                key=key,
                allowed=", ".join(MAY_CHANGE),
            )


def _potential(result: Result, onward: Onward) -> Any:
    """The A(x, t) of a run that had one in Python, given again."""
    had = IN_PYTHON in result.attributes
    if had and onward.vector_potential is None:
        raise InputError(
            "was run with a vector potential in Python, which its files do not hold",
            file=str(result.directory),
            key="vector_potential",
            allowed=f'in Python, fg.resume("{result.directory}", vector_potential=A) with the same function',
        )
    if not had and onward.vector_potential is not None:
        raise InputError(
            "was run without it", file=str(result.directory), key="vector_potential", allowed="none, in this run"
        )
    return onward.vector_potential


def _check_mesh(result: Result, simulation: Simulation) -> None:
    """Raises InputError when the mesh that the problem makes today is not the one that was stored."""
    stored, made = result.stored_nodes, simulation.system.space.nodes
    if stored.shape != made.shape or not np.array_equal(stored, made):
        raise InputError(
            "is not the mesh of the run: its file, or what makes it, has changed",
            file=str(result.directory),
            key="mesh",
            allowed="the mesh as it was",
        )


def _checkpoints(result: Result, onward: Onward) -> tuple[float, dict[str, Any]]:
    """The time until which a run is stored, and the checkpoint from which it goes on."""
    last = read_checkpoint(result.directory)
    exact = onward.exact
    if exact is None:
        exact = (result.directory / SUMMARY).exists() and result.summary["stop_reason"] == "t_end"
    there = last.get("t")
    if not isinstance(there, float):
        raise InputError("holds no checkpoint of a run")
    return there, read_checkpoint(result.directory, exact=exact)


def _has_ended(result: Result, simulation: Simulation, t: float) -> bool:
    """Whether nothing is left to do, of a run that is stored until t.  Raises InputError for an end before it."""
    where, t_end = str(result.directory), simulation.problem.time.t_end
    if t_end < t - resolution(t):
        raise InputError(
            f"{t_end:g} lies before t = {t:g}, which is there already",
            file=where,
            key="--until",
            allowed=f"at least {t:g}",
        )
    if t_end > t + resolution(t):
        return False
    if result.parts is not None:
        simulation.stop_reason = "t_end"
        return False
    return (result.directory / SUMMARY).exists() and result.summary["stop_reason"] in FINISHED
