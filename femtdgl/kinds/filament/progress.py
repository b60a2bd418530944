"""How far the run of a filament is, and how it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from femtdgl.kinds.kind import Progress


@dataclass
class FilamentProgress(Progress):
    """Times in t0, voltage in V0; `order` is a function, since it costs a few evaluations."""

    step: float
    order: Callable[[], int]
    slips: int
    voltage: float
    steps: int

    def words(self) -> str:
        """Time, step, slips and voltage."""
        return (
            f"t = {self.t:.4g} of {self.t_end:.4g} t0   step {self.step:.2e} (order {self.order()})   "
            f"slips {self.slips}   V = {self.voltage:.4f} V0"
        )
