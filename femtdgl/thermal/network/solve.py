"""Steady states: Newton in ln T from a start, and all of them in a bracket.

In ln T the Jacobian's columns are heat conductances times T: alike in size from 10 mK to 10 K.

All roots.  One free node: its net power on a grid of ln T, every sign change and every extremum that
reaches through zero
between the grid's points.  More free nodes: one of them, the pivot, is held at each temperature of the
grid; the rest is
the same problem with one free node less; along each branch of the rest the pivot's own net power changes
sign at the roots.  Branches of the rest are followed from one pivot temperature to the next, and searched
afresh every
`FRESH` steps, so one that lives on less than that is missed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from femtdgl.errors import SolverStopped

if TYPE_CHECKING:
    from femtdgl.thermal.network.network import Network

GRID = 0.05
"""Spacing in ln T of the temperatures at which the net power is taken: multiples of it, whatever the
bracket, so
that what links keep for a temperature serves again."""
FRESH = 8
TOLERANCE = 1e-11
"""Net power over traffic at which Newton stops; it also stops where rounding keeps it from falling."""


def newton(network: Network, x: np.ndarray, J: np.ndarray | None = None, steps: int = 60) -> np.ndarray:
    """ln T of a steady state near x.  Raises SolverStopped when there is none to be found.

    Jacobian J as given (a neighbour's), or from the links' slopes at the start, then Broyden's rank-one
    updates (superlinear, one
    evaluation a
    step), refreshed when a step does not halve the residual.
    """
    if not len(x):
        return x
    top = np.log([network.limit(name) for name in network.free])
    x = np.minimum(np.array(x, dtype=float), top)
    F, traffic = network.residual(x)
    fresh = J is None
    if J is None:
        J = network.jacobian(x)
    for _ in range(steps):
        scale = np.maximum(traffic, 1e-300)
        error = float(np.max(np.abs(F) / scale))
        if error < TOLERANCE:
            return x
        step = solve_scaled(J, -F, scale)
        length = float(np.max(np.abs(step)))
        if length < 4e-16:
            return x
        step *= min(1.0, 0.7 / length)
        for damping in (1.0, 0.5, 0.25, 0.1, 0.02):
            x_new = np.minimum(x + damping * step, top)
            F_new, traffic_new = network.residual(x_new)
            error_new = float(np.max(np.abs(F_new) / scale))
            if error_new < error:
                break
            if fresh and error < 1e-10:
                return x
            if not fresh:
                break
        moved = x_new - x
        if error_new >= error and not fresh:
            J, fresh = network.jacobian(x), True
            continue
        if error_new >= error and error < 1e-9:
            return x
        if not np.any(moved):
            break
        J = J + np.outer(F_new - F - J @ moved, moved) / (moved @ moved)
        fresh = False
        if error_new > 0.5 * error:
            J, fresh = network.jacobian(x_new), True
        x, F, traffic = x_new, F_new, traffic_new
    if error < 1e-9:
        return x
    raise SolverStopped(f"no steady state found by Newton (net power {error:.1e} of the traffic)", time=math.inf)


def solve_scaled(J: np.ndarray, F: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """J^-1 F with rows scaled; least squares where J is singular (at a fold)."""
    A, b = J / scale[:, None], F / scale
    try:
        return np.linalg.solve(A, b)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(A, b, rcond=None)[0]


def all_roots(network: Network, bounds: tuple[float, float]) -> list[np.ndarray]:
    """ln T of every steady state with all free temperatures inside bounds (K), coldest first."""
    if not network.free:
        return [np.zeros(0)]
    if len(network.free) == 1:
        return single_roots(network, bounds)
    return pivot_roots(network, bounds)


def grid_of(network: Network, name: str, bounds: tuple[float, float]) -> np.ndarray:
    """ln T of the bracket, with the corners of the node's links."""
    low, high = math.log(bounds[0]), math.log(min(bounds[1], network.limit(name)))
    corners = [c for a, _, link in network.links.values() if a == name for c in link.corners[0]]
    corners += [c for _, b, link in network.links.values() if b == name for c in link.corners[1]]
    inside = [math.log(c) for c in corners if low < math.log(c) < high]
    lattice = GRID * np.arange(math.floor(low / GRID) + 1, math.ceil(high / GRID))
    return np.unique([low, *lattice, high, *inside])


def single_roots(network: Network, bounds: tuple[float, float]) -> list[np.ndarray]:
    """One free node: sign changes of its net power, close pairs included."""

    def net(x: float) -> float:
        return float(network.residual(np.array([x]))[0][0])

    grid = grid_of(network, network.free[0], bounds)
    values = [net(x) for x in grid]
    points = list(zip(grid, values, strict=True))
    for i in range(1, len(grid) - 1):
        before, here, after = values[i - 1 : i + 2]
        # an extremum that leans towards zero may reach through it between the points
        if here and (here > 0) == (before > 0) == (after > 0) and abs(here) <= min(abs(before), abs(after)):
            sign = math.copysign(1.0, here)
            best = minimize_scalar(
                lambda x, sign=sign: sign * net(x),
                bounds=(grid[i - 1], grid[i + 1]),
                method="bounded",
                options={"xatol": 1e-9},
            )
            if best.fun < 0:
                points.append((best.x, sign * best.fun))
    points.sort()
    roots = [x for x, value in points if value == 0]
    for (x1, f1), (x2, f2) in itertools.pairwise(points):
        if f1 * f2 < 0:
            roots.append(brentq(net, x1, x2, xtol=1e-15, rtol=4e-15))
    return [np.array([x]) for x in sorted(roots)]


def pivot_of(network: Network) -> int:
    """The free node with the most links: its temperature decides most."""
    counts = [sum(name in (a, b) for a, b, _ in network.links.values()) for name in network.free]
    return int(np.argmax(counts))


def pivot_roots(network: Network, bounds: tuple[float, float]) -> list[np.ndarray]:
    """More free nodes: hold one, solve the rest along it, find where its own net power changes sign."""
    from femtdgl.thermal.network.network import Network as NetworkClass

    pivot = pivot_of(network)
    name = network.free[pivot]
    roots: list[np.ndarray] = []
    branches: list[tuple[float, np.ndarray]] = []  # (net power of the pivot, x) at the previous temperature
    for k, x_pivot in enumerate(grid_of(network, name, bounds)):
        held = replace(network.nodes[name], temperature=math.exp(x_pivot), heat=0.0, capacity=None, initial=None)
        rest = NetworkClass({**network.nodes, name: held}, network.links)
        inner: list[np.ndarray] = []
        if k % FRESH == 0 or not branches:
            inner = all_roots(rest, bounds)
        for _, x in branches:
            try:
                add_distinct(inner, newton(rest, np.delete(x, pivot)))
            except SolverStopped:
                continue
        now = []
        for y in inner:
            x = np.insert(y, pivot, x_pivot)
            now.append((float(network.residual(x)[0][pivot]), x))
        for value, x in now:
            if value == 0:
                add_distinct(roots, x)
            near = min(branches, key=lambda old: float(np.max(np.abs(old[1] - x))), default=None)
            if near is not None and near[0] * value < 0:
                share = near[0] / (near[0] - value)
                try:
                    add_distinct(roots, polish(network, pivot, near[1], x, share))
                except SolverStopped:
                    continue
        branches = now
    return sorted(roots, key=lambda x: float(x[pivot]))


def polish(network: Network, pivot: int, x1: np.ndarray, x2: np.ndarray, share: float) -> np.ndarray:
    """The root between two points of a branch: Newton, and bisection of the pivot where Newton leaves the
    interval.
    """
    from femtdgl.thermal.network.network import Network as NetworkClass

    low, high = min(x1[pivot], x2[pivot]), max(x1[pivot], x2[pivot])
    try:
        x = newton(network, x1 + share * (x2 - x1))
        if low - 1e-9 <= x[pivot] <= high + 1e-9:
            return x
    except SolverStopped:
        pass
    name = network.free[pivot]

    def held_at(x_pivot: float) -> np.ndarray:
        held = replace(network.nodes[name], temperature=math.exp(x_pivot), heat=0.0, capacity=None, initial=None)
        rest = NetworkClass({**network.nodes, name: held}, network.links)
        t = (x_pivot - x1[pivot]) / (x2[pivot] - x1[pivot])
        return np.insert(newton(rest, np.delete(x1 + t * (x2 - x1), pivot)), pivot, x_pivot)

    x_pivot = brentq(lambda v: float(network.residual(held_at(v))[0][pivot]), low, high, xtol=1e-15, rtol=4e-15)
    return held_at(x_pivot)


def add_distinct(roots: list[np.ndarray], x: np.ndarray) -> None:
    """Append unless it is there already, to 1e-7 in ln T."""
    if not any(float(np.max(np.abs(x - y))) < 1e-7 for y in roots):
        roots.append(x)
