"""Negative differential thermal conductance: where along a scan the response has the wrong sign.

A window is an interval of a heat or temperature parameter on a sweep where the response decreases: a free node's
temperature, or, when both ends of a link are held, the power of the link from the end that is heated.  Its ends are
extrema of the response, refined between the values of the scan; one may be a corner (Tc).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from femtdgl.thermal.network.balance import Balance
from femtdgl.thermal.network.extremes import minimum
from femtdgl.thermal.network.solve import newton
from femtdgl.thermal.network.sweep import At, Sweep

NOISE = 1e-10
"""Relative fall of a response below which it is rounding."""


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


def ndtc_windows(
    balance: Balance, at: At, parameter: str, values: np.ndarray, sweep: Sweep, path: list[np.ndarray], name: str
) -> list[Window]:
    """All windows of one sweep along a heat or a temperature, named "up" or "down", with its ln T as path."""
    node = parameter.split(".")[1]
    responses: list[tuple[str, float, np.ndarray]] = [
        (f"T({free})", 1.0, sweep.temperatures[free]) for free in balance.free
    ]
    for link, (a, b, _) in balance.links.items():
        if node in (a, b) and balance.nodes[a].temperature and balance.nodes[b].temperature:
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
    x, best = minimum(lambda v: sign * response(v, k) / abs(y[k]), float(values[k - 1]), float(values[k + 1]))
    return x, sign * best * abs(y[k])
