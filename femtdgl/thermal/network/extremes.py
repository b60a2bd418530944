"""The extremes of a sweep, found between the values of the scan and not only at them.

Each value of the scan whose neighbours lie on the same smooth piece of the curve is a bracket; what is sought is found
in it by following the state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from femtdgl.thermal.network.response import ResponseCurve, response
from femtdgl.thermal.network.solve import newton
from femtdgl.thermal.network.sweep import At, Sweep

FINE = 1e-5
"""Of the distance of two neighbours: how exactly the place of an extreme is found."""


@dataclass(frozen=True, kw_only=True)
class Extremes:
    """Of the sweep up.  None: the quantity grows without bound, because the branch ends in a fold."""

    responsivity: dict[str, float | None] = field(default_factory=dict)  # smallest dT/dv by node
    gain: dict[str, float | None] = field(default_factory=dict)  # dP/dv of largest modulus by link
    drop: dict[str, float] = field(default_factory=dict)  # K by node: T at the first value minus the lowest T


def minimum(function: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Where a function is smallest between two values, and how small."""
    low, high = sorted((low, high))
    best = scipy.optimize.minimize_scalar(
        function, bounds=(low, high), method="bounded", options={"xatol": FINE * (high - low)}
    )
    return float(best.x), float(best.fun)


def smallest(
    points: np.ndarray, series: np.ndarray, function: Callable[[float, int], float], breaks: Sequence[int] = ()
) -> float:
    """The smallest value of function(v, k), where series[k] is that at points[k]; nan is no value.

    breaks: places k between which and k + 1 the curve jumps.
    """
    k = int(np.nanargmin(series))
    best = float(series[k])
    inner = 0 < k < len(points) - 1 and not {k - 1, k} & set(breaks)
    if not inner or not np.all(np.isfinite(series[k - 1 : k + 2])) or np.any(np.diff(points[k - 1 : k + 2]) == 0):
        return best  # an end, a fall or a corner: nothing lies beyond it
    return min(best, minimum(lambda v: function(v, k), points[k - 1], points[k + 1])[1])


def extremes(
    at: At, parameter: str, sweep: Sweep, path: Sequence[np.ndarray], curve: ResponseCurve, moving: Sequence[str]
) -> Extremes:
    """Those of a sweep with ln T as path; moving: the nodes whose temperature changes with the parameter."""
    values = curve.at_values(curve.values)
    falls = [k for k in range(len(values) - 1) if values[k + 1] in sweep.falls]

    def state_at(value: float, k: int) -> np.ndarray:
        return newton(at(value), path[k])

    def of_curve(name: str, part: str, sign: float) -> float | None:
        """Smallest sign * derivative of one node or link."""
        if falls:
            return None

        def derivative(value: float, point: int) -> float:
            k = int(np.searchsorted(curve.scanned, point, side="right")) - 1
            return sign * getattr(response(at(value), parameter, state_at(value, k)), part)[name]

        return smallest(curve.values, sign * getattr(curve, part)[name], derivative)

    def temperature(name: str) -> Callable[[float, int], float]:
        return lambda value, k: at(value).temperatures(np.exp(state_at(value, k)))[name]

    if parameter.endswith(".temperature"):
        T = sweep.temperatures
        return Extremes(
            responsivity={name: of_curve(name, "temperatures", 1.0) for name in moving},
            drop={name: float(T[name][0]) - smallest(values, T[name], temperature(name), falls) for name in moving},
        )
    gains = {}
    for link, series in curve.powers.items():
        sign = -1.0 if series[np.nanargmax(np.abs(series))] > 0 else 1.0
        found = of_curve(link, "powers", sign)
        gains[link] = None if found is None else sign * found
    return Extremes(gain=gains)
