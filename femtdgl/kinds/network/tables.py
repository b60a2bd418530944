"""The sections of a problem file with kind = "network".

They ARE the dataclasses: `[nodes.<name>]` is a Node, `[links.<name>]` the link class that its `kind` names (its fields
beside `between = [a, b]`), `[scan]`, `[family]`, `[[cases]]`, `[[observe]]`, `[transient]`, `[[pulses]]`, `[[events]]`
those below.  Numbers are SI; text with a unit ("30 mK", "1 pW") is converted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from femtdgl.errors import InputError
from femtdgl.kinds.expect import Expectation
from femtdgl.thermal.link import require_positive
from femtdgl.thermal.network.transient import Event, Pulse

MOST = 1_000_000
"""Values of a scan, and stored times of a transient."""


@dataclass(frozen=True, kw_only=True)
class ScanTable:
    """`[scan]`: a parameter and its values, given or equidistant."""

    parameter: str
    """Path of what is varied, such as nodes.source.heat."""
    values: tuple[float, ...] = ()
    """The values, in SI or as text with a unit; (): start, stop and points."""
    start: float | None = None
    """First value."""
    stop: float | None = None
    """Last value."""
    points: int = 100
    """How many values."""
    spacing: str = "linear"
    """"linear" or "log"."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def grid(self) -> np.ndarray:
        """The values."""
        if self.values:
            return np.array(self.values)
        if self.start is None or self.stop is None:
            raise InputError("values are missing", key="scan.values", allowed="values, or start and stop")
        if self.points < 2:
            raise InputError(f"{self.points} is too few", key="scan.points", allowed="2 or more")
        if self.points > MOST:
            raise InputError(f"{self.points} is too many", key="scan.points", allowed=f"at most {MOST}")
        if self.spacing == "log":
            return np.geomspace(self.start, self.stop, self.points)
        if self.spacing != "linear":
            raise InputError(f"{self.spacing!r} is unknown", key="scan.spacing", allowed="linear, log")
        return np.linspace(self.start, self.stop, self.points)


@dataclass(frozen=True, kw_only=True)
class Family:
    """`[family]`: a second parameter; one curve for each of its values."""

    parameter: str
    """Path of what is varied."""
    values: tuple[float, ...] = ()
    """May be left out where each case has its own."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """`[[cases]]`: a named set of other values, by the paths that `scan` takes too, and its own family's values."""

    name: str
    """What the case is called, in the summary and in legends."""
    set: dict[str, float | str] = field(default_factory=dict)
    """Paths and their values in this case."""
    family: tuple[float, ...] = ()
    """Values of the family in this case; (): those of [family]."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Observe:
    """`[[observe]]`: a link's own quantity along the scan, such as its resistance ratio."""

    link: str
    """Name of the link."""
    quantity: str
    """One of the observables of its kind, such as rectification."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class TransientTable:
    """`[transient]`."""

    t_end: float
    """s, the end."""
    points: int = 400
    """Stored times."""
    rtol: float = 1e-8
    """Relative tolerance of the integrator."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        require_positive(self, "t_end", "rtol")
        if self.rtol > 0.1:
            raise InputError(f"{self.rtol!r} is not possible", key="rtol", allowed="0 < rtol <= 0.1")
        if not 2 <= self.points <= MOST:
            raise InputError(f"{self.points!r} is not possible", key="points", allowed=f"2 to {MOST} stored times")


@dataclass(frozen=True, kw_only=True)
class NetworkProblem:
    """The whole file."""

    kind: str
    nodes: dict[str, dict[str, Any]]
    """Temperatures by name: [nodes.<name>], each a Node."""
    links: dict[str, dict[str, Any]]
    """Links by name: [links.<name>], with kind, between and the fields of that kind."""
    title: str = ""
    """What stands above figures."""
    scan: ScanTable | None = None
    """A parameter and its values."""
    family: Family | None = None
    """A second parameter, one curve for each of its values."""
    cases: tuple[Case, ...] = ()
    """Named sets of other values."""
    observe: tuple[Observe, ...] = ()
    """Quantities of links along the scan."""
    transient: TransientTable | None = None
    """How far the network is followed in time."""
    pulses: tuple[Pulse, ...] = ()
    """Extra heat for a while, in a transient."""
    events: tuple[Event, ...] = ()
    """Crossings of a temperature, in a transient."""
    figures: tuple[str, ...] = ()
    """Names of those to draw; (): all that have something to show."""
    expect: dict[str, Expectation] = field(default_factory=dict)
    """What the summary should say, for tests."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}
