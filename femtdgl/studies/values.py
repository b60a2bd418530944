"""Values of a key as a plan gives them: lists and ranges, one after the other, and brackets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.quantities import BASES, COMPOUND, has_unit, quantity

MOST = 100_000
"""Values of a key, and points of a sweep."""
FORMS = "a list, { from, to, count } or { from, to, step }"
BRACKET = "{ from, to, tolerance }"
ROUNDING = 1e-9
"""Part of a step by which the last one may miss the end of a range."""


@dataclass(frozen=True)
class Bracket:
    """Two values of a key between which something changes, and how closely to say where."""

    start: float
    stop: float
    tolerance: float
    unit: str = field(default="", repr=False)
    """Of SI, of a key whose values have units; its numbers are in that."""

    def said(self, value: float) -> float | str:
        """A value as the problem takes it."""
        return in_words(value, self.unit)

    @property
    def ends(self) -> tuple[float, float]:
        """Both values."""
        return self.start, self.stop

    @property
    def halvings(self) -> int:
        """How often it is halved until it is no wider than the tolerance."""
        return max(0, math.ceil(math.log2(abs(self.stop - self.start) / self.tolerance) - ROUNDING))


def flattened(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys, whether they were written as one in quotes or as tables in tables."""
    for key, value in table.items():
        if isinstance(value, Mapping) and not value.keys() & {"from", "to"}:
            yield from flattened(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def is_bracket(given: Any) -> bool:
    """Whether a key has a bracket, not values."""
    return isinstance(given, Mapping) and "tolerance" in given


def bracket(given: Mapping[str, Any]) -> Bracket:
    """A bracket as it stands in a file.  Raises InputError."""
    if given.keys() != {"from", "to", "tolerance"}:
        raise InputError(f"{dict(given)!r} is no bracket", allowed=BRACKET)
    given, unit = _numbers(given)
    start, stop, tolerance = (float(given[name]) for name in ("from", "to", "tolerance"))
    least = 4 * math.ulp(max(abs(start), abs(stop)))
    if start == stop or not tolerance > least:
        allowed = "two different ends, and a tolerance > 0 that their digits can tell"
        raise InputError(f"{dict(given)!r} is no bracket", allowed=allowed)
    return Bracket(start, stop, tolerance, unit)


def values(given: Any) -> tuple[Any, ...]:
    """Those of a list or a range; a list may hold ranges, which follow one another.  Raises InputError."""
    if isinstance(given, Mapping):
        return _range(given)
    if not isinstance(given, list | tuple):
        raise InputError(f"{given!r} is no list and no range", allowed=FORMS)
    found: list[Any] = []
    for item in given:
        if isinstance(item, float) and not math.isfinite(item):
            raise InputError("holds a number that is not finite", allowed="finite numbers")
        if isinstance(item, Mapping) and {"from", "to"} <= item.keys():
            part = _range(item)
            found.extend(part[1:] if found and found[-1] == part[0] else part)  # it goes on from where it stands
        else:
            found.append(item)
    if not found:
        raise InputError("is empty", allowed="a value at least")
    unit_of(found)
    return tuple(found)


def _range(given: Mapping[str, Any]) -> tuple[float | str, ...]:
    wrong = [key for key in given if key not in ("from", "to", "count", "step")]
    if wrong or not {"from", "to"} <= given.keys() or ("count" in given) == ("step" in given):
        raise InputError(f"{dict(given)!r} is no range", allowed=FORMS)
    given, unit = _numbers(given, as_written=True)
    start, stop = float(given["from"]), float(given["to"])
    found = _counted(start, stop, given["count"]) if "count" in given else _stepped(start, stop, given["step"])
    return tuple(in_words(value, unit) for value in found)


def in_words(value: float, unit: str) -> float | str:
    """A number of SI as text with its unit; without a unit the number."""
    return f"{value!r} {unit}" if unit else value


def in_numbers(value: Any) -> Any:
    """Text with a unit as a number in SI; anything else as it is."""
    return quantity(value).value if has_unit(value) else value


def unit_of(found: Sequence[Any]) -> str:
    """The SI unit of values that have units; "": they have none.  Raises InputError where they are of two kinds."""
    kinds = {quantity(value).dimension if has_unit(value) else None: value for value in found}
    if len(kinds) > 1 and set(kinds) != {None}:
        words = " and ".join(repr(value) for value in kinds.values())
        raise InputError(f"holds {words}", allowed="values with units of one kind, or none with a unit")
    kind = next(iter(kinds), None)
    return next((unit for unit, dimension in (BASES | COMPOUND).items() if dimension == kind), "")


def _numbers(given: Mapping[str, Any], *, as_written: bool = False) -> tuple[dict[str, Any], str]:
    """The numbers of a table, of text with units in SI, and their SI unit.  Raises InputError.

    With `as_written` in the unit that all of them have, if they have the same: 7 uA, not 7.000000000000001e-06 A.
    """
    with_units = [value for key, value in given.items() if key != "count"]
    unit = unit_of(with_units)
    written = {quantity(value).unit for value in with_units} if unit else set()
    if as_written and len(written) == 1:
        own = written.pop()
        return {k: float(v.replace(own, "")) if isinstance(v, str) else v for k, v in given.items()}, own
    numbers = {key: in_numbers(value) for key, value in given.items()}
    _require_numbers(numbers)
    return numbers, unit


def _require_numbers(given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{key} = {value!r} is no number", allowed="a finite number")


def _counted(start: float, stop: float, count: float) -> tuple[float, ...]:
    if count != int(count) or not (1 <= count <= MOST) or (count == 1 and start != stop):
        raise InputError(f"count = {count!r} is not possible", allowed=f"a whole number from 2 to {MOST}")
    n = int(count)
    return tuple(start + (stop - start) * (k / (n - 1)) if k < n - 1 else stop for k in range(n)) if n > 1 else (start,)


def _stepped(start: float, stop: float, step: float) -> tuple[float, ...]:
    if step == 0 or (stop - start) / step < 0 or (stop - start) / step > MOST:
        raise InputError(f"step = {step!r} is not possible", allowed="a step that leads from the one to the other")
    n = math.floor((stop - start) / step + ROUNDING)
    last = start + n * step
    return (*(start + k * step for k in range(n)), stop if abs(last - stop) < ROUNDING * abs(step) else last)
