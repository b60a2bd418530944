"""Descriptions of probes: numbers that a problem asks to be recorded.  What they measure of a state: measure/probes.py.

A new kind of probe is a subclass of ProbeDescription with `@probe_kind`, and a function for it by `@probe_of.register`
of measure/probes.py, in a module of its own: problem files know it as soon as that is imported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
from femtdgl.input.quantities import InXi
from femtdgl.input.registry import Registry
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.mesh import positive
from femtdgl.problem.boundary import NormalContact

Point = tuple[InXi, ...]


@dataclass(frozen=True, kw_only=True)
class ProbeDescription(Section, ABC):
    """A named number of a running filament.  Each kind gives `kind` its own name as the only value, and default."""

    name: str
    """Under which it is stored."""
    kind: str = ""

    @abstractmethod
    def points(self) -> Iterator[tuple[str, Point]]:
        """Points and vectors of the mesh, with the keys where they stand."""

    def edges(self) -> Iterator[tuple[str, str]]:
        """Names of boundaries along which psi must have a phase, with the keys where they stand."""
        yield from ()

    def check(self, dim: int) -> None:
        """Raises InputError, with the key, where a point has not as many coordinates as the mesh has dimensions."""
        for key, point in self.points():
            require_coordinates(f"probes.{self.name}.{key}", point, dim)


def require_coordinates(key: str, point: Point, dim: int) -> None:
    """Raises InputError, with the key, unless a point has as many coordinates as the mesh has dimensions."""
    if len(point) != dim:
        raise InputError(f"{list(point)!r} is no point", key=key, allowed=f"{dim} coordinates")


PROBES: Registry[type[ProbeDescription]] = Registry("probe")
"""The kinds of probes, by the names that problem files call them."""

P = TypeVar("P", bound=ProbeDescription)


def probe_kind(cls: type[P]) -> type[P]:
    """Class decorator: problem files may ask for this kind of probe, by the default of its field `kind`."""
    PROBES.add(cls.kind, cls, home=cls.__module__)
    return cls


def probe(value: Any) -> ProbeDescription:
    """A description, or a table of `[[probes]]`, as a description.  Raises InputError."""
    if isinstance(value, ProbeDescription):
        return value
    if not isinstance(value, Mapping):
        raise InputError(f"{value!r} is no probe", allowed="a table with kind and name")
    made: ProbeDescription = validated(PROBES.named(value.get("kind")), dict(value), "")
    return made


def check_probes(probes: Sequence[ProbeDescription], dim: int, boundary: Mapping[str, Any]) -> None:
    """Raises InputError where a probe fits neither the mesh nor its boundary conditions, or two have one name."""
    for each in probes:
        each.check(dim)
        for key, edge in each.edges():
            where = f"probes.{each.name}.{key}"
            if edge not in boundary:
                said = f"{edge!r} is no boundary{nearest(edge, boundary)}"
                raise InputError(said, key=where, allowed=", ".join(boundary))
            if isinstance(boundary[edge], NormalContact):
                raise InputError("is a normal contact: psi has no phase there", key=where, allowed="another boundary")
    names = [each.name for each in probes]
    for name in names:
        if names.count(name) > 1 or not name.isidentifier():
            raise InputError(f"{name!r} is not possible", key="probes", allowed="names, each once")


@probe_kind
@dataclass(frozen=True, kw_only=True)
class VoltageProbe(ProbeDescription):
    """E.dl along the straight line from the first to the second point: phi and the EMF of A."""

    between: tuple[Point, Point]
    """Its two points."""
    kind: Literal["voltage"] = "voltage"

    def points(self) -> Iterator[tuple[str, Point]]:
        """Both ends."""
        return (("between", point) for point in self.between)


@probe_kind
@dataclass(frozen=True, kw_only=True)
class CurrentProbe(ProbeDescription):
    """Total current, in j0 xi^(d-1), along `normal` through the plane across `at`; within `radius` of it, if given.

    The flux is that of the weak form of (1.4), so that it is the same through every cut.
    """

    at: Point
    """A point of the plane."""
    normal: tuple[float, ...]
    """The direction that counts as positive."""
    radius: InXi | None = None
    """Of the part of the plane about that point; None: all of it."""
    kind: Literal["current"] = "current"

    def __post_init__(self) -> None:
        if not any(self.normal):
            raise InputError(f"{self.normal!r} has no direction", key="normal", allowed="a vector other than 0")
        if self.radius is not None:
            positive("radius", self.radius)

    def points(self) -> Iterator[tuple[str, Point]]:
        """The point, and the vector."""
        yield "at", self.at
        yield "normal", self.normal


@dataclass(frozen=True, kw_only=True)
class PlaneProbe(ProbeDescription):
    """A number that only a film in the plane has."""

    def points(self) -> Iterator[tuple[str, Point]]:
        """None."""
        yield from ()

    def check(self, dim: int) -> None:
        """Raises InputError unless the mesh is one of the plane."""
        if dim != 2:
            raise InputError(f"cannot be in {dim} dimensions", key=f"probes.{self.name}", allowed="a film in the plane")


@probe_kind
@dataclass(frozen=True, kw_only=True)
class FluxoidProbe(PlaneProbe):
    """Flux quanta through the hole whose edge is a boundary: turns of arg psi around it, anticlockwise; of a film with
    periodic ends also along an edge from one to the other.

    A hole takes one in, or lets one out, only with a vortex that crosses the film.
    """

    boundary: str
    """The edge of the hole."""
    kind: Literal["fluxoid"] = "fluxoid"

    def edges(self) -> Iterator[tuple[str, str]]:
        """The edge of the hole."""
        yield "boundary", self.boundary


@probe_kind
@dataclass(frozen=True, kw_only=True)
class VorticesProbe(PlaneProbe):
    """Vortices inside the film less antivortices; zeros of psi on contacts are none, nor those below the noise."""

    kind: Literal["vortices"] = "vortices"


@probe_kind
@dataclass(frozen=True, kw_only=True)
class MomentProbe(PlaneProbe):
    """Magnetic moment of the currents in the film, (1/2) int (x j_y - y j_x) d^2x, in j0 xi^3; > 0 along +z.

    x and y are measured from the middle of the mesh.  Where current enters and leaves, the moment depends on that; a
    film without terminals has one of its own.
    """

    current: Literal["total", "super"] = "total"
    """All of the current, or that of the condensate, j_s, alone."""
    kind: Literal["moment"] = "moment"
