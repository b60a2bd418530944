"""What carries heat in a filament."""

from __future__ import annotations

import math
from dataclasses import dataclass

from femtdgl.errors import InputError
from femtdgl.input.section import Section


@dataclass(frozen=True, kw_only=True)
class Carriers(Section):
    """Electrons or phonons: C = capacity (T/Tc)^capacity_exponent, k likewise.  Reduced units, values at Tc."""

    capacity: float | None = None
    """C at Tc; None: that of free electrons, for phonons that of the preset."""
    capacity_exponent: float | None = None
    """Of C; None: 1 for electrons, 3 for phonons."""
    conductivity: float | None = None
    """k at Tc; None: that of free electrons, for phonons that of the preset."""
    conductivity_exponent: float | None = None
    """Of k; None: 1 for electrons, 3 for phonons."""
    bcs: bool = False
    """Electrons: C and k suppressed below Tc by the gap, at fixed |psi|; see `equations.thermal_laws`."""

    def __post_init__(self) -> None:
        if self.capacity is not None and not (math.isfinite(self.capacity) and self.capacity > 0):
            raise InputError(f"{self.capacity!r} is not possible", key="capacity", allowed="a number > 0")
        for name in ("capacity_exponent", "conductivity", "conductivity_exponent"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InputError(f"{value!r} is not possible", key=name, allowed="a number >= 0")
