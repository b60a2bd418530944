"""The course of a run: where it starts, how far and how accurately it goes, what is kept of it, and when it stops."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from femtdgl.errors import InputError
from femtdgl.input.quantities import InT0, InXi
from femtdgl.input.section import Section
from femtdgl.mesh import positive
from femtdgl.problem.map_fields import AXES
from femtdgl.problem.maps import Map, a_map
from femtdgl.problem.regions import Spot


@dataclass(frozen=True, kw_only=True)
class Initial(Section):
    """psi at t = 0: one (0 on normal contacts), or the end of another run; times 1 less the dips, with seeded noise."""

    dips: tuple[Spot, ...] = ()
    """Places where psi is smaller, by the factor 1 - depth."""
    noise: float = 0.0
    """Standard deviation of the noise added to Re psi and Im psi inside the filament."""
    seed: int = 0
    """Of the noise."""
    file: str | None = None
    """Directory or result.h5 of a run: its end is the start, without a checkpoint its last stored fields; interpolated
    where its mesh is another."""
    winding: int = 0
    """Turns of the phase of psi, once round the ring that periodic ends make; in the plane without them, once round the
    middle of the mesh."""
    temperature: Annotated[Map | None, PlainValidator(a_map)] = None
    """T of the fields in Tc, a number or an expression of x, y, z; None: that of the file, or of the bath."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.noise) and self.noise >= 0):
            raise InputError(f"{self.noise!r} is not possible", key="noise", allowed="a number >= 0")
        if self.seed < 0:
            raise InputError(f"{self.seed!r} is not possible", key="seed", allowed="a whole number >= 0")
        object.__setattr__(self, "temperature", a_map(self.temperature))
        if self.temperature is not None:
            try:
                self.temperature.read(AXES)
            except InputError as error:
                raise error.at(key="temperature") from None


NOISE = 10.0
"""Absolute tolerances below which psi is the integrator's noise."""


@dataclass(frozen=True, kw_only=True)
class Time(Section):
    """How far and how accurately to integrate.  Times in t0 = xi^2/(u D)."""

    t_end: InT0
    """The end."""
    rtol: float = 1e-6
    """Relative tolerance of the integrator."""
    atol: float | None = None
    """Absolute tolerance of every unknown; None: rtol."""
    max_step: InT0 | None = None
    """Longest step; None: as the tolerance allows."""
    checkpoint: InT0 = 50.0
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

    @property
    def noise(self) -> float:
        """|psi| below which it is the integrator's noise."""
        return NOISE * (self.rtol if self.atol is None else self.atol)


@dataclass(frozen=True, kw_only=True)
class Output(Section):
    """What to keep: the interval of stored fields, and of probes (every accepted step, or an interval)."""

    fields: InT0 = 0.5
    """Interval of stored fields, t0."""
    probes: InT0 | Literal["every-step"] | None = None
    """None: at every step, and every 0.1 t0 in problems of more than 20,000 nodes, where looking costs as much as
    solving."""

    def __post_init__(self) -> None:
        positive("fields", self.fields)
        if not isinstance(self.probes, str | None):
            positive("probes", self.probes)


@dataclass(frozen=True, kw_only=True)
class Measure(Section):
    """Which part of the run the summary speaks of."""

    discard: InT0 | None = None
    """Time left out at the start; None: the first third of the run."""
    josephson: str | None = None
    """Voltage probe for the Josephson check; None: the voltage between banks, no check otherwise."""
    path: tuple[tuple[InXi, ...], ...] | None = None
    """Corners of the path along which slips are seen and V is taken (2D, 3D); None: from terminal to terminal."""

    def __post_init__(self) -> None:
        if self.discard is not None and not (math.isfinite(self.discard) and self.discard >= 0):
            raise InputError(f"{self.discard!r} is not possible", key="discard", allowed="a time >= 0")
        if self.path is not None and len(self.path) < 2:
            raise InputError("has fewer than two points", key="path", allowed="two points or more")
        if self.path is not None and any(a == b for a, b in pairwise(self.path)):
            raise InputError("stays where it is", key="path", allowed="points that differ from the ones before them")


@dataclass(frozen=True, kw_only=True)
class Stop(Section):
    """Reasons to stop before `t_end`; each is off unless given."""

    steady: float | None = None
    """Stop when max |d_t n| and |d_t V| stay below this for 5 t0 with the drive at rest."""
    periodic: float | None = None
    """Stop when the last six intervals between slips agree within this relative spread."""
    normal: float | None = None
    """Stop when |psi|^2 is below this everywhere outside the banks' coherence length."""
    slips: int | None = None
    """Stop after so many phase slips."""

    def __post_init__(self) -> None:
        for name in ("steady", "periodic", "normal"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name))
        if self.slips is not None and self.slips < 1:
            raise InputError(f"{self.slips!r} is not possible", key="slips", allowed="a whole number from 1 on")


@dataclass(frozen=True, kw_only=True)
class Expect(Section):
    """A value of the summary that a shipped problem is tested against."""

    value: float | int | str
    """That value."""
    rel: float = 0.0
    """How far off it may be, relative."""
    abs: float = 0.0
    """The same, absolute."""


def _expect(value: Any) -> Any:
    return value if isinstance(value, Mapping | Expect) else {"value": value}


Expected = Annotated[Expect, BeforeValidator(_expect)]
"""In a problem file: a value, or a table with its tolerance."""
