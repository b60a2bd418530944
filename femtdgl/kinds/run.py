"""Run and resume: a problem of any kind in, a directory with result and summary out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from femtdgl.device.names import CPU, known
from femtdgl.errors import InputError, Interrupted, SolverStopped
from femtdgl.files.lock import writing
from femtdgl.files.place import prepare, remove_leftovers
from femtdgl.input import listed, toml
from femtdgl.input.quantities import has_unit
from femtdgl.kinds import registry
from femtdgl.kinds.bar import watching
from femtdgl.kinds.kind import Job, Onward, Watch
from femtdgl.kinds.result import Result
from femtdgl.problem.describe import in_words
from femtdgl.solve.threads import using


def run(problem: Any, out: str | Path | None = None, *, until: float | str | None = None,
        force: bool = False, watch: Watch | None = None, progress: bool | None = None, threads: int | None = None,
        device: str = CPU, **overrides: Any) -> Result:  # fmt: skip
    """Solve a problem, or a problem file, and return its result.

    `out`: directory for the result; None keeps it only as long as the returned Result lives.  `until` replaces
    time.t_end; of a film in SI it may be text, "2 ns".  `force` replaces a result that is there; `watch` is called
    with the `Progress` of each step.  `progress`: a bar; None shows one in terminals and notebooks, if the run takes
    longer than about a second.  Large problems are solved in so many `threads`, as many as there are cores by default;
    results do not depend on it.  `device`: "cpu", or "gpu" for filaments of two and three dimensions (docs/gpu.md).
    Further keywords (overrides) replace keys of the problem, with __ for the dot: film__delta=10.
    Raises InputError for bad input, SolverStopped when the integrator gives up, and Interrupted, a KeyboardInterrupt,
    after Ctrl-C; both of these have the `result` as far as it goes.
    """
    changes = _dotted(overrides)
    if until is not None:
        changes["time.t_end"] = _time(until)
    kind = registry.of_object(problem)
    with _sections_named(overrides):
        job = kind.read_object(problem, changes) if kind is not None else read_file(problem, in_words(changes))
    with watching(watch, progress) as seen:
        if out is not None:
            return solve_into(Path(out), job, force=force, watch=seen, threads=threads, device=device)
        job.on(device)
        keep = TemporaryDirectory(prefix="femtdgl-")
        with using(threads), _result_of_failures(Path(keep.name), keep):
            job.solve(Path(keep.name), seen)
    return Result(keep.name, keep=keep)


def read_file(path: str | Path, changes: Mapping[str, Any] | None = None) -> Job:
    """A problem file of any kind, or a ready problem by its name, as something to solve.

    Raises InputError before anything is written.
    """
    path = listed.find(path)
    table, text = toml.read(path, changes)
    if "sweep" in table:
        words = "is there: the file describes many runs"
        raise InputError(words, key="sweep", file=str(path), allowed=f"`femtdgl sweep {path}`, or a file without it")
    try:
        return registry.of_table(table, file=str(path)).read(table, text, file=str(path))
    except InputError as error:
        raise error.at(file=error.file or str(path)) from None


def solve_into(
    directory: Path, job: Job, *, force: bool = False, watch: Watch | None = None, threads: int | None = None,
    device: str = CPU,
) -> Result:  # fmt: skip
    """Solve what was read into a directory, as its only writer."""
    job.on(device)
    with using(threads), prepare(directory, force=force), _result_of_failures(directory):
        job.solve(directory, watch)
    return Result(directory)


def resume(where: str | Path, *, until: float | str | None = None, exact: bool | None = None,
           vector_potential: Any = None, watch: Watch | None = None, progress: bool | None = None,
           threads: int | None = None, device: str = CPU, **overrides: Any) -> Result:  # fmt: skip
    """Go on with a run, to its end or to `until`.

    A run that was stopped goes on from where it stands.  With `exact` it goes back to the last multiple of
    time.checkpoint, so that the result is the one of an uninterrupted run to the bit; that is also the way of a run
    that had come to its t_end, unless exact=False.  What is stored stays until the run has come that far again.
    `vector_potential`: the A(x, t) of a run that had one in Python; `threads`, `device`, `watch` and `progress` as
    for `run`.  Further keywords (overrides) change keys of the problem where that means something in the middle of a
    run: time__rtol=1e-8, stop__steady=1e-6.
    Raises InputError, SolverStopped and Interrupted as `run` does.
    """
    with using(threads), watching(watch, progress) as seen:
        return go_on(where, _dotted(overrides), until=until, exact=exact, vector_potential=vector_potential, watch=seen,
                     device=device)  # fmt: skip


def go_on(where: str | Path, changes: Mapping[str, Any], *, until: float | str | None = None, exact: bool | None = None,
          vector_potential: Any = None, watch: Watch | None = None, device: str = CPU) -> Result:  # fmt: skip
    """As `resume`, with the keys that change by their dotted names."""
    end = None if until is None else _time(until)
    onward = Onward(until=end, changes=changes, exact=exact, vector_potential=vector_potential, device=known(device))
    result = Result(where)
    with writing(result.directory), _result_of_failures(result.directory):
        remove_leftovers(result.directory)
        result = Result(where)
        registry.of_result(result).resume(result, onward, watch)
    return Result(where)


@contextmanager
def _result_of_failures(directory: Path, keep: TemporaryDirectory[str] | None = None) -> Iterator[None]:
    """Give a run that ended early its result, as far as it goes."""
    try:
        yield
    except (SolverStopped, Interrupted) as stop:
        try:
            result = Result(directory, keep=keep)
        except InputError:  # it stopped before there was anything to keep
            raise stop from None
        if keep is not None:  # no directory that anybody knows of
            kept = "what was computed is the `result` of this exception"
            if isinstance(stop, SolverStopped):
                stop = SolverStopped(stop.reason, time=stop.time, kept=kept)
            else:
                stop = Interrupted(f"interrupted at t = {stop.time:.6g}; {kept}", time=stop.time)
        stop.result = result
        raise stop from stop.__cause__


@contextmanager
def _sections_named(overrides: Mapping[str, Any]) -> Iterator[None]:
    """Say how keywords name a key of a section, where one without a section is refused."""
    try:
        yield
    except InputError as error:
        if error.key not in overrides or not error.message.startswith("unknown key"):
            raise
        allowed = f"{error.allowed}; or a key of a section, such as drive__{error.key}"
        raise InputError(error.message, key=error.key, file=error.file, allowed=allowed) from None


def _dotted(overrides: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("__", "."): value for key, value in overrides.items()}


def _time(until: Any) -> float | str:
    """A time as a number in t0, or as text with a unit, which the film reads.  Raises InputError."""
    if has_unit(until):
        return str(until)
    try:
        return float(until)
    except (TypeError, ValueError):
        allowed = 'a time in t0, or of a film in SI text, "1 ns"'
        raise InputError(f"{until!r} is not possible", key="until", allowed=allowed) from None
