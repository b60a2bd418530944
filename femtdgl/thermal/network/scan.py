"""Steady states along a parameter: up, down and through folds; where the response has the wrong sign.

The sweep down is taken when the sweep up fell, or when the two ends have more than one state; otherwise it is the same
curve.  When the sweeps differ, `branch` is the whole curve through its folds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.network.balance import Balance, State
from femtdgl.thermal.network.branch import trace
from femtdgl.thermal.network.extremes import Extremes, extremes
from femtdgl.thermal.network.ndtc import Window, ndtc_windows
from femtdgl.thermal.network.response import ResponseCurve, has_response, response_curve
from femtdgl.thermal.network.solve import coldest_stable, roots
from femtdgl.thermal.network.sweep import Sweep, follow, log_free, sweep_of


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Steady states along a parameter."""

    parameter: str
    unit: str  # SI, of the parameter; "" where its field declares none
    values: np.ndarray
    up: Sweep
    down: Sweep
    first: tuple[State, ...]  # all states at the first value
    last: tuple[State, ...]
    windows: list[Window]
    branch: dict[str, np.ndarray]  # "value", T of the free nodes, "stable"; empty when up and down agree
    response_up: ResponseCurve | None = None  # along a temperature or a heat
    response_down: ResponseCurve | None = None  # the same object when up and down agree
    extremes: Extremes = field(default_factory=Extremes)

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

    @property
    def moving(self) -> list[str]:
        """Nodes whose temperature changes along the upward sweep and is not the parameter itself."""
        return [
            name
            for name, T in self.up.temperatures.items()
            if np.ptp(T) > 0 and self.parameter != f"nodes.{name}.temperature"
        ]

    @property
    def quantity(self) -> str:
        """What is changed: "temperature" or "heat" of a node, or the field of a link."""
        return self.parameter.split(".", 2)[2]


def scan(balance: Balance, parameter: str, values: np.ndarray, *, windows: bool = True) -> Scan:
    """Steady states at the values (ascending or descending), followed both ways."""
    require_monotonic(values)

    def at(value: float) -> Balance:
        return balance.with_value(parameter, float(value))

    first, last = roots(at(values[0])), roots(at(values[-1]))
    start = coldest_stable(first)
    x_up, falls_up = follow(at, values, log_free(balance, start))
    up = sweep_of(at, values, x_up, falls_up)
    if falls_up or len(first) > 1 or len(last) > 1:
        others = [s for s in last if s.stable and np.max(np.abs(log_free(balance, s) - x_up[-1])) > 1e-6]
        top = log_free(balance, others[-1]) if others and not falls_up else x_up[-1]
        x_down, falls_down = follow(at, values[::-1], top)
        x_down = x_down[::-1]
        down = sweep_of(at, values, x_down, falls_down)
    else:
        x_down, down, falls_down = x_up, up, falls_up
    result = Scan(
        parameter=parameter, unit=balance.unit_of(parameter), values=values, up=up, down=down, first=first, last=last,
        windows=[], branch={},
    )  # fmt: skip
    if windows and has_response(parameter):
        result.windows.extend(ndtc_windows(balance, at, parameter, values, up, x_up, "up"))
        fell = np.isin(values, falls_up)
        curve = response_curve(at, parameter, values, x_up, fell[1:])
        found = extremes(at, parameter, up, x_up, curve, result.moving)
        result = replace(result, response_up=curve, response_down=curve, extremes=found)
        if down is not up:
            result.windows.extend(ndtc_windows(balance, at, parameter, values, down, x_down, "down"))
            fell = np.isin(values, falls_down)
            result = replace(result, response_down=response_curve(at, parameter, values, x_down, fell[:-1]))
    if result.hysteresis:
        result.branch.update(trace(at, values, x_up[0]))
    return result


def require_monotonic(values: np.ndarray) -> None:
    """Die unless the values of a scan rise, or fall, throughout."""
    if len(values) < 2 or not (np.all(np.diff(values) > 0) or np.all(np.diff(values) < 0)):
        raise InputError(
            "the values of a scan must rise, or fall, throughout", key="scan.values", allowed="two or more"
        )
