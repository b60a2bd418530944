"""A problem: the frozen description of what to solve.  A problem file has the same names, section by section."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator, SkipValidation

from femtdgl.drive import Constant, Drive, Table
from femtdgl.errors import InputError
from femtdgl.materials import Film
from femtdgl.mesh import Recipe, positive
from femtdgl.presets import film as film_from_preset
from femtdgl.section import Section

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Bank(Section):
    """Superconducting bank: psi = exp(i theta), d theta/dt = -phi, (A.7)-(A.9).  A terminal."""

    kind: Literal["bank"] = "bank"


@dataclass(frozen=True, kw_only=True)
class NormalContact(Section):
    """Normal contact: psi = 0, current injected with uniform density.  A terminal."""

    kind: Literal["normal"] = "normal"


@dataclass(frozen=True, kw_only=True)
class Insulating(Section):
    """Insulating edge: n.(D psi) = 0, n.j = 0."""

    kind: Literal["insulating"] = "insulating"


@dataclass(frozen=True, kw_only=True)
class DeGennes(Section):
    """Edge with n.D psi = -psi/b, n.j = 0; b is the extrapolation length in xi."""

    b: float
    kind: Literal["de-gennes"] = "de-gennes"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.b) and self.b != 0):
            raise InputError(f"{self.b!r} is not possible", key="b", allowed="a length other than 0")


def _boundary(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Boundary = Annotated[
    Annotated[Bank | NormalContact | Insulating | DeGennes, Discriminator("kind")], BeforeValidator(_boundary)
]
"""In a problem file: a name, such as "bank", or a table, such as { kind = "de-gennes", b = 5.0 }."""


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

    def __post_init__(self) -> None:
        if self.discard is not None and not (math.isfinite(self.discard) and self.discard >= 0):
            raise InputError(f"{self.discard!r} is not possible", key="discard", allowed="a time >= 0")


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
    """A problem as the table of a problem file: nested dictionaries without None."""
    if isinstance(value, Constant | Table):
        return value.described()
    if is_dataclass(value) and not isinstance(value, type):
        items = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: describe(item) for name, item in items if item is not None}
    if isinstance(value, Mapping):
        return {name: describe(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    return value
