"""A waveform of one's own: mean + amplitude sin(2 pi t/period + phase)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import femtdgl as fg


@fg.drive.form("swing", "{ swing = [mean, amplitude], period = T }")
@dataclass(frozen=True, kw_only=True)
class Swing(fg.Waveform):
    """Alternating, about a mean."""

    swing: tuple[float, float]
    period: float
    phase: float = 0.0

    def __post_init__(self) -> None:
        if not self.period > 0:
            raise fg.InputError(f"{self.period!r} is not possible", key="period", allowed="a time > 0")

    def _angle(self, t: float) -> float:
        return 2 * math.pi * t / self.period + self.phase

    def __call__(self, t: float) -> float:
        """Value at a time."""
        mean, amplitude = self.swing
        return mean + amplitude * math.sin(self._angle(t))

    def slope(self, t: float) -> float:
        """d/dt."""
        return 2 * math.pi / self.period * self.swing[1] * math.cos(self._angle(t))
