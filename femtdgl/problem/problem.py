"""A problem: the frozen description of what to solve.  A problem file has the same names, section by section."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator, SkipValidation

from femtdgl.errors import InputError
from femtdgl.input.section import Section
from femtdgl.mesh import Recipe, positive
from femtdgl.problem.boundary import Bank, Boundary, NormalContact, Terminal
from femtdgl.problem.drive import Constant, Drive, Table, UniformField, Waveform
from femtdgl.problem.film import Film
from femtdgl.problem.heat import PLACES, Heat, Join, laws
from femtdgl.problem.presets import film as film_from_preset

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Spot(Section):
    """A Gaussian of x: depth exp(-|x - at|^2/(2 width^2)).  Lengths in xi."""

    depth: float
    at: float | tuple[float, ...] = 0.0
    width: float = 1.0

    def __post_init__(self) -> None:
        positive("width", self.width)
        if not math.isfinite(self.depth):
            raise InputError(f"{self.depth!r} is not possible", key="depth", allowed="a finite number")

    def __call__(self, x: Array) -> Array:
        """Values at points x: (dim, n); a scalar `at` is a plane x = at.   Result: (n,)."""
        at = np.atleast_1d(np.asarray(self.at, float))
        r2 = np.sum((x[: len(at)] - at[:, None]) ** 2, axis=0)
        return self.depth * np.exp(-r2 / (2 * self.width**2))


@dataclass(frozen=True, kw_only=True)
class Region(Section):
    """Material of a named region of the mesh, relative to the film."""

    eps: float = 1.0
    """(Tc(region) - T0)/(Tc - T0); negative above its own critical temperature."""
    conductivity: float = 1.0
    """Normal conductivity over that of the film; the coherence length is taken as that of the film."""
    thickness: float = 1.0
    """Thickness over that of the film (2D)."""

    def __post_init__(self) -> None:
        positive("conductivity", self.conductivity)
        positive("thickness", self.thickness)


@dataclass(frozen=True, kw_only=True)
class VoltageProbe(Section):
    """E.dl along the straight line from the first to the second point: phi and the EMF of A."""

    name: str
    between: tuple[tuple[float, ...], tuple[float, ...]]
    kind: Literal["voltage"] = "voltage"


@dataclass(frozen=True, kw_only=True)
class CurrentProbe(Section):
    """Total current, in j0 xi^(d-1), along `normal` through the plane across `at`; within `radius` of it, if given.

    The flux is that of the weak form of (1.4), so that it is the same through every cut.
    """

    name: str
    at: tuple[float, ...]
    normal: tuple[float, ...]
    radius: float | None = None
    kind: Literal["current"] = "current"

    def __post_init__(self) -> None:
        if not any(self.normal):
            raise InputError(f"{self.normal!r} has no direction", key="normal", allowed="a vector other than 0")
        if self.radius is not None:
            positive("radius", self.radius)


@dataclass(frozen=True, kw_only=True)
class Initial(Section):
    """psi at t = 0: one (0 on normal contacts) less the dips, with seeded noise; or the end of another run."""

    dips: tuple[Spot, ...] = ()
    noise: float = 0.0
    """Standard deviation of the noise added to Re psi and Im psi inside the filament."""
    seed: int = 0
    file: str | None = None
    """Directory or result.h5 of a run on the same mesh: its last stored fields are the start."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.noise) and self.noise >= 0):
            raise InputError(f"{self.noise!r} is not possible", key="noise", allowed="a number >= 0")


@dataclass(frozen=True, kw_only=True)
class Time(Section):
    """How far and how accurately to integrate.  Times in t0 = xi^2/(u D)."""

    t_end: float
    rtol: float = 1e-6
    atol: float | None = None
    """Absolute tolerance of every unknown; None: rtol."""
    max_step: float | None = None
    checkpoint: float = 50.0
    """Interval of checkpoints; the integrator starts anew at each, so that a resumed run is the same to the bit."""
    gauge_shift: float = 0.0
    """Common shift of phi in the solver's gauge.  Results do not depend on it; for tests of that."""

    def __post_init__(self) -> None:
        for name in ("t_end", "rtol", "checkpoint"):
            positive(name, getattr(self, name))
        if self.rtol > 0.1:
            raise InputError(f"{self.rtol!r} is not possible", key="rtol", allowed="0 < rtol <= 0.1")
        if self.atol is not None:
            positive("atol", self.atol)
        if self.max_step is not None:
            positive("max_step", self.max_step)


