"""The tables of a problem file with kind = "network".

They ARE the dataclasses: `[nodes.<name>]` is a Node, `[links.<name>]` the link class that its `kind` names
(its
fields beside `between = [a, b]`), `[scan]`, `[family]`, `[[cases]]`, `[[observe]]`, `[transient]`,
`[[pulses]]`,
`[[events]]` those below.  Numbers are SI; text with a unit ("30 mK", "1 pW") is converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.tables import convert, convert_tree, validated
from femtdgl.thermal.catalogue import link_class
from femtdgl.thermal.network.network import Network, Node
from femtdgl.thermal.network.transient import Event, Pulse


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
