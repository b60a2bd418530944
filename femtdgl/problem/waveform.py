"""Waveforms: functions of time with named corners, at which a step of the integrator ends.

A problem file writes one as a number, as text, an expression of t ("0.4 + 0.1*sin(t)"), or as a table with the key of
its form, `{ ramp = [0.0, 1.5], over = 1.0 }`; in Python it may be a function of t.
A new form is a subclass of Waveform with `@form` in a module of its own: files know it as soon as that is imported.

    @form("swing", "{ swing = [mean, amplitude], period = T }")
    @dataclass(frozen=True, kw_only=True)
    class Swing(Waveform):
        swing: tuple[float, float]
        period: float
        ...
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.expression import CONSTANTS, Expression
from femtdgl.input.lookalikes import refuse_lookalikes
from femtdgl.input.quantities import has_unit
from femtdgl.input.reduce import Convert, converted, measured
from femtdgl.input.registry import Registry
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.problem.in_python import in_python, named, refuse_in_python


def finite(name: str, *values: float) -> None:
    """Raises InputError, with the key, unless every value is a finite number."""
    for value in values:
        if not math.isfinite(value):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a finite number")


def _times(corners: Sequence[Any]) -> tuple[float, ...]:
    """Corners as numbers.  Raises InputError."""
    for t in corners:
        if isinstance(t, str):
            words = f"{t!r} is not possible here"
            raise InputError(words, key="corners", allowed='a time in t0, or a table { expression = "...", corners }')
    return tuple(map(float, corners))


class Waveform(Section, ABC):
    """A function of time.  Subclasses are frozen dataclasses, so that problems compare by value."""

    @classmethod
    def measures(cls) -> bool:
        """Its values are of whatever it drives, and its times of the film."""
        return True

    @abstractmethod
    def __call__(self, t: float) -> float:
        """Value at a time."""

    @abstractmethod
    def slope(self, t: float) -> float:
        """d/dt, from the right."""

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which the value or its slope jumps."""
        return ()

    @property
    def is_straight(self) -> bool:
        """Whether it is straight from corner to corner: then the ends of a step over it show what it does."""
        return False

    @property
    def rests_from(self) -> float:
        """Time from which the value stays as it is; inf: it never does, -inf: it always did."""
        return math.inf

    @property
    def repeats_after(self) -> float | None:
        """Its period, in t0; None: it has none."""
        return None

    def described(self) -> Any:
        """As in a problem file: the table of its fields, without those that are None."""
        if not is_dataclass(self):
            raise TypeError(f"{type(self).__name__} is no dataclass and has no `described` of its own")
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Constant(Waveform):
    """The same value at all times."""

    value: float = 0.0
    """That value."""

    @classmethod
    def in_words(cls, named: Mapping[str, Any]) -> dict[str, Any]:
        """As in a problem file, one point of a table, from the fields by name (named)."""
        return {"table": [[0.0, named["value"]]]}

    def __post_init__(self) -> None:
        finite("value", self.value)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return self.value

    def slope(self, t: float) -> float:
        """d/dt, from the right."""
        return 0.0

    @property
    def is_straight(self) -> bool:
        """It is."""
        return True

    @property
    def rests_from(self) -> float:
        """It always did."""
        return -math.inf

    def described(self) -> float:
        """As in a problem file."""
        return self.value


@dataclass(frozen=True)
class Formula(Waveform):
    """An expression of t, such as "0.4 + 0.1*sin(2*pi*0.3*t)"; smooth, unless `corners` says where it is not."""

    expression: str
    """Of t, with pi, sin, cos, exp and the like."""
    corners: tuple[float, ...] = ()
    """Times (t0) at which it or its slope jumps."""

    @classmethod
    def measures(cls) -> bool:
        """Only as a table, { expression, corners }: an expression has no units."""
        return False

    def __post_init__(self) -> None:
        if has_unit(self.expression):
            raise InputError(f"{self.expression!r} has a unit", allowed=allowed())
        read = Expression(self.expression, ("t",))
        if not read.smooth and not self.corners:
            raise InputError(
                f"{self.expression!r} has jumps or bends, which the integrator must know of",
                allowed='rise(s) and erf(s) in place of step(s); or { expression = "...", corners = [t1, t2] }',
            )
        object.__setattr__(self, "corners", _times(self.corners))
        object.__setattr__(self, "_read", read)
        finite("corners", *self.corners)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return float(self._read(t=t))  # type: ignore[attr-defined]

    def slope(self, t: float) -> float:
        """d/dt, from the right."""
        return float(self._read.slope("t", t=t))  # type: ignore[attr-defined]

    @property
    def rests_from(self) -> float:
        """It always did, if t is not in it."""
        return math.inf if "t" in self._read.used else -math.inf  # type: ignore[attr-defined]

    def described(self) -> Any:
        """As in a problem file."""
        return {"expression": self.expression, "corners": list(self.corners)} if self.corners else self.expression


STEP = 1e-3
"""Half of the differences for the slope of a function, in t0."""


