"""A sweep: the stable state followed along a parameter as an experiment would.

From the last value to the next, in smaller steps where the state moves fast; where the branch ends (a fold) the network
relaxes to wherever it falls.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from femtdgl.errors import SolverStopped
from femtdgl.thermal.network.balance import Balance, State
from femtdgl.thermal.network.solve import newton

At = Callable[[float], Balance]
"""The network at a value of the parameter."""

JUMP = 0.2
"""|d ln T| between neighbours above which the step is halved, to see whether the branch is continuous."""
SMALLEST = 1 / 200
"""Part of the interval between two values below which the branch is taken to have ended."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One pass over the values, in their order: a (values,) array for each node, link."""

    temperatures: dict[str, np.ndarray]  # K
    powers: dict[str, np.ndarray]  # W
    stable: np.ndarray
    falls: list[float] = field(default_factory=list)  # values at which the branch ended and the state fell


def log_free(balance: Balance, state: State) -> np.ndarray:
    """ln T of the free nodes."""
    return np.log([state.temperatures[name] for name in balance.free])


def follow(at: At, values: np.ndarray, x: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """ln T along the values from x at the first, and the values where the state fell off the end of its branch."""
    x = newton(at(values[0]), x)
    path, falls = [x], []
    J = at(values[0]).jacobian(x)
    for value0, value1 in itertools.pairwise(values):
        guess = x
        if len(path) > 2 and np.max(np.abs(np.diff(path[-3:], axis=0)), initial=0.0) < JUMP / 4:
            guess = 3 * (x - path[-2]) + path[-3]
        x, J, fell = advance(at, value0, x, value1, guess, J)
        if fell:
            falls.append(float(value1))
        path.append(x)
    return path, falls


def advance(
    at: At, value0: float, x0: np.ndarray, value1: float, guess: np.ndarray, J: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """The state at value1 that continues x0 at value0, its Jacobian, and whether it had to fall."""
    done, step, x = 0.0, 1.0, x0
    while done < 1:
        share = min(done + step, 1.0)
        balance = at(value0 + share * (value1 - value0))
        try:
            x1 = newton(balance, guess, J)
            J1 = balance.jacobian(x1)
            if np.max(np.abs(x1 - x), initial=0.0) < JUMP and balance.is_stable(x1, J1):
                x, J, done, guess = x1, J1, share, x1
                continue
        except SolverStopped:
            pass
        step, guess = step / 2, x
        if step < SMALLEST:
            balance = at(value1)
            x = relax(balance, x)
            return x, balance.jacobian(x), True
    return x, J, False


def relax(balance: Balance, x: np.ndarray) -> np.ndarray:
    """Where a state that is no steady state any more falls: implicit Euler in ln T with equal inertia, then Newton.

    The step stays below half the growth time of the fastest growing direction: implicit Euler would otherwise step back
    to the state that is being left.
    """
    _, traffic = balance.residual(x)
    inertia = float(np.max(traffic))
    top = np.log([balance.limit(name) for name in balance.free])
    dt = 0.05
    for _ in range(2000):
        F, traffic = balance.residual(x)
        J = balance.jacobian(x) / inertia
        growth = float(np.max(np.linalg.eigvals(J).real))
        if growth < 0 and np.max(np.abs(F) / traffic) < 1e-5:
            settled = np.max(np.abs(np.linalg.solve(J, F / inertia)))
            if settled < 1e-3:
                break
        dt = min(dt * 1.5, 0.5 / growth) if growth > 0 else dt * 1.5
        step = np.linalg.solve(np.eye(len(x)) / dt - J, F / inertia)
        longest = float(np.max(np.abs(step)))
        if longest > 0.1:
            dt /= 3
        x = np.minimum(x + step * min(1.0, 0.1 / longest), top)
    return newton(balance, x)


def sweep_of(at: At, values: np.ndarray, path: list[np.ndarray], falls: list[float]) -> Sweep:
    """Temperatures and powers along a path."""
    states = [at(value).state(x) for value, x in zip(values, path, strict=True)]
    return Sweep(
        temperatures={n: np.array([s.temperatures[n] for s in states]) for n in states[0].temperatures},
        powers={n: np.array([s.powers[n] for s in states]) for n in states[0].powers},
        stable=np.array([bool(s.stable) for s in states]),
        falls=falls,
    )
