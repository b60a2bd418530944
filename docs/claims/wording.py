"""Numbers as the docs print them, and whether a printed number is still what is computed."""

from __future__ import annotations

import math
import re
from string import Formatter
from typing import Any

SLACK = 0.55
"""Of the last printed digit: what a printed number may differ by.  0.5 is rounding, the rest that of other machines."""
ROUNDING, MARGIN, STALE = 1e-12, 2.0, 200.0
"""Below the first a bound is printed as "rounding"; bounds are this many times above what they bound, and say nothing
any more if they are the last many times above it."""


def formatted(value: Any, spec: str) -> str:
    """A value by a format specification; lists item by item.

    Beside Python's own: "%" puts a blank before the sign, exponents lose their zeros, "bound" is a power of ten above
    |value| (for what is zero but for errors), "words" is the value as text.
    """
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return ", ".join(formatted(item, spec) for item in value)
    if spec in ("words", "") or isinstance(value, str | bool):
        return str(value)
    if spec == "bound":
        return f"1e{math.ceil(math.log10(MARGIN * abs(value)))}" if abs(value) > ROUNDING else "rounding"
    text = format(value, spec)
    text = re.sub(r"e([+-])0*(\d)", lambda m: f"e{m[1].replace('+', '')}{m[2]}", text)
    return text.replace("%", " %")


def agrees(printed: str, value: Any, spec: str) -> bool:
    """Whether a printed number is what `value` gives, to half of its last digit and a little."""
    if isinstance(value, list | tuple):
        parts = printed.split(", ")
        return len(parts) == len(value) and all(agrees(p, v, spec) for p, v in zip(parts, value, strict=True))
    if formatted(value, spec) == printed:
        return True
    if value is None or isinstance(value, str | bool) or spec == "words":
        return False
    if printed == "rounding":
        return abs(value) <= ROUNDING
    factor = 0.01 if printed.endswith("%") else 1.0
    try:
        number = float(printed.removesuffix("%").strip().replace(",", "")) * factor
    except ValueError:
        return False
    if spec == "bound":
        return abs(value) <= number <= STALE * max(abs(value), 1e-300)
    return abs(value - number) <= SLACK * last_digit(printed, spec) * factor


def last_digit(printed: str, spec: str) -> float:
    """One unit of the last digit of a printed number; "g" drops zeros at the end, which count."""
    text = printed.removesuffix("%").strip().replace(",", "").lower()
    if spec.endswith("g") and float(text) != 0:
        digits = int(re.sub(r"\D", "", spec) or 6)
        return 10.0 ** (math.floor(math.log10(abs(float(text)))) - digits + 1)
    mantissa, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


class Sentence(Formatter):
    """str.format with `formatted` for each field."""

    def format_field(self, value: Any, spec: str) -> str:
        """One field."""
        return formatted(value, spec)

    def fields(self, pattern: str) -> list[tuple[str, str]]:
        """The fields of a pattern: name and specification."""
        return [(name, spec or "") for _, name, spec, _ in self.parse(pattern) if name]


SENTENCE = Sentence()
