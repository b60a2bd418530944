"""A link of one's own: heat carried by the electrons of a normal wire, Wiedemann and Franz.

k = L0 sigma T, so that  P = L0 sigma (S/length) (T_a^2 - T_b^2)/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import femtdgl as fg
from femtdgl.units import E_CHARGE, K_B, Length

LORENZ = (math.pi * K_B / E_CHARGE) ** 2 / 3


@fg.thermal.link_kind
@dataclass(frozen=True, kw_only=True)
class MetalWire(fg.thermal.Link):
    """A normal wire between the electrons of two places."""

    sigma: float  # S/m
    cross_section: float  # m^2
    length: Length  # m

    sized_by: ClassVar[str | None] = "cross_section"
    sees_mean: ClassVar[bool] = True
    si_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        fg.thermal.require_positive(self, "sigma", "cross_section", "length")

    def power(self, T_a: float, T_b: float) -> float:
        """W."""
        fg.thermal.require_temperatures(T_a, T_b)
        return LORENZ * self.sigma * self.cross_section / self.length * (T_a - T_b) * (T_a + T_b) / 2
