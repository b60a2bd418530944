"""The tables of a problem file with kind = "network".

They ARE the dataclasses: `[nodes.<name>]` is a Node, `[links.<name>]` the link class that its `kind` names
(its
fields beside `between = [a, b]`), `[scan]`, `[family]`, `[[cases]]`, `[[observe]]`, `[transient]`,
`[[pulses]]`,
`[[events]]` those below.  Numbers are SI; text with a unit ("30 mK", "1 pW") is converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from femtdgl.errors import InputError
from femtdgl.thermal.electron_phonon import ElectronPhonon, SuperconductorElectronPhonon
from femtdgl.thermal.kapitza import Kapitza, Leak
from femtdgl.thermal.link import Link
from femtdgl.thermal.network import Network, Node
from femtdgl.thermal.network_transient import Event, Pulse
from femtdgl.thermal.photonic_nis import NISLink
from femtdgl.thermal.photonic_sn import SNLink
from femtdgl.units import parse

LINKS: dict[str, type[Link]] = {
    cls.__name__: cls for cls in (ElectronPhonon, Kapitza, Leak, NISLink, SNLink, SuperconductorElectronPhonon)
}
DIMENSIONS = {"temperature": "temperature", "initial": "temperature", "Tc": "temperature", "heat": "power"}
DIMENSIONS |= {"power": "power", "R_D": "resistance", "R_0": "resistance"}
DIMENSIONS |= {"t_end": "time", "d": "length", "Tc_right": "temperature"}


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
        if self.spacing == "log":
            return np.geomspace(self.start, self.stop, self.points)
        if self.spacing != "linear":
            raise InputError(f"{self.spacing!r} is unknown", key="scan.spacing", allowed="linear, log")
        return np.linspace(self.start, self.stop, self.points)


@dataclass(frozen=True, kw_only=True)
class Family:
    """`[family]`: a second parameter; one curve for each of its values."""

    parameter: str
    values: tuple[float, ...]

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """`[[cases]]`: a named set of other values, by the paths that `scan` takes too, and its own family's
    values.
    """

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
    expect: dict[str, dict[str, float | int | str | bool]] = field(default_factory=dict)

    __pydantic_config__: ClassVar = {"extra": "forbid"}


def with_values(network: Network, values: Mapping[str, Any]) -> Network:
    """The network with several numbers changed; text with units is converted."""
    for path, value in values.items():
        network = network.with_value(path, convert(value, path.rsplit(".", 1)[-1], path))
    return network


def read_problem(table: Mapping[str, Any]) -> NetworkProblem:
    """The tables as dataclasses, units converted, unknown keys refused."""
    if table.get("kind") != "network":
        raise InputError(f"{table.get('kind')!r} is not a network", key="kind", allowed='"network"')
    converted = {k: v if k in ("cases", "title", "kind") else convert_tree(v, k, k) for k, v in table.items()}
    problem: NetworkProblem = validated(NetworkProblem, converted, "")
    return problem


def read_network(problem: NetworkProblem) -> Network:
    """Nodes and links of the base case."""
    nodes = {name: validated(Node, values, f"nodes.{name}") for name, values in problem.nodes.items()}
    links = {}
    for name, values in problem.links.items():
        rest = dict(values)
        kind, between = rest.pop("kind", None), rest.pop("between", None)
        try:
            link = link_class(kind)
        except InputError as error:
            raise error.at(key=f"links.{name}.kind") from None
        if not (isinstance(between, list | tuple) and len(between) == 2):
            raise InputError(f"{between!r} is not possible", key=f"links.{name}.between", allowed="two names of nodes")
        links[name] = (str(between[0]), str(between[1]), validated(link, rest, f"links.{name}"))
    return Network(nodes, links)


def link_class(kind: object) -> type[Link]:
    """The class of links of that name.  Raises InputError with the nearest one."""
    if kind not in LINKS:
        near = get_close_matches(str(kind), LINKS, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{kind!r} is no link{hint}", key="kind", allowed=", ".join(LINKS))
    return LINKS[str(kind)]


def validated(cls: Any, values: Any, where: str) -> Any:
    """A dataclass from a table by pydantic, with its complaints as one InputError."""
    try:
        return TypeAdapter(cls).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        key = ".".join(part for part in (where, *path) if part)
        inner = first.get("ctx", {}).get("error")
        if isinstance(inner, InputError):
            raise inner.at(key=".".join(part for part in (key, inner.key) if part)) from None
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = [f.name for f in fields(cls)] if len(path) == 1 else []
            near = get_close_matches(path[-1], known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{path[-1]!r} is an unknown key{hint}", key=key, allowed=", ".join(known)) from None
        if first["type"] in ("missing", "missing_argument"):
            raise InputError("is missing", key=key, allowed=f"a value for {path[-1]}") from None
        raise InputError(f"{first.get('input')!r}: {first['msg']}", key=key) from None


def convert_tree(value: Any, key: str, path: str) -> Any:
    """Text with units to SI numbers, in all tables but names."""
    if isinstance(value, Mapping):
        return {k: convert_tree(v, k, f"{path}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [convert_tree(v, key, path) for v in value]
    return convert(value, key, path)


def is_quantity(value: Any) -> bool:
    """Whether a value is a quantity: text that starts like a number."""
    return isinstance(value, str) and value.strip()[:1] in tuple("+-.0123456789")


def convert(value: Any, key: str, path: str) -> Any:
    """One value: text that starts like a number is a quantity."""
    if is_quantity(value):
        try:
            return parse(value, DIMENSIONS.get(key))
        except InputError as error:
            raise error.at(key=path) from None
    return value
