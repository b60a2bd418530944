"""Waveforms: functions of time with named corners, at which the integrator stops and starts anew.

A problem file writes one as a number, or as a table with the key of its form, `{ ramp = [0.0, 1.5], over = 1.0 }`.
A new form is a subclass of Waveform with `@form` in a module of its own: files know it as soon as that is imported.

    @form("sine", "{ sine = [mean, amplitude], period = T }")
    @dataclass(frozen=True, kw_only=True)
    class Sine(Waveform):
        sine: tuple[float, float]
        period: float
        ...
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, TypeVar, get_type_hints

from femtdgl.errors import InputError
from femtdgl.input.lookalikes import refuse_lookalikes
from femtdgl.input.reduce import Convert, converted, measured
from femtdgl.input.registry import Registry
from femtdgl.input.section import Section
from femtdgl.input.tables import validated


def finite(name: str, *values: float) -> None:
    """Raises InputError, with the key, unless every value is a finite number."""
    for value in values:
        if not math.isfinite(value):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a finite number")


class Waveform(Section, ABC):
    """A function of time.  Subclasses are frozen dataclasses, so that problems compare by value."""

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
    def rests_from(self) -> float:
        """Time from which the value stays as it is; inf: it never does, -inf: it always did."""
        return math.inf

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

    def __post_init__(self) -> None:
        finite("value", self.value)

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return self.value

    def slope(self, t: float) -> float:
        """d/dt, from the right."""
        return 0.0

    @property
    def rests_from(self) -> float:
        """It always did."""
        return -math.inf

    def described(self) -> float:
        """As in a problem file."""
        return self.value


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
    return ", ".join(["a number", *(FORMS[key].written for key in FORMS)])


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
    """A number, a waveform, or the table of one in a problem file to a waveform.  Raises InputError."""
    if isinstance(value, Waveform):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(float(value))
    found = _from_table(value) if isinstance(value, Mapping) else None
    if found is None:
        raise InputError(f"{value!r} is no waveform", allowed=allowed())
    return found


def optional_waveform(value: Any) -> Waveform | None:
    """As `waveform`; None stays None."""
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
