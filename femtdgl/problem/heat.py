"""Heat in a filament: what (4.1) and (4.2) need to know, and the lumped parts that are joined to it.

Temperatures are in Tc, the rest in the reduced units of theory note, section 0: heat capacity in
2 eta N(0) Delta0^2/Tc, conductivity in that times xi^2/t0, power density in j0 V0/xi.  What is not given is that of
free electrons, C_e = (2 pi^2/3) N(0) kB^2 T and k_e = L0 sigma_n T, which depend on eta alone; the lattice needs
numbers, or a film from a preset.

Lumped nodes and links (`thermal`) are in SI when the film has scales; otherwise they are reduced too: temperatures in
Tc, powers in j0 V0 xi^(d-1) (d the dimension of the mesh), times in t0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, PlainValidator

from femtdgl.equations.thermal_laws import Law, electron_capacity, electron_conductivity
from femtdgl.errors import InputError
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.problem.carriers import Carriers as Carriers
from femtdgl.problem.film import Film, Lattice
from femtdgl.problem.heat_course import (
    BathCourse,
    HeatSource,
    MovingNode,
    NodeCourses,
    bath_value,
    course_of,
    read_node,
    read_source,
)
from femtdgl.problem.presets import interface
from femtdgl.problem.waveform import Waveform
from femtdgl.thermal.catalogue import link_class
from femtdgl.thermal.link import Link
from femtdgl.thermal.network.node import Node
from femtdgl.units import parse

if TYPE_CHECKING:
    from femtdgl.thermal.network.network import Network

NAME = re.compile(r"[A-Za-z0-9_-]+")
SURFACE, VOLUME = "surface", "volume"
TEMPERATURES = ("T", "T_e", "T_p")
"""Names of temperatures that are fields: the one, or those of electrons and phonons."""
SAMPLES = 200
"""Times of a run at which a bath that moves is looked at."""
PLACES = (SURFACE, VOLUME)
"""Places of a filament that are no boundaries: its whole surface (one face), and all of it."""


@dataclass(frozen=True, kw_only=True)
class Join:
    """A link between two ends: a place of the filament ("surface", "volume" or a boundary) or a node, each.

    At most one end is a place.
    """

    between: tuple[str, str]
    """A place of the filament and a node, or two nodes."""
    link: Link
    """What carries the heat."""
    of: Literal["electrons", "phonons"] | None = None
    """Whose temperature the link sees where there are two; None: as the link says, phonons for interfaces and leaks,
    else electrons."""
    spread: Literal["local", "mean"] | None = None
    """"local" exchanges point by point, "mean" sees the mean temperature of the place and takes its heat evenly from
    it; None: as the link says, "mean" for photonic ones, else "local"."""
    per_size: bool = False
    """Whether the link stands for one m^2 (or m^3) of its place."""
    solids: tuple[str, str] | None = None
    """The two solids that an interface's sigma_K is of."""

    def __post_init__(self) -> None:
        if self.of not in (None, "electrons", "phonons"):
            raise InputError(f"{self.of!r} is not possible", key="of", allowed='"electrons" or "phonons"')
        if self.spread not in (None, "local", "mean"):
            raise InputError(f"{self.spread!r} is not possible", key="spread", allowed='"local" or "mean"')

    @property
    def mean(self) -> bool:
        """Whether the link sees the mean temperature of its place."""
        return self.link.sees_mean if self.spread is None else self.spread == "mean"

    @property
    def side(self) -> Literal["electrons", "phonons"]:
        """Whose temperature the link sees, where there are two."""
        return self.of or self.link.sees

    def described(self) -> dict[str, Any]:
        """As in a problem file."""
        link = {f.name: getattr(self.link, f.name) for f in fields(self.link)}
        if self.per_size and self.link.sized_by is not None:
            del link[self.link.sized_by]
        own = {"of": self.of, "spread": self.spread, "kind": type(self.link).__name__, "between": list(self.between)}
        if self.solids is not None and self.link.by_solids is not None:
            own["solids"] = list(self.solids)
            del link[self.link.by_solids]
        return {key: value for key, value in {**own, **link}.items() if value is not None and value != math.inf}

    @classmethod
    def read(cls, table: Any) -> Any:
        """The table `[heat.links.<name>]`: kind, between, of, spread, and the fields of the link.

        An interface may have solids = ["aluminium", "sapphire"] in place of sigma_K: acoustic mismatch (5.2).
        """
        if not isinstance(table, Mapping):
            return table
        rest = dict(table)
        kind, between = rest.pop("kind", None), rest.pop("between", None)
        link = link_class(kind)
        if not (isinstance(between, list | tuple) and len(between) == 2 and all(isinstance(b, str) for b in between)):
            raise InputError(f"{between!r} is not possible", key="between", allowed="two names: a place and a node")
        own = {key: rest.pop(key) for key in ("of", "spread") if key in rest}
        if link.by_solids is not None and "solids" in rest:
            solids = rest.pop("solids")
            rest[link.by_solids], own["solids"] = _mismatch(solids, link.by_solids, rest), tuple(solids)
        size = link.sized_by
        per_size = size is not None and size not in rest
        if size is not None:
            rest.setdefault(size, 1.0)
        return cls(between=tuple(between), link=validated(link, rest, ""), per_size=per_size, **own)


