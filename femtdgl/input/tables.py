"""Tables of a problem file to dataclasses: quantities with units to SI numbers, complaints of pydantic in our words.

What a field measures stands beside it (`input.quantities`).  Tables that are converted as a whole, before it is known
what they become, go by DIMENSIONS; what is not there may have any unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError

from femtdgl.errors import InputError
from femtdgl.input.quantities import in_si, is_quantity, parse

DIMENSIONS = {"temperature": "temperature", "initial": "temperature", "heat": "power", "power": "power"}
DIMENSIONS |= {"t_end": "time"}


def validated(cls: Any, values: Any, where: str) -> Any:
    """A dataclass from a table by pydantic, quantities in SI, with its complaints as one InputError."""
    if isinstance(values, Mapping):
        try:
            values = {key: in_si(cls, key, value) for key, value in values.items()}
        except InputError as error:
            raise error.at(key=".".join(part for part in (where, error.key) if part)) from None
    try:
        return TypeAdapter(cls).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        key = ".".join(part for part in (where, *path) if part)
        inner = first.get("ctx", {}).get("error")
        if isinstance(inner, InputError):
            raise inner.at(key=".".join(part for part in (key, inner.key) if part)) from None
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = [f.name for f in fields(cls)] if len(path) == 1 else []
            near = get_close_matches(path[-1], known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{path[-1]!r} is an unknown key{hint}", key=key, allowed=", ".join(known)) from None
        if first["type"] in ("missing", "missing_argument"):
            raise InputError("is missing", key=key, allowed=f"a value for {path[-1]}") from None
        if first["type"] == "float_parsing" and is_quantity(first["input"]):
            raise InputError(f"{first['input']!r} has a unit", key=key, allowed="a number") from None
        raise InputError(f"{first.get('input')!r}: {first['msg']}", key=key) from None


def convert_tree(value: Any, key: str, path: str) -> Any:
    """Text with units to SI numbers, in all tables but names and those that say their kind: that knows its own."""
    if isinstance(value, Mapping):
        if "kind" in value:
            return value
        return {k: convert_tree(v, k, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [convert_tree(v, key, path) for v in value]
    return convert(value, key, path)


def convert(value: Any, key: str, path: str) -> Any:
    """One value: text that starts like a number is a quantity."""
    if is_quantity(value):
        try:
            return parse(value, DIMENSIONS.get(key))
        except InputError as error:
            raise error.at(key=path) from None
    return value
