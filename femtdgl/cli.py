"""The command line.  Heavy imports stand inside the commands, so that `femtdgl --help` is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads are slower here, and results depend on their number

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Finite-gap time-dependent Ginzburg-Landau equations for superconducting filaments.",
)

BAD_INPUT, STOPPED, INTERRUPTED, CLOSED_PIPE = 2, 3, 130, 141

ProblemFile = Annotated[str, typer.Argument(metavar="PROBLEM.toml", help="Problem file.")]
Directory = Annotated[str, typer.Argument(metavar="DIR", help="Directory of a run.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Replace a key, such as film.delta=10.")
]
Times = Annotated[
    str | None, typer.Option("--times", metavar="T1,T2,...", help="Times, in t0; the nearest stored ones are taken.")
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Threads for a large problem; default: the cores. Results do not depend on it."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


@contextmanager
def _errors() -> Iterator[None]:
    """Exceptions to one message and an exit code."""
    from femtdgl.errors import InputError, SolverStopped

    try:
        yield
    except InputError as error:
        _end(BAD_INPUT, str(error))
    except SolverStopped as error:
        _end(STOPPED, str(error))
    except KeyboardInterrupt as error:
        _end(INTERRUPTED, str(error) or "interrupted")
    except BrokenPipeError:  # nobody reads any more: nothing to say to anybody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CLOSED_PIPE) from None
    except MemoryError as error:
        _end(STOPPED, f"needs more memory than there is: {error or 'no more could be had'}")
    except OSError as error:  # what is read makes an InputError when it cannot be
        if error.errno is None:
            _end(STOPPED, str(error))
        _end(STOPPED, f"{error.filename or 'output'} cannot be written: {os.strerror(error.errno)}")


def _end(code: int, message: str) -> NoReturn:
    """One line for people, and an exit code."""
    typer.echo(f"femtdgl: {' '.join(message.split())}", err=True)
    raise typer.Exit(code) from None


def _solve(work: Callable[[Any], Any], quiet: bool) -> None:
    """Do the work under a display; print the summary and make the figures, also of a run that was interrupted."""
    from rich.console import Console

    from femtdgl.display import Display
    from femtdgl.errors import Interrupted

    interrupted = False
    try:
        with Display(Console(), quiet=quiet) as display:
            result = work(display)
    except Interrupted as stop:
        typer.echo(f"femtdgl: {stop}", err=True)
        interrupted, result = True, stop.result
    if result is not None:
        _report(result, quiet)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


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
        typer.echo(f"femtdgl: {error}", err=True)


@app.command()
def run(
    problem: ProblemFile,
    out: Annotated[
        str | None, typer.Option(help="Directory for the result; default results/<name of the file>.")
    ] = None,
    set_: Overrides = None,
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a result that is there.")] = False,
    threads: Threads = None,
) -> None:
    """Solve a problem file and write result, summary and figures."""
    with _errors():
        from femtdgl.kinds.run import read_file, solve_into
        from femtdgl.problem import toml

        directory = Path(out) if out is not None else Path("results") / Path(problem).stem
        job = read_file(problem, toml.parse_overrides(set_ or ()))
        _solve(lambda display: solve_into(directory, job, force=force, watch=display, threads=threads), quiet)


@app.command()
def resume(
    directory: Directory,
    until: Annotated[float | None, typer.Option(help="New end, in t0.")] = None,
    exact: Annotated[
        bool | None,
        typer.Option(
            "--exact/--no-exact",
            help="From the last multiple of time.checkpoint, to the bit as if never stopped, or from where it stands; "
            "default: --exact for a run that had come to its end.",
        ),
    ] = None,
    set_: Overrides = None,
    quiet: Quiet = False,
    threads: Threads = None,
) -> None:
    """Go on with a run from where it stands."""
    with _errors():
        from femtdgl.kinds.run import go_on
        from femtdgl.problem import toml
        from femtdgl.solve.threads import using

        changes = toml.parse_overrides(set_ or ())
        with using(threads):
            _solve(lambda display: go_on(directory, changes, until=until, exact=exact, watch=display), quiet)


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
    quiet: Quiet = False,
    force: Annotated[bool, typer.Option("--force", help="Replace another sweep that is there.")] = False,
) -> None:
    """Solve a problem file for many values of some keys; the same command again goes on where it was stopped."""
    with _errors():
        from femtdgl.figures.offscreen import NoPicture
        from femtdgl.input import toml
        from femtdgl.studies import report
        from femtdgl.studies.sweep import sweep as solve_all

        directory = Path(out) if out is not None else Path("results") / f"{Path(problem).stem}-sweep"
        keys, changes = toml.parse_overrides(over or ()), toml.parse_overrides(set_ or ())
        names = report.shown(problem)
        done = solve_all(
            problem, keys or None, directory, mode=mode, until=until, workers=workers, force=force, changes=changes,
            dask=dask, watch=None if quiet else lambda n, count, row: typer.echo(report.line(n, count, row, names)),
        )  # fmt: skip
        try:
            written = report.figures(done)
        except NoPicture as error:
            typer.echo(f"femtdgl: {error}", err=True)
            written = []
        if not quiet:
            for line in report.lines(done, written):
                typer.echo(line)


@app.command()
def check(problem: ProblemFile, set_: Overrides = None) -> None:
    """Read a problem file, build its mesh and system, and say what would be solved."""
    with _errors():
        from femtdgl.kinds import report
        from femtdgl.studies import report as studies

        describe = studies.describe if studies.is_sweep(problem) else report.describe_file
        for line in describe(problem, set_ or ()):
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

    with _errors():
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
    _refuse_strays(sys.argv[1:])
    app()


def _refuse_strays(arguments: list[str]) -> None:
    """Say what to do about a second key after one --set."""
    for option, first, second in zip(arguments, arguments[1:], arguments[2:], strict=False):
        if option == "--set" and "=" in second and not second.startswith("-") and not Path(second).exists():
            typer.echo(f"femtdgl: --set takes one key, repeat it: --set {first} --set {second}", err=True)
            sys.exit(BAD_INPUT)
