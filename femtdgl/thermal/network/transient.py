"""A network in time.

    d ln T_i/dt = (heat_i + pulses_i - sum out + sum in)/(C_i(T_i) T_i),     dE_l/dt = power of link l

in ln T, so that no temperature can become negative, by SUNDIALS CVODE (BDF, variable order; scikit-sundae).  The
energy that crossed each link is integrated by the same method, to the same tolerance, so that the ledger

    sum_i [U_i(end) - U_i(0)] = heat + pulses + work + heat from the baths

tests the integration and not a quadrature of stored points.  The integrator restarts at every edge of a pulse.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from femtdgl.errors import InputError, SolverStopped
from femtdgl.thermal.link import require_positive
from femtdgl.thermal.network.balance import Balance
from femtdgl.thermal.network.solve import coldest_stable, roots

PATIENCE, LEAST_SHARE = 300, 1e-11
"""Looks at the equations, within which the time must move by this share of itself."""


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Extra heat into a node from `start` to `end`."""

    node: str
    """Name of the node."""
    start: float
    """s."""
    end: float
    """s."""
    power: float
    """W."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not (math.isfinite(self.power) and 0 <= self.start < self.end < math.inf):
            raise InputError("a pulse must end after it starts", key="end", allowed="0 <= start < end")


@dataclass(frozen=True, kw_only=True)
class Event:
    """A crossing of a temperature, located in time; `stop` ends the run there."""

    node: str
    """Name of the node."""
    temperature: float
    """K."""
    stop: bool = False
    """Whether the run ends there."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        require_positive(self, "temperature")


@dataclass(frozen=True, kw_only=True)
class Transient:
    """Temperatures and crossed energies at the times t."""

    t: np.ndarray
    """s, (times,)."""
    temperatures: dict[str, np.ndarray]
    """K, (times,) by node."""
    energies: dict[str, np.ndarray]
    """J that left a through the link since t = 0, (times,) by link."""
    crossings: list[tuple[float, str]]
    """(s, node)."""
    stored: float
    """J, gain of the free nodes."""
    received: float  # J, heat, pulses, work and what the baths gave
    throughput: float  # J, sum of the moduli
    steps: int

    @property
    def energy_mismatch(self) -> float:
        """|stored - received| over the throughput."""
        return abs(self.stored - self.received) / max(self.throughput, 1e-300)


def transient(
    balance: Balance,
    t_end: float,
    *,
    pulses: Sequence[Pulse] = (),
    events: Sequence[Event] = (),
    points: int = 400,
    rtol: float = 1e-8,
) -> Transient:
    """Integrate from the nodes' initial temperatures (the coldest steady state where they give none)."""
    require_transient(balance, t_end, pulses, events)
    free = balance.free
    T0 = initial_temperatures(balance)
    y = np.concatenate([np.log(T0), np.zeros(len(balance.links) + 1)])
    nodes = [balance.nodes[name] for name in free]
    unit = sum(node.energy(T) for node, T in zip(nodes, T0, strict=True))
    edges = sorted({0.0, t_end, *(t for p in pulses for t in (p.start, p.end) if 0 < t < t_end)})
    times, states, crossings, steps, pulsed = [np.zeros(1)], [y[None]], [], 0, 0.0
    for start, end in itertools.pairwise(edges):
        extra = np.array([sum(p.power for p in pulses if p.node == n and p.start <= start < p.end) for n in free])
        count = max(8, round(points * (end - start) / t_end))
        part = segment(balance, start, end, y, extra, events, unit, count, rtol)
        times.append(part["t"][1:])
        states.append(part["y"][1:])
        crossings += part["crossings"]
        steps += part["steps"]
        y = part["y"][-1]
        pulsed += float(np.sum(np.abs(extra))) * (part["t"][-1] - start)
        if part["stopped"]:
            break
    t, path = np.concatenate(times), np.concatenate(states)
    T = np.exp(path[:, : len(free)])
    energies = {name: unit * path[:, len(free) + k] for k, name in enumerate(balance.links)}
    stored = sum(node.energy(T[-1, i]) - node.energy(T0[i]) for i, node in enumerate(nodes))
    heat = sum(node.heat for node in nodes) * t[-1]
    heat += sum(p.power * max(0.0, min(p.end, t[-1]) - p.start) for p in pulses)
    from_baths = 0.0
    for name, (a, b, _) in balance.links.items():
        crossed = float(energies[name][-1])
        from_baths += crossed * ((a not in free) - (b not in free))
    work = unit * float(path[-1, -1])
    throughput = abs(heat) + pulsed + sum(abs(float(e[-1])) for e in energies.values()) + abs(stored) + unit
    return Transient(
        t=t,
        temperatures={name: T[:, i] for i, name in enumerate(free)},
        energies=energies,
        crossings=crossings,
        stored=float(stored),
        received=float(heat + from_baths + work),
        throughput=float(throughput),
        steps=steps,
    )


