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
    values: tuple[float, ...] = ()
    start: float | None = None
    stop: float | None = None
    points: int = 100
    spacing: str = "linear"

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
    values: tuple[float, ...] = ()  # may be left out where each case has its own

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """`[[cases]]`: a named set of other values, by the paths that `scan` takes too, and its own family's values."""

    name: str
    set: dict[str, float | str] = field(default_factory=dict)
    family: tuple[float, ...] = ()

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Observe:
    """`[[observe]]`: a link's own quantity along the scan, such as its resistance ratio."""

    link: str
    quantity: str

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class TransientTable:
    """`[transient]`."""

    t_end: float  # s
    points: int = 400
    rtol: float = 1e-8

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
    links: dict[str, dict[str, Any]]
    title: str = ""
    scan: ScanTable | None = None
    family: Family | None = None
    cases: tuple[Case, ...] = ()
    observe: tuple[Observe, ...] = ()
    transient: TransientTable | None = None
    pulses: tuple[Pulse, ...] = ()
    events: tuple[Event, ...] = ()
    figures: tuple[str, ...] = ()
    """Names of those to draw; (): all that have something to show."""
    expect: dict[str, Expectation] = field(default_factory=dict)

    __pydantic_config__: ClassVar = {"extra": "forbid"}
