"""Steady states along a parameter: up, down, through corners and folds; where the response has the wrong
sign.

A sweep follows the stable state as an experiment would: from the last value to the next, in smaller steps
where the
state moves fast; where the branch ends (a fold) the network relaxes to wherever it falls.  The sweep down
is taken
when the sweep up fell, or when the two ends have more than one state; otherwise it is the same curve.
When the sweeps differ, `branch` is the whole curve through its folds, unstable parts included
(pseudo-arclength).

NDTC.  A window is an interval of a heat or temperature parameter on a sweep where the response decreases: a
free node's
temperature, or, when both ends of a link are held, the power of the link from the end that is heated.  Its
ends are
extrema of the response, refined between the values of the scan; one may be a corner (Tc).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize_scalar

from femtdgl.errors import InputError, SolverStopped
from femtdgl.thermal.network.network import Network, State
from femtdgl.thermal.network.solve import newton

JUMP = 0.2
"""|d ln T| between neighbours above which the step is halved, to see whether the branch is continuous."""
SMALLEST = 1 / 200
"""Part of the interval between two values below which the branch is taken to have ended."""
NOISE = 1e-10
"""Relative fall of a response below which it is rounding."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One pass over the values, in their order: a (values,) array for each node, link."""

    temperatures: dict[str, np.ndarray]  # K
    powers: dict[str, np.ndarray]  # W
    stable: np.ndarray
    falls: list[float] = field(default_factory=list)  # values at which the branch ended and the state fell


