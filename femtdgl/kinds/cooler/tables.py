"""A cooler's problem file: its sections as dataclasses, and the model made of them.

    P_J = <J V> j0 V0 S   in W, <J V> of the run per cross-section, j0 V0 by Scales of the material
    A   = L xi w          the contact of the filament with each plate;   G = k A/d

`[filament]` gives the reduced filament (delta, eta of its own film), `[material]` gives the scales.  With
`self_heating = true` its run is a heated one, with the bottom interface as its only way out (in a steady state the
plate keeps nothing): in its own units

    power density sigma_bottom Tc^4/(d j0 V0/xi) [(T/Tc)^4 - (T_b/Tc)^4].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import tomli_w

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.input.tables import validated
from femtdgl.problem import presets, toml
from femtdgl.problem.heat import Heat, Join
from femtdgl.problem.problem import Problem
from femtdgl.thermal.cooler import Cooler, OneWay
from femtdgl.thermal.kapitza import Interface, Kapitza, Leak
from femtdgl.thermal.network.network import Node
from femtdgl.units import Scales, parse

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
class PlateTable(Table):
    """`[plate]`: capacity in J/K at 1 K, its exponent, and a load in W."""

    capacity: float = 1e-9
    capacity_exponent: float = 3.0
    load: Quantity = 0.0


@dataclass(frozen=True, kw_only=True)
class CoolerProblem(Table):
    """The whole file."""

    kind: str
    filament: dict[str, Any]
    material: MaterialTable
    bath: BathTable
    top: SideTable
    bottom: SideTable
    title: str = ""
    path: PathTable = field(default_factory=PathTable)
    plate: PlateTable = field(default_factory=PlateTable)
    paper: OneWay | None = None
    count: int = 1
    expect: dict[str, dict[str, float | int | str | bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A checked file: nothing in it can still be wrong but the filament's run itself."""

    problem: CoolerProblem
    filament: Problem | None
    """To be run; None: `stored` is read."""
    text: str
    stored: Path | None
    kernel: str

    def scales(self, eta: float) -> Scales:
        """The units of the material."""
        table = self.problem.material
        chosen = material_of(table)
        T0 = (1 - eta) * chosen.Tc if table.T0 is None else quantity("material.T0", table.T0, "temperature")
        try:
            return chosen.scales(T0)
        except InputError as error:
            raise error.at(key="material.T0") from None


def quantity(key: str, value: Quantity, dimension: str) -> float:
    """A number in SI; errors name the key."""
    try:
        return parse(value, dimension)
    except InputError as error:
        raise error.at(key=key) from None


def material_of(table: MaterialTable) -> presets.Material:
    """The preset with what the file replaces."""
    replaced = {k: getattr(table, k) for k in presets.REPLACEABLE if getattr(table, k) is not None}
    try:
        return presets.material(table.preset, **replaced)
    except InputError as error:
        raise error.at(key=f"material.{error.key}") from None


def prepare_cooler(table: Mapping[str, Any], *, file: str = "") -> Prepared:
    """Check a file.  Raises InputError before anything is run or written."""
    try:
        problem: CoolerProblem = validated(CoolerProblem, dict(table), "")
        filament, text, stored, kernel = read_filament(problem.filament, Path(file).parent)
        prepared = Prepared(problem, filament, text, stored, kernel)
        eta = filament.film.eta if filament is not None else float(Result(stored or "").attributes["eta"])
        cooler, _ = assemble(prepared, prepared.scales(eta), length=1.0, joule=1.0, g_W=0.0)
        if problem.filament.get("self_heating", False):
            prepared = self_heated(prepared, cooler)
    except InputError as error:
        raise error if error.file else error.at(file=file) from None
    return prepared


def self_heated(prepared: Prepared, cooler: Cooler) -> Prepared:
    """The filament with its own heat: electrons of eta, no heat through the banks, the bottom interface below."""
    filament = prepared.filament
    if filament is None or filament.heat is not None or filament.film.scales is not None:
        raise InputError(
            "needs a filament that is run here, in reduced units and without [heat]",
            key="filament.self_heating",
            allowed="false, or such a filament",
        )
    scales = prepared.scales(filament.film.eta)
    if abs(scales.eta - filament.film.eta) > 1e-6:
        raise InputError(
            f"gives eta = {scales.eta:.6g}, the filament has {filament.film.eta:.6g}",
            key="material.T0",
            allowed="with self_heating the temperature of that eta, or none",
        )
    unit = scales.power_density * cooler.leak.d / scales.Tc**4
    bath = cooler.T_bath / scales.Tc
    below = Join(
        between=("surface", "bath"), link=Kapitza(area=1.0, sigma_K=cooler.bottom.sigma_K / unit), per_size=True
    )
    heat = Heat(bath=bath, hold=(), nodes={"bath": Node(temperature=bath)}, links={"bottom": below})
    heated = replace(filament, heat=heat)
    return replace(prepared, filament=heated, text=toml.dump(heated))


