"""The model of a cooler made of the sections of its file.

P_J = <J V> j0 V0 S   in W, <J V> of the run per cross-section, j0 V0 by Scales of the material
A   = L xi w          the contact of the filament with each plate;   G = k A/d
"""

from __future__ import annotations

from typing import Any, NamedTuple

from femtdgl.errors import InputError
from femtdgl.kinds.cooler.sections import CoolerProblem, LeadsTable, MaterialTable, SideTable
from femtdgl.problem import presets
from femtdgl.thermal.cooler import Cooler
from femtdgl.thermal.kapitza import Interface, Kapitza, Leak
from femtdgl.thermal.lead import Lead
from femtdgl.units import Scales


class Assembled(NamedTuple):
    """A cooler, and the acoustics of its interfaces; None: sigma_K was given."""

    cooler: Cooler
    top: Interface | None
    bottom: Interface | None


KEYS = {
    "T_bath": "bath.temperature", "path.k": "path.k", "path.S": "material.width", "path.d": "material.thickness",
    "P_joule": "material.width", "path": "path.kind", "capacity": "plate.capacity", "load": "plate.load",
    "capacity_exponent": "plate.capacity_exponent", "top.area": "material.width", "bottom.area": "material.width",
    "lead_count": "leads.count",
}  # fmt: skip
"""Where in the file a field of the model comes from."""


def material_of(table: MaterialTable) -> presets.Material:
    """The preset with what the file replaces."""
    replaced = {k: getattr(table, k) for k in presets.REPLACEABLE if getattr(table, k) is not None}
    try:
        return presets.material(table.preset, **replaced)
    except InputError as error:
        raise error.at(key=f"material.{error.key}") from None


def scales_of(table: MaterialTable, eta: float) -> Scales:
    """The units of the material; at (1 - eta) Tc unless the file gives T0."""
    chosen = material_of(table)
    T0 = (1 - eta) * chosen.Tc if table.T0 is None else presets.number("material.T0", table.T0, "temperature")
    try:
        return chosen.scales(T0)
    except InputError as error:
        raise error.at(key="material.T0") from None


def assemble(
    problem: CoolerProblem, scales: Scales, *, length: float, joule: float, g_W: float, current: float
) -> Assembled:
    """The cooler of a filament `length` xi long with the mean J V `joule` and the current (reduced), and g_W."""
    chosen = material_of(problem.material)
    width = presets.number("material.width", problem.material.width, "length")
    thickness = presets.number("material.thickness", problem.material.thickness, "length")
    area = length * scales.length * width
    T_bath = presets.number("bath.temperature", problem.bath.temperature, "temperature")
    sides, kapitza = {}, {}
    for name, table in (("top", problem.top), ("bottom", problem.bottom)):
        sigma, sides[name] = side(table, problem.material.preset, name)
        kapitza[name] = named(name, Kapitza, area=area, sigma_K=sigma)
    if not T_bath > 0:
        raise InputError(f"{T_bath!r} is not possible", key="bath.temperature", allowed="a temperature above 0 K")
    k = chosen.thermal_conductivity(T_bath) if problem.path.k is None else problem.path.k
    load = presets.number("plate.load", problem.plate.load, "power")
    leads = None
    if problem.leads is not None:
        leads = lead(problem.leads, abs(current) * scales.current_density * width * thickness)
    cooler = named(
        "", Cooler, T_bath=T_bath, P_joule=joule * scales.current_density * scales.potential * width * thickness,
        g_W=g_W, leak=named("path", Leak, k=k, S=area, d=thickness), path=problem.path.kind, one_way=problem.paper,
        Tc=scales.Tc, count=problem.count, load=load, leads=leads,
        lead_count=2 if problem.leads is None else problem.leads.count, capacity=problem.plate.capacity,
        capacity_exponent=problem.plate.capacity_exponent, **kapitza,
    )  # fmt: skip
    target(problem, T_bath)
    return Assembled(cooler, **sides)


def lead(table: LeadsTable, current: float) -> Lead:
    """One of the leads with its current in A."""
    length = presets.number("leads.length", table.length, "length")
    return named(
        "leads", Lead, resistivity=table.resistivity, length=length, cross_section=table.cross_section, current=current,
        superconducting=table.superconducting,
    )  # fmt: skip


def side(table: SideTable, film: str, name: str) -> tuple[float, Interface | None]:
    """sigma_K of an interface of the film, and the acoustics behind it."""
    if (table.solid is None) == (table.sigma_K is None):
        raise InputError("needs one of two", key=name, allowed="solid = a name, or sigma_K = a number")
    if table.solid is None:
        assert table.sigma_K is not None
        return table.sigma_K, None
    try:
        interface = presets.interface(film, table.solid)
    except InputError as error:
        raise error.at(key=f"{name}.solid") from None
    return interface.sigma_K, interface


def named(where: str, cls: Any, **values: Any) -> Any:
    """An object of the model; what it complains of is named as in the file."""
    try:
        return cls(**values)
    except InputError as error:
        key = ".".join(part for part in (where, error.key) if part)
        raise error.at(key=KEYS.get(key, key)) from None


def target(problem: CoolerProblem, T_bath: float) -> float:
    """The temperature that the plate is wanted at; 0.9 T_bath unless given."""
    if problem.bath.target is None:
        return 0.9 * T_bath
    T = presets.number("bath.target", problem.bath.target, "temperature")
    if not 0 < T < T_bath:
        raise InputError(f"{T!r} K is not possible", key="bath.target", allowed="between 0 and the bath's temperature")
    return T
