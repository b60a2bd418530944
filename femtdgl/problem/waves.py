"""Sines, smooth for ever, so that the integrator never starts anew for them, and expressions that have corners.

current = { sine = { offset = 1.3, amplitude = 0.3, frequency = 0.2 } }
field = { sine = { amplitude = 0.1, period = 40.0, phase = 1.5707963, ramp_in = 20.0 } }
current = { expression = "0.4 + 0.1*step(t - 5)", corners = [5.0] }
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from femtdgl.errors import InputError
from femtdgl.input.tables import validated
from femtdgl.problem.waveform import Formula, Waveform, finite, form


@dataclass(frozen=True, kw_only=True)
class Sine(Waveform):
    """offset + amplitude sin(2 pi frequency t + phase); rising from zero during `ramp_in`."""

    amplitude: float
    """Half of what it swings."""
    frequency: float | None = None
    """Cycles in a t0; or `period`."""
    period: float | None = None
    """t0."""
    offset: float = 0.0
    """The mean."""
    phase: float = 0.0
    """In radians."""
    ramp_in: float = 0.0
    """The time during which the whole, with its mean, rises from zero; 0: it is there at once."""

    @classmethod
    def in_words(cls, named: Mapping[str, Any]) -> dict[str, Any]:
        """As in a problem file, from the fields by name (named)."""
        return {"sine": dict(named)}

    def __post_init__(self) -> None:
        finite("amplitude", self.amplitude)
        finite("offset", self.offset)
        finite("phase", self.phase)
        if (self.frequency is None) == (self.period is None):
            raise InputError("needs one of frequency and period", key="frequency", allowed="one of them")
        for name in ("frequency", "period"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InputError(f"{value!r} is not possible", key=name, allowed="a number > 0")
        if not (math.isfinite(self.ramp_in) and self.ramp_in >= 0):
            raise InputError(f"{self.ramp_in!r} is not possible", key="ramp_in", allowed="a time >= 0")

    @property
    def _omega(self) -> float:
        return 2 * math.pi * (self.frequency if self.frequency is not None else 1 / (self.period or 1.0))

    def _risen(self, t: float) -> tuple[float, float]:
        """The share that is there and its slope: from 0 to 1 with two continuous derivatives."""
        if not self.ramp_in or t >= self.ramp_in:
            return 1.0, 0.0
        s = max(t / self.ramp_in, 0.0)
        return s**3 * (10 - 15 * s + 6 * s * s), 30 * s * s * (1 - s) ** 2 / self.ramp_in

    def __call__(self, t: float) -> float:
        """Value at a time."""
        return self._risen(t)[0] * (self.offset + self.amplitude * math.sin(self._omega * t + self.phase))

    def slope(self, t: float) -> float:
        """d/dt."""
        share, rate = self._risen(t)
        angle = self._omega * t + self.phase
        value = self.offset + self.amplitude * math.sin(angle)
        return rate * value + share * self.amplitude * self._omega * math.cos(angle)

    @property
    def rests_from(self) -> float:
        """Never, unless its amplitude is zero."""
        if self.amplitude:
            return math.inf
        return self.ramp_in if self.ramp_in and self.offset else -math.inf

    @property
    def repeats_after(self) -> float:
        """Its period."""
        return self.period if self.period is not None else 1 / (self.frequency or 1.0)

    def described(self) -> dict[str, Any]:
        """As in a problem file."""
        return {"sine": super().described()}


@form("sine", "{ sine = { offset, amplitude, frequency } }")
def _sine(sine: Any) -> Sine:
    if not isinstance(sine, Mapping):
        words = f"{sine!r} is not possible"
        raise InputError(
            words, key="sine", allowed="a table with amplitude, frequency or period, offset, phase, ramp_in"
        )
    keys = dict(sine)
    if "mean" in keys:
        if "offset" in keys:
            raise InputError("is given beside offset", key="sine.mean", allowed="one of them")
        keys["offset"] = keys.pop("mean")
    made: Sine = validated(Sine, keys, "sine")
    return made


@form("expression", '{ expression = "...", corners = [t] }')
def _formula(expression: str, corners: Sequence[float] = ()) -> Formula:
    return Formula(expression, tuple(map(float, corners)))