def _mismatch(names: Any, field: str, rest: Mapping[str, Any]) -> float:
    """(5.2) sigma_K of the interface between two solids by name, W/(m^2 K^4), in place of that field of the table."""
    if field in rest:
        raise InputError(f"is given beside {field}", key="solids", allowed="one of them")
    if not (isinstance(names, list | tuple) and len(names) == 2):
        raise InputError(f"{names!r} is not possible", key="solids", allowed='two names, such as ["tin", "silicon"]')
    try:
        return interface(*names).sigma_K
    except InputError as error:
        raise error.at(key="solids") from None


def of_electrons(known: Container[str]) -> str | None:
    """Which of the known names is the temperature that psi feels: T, or T_e; None: it stays at T0."""
    return next((name for name in TEMPERATURES[:2] if name in known), None)


class Units(NamedTuple):
    """What one reduced unit is for the nodes and links: K, W, s, and the sizes of the filament (m, m^2)."""

    temperature: float = 1.0
    power: float = 1.0
    time: float = 1.0
    length: float = 1.0
    width: float | None = 1.0  # of a filament of one dimension
    cross_section: float | None = 1.0  # of a filament of one dimension
    thickness: float | None = 1.0  # of a film of two; None: not given


@dataclass(frozen=True, kw_only=True)
class Heat(Section):
    """(4.1), (4.2): temperatures as fields of the coupled system, and the lumped parts joined to them."""

    temperatures: Literal["one", "two"] = "one"
    """"one": electrons and, if given, phonons at one T.  "two": T_e and T_p with the coupling Sigma between them."""
    source: Literal["first-law", "w", "q_ph"] = "first-law"
    """Heat of the equations: w + (T/(2 eta)) d_t n of (4.3), with which energy is conserved; or, to compare, w of (1.5)
    alone, or q_ph of (2.7)."""
    bath: Annotated[float | str | Waveform | None, PlainValidator(bath_value), BathCourse()] = None
    """Temperature of held boundaries and at t = 0, in Tc or as text ("1 K"); a waveform, in Tc; None: T0."""
    hold: tuple[str, ...] | None = None
    """Boundaries at the temperature of the bath; None: the banks.  Others are insulating."""
    hold_phonons: tuple[str, ...] | None = None
    """Of two temperatures: where that of the phonons is held; None: as `hold`."""
    electrons: Carriers = field(default_factory=Carriers)
    """C and k of the electrons."""
    phonons: Carriers | None = None
    """C and k of the phonons; None: with one temperature they do not count, with two they are those of the preset."""
    coupling: float | None = None
    """Sigma of (4.1): power density Sigma (T_e^m - T_p^m), T in Tc; None: that of the preset."""
    coupling_exponent: float = 5.0
    """m of (4.1)."""
    nodes: Mapping[str, Annotated[Node, BeforeValidator(read_node), NodeCourses()]] = field(default_factory=dict)
    """Lumped parts, by name."""
    links: Mapping[str, Annotated[Join, BeforeValidator(Join.read)]] = field(default_factory=dict)
    """What joins parts of the filament and nodes, by name."""
    sources: Mapping[str, HeatSource] = field(default_factory=dict)
    """Heat that comes in from outside: pulses, lasers."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bath", bath_value(self.bath))
        object.__setattr__(self, "nodes", {name: read_node(node) for name, node in self.nodes.items()})
        object.__setattr__(self, "sources", {name: read_source(one) for name, one in self.sources.items()})
        if self.coupling is not None and not (math.isfinite(self.coupling) and self.coupling >= 0):
            raise InputError(f"{self.coupling!r} is not possible", key="coupling", allowed="a number >= 0")
        if not (math.isfinite(self.coupling_exponent) and self.coupling_exponent > 0):
            raise InputError(f"{self.coupling_exponent!r} is not possible", key="coupling_exponent", allowed="above 0")
        if self.temperatures == "one":
            for key, unused in (("coupling", None), ("coupling_exponent", 5.0), ("hold_phonons", None)):
                if getattr(self, key) != unused:
                    raise InputError("is of two temperatures", key=key, allowed='it with temperatures = "two"')
        for name, source in self.sources.items():
            if source.of == "phonons" and self.temperatures == "one":
                key = f"sources.{name}.of"
                raise InputError("is of two temperatures", key=key, allowed='"electrons", or temperatures = "two"')
        for name, node in self.nodes.items():
            if node.temperature is None and not node.capacity:
                raise InputError(
                    "is missing", key=f"nodes.{name}.capacity", allowed="a heat capacity > 0, or a temperature"
                )
        self._check_links()

    def _check_links(self) -> None:
        for name in (*self.nodes, *self.links):
            if not NAME.fullmatch(name):
                kind = "nodes" if name in self.nodes else "links"
                raise InputError("is no name", key=f"{kind}.{name}", allowed="letters, digits, _ and -")
        for name in self.nodes:
            if name in PLACES:
                raise InputError(f"{name!r} is a place of the filament", key=f"nodes.{name}", allowed="another name")
        for name, join in self.links.items():
            key = f"links.{name}.between"
            nodes = [end for end in join.between if end in self.nodes]
            if not nodes:
                raise InputError(
                    f"{list(join.between)!r} names no node",
                    key=key,
                    allowed="a node at one end at least: "
                    + (", ".join(self.nodes) or "there are none in [heat.nodes]"),
                )
            if join.between[0] == join.between[1]:
                raise InputError(f"both ends are {join.between[0]!r}", key=key, allowed="two different ends")
            if len(nodes) == 2 and (join.per_size or join.spread or join.of):
                raise InputError(
                    "joins two nodes", key=key, allowed="a link with its own size, without `of` and `spread`"
                )
        for name in self.nodes:
            if self.nodes[name].temperature is None and not any(name in j.between for j in self.links.values()):
                raise InputError("has no link", key=f"nodes.{name}", allowed="a link to the filament or to a bath")

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the temperatures that are fields, in results."""
        return TEMPERATURES[:1] if self.temperatures == "one" else TEMPERATURES[1:]

    @classmethod
    def with_network(cls, network: Network, places: Mapping[str, str], **keys: Any) -> Heat:
        """A network with some of its nodes replaced by places of the filament: {node: place}; keys: fields of Heat."""
        nodes = {name: node for name, node in network.nodes.items() if name not in places}
        links = {
            name: Join(between=(places.get(a, a), places.get(b, b)), link=link)
            for name, (a, b, link) in network.links.items()
        }
        return cls(nodes=nodes, links=links, **keys)

    def boundaries(self) -> dict[str, str]:
        """Names that must be boundaries of the mesh, and the keys where they stand."""
        named = dict.fromkeys(self.hold or (), "heat.hold") | dict.fromkeys(
            self.hold_phonons or (), "heat.hold_phonons"
        )
        for link, join in self.links.items():
            named |= {end: f"heat.links.{link}.between" for end in join.between if end not in (*self.nodes, *PLACES)}
        return named

    def held(self, banks: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Names of the boundaries where each temperature is held, given the banks of the problem."""
        electrons = banks if self.hold is None else self.hold
        if self.temperatures == "one":
            return (electrons,)
        return electrons, electrons if self.hold_phonons is None else self.hold_phonons

    def bath_temperature(self, film: Film) -> float:
        """T_b in Tc of a film, of one that moves at t = 0."""
        T0 = 1 - film.eta
        if self.bath is None:
            return T0
        if isinstance(self.bath, Waveform):
            return self.bath(0.0)
        try:
            value = parse(self.bath, "temperature")
        except InputError as error:
            raise error.at(key="heat.bath") from None
        if isinstance(self.bath, str):
            if film.scales is None:
                raise InputError(
                    f"{self.bath!r} needs the Tc of the film",
                    key="heat.bath",
                    allowed="a number in Tc, or a film preset",
                )
            value /= film.scales.Tc
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{self.bath!r} is not possible", key="heat.bath", allowed="a temperature > 0, in Tc")
        return value

    def coldest_bath(self, film: Film, t_end: float) -> float:
        """The lowest T_b of a film in Tc, in a run until t_end."""
        if isinstance(self.bath, Waveform):
            return min(self.bath(t_end * k / SAMPLES) for k in range(SAMPLES + 1))
        return self.bath_temperature(film)

    @property
    def courses(self) -> dict[str, Waveform]:
        """Temperatures that move by themselves, by key."""
        waves = {"heat.bath": self.bath if isinstance(self.bath, Waveform) else None}
        waves |= {f"heat.nodes.{name}.temperature": course_of(node) for name, node in self.nodes.items()}
        return {key: wave for key, wave in waves.items() if wave is not None}

    @property
    def brought(self) -> dict[str, Waveform]:
        """Powers from outside that move, by key."""
        waves = {f"heat.sources.{name}.power": source.wave for name, source in self.sources.items()}
        moving = {name: node for name, node in self.nodes.items() if isinstance(node, MovingNode)}
        waves |= {f"heat.nodes.{name}.heat": n.heat_course for name, n in moving.items() if n.heat_course is not None}
        return waves

    def units(self, film: Film, dim: int) -> Units:
        """SI of a film with scales, reduced without; dim: of the mesh."""
        scales = film.scales
        if scales is None:
            for name, join in self.links.items():
                if join.link.si_only or join.solids is not None:
                    raise InputError(
                        "is in SI, the film is not", key=f"heat.links.{name}", allowed='a film with preset = "..."'
                    )
            return Units()
        xi, density = scales.length, scales.power_density
        width, thickness, section = film.width, film.thickness, None
        if width is not None and thickness is not None:
            section = width * thickness
        elif film.phonons is not None:
            section = film.phonons.cross_section
        needed = {1: section, 2: thickness, 3: 1.0}[dim]
        if needed is None and (self.links or self.sources):
            name = "width and thickness, or cross_section" if dim == 1 else "thickness"
            raise InputError("is missing: links and sources are in SI", key="film.thickness", allowed=name)
        across = {1: section or 1.0, 2: (thickness or 1.0) * xi, 3: xi * xi}[dim]
        return Units(
            temperature=scales.Tc, power=density * xi * across, time=scales.time, length=xi, width=width,
            cross_section=section, thickness=thickness,
        )  # fmt: skip


class Laws(NamedTuple):
    """C and k of each temperature, as sums of laws, and the coupling between them."""

    capacity: tuple[tuple[Law, ...], ...]
    conductivity: tuple[tuple[Law, ...], ...]
    coupling: Law | None


def laws(heat: Heat, film: Film) -> Laws:
    """The laws of a film: what is not given is that of free electrons, or of the lattice of its preset."""
    own, lattice = heat.electrons, heat.phonons
    C_e = electron_capacity(film.eta, film.u) if own.capacity is None else own.capacity
    k_e = electron_conductivity(film.eta, film.u) if own.conductivity is None else own.conductivity
    electrons = (
        Law(value=C_e, exponent=_or(own.capacity_exponent, 1.0), bcs="capacity" if own.bcs else "none"),
        Law(value=k_e, exponent=_or(own.conductivity_exponent, 1.0), bcs="conductivity" if own.bcs else "none"),
    )
    if lattice is None and heat.temperatures == "one":
        return Laws((electrons[:1],), (electrons[1:],), None)
    lattice, known = lattice or Carriers(), reduced_lattice(film)
    if lattice.bcs:
        raise InputError("is for electrons", key="heat.phonons.bcs", allowed="false")
    C_p = _needed("phonons.capacity", lattice.capacity, None if known is None else known.capacity)
    k_p = _needed("phonons.conductivity", lattice.conductivity, None if known is None else known.conductivity)
    phonons = (
        Law(value=C_p, exponent=_or(lattice.capacity_exponent, 3.0)),
        Law(value=k_p, exponent=_or(lattice.conductivity_exponent, 3.0)),
    )
    if heat.temperatures == "one":
        return Laws(((electrons[0], phonons[0]),), ((electrons[1], phonons[1]),), None)
    usual = heat.coupling_exponent == 5.0  # the material's Sigma has no other
    Sigma = _needed("coupling", heat.coupling, None if known is None or not usual else known.Sigma)
    coupling = Law(value=Sigma, exponent=heat.coupling_exponent)
    return Laws((electrons[:1], phonons[:1]), (electrons[1:], phonons[1:]), coupling)


def _or(given: float | None, usual: float) -> float:
    return usual if given is None else given


def _needed(key: str, given: float | None, known: float | None) -> float:
    value = given if given is not None else known
    if value is None:
        raise InputError("is missing", key=f"heat.{key}", allowed="a number in reduced units, or a film from a preset")
    return value


def reduced_lattice(film: Film) -> Lattice | None:
    """The lattice of a preset in reduced units at T = Tc: C, k, and Sigma Tc^5."""
    if film.lattice is None or film.scales is None:
        return None
    scales, given = film.scales, film.lattice
    return Lattice(
        capacity=given.capacity / scales.heat_capacity,
        conductivity=given.conductivity * scales.Tc / (scales.power_density * scales.length**2),
        Sigma=given.Sigma * scales.Tc**5 / scales.power_density,
    )
