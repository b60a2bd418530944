"""A problem file as a Problem, for Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from femtdgl.input import listed
from femtdgl.problem import toml
from femtdgl.problem.problem import Problem


def load(file: Path | str, changes: Mapping[str, Any] | None = None) -> Problem:
    """The filament that a problem file, or a ready problem by its name, describes.

    `changes`: dotted keys and their values, {"film.delta": 10}; None leaves a key out.

    Raises InputError for the first thing that is wrong.
    """
    problem, _ = toml.load(listed.find(file), changes)
    return problem
