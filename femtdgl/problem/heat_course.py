"""Heat that moves by itself: baths and nodes whose temperature is a waveform, and sources of heat in the filament.

[heat]
bath = { ramp = [1.1, 0.9], over = 50.0 }          # in Tc

[heat.nodes.plate]
temperature = "0.9 + 0.02*sin(0.1*t)"              # in K of a film in SI, as all of a node; t in t0

[heat.sources.photon]
energy = 5.0                                       # j0 V0 t0 xi^(d-1), or J of a film in SI
at = [0.0, 0.0]
width = 0.8                                        # xi
start = 20.0
duration = 0.5                                     # t0

[heat.sources.laser]
power = "0.1*(1 + sin(0.3*t))"                     # j0 V0 xi^(d-1), or W
profile = "exp(-(x/3)**2)"                         # its shape, whatever its size
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import PlainValidator

from femtdgl.errors import InputError
from femtdgl.input.expression import Expression
from femtdgl.input.numbers import not_negative, positive
from femtdgl.input.quantities import InT0, InXi, Reduced, has_unit
from femtdgl.input.reduce import Convert
from femtdgl.input.section import Section
from femtdgl.input.tables import convert_tree, validated
from femtdgl.problem.map_fields import AXES
from femtdgl.problem.waveform import Course, Waveform, optional_waveform, waveform
from femtdgl.thermal.network.node import Node

MOVING = {"temperature": "temperature", "heat": "power"}
"""What of a node may be a waveform, and what it measures."""


def is_waveform(value: Any) -> bool:
    """Whether a value is written as a waveform, and not as a number, or as a quantity."""
    if isinstance(value, str):
        return not has_unit(value) and not _is_number(value)
    return isinstance(value, Mapping | Waveform) or callable(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class MovingNode(Node):
    """A lumped node whose temperature, or the heat brought to it, is a waveform of t in t0.

    `temperature` and `heat` are those at t = 0.
    """

    course: Waveform | None = None
    heat_course: Waveform | None = None

    def described(self) -> dict[str, Any]:
        """As in a problem file."""
        own = {f.name: getattr(self, f.name) for f in fields(Node)}
        for key, wave in (("temperature", self.course), ("heat", self.heat_course)):
            if wave is not None:
                own[key] = wave.described()
        return {key: value for key, value in own.items() if value is not None}


def course_of(node: Node) -> Waveform | None:
    """The temperature of a node in time, as a waveform; None: it is not held, or stands still."""
    return node.course if isinstance(node, MovingNode) else None


def heat_of(node: Node, t: float) -> float:
    """Heat brought to a node at a time, W."""
    moves = isinstance(node, MovingNode) and node.heat_course is not None
    return node.heat_course(t) if moves else node.heat  # type: ignore[attr-defined]


def read_node(table: Any) -> Any:
    """A node of a problem file: its numbers in SI, or moving."""
    if not isinstance(table, Mapping):
        return table
    waves: dict[str, Waveform] = {}
    for key in MOVING:
        if is_waveform(table.get(key)):
            try:
                waves[key] = waveform(table[key])
            except InputError as error:
                raise error.at(key=".".join(part for part in (key, error.key) if part)) from None
    still = {key: waves[key](0.0) if key in waves else convert_tree(value, key, key) for key, value in table.items()}
    if not waves:
        return validated(Node, still, "")
    base = validated(Node, still, "")
    own: dict[str, Any] = {f.name: getattr(base, f.name) for f in fields(Node)}
    return MovingNode(**own, course=waves.get("temperature"), heat_course=waves.get("heat"))


def refuse_quantities(heat: Mapping[str, Any]) -> None:
    """Dies, naming the key, where the table of a reduced problem has a node or a link with a unit: it would be lost.

    heat: the section of a problem file, found good but for that.
    """
    tables = {f"heat.{kind}.{name}": table for kind in ("nodes", "links") for name, table in heat.get(kind, {}).items()}
    for where, table in tables.items():
        for key, value in table.items() if isinstance(table, Mapping) else ():
            if has_unit(value):
                raise InputError(
                    f"{value!r} has a unit, the film has none",
                    key=f"{where}.{key}",
                    allowed='a number in reduced units, or a film with preset = "..."',
                )


def bath_value(value: Any) -> float | str | Waveform | None:
    """`heat.bath`: a number, "1 K", or a waveform in Tc."""
    if value is None or isinstance(value, Waveform) or has_unit(value):
        return value
    if is_waveform(value):
        return waveform(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"{value!r} is not possible", allowed='a number in Tc, "1 K", or a waveform')
    return value if isinstance(value, str) else float(value)


class BathCourse(NamedTuple):
    """A mark of the type of a bath: the times of a waveform may be text with units, its temperatures are in Tc."""

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """A waveform with its times replaced; a temperature as text stays."""
        return value if isinstance(value, str) else Course("number").reduced(value, convert, key)


class NodeCourses(NamedTuple):
    """A mark of the type of a node: its waveforms may have text with units.  Its numbers are read by `read_node`."""

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """A node with its waveforms replaced."""
        if not isinstance(value, Mapping):
            return value
        measured = {name: Course(what) for name, what in MOVING.items() if isinstance(value.get(name), Mapping)}
        return {**value, **{name: c.reduced(value[name], convert, f"{key}.{name}") for name, c in measured.items()}}


@dataclass(frozen=True)
class Deposit(Waveform):
    """Power of a pulse of heat of energy 1: (2/duration) sin^2 from `start` on, during `duration`."""

    start: float
    """t0."""
    duration: float
    """t0."""

    def __call__(self, t: float) -> float:
        """Power at a time."""
        s = (t - self.start) / self.duration
        return 2 / self.duration * math.sin(math.pi * s) ** 2 if 0 < s < 1 else 0.0

    def slope(self, t: float) -> float:
        """d/dt."""
        s = (t - self.start) / self.duration
        return 2 * math.pi / self.duration**2 * math.sin(2 * math.pi * s) if 0 < s < 1 else 0.0

    @property
    def corners(self) -> tuple[float, ...]:
        """Its ends: it is smooth there, but no step may pass over it."""
        return self.start, self.start + self.duration

    @property
    def rests_from(self) -> float:
        """Its end."""
        return self.start + self.duration


@dataclass(frozen=True, kw_only=True)
class HeatSource(Section):
    """Heat that comes into the filament from outside: an energy at a time, or a power in time; and where."""

    energy: Annotated[float, Reduced("energy")] | None = None
    """In j0 V0 t0 xi^(d-1), or J of a film in SI: all of it, whatever the mesh."""
    start: InT0 | None = None
    """When that arrives, t0."""
    duration: InT0 | None = None
    """How long that takes, t0: as sin^2."""
    power: Annotated[Waveform | None, PlainValidator(optional_waveform), Course("power")] = None
    """In place of energy: in j0 V0 xi^(d-1), or W."""
    at: InXi | tuple[InXi, ...] | None = None
    """The middle of a Gaussian; a number is a plane x = at.  None: everywhere alike, or as `profile`."""
    width: InXi | None = None
    """Its standard deviation, xi."""
    profile: str | None = None
    """In place of them: an expression of x, y, z that is nowhere negative; its size does not matter."""
    of: Literal["electrons", "phonons"] = "electrons"
    """Which of two temperatures it heats."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "power", optional_waveform(self.power))
        if (self.energy is None) == (self.power is None):
            raise InputError("needs one of energy and power", key="energy", allowed="one of them")
        for name in ("start", "duration"):
            if (getattr(self, name) is None) != (self.energy is None):
                word = "is missing" if self.energy is not None else "goes with an energy"
                raise InputError(word, key=name, allowed="energy, start and duration, or a power")
        if self.energy is not None and self.start is not None and self.duration is not None:
            not_negative("energy", self.energy)
            not_negative("start", self.start)
            positive("duration", self.duration)
        if (self.at is None) != (self.width is None):
            missing = "width" if self.width is None else "at"
            raise InputError("is missing", key=missing, allowed="at and width, or neither")
        if self.width is not None:
            positive("width", self.width)
            if self.profile is not None:
                raise InputError("is given beside at and width", key="profile", allowed="one of them")
        if self.profile is not None:
            try:
                Expression(self.profile, AXES)
            except InputError as error:
                raise error.at(key="profile") from None

    @property
    def wave(self) -> Waveform:
        """The power in time, over `size`."""
        if self.power is not None:
            return self.power
        assert self.start is not None and self.duration is not None
        return Deposit(self.start, self.duration)


def read_source(table: Any) -> Any:
    """A source from its table; one that is made stays as it is."""
    return validated(HeatSource, table, "") if isinstance(table, Mapping) else table