@dataclass(frozen=True, kw_only=True)
class Output(Section):
    """What to keep: the interval of stored fields, and of probes (every accepted step, or an interval)."""

    fields: float = 0.5
    probes: float | Literal["every-step"] = "every-step"

    def __post_init__(self) -> None:
        positive("fields", self.fields)
        if not isinstance(self.probes, str):
            positive("probes", self.probes)


@dataclass(frozen=True, kw_only=True)
class Measure(Section):
    """Which part of the run the summary speaks of."""

    discard: float | None = None
    """Time left out at the start; None: the first third of the run."""
    josephson: str | None = None
    """Voltage probe for the Josephson check; None: the voltage between banks, no check otherwise."""
    path: tuple[tuple[float, ...], ...] | None = None
    """Corners of the path along which slips are seen and V is taken (2D, 3D); None: from terminal to terminal."""

    def __post_init__(self) -> None:
        if self.discard is not None and not (math.isfinite(self.discard) and self.discard >= 0):
            raise InputError(f"{self.discard!r} is not possible", key="discard", allowed="a time >= 0")
        if self.path is not None and len(self.path) < 2:
            raise InputError("has fewer than two points", key="path", allowed="two points or more")


@dataclass(frozen=True, kw_only=True)
class Stop(Section):
    """Reasons to stop before `t_end`; each is off unless given."""

    steady: float | None = None
    """Stop when max |d_t n| and |d_t V| stay below this for 5 t0 with the drive at rest."""
    periodic: float | None = None
    """Stop when the last six intervals between slips agree within this relative spread."""
    normal: float | None = None
    """Stop when |psi|^2 is below this everywhere outside the banks' coherence length."""

    def __post_init__(self) -> None:
        for name in ("steady", "periodic", "normal"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class Expect(Section):
    """A value of the summary that a shipped problem is tested against."""

    value: float | int | str
    rel: float = 0.0
    abs: float = 0.0


def _expect(value: Any) -> Any:
    return value if isinstance(value, Mapping | Expect) else {"value": value}


Potential = Callable[[Array, float], tuple[Array, Array]]
"""A(x, t) and d_t A: from points (dim, nq) and a time to two arrays (dim, nq)."""


@dataclass(frozen=True, kw_only=True)
class Problem(Section):
    """A filament: its mesh, film, boundaries and drive, where it starts, and what to keep of the run."""

    mesh: Annotated[Recipe, Discriminator("shape")]
    film: Annotated[Film, BeforeValidator(film_from_preset)]
    boundary: Mapping[str, Boundary]
    drive: Drive = field(default_factory=Drive)
    time: Time = field(default_factory=lambda: Time(t_end=100.0))
    initial: Initial = field(default_factory=Initial)
    weak_spot: tuple[Spot, ...] = ()
    """Places with a lower critical temperature: eps = 1 - sum of these."""
    output: Output = field(default_factory=Output)
    measure: Measure = field(default_factory=Measure)
    stop: Stop = field(default_factory=Stop)
    expect: Mapping[str, Annotated[Expect, BeforeValidator(_expect)]] = field(default_factory=dict)
    heat: Heat | None = None
    """Temperatures as further fields; None: T = T0 everywhere."""
    region: Mapping[str, Region] = field(default_factory=dict)
    """Materials by named region of the mesh."""
    probes: tuple[Annotated[VoltageProbe | CurrentProbe, Discriminator("kind")], ...] = ()
    title: str = ""
    kind: Literal["filament"] = "filament"
    vector_potential: Annotated[Potential | None, SkipValidation] = None
    """A(x, t) as a Python function; not for problem files."""

    def __post_init__(self) -> None:
        named, known = set(self.boundary), set(self.mesh.boundaries)
        if named != known:
            raise InputError(
                f"names {sorted(named)}, but the mesh has {sorted(known)}",
                key="boundary",
                allowed="one condition for every boundary of the mesh",
            )
        if not self.terminals and (self.drive.current.corners or self.drive.current(0.0) != 0):
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
        if self.drive.current.corners or self.drive.current(0.0) != 0 or self.drive.shunt is not None:
            raise InputError(
                "is given beside currents or voltages of the terminals", key="drive", allowed="one or the other"
            )
        if any(c.voltage is not None for c in own.values()):
            return
        currents = [c.current for c in own.values() if c.current is not None]
        corners = {0.0, *(t for current in currents for t in current.corners)}
        for t in sorted({math.nextafter(t, side) for t in corners for side in (-math.inf, math.inf)} | corners):
            values = [current(t) for current in currents]
            if abs(sum(values)) > 1e-9 * max(map(abs, values)):
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
        points: list[tuple[str, tuple[float, ...]]] = []
        for probe in self.probes:
            if isinstance(probe, VoltageProbe):
                points += [(f"probes.{probe.name}.between", point) for point in probe.between]
            else:
                points += [(f"probes.{probe.name}.at", probe.at), (f"probes.{probe.name}.normal", probe.normal)]
        points += [("measure.path", point) for point in self.measure.path or ()]
        for key, point in points:
            if len(point) != dim:
                raise InputError(f"{list(point)!r} is no point", key=key, allowed=f"{dim} coordinates")
        if dim != 2 and any(region.thickness != 1.0 for region in self.region.values()):
            raise InputError("needs a mesh of two dimensions", key="region", allowed="no thickness")
        names = [probe.name for probe in self.probes]
        for name in names:
            if names.count(name) > 1 or not name.isidentifier():
                raise InputError(f"{name!r} is not possible", key="probes", allowed="names, each once")
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
        return tuple(name for name in self.mesh.boundaries if isinstance(self.boundary[name], Bank))

    @property
    def waveforms(self) -> list[Waveform]:
        """Everything that drives the filament in time."""
        magnetic = self.drive.field
        waves = [self.drive.current, *(magnetic if isinstance(magnetic, tuple) else (magnetic,))]
        for name in self.terminals:
            waves += [self.terminal(name).current, self.terminal(name).voltage]
        return [wave for wave in waves if wave is not None]

    @property
    def corners(self) -> tuple[float, ...]:
        """Times at which some drive or its slope jumps, in order."""
        return tuple(sorted({t for wave in self.waveforms for t in wave.corners}))

    def potential(self, center: Array) -> Potential | UniformField | None:
        """A(x, t) of the problem: the function given, or that of the uniform field about `center`."""
        magnetic = self.drive.field
        if magnetic is None:
            return self.vector_potential
        return UniformField(magnetic if isinstance(magnetic, tuple) else (magnetic,), center)

    @property
    def terminals(self) -> tuple[str, ...]:
        """Names of the boundaries that carry the current; it enters at the first and leaves at the second."""
        return tuple(n for n in self.mesh.boundaries if isinstance(self.boundary[n], Bank | NormalContact))

    def eps(self, x: Array) -> Array:
        """eps(x) = (Tc(x) - T)/(Tc - T0) at points (dim, n)."""
        return 1.0 - sum((spot(x) for spot in self.weak_spot), start=np.zeros(x.shape[1]))

    def discard(self, t_end: float) -> float:
        """The time at which the measured part of a run to `t_end` begins."""
        return t_end / 3 if self.measure.discard is None else self.measure.discard


def describe(value: Any) -> Any:
    """A problem as the table of a problem file: nested dictionaries without None, and without a function for A."""
    if isinstance(value, Constant | Table | Join):
        return value.described()
    if is_dataclass(value) and not isinstance(value, type):
        items = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: describe(item) for name, item in items if item is not None and name != "vector_potential"}
    if isinstance(value, Mapping):
        return {name: describe(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    return value
