"""Commands that make something of a finished run: a report, figures, movies, files for ParaView, its phonon flux."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from femtdgl.cli.frame import Directory, Quiet, Times, app, errors, times_of

Units = Annotated[
    str | None, typer.Option(metavar="SI|reduced", help="Units of the figures; default SI where the film has scales.")
]


@app.command()
def report(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="Directory of a run or of a sweep.")],
    out: Annotated[str | None, typer.Option(metavar="FILE", help="The page; default DIR/report.html.")] = None,
) -> None:
    """Write the report of a run or of a sweep, one page in one file.

    Equations, fields over time, figures, ledgers; it needs no network and nothing beside it.
    """
    with errors():
        from femtdgl.studies.page import report as write

        typer.echo(str(write(directory, out)))


@app.command()
def view(
    directory: Directory,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: one that is free.")] = 0,
    browser: Annotated[bool, typer.Option("--browser", help="Open it in the browser of this desktop.")] = False,
) -> None:
    """Look at the fields of a run in a browser, also while it goes on.

    Field, time, cut line, vortices.  Only this machine reaches it; Ctrl-C ends it.
    """
    with errors():
        import webbrowser

        from femtdgl.files.reader import Result
        from femtdgl.kinds import registry
        from femtdgl.web.view import serve

        def ready(address: str) -> None:
            typer.echo(f"{address}  (Ctrl-C ends it)")
            if browser:
                webbrowser.open(address)

        result = Result(directory)
        serve(registry.of_result(result).view(result), port=port, title=str(directory), ready=ready)


@app.command()
def plot(
    directory: Directory,
    of: Annotated[
        str | None, typer.Option(metavar="FIELD", help="One field alone, such as psi, phase, j_s, T or w.")
    ] = None,
    times: Times = None,
    units: Units = None,
) -> None:
    """Make the figures of a run again.

    In two and three dimensions also an animated GIF, unless times are given.
    """
    with errors():
        from femtdgl.figures.units import shown_in
        from femtdgl.files.reader import Result
        from femtdgl.kinds import registry
        from femtdgl.kinds import report as drawing

        result = Result(directory)
        chosen = times_of(times, result)
        if of is None:
            paths = drawing.figures(result, times=chosen, animation=chosen is None, units=units)
        else:
            with shown_in(units):
                paths = registry.of_result(result).picture(result, of, times=chosen)
        for path in paths:
            typer.echo(str(path))


@app.command()
def movie(
    directory: Directory,
    of: Annotated[str, typer.Option(metavar="FIELD", help="A stored field: psi, phase, j_s, T, w, ...")] = "psi",
    fps: Annotated[float, typer.Option(min=0.5, max=100, help="Frames a second.")] = 20.0,
    frames: Annotated[
        int, typer.Option(min=2, help="Frames at most; of more stored ones, so many evenly spaced.")
    ] = 300,
    to: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="FILE.mp4 or FILE.gif; default DIR/figures/FIELD.mp4, .gif without ffmpeg."),
    ] = None,
    units: Units = None,
    quiet: Quiet = False,
) -> None:
    """Make a movie of a field over the run.

    mp4 by ffmpeg, which `pip install 'femtdgl[movie]'` brings; an animated GIF without it.
    """
    with errors():
        from rich.progress import Progress

        from femtdgl.figures.units import shown_in
        from femtdgl.files.reader import Result
        from femtdgl.kinds import registry

        result = Result(directory)
        with shown_in(units), Progress(disable=quiet or not sys.stdout.isatty(), transient=True) as bar:
            task = bar.add_task(of, total=None)
            path = registry.of_result(result).movie(
                result, of, None if to is None else Path(to), fps=fps, most=frames,
                watch=lambda done, count: bar.update(task, completed=done, total=count),
            )  # fmt: skip
        if not quiet:
            typer.echo(str(path))


@app.command()
def export(
    directory: Directory,
    times: Times = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR2", help="Write there: DIR2/fields.pvd; default DIR/paraview.")
    ] = None,
) -> None:
    """Write the stored fields of a run for ParaView.

    Frames of the run that lie in DIR/paraview already stay there, and in its series.
    """
    with errors():
        from femtdgl.files import paraview
        from femtdgl.files.reader import Result

        folder, result = None if out is None else Path(out), Result(directory)
        typer.echo(str(paraview.export(result, times_of(times, result), folder)))


@app.command()
def flux(
    directory: Directory,
    kernel: Annotated[str, typer.Option(help="exact, bose or printed.")] = "exact",
    kinetics: Annotated[str, typer.Option(help="linear or relaxation.")] = "linear",
    full: Annotated[bool, typer.Option("--full", help="Store the whole (t, x, w) too.")] = False,
    quiet: Quiet = False,
) -> None:
    """Phonon spectral flux of a run.

    Writes flux.h5, flux.json and a figure.
    """
    with errors():
        from femtdgl.files.reader import Result
        from femtdgl.kinds import registry

        result = Result(directory)
        for line in registry.of_result(result).flux(result, kernel, kinetics, full=full):
            if not quiet:
                typer.echo(line)
