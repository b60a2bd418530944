"""Tables of a problem file to dataclasses: checked against them, quantities with units to SI numbers.

What a field measures stands beside it (`input.quantities`).  Tables that are converted as a whole, before it is known
what they become, go by DIMENSIONS; what is not there may have any unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from femtdgl.errors import InputError
from femtdgl.input.complaints import complaint
from femtdgl.input.lookalikes import refuse_lookalikes
from femtdgl.input.quantities import in_si, is_quantity, parse

DIMENSIONS = {"temperature": "temperature", "initial": "temperature", "heat": "power", "power": "power"}
DIMENSIONS |= {"t_end": "time", "start": "time", "end": "time"}


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def validated(cls: Any, values: Any, where: str) -> Any:
    """A dataclass from a table by pydantic, quantities in SI.

    Raises InputError for what is wrong first, its key within `where`.
    """
    if isinstance(values, Mapping):
        try:
            refuse_lookalikes(cls, values)
            values = {key: in_si(cls, key, value) for key, value in values.items()}
        except InputError as error:
            raise error.at(key=".".join(part for part in (where, error.key) if part)) from None
    try:
        return _adapter(cls).validate_python(values)
    except ValidationError as error:
        raise complaint(error, cls, where) from None


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
