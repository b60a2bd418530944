"""Photonic links between plain resistors: [SN]'s simplified view, Fig. 1(b) to (d).

Resistances that do not depend on the photon energy make (6.1) a closed form, one-dimensional black-body radiation
times how well the two match ([SN], below eq. 3):

    Q = tau0(R_S/R_D) pi^2 kB^2 (T_S^2 - T_D^2)/(6 h),      tau0(x) = 4 x/(1 + x)^2

tau0 is 1 for R_S = R_D and falls on both sides.  A source whose resistance grows at Tc from R_D far beyond it sends
less heat above Tc than below: negative differential conductance.  With a reactance in the line (6.1) is integrated.

The step of R_S has a width.  A sudden one would make the power jump, and a balance that needs a power in the gap would
have no steady state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.quantities import Resistance, Temperature
from femtdgl.thermal.link import link_kind, require_positive, require_temperatures
from femtdgl.thermal.photon_exchange import QUANTUM, PhotonicLink
from femtdgl.units import HBAR, K_B


def match(ratio: float) -> float:
    """tau0(x) = 4 x/(1 + x)^2, x = R_S/R_D."""
    return 4 * ratio / (1 + ratio) ** 2


@dataclass(frozen=True, kw_only=True)
class Resistors(PhotonicLink):
    """A source (a) whose resistance may depend on its temperature, and a drain (b) of fixed resistance."""

    R_D: Resistance
    """Ohm, drain."""

    observables: ClassVar[Mapping[str, str]] = {
        **PhotonicLink.observables,
        "source_resistance": "Ohm",
        "transmission_at": "",
    }
    sees_mean: ClassVar[bool] = True
    si_only: ClassVar[bool] = True

    def source_resistance(self, T_a: float, T_b: float) -> float:
        """R_S, Ohm."""
        raise NotImplementedError

    def resistance_slope(self, T_a: float) -> float:
        """dR_S/dT_a, Ohm/K."""
        raise NotImplementedError

    def transmission_at(self, T_a: float, T_b: float) -> float:
        """tau0(R_S/R_D), without the reactance of the line."""
        return match(self.source_resistance(T_a, T_b) / self.R_D)

    def impedances(self, w: np.ndarray, T_a: float, T_b: float) -> tuple[np.ndarray, np.ndarray]:
        """R_S and R_D, Ohm."""
        return np.full(w.shape, complex(self.source_resistance(T_a, T_b))), np.full(w.shape, complex(self.R_D))

    def edges(self, T_a: float, T_b: float) -> list[float]:
        """The resonance of the line, and where its reactances equal the resistance of the loop."""
        R, found = self.source_resistance(T_a, T_b) + self.R_D, self.resonances
        if self.line_inductance > 0:
            found = [*found, HBAR * R / (self.line_inductance * K_B)]
        if math.isfinite(self.line_capacitance):
            found = [*found, HBAR / (R * self.line_capacitance * K_B)]
        return found

    def power(self, T_a: float, T_b: float) -> float:
        """The closed form above in W; through (6.1) when there is a reactance in the line."""
        require_temperatures(T_a, T_b)
        if self.has_reactance:
            return self.power_through_line(T_a, T_b)
        return math.pi**2 / 6 * QUANTUM * self.transmission_at(T_a, T_b) * (T_a - T_b) * (T_a + T_b)

    def slopes(self, T_a: float, T_b: float) -> tuple[float, float]:
        """Exact without a reactance."""
        if self.has_reactance:
            return super().slopes(T_a, T_b)
        require_temperatures(T_a, T_b)
        scale, tau = math.pi**2 / 6 * QUANTUM, self.transmission_at(T_a, T_b)
        x = self.source_resistance(T_a, T_b) / self.R_D
        by_ratio = 4 * (1 - x) / (1 + x) ** 3
        turning = by_ratio * self.resistance_slope(T_a) / self.R_D * (T_a - T_b) * (T_a + T_b)
        return scale * (turning + 2 * tau * T_a), -2 * scale * tau * T_b


@link_kind
@dataclass(frozen=True, kw_only=True)
class ResistorLink(Resistors):
    """Heat by photons between two resistors, from a (R_S) to b (R_D)."""

    R_S: Resistance
    """Ohm, source."""

    def __post_init__(self) -> None:
        require_positive(self, "R_S", "R_D")
        super().__post_init__()

    def source_resistance(self, T_a: float, T_b: float) -> float:
        """R_S, Ohm: whatever the temperatures."""
        return self.R_S

    def resistance_slope(self, T_a: float) -> float:
        """0."""
        return 0.0


@link_kind
@dataclass(frozen=True, kw_only=True)
class ResistanceStepLink(Resistors):
    """Heat by photons from a source (a) whose resistance steps up at Tc to a resistor (b): [SN] Fig. 1(c), (d).

    R_S = R_below + (R_above - R_below)/(1 + exp(-(T_a - Tc)/width)).
    """

    R_below: Resistance
    """Ohm, source well below Tc."""
    R_above: Resistance
    """Ohm, source well above Tc."""
    Tc: Temperature
    """K."""
    width: Temperature
    """K: from 12 to 88 % of the step within 4 of them."""

    def __post_init__(self) -> None:
        require_positive(self, "R_below", "R_above", "R_D", "Tc", "width")
        if not self.width < self.Tc:
            raise InputError(f"{self.width!r} K is no step", key="width", allowed="well below Tc")
        super().__post_init__()

    def _share(self, T_a: float) -> float:
        """Of the step that is done at T_a."""
        return 0.5 * (1 + math.tanh((T_a - self.Tc) / (2 * self.width)))

    def source_resistance(self, T_a: float, T_b: float) -> float:
        """R_S at T_a, Ohm."""
        return self.R_below + (self.R_above - self.R_below) * self._share(T_a)

    def resistance_slope(self, T_a: float) -> float:
        """dR_S/dT_a, Ohm/K."""
        share = self._share(T_a)
        return (self.R_above - self.R_below) * share * (1 - share) / self.width
