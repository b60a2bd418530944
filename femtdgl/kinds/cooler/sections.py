"""The sections of a cooler's problem file.  They are the dataclasses below: there is no second description of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from femtdgl.input.tables import validated
from femtdgl.kinds.expect import Expectation
from femtdgl.thermal.cooler import OneWay

Quantity = float | str


@dataclass(frozen=True, kw_only=True)
class Table:
    """Base of the sections: no unknown keys."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class MaterialTable(Table):
    """`[material]`: what the reduced filament is made of, for its scales."""

    preset: str
    width: Quantity
    thickness: Quantity
    T0: Quantity | None = None
    """Temperature of the scales; None: (1 - eta) Tc, with the eta of the filament."""
    Tc: Quantity | None = None
    resistivity: float | None = None
    tau_eps: Quantity | None = None


@dataclass(frozen=True, kw_only=True)
class BathTable(Table):
    """`[bath]`: the bottom plate's temperature, and the one the plate is wanted at (for P_leak and (5.4))."""

    temperature: Quantity
    target: Quantity | None = None


@dataclass(frozen=True, kw_only=True)
class SideTable(Table):
    """`[top]`, `[bottom]`: a solid by name, or sigma_K in W/(m^2 K^4)."""

    solid: str | None = None
    sigma_K: float | None = None


@dataclass(frozen=True, kw_only=True)
class PathTable(Table):
    """`[path]`: how heat comes back from the bath; k in W/(m K), None: that of the normal film by Wiedemann-Franz."""

    kind: str = "series"
    k: float | None = None


@dataclass(frozen=True, kw_only=True)
class LeadsTable(Table):
    """`[leads]`: wires that bring the current from the bath to the filaments on the plate, and take it back."""

    resistivity: float
    """Ohm m, in the normal state: it gives the thermal conductivity too (Wiedemann and Franz)."""
    length: Quantity
    cross_section: float
    """m^2."""
    count: int = 2
    superconducting: bool = False
    """No Joule heat; the heat conducted is that of the normal metal, an upper bound."""


@dataclass(frozen=True, kw_only=True)
class PlateTable(Table):
    """`[plate]`: capacity in J/K at 1 K, its exponent, and a load in W."""

    capacity: float = 1e-9
    capacity_exponent: float = 3.0
    load: Quantity = 0.0


@dataclass(frozen=True, kw_only=True)
class CoolerProblem(Table):
    """The whole file; `[filament]` is read by `source`."""

    kind: str
    filament: dict[str, Any]
    material: MaterialTable
    bath: BathTable
    top: SideTable
    bottom: SideTable
    title: str = ""
    path: PathTable = field(default_factory=PathTable)
    plate: PlateTable = field(default_factory=PlateTable)
    leads: LeadsTable | None = None
    paper: OneWay | None = None
    count: int = 1
    expect: dict[str, Expectation] = field(default_factory=dict)


def read_sections(table: Mapping[str, Any]) -> CoolerProblem:
    """The table of a problem file as its sections.  Raises InputError for unknown keys and missing ones."""
    problem: CoolerProblem = validated(CoolerProblem, dict(table), "")
    return problem
