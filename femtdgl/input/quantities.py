"""Quantities: text such as "2 um" to SI numbers."""

from __future__ import annotations

import re

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
}
QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s].*?)?\s*")


def parse(text: str | float, dimension: str | None = None) -> float:
    """Text such as ``"2 um"`` to a float in SI base units; a plain number is returned as it is.

    `dimension` is the quantity that is expected ("length", "time", "temperature", ...).  Raises InputError
    when the text is no quantity, or one of another dimension.
    """
    if not isinstance(text, str):
        return float(text)
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is not a quantity", allowed='a number and a unit, such as "2 um"')
    number, unit = float(match[1]), match[2]
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