def require_transient(balance: Balance, t_end: float, pulses: Sequence[Pulse], events: Sequence[Event]) -> None:
    """Die, naming the key, unless the network can be followed in time."""
    free = balance.free
    for name in free:
        if balance.nodes[name].capacity is None:
            raise InputError("a transient needs it", key=f"nodes.{name}.capacity", allowed="a heat capacity in J/K")
    for item, kind in [(p, "pulses") for p in pulses] + [(e, "events") for e in events]:
        if item.node not in free:
            raise InputError(f"{item.node!r} is no free node", key=kind, allowed=", ".join(free))
    if not (math.isfinite(t_end) and t_end > 0):
        raise InputError(f"{t_end!r} is not possible", key="t_end", allowed="a time above 0 s")


class Progress:
    """Gives up, in words, where the integrator no longer moves the time: CVODE itself goes on for ever.

    A node out of which more heat is taken than can flow into it comes to zero temperature in a finite time.
    """

    def __init__(self, start: float) -> None:
        self.start = start
        self._calls, self._latest = 0, -math.inf
        self._at: tuple[float, Mapping[str, float]] = (0.0, {})

    def __call__(self, t: float, temperatures: Mapping[str, float]) -> None:
        """At each look at the equations.  Raises SolverStopped."""
        if not all(0 < T < math.inf for T in temperatures.values()):
            raise self.stopped("a temperature left the finite")
        self._at = t, temperatures
        self._calls += 1
        if self._calls < PATIENCE:
            return
        if t - self._latest < LEAST_SHARE * t:
            raise self.stopped(f"no progress in {PATIENCE} looks at the equations")
        self._calls, self._latest = 0, t

    def stopped(self, reason: str) -> SolverStopped:
        """The end, in words."""
        t, temperatures = self._at
        cold = min(temperatures, key=lambda name: temperatures[name], default="")
        node = f", with node {cold!r} at {temperatures[cold]:.3g} K" if cold else ""
        cause = "more heat may be taken out than can flow in, or a capacity be far too small"
        return SolverStopped(f"{reason}{node}: {cause}", time=self.start + t)


def initial_temperatures(balance: Balance) -> np.ndarray:
    """Of the free nodes, K."""
    given = [balance.nodes[name].initial for name in balance.free]
    if all(T is not None for T in given):
        return np.array(given, dtype=float)
    cold = coldest_stable(roots(balance))
    return np.array([T if T is not None else cold.temperatures[n] for T, n in zip(given, balance.free, strict=True)])


def segment(
    balance: Balance,
    start: float,
    end: float,
    y0: np.ndarray,
    extra: np.ndarray,
    events: Sequence[Event],
    unit: float,
    count: int,
    rtol: float,
) -> dict[str, Any]:
    """One stretch of constant heat; energies in units of `unit`, time from `start`."""
    from sksundae.cvode import CVODE

    free = balance.free
    place = {name: i for i, name in enumerate(free)}
    nodes = [balance.nodes[name] for name in free]
    n = len(free)
    progress = Progress(start)

    def rhs(t: float, y: np.ndarray, yp: np.ndarray) -> None:
        values = np.exp(y[:n])
        T = balance.temperatures(values)
        progress(t, T)
        net = extra + np.array([node.heat for node in nodes])
        work_to_free = 0.0
        for k, (a, b, link) in enumerate(balance.links.values()):
            power, work = link.power(T[a], T[b]), link.work(T[a], T[b])
            if a in place:
                net[place[a]] -= power
            if b in place:
                net[place[b]] += power + work
                work_to_free += work
            yp[n + k] = power / unit
        for i, node in enumerate(nodes):
            yp[i] = net[i] / (node.heat_capacity(values[i]) * values[i])
        yp[-1] = work_to_free / unit

    crossings_of = [(math.log(e.temperature), place[e.node]) for e in events]

    def crossing(t: float, y: np.ndarray, g: np.ndarray) -> None:
        for k, (level, i) in enumerate(crossings_of):
            g[k] = y[i] - level

    options: dict[str, Any] = {}
    if events:
        crossing.terminal = [e.stop for e in events]  # type: ignore[attr-defined]
        crossing.direction = [0] * len(events)  # type: ignore[attr-defined]
        options = {"eventsfn": crossing, "num_events": len(events)}
    try:
        with np.errstate(all="ignore"):  # what leaves the finite is looked for
            solver = CVODE(rhs, rtol=rtol, atol=1e-2 * rtol, method="BDF", max_num_steps=100000, **options)
            result = solver.solve(np.linspace(0.0, end - start, count + 1), y0)
    except (InputError, KeyError, RuntimeError, ValueError, ArithmeticError) as error:
        if isinstance(error, SolverStopped):
            raise
        raise progress.stopped(f"the integrator gave up, {error}") from error
    if not result.success:
        raise SolverStopped(str(result.message).rstrip("."), time=float(start + result.t[-1]))
    if not np.isfinite(result.y).all():
        raise progress.stopped("a temperature left the finite")
    crossings: list[tuple[float, str]] = []
    if events and result.t_events is not None:
        for t, which in zip(np.atleast_1d(result.t_events), np.atleast_2d(result.i_events), strict=True):
            crossings += [(float(start + t), e.node) for e, hit in zip(events, which, strict=True) if hit]
    return {
        "t": start + result.t,
        "y": result.y,
        "crossings": crossings,
        "steps": len(result.t) if result.nfev is None else int(result.nfev),
        "stopped": bool(result.t[-1] < end - start - 1e-12 * (end - start)),
    }
