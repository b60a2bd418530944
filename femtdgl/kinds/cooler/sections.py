"""The sections of a cooler's problem file.  They are the dataclasses below: there is no second description of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from femtdgl.input.tables import validated
from femtdgl.kinds.expect import Expectation
from femtdgl.thermal.cooler_links import OneWay

Quantity = float | str


@dataclass(frozen=True, kw_only=True)
class Table:
    """Base of the sections: no unknown keys."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class MaterialTable(Table):
    """`[material]`: what the reduced filament is made of, for its scales."""

    preset: str
    """Name of a material, such as aluminium."""
    width: Quantity
    """m, of one filament."""
    thickness: Quantity
    """m, of the film."""
    T0: Quantity | None = None
    """Temperature of the scales; None: (1 - eta) Tc, with the eta of the filament."""
    Tc: Quantity | None = None
    """K; None: that of the material."""
    resistivity: float | None = None
    """Ohm m; None: that of the material."""
    tau_eps: Quantity | None = None
    """s, inelastic electron-phonon time; None: that of the material."""


@dataclass(frozen=True, kw_only=True)
class BathTable(Table):
    """`[bath]`: the bottom plate's temperature, and the one the plate is wanted at (for P_leak and (5.4))."""

    temperature: Quantity
    """K, of the bottom plate."""
    target: Quantity | None = None
    """K, at which the plate is wanted; None: none is asked for."""


@dataclass(frozen=True, kw_only=True)
class SideTable(Table):
    """`[top]`, `[bottom]`: a solid by name, or sigma_K in W/(m^2 K^4)."""

    solid: str | None = None
    """Name of a solid: sigma_K by acoustic mismatch, (5.2)."""
    sigma_K: float | None = None
    """W/(m^2 K^4)."""


@dataclass(frozen=True, kw_only=True)
class PathTable(Table):
    """`[path]`: how heat comes back from the bath; k in W/(m K), None: that of the normal film by Wiedemann-Franz."""

    kind: str = "series"
    """"series", "parallel" or "leak", (5.6)."""
    k: float | None = None
    """W/(m K); None: that of the normal film by Wiedemann and Franz."""


@dataclass(frozen=True, kw_only=True)
class LeadsTable(Table):
    """`[leads]`: wires that bring the current from the bath to the filaments on the plate, and take it back."""

    resistivity: float
    """Ohm m, in the normal state: it gives the thermal conductivity too (Wiedemann and Franz)."""
    length: Quantity
    """m, of each."""
    cross_section: float
    """m^2."""
    count: int = 2
    """Wires of the whole group."""
    superconducting: bool = False
    """No Joule heat; the heat conducted is that of the normal metal, an upper bound."""


@dataclass(frozen=True, kw_only=True)
class PlateTable(Table):
    """`[plate]`: capacity in J/K at 1 K, its exponent, and a load in W."""

    capacity: float = 1e-9
    """J/K at 1 K."""
    capacity_exponent: float = 3.0
    """Of its T."""
    load: Quantity = 0.0
    """W, brought to the plate from outside."""


@dataclass(frozen=True, kw_only=True)
class CoolerProblem(Table):
    """The whole file; `[filament]` is read by `source`."""

    kind: str
    filament: dict[str, Any]
    """The filament: a problem file, keys to change in it, and what of its run counts."""
    material: MaterialTable
    """What the filament is made of."""
    bath: BathTable
    """The bottom plate."""
    top: SideTable
    """The interface between filament and plate."""
    bottom: SideTable
    """The interface between filament and bath."""
    title: str = ""
    """What stands above figures."""
    path: PathTable = field(default_factory=PathTable)
    """How heat comes back from the bath."""
    plate: PlateTable = field(default_factory=PlateTable)
    """The plate on top."""
    leads: LeadsTable | None = None
    """Wires that carry the current; None: what they conduct is left out."""
    paper: OneWay | None = None
    """Factors of the mode "paper"; None: this mode is left out."""
    count: int = 1
    """Filaments in series under one plate."""
    expect: dict[str, Expectation] = field(default_factory=dict)
    """What the summary should say, for tests."""


def read_sections(table: Mapping[str, Any]) -> CoolerProblem:
    """The table of a problem file as its sections.  Raises InputError for unknown keys and missing ones."""
    problem: CoolerProblem = validated(CoolerProblem, dict(table), "")
    return problem
