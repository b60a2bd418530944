"""A current lead: heat that its electrons conduct, and its own Joule heat.

Wiedemann and Franz, k = L0 T/rho, make the conduction linear in T^2.  With a current I, k dT/dx integrates to

    (L0/(2 rho)) (T^2)'' = -rho (I/S)^2,    R = rho length/S,

T^2 is a parabola along the lead, and at its ends

    heat that leaves a    L0 (T_a^2 - T_b^2)/(2 R) - I^2 R/2
    heat that b receives  L0 (T_a^2 - T_b^2)/(2 R) + I^2 R/2

exactly: half of the Joule heat goes to each end.  What b receives is least at R = sqrt(L0 (T_a^2 - T_b^2))/I, whatever
the metal and the shape: I sqrt(L0 (T_a^2 - T_b^2)).  A superconducting lead has no Joule heat, and conducts no more
than its normal metal would.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from femtdgl.input.quantities import Current, Length
from femtdgl.thermal.link import Array, Link, link_kind, require_not_negative, require_positive, require_temperatures
from femtdgl.units import E_CHARGE, K_B

LORENZ = (math.pi * K_B / E_CHARGE) ** 2 / 3
"""L0 of Wiedemann and Franz, W Ohm/K^2."""


@link_kind
@dataclass(frozen=True, kw_only=True)
class Lead(Link):
    """A wire between the electrons of two places."""

    resistivity: float
    """Ohm m, in the normal state."""
    length: Length
    """m."""
    cross_section: float
    """m^2."""
    current: Current = 0.0
    """A."""
    superconducting: bool = False
    """No Joule heat."""

    sized_by: ClassVar[str | None] = "cross_section"
    sees_mean: ClassVar[bool] = True
    si_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_positive(self, "resistivity", "length", "cross_section")
        require_not_negative(self, "current")

    @property
    def resistance(self) -> float:
        """R of the normal metal, Ohm."""
        return self.resistivity * self.length / self.cross_section

    @property
    def joule(self) -> float:
        """I^2 R, W; 0 of a superconducting lead."""
        return 0.0 if self.superconducting else self.current**2 * self.resistance

    def conducted(self, T_a: float, T_b: float) -> float:
        """L0 (T_a^2 - T_b^2)/(2 R), W."""
        require_temperatures(T_a, T_b)
        return LORENZ / (2 * self.resistance) * (T_a - T_b) * (T_a + T_b)

    def power(self, T_a: float, T_b: float) -> float:
        """What leaves a, W: negative where more Joule heat comes back than is conducted."""
        return self.conducted(T_a, T_b) - self.joule / 2

    def work(self, T_a: float, T_b: float) -> float:
        """I^2 R: b receives power + work."""
        return self.joule

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """Exact."""
        scale = LORENZ / self.resistance
        return scale * T_a, -scale * T_b

    def powers(self, T_a: Array, T_b: Array) -> Array:
        """As `power`, for whole arrays, complex ones too."""
        return LORENZ / (2 * self.resistance) * (T_a - T_b) * (T_a + T_b) - self.joule / 2

    def gradients(self, T_a: Array, T_b: Array) -> tuple[Array, Array]:
        """As `slopes`, for whole arrays."""
        scale = LORENZ / self.resistance
        return scale * T_a, -scale * T_b


def least_heat(current: float, T_a: float, T_b: float) -> float:
    """The least that the colder end b of a normal lead can receive at this current, whatever its shape, W."""
    return current * math.sqrt(LORENZ * max(T_a**2 - T_b**2, 0.0))