@dataclass(frozen=True)
class Function(Waveform):
    """A Python function of t, with its slope (None: by differences) and the times at which either jumps.

    No file holds it: a run with one is resumed with the same function given again.
    """

    function: Callable[[float], float]
    """From t (t0) to a value."""
    rate: Callable[[float], float] | None = None
    """Its slope; None: by differences."""
    corners: tuple[float, ...] = ()
    """Times (t0) at which either jumps."""

    @classmethod
    def measures(cls) -> bool:
        """No file holds a function, and no film reads its times."""
        return False

    def __post_init__(self) -> None:
        object.__setattr__(self, "corners", tuple(sorted(_times(self.corners))))
        finite("corners", *self.corners)
        for function in (self.function, self.rate):
            if function is not None:
                self._check(function)

    @staticmethod
    def _check(function: Any) -> None:
        allowed = "a function of a time that returns a number"
        try:
            value = float(function(0.0))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise InputError(f"{named(function)} does not work at t = 0: {error}", allowed=allowed) from error
        if not math.isfinite(value):
            raise InputError(f"{named(function)} is {value} at t = 0", allowed=allowed)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return float(self.function(t))

    def slope(self, t: float) -> float:
        """d/dt, from the right: exact to the fourth order in the differences, which do not reach over corners."""
        if self.rate is not None:
            return float(self.rate(t))
        place = bisect_right(self.corners, t)
        low, high = (-math.inf, *self.corners)[place], (*self.corners, math.inf)[place]
        h = min(STEP, (high - low) / 8)
        middle = min(max(t, low + 3 * h), high - 3 * h)
        points = [middle + k * h for k in (-2, -1, 0, 1, 2)]
        s = (t - middle) / h
        shares = np.polynomial.polynomial.polyval(s, QUARTIC_SLOPES)
        return float(shares @ [self(point) for point in points]) / h

    def described(self) -> dict[str, str]:
        """What a problem file has in its place: its name."""
        return in_python(self.function)


NODES = np.arange(-2.0, 3.0)
QUARTIC_SLOPES = np.arange(1.0, 5.0)[:, None] * np.linalg.inv(np.vander(NODES, increasing=True))[1:]
"""Slope at s of the quartic through values at -2, -1, 0, 1, 2: coefficients (4,) in s for each value (5,)."""


class Form(NamedTuple):
    """How tables of a problem file are written, for messages, and what makes a waveform of their keys."""

    written: str
    make: Callable[..., Waveform]


FORMS: Registry[Form] = Registry("form of a waveform")
"""By the key that tells a table of that form from the others."""

Make = TypeVar("Make", bound=Callable[..., Waveform])


def form(key: str, written: str) -> Callable[[Make], Make]:
    """Decorator: tables with that key are made a waveform by this dataclass, or function, of all their keys.

    `written`: the form as people would write it.  A dataclass is checked by its types, and its complaints name keys; a
    function says with TypeError or ValueError that it cannot, or with an InputError why.
    """

    def known(make: Make) -> Make:
        FORMS.add(key, Form(written, make), home=make.__module__)
        return make

    return known


def allowed() -> str:
    """All that a waveform may be written as."""
    return ", ".join(["a number", *(FORMS[key].written for key in FORMS), 'or text of t, "0.4 + 0.1*sin(t)"'])


def _from_table(table: Mapping[str, Any]) -> Waveform | None:
    """None when it has none of the forms."""
    make = next((FORMS[key].make for key in FORMS if key in table), None)
    if make is None:
        return None
    if is_dataclass(make):
        made: Waveform = validated(make, dict(table), "")
        return made
    hints = get_type_hints(make)
    for key, value in table.items():
        refuse_lookalikes(hints.get(key), value, key)
    try:
        return make(**table)
    except InputError:
        raise
    except (TypeError, ValueError):
        return None


def waveform(value: Any) -> Waveform:
    """A value (number, text, function, or the table of one in a problem file) to a waveform.  Raises InputError."""
    if isinstance(value, Waveform):
        return value
    if isinstance(value, str) and not (value.isidentifier() and value not in ("t", *CONSTANTS)):
        return Formula(value)
    if callable(value):
        return Function(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(float(value))
    refuse_in_python(value)
    found = _from_table(value) if isinstance(value, Mapping) else None
    if found is None:
        raise InputError(f"{value!r} is no waveform", allowed=allowed())
    return found


def optional_waveform(value: Any) -> Waveform | None:
    """The value as `waveform` takes it; None stays None."""
    return None if value is None else waveform(value)


TIMES = ("at", "corners", "over", "period", "ramp_in", "rise", "start", "width")
PURE = ("count", "expression", "phase")
"""Keys of forms, by what they measure; what is in neither is a value, but for a frequency and the pairs of a table.
A form of one's own may say it by its types, `decay: InT0`."""


class Course(NamedTuple):
    """A mark of the type of a waveform: what it measures, so that its numbers and times may be text with units."""

    dimension: str

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """A waveform of a problem file, or a list of components, with text that has a unit replaced."""
        if isinstance(value, Mapping):
            make = next((FORMS[name].make for name in FORMS if name in value), None)
            hints = {} if make is None else get_type_hints(make, include_extras=True)
            return {
                name: self._part(item, name, measured(hints.get(name)), convert, f"{key}.{name}")
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.reduced(item, convert, f"{key}.{k}") for k, item in enumerate(value)]
        return converted(value, self.dimension, convert, key) if isinstance(value, str) else value

    def _part(self, value: Any, name: str, told: str | None, convert: Convert, key: str) -> Any:
        """What stands at one key of a form; `told`: what the form says that it measures."""
        if name in PURE:
            return value
        if name == "table" and isinstance(value, list | tuple):
            axes = (Course("time"), self)
            return [
                [axis.reduced(pair[i], convert, f"{key}.{k}.{i}") for i, axis in enumerate(axes)]
                if isinstance(pair, list | tuple) and len(pair) == 2
                else pair
                for k, pair in enumerate(value)
            ]
        if isinstance(value, Mapping):  # as { sine = { amplitude, period } }
            return {part: self._part(item, part, None, convert, f"{key}.{part}") for part, item in value.items()}
        usual = "time" if name in TIMES else "frequency" if name == "frequency" else self.dimension
        return Course(told or usual).reduced(value, convert, key)
