"""Run and resume: a problem of any kind in, a directory with result and summary out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.kinds.kind import Job, Watch


def run(problem: Any, out: str | Path | None = None, *, until: float | None = None,
        force: bool = False, watch: Watch | None = None, **overrides: Any) -> Result:  # fmt: skip
    """Solve a problem, or a problem file, and return its result.

    `out`: directory for the result; None keeps it only as long as the returned Result lives.  `until` replaces
    time.t_end.  `force` replaces a result that is there; `watch` is called with the `Progress` of each step.  Further
    keywords override keys of the problem, with __ for the dot: film__delta=10.
    Raises InputError for bad input and SolverStopped when the integrator gives up.
    """
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    if until is not None:
        changes["time.t_end"] = float(until)
    kind = registry.of_object(problem)
    job = kind.read_object(problem, changes) if kind is not None else read_file(problem, changes)
    if out is None:
        keep = TemporaryDirectory(prefix="femtdgl-")
        job.solve(Path(keep.name), watch)
        return Result(keep.name, keep=keep)
    directory = Path(out)
    prepare(directory, force=force)
    job.solve(directory, watch)
    return Result(directory)


def read_file(path: str | Path, changes: Mapping[str, Any] | None = None) -> Job:
    """A problem file of any kind as something to solve.  Raises InputError before anything is written."""
    table, text = toml.read(path, changes)
    try:
        return registry.of_table(table, file=str(path)).read(table, text, file=str(path))
    except InputError as error:
        raise error.at(file=error.file or str(path)) from None


def resume(where: str | Path, *, until: float | None = None, watch: Watch | None = None) -> Result:
    """Go on with a run from its last checkpoint, to its end or to `until`.

    What was recorded after the checkpoint is computed again, so that the result is the uninterrupted one to the bit.
    """
    result = Result(where)
    registry.of_result(result).resume(result, until=until, watch=watch)
    return Result(where)


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
