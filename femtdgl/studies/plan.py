"""The plan of a sweep: which keys of a problem take which values, and in which order.

[sweep]
mode = "product"                                          # "zip", "follow"
"drive.current" = { from = 1.0, to = 1.6, count = 9 }     # or { from, to, step }
"film.interference" = ["published", "consistent", "off"]  # any list

product   every value of one key with every value of the others, the last key fastest
zip       the first values of all keys, the second ones, ...
follow    as zip, one after the other, each point from the end of the one before it
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from femtdgl.errors import InputError

MODES = ("product", "zip", "follow")
MOST = 100_000
"""Points of a sweep."""
FORMS = "a list, { from, to, count } or { from, to, step }"
ROUNDING = 1e-9
"""Part of a step by which the last one may miss the end of a range."""


@dataclass(frozen=True)
class Plan:
    """Keys (dotted), the values of each in order, and the points: a dictionary of changes each."""

    mode: str
    values: dict[str, tuple[Any, ...]]

    @classmethod
    def read(cls, table: Any, *, file: str = "") -> Plan:
        """A [sweep] as it stands in a file.  Raises InputError, with the key."""
        if not isinstance(table, Mapping):
            raise InputError(f"{table!r} is no section", key="sweep", file=file, allowed=f"keys with {FORMS}")
        mode = table.get("mode", "product")
        if mode not in MODES:
            raise InputError(f"{mode!r} is not possible", key="sweep.mode", file=file, allowed=", ".join(MODES))
        flat = dict(_flattened({key: value for key, value in table.items() if key != "mode"}))
        if not flat:
            raise InputError("names no key", key="sweep", file=file, allowed=f"dotted keys of the problem with {FORMS}")
        values = {}
        for key, value in flat.items():
            try:
                values[key] = _values(value)
            except InputError as error:
                raise InputError(error.message, key=f'sweep."{key}"', file=file, allowed=error.allowed) from None
        plan = cls(mode, values)
        plan._check(file)
        return plan

    def _check(self, file: str) -> None:
        lengths = {key: len(values) for key, values in self.values.items()}
        if self.mode != "product" and len(set(lengths.values())) > 1:
            counts = ", ".join(f"{key} {n}" for key, n in lengths.items())
            raise InputError(f"has lists of different lengths: {counts}", key="sweep", file=file, allowed="equal ones")
        if self.size > MOST:
            raise InputError(f"makes {self.size} points", key="sweep", file=file, allowed=f"at most {MOST}")

    @property
    def size(self) -> int:
        """Number of points."""
        lengths = [len(values) for values in self.values.values()]
        return math.prod(lengths) if self.mode == "product" else lengths[0]

    @property
    def told(self) -> dict[str, list[str]]:
        """The values of each key as text, for files."""
        return {key: [str(value) for value in listed] for key, listed in self.values.items()}

    @property
    def points(self) -> list[dict[str, Any]]:
        """The changes of each point."""
        combined = itertools.product if self.mode == "product" else zip
        return [dict(zip(self.values, row, strict=True)) for row in combined(*self.values.values())]


def _flattened(table: Mapping[str, Any], before: str = "") -> Any:
    """Dotted keys, whether they were written as one in quotes or as tables in tables."""
    for key, value in table.items():
        if isinstance(value, Mapping) and not value.keys() & {"from", "to"}:
            yield from _flattened(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _values(given: Any) -> tuple[Any, ...]:
    """Those of a list or a range.  Raises InputError."""
    if isinstance(given, list | tuple):
        if not given:
            raise InputError("is empty", allowed="a value at least")
        if any(isinstance(value, float) and not math.isfinite(value) for value in given):
            raise InputError("holds a number that is not finite", allowed="finite numbers")
        return tuple(given)
    if not isinstance(given, Mapping):
        raise InputError(f"{given!r} is no list and no range", allowed=FORMS)
    wrong = [key for key in given if key not in ("from", "to", "count", "step")]
    if wrong or not {"from", "to"} <= given.keys() or ("count" in given) == ("step" in given):
        raise InputError(f"{dict(given)!r} is no range", allowed=FORMS)
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{key} = {value!r} is no number", allowed="a finite number")
    start, stop = float(given["from"]), float(given["to"])
    return _counted(start, stop, given["count"]) if "count" in given else _stepped(start, stop, given["step"])


def _counted(start: float, stop: float, count: float) -> tuple[float, ...]:
    if count != int(count) or not (1 <= count <= MOST) or (count == 1 and start != stop):
        raise InputError(f"count = {count!r} is not possible", allowed=f"a whole number from 2 to {MOST}")
    n = int(count)
    return tuple(start + (stop - start) * (k / (n - 1)) if k < n - 1 else stop for k in range(n)) if n > 1 else (start,)


def _stepped(start: float, stop: float, step: float) -> tuple[float, ...]:
    if step == 0 or (stop - start) / step < 0 or (stop - start) / step > MOST:
        raise InputError(f"step = {step!r} is not possible", allowed="a step that leads from the one to the other")
    n = math.floor((stop - start) / step + ROUNDING)
    return tuple(start + k * step for k in range(n + 1))
