"""Networks of lumped temperatures.

    node i:   C_i(T_i) dT_i/dt = heat_i - sum over links from i of power + sum over links to i of (power +
    work)

A node with a `temperature` is a bath; the others are free.  A network may have no steady state, one or
several; the
methods say which:

    steady(guess)            one of them by Newton in ln T, with the others it knows of
    roots(bounds)            all of them in a bracket, with their stability
    scan(parameter, values)  followed up and down, through corners and folds
    transient(t_end)         in time
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.link import Link, require_positive

if TYPE_CHECKING:
    from femtdgl.thermal.network.scan import Scan
    from femtdgl.thermal.network.transient import Event, Pulse, Transient


class SeveralSteadyStates(UserWarning):
    """`steady` returns one state of several: the message lists the others."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A lumped temperature: a bath when `temperature` is given, free otherwise."""

    temperature: float | None = None  # K, held
    heat: float = 0.0  # W, brought in from outside
    capacity: float | None = None  # J/K at 1 K
    capacity_exponent: float = 0.0  # C = capacity (T/1 K)^exponent; 1 for an electron gas
    initial: float | None = None  # K, at t = 0 of a transient

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for name in ("temperature", "capacity", "initial"):
            if getattr(self, name) is not None:
                require_positive(self, name)
        if not math.isfinite(self.heat):
            raise InputError(f"{self.heat!r} is not possible", key="heat", allowed="a finite power in W")
        if self.temperature is not None and (self.heat or self.capacity or self.initial):
            raise InputError(
                "a bath keeps its temperature whatever flows",
                key="temperature",
                allowed="a temperature, or heat, capacity and initial",
            )

    def energy(self, T: Any) -> Any:
        """int C dT from 0, J; a number or an array."""
        n = self.capacity_exponent + 1
        return (self.capacity or 0.0) * T**n / n

    def heat_capacity(self, T: Any) -> Any:
        """C(T), J/K; a number or an array."""
        return (self.capacity or 0.0) * T**self.capacity_exponent


@dataclass(frozen=True, kw_only=True)
class State:
    """A steady state."""

    temperatures: dict[str, float]  # K, free nodes and baths
    powers: dict[str, float]  # W, by link
    stable: bool | None = None
    others: tuple[State, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Network:
    """Nodes by name, and links by name as (node a, node b, link)."""

    nodes: Mapping[str, Node]
    links: Mapping[str, tuple[str, str, Link]]

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
        """Net power into each free node and the traffic through it (its scale), W; x = ln T of the free
        nodes.
        """
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

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """d residual/d ln T, W; (free, free).  Work (never steep) by differences, the rest from the links."""
        T = self.temperatures(np.exp(x))
        place = {name: i for i, name in enumerate(self.free)}
        J = np.zeros((len(place), len(place)))
        for a, b, link in self.links.values():
            if a not in place and b not in place:
                continue
            by_a, by_b = link.slopes(T[a], T[b])
            h = 1e-6
            gain_a = (link.work(T[a] * (1 + h), T[b]) - link.work(T[a] * (1 - h), T[b])) / (2 * h * T[a])
            gain_b = (link.work(T[a], T[b] * (1 + h)) - link.work(T[a], T[b] * (1 - h))) / (2 * h * T[b])
            for source, slope, gain in ((a, by_a, gain_a), (b, by_b, gain_b)):
                if source in place:
                    if a in place:
                        J[place[a], place[source]] -= slope * T[source]
                    if b in place:
                        J[place[b], place[source]] += (slope + gain) * T[source]
        return J

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

    def steady(self, guess: Mapping[str, float] | None = None, *, alone: bool = False) -> State:
        """One steady state: the nearest to the guess by Newton in ln T, or the only one.

        Unless `alone`, all states are searched for as well: when there are more, the result carries them in
        `others`, and a
        SeveralSteadyStates warning says so.  Without a guess the coldest stable one is returned.
        """
        from femtdgl.thermal.network.solve import newton

        known: tuple[State, ...] = ()
        if guess is None:
            known = self.roots()
            chosen = next((state for state in known if state.stable), known[0])
        else:
            start = [guess.get(name, self.default_guess()) for name in self.free]
            chosen = self.state(newton(self, np.log(start)))
            if not alone:
                known = self.roots(self.default_bounds())
        others = tuple(s for s in known if not same_state(self, s, chosen))
        if others and not alone:
            listed = "; ".join(describe(self, s) for s in others)
            warnings.warn(
                f"{len(others) + 1} steady states: returned {describe(self, chosen)}; also {listed}",
                SeveralSteadyStates,
                stacklevel=2,
            )
        return replace(chosen, others=others)

    def roots(self, bounds: tuple[float, float] | None = None) -> tuple[State, ...]:
        """All steady states whose free temperatures lie in bounds (K), coldest first; see network_solve."""
        from femtdgl.thermal.network.solve import all_roots

        found = all_roots(self, bounds or self.default_bounds())
        if not found and bounds is None:
            top = min((self.limit(name) for name in self.free), default=math.inf)
            raise InputError(
                f"no steady state below {top:.6g} K" if math.isfinite(top) else "no steady state found",
                key="nodes",
                allowed="less heat, or stronger links to the bath",
            )
        return tuple(self.state(x) for x in found)

    def scan(self, parameter: str, values: Sequence[float] | np.ndarray, **options: Any) -> Scan:
        """Steady states along a parameter such as "nodes.source.heat"; see network_scan."""
        from femtdgl.thermal.network.scan import scan

        return scan(self, parameter, np.asarray(values, dtype=float), **options)

    def transient(
        self, t_end: float, *, pulses: Sequence[Pulse] = (), events: Sequence[Event] = (), **options: Any
    ) -> Transient:
        """The network in time from its nodes' initial temperatures; see network_transient."""
        from femtdgl.thermal.network.transient import transient

        return transient(self, t_end, pulses=pulses, events=events, **options)

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

    def with_value(self, parameter: str, value: Any) -> Network:
        """The same network with one number changed: "nodes.<node>.<field>" or "links.<link>.<field>"."""
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
            return Network({**self.nodes, name: changed}, self.links)
        a, b, _ = self.links[name]
        return Network(self.nodes, {**self.links, name: (a, b, changed)})


def same_state(network: Network, one: State, other: State) -> bool:
    """Equal to 1e-6 in every free temperature."""
    return all(abs(math.log(one.temperatures[name] / other.temperatures[name])) < 1e-6 for name in network.free)


def describe(network: Network, state: State) -> str:
    """Temperatures of the free nodes and the stability, in words."""
    T = ", ".join(f"{name} {state.temperatures[name]:.8g} K" for name in network.free)
    return f"{T} ({'stable' if state.stable else 'unstable'})"
