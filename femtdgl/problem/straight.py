"""Waveforms of straight lines: tables of times and values, and the ramps and pulses that are such tables.

They have corners, at each of which a step of the integrator ends: it can step over none of them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.unsettled import Words, has_units
from femtdgl.problem.waveform import Waveform, finite, form


@dataclass(frozen=True)
class Table(Waveform):
    """Straight lines between the given times; constant before and after.  Equal times make a jump.

    Table(times, values), or Table(pairs) of times and values; lists and arrays alike.
    """

    times: tuple[float, ...]
    """t0, in ascending order; or pairs [time, value], and no values."""
    values: tuple[float, ...] = ()
    """As many."""

    @classmethod
    def in_words(cls, named: Mapping[str, Any]) -> dict[str, Any]:
        """As in a problem file, pairs, from the fields by name (named)."""
        times, values = named.get("times", ()), named.get("values", ())
        return {"table": [list(pair) for pair in (zip(times, values, strict=True) if len(values) else times)]}

    def __post_init__(self) -> None:
        try:
            given = np.asarray(self.times, float)
            if given.ndim == 2 and given.shape[1] == 2 and not np.size(self.values):
                times, values = given.T
            else:
                times, values = given, np.asarray(self.values, float)
            if times.ndim != 1 or values.ndim != 1:
                raise ValueError
        except (TypeError, ValueError):
            words = "is neither times and values nor pairs of them"
            raise InputError(words, key="table", allowed="pairs [time, value]") from None
        object.__setattr__(self, "times", tuple(times.tolist()))
        object.__setattr__(self, "values", tuple(values.tolist()))
        if len(self.times) != len(self.values) or not self.times:
            raise InputError("times and values differ in number", key="table", allowed="pairs [time, value]")
        finite("table", *self.times, *self.values)
        if any(b < a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise InputError("times go backwards", key="table", allowed="times in ascending order")

    def _segment(self, t: float) -> int:
        return bisect_right(self.times, t)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        i = self._segment(t)
        if i == 0:
            return self.values[0]
        if i == len(self.times):
            return self.values[-1]
        return self.values[i - 1] + self.slope(t) * (t - self.times[i - 1])

    def slope(self, t: float) -> float:
        """d/dt, from the right."""
        i = self._segment(t)
        if i in (0, len(self.times)):
            return 0.0
        return (self.values[i] - self.values[i - 1]) / (self.times[i] - self.times[i - 1])

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which the value or its slope jumps."""
        return tuple(sorted(set(self.times)))

    @property
    def is_straight(self) -> bool:
        """It is."""
        return True

    @property
    def rests_from(self) -> float:
        """The last time at which the value changes."""
        moved = [t for t, a, b in zip(self.times[1:], self.values, self.values[1:], strict=False) if a != b]
        return max(moved, default=-math.inf)

    def described(self) -> dict[str, list[list[float]]]:
        """As in a problem file."""
        return {"table": [[t, value] for t, value in zip(self.times, self.values, strict=True)]}


def Ramp(start: float | str, end: float | str, over: float | str, at: float | str = 0.0) -> Table:
    """From `start` to `end` during [at, at + over] (t0), constant before and after.

    Raises InputError for an `over` that is not above 0.
    """
    if has_units((start, end, over, at)):
        return _in_words("Ramp", ramp=[start, end], over=over, at=at)
    start, end, over, at = _numbers(start, end, over, at)
    if not (math.isfinite(over) and over > 0):
        raise InputError(f"{over!r} is not possible", key="over", allowed="a time > 0")
    return Table((at, at + over), (start, end))


def Pulse(
    base: float | str, top: float | str, start: float | str, width: float | str, rise: float | str = 0.0
) -> Table:
    """`base`, and `top` during [start + rise, start + rise + width]; edges last `rise` (0: jumps).

    Times in t0.  Raises InputError for a width that is not above 0, or a rise below 0.
    """
    if has_units((base, top, start, width, rise)):
        return _in_words("Pulse", pulse=[base, top], start=start, width=width, rise=rise)
    base, top, start, width, rise = _numbers(base, top, start, width, rise)
    if not (math.isfinite(width) and width > 0):
        raise InputError(f"{width!r} is not possible", key="width", allowed="a time > 0")
    if not (math.isfinite(rise) and rise >= 0):
        raise InputError(f"{rise!r} is not possible", key="rise", allowed="a time >= 0")
    up, down = start + rise, start + rise + width
    return Table((start, up, down, down + rise), (base, top, top, base))


def _in_words(name: str, **table: Any) -> Table:
    """Words of a problem file, for a film to read."""
    return cast(Table, Words(name, table))


def _numbers(*given: Any) -> tuple[float, ...]:
    """The same, of which none is text.  Raises InputError."""
    for value in given:
        if isinstance(value, str):
            raise InputError(f"{value!r} is not possible", allowed='a number, or text with a unit, "2 uA"')
    return given


MOST_PULSES = 10_000


def Pulses(
    base: float | str, top: float | str, period: float | str, width: float | str, count: int, start: float | str = 0.0,
    rise: float | str = 0.0,
) -> Table:  # fmt: skip
    """A train of `count` pulses from base to top (see `Pulse`), one every `period`, the first at `start`.

    Each lasts `width` and takes `rise` to go up and to come down, in t0.  Raises InputError for a pulse longer than
    the period, and for a count beyond bounds.
    """
    if has_units((base, top, period, width, start, rise)):
        return _in_words(
            "Pulses", pulses=[base, top], period=period, width=width, count=count, start=start, rise=rise
        )  # fmt: skip
    base, top, period, width, start, rise = _numbers(base, top, period, width, start, rise)
    if not (math.isfinite(period) and period > 0):
        raise InputError(f"{period!r} is not possible", key="period", allowed="a time > 0")
    if not (isinstance(count, int) and 1 <= count <= MOST_PULSES):
        raise InputError(f"{count!r} is not possible", key="count", allowed=f"a whole number from 1 to {MOST_PULSES}")
    one = Pulse(base, top, 0.0, width, rise)
    if one.times[-1] > period:
        words = f"{width:g} with its edges is longer than the period"
        raise InputError(words, key="width", allowed=f"width + 2 rise up to {period:g}")
    times = tuple(start + k * period + t for k in range(count) for t in one.times)
    return Table(times, one.values * count)


@form("ramp", "{ ramp = [from, to], over = T }")
def _ramp(ramp: Sequence[float], over: float, at: float = 0.0) -> Table:
    start, end = ramp
    return Ramp(float(start), float(end), float(over), float(at))


@form("pulse", "{ pulse = [base, top], start, width }")
def _pulse(pulse: Sequence[float], start: float, width: float, rise: float = 0.0) -> Table:
    base, top = pulse
    return Pulse(float(base), float(top), float(start), float(width), float(rise))


@form("pulses", "{ pulses = [base, top], period, width, count }")
def _pulses(
    pulses: Sequence[float], period: float, width: float, count: int, start: float = 0.0, rise: float = 0.0
) -> Table:
    base, top = pulses
    return Pulses(float(base), float(top), float(period), float(width), count, float(start), float(rise))


@form("table", "{ table = [[t, value]] }")
def _table(table: Sequence[Sequence[float]]) -> Table:
    times, values = zip(*table, strict=True)
    return Table(tuple(map(float, times)), tuple(map(float, values)))
