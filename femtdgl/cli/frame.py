"""What all commands share: the program, its words for problems and keys, errors to one message and an exit code."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads are slower here, and results depend on their number

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes as long as `--help`

import typer
from typer.core import TyperGroup

BAD_INPUT, STOPPED, INTERRUPTED, CLOSED_PIPE = 2, 3, 130, 141
SELDOM = 1_000_000
"""New objects after which a run looks for garbage: more than it loads, which stays to its end, so that nobody looks
through that; as often as Python does it, that takes a tenth of a short run.  Studies look as ever: each point leaves a
system."""
KEYS = ("--set", "--over")
KEY = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*\s*=")
"""How a further KEY=VALUE after one --set begins."""


class Group(TyperGroup):
    """The commands; several keys may follow one --set."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does it, with --set before each key."""
        return super().parse_args(ctx, each_with_its_option(args))

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which they are needed."""
        return sorted(self.commands, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


ORDER = (
    "list", "new", "check", "run", "resume", "sweep", "report", "view", "plot", "movie", "export", "flux",
    "mesh", "schema", "docs",
)  # fmt: skip

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Finite-gap time-dependent Ginzburg-Landau equations for superconducting filaments.",
    epilog="Begin with `femtdgl run psc_filament`: a name of `femtdgl list` stands for its file.",
)


def complete_problem(incomplete: str) -> list[str]:
    """Names of ready problems and files that begin so."""
    from femtdgl.input import listed

    folder, _, begun = incomplete.rpartition("/")
    here = Path(folder or ("/" if incomplete.startswith("/") else "."))
    files = []
    for path in here.glob(f"{begun}*") if here.is_dir() else ():
        if path.is_dir() or path.suffix == ".toml":
            files.append(f"{folder}/{path.name}" if "/" in incomplete else path.name)
    return sorted([name for name in listed.names() if name.startswith(incomplete)] + files)


ProblemFile = Annotated[
    str,
    typer.Argument(
        metavar="PROBLEM", help="A problem file, or a name of `femtdgl list`.", autocompletion=complete_problem
    ),
]
Directory = Annotated[str, typer.Argument(metavar="DIR", help="Directory of a run.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Replace a key, such as film.delta=10; several may follow, or --set again."
    ),
]
Unset = Annotated[
    list[str] | None,
    typer.Option("--unset", metavar="KEY", help="Leave out a key that the file has; --unset again for another."),
]
Times = Annotated[
    str | None, typer.Option("--times", metavar="T1,T2,...", help="Times, in t0; the nearest stored ones are taken.")
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Threads for a large problem; default: the cores. Results do not depend on it."),
]
Device = Annotated[str, typer.Option(metavar="NAME", help="cpu, or gpu for a filament of two or three dimensions.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


@contextmanager
def errors() -> Iterator[None]:
    """Exceptions to one message and an exit code."""
    from femtdgl.errors import InputError, SolverStopped

    try:
        yield
    except InputError as error:
        end(BAD_INPUT, str(error))
    except SolverStopped as error:
        end(STOPPED, str(error))
    except KeyboardInterrupt as error:
        end(INTERRUPTED, str(error) or "interrupted")
    except BrokenPipeError:  # nobody reads any more: nothing to say to anybody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CLOSED_PIPE) from None
    except MemoryError as error:
        end(STOPPED, f"needs more memory than there is: {error or 'no more could be had'}")
    except OSError as error:  # what is read makes an InputError when it cannot be
        if error.errno is None:
            end(STOPPED, str(error))
        end(STOPPED, f"{error.filename or 'output'} cannot be written: {os.strerror(error.errno)}")


def say(message: str) -> None:
    """One line for people, beside the output."""
    typer.echo(f"femtdgl: {' '.join(message.split())}", err=True)


def end(code: int, message: str) -> NoReturn:
    """One line for people, and an exit code."""
    say(message)
    raise typer.Exit(code) from None


def changes_of(set_: Sequence[str] | None, unset: Sequence[str] | None) -> dict[str, Any]:
    """The keys that the command line changes, by their dotted names; None for those to leave out."""
    from femtdgl.input import toml

    return dict.fromkeys(unset or ()) | toml.parse_overrides(set_ or ())


def times_of(text: str | None, result: Any) -> list[float] | None:
    """Times between commas as numbers, in t0; of a film in SI also with units."""
    from femtdgl.errors import InputError
    from femtdgl.input.quantities import has_unit

    if text is None:
        return None
    try:
        return [
            float(result.times(part)) if has_unit(part) else float(part) for part in text.split(",") if part.strip()
        ]
    except InputError as error:
        raise error.at(key="--times") from None
    except ValueError:
        raise InputError(f"{text!r} is not possible", key="--times", allowed="numbers between commas") from None


def each_with_its_option(arguments: Sequence[str]) -> list[str]:
    """`--set a=1 b=2` as `--set a=1 --set b=2`; a file of such a name stays an argument."""
    spread: list[str] = []
    for argument in arguments:
        again = len(spread) >= 2 and spread[-2] in KEYS and KEY.match(argument) and not Path(argument).exists()
        spread += [spread[-2], argument] if again else [argument]
    return spread


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"femtdgl {version('femtdgl')}")
        raise typer.Exit()


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Finite-gap time-dependent Ginzburg-Landau equations for superconducting filaments."""


@contextmanager
def one_run() -> Iterator[None]:
    """Garbage is seldom looked for."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM)
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # what is there counts as old now: else the next look would be at all of it
        gc.set_threshold(*before)


def main() -> None:
    """Entry point."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        app(prog_name="femtdgl")
    finally:
        gc.freeze()  # the process ends: its objects need no last look either
