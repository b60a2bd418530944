"""The command line.  Heavy imports stand inside the commands, so that `femtdgl --help` is quick."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads are slower here, and results depend on their number

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Finite-gap time-dependent Ginzburg-Landau equations for superconducting filaments.",
)

BAD_INPUT, STOPPED, INTERRUPTED = 2, 3, 130

ProblemFile = Annotated[str, typer.Argument(metavar="PROBLEM.toml", help="Problem file.")]
Directory = Annotated[str, typer.Argument(metavar="DIR", help="Directory of a run.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a key, such as film.delta=10.")
]
Times = Annotated[
    str | None, typer.Option("--times", metavar="T1,T2,...", help="Times, in t0; the nearest stored ones are taken.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


@contextmanager
def _errors() -> Iterator[None]:
    """Exceptions to one message and an exit code."""
    from femtdgl.errors import InputError, SolverStopped

    try:
        yield
    except InputError as error:
        typer.echo(f"femtdgl: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except SolverStopped as error:
        typer.echo(f"femtdgl: {error}", err=True)
        raise typer.Exit(STOPPED) from None
    except OSError as error:
        number = error.errno or next(map(int, re.findall(r"errno = (\d+)", str(error))), None)
        reason = os.strerror(number) if number else str(error).splitlines()[0]
        kept = "what was stored up to the last checkpoint is kept"
        typer.echo(f"femtdgl: {error.filename or 'output'} cannot be written: {reason}; {kept}", err=True)
        raise typer.Exit(STOPPED) from None


def _report(result: Any, quiet: bool) -> None:
    """Print the summary and make the figures; exit code of an interrupted run."""
    from rich.console import Console

    from femtdgl.figures.offscreen import NoPicture
    from femtdgl.kinds import registry, report

    console = Console(soft_wrap=True, highlight=False)
    if not quiet:
        for line in report.lines(result):
            console.print(line, markup=False)
    try:
        if not registry.of_result(result).draws_when_solved:
            report.figures(result)
    except NoPicture as error:  # a machine without OpenGL solves all the same
        typer.echo(f"femtdgl: {error}", err=True)
    if result.summary.get("stop_reason") == "interrupted":
        raise typer.Exit(INTERRUPTED)


@app.command()
def run(
    problem: ProblemFile,
    out: Annotated[
        str | None, typer.Option(help="Directory for the result; default results/<name of the file>.")
    ] = None,
    set_: Overrides = None,
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a result that is there.")] = False,
) -> None:
    """Solve a problem file and write result, summary and figures."""
    with _errors():
        from rich.console import Console

        from femtdgl.kinds.run import prepare, read_file
        from femtdgl.problem import toml

        directory = Path(out) if out is not None else Path("results") / Path(problem).stem
        job = read_file(problem, toml.parse_overrides(set_ or ()))
        prepare(directory, force=force)
        from femtdgl.display import Display
        from femtdgl.files.reader import Result

        with Display(Console(), quiet=quiet) as display:
            job.solve(directory, display)
        _report(Result(directory), quiet)


@app.command()
def resume(
    directory: Directory,
    until: Annotated[float | None, typer.Option(help="New end, in t0.")] = None,
    quiet: Quiet = False,
) -> None:
    """Go on with a run from its last checkpoint."""
    with _errors():
        from rich.console import Console

        from femtdgl.display import Display
        from femtdgl.kinds.run import resume as go_on

        with Display(Console(), quiet=quiet) as display:
            result = go_on(directory, until=until, watch=display)
        _report(result, quiet)


@app.command()
def check(problem: ProblemFile, set_: Overrides = None) -> None:
    """Read a problem file, build its mesh and system, and say what would be solved."""
    with _errors():
        from femtdgl.kinds import report

        for line in report.describe_file(problem, set_ or ()):
            typer.echo(line)


@app.command()
def mesh(
    source: Annotated[str, typer.Argument(metavar="PROBLEM.toml|FILE", help="Problem file, mesh recipe or mesh.")],
    out: Annotated[str | None, typer.Option(help="Write the mesh: FILE.msh or FILE.vtu.")] = None,
    picture: Annotated[str | None, typer.Option(help="Draw the mesh: FILE.png.")] = None,
    set_: Overrides = None,
) -> None:
    """Build or read a mesh, check it and report the shape of its cells; write and draw it on request."""
    with _errors():
        from femtdgl.figures import mesh as pictures
        from femtdgl.files.mesh import write
        from femtdgl.mesh import Quality, read
        from femtdgl.problem import toml

        if Path(source).suffix == ".toml":
            recipe = toml.load_mesh(source, toml.parse_overrides(set_ or ()))
        else:
            recipe = read(source)
        made = recipe.build()
        typer.echo(f"{source}: {recipe.shape}")
        for line in Quality.of(made).lines():
            typer.echo(line)
        counts = [f"{name} ({len(made.boundaries[name])})" for name in recipe.boundaries]
        typer.echo(f"  boundaries  {', '.join(counts)}")
        if made.subdomains:
            typer.echo(f"  regions     {', '.join(f'{n} ({len(cells)})' for n, cells in made.subdomains.items())}")
        if out is not None:
            typer.echo(f"  written to {write(made, out)}")
        if picture is not None:
            typer.echo(f"  drawn in {pictures.draw(made, picture, title=Path(source).name)}")


@app.command()
def plot(directory: Directory, times: Times = None) -> None:
    """Make the figures of a run again; in two and three dimensions also an animated GIF."""
    with _errors():
        from femtdgl.files.reader import Result
        from femtdgl.kinds import report

        for path in report.figures(Result(directory), times=_times(times), animation=True):
            typer.echo(str(path))


@app.command()
def flux(
    directory: Directory,
    kernel: Annotated[str, typer.Option(help="exact, bose or printed.")] = "exact",
    kinetics: Annotated[str, typer.Option(help="linear or relaxation.")] = "linear",
    full: Annotated[bool, typer.Option("--full", help="Store the whole (t, x, w) too.")] = False,
    quiet: Quiet = False,
) -> None:
    """Phonon spectral flux of a run: flux.h5, flux.json and a figure."""
    with _errors():
        from femtdgl.files.reader import Result
        from femtdgl.kinds import registry

        result = Result(directory)
        for line in registry.of_result(result).flux(result, kernel, kinetics, full=full):
            if not quiet:
                typer.echo(line)


@app.command()
def export(directory: Directory, times: Times = None) -> None:
    """Write the stored fields of a run for ParaView: DIR/paraview/fields.pvd."""
    with _errors():
        from femtdgl.files import paraview
        from femtdgl.files.reader import Result

        typer.echo(str(paraview.export(Result(directory), _times(times))))


def _times(text: str | None) -> list[float] | None:
    """Times between commas as numbers."""
    from femtdgl.errors import InputError

    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(f"{text!r} is not possible", key="--times", allowed="numbers between commas") from None


@app.command("list")
def list_problems() -> None:
    """List the ready problem files."""
    import tomllib

    for path in sorted(problem_directory().glob("*.toml")):
        title = tomllib.loads(path.read_text(encoding="utf-8")).get("title", "")
        typer.echo(f"{path.stem:24} {title}\n{'':24} {path}")


def problem_directory() -> Path:
    """Where the ready problem files lie: in the package, or beside it in a checkout."""
    inside = Path(__file__).parent / "problems"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "problems"


def main() -> None:
    """Entry point."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    app()
