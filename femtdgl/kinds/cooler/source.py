"""`[filament]` of a cooler: a problem file beside this one, the directory of a run, or the sections of a filament.

What is absorbed per Joule heat depends on the coefficient c of (1.2), E1: with `variants = true` the filament is run
with each of them.

What is wrong with the filament is said by the keys that the file of the cooler knows it under, or with the file that
it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import tomli_w

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.problem import toml
from femtdgl.problem.film import Interference
from femtdgl.problem.problem import Problem

KERNELS = ("exact", "bose", "printed")
SOURCES = "problem, result, set, kernel, self_heating, variants"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A filament as it was read, and how its flux is taken."""

    problem: Problem
    text: str
    stored: Result | None = None
    """The run; None: the problem is to be run."""
    kernel: str
    self_heating: bool
    variants: bool
    """Whether it is run with every coefficient c of (1.2)."""
    file: str = ""
    """That the problem stands in; "": the cooler's own."""
    changes: Mapping[str, Any] = field(default_factory=dict)

    def replaced(self, problem: Problem) -> Source:
        """Another problem from the same place."""
        return replace(self, problem=problem, text=toml.dump(problem))

    def others(self) -> dict[Interference, FilamentJob]:
        """The same filament with each other interference, if they are wanted."""
        film, names = self.problem.film, get_args(Interference) if self.variants else ()
        return {
            name: self.replaced(replace(self.problem, film=replace(film, interference=name))).job()
            for name in names
            if name != film.interference
        }

    def job(self) -> FilamentJob:
        """The filament with its mesh, system and start, to be solved.  Raises InputError."""
        with said_of(self.file, self.changes):
            return FilamentJob(self.problem, self.text)


def read_source(table: Mapping[str, Any], folder: Path) -> Source:
    """`problem` (a file beside this one), `result` (a directory), or the sections of a problem themselves."""
    rest = dict(table)
    kernel = rest.pop("kernel", "exact")
    choices = {name: rest.pop(name, False) for name in ("self_heating", "variants")}
    for name, choice in choices.items():
        if not isinstance(choice, bool):
            raise InputError("is no choice", key=f"filament.{name}", allowed="true or false")
    if kernel not in KERNELS:
        allowed = ", ".join(f'"{name}"' for name in KERNELS)
        raise InputError(f"{kernel!r} is not possible", key="filament.kernel", allowed=allowed)
    sources = [key for key in ("problem", "result", "mesh") if key in rest]
    if len(sources) != 1:
        raise InputError(
            f"gives {' and '.join(sources) or 'no filament'}",
            key="filament",
            allowed="one of: problem = a file, result = a directory, or the sections of a filament",
        )
    flux: dict[str, Any] = {"kernel": kernel, **choices}
    if sources == ["mesh"]:
        with said_of("", {}):
            return Source(problem=fit(toml.build(rest)), text=tomli_w.dumps(rest), **flux)
    where = folder / str(rest.pop(sources[0]))
    changes = dotted(rest.pop("set", {}))
    if rest:
        raise InputError("unknown key", key=f"filament.{next(iter(rest))}", allowed=SOURCES)
    if sources == ["result"]:
        if choices["variants"]:
            raise InputError(
                "needs a filament that is run here", key="filament.variants", allowed="false with result = a directory"
            )
        return Source(**stored_run(where), **flux)
    with said_of(str(where), changes):
        problem, text = toml.load(where, changes)
        return Source(problem=fit(problem), text=text, file=str(where), changes=changes, **flux)


@contextmanager
def said_of(file: str, changes: Mapping[str, Any]) -> Iterator[None]:
    """Complaints about a filament that stands in `file` ("": in the cooler's own), with some keys set by the cooler."""
    try:
        yield
    except InputError as error:
        if not file:
            raise error.at(key=f"filament.{error.key}".removesuffix(".")) from None
        if any(error.key == key or error.key.startswith(f"{key}.") for key in changes):
            raise InputError(error.message, key=f"filament.set.{error.key}", allowed=error.allowed) from None
        raise error.at(file=error.file or file) from None


def stored_run(where: Path) -> dict[str, Any]:
    """The run of a filament as it lies in a directory: `stored`, `problem`, `text`."""
    result = Result(where)
    text, kind = result.problem_text, toml.parse(result.problem_text).get("kind", "filament")
    if kind != "filament":
        raise InputError(
            f"is the run of a {kind}", key="filament.result", file=str(where), allowed="that of a filament"
        )
    if not (result.directory / "summary.json").exists():
        raise InputError("has no summary.json", file=str(where), allowed="a run that came to its end")
    if result.summary["stop_reason"] == "interrupted":
        raise InputError("was interrupted", file=str(where), allowed="a run that came to its end: `femtdgl resume` it")
    problem = toml.build(toml.parse(text), file=str(where))
    with said_of(str(where), {}):
        return {"stored": result, "problem": fit(problem), "text": text}


def fit(problem: Problem) -> Problem:
    """The same problem.  Raises InputError where it is none that a cooler can have."""
    if problem.mesh.shape != "line" or not problem.terminals:
        raise InputError("is no filament between two terminals", key="mesh.shape", allowed='"line"')
    if problem.film.delta == 0:
        raise InputError("a gapless film has no phonon flux", key="film.delta", allowed="delta > 0")
    fields, t_end = problem.output.fields, problem.time.t_end
    if fields > t_end:
        words = f"{fields:g} keeps a single time of a run to {t_end:g}"
        raise InputError(words, key="output.fields", allowed="an interval within the run: its flux is taken from them")
    return problem


def dotted(changes: Any) -> dict[str, Any]:
    """{"time": {"t_end": 60}}, as --set filament.set.time.t_end=60 makes it, to {"time.t_end": 60}."""
    if not isinstance(changes, Mapping):
        allowed = 'a table of keys of the filament, such as { "time.t_end" = 60.0 }'
        raise InputError(f"{changes!r} is not possible", key="filament.set", allowed=allowed)
    flat: dict[str, Any] = {}
    for key, value in changes.items():
        if isinstance(value, Mapping) and "." not in key:
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            flat[key] = value
    return flat
