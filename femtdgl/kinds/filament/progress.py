"""How far the run of a filament is, and how it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from femtdgl.kinds.kind import Progress
from femtdgl.units import Scales, told


@dataclass
class FilamentProgress(Progress):
    """Times in t0, voltage in V0."""

    step: float
    find_order: Callable[[], int] = field(repr=False)
    """What finds `order`: that costs a few evaluations."""
    slips: int
    voltage: float
    steps: int
    scales: Scales | None = None
    """Of a film in SI: then people read SI."""

    @property
    def order(self) -> int:
        """Order of the integrator in this step."""
        return self.find_order()

    def words(self) -> str:
        """Time, step, slips and voltage."""
        if self.scales is not None:
            t, t_end = (told(time * self.scales.time, "s") for time in (self.t, self.t_end))
            step, V = told(self.step * self.scales.time, "s", ".3g"), told(self.voltage * self.scales.potential, "V")
            return f"t = {t} of {t_end}   step {step} (order {self.order})   slips {self.slips}   V = {V}"
        return (
            f"t = {self.t:.4g} of {self.t_end:.4g} t0   step {self.step:.2e} (order {self.order})   "
            f"slips {self.slips}   V = {self.voltage:.4f} V0"
        )
