"""Reduced units in SI, by the names that probes, fields and labels of figures have for them."""

from __future__ import annotations

from typing import NamedTuple

from femtdgl.problem.film import Film
from femtdgl.units import MU_0


class Unit(NamedTuple):
    """SI of a reduced unit: its size, and the SI unit without a prefix."""

    size: float
    si: str


COUNTS = ("", "1", "rad", "flux quanta", "vortices")
"""Units that are the same in SI."""


def key_of(unit: str) -> str:
    """A reduced unit as `units_in_si` has it: without spaces."""
    return unit.replace(" ", "")


def units_in_si(film: Film, dim: int) -> dict[str, Unit]:
    """SI by reduced unit, without spaces, for a mesh of that dimension; empty for a film without scales.

    Totals, such as j0 xi^(d-1), are there where the film knows its cross-section (1D) or thickness (2D).
    """
    s = film.scales
    if s is None:
        return {}
    xi, t0, V0, j0 = s.length, s.time, s.potential, s.current_density
    found = {
        "xi": Unit(xi, "m"),
        "t0": Unit(t0, "s"),
        "1/t0": Unit(1 / t0, "Hz"),
        "V0": Unit(V0, "V"),
        "j0": Unit(j0, "A/m^2"),
        "j0/xi": Unit(j0 / xi, "A/m^3"),
        "Bc2": Unit(s.field, "T"),
        "Bc2xi": Unit(s.vector_potential, "T m"),
        "Delta0": Unit(s.gap, "J"),
        "Delta0^2": Unit(s.gap**2, "J^2"),
        "Delta0/t0": Unit(s.gap / t0, "W"),
        "Tc": Unit(s.Tc, "K"),
        "j0V0/xi": Unit(s.power_density, "W/m^3"),
        "Bc2xi/mu0": Unit(s.field * xi / MU_0, "A"),
    }
    one = film.section_of(dim)
    if one is not None:
        found |= {
            "j0xi^(d-1)": Unit(j0 * one, "A"),
            "j0V0xi^(d-1)": Unit(j0 * V0 * one, "W"),
            "j0V0t0xi^(d-1)": Unit(j0 * V0 * t0 * one, "J"),
            "j0V0t0xi^(d-1)/2": Unit(j0 * V0 * t0 * one / 2, "J"),
            "j0xi^(d+1)": Unit(j0 * one * xi**2, "A m^2"),
        }
        if dim == 2:
            found["j0xi^3"] = found["j0xi^(d+1)"]  # of a magnetic moment
    return found
