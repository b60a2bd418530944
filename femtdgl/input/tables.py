"""Tables of a problem file to dataclasses: checked against them, quantities with units to SI numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from femtdgl.errors import InputError
from femtdgl.input.complaints import complaint
from femtdgl.input.quantities import parse

DIMENSIONS = {"temperature": "temperature", "initial": "temperature", "Tc": "temperature", "heat": "power"}
DIMENSIONS |= {"power": "power", "R_D": "resistance", "R_0": "resistance"}
DIMENSIONS |= {"t_end": "time", "d": "length", "Tc_right": "temperature"}


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def validated(cls: Any, values: Any, where: str) -> Any:
    """A dataclass from a table by pydantic.  Raises InputError for what is wrong first, its key within `where`."""
    try:
        return _adapter(cls).validate_python(values)
    except ValidationError as error:
        raise complaint(error, cls, where) from None


def convert_tree(value: Any, key: str, path: str) -> Any:
    """Text with units to SI numbers, in all tables but names."""
    if isinstance(value, Mapping):
        return {k: convert_tree(v, k, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [convert_tree(v, key, path) for v in value]
    return convert(value, key, path)


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity: text that starts like a number."""
    return isinstance(value, str) and value.strip()[:1] in tuple("+-.0123456789")


def convert(value: Any, key: str, path: str) -> Any:
    """One value: text that starts like a number is a quantity."""
    if is_quantity(value):
        try:
            return parse(value, DIMENSIONS.get(key))
        except InputError as error:
            raise error.at(key=path) from None
    return value
