"""Quantities: text such as "2 um" or "3 MA/cm^2" to SI numbers.

The fields of a dataclass say what they measure by their types.  `d: Length` is a float in SI units, for which a problem
file may have text with a unit of that dimension.  `length: InXi` is a float in the reduced unit of that dimension: its
text is converted by the scales of the film (`input.reduce`, `problem.film_units`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

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
    "T": 1e12,
}
CENTI = {"c": 1e-2}
"""Of metres alone: cm."""
BASES = {
    "m": "length",
    "s": "time",
    "K": "temperature",
    "A": "current",
    "V": "potential",
    "W": "power",
    "J": "energy",
    "T": "field",
    "Ohm": "resistance",
    "Hz": "frequency",
    "H": "inductance",
    "F": "capacitance",
    "Wb": "magnetic flux",
}
COMPOUND = {
    "A/m^2": "current density",
    "m^2": "area",
    "A m^2": "magnetic moment",
    "m^2/s": "diffusion coefficient",
    "Ohm m": "resistivity",
    "Ohm/sq": "sheet resistance",
    "T/K": "slope of a field",
}
"""Products of powers of BASES, each with prefixes of its own, such as MA/cm^2; sq is a square of a film."""


@dataclass(frozen=True)
class Dimension:
    """What a field measures, one of the values of BASES."""

    name: str


@dataclass(frozen=True)
class Reduced:
    """What a field measures whose numbers are in the unit of a film: text with a unit becomes such a number."""

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
InXi = Annotated[float, Reduced("length")]  # xi
InT0 = Annotated[float, Reduced("time")]  # t0

FACTOR = re.compile(r"([*/ ·]?)\s*([A-Za-zµ]+)(?:\^?([2-9])|([²³]))?\s*")
QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s].*?)?\s*")


class Quantity(NamedTuple):
    """A number in SI base units, the dimension of its unit (None: it had none), and that unit as it was written."""

    value: float
    dimension: str | None
    unit: str = ""


def parse(text: str | float, dimension: str | None = None) -> float:
    """Text such as ``"2 um"`` to a float in SI base units; a plain number is returned as it is.

    `dimension` is the quantity that is expected ("length", "time", "temperature", ...).  Raises InputError
    when the text is no quantity, or one of another dimension.
    """
    if not isinstance(text, str):
        if isinstance(text, bool) or not math.isfinite(float(text)):
            raise InputError(f"{text!r} is not possible", allowed="a finite number, or a quantity as text")
        return float(text)
    found = quantity(text, (dimension,) if dimension else ())
    if dimension and found.dimension not in (None, dimension):
        words = f"{text!r} is {article(found.dimension)}, not {article(dimension)}: it has the unit {found.unit!r}"
        raise InputError(words, allowed=units_of(dimension))
    return found.value


def quantity(text: str, wanted: Sequence[str] = ()) -> Quantity:
    """Any quantity as text.  Raises InputError, with the units of the dimensions that are wanted, where it is none."""
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not a quantity", allowed='a number and a unit, such as "2 um"')
    number, unit = float(match[1]), match[2]
    if number and not 1e-100 <= abs(number) <= 1e100:
        raise InputError(f"{text!r} is not possible", allowed="a number between 1e-100 and 1e100 in size")
    if unit is None:
        return Quantity(number, None)
    known = _unit(unit)
    if known is None:
        raise InputError(f"{text!r} has the unit {unit!r}", allowed=units_of(*wanted))
    return Quantity(number * known.value, known.dimension, unit)


@cache
def _unit(text: str) -> Quantity | None:
    """One of a unit; None: it is not known."""
    found = _powers(text)
    dimension = None if found is None else _dimensions_by_powers().get(found[1])
    return None if found is None or dimension is None else Quantity(found[0], dimension)


@cache
def _dimensions_by_powers() -> dict[frozenset[tuple[str, int]], str]:
    units = ((_powers(unit), dimension) for unit, dimension in (BASES | COMPOUND).items())
    return {found[1]: dimension for found, dimension in units if found is not None}


def _powers(text: str) -> tuple[float, frozenset[tuple[str, int]]] | None:
    """The factor of a unit to SI, and its bases with their powers; None: it is no product of those."""
    factor, powers, place = 1.0, dict[str, int](), 0
    while place < len(text):
        match = FACTOR.match(text, place)
        symbol = None if match is None else _symbol(match[2])
        if match is None or symbol is None:
            return None
        prefix, base = symbol
        power = int(match[3] or {"²": 2, "³": 3, None: 1}[match[4]])
        factor = factor / prefix**power if match[1] == "/" else factor * prefix**power
        powers[base] = powers.get(base, 0) + (-power if match[1] == "/" else power)
        place = match.end()
    return factor, frozenset((base, power) for base, power in powers.items() if power)


def _symbol(text: str) -> tuple[float, str] | None:
    """What the prefix of a symbol stands for, and its base."""
    if text == "sq":
        return 1.0, text
    for base in BASES:
        prefix = text.removesuffix(base)
        prefixes = PREFIXES | CENTI if base == "m" else PREFIXES
        if text.endswith(base) and prefix in prefixes:
            return prefixes[prefix], base
    return None


def units_of(*dimensions: str) -> str:
    """Units of these dimensions in words; of none of them, all that are known."""
    known = [unit for unit, kind in (BASES | COMPOUND).items() if not dimensions or kind in dimensions]
    return f"{', '.join(known)} with a prefix {' '.join(prefix for prefix in PREFIXES if prefix)}"


def article(dimension: str) -> str:
    """A dimension as a noun: "a length", "an area"."""
    return f"{'an' if dimension[0] in 'aeiou' else 'a'} {dimension}"


def has_unit(value: Any) -> bool:
    """Whether a value is text with a number and letters after it, "2 um": no expression is written so."""
    match = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return match is not None and (match[2] or "")[:1].isalpha()


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity: text that starts like a number."""
    return isinstance(value, str) and value.strip()[:1] in tuple("+-.0123456789")


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
