"""How far the run of a filament is, and how it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from femtdgl.kinds.kind import Progress


@dataclass
class FilamentProgress(Progress):
    """Times in t0, voltage in V0."""

    step: float
    find_order: Callable[[], int] = field(repr=False)
    """What finds `order`: that costs a few evaluations."""
    slips: int
    voltage: float
    steps: int

    @property
    def order(self) -> int:
        """Order of the integrator in this step."""
        return self.find_order()

    def words(self) -> str:
        """Time, step, slips and voltage."""
        return (
            f"t = {self.t:.4g} of {self.t_end:.4g} t0   step {self.step:.2e} (order {self.order})   "
            f"slips {self.slips}   V = {self.voltage:.4f} V0"
        )
