"""Problem files: TOML text to a `Problem`, and errors that name file, key, value and what is allowed.

The dataclasses of `problem` are the only description of what a file may hold; pydantic checks a file against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from femtdgl.errors import InputError
from femtdgl.input.tables import validated
from femtdgl.input.toml import override as override
from femtdgl.input.toml import parse as parse
from femtdgl.input.toml import parse_overrides as parse_overrides
from femtdgl.input.toml import read
from femtdgl.mesh import Recipe
from femtdgl.problem.film_units import FilmUnits, MeshAlone
from femtdgl.problem.heat_course import refuse_quantities
from femtdgl.problem.in_python import found_in, in_python, is_function, left_out, put_in
from femtdgl.problem.problem import Problem, describe


def build(table: Mapping[str, Any], *, file: str = "") -> Problem:
    """A table to a Problem.  Raises InputError for the first thing that is wrong."""
    try:
        for key in left_out(table):
            raise InputError(
                "is a function, which no file holds", key=key, allowed="in Python, the problem or the run with it again"
            )
        if "vector_potential" in table:
            words = "no file can hold a function of place and time"
            raise InputError(words, key="vector_potential", allowed="drive.field, or a Problem made in Python")
        problem: Problem = validated(Problem, FilmUnits(table).reduced(Problem), "")
        if problem.heat is not None and problem.film.scales is None:
            refuse_quantities(table["heat"])
    except InputError as error:
        raise error.at(file=file) from None
    return problem


def load(path: Path | str, overrides: Mapping[str, Any] | None = None) -> tuple[Problem, str]:
    """A problem file to a Problem and the text to store with its result."""
    table, text = read(path, overrides)
    return build(table, file=str(path)), text


def load_mesh(path: Path | str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """The mesh of a problem file, or of a file with nothing but a [mesh] section, as a recipe."""
    table, _ = read(path, overrides)
    if set(table) - {"mesh", "title"}:
        return build(table, file=str(path)).mesh
    try:
        alone: MeshAlone = validated(MeshAlone, FilmUnits(table).reduced(MeshAlone), "")
    except InputError as error:
        raise error.at(file=str(path)) from None
    return alone.mesh


def build_again(problem: Problem, changes: Mapping[str, Any]) -> tuple[Problem, str]:
    """A problem made in Python with dotted keys changed, read by its text as a file is, and that text.

    Changes may be sections and waveforms too, fg.Drive(...).  What no file holds, functions, comes from the problem, or
    from the changes.
    """
    table = parse(dump(problem))
    functions = found_in(problem, table)
    words = {key: in_python(value) if is_function(value) else describe(value) for key, value in changes.items()}
    override(table, words)
    text = tomli_w.dumps(table)
    for key, value in changes.items():
        functions |= {f"{key}.{rest}".removesuffix("."): found for rest, found in found_in(value, words[key]).items()}
    put_in(table, {key: functions.get(key) for key in left_out(table)})
    return replace(build(table), vector_potential=problem.vector_potential), text


def dump(problem: Problem) -> str:
    """A problem made in Python as the text of a problem file."""
    return tomli_w.dumps(describe(problem))
