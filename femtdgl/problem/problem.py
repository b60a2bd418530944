"""A problem: the frozen description of what to solve.  A problem file has the same names, section by section."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator, PlainValidator, SkipValidation

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
from femtdgl.input.reduce import ByKind
from femtdgl.input.section import Described, Section
from femtdgl.mesh import File, Plane, Recipe, Solid
from femtdgl.problem.boundary import Bank, Boundary, NormalContact, Terminal
from femtdgl.problem.course import Expected, Initial, Measure, Output, Stop, Time
from femtdgl.problem.drive import Drive, Potential, UniformField
from femtdgl.problem.excess import ExcessPhonons
from femtdgl.problem.film import Film
from femtdgl.problem.heat import PLACES, Heat, laws
from femtdgl.problem.measured import film as film_in_si
from femtdgl.problem.noise import Noise
from femtdgl.problem.probe import PROBES, ProbeDescription, check_probes, probe, require_coordinates
from femtdgl.problem.regions import Region, Spot
from femtdgl.problem.waveform import Waveform
from femtdgl.units import reduced_temperature

Array = NDArray[np.float64]

BETWEEN = 1001
"""Times of a run at which the currents of the terminals are added up, beside the corners."""


OPEN = (Plane, Solid, File)
"""Meshes with boundaries of the user's own: those without a condition are insulating."""


