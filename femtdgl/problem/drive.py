"""What drives a filament: waveforms of time, and the drive made of them.

A waveform is a function of time with named corners, at which the integrator stops and starts anew.
In a problem file: a number, or a table with `ramp`, `pulse` or `table`:

    current = 1.5
    current = { ramp = [0.0, 1.5], over = 1.0 }
    current = { pulse = [0.2, 0.6], start = 10.0, width = 5.0, rise = 0.1 }
    current = { table = [[0.0, 0.0], [1.0, 1.5], [50.0, 1.2]] }
    field = { ramp = [0.0, 0.2], over = 5.0 }
    field = [0.0, 0.0, 0.2]
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator

from femtdgl.equations.vector_potential import unit_fields
from femtdgl.errors import InputError
from femtdgl.input.section import Section


def finite(name: str, *values: float) -> None:
    """Raises InputError, with the key, unless every value is a finite number."""
    for value in values:
        if not math.isfinite(value):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a finite number")


@dataclass(frozen=True)
class Constant:
    """The same value at all times."""

    value: float = 0.0

    def __post_init__(self) -> None:
        finite("value", self.value)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return self.value

    def slope(self, t: float) -> float:
        """d/dt, from the right."""
        return 0.0

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which the value or its slope jumps."""
        return ()

    @property
    def rests_from(self) -> float:
        """Time from which the value no longer changes."""
        return -math.inf

    def described(self) -> float:
        """As in a problem file."""
        return self.value


@dataclass(frozen=True)
class Table:
    """Straight lines between the given times; constant before and after.  Equal times make a jump."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
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
    def rests_from(self) -> float:
        """Time from which the value no longer changes."""
        moving = [t for t, a, b in zip(self.times[1:], self.values, self.values[1:], strict=False) if a != b]
        return max(moving, default=-math.inf)

    def described(self) -> dict[str, list[list[float]]]:
        """As in a problem file."""
        return {"table": [[t, value] for t, value in zip(self.times, self.values, strict=True)]}


def Ramp(start: float, end: float, over: float, at: float = 0.0) -> Table:
    """From `start` to `end` during [at, at + over], constant before and after."""
    if not (math.isfinite(over) and over > 0):
        raise InputError(f"{over!r} is not possible", key="over", allowed="a time > 0")
    return Table((at, at + over), (start, end))


def Pulse(base: float, top: float, start: float, width: float, rise: float = 0.0) -> Table:
    """`base`, and `top` during [start + rise, start + rise + width]; edges last `rise` (0: jumps)."""
    if not (math.isfinite(width) and width > 0):
        raise InputError(f"{width!r} is not possible", key="width", allowed="a time > 0")
    if not (math.isfinite(rise) and rise >= 0):
        raise InputError(f"{rise!r} is not possible", key="rise", allowed="a time >= 0")
    up, down = start + rise, start + rise + width
    return Table((start, up, down, down + rise), (base, top, top, base))


Waveform = Constant | Table

FORMS = "a number, { ramp = [from, to], over = T }, { pulse = [base, top], start, width }, { table = [[t, value]] }"


def _from_mapping(form: dict[str, Any]) -> Waveform:
    """One of the tables of a problem file; ValueError or TypeError when it is none of them."""
    keys = set(form)
    if {"ramp", "over"} <= keys <= {"ramp", "over", "at"}:
        start, end = form.pop("ramp")
        return Ramp(float(start), float(end), **{key: float(number) for key, number in form.items()})
    if {"pulse", "start", "width"} <= keys <= {"pulse", "start", "width", "rise"}:
        base, top = form.pop("pulse")
        return Pulse(float(base), float(top), **{key: float(number) for key, number in form.items()})
    if keys == {"table"}:
        times, values = zip(*form["table"], strict=True)
        return Table(tuple(map(float, times)), tuple(map(float, values)))
    raise ValueError("none of the forms")


def waveform(value: Any) -> Waveform:
    """A number, a waveform, or one of the tables of a problem file (see above) to a waveform."""
    if isinstance(value, Constant | Table):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(float(value))
    if isinstance(value, Mapping):
        try:
            return _from_mapping(dict(value))
        except (TypeError, ValueError) as error:
            if isinstance(error, InputError):
                raise
    raise InputError(f"{value!r} is no waveform", allowed=FORMS)


def optional_waveform(value: Any) -> Waveform | None:
    """As `waveform`; None stays None."""
    return None if value is None else waveform(value)


Field = Waveform | tuple[Waveform, Waveform, Waveform]


def field_waveforms(value: Any) -> Field | None:
    """A waveform, or three of them in a list; None stays None."""
    if isinstance(value, list | tuple):
        if len(value) != 3:
            raise InputError(f"has {len(value)} components", allowed="a waveform (2D), or a list of three (3D)")
        x, y, z = (waveform(component) for component in value)
        return x, y, z
    return optional_waveform(value)


@dataclass(frozen=True)
class UniformField:
    """A(x, t) of a uniform field, for points measured from `center` (dim,).  See `equations.vector_potential`."""

    components: tuple[Waveform, ...]
    center: NDArray[np.float64]

    def __call__(self, x: NDArray[np.float64], t: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A and d_t A at points (dim, n): two arrays (dim, n)."""
        units = unit_fields(x - self.center.reshape(-1, *[1] * (x.ndim - 1)))
        B, slope = (np.array([getattr(c, name)(t) for c in self.components]) for name in ("__call__", "slope"))
        return np.tensordot(B, units, 1), np.tensordot(slope, units, 1)

    @property
    def steady(self) -> bool:
        """Whether the field never changes."""
        return all(isinstance(component, Constant) for component in self.components)


@dataclass(frozen=True, kw_only=True)
class Drive(Section):
    """The current through the filament, in j0, and what stands beside it.

    `shunt` is a resistance R_s in parallel with the filament, in units of xi/(sigma_n S): then `current` is the
    total current I and the filament carries J = I - V/R_s.
    """

    current: Annotated[Waveform, PlainValidator(waveform)] = Constant(0.0)
    shunt: float | None = None
    field: Annotated[Field | None, PlainValidator(field_waveforms)] = None
    """Uniform magnetic field in Bc2(T0): a waveform, normal to the plane (2D), or three of them (3D)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "current", waveform(self.current))
        object.__setattr__(self, "field", field_waveforms(self.field))
        if self.shunt is not None and not (math.isfinite(self.shunt) and self.shunt > 0):
            raise InputError(f"{self.shunt!r} is not possible", key="shunt", allowed="a resistance > 0")
