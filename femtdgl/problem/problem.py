"""A problem: the frozen description of what to solve.  A problem file has the same names, section by section."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tomli_w
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator, PlainValidator, SkipValidation

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
from femtdgl.input.plain import plain
from femtdgl.input.reduce import ByKind
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.mesh import File, Plane, Recipe, Solid
from femtdgl.problem.boundary import Bank, Boundary, NormalContact, Terminal
from femtdgl.problem.course import Expected, Initial, Measure, Output, Stop, Time
from femtdgl.problem.describe import describe as describe
from femtdgl.problem.describe import is_made, parts
from femtdgl.problem.drive import Drive, Magnets, Potential, UniformField
from femtdgl.problem.excess import ExcessPhonons
from femtdgl.problem.film import WORDS
from femtdgl.problem.film import Film as Film
from femtdgl.problem.film import film_of as film_of
from femtdgl.problem.film_units import FilmUnits
from femtdgl.problem.heat import PLACES, Heat, laws
from femtdgl.problem.html import table
from femtdgl.problem.in_python import refuse_functions
from femtdgl.problem.maps import Maps
from femtdgl.problem.measured import film as film_in_si
from femtdgl.problem.noise import Noise
from femtdgl.problem.probe import PROBES, ProbeDescription, check_probes, probe, require_coordinates
from femtdgl.problem.regions import Region, Spot
from femtdgl.problem.waveform import Waveform
from femtdgl.units import reduced_temperature

Array = NDArray[np.float64]

WORDS.append(film_in_si)  # here, since presets are made of parts of films

A_SWING = 8
"""Least number of steps in a period of a drive: where psi is at rest, nothing else would keep the integrator to it."""
BETWEEN = 1001
"""Times of a run at which the currents of the terminals are added up, beside the corners."""

NO_SECTIONS, BY_NAME = ("title", "kind", "vector_potential"), ("boundary", "region", "expect")
OPEN = (Plane, Solid, File)
"""Meshes with boundaries of the user's own: those without a condition are insulating."""


