"""Which numbers are possible.  Complaints name the key, the value and what is allowed."""

from __future__ import annotations

import math

from femtdgl.errors import InputError

SI = "a positive number, in SI units"


def positive(name: str, value: float, allowed: str = "a number > 0") -> None:
    """Raises InputError, with the name as the key and what is allowed, unless the value is finite and above zero."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value!r} is not possible", key=name, allowed=allowed)


def not_negative(name: str, value: float, allowed: str = "a number >= 0") -> None:
    """Raises InputError, with the key, unless the value is finite and not below zero."""
    if not (math.isfinite(value) and value >= 0):
        raise InputError(f"{value!r} is not possible", key=name, allowed=allowed)


def finite(name: str, *values: float) -> None:
    """Raises InputError, with the key, unless every value is a finite number."""
    for value in values:
        if not math.isfinite(value):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a finite number")
