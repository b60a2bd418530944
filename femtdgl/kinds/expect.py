"""What a problem file expects of its summary: dotted paths into it, and whether what is there is what was said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.section import Section


@dataclass(frozen=True, kw_only=True)
class Expectation(Section):
    """What one entry should be: a number within a tolerance, text or a truth value."""

    value: float | int | str | bool
    """What it should be."""
    rel: float = 0.0
    """Relative tolerance of a number."""
    abs: float = 0.0
    """Absolute tolerance of a number."""


def lookup(summary: Mapping[str, Any], path: str) -> Any:
    """The entry of a summary at a dotted path (list places by number); labels may hold dots."""
    here: Any = summary
    parts = path.split(".")
    while parts:
        for n in range(len(parts), 0, -1):
            key = ".".join(parts[:n])
            if isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here, parts = here[int(key)], parts[n:]
                break
            if isinstance(here, Mapping) and key in here:
                here, parts = here[key], parts[n:]
                break
        else:
            raise InputError(f"{path!r} is not in the summary", key="expect", allowed="a dotted path into it")
    return here


def unmet(summary: Mapping[str, Any], expect: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Sentences on every expectation that the summary does not meet: value with rel or abs, or an exact
    one.
    """
    sentences = []
    for path, wanted in expect.items():
        found, value = lookup(summary, path), wanted["value"]
        if isinstance(value, str | bool) or isinstance(found, str | bool):
            met = found == value
        else:
            met = math.isclose(found, value, rel_tol=wanted.get("rel", 0.0), abs_tol=wanted.get("abs", 0.0))
        if not met:
            sentences.append(f"{path} is {found!r}, expected {value!r}")
    return sentences
