"""The kinds of problems by name.  A kind of its own is one module that calls `register`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.kinds.kind import Kind

ROOMS = {
    "filament": "femtdgl.kinds.filament.kind",
    "network": "femtdgl.kinds.network.kind",
    "cooler": "femtdgl.kinds.cooler.kind",
}
"""Modules of the kinds that come with the program, each with a `KIND`; imported when first asked for."""
DEFAULT = "filament"
"""The kind of a problem file that names none."""

_registered: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind of problem; it is known from then on by its name."""
    _registered[kind.name] = kind
    return kind


def names() -> list[str]:
    """Names of all kinds that are known."""
    return list({**ROOMS, **_registered})


def named(name: Any, *, file: str = "") -> Kind:
    """The kind of that name.  Raises InputError with those that are known, and the nearest of them."""
    if isinstance(name, str) and name not in _registered and name in ROOMS:
        register(import_module(ROOMS[name]).KIND)
    if not isinstance(name, str) or name not in _registered:
        near = get_close_matches(str(name), names(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{name!r} is no kind of problem{hint}", key="kind", file=file, allowed=", ".join(names()))
    return _registered[name]


def of_table(table: Mapping[str, Any], *, file: str = "") -> Kind:
    """The kind that the table of a problem file names."""
    return named(table.get("kind", DEFAULT), file=file)


def of_result(result: Result) -> Kind:
    """The kind of a stored result, by the problem text in it."""
    where = str(result.directory)
    return of_table(toml.parse(result.problem_text, file=where), file=where)


def of_object(problem: Any) -> Kind | None:
    """The kind whose problems in Python are such objects; None: there is none."""
    for name in names():
        kind = named(name)
        if kind.described_by is not None and isinstance(problem, kind.described_by):
            return kind
    return None
