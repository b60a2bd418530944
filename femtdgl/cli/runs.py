"""Commands that solve, or say what would be solved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from femtdgl.cli.frame import (
    INTERRUPTED,
    Device,
    Directory,
    Overrides,
    ProblemFile,
    Quiet,
    Threads,
    Unset,
    app,
    changes_of,
    errors,
    one_run,
    say,
)


def _solve(work: Callable[[Any], Any], quiet: bool) -> None:
    """Do the work under a display; print the summary and make the figures, also of a run that was interrupted."""
    from femtdgl.errors import Interrupted

    interrupted = False
    try:
        result = work(None) if quiet else _watched(work)
    except Interrupted as stop:
        say(str(stop))
        interrupted, result = True, stop.result
    if result is not None:
        _report(result, quiet)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def _watched(work: Callable[[Any], Any]) -> Any:
    """Do the work under a display."""
    from rich.console import Console

    from femtdgl.display import Display

    with Display(Console()) as display:
        return work(display)


def _report(result: Any, quiet: bool) -> None:
    """Print the summary and make the figures."""
    from femtdgl.figures.offscreen import NoPicture
    from femtdgl.kinds import registry, report

    if not quiet:
        for line in report.lines(result):
            typer.echo(line)
    try:
        if not registry.of_result(result).draws_when_solved:
            report.figures(result)
    except NoPicture as error:  # a machine without OpenGL solves all the same
        say(str(error))


@app.command()
def run(
    problem: ProblemFile,
    out: Annotated[
        str | None, typer.Option(help="Directory for the result; default results/<name of the file>.")
    ] = None,
    set_: Overrides = None,
    unset: Unset = None,
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a result that is there.")] = False,
    threads: Threads = None,
    device: Device = "cpu",
) -> None:
    """Solve a problem and write result, summary and figures."""
    with errors(), one_run():
        from femtdgl.files.place import refuse

        directory = Path(out) if out is not None else Path("results") / Path(problem).stem
        refuse(directory, force=force)  # before a mesh is made, and all that it takes is loaded

        from femtdgl.kinds.run import read_file, solve_into

        job = read_file(problem, changes_of(set_, unset))
        _solve(
            lambda display: solve_into(directory, job, force=force, watch=display, threads=threads, device=device),
            quiet,
        )


@app.command()
def resume(
    directory: Directory,
    until: Annotated[str | None, typer.Option(metavar="T", help="New end, in t0, or '2 ns' of a film in SI.")] = None,
    exact: Annotated[
        bool | None,
        typer.Option(
            "--exact/--no-exact",
            help="From the last multiple of time.checkpoint, to the bit as if never stopped, or from where it stands; "
            "default: --exact for a run that had come to its end.",
        ),
    ] = None,
    set_: Overrides = None,
    unset: Unset = None,
    quiet: Quiet = False,
    threads: Threads = None,
    device: Device = "cpu",
) -> None:
    """Go on with a run from where it stands."""
    with errors(), one_run():
        from femtdgl.kinds.run import go_on
        from femtdgl.solve.threads import using

        changes = changes_of(set_, unset)
        with using(threads):
            _solve(
                lambda display: go_on(directory, changes, until=until, exact=exact, watch=display, device=device), quiet
            )


@app.command()
def sweep(
    problem: ProblemFile,
    out: Annotated[
        str | None, typer.Option(help="Directory for the sweep; default results/<name of the file>-sweep.")
    ] = None,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="KEY=VALUES", help="A key and its values, in place of [sweep]: J=[1.0, 1.2]."),
    ] = None,
    mode: Annotated[str | None, typer.Option(help="product, zip, follow, bisect or starts.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="RULE", help="What holds beyond a threshold: 'slips_in_all > 0'.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; default one a core.")] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster, in place of processes.")
    ] = None,
    set_: Overrides = None,
    unset: Unset = None,
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Replace another sweep that is there.")] = False,
) -> None:
    """Solve a problem for many values of some keys.

    The same command again goes on where it was stopped.
    """
    with errors():
        from femtdgl.figures.offscreen import NoPicture
        from femtdgl.input import listed, toml
        from femtdgl.studies import report
        from femtdgl.studies.sweep import sweep as solve_all

        directory = Path(out) if out is not None else Path("results") / f"{Path(problem).stem}-sweep"
        file = str(listed.find(problem))
        names = report.shown(file)
        done = solve_all(
            file, toml.parse_overrides(over or ()) or None, directory, mode=mode, until=until, workers=workers,
            dask=dask, force=force, changes=changes_of(set_, unset),
            watch=None if quiet else lambda n, count, row: typer.echo(report.line(n, count, row, names)),
        )  # fmt: skip
        try:
            written = report.figures(done)
        except NoPicture as error:
            say(str(error))
            written = []
        if not quiet:
            for line in report.lines(done, written):
                typer.echo(line)


@app.command()
def check(problem: ProblemFile, set_: Overrides = None, unset: Unset = None) -> None:
    """Say what would be solved, and write nothing.

    Reads the problem, and builds its mesh and system.
    """
    with errors():
        from femtdgl.input import listed
        from femtdgl.kinds import report
        from femtdgl.studies import report as studies

        file = str(listed.find(problem))
        describe = studies.describe if studies.is_sweep(file) else report.describe_file
        for line in describe(file, changes_of(set_, unset)):
            typer.echo(line)
