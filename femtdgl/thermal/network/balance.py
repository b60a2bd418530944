"""The heat balance of a network of lumped temperatures.

    node i:   C_i(T_i) dT_i/dt = heat_i - sum over links from i of power + sum over links to i of (power + work)

A node with a `temperature` is a bath; the others are free.  The right-hand sides of the free nodes, as functions of
x = ln T of the free nodes in order, are the residual that steady states, scans and transients rest on.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, NamedTuple, Self

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.quantities import unit
from femtdgl.thermal.link import Link
from femtdgl.thermal.network.node import Node


@dataclass(frozen=True, kw_only=True)
class State:
    """A steady state."""

    temperatures: dict[str, float]  # K, free nodes and baths
    powers: dict[str, float]  # W, by link
    stable: bool | None = None
    others: tuple[State, ...] = field(default=(), repr=False)


class Slopes(NamedTuple):
    """Of a link: change of (power that leaves a, power that b receives) with T_a and with T_b, W/K."""

    by_a: tuple[float, float]
    by_b: tuple[float, float]


def slopes_of(link: Link, T_a: float, T_b: float) -> Slopes:
    """At these temperatures.  Work (never steep) by differences, the rest from the link."""
    by_a, by_b = link.slopes(T_a, T_b)
    if type(link).work is Link.work:
        return Slopes((by_a, by_a), (by_b, by_b))
    h = 1e-6
    gain_a = (link.work(T_a * (1 + h), T_b) - link.work(T_a * (1 - h), T_b)) / (2 * h * T_a)
    gain_b = (link.work(T_a, T_b * (1 + h)) - link.work(T_a, T_b * (1 - h))) / (2 * h * T_b)
    return Slopes((by_a, by_a + gain_a), (by_b, by_b + gain_b))


@dataclass(frozen=True)
class Balance:
    """Nodes by name, and links by name as (node a, node b, link)."""

    nodes: Mapping[str, Node]
    """By name."""
    links: Mapping[str, tuple[str, str, Link]]
    """By name: node a, node b, link."""

    def __post_init__(self) -> None:
        if not any(node.temperature is not None for node in self.nodes.values()):
            raise InputError(
                "no node holds its temperature: a network needs a bath",
                key="nodes",
                allowed="at least one node with a temperature",
            )
        for name, (a, b, _) in self.links.items():
            for end in (a, b):
                if end not in self.nodes:
                    near = get_close_matches(end, self.nodes, 1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise InputError(
                        f"{end!r} is no node{hint}",
                        key=f"links.{name}.between",
                        allowed=", ".join(self.nodes),
                    )
            if a == b:
                raise InputError(f"both ends are {a!r}", key=f"links.{name}.between", allowed="two different nodes")
        for name, node in self.nodes.items():
            if node.temperature is not None and node.temperature > self.limit(name):
                raise InputError(
                    f"{node.temperature} K is above Tc = {self.limit(name)} K of one of its links",
                    key=f"nodes.{name}.temperature",
                    allowed="below Tc",
                )
        self.require_grounded()

    def require_grounded(self) -> None:
        """Die, naming it, when a free node is joined to no bath by any path."""
        reached = {name for name, node in self.nodes.items() if node.temperature is not None}
        pairs = [(a, b) for a, b, _ in self.links.values()]
        while True:
            new = {b for a, b in pairs if a in reached} | {a for a, b in pairs if b in reached}
            if new <= reached:
                break
            reached |= new
        for name in self.nodes:
            if name not in reached:
                raise InputError("no path of links leads to a bath", key=f"nodes.{name}", allowed="a link to a bath")

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the free nodes, in order."""
        return tuple(name for name, node in self.nodes.items() if node.temperature is None)

    def limit(self, name: str) -> float:
        """Highest temperature that the links of a node allow, K."""
        ends = [link.limits[0] for a, _, link in self.links.values() if a == name]
        ends += [link.limits[1] for _, b, link in self.links.values() if b == name]
        return min(ends, default=math.inf)

    def corners(self) -> list[tuple[str, float]]:
        """Nodes and the temperatures at which the power of one of their links has a corner, K."""
        first = {(a, T) for a, _, link in self.links.values() for T in link.corners[0]}
        return sorted(first | {(b, T) for _, b, link in self.links.values() for T in link.corners[1]})

    def temperatures(self, free: Sequence[float]) -> dict[str, float]:
        """All temperatures, given those of the free nodes in order."""
        values = iter(free)
        return {
            name: node.temperature if node.temperature is not None else float(next(values))
            for name, node in self.nodes.items()
        }

    def powers(self, temperatures: Mapping[str, float]) -> dict[str, float]:
        """Power of each link, W."""
        return {name: link.power(temperatures[a], temperatures[b]) for name, (a, b, link) in self.links.items()}

    def residual(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Net power into each free node and the traffic through it (its scale), W; x = ln T of the free nodes."""
        T = self.temperatures(np.exp(x))
        net = {name: self.nodes[name].heat for name in self.nodes}
        traffic = {name: abs(self.nodes[name].heat) for name in self.nodes}
        for a, b, link in self.links.values():
            power, work = link.power(T[a], T[b]), link.work(T[a], T[b])
            net[a] -= power
            net[b] += power + work
            traffic[a] += abs(power)
            traffic[b] += abs(power + work)
        return np.array([net[n] for n in self.free]), np.array([traffic[n] for n in self.free])

    def slopes(self, temperatures: Mapping[str, float], ends: Collection[str]) -> dict[str, Slopes]:
        """Of each link that has an end among `ends`: its slopes."""
        return {
            name: slopes_of(link, temperatures[a], temperatures[b])
            for name, (a, b, link) in self.links.items()
            if a in ends or b in ends
        }

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """d residual/d ln T, W; (free, free)."""
        T = self.temperatures(np.exp(x))
        return self.jacobian_from(T, self.slopes(T, self.free))

    def jacobian_from(self, temperatures: Mapping[str, float], slopes: Mapping[str, Slopes]) -> np.ndarray:
        """d residual/d ln T, W; (free, free), from the slopes of the links at these temperatures."""
        columns = [temperatures[name] * self.by_temperature(name, slopes) for name in self.free]
        return np.column_stack(columns) if columns else np.zeros((0, 0))

    def by_temperature(self, name: str, slopes: Mapping[str, Slopes]) -> np.ndarray:
        """d residual/dT of one node, free or not, all other temperatures as they are, W/K; (free,)."""
        change = dict.fromkeys(self.nodes, 0.0)
        for link, (a, b, _) in self.links.items():
            if name in (a, b):
                leaves, arrives = slopes[link].by_a if name == a else slopes[link].by_b
                change[a] -= leaves
                change[b] += arrives
        return np.array([change[free] for free in self.free])

    def state(self, x: np.ndarray) -> State:
        """The state at x = ln T, with its stability."""
        T = self.temperatures(np.exp(x))
        return State(temperatures=T, powers=self.powers(T), stable=self.is_stable(x))

    def is_stable(self, x: np.ndarray, J: np.ndarray | None = None) -> bool:
        """All eigenvalues of C^-1 J to the left; equal relaxation of ln T where a capacity is not given."""
        if not self.free:
            return True
        T = np.exp(x)
        nodes = [self.nodes[name] for name in self.free]
        C = np.array([node.heat_capacity(t) for node, t in zip(nodes, T, strict=True)])
        inertia = C * T if np.all(C > 0) else np.ones_like(T)
        return bool(np.max(np.linalg.eigvals((self.jacobian(x) if J is None else J) / inertia[:, None]).real) < 0)

    def default_guess(self) -> float:
        """Highest bath temperature, K."""
        return max(node.temperature for node in self.nodes.values() if node.temperature is not None)

    def default_bounds(self) -> tuple[float, float]:
        """From below the coldest bath to where more leaves than comes in, whatever the shares.

        Far below it when something may cool: heat taken out, or a link that does work.
        """
        cooled = any(node.heat < 0 for node in self.nodes.values())
        cooled |= any(type(link).work is not Link.work for _, _, link in self.links.values())
        low = (0.05 if cooled else 0.9) * min(
            node.temperature for node in self.nodes.values() if node.temperature is not None
        )
        high, limit = 2 * self.default_guess(), max((self.limit(n) for n in self.free), default=math.inf)
        while high < min(limit, 1e3) and self.free:
            T = [min(high, self.limit(name)) for name in self.free]
            if self.residual(np.log(T))[0].sum() < 0:
                break
            high *= 2
        return low, min(2 * high, limit)

    def unit_of(self, parameter: str) -> str:
        """SI unit of a parameter as in `with_value`; "" where its field declares none."""
        kind, name, key = parameter.split(".", 2)
        return unit(type(self.nodes[name] if kind == "nodes" else self.links[name][2]), key)

    def with_value(self, parameter: str, value: Any) -> Self:
        """The same with one number changed: "nodes.<node>.<field>" or "links.<link>.<field>"."""
        kind, _, rest = parameter.partition(".")
        name, _, key = rest.partition(".")
        tables: dict[str, Mapping[str, Any]] = {"nodes": self.nodes, "links": self.links}
        table = tables.get(kind, {})
        if name not in table or not key:
            known = [f"nodes.{n}.<field>" for n in self.nodes] + [f"links.{n}.<field>" for n in self.links]
            near = get_close_matches(f"{kind}.{name}.<field>", known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{parameter!r} names nothing{hint}", key=parameter, allowed=", ".join(known))
        thing: Any = table[name] if kind == "nodes" else table[name][2]
        names = [f.name for f in fields(thing)]
        if key not in names:
            near = get_close_matches(key, names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{key!r} is unknown{hint}", key=parameter, allowed=", ".join(names))
        try:
            changed = replace(thing, **{key: value})
        except InputError as error:
            raise error.at(key=f"{kind}.{name}.{error.key}") from None
        if kind == "nodes":
            return replace(self, nodes={**self.nodes, name: changed})
        a, b, _ = self.links[name]
        return replace(self, links={**self.links, name: (a, b, changed)})
