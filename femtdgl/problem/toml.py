"""Problem files: TOML text to a `Problem`, and errors that name file, key, value and what is allowed.

The dataclasses of `problem` are the only description of what a file may hold; pydantic checks a file against them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import tomli_w
from pydantic import Discriminator, TypeAdapter, ValidationError

from femtdgl.errors import InputError
from femtdgl.input.toml import override as override
from femtdgl.input.toml import parse as parse
from femtdgl.input.toml import parse_overrides as parse_overrides
from femtdgl.input.toml import read
from femtdgl.mesh import Recipe
from femtdgl.problem.heat import refuse_quantities
from femtdgl.problem.problem import Problem, describe


@cache
def _adapter() -> TypeAdapter[Problem]:
    return TypeAdapter(Problem)


def build(table: Mapping[str, Any], *, file: str = "") -> Problem:
    """A table to a Problem.  Raises InputError for the first thing that is wrong."""
    try:
        problem = _adapter().validate_python(dict(table))
    except ValidationError as error:
        raise _first_error(error, file) from None
    if problem.heat is not None and problem.film.scales is None:
        try:
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
    if "mesh" not in table:
        raise InputError("is missing", file=str(path), key="mesh", allowed="a section that describes a mesh")
    try:
        return TypeAdapter(Annotated[Recipe, Discriminator("shape")]).validate_python(table["mesh"])
    except ValidationError as error:
        raise _first_error(error, str(path), ("mesh",)) from None


def dump(problem: Problem) -> str:
    """A problem made in Python as the text of a problem file."""
    return tomli_w.dumps(describe(problem))


def _first_error(error: ValidationError, file: str, within: tuple[str, ...] = ()) -> InputError:
    """The first complaint of pydantic in our words."""
    items = error.errors(include_url=False)
    item = items[0]
    loc = [*within, *(str(part) for part in item["loc"] if not _is_tag(part))]
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        key = ".".join([*loc, cause.key]) if cause.key and not cause.key.startswith(".".join(loc) or " ") else None
        return cause.at(file=file, key=key or cause.key or ".".join(loc))
    key = ".".join(loc)
    value = item["input"]
    if item["type"] == "unexpected_keyword_argument":
        names = _names(loc[:-1], [str(part) for part in item["loc"] if _is_tag(part)])
        near = difflib.get_close_matches(loc[-1], names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return InputError(f"unknown key{hint}", file=file, key=key, allowed=", ".join(names))
    if item["type"] == "missing":
        return InputError("is missing", file=file, key=key, allowed=_allowed(loc))
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        tags = item.get("ctx", {}).get("expected_tags", "").replace("'", '"')
        named = value.get("kind", value.get("shape")) if isinstance(value, Mapping) else value
        return InputError(f"{named!r} is not possible", file=file, key=key, allowed=tags or "a table with a kind")
    same = {i["msg"].replace("Input should be ", "") for i in items if i["input"] is value}
    return InputError(f"{value!r} is not possible", file=file, key=key, allowed=" or ".join(sorted(same)))


def _is_tag(part: Any) -> bool:
    """Whether a part of pydantic's location is a name of a type rather than a key."""
    return isinstance(part, str) and (
        part
        in ("float", "int", "str", "bank", "normal", "insulating", "de-gennes", "line", "strip", "ring", "wire", "file")
        or part.startswith(("function-", "literal[", "tuple["))
    )


def _section(path: Sequence[str], tags: Sequence[str] = ()) -> Any:
    """The dataclass of a section of the problem file, or None; of several, the one that a tag of pydantic names."""
    section: Any = Problem
    for name in path:
        if name.isdigit():  # a place in a list
            continue
        if not is_dataclass(section):
            return None
        hint = get_type_hints(section).get(name)
        options = [hint] if hint is not None else []
        while options and not all(is_dataclass(option) for option in options):
            options = [
                arg
                for option in options
                for arg in ([option] if is_dataclass(option) else get_args(option))
                if is_dataclass(arg) or get_args(arg)
            ]
        named = [o for o in options if {f.default for f in fields(o) if f.name in ("kind", "shape")} & {*tags}]
        section = next(iter(named or options), None)
    return section


def _names(path: Sequence[str], tags: Sequence[str] = ()) -> list[str]:
    section = _section(path, tags)
    if not is_dataclass(section):
        return []
    return [field.name for field in fields(section) if field.name != "vector_potential"]


def _allowed(path: Sequence[str]) -> str:
    if list(path) == ["boundary"]:
        return 'a table that gives every boundary of the mesh a condition, such as left = "bank"'
    names = _names(path)
    return f"a section with {', '.join(names)}" if names else "a value"