def read_filament(table: Mapping[str, Any], folder: Path) -> tuple[Problem | None, str, Path | None, str]:
    """`problem` (a file beside this one), `result` (a directory), or the sections of a problem themselves."""
    rest = dict(table)
    kernel = rest.pop("kernel", "exact")
    if not isinstance(rest.pop("self_heating", False), bool):
        raise InputError("is no choice", key="filament.self_heating", allowed="true or false")
    if kernel not in ("exact", "bose", "printed"):
        raise InputError(f"{kernel!r} is not possible", key="filament.kernel", allowed='"exact", "bose", "printed"')
    sources = [key for key in ("problem", "result", "mesh") if key in rest]
    if len(sources) != 1:
        raise InputError(
            f"gives {' and '.join(sources) or 'no filament'}",
            key="filament",
            allowed="one of: problem = a file, result = a directory, or the sections of a filament",
        )
    if sources == ["mesh"]:
        try:
            problem, text, stored = toml.build(rest), tomli_w.dumps(rest), None
        except InputError as error:
            raise error.at(key=f"filament.{error.key}") from None
    else:
        where = folder / str(rest.pop(sources[0]))
        changes = dotted(rest.pop("set", {}))
        if rest:
            raise InputError(
                "unknown key", key=f"filament.{next(iter(rest))}", allowed="problem, result, set, kernel, self_heating"
            )
        if sources == ["result"]:
            Result(where)
            return None, "", where, kernel
        try:
            problem, text = toml.load(where, changes)
        except InputError as error:
            if error.key not in changes:
                raise
            raise InputError(error.message, key=f"filament.set.{error.key}", allowed=error.allowed) from None
        stored = None
    if problem.mesh.shape != "line" or not problem.terminals:
        raise InputError("is no filament between two terminals", key="filament.mesh.shape", allowed='"line"')
    if problem.film.delta == 0:
        raise InputError("a gapless film has no phonon flux", key="filament.film.delta", allowed="delta > 0")
    return problem, text, stored, kernel


def dotted(changes: Mapping[str, Any]) -> dict[str, Any]:
    """{"time": {"t_end": 60}}, as --set filament.set.time.t_end=60 makes it, to {"time.t_end": 60}."""
    flat: dict[str, Any] = {}
    for key, value in changes.items():
        if isinstance(value, Mapping) and "." not in key:
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            flat[key] = value
    return flat


def side(table: SideTable, film: presets.Solid, name: str) -> tuple[float, Interface | None]:
    """sigma_K of an interface, and the acoustics behind it."""
    if (table.solid is None) == (table.sigma_K is None):
        raise InputError("needs one of two", key=name, allowed="solid = a name, or sigma_K = a number")
    if table.solid is None:
        assert table.sigma_K is not None
        return table.sigma_K, None
    try:
        interface = Interface(film=film, plate=presets.chosen(presets.SOLIDS, table.solid))
    except InputError as error:
        raise error.at(key=f"{name}.solid") from None
    return interface.sigma_K, interface


def assemble(
    prepared: Prepared, scales: Scales, *, length: float, joule: float, g_W: float
) -> tuple[Cooler, dict[str, Interface | None]]:
    """The cooler of a filament `length` xi long with the mean J V `joule` (reduced) and g_W."""
    problem = prepared.problem
    chosen = material_of(problem.material)
    width = quantity("material.width", problem.material.width, "length")
    thickness = quantity("material.thickness", problem.material.thickness, "length")
    area = length * scales.length * width
    T_bath = quantity("bath.temperature", problem.bath.temperature, "temperature")
    sides, kapitza = {}, {}
    for name, table in (("top", problem.top), ("bottom", problem.bottom)):
        sigma, sides[name] = side(table, chosen.solid, name)
        kapitza[name] = named(name, Kapitza, area=area, sigma_K=sigma)
    if not T_bath > 0:
        raise InputError(f"{T_bath!r} is not possible", key="bath.temperature", allowed="a temperature above 0 K")
    k = chosen.thermal_conductivity(T_bath) if problem.path.k is None else problem.path.k
    cooler = named(
        "", Cooler, T_bath=T_bath, P_joule=joule * scales.current_density * scales.potential * width * thickness,
        g_W=g_W, leak=named("path", Leak, k=k, S=area, d=thickness), path=problem.path.kind, one_way=problem.paper,
        Tc=scales.Tc, count=problem.count, load=quantity("plate.load", problem.plate.load, "power"),
        capacity=problem.plate.capacity, capacity_exponent=problem.plate.capacity_exponent, **kapitza,
    )  # fmt: skip
    target(problem, T_bath)
    return cooler, sides


KEYS = {
    "T_bath": "bath.temperature", "path.k": "path.k", "path.S": "material.width", "path.d": "material.thickness",
    "P_joule": "material.width", "path": "path.kind", "capacity": "plate.capacity", "load": "plate.load",
    "capacity_exponent": "plate.capacity_exponent", "top.area": "material.width", "bottom.area": "material.width",
}  # fmt: skip
"""Where in the file a field of the model comes from."""


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
    T = quantity("bath.target", problem.bath.target, "temperature")
    if not 0 < T < T_bath:
        raise InputError(f"{T!r} K is not possible", key="bath.target", allowed="between 0 and the bath's temperature")
    return T
