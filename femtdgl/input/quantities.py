"""Quantities: text such as "2 um" to SI numbers.

The fields of a dataclass say what they measure by their types, `d: Length`: a float in SI units, for which a problem
file may have text with a unit of that dimension.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from femtdgl.errors import InputError

PREFIXES = {
    "": 1.0,
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
BASES = {
    "m": "length",
    "s": "time",
    "K": "temperature",
    "A": "current",
    "V": "potential",
    "W": "power",
    "T": "field",
    "Ohm": "resistance",
    "Hz": "frequency",
    "H": "inductance",
    "F": "capacitance",
}


@dataclass(frozen=True)
class Dimension:
    """What a field measures, one of the values of BASES."""

    name: str


Length = Annotated[float, Dimension("length")]  # m
Time = Annotated[float, Dimension("time")]  # s
Temperature = Annotated[float, Dimension("temperature")]  # K
Current = Annotated[float, Dimension("current")]  # A
Potential = Annotated[float, Dimension("potential")]  # V
Power = Annotated[float, Dimension("power")]  # W
Field = Annotated[float, Dimension("field")]  # T
Resistance = Annotated[float, Dimension("resistance")]  # Ohm
Frequency = Annotated[float, Dimension("frequency")]  # Hz
Inductance = Annotated[float, Dimension("inductance")]  # H
Capacitance = Annotated[float, Dimension("capacitance")]  # F

QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s].*?)?\s*")


def parse(text: str | float, dimension: str | None = None) -> float:
    """Text such as ``"2 um"`` to a float in SI base units; a plain number is returned as it is.

    `dimension` is the quantity that is expected ("length", "time", "temperature", ...).  Raises InputError
    when the text is no quantity, or one of another dimension.
    """
    if not isinstance(text, str):
        if isinstance(text, bool) or not math.isfinite(float(text)):
            raise InputError(f"{text!r} is not possible", allowed="a finite number, or a quantity as text")
        return float(text)
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not a quantity", allowed='a number and a unit, such as "2 um"')
    number, unit = float(match[1]), match[2]
    if number and not 1e-100 <= abs(number) <= 1e100:
        raise InputError(f"{text!r} is not possible", allowed="a number between 1e-100 and 1e100 in size")
    if unit is None:
        return number
    for base, kind in BASES.items():
        prefix = unit.removesuffix(base)
        if unit.endswith(base) and prefix in PREFIXES and (dimension is None or kind == dimension):
            return number * PREFIXES[prefix]
    wanted = [base for base, kind in BASES.items() if dimension in (None, kind)]
    raise InputError(
        f"{text!r} has the unit {unit!r}", allowed=f"{', '.join(wanted)} with a prefix {' '.join(PREFIXES)}"
    )


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity: text that starts like a number."""
    return isinstance(value, str) and value.strip()[:1] in tuple("+-.0123456789")


def has_unit(value: Any) -> bool:
    """Whether a value is text with a number and letters after it, "2 um": no expression is written so."""
    match = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return match is not None and (match[2] or "")[:1].isalpha()


@cache
def dimensions(cls: Any) -> dict[str, str]:
    """Dimensions of the fields of a dataclass, of those that declare one; of any other type, none."""
    if not is_dataclass(cls):
        return {}
    found = {name: _dimension(hint) for name, hint in get_type_hints(cls, include_extras=True).items()}
    return {name: dimension for name, dimension in found.items() if dimension is not None}


def _dimension(hint: Any) -> str | None:
    """That of a type, or of the one within `Length | None` or `tuple[Length, ...]`."""
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, Dimension):
            return mark.name
    return next((found for part in get_args(hint) if (found := _dimension(part)) is not None), None)


def unit(cls: type, key: str) -> str:
    """SI unit of the field of a dataclass; "" where it declares none."""
    wanted = dimensions(cls).get(key)
    return next((base for base, dimension in BASES.items() if dimension == wanted), "")


def in_si(cls: Any, key: str, value: Any) -> Any:
    """The value of a field in SI units: text with a unit is converted if the field declares a dimension, also in lists.

    Raises InputError, with the key, for a unit of another dimension.
    """
    dimension = dimensions(cls).get(key)
    if isinstance(value, list | tuple):
        return type(value)(in_si(cls, key, item) for item in value)
    if dimension is None or not is_quantity(value):
        return value
    try:
        return parse(value, dimension)
    except InputError as error:
        raise error.at(key=key) from None