@dataclass(frozen=True, kw_only=True)
class Problem(Section):
    """A filament: its mesh, film, boundaries and drive, where it starts, and what to keep of the run."""

    mesh: Annotated[Recipe, Discriminator("shape")] = field(metadata={"wanted": "a section that describes a mesh"})
    film: Annotated[Film, BeforeValidator(film_in_si)] = field(
        metadata={"wanted": "a section with delta and eta, or with a preset"}
    )
    boundary: Mapping[str, Boundary] = field(
        metadata={"wanted": 'a table that gives the boundaries of the mesh conditions, such as left = "bank"'}
    )
    """In planes, solids and files a boundary without a condition is insulating; other meshes need one for each."""
    drive: Drive = field(default_factory=Drive)
    time: Time = field(default_factory=lambda: Time(t_end=100.0))
    initial: Initial = field(default_factory=Initial)
    weak_spot: tuple[Spot, ...] = ()
    """Places with a lower critical temperature: eps = 1 - sum of these."""
    output: Output = field(default_factory=Output)
    measure: Measure = field(default_factory=Measure)
    stop: Stop = field(default_factory=Stop)
    expect: Mapping[str, Expected] = field(default_factory=dict)
    heat: Heat | None = None
    """Temperatures as further fields; None: T = T0 everywhere."""
    phonons: ExcessPhonons | None = None
    """Phonons out of equilibrium that act back on psi; None: none do."""
    noise: Noise | None = None
    """Thermal noise, and steps of one length; None: neither."""
    region: Mapping[str, Region] = field(default_factory=dict)
    """Materials by named region of the mesh."""
    probes: tuple[Annotated[ProbeDescription, PlainValidator(probe), ByKind(PROBES.named)], ...] = ()
    """Further numbers to record, of any kind that is registered."""
    title: str = ""
    kind: Literal["filament"] = "filament"
    vector_potential: Annotated[Potential | None, SkipValidation] = None
    """A(x, t) as a Python function, or a VectorPotential that knows its corners; not for problem files."""

    def __post_init__(self) -> None:
        self._settle_mesh()
        self._check_boundary()
        if not self.terminals and not _is_nothing(self.drive.current):
            raise InputError(
                "a current needs terminals",
                key="drive.current",
                allowed='0, or a "bank" or "normal" boundary',
            )
        if len(self.terminals) == 1:
            raise InputError(
                "one terminal alone cannot carry a current",
                key="boundary",
                allowed="no terminal, or two of them",
            )
        self._check_currents()
        self._check_dimension()
        self._check_heat()
        if self.noise is not None:
            self.noise.energy(self.film, self.mesh.dim)
        if self.phonons is not None:
            two = self.heat is not None and self.heat.temperatures == "two"
            T0, t_end = reduced_temperature(self.film.eta), self.time.t_end
            self.phonons.check(self.film, T0, t_end, two_temperatures=two, dim=self.mesh.dim)

    def _settle_mesh(self) -> None:
        """Lengths of the mesh in xi, where it has a unit of its own."""
        if isinstance(self.mesh, OPEN) and self.mesh.unit is not None:
            if self.film.scales is None:
                words = f"{self.mesh.unit!r} needs a film in SI, which says what xi is"
                raise InputError(words, key="mesh.unit", allowed="no unit (lengths in xi), or a film with a preset")
            object.__setattr__(self, "mesh", self.mesh.in_xi(self.film.scales.length))

    def _check_boundary(self) -> None:
        """Conditions are for boundaries of the mesh, and recipes that know their boundaries have one for each."""
        given, known = sorted(self.boundary), self.mesh.boundaries
        unknown = [name for name in given if name not in known]
        if unknown and isinstance(self.mesh, OPEN):
            raise InputError(
                f"names {unknown[0]!r}{nearest(unknown[0], known)}, which the mesh does not have",
                key="boundary",
                allowed=f"at most one condition for every boundary of the mesh: {', '.join(known)}",
            )
        if not isinstance(self.mesh, OPEN) and set(given) != set(known):
            raise InputError(
                f"names {given}, but the mesh has {sorted(known)}",
                key="boundary",
                allowed="one condition for every boundary of the mesh",
            )

    def _check_currents(self) -> None:
        """Each terminal knows its current or its voltage, and the currents add up to zero at all times."""
        contacts = {name: self.terminal(name) for name in self.terminals}
        own = {name: c for name, c in contacts.items() if c.current is not None or c.voltage is not None}
        if not own:
            if len(contacts) > 2:
                raise InputError(
                    f"has {len(contacts)} terminals without a current",
                    key="boundary",
                    allowed="a current or a voltage for each of them",
                )
            return
        if set(own) != set(contacts):
            raise InputError(
                f"gives {sorted(set(contacts) - set(own))} neither current nor voltage",
                key="boundary",
                allowed="a current or a voltage for every terminal, or for none",
            )
        if not _is_nothing(self.drive.current) or self.drive.shunt is not None:
            raise InputError(
                "is given beside currents or voltages of the terminals", key="drive", allowed="one or the other"
            )
        if any(c.voltage is not None for c in own.values()):
            return
        currents = [c.current for c in own.values() if c.current is not None]
        corners = {0.0, *(t for current in currents for t in current.corners)}
        around = {math.nextafter(t, side) for t in corners for side in (-math.inf, math.inf)} | corners
        between = np.linspace(0.0, self.time.t_end, BETWEEN).tolist()  # for what is not straight from corner to corner
        most = max(abs(current(t)) for current in currents for t in between)
        for t, scale in (*((t, 0.0) for t in sorted(around)), *((t, most) for t in between)):
            values = [current(t) for current in currents]
            if abs(sum(values)) > 1e-9 * max(scale, *map(abs, values)):
                raise InputError(
                    f"has currents that add up to {sum(values):g} at t = {t:g}",
                    key="boundary",
                    allowed="currents of the terminals that add up to zero",
                )

    def _check_dimension(self) -> None:
        """Fields, probes, paths and thickness fit the dimension of the mesh."""
        dim, magnetic = self.mesh.dim, self.drive.field
        if magnetic is not None:
            if dim == 1:
                raise InputError("needs a mesh of two or three dimensions", key="drive.field", allowed="no field")
            if isinstance(magnetic, tuple) != (dim == 3):
                raise InputError(
                    f"does not fit a mesh of {dim} dimensions",
                    key="drive.field",
                    allowed="a waveform, normal to the plane" if dim == 2 else "three waveforms",
                )
            if self.vector_potential is not None:
                raise InputError("is given beside a vector potential", key="drive.field", allowed="one of them")
        check_probes(self.probes, dim, {name: self.boundary.get(name) for name in self.mesh.boundaries})
        if dim == 1 and self.measure.path is not None:
            raise InputError("is for two or three dimensions", key="measure.path", allowed="no path in one")
        for point in self.measure.path or ():
            require_coordinates("measure.path", point, dim)
        if dim != 2 and any(region.thickness != 1.0 for region in self.region.values()):
            raise InputError("needs a mesh of two dimensions", key="region", allowed="no thickness")
        names = [probe.name for probe in self.probes]
        if self.measure.josephson is not None and self.measure.josephson not in (*names, "voltage"):
            raise InputError(
                f"{self.measure.josephson!r} is no probe", key="measure.josephson", allowed=", ".join(names)
            )

    def _check_heat(self) -> None:
        """Names in [heat] are boundaries of the mesh, and its numbers belong to this film."""
        if self.heat is None:
            return
        for name, key in self.heat.boundaries().items():
            if name not in self.mesh.boundaries:
                others = () if key.startswith("heat.hold") else (*PLACES, *self.heat.nodes)
                raise InputError(
                    f"{name!r} is no boundary{' and no node' if others else ''}",
                    key=key,
                    allowed=", ".join([*self.mesh.boundaries, *others]),
                )
        for name in self.heat.nodes:
            if name in self.mesh.boundaries:
                raise InputError("is a boundary of the mesh", key=f"heat.nodes.{name}", allowed="another name")
        laws(self.heat, self.film)
        self.heat.bath_temperature(self.film)
        self.heat.units(self.film, self.mesh.dim)

    def terminal(self, name: str) -> Terminal:
        """The condition of a terminal."""
        condition = self.boundary[name]
        assert isinstance(condition, Terminal)
        return condition

    @property
    def banks(self) -> tuple[str, ...]:
        """Names of the boundaries that are superconducting banks."""
        return tuple(name for name in self.mesh.boundaries if isinstance(self.boundary.get(name), Bank))

    @property
    def waveforms(self) -> list[Waveform]:
        """Everything that drives the filament in time."""
        magnetic = self.drive.field
        waves = [self.drive.current, *(magnetic if isinstance(magnetic, tuple) else (magnetic,))]
        for name in self.terminals:
            waves += [self.terminal(name).current, self.terminal(name).voltage]
        waves += self.phonons.waveforms if self.phonons is not None and self.phonons.acts(self.film) else []
        return [wave for wave in waves if wave is not None]

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which some drive or its slope jumps, in order, and from which all are at rest: inf if never."""
        times = {t for wave in self.waveforms for t in (*wave.corners, wave.rests_from)}
        times.update(getattr(self.vector_potential, "corners", ()))
        return tuple(sorted(times - {-math.inf}))

    def potential(self, center: Array) -> Potential | UniformField | None:
        """A(x, t) of the problem: the function given, or that of the uniform field about `center`."""
        magnetic = self.drive.field
        if magnetic is None:
            return self.vector_potential
        return UniformField(magnetic if isinstance(magnetic, tuple) else (magnetic,), center)

    @property
    def terminals(self) -> tuple[str, ...]:
        """Names of the boundaries that carry the current; it enters at the first and leaves at the second."""
        return tuple(n for n in self.mesh.boundaries if isinstance(self.boundary.get(n), Bank | NormalContact))

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Boundaries of the mesh without a condition of their own: they are insulating."""
        return tuple(name for name in self.mesh.boundaries if name not in self.boundary)

    def eps(self, x: Array) -> Array:
        """eps(x) = (Tc(x) - T)/(Tc - T0) at points (dim, n)."""
        return 1.0 - sum((spot(x) for spot in self.weak_spot), start=np.zeros(x.shape[1]))

    def discard(self, t_end: float) -> float:
        """The time at which the measured part of a run to `t_end` begins."""
        return t_end / 3 if self.measure.discard is None else self.measure.discard


def _is_nothing(current: Waveform) -> bool:
    """Whether a current is zero at all times."""
    return current.rests_from == -math.inf and current(0.0) == 0


def describe(value: Any) -> Any:
    """A problem as the table of a problem file: nested dictionaries without None, and without a function for A."""
    if isinstance(value, Described):
        return value.described()
    if is_dataclass(value) and not isinstance(value, type):
        items = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: describe(item) for name, item in items if item is not None and name != "vector_potential"}
    if isinstance(value, Mapping):
        return {name: describe(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    return value