@dataclass(frozen=True, kw_only=True)
class Window:
    """Where a response decreases: NDTC."""

    quantity: str  # "T(<node>)" or "P(<link>)"
    sweep: str
    start: float
    end: float
    high: float  # response at the end from which it falls
    low: float
    open: bool  # one end is the scan's own

    @property
    def fall(self) -> float:
        """Relative fall of the response."""
        return (self.high - self.low) / abs(self.high)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Steady states along a parameter."""

    parameter: str
    values: np.ndarray
    up: Sweep
    down: Sweep
    first: tuple[State, ...]  # all states at the first value
    last: tuple[State, ...]
    windows: list[Window]
    branch: dict[str, np.ndarray]  # "value", T of the free nodes, "stable"; empty when up and down agree

    @property
    def hysteresis(self) -> tuple[float, float] | None:
        """Values between which up and down differ by more than 1e-6."""
        differ = np.zeros(len(self.values), dtype=bool)
        for name, T in self.up.temperatures.items():
            differ |= np.abs(np.log(T / self.down.temperatures[name])) > 1e-6
        if not differ.any():
            return None
        where = self.values[differ]
        return float(where[0]), float(where[-1])


def scan(network: Network, parameter: str, values: np.ndarray, *, windows: bool = True) -> Scan:
    """Steady states at the values (ascending or descending), followed both ways."""
    if len(values) < 2 or not (np.all(np.diff(values) > 0) or np.all(np.diff(values) < 0)):
        raise InputError(
            "the values of a scan must rise, or fall, throughout", key="scan.values", allowed="two or more"
        )

    def at(value: float) -> Network:
        return network.with_value(parameter, float(value))

    first, last = at(values[0]).roots(), at(values[-1]).roots()
    start = next((state for state in first if state.stable), first[0])
    x_up, falls_up = follow(at, values, log_free(network, start))
    up = sweep_of(at, values, x_up, falls_up)
    if falls_up or len(first) > 1 or len(last) > 1:
        others = [s for s in last if s.stable and np.max(np.abs(log_free(network, s) - x_up[-1])) > 1e-6]
        top = log_free(network, others[-1]) if others and not falls_up else x_up[-1]
        x_down, falls_down = follow(at, values[::-1], top)
        x_down = x_down[::-1]
        down = sweep_of(at, values, x_down, falls_down)
    else:
        x_down, down = x_up, up
    result = Scan(parameter=parameter, values=values, up=up, down=down, first=first, last=last, windows=[], branch={})
    if windows and parameter.endswith((".heat", ".temperature")):
        result.windows.extend(ndtc_windows(network, at, result, x_up, "up"))
        if down is not up:
            result.windows.extend(ndtc_windows(network, at, result, x_down, "down"))
    if result.hysteresis:
        result.branch.update(trace(at, values, x_up[0]))
    return result


def log_free(network: Network, state: State) -> np.ndarray:
    """ln T of the free nodes."""
    return np.log([state.temperatures[name] for name in network.free])


def follow(at: Callable[[float], Network], values: np.ndarray, x: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """ln T along the values from x at the first, and the values where the state fell off the end of its
    branch.
    """
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
    at: Callable[[float], Network],
    value0: float,
    x0: np.ndarray,
    value1: float,
    guess: np.ndarray,
    J: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, bool]:
    """The state at value1 that continues x0 at value0, its Jacobian, and whether it had to fall."""
    done, step, x = 0.0, 1.0, x0
    while done < 1:
        share = min(done + step, 1.0)
        network = at(value0 + share * (value1 - value0))
        try:
            x1 = newton(network, guess, J)
            J1 = network.jacobian(x1)
            if np.max(np.abs(x1 - x), initial=0.0) < JUMP and network.is_stable(x1, J1):
                x, J, done, guess = x1, J1, share, x1
                continue
        except SolverStopped:
            pass
        step, guess = step / 2, x
        if step < SMALLEST:
            network = at(value1)
            x = relax(network, x)
            return x, network.jacobian(x), True
    return x, J, False


def relax(network: Network, x: np.ndarray) -> np.ndarray:
    """Where a state that is no steady state any more falls: implicit Euler in ln T with equal inertia, then
    Newton.

    The step stays below half the growth time of the fastest growing direction: implicit Euler would
    otherwise step back to the state that is being left.
    """
    _, traffic = network.residual(x)
    inertia = float(np.max(traffic))
    top = np.log([network.limit(name) for name in network.free])
    dt = 0.05
    for _ in range(2000):
        F, traffic = network.residual(x)
        J = network.jacobian(x) / inertia
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
    return newton(network, x)


def sweep_of(at: Callable[[float], Network], values: np.ndarray, path: list[np.ndarray], falls: list[float]) -> Sweep:
    """Temperatures and powers along a path."""
    states = [at(value).state(x) for value, x in zip(values, path, strict=True)]
    return Sweep(
        temperatures={n: np.array([s.temperatures[n] for s in states]) for n in states[0].temperatures},
        powers={n: np.array([s.powers[n] for s in states]) for n in states[0].powers},
        stable=np.array([bool(s.stable) for s in states]),
        falls=falls,
    )


def ndtc_windows(
    network: Network, at: Callable[[float], Network], scan: Scan, path: list[np.ndarray], name: str
) -> list[Window]:
    """All windows of one sweep."""
    values, sweep = scan.values, getattr(scan, name)
    node = scan.parameter.split(".")[1]
    responses: list[tuple[str, float, np.ndarray]] = [
        (f"T({free})", 1.0, sweep.temperatures[free]) for free in network.free
    ]
    for link, (a, b, _) in network.links.items():
        if node in (a, b) and network.nodes[a].temperature and network.nodes[b].temperature:
            responses.append((f"P({link})", 1.0 if node == a else -1.0, sweep.powers[link]))
    rising = 1 if values[-1] > values[0] else -1
    found = []
    for quantity, sign, y in responses:
        slope = np.diff(sign * y) * rising
        falling = slope < -NOISE * np.max(np.abs(y))
        falling &= ~np.isin(values[1:] if name == "up" else values[:-1], sweep.falls)
        for i, j in runs(falling):

            def response(value: float, k: int, quantity: str = quantity, sign: float = sign) -> float:
                there = at(value)
                T = there.temperatures(np.exp(newton(there, path[k], at(values[k]).jacobian(path[k]))))
                inner = quantity[2:-1]
                return sign * (T[inner] if quantity[0] == "T" else there.powers(T)[inner])

            start, high = refine(response, values, i, -1.0 * rising, sign * y)
            end, low = refine(response, values, j, 1.0 * rising, sign * y)
            if rising < 0:
                start, high, end, low = end, low, start, high
            found.append(
                Window(
                    quantity=quantity,
                    sweep=name,
                    start=start,
                    end=end,
                    high=max(abs(high), abs(low)),
                    low=min(abs(high), abs(low)),
                    open=i == 0 or j == len(values) - 1,
                )
            )
    return found


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """(first value, last value) of each run of falling intervals."""
    edges = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    return list(zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True))


def refine(
    response: Callable[[float, int], float], values: np.ndarray, k: int, sign: float, y: np.ndarray
) -> tuple[float, float]:
    """The extremum near values[k] (sign -1: largest, +1: smallest), between its neighbours."""
    if k in (0, len(values) - 1):
        return float(values[k]), float(y[k])
    low, high = sorted((float(values[k - 1]), float(values[k + 1])))
    best = minimize_scalar(
        lambda v: sign * response(v, k) / abs(y[k]),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-5 * (high - low)},
    )
    return float(best.x), float(sign * best.fun * abs(y[k]))


def trace(at: Callable[[float], Network], values: np.ndarray, x: np.ndarray, steps: int = 800) -> dict[str, np.ndarray]:
    """The curve of steady states through x at values[0], by pseudo-arclength, until it leaves the values'
    range.
    """
    a, span = float(values[0]), float(values[-1] - values[0])
    names = at(a).free

    def residual(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        F, traffic = at(a + span * z[-1]).residual(z[:-1])
        return F / traffic, traffic

    def jacobian(z: np.ndarray, traffic: np.ndarray) -> np.ndarray:
        h = 1e-6
        up, _ = at(a + span * (z[-1] + h)).residual(z[:-1])
        down, _ = at(a + span * (z[-1] - h)).residual(z[:-1])
        return np.column_stack(
            [at(a + span * z[-1]).jacobian(z[:-1]) / traffic[:, None], (up - down) / (2 * h) / traffic]
        )

    z = np.append(x, 1e-5)
    z[:-1] = newton(at(a + span * z[-1]), x)
    tangent = np.append(np.zeros(len(x)), 1.0)
    points, length = [z], 0.01
    for _ in range(steps):
        F, traffic = residual(z)
        bordered = np.vstack([jacobian(z, traffic), tangent])
        new = np.linalg.solve(bordered, np.append(np.zeros(len(x)), 1.0))
        tangent = new / np.linalg.norm(new)
        while length > 1e-6:
            trial, fine = z + length * tangent, False
            for _ in range(8):
                F, traffic = residual(trial)
                full = np.append(F, (trial - z) @ tangent - length)
                if np.max(np.abs(full)) < 1e-10:
                    fine = True
                    break
                correction = np.linalg.solve(np.vstack([jacobian(trial, traffic), tangent]), -full)
                if not np.all(np.isfinite(correction)) or np.max(np.abs(correction)) > 0.5:
                    break
                trial = trial + correction
            if fine:
                break
            length /= 2
        if not fine:
            break
        z = trial
        points.append(z)
        length = min(length * 1.4, 0.03)
        if not 1e-6 < z[-1] < 1 - 1e-6:
            break
    path = np.array(points)
    value = a + span * path[:, -1]
    stable = [at(v).is_stable(p[:-1]) for v, p in zip(value, path, strict=True)]
    curve = {name: np.exp(path[:, i]) for i, name in enumerate(names)}
    return {"value": value, **curve, "stable": np.array(stable)}


def window_dict(window: Window) -> dict[str, float | str | bool]:
    """For a summary."""
    return {
        "quantity": window.quantity,
        "sweep": window.sweep,
        "from": window.start,
        "to": window.end,
        "high": window.high,
        "low": window.low,
        "fall": window.fall if math.isfinite(window.fall) else 0.0,
        "open": bool(window.open),
    }
