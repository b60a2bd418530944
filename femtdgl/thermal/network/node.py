"""A node of a network: a lumped temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from femtdgl.errors import InputError
from femtdgl.input.quantities import Power, Temperature
from femtdgl.thermal.link import require_positive


@dataclass(frozen=True, kw_only=True)
class Node:
    """A lumped temperature: a bath when `temperature` is given, free otherwise."""

    temperature: Temperature | None = None
    """K, held; None: the node is free."""
    heat: Power = 0.0
    """W, brought in from outside."""
    capacity: float | None = None
    """J/K at 1 K."""
    capacity_exponent: float = 0.0
    """C = capacity (T/1 K)^exponent; 1 for an electron gas."""
    initial: Temperature | None = None
    """K, at t = 0 of a transient."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for name in ("temperature", "capacity", "initial"):
            if getattr(self, name) is not None:
                require_positive(self, name)
        if not math.isfinite(self.heat):
            raise InputError(f"{self.heat!r} is not possible", key="heat", allowed="a finite power in W")
        if not (math.isfinite(self.capacity_exponent) and self.capacity_exponent > -1):
            words = f"{self.capacity_exponent!r} is not possible: the energy from 0 on would have no bound"
            raise InputError(words, key="capacity_exponent", allowed="a number > -1")
        if self.temperature is not None and (self.heat or self.capacity or self.initial):
            raise InputError(
                "a bath keeps its temperature whatever flows",
                key="temperature",
                allowed="a temperature, or heat, capacity and initial",
            )

    def energy(self, T: Any) -> Any:
        """int C dT from 0 to T, J; a number or an array."""
        n = self.capacity_exponent + 1
        return (self.capacity or 0.0) * T**n / n

    def heat_capacity(self, T: Any) -> Any:
        """C(T), J/K; a number or an array."""
        return (self.capacity or 0.0) * T**self.capacity_exponent