@dataclass(frozen=True, kw_only=True)
class Problem(Section):
    """A filament: its mesh, film, boundaries and drive, where it starts, and what to keep of the run."""

    mesh: Annotated[Recipe, Discriminator("shape")] = field(metadata={"wanted": "a section that describes a mesh"})
    """Where the filament is: a line, strip, ring, wire, plane, solid or file."""
    film: Annotated[Film, BeforeValidator(film_in_si)] = field(
        metadata={"wanted": "a section with delta and eta, or with a preset"}
    )
    """What it is made of."""
    boundary: Mapping[str, Boundary] = field(
        metadata={"wanted": 'a table that gives the boundaries of the mesh conditions, such as left = "bank"'}
    )
    """In planes, solids and files a boundary without a condition is insulating; other meshes need one for each."""
    drive: Drive = field(default_factory=Drive)
    """What drives it."""
    time: Time = field(default_factory=lambda: Time(t_end=100.0))
    """How far and how accurately it is followed."""
    initial: Initial = field(default_factory=Initial)
    """Where it starts."""
    weak_spot: tuple[Spot, ...] = ()
    """Places with a lower critical temperature: eps = 1 - sum of these."""
    map: Maps | None = None
    """eps, conductivity and thickness as functions of place; None: they are 1 but for spots and regions."""
    output: Output = field(default_factory=Output)
    """What is kept of the run."""
    measure: Measure = field(default_factory=Measure)
    """Which part of the run the summary speaks of."""
    stop: Stop = field(default_factory=Stop)
    """Reasons to stop before the end."""
    expect: Mapping[str, Expected] = field(default_factory=dict)
    """What the summary should say, for tests."""
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
    """What stands above figures."""
    kind: Literal["filament"] = "filament"
    vector_potential: Annotated[Potential | None, SkipValidation] = None
    """A(x, t) as a Python function, or a VectorPotential that knows its corners; not for problem files."""

    def __post_init__(self) -> None:
        if self._take_words():
            return
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
        if self.phonons is not None:
            two = self.heat is not None and self.heat.temperatures == "two"
            T0, t_end = reduced_temperature(self.film.eta), self.time.t_end
            self.phonons.check(self.film, T0, t_end, two_temperatures=two, dim=self.mesh.dim)
        self._check_drives()
        self._check_currents()
        self._check_dimension()
        self._check_heat()
        if self.noise is not None:
            self.noise.energy(self.film, self.mesh.dim)

    def _take_words(self) -> bool:
        """Tables and names, as a problem file has them, to what they mean; False: there are none.

        Raises InputError, as for a file.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        sections = {name: value for name, value in values.items() if name not in NO_SECTIONS}
        tables = any(isinstance(value, Mapping) for name, value in sections.items() if name not in BY_NAME)
        if not tables and all(map(is_made, sections.values())):
            return False
        words = {name: plain(value) for name, value in values.items() if value is not None}
        again: Problem = validated(Problem, FilmUnits(words).reduced(Problem), "")
        for name in values:
            object.__setattr__(self, name, getattr(again, name))
        return True

    def save(self, file: Path | str) -> Path:
        """Write it as a problem file, which `load` reads as an equal problem.

        Raises InputError where it has what no file holds, functions, and OSError.
        """
        table = describe(self)
        refuse_functions(table, str(file), *(["vector_potential"] if self.vector_potential is not None else []))
        path = Path(file)
        path.write_text(tomli_w.dumps(table), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        """A short table for notebooks: what is there beside the defaults."""
        return table(self.title or "filament", parts(self, ("mesh", "film", "boundary", "drive"), ("kind", "title")))

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

    def _check_drives(self) -> None:
        """Every drive is a finite number all through the run, and temperatures are above 0."""
        temperatures = self.heat.courses if self.heat is not None else {}
        for key, wave in self.drives.items():
            for t in np.linspace(0.0, self.time.t_end, BETWEEN).tolist():
                if not math.isfinite(wave(t)):
                    raise InputError(f"is {wave(t)} at t = {t:g}", key=key, allowed="a finite number at all times")
                if key in temperatures and wave(t) <= 0:
                    raise InputError(f"is {wave(t):g} at t = {t:g}", key=key, allowed="a temperature > 0")

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
            if abs(sum(values)) > max(1e-9 * max(scale, *map(abs, values)), 1e-300):  # 1e-323 has but one digit
                raise InputError(
                    f"has currents that add up to {sum(values):g} at t = {t:g}",
                    key="boundary",
                    allowed="currents of the terminals that add up to zero",
                )

    def _check_dimension(self) -> None:
        """Fields, probes, paths and thickness fit the dimension of the mesh."""
        dim, magnetic = self.mesh.dim, self.drive.field
        if self.drive.magnets:
            key = "drive.magnets"
            if dim == 1:
                raise InputError("needs a mesh of two or three dimensions", key=key, allowed="no magnet")
            if self.vector_potential is not None:
                raise InputError("is given beside a vector potential", key=key, allowed="one of them")
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
        if self.map is not None:
            try:
                self.map.check_dimension(dim)
            except InputError as error:
                raise error.at(key=f"map.{error.key}") from None
            if self.map.moves and self.heat is not None:
                words = "moves beside temperatures, which move it"
                raise InputError(words, key="map.eps", allowed="an eps that stands still with [heat]")
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
    def drives(self) -> dict[str, Waveform]:
        """Everything that drives the filament in time, by its key."""
        magnetic = self.drive.field
        waves: dict[str, Waveform | None] = {"drive.current": self.drive.current}
        if isinstance(magnetic, tuple):
            waves |= {f"drive.field.{k}": component for k, component in enumerate(magnetic)}
        else:
            waves["drive.field"] = magnetic
        waves |= {f"drive.magnets.{name}": magnet.wave for name, magnet in self.drive.magnets.items()}
        for name in self.terminals:
            terminal = self.terminal(name)
            waves |= {f"boundary.{name}.current": terminal.current, f"boundary.{name}.voltage": terminal.voltage}
        if self.phonons is not None and self.phonons.acts(self.film):
            waves |= {f"phonons.{name}.amplitude": source.amplitude for name, source in self.phonons.sources.items()}
        if self.heat is not None:
            waves |= {**self.heat.courses, **self.heat.brought}
        return {key: wave for key, wave in waves.items() if wave is not None}

    @property
    def waveforms(self) -> list[Waveform]:
        """Everything that drives the filament in time."""
        return list(self.drives.values())

    @property
    def repeats_after(self) -> float | None:
        """The period of the drives, if all that never rest have the same one."""
        found = [wave.repeats_after for wave in self.waveforms if wave.rests_from == math.inf]
        periods = [period for period in found if period is not None]
        if not periods or len(periods) < len(found) or max(periods) > min(periods) * (1 + 1e-9):
            return None
        return periods[0]

    @property
    def longest_step(self) -> float | None:
        """The largest step of the integrator: as [time] says, and not past the swings of a drive; None: any."""
        swings = [wave.repeats_after for wave in self.waveforms if wave.rests_from == math.inf]
        steps = [self.time.max_step, *(period / A_SWING for period in swings if period is not None)]
        return min((step for step in steps if step is not None), default=None)

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which some drive or its slope jumps, in order, and from which all are at rest: inf if never."""
        times = {t for wave in self.waveforms for t in (*wave.corners, wave.rests_from)}
        times.update(getattr(self.vector_potential, "corners", ()))
        if self.map is not None and self.map.moves:
            times.add(math.inf)
        return tuple(sorted(times - {-math.inf}))

    def potential(self, center: Array) -> Potential | UniformField | None:
        """A(x, t) of the problem: the function given, or that of magnets and of the uniform field about `center`."""
        magnetic = self.drive.field
        if magnetic is None:
            return Magnets(list(self.drive.magnets.values())) if self.drive.magnets else self.vector_potential
        uniform = UniformField(magnetic if isinstance(magnetic, tuple) else (magnetic,), center)
        return Magnets(list(self.drive.magnets.values()), uniform) if self.drive.magnets else uniform

    @property
    def terminals(self) -> tuple[str, ...]:
        """Names of the boundaries that carry the current; it enters at the first and leaves at the second."""
        return tuple(n for n in self.mesh.boundaries if isinstance(self.boundary.get(n), Bank | NormalContact))

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Boundaries of the mesh without a condition of their own: they are insulating."""
        return tuple(name for name in self.mesh.boundaries if name not in self.boundary)

    def eps(self, x: Array, t: float = 0.0) -> Array:
        """eps(x, t) = (Tc(x) - T)/(Tc - T0) at points (dim, n), but for regions and fields of temperature."""
        spots = sum((spot(x) for spot in self.weak_spot), start=np.zeros(x.shape[1]))
        if self.map is None:
            return 1.0 - spots
        if self.map.Tc is not None:
            return (self.map.of("Tc", x, t) - (1 - self.film.eta)) / self.film.eta - spots
        return self.map.of("eps", x, t) - spots

    def eps_rate(self, x: Array, t: float) -> Array:
        """d_t eps at points (dim, n)."""
        if self.map is None or not self.map.moves:
            return np.zeros(x.shape[1])
        if self.map.Tc is not None:
            return self.map.rate_of("Tc", x, t) / self.film.eta
        return self.map.rate_of("eps", x, t)

    def discard(self, t_end: float) -> float:
        """The time at which the measured part of a run to `t_end` begins."""
        return t_end / 3 if self.measure.discard is None else self.measure.discard


def _is_nothing(current: Waveform) -> bool:
    """Whether a current is zero at all times."""
    return current.rests_from == -math.inf and current(0.0) == 0
