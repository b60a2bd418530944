"""Steady states: Newton in ln T from a start, and all of them in a bracket.

In ln T the Jacobian's columns are heat conductances times T: alike in size from 10 mK to 10 K.

All roots.  One free node: its net power on a grid of ln T, every sign change and every extremum that reaches through
zero between the grid's points.  More free nodes: one of them, the pivot, is held at each temperature of the grid; the
rest is the same problem with one free node less; along each branch of the rest the pivot's own net power changes sign
at the roots.  Branches of the rest are followed from one pivot temperature to the next, and searched afresh every
`FRESH` steps, so one that lives on less than that is missed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy

from femtdgl.errors import InputError, SolverStopped
from femtdgl.thermal.network.balance import Balance, State

GRID = 0.05
"""Spacing in ln T of the temperatures at which the net power is taken: multiples of it, whatever the bracket, so that
what links keep for a temperature serves again."""
FRESH = 8
TOLERANCE = 1e-11
"""Net power over traffic at which Newton stops; it also stops where rounding keeps it from falling."""


def roots(balance: Balance, bounds: tuple[float, float] | None = None) -> tuple[State, ...]:
    """All steady states whose free temperatures lie in bounds (K), coldest first.

    Raises InputError when there is none, unless bounds were given.
    """
    found = all_roots(balance, bounds or balance.default_bounds())
    if not found and bounds is None:
        top = min((balance.limit(name) for name in balance.free), default=math.inf)
        raise InputError(
            f"no steady state below {top:.6g} K" if math.isfinite(top) else "no steady state found",
            key="nodes",
            allowed="less heat, or stronger links to the bath",
        )
    return tuple(balance.state(x) for x in found)


def coldest_stable(states: Sequence[State]) -> State:
    """The coldest stable one of all steady states; the coldest where none is stable."""
    return next((state for state in states if state.stable), states[0])


def newton(balance: Balance, x: np.ndarray, J: np.ndarray | None = None, steps: int = 60) -> np.ndarray:
    """ln T of a steady state near x.  Raises SolverStopped when there is none to be found.

    Jacobian J as given (a neighbour's), or from the links' slopes at the start, then Broyden's rank-one updates
    (superlinear, one evaluation a step), refreshed when a step does not halve the residual.
    """
    if not len(x):
        return x
    top = np.log([balance.limit(name) for name in balance.free])
    x = np.minimum(np.array(x, dtype=float), top)
    F, traffic = balance.residual(x)
    fresh = J is None
    if J is None:
        J = balance.jacobian(x)
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
            F_new, traffic_new = balance.residual(x_new)
            error_new = float(np.max(np.abs(F_new) / scale))
            if error_new < error:
                break
            if fresh and error < 1e-10:
                return x
            if not fresh:
                break
        moved = x_new - x
        if error_new >= error and not fresh:
            J, fresh = balance.jacobian(x), True
            continue
        if error_new >= error and error < 1e-9:
            return x
        if not np.any(moved):
            break
        J = J + np.outer(F_new - F - J @ moved, moved) / (moved @ moved)
        fresh = False
        if error_new > 0.5 * error:
            J, fresh = balance.jacobian(x_new), True
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


def all_roots(balance: Balance, bounds: tuple[float, float]) -> list[np.ndarray]:
    """ln T of every steady state with all free temperatures inside bounds (K), coldest first."""
    if not balance.free:
        return [np.zeros(0)]
    if len(balance.free) == 1:
        return single_roots(balance, bounds)
    return pivot_roots(balance, bounds)


def grid_of(balance: Balance, name: str, bounds: tuple[float, float]) -> np.ndarray:
    """ln T of the bracket, with the corners of the node's links."""
    low, high = math.log(bounds[0]), math.log(min(bounds[1], balance.limit(name)))
    inside = [math.log(T) for node, T in balance.corners() if node == name and low < math.log(T) < high]
    lattice = GRID * np.arange(math.floor(low / GRID) + 1, math.ceil(high / GRID))
    return np.unique([low, *lattice, high, *inside])


def single_roots(balance: Balance, bounds: tuple[float, float]) -> list[np.ndarray]:
    """One free node: sign changes of its net power, close pairs included."""

    def net(x: float) -> float:
        return float(balance.residual(np.array([x]))[0][0])

    grid = grid_of(balance, balance.free[0], bounds)
    values = [net(x) for x in grid]
    points = list(zip(grid, values, strict=True))
    for i in range(1, len(grid) - 1):
        before, here, after = values[i - 1 : i + 2]
        # an extremum that leans towards zero may reach through it between the points
        if here and (here > 0) == (before > 0) == (after > 0) and abs(here) <= min(abs(before), abs(after)):
            sign = math.copysign(1.0, here)
            best = scipy.optimize.minimize_scalar(
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
            roots.append(scipy.optimize.brentq(net, x1, x2, xtol=1e-15, rtol=4e-15))
    return [np.array([x]) for x in sorted(roots)]


def pivot_of(balance: Balance) -> int:
    """The free node with the most links: its temperature decides most."""
    counts = [sum(name in (a, b) for a, b, _ in balance.links.values()) for name in balance.free]
    return int(np.argmax(counts))


def hold(balance: Balance, name: str, T: float) -> Balance:
    """The balance with a free node held at T (K)."""
    held = replace(balance.nodes[name], temperature=T, heat=0.0, capacity=None, initial=None)
    return replace(balance, nodes={**balance.nodes, name: held})


def pivot_roots(balance: Balance, bounds: tuple[float, float]) -> list[np.ndarray]:
    """More free nodes: hold one, solve the rest along it, find where its own net power changes sign."""
    pivot = pivot_of(balance)
    name = balance.free[pivot]
    roots: list[np.ndarray] = []
    branches: list[tuple[float, np.ndarray]] = []  # (net power of the pivot, x) at the previous temperature
    for k, x_pivot in enumerate(grid_of(balance, name, bounds)):
        rest = hold(balance, name, math.exp(x_pivot))
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
            now.append((float(balance.residual(x)[0][pivot]), x))
        for value, x in now:
            if value == 0:
                add_distinct(roots, x)
            near = min(branches, key=lambda old: float(np.max(np.abs(old[1] - x))), default=None)
            if near is not None and near[0] * value < 0:
                share = near[0] / (near[0] - value)
                try:
                    add_distinct(roots, polish(balance, pivot, near[1], x, share))
                except SolverStopped:
                    continue
        branches = now
    return sorted(roots, key=lambda x: float(x[pivot]))


def polish(balance: Balance, pivot: int, x1: np.ndarray, x2: np.ndarray, share: float) -> np.ndarray:
    """The root between two points of a branch: Newton, and bisection of the pivot where Newton leaves the interval."""
    low, high = min(x1[pivot], x2[pivot]), max(x1[pivot], x2[pivot])
    try:
        x = newton(balance, x1 + share * (x2 - x1))
        if low - 1e-9 <= x[pivot] <= high + 1e-9:
            return x
    except SolverStopped:
        pass
    name = balance.free[pivot]

    def held_at(x_pivot: float) -> np.ndarray:
        rest = hold(balance, name, math.exp(x_pivot))
        t = (x_pivot - x1[pivot]) / (x2[pivot] - x1[pivot])
        return np.insert(newton(rest, np.delete(x1 + t * (x2 - x1), pivot)), pivot, x_pivot)

    x_pivot = scipy.optimize.brentq(
        lambda v: float(balance.residual(held_at(v))[0][pivot]), low, high, xtol=1e-15, rtol=4e-15
    )
    return held_at(x_pivot)


def add_distinct(roots: list[np.ndarray], x: np.ndarray) -> None:
    """Append unless it is there already, to 1e-7 in ln T."""
    if not any(float(np.max(np.abs(x - y))) < 1e-7 for y in roots):
        roots.append(x)
