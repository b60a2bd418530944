"""How steady states move with a parameter: derivatives of the state itself, never differences of two states.

A steady state is F(x, v) = 0, x = ln T of the free nodes, v the parameter (a bath's temperature, a node's heat).  While
dF/dx is regular (the implicit function theorem)

    dx/dv = -(dF/dx)^-1 dF/dv,    dT/dv = T dx/dv,    dP/dv = dP/dT_a dT_a/dv + dP/dT_b dT_b/dv

by the slopes of the links.  Two states are never compared: the next one may lie beyond a fold, on another branch, where
the quotient of differences is the height of the jump over the step of the scan.  At a fold dF/dx is singular and the
derivatives are infinite.  Where a temperature passes a corner of a link (Tc) they jump: there both one-sided values are
told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy

from femtdgl.errors import SolverStopped
from femtdgl.thermal.network.balance import Balance
from femtdgl.thermal.network.solve import newton, solve_scaled
from femtdgl.thermal.network.sweep import At

BESIDE = 1e-9
"""Relative distance from a corner at which its two sides are taken: links have their one-sided slopes there."""


class Response(NamedTuple):
    """Derivatives by the parameter."""

    temperatures: dict[str, float]  # dT/dv of every node
    powers: dict[str, float]  # dP/dv of every link


@dataclass(frozen=True, kw_only=True)
class ResponseCurve:
    """Derivatives along a sweep: at its values, and on both sides of each corner between them.

    A place where the branch ends and the state falls is a point without derivatives (nan), so that lines break there.
    """

    values: np.ndarray  # (points,), in the order of the scan
    temperatures: dict[str, np.ndarray]  # (points,) by node
    powers: dict[str, np.ndarray]  # (points,) by link
    scanned: np.ndarray  # (values,) places of the scan's own values among the points

    def at_values(self, series: np.ndarray) -> np.ndarray:
        """A series at the scan's own values."""
        return series[self.scanned]


def has_response(parameter: str) -> bool:
    """Whether derivatives by this parameter are taken: it is a temperature or a heat."""
    return parameter.endswith((".heat", ".temperature"))


def response(balance: Balance, parameter: str, x: np.ndarray) -> Response:
    """At the state x = ln T of the free nodes; parameter "nodes.<node>.heat" or "nodes.<node>.temperature"."""
    _, node, field = parameter.split(".")
    T = balance.temperatures(np.exp(x))
    slopes = balance.slopes(T, T)
    moved = dict.fromkeys(T, 0.0)
    if field == "temperature":
        moved[node] = 1.0
        push = balance.by_temperature(node, slopes)
    else:
        push = np.array([float(name == node) for name in balance.free])
    if balance.free:
        _, traffic = balance.residual(x)
        dx = solve_scaled(balance.jacobian_from(T, slopes), -push, np.maximum(traffic, 1e-300))
        moved |= {name: T[name] * float(d) for name, d in zip(balance.free, dx, strict=True)}
    powers = {
        name: slopes[name].by_a[0] * moved[a] + slopes[name].by_b[0] * moved[b]
        for name, (a, b, _) in balance.links.items()
    }
    return Response(moved, powers)


def response_curve(
    at: At, parameter: str, values: np.ndarray, path: Sequence[np.ndarray], jumps: np.ndarray
) -> ResponseCurve:
    """Along a sweep with ln T as path; jumps (values - 1,): whether the state fell between a value and the next."""
    points: list[tuple[float, Response]] = []
    scanned = []
    for k, (value, x) in enumerate(zip(values, path, strict=True)):
        scanned.append(len(points))
        points.append((float(value), response(at(value), parameter, x)))
        if k == len(values) - 1:
            break
        nothing = Response(*(dict.fromkeys(names, math.nan) for names in points[0][1]))
        if jumps[k]:
            points.append((float(values[k + 1]), nothing))
        else:
            points.extend(corners_between(at, parameter, (value, values[k + 1]), (x, path[k + 1])))
    responses = [r for _, r in points]
    return ResponseCurve(
        values=np.array([value for value, _ in points]),
        temperatures={n: np.array([r.temperatures[n] for r in responses]) for n in responses[0].temperatures},
        powers={n: np.array([r.powers[n] for r in responses]) for n in responses[0].powers},
        scanned=np.array(scanned),
    )


def corners_between(
    at: At, parameter: str, values: tuple[float, float], states: tuple[np.ndarray, np.ndarray]
) -> Iterator[tuple[float, Response]]:
    """The corners that a temperature passes between two states of one branch: each twice, as seen from both sides."""
    first, last = (at(v).temperatures(np.exp(x)) for v, x in zip(values, states, strict=True))
    found = []
    for name, corner in at(values[0]).corners():
        rises = last[name] > first[name]
        if is_below(first[name], corner) == is_below(last[name], corner):
            continue
        try:
            value, x = pass_corner(at, parameter, values, states, name, corner)
        except SolverStopped:
            continue
        before, after = (beside(at, parameter, value, x, name, T) for T in sides(corner, rises))
        found.append((value, before, after))
    for value, before, after in sorted(found, key=lambda passed: abs(passed[0] - values[0])):
        yield value, before
        yield value, after


def is_below(T: float, corner: float) -> bool:
    """Whether a state is on the lower side of a corner, to which the corner itself belongs (as in Link.slopes)."""
    return T / corner <= 1 + 1e-12


def sides(corner: float, rises: bool) -> tuple[float, float]:
    """Temperatures before and after the corner."""
    low, high = corner * (1 - BESIDE), corner * (1 + BESIDE)
    return (low, high) if rises else (high, low)


def pass_corner(
    at: At, parameter: str, values: tuple[float, float], states: tuple[np.ndarray, np.ndarray], name: str, corner: float
) -> tuple[float, np.ndarray]:
    """The value at which the temperature of a node is at a corner, and the state there."""
    span = values[1] - values[0]

    def state_at(share: float) -> np.ndarray:
        return newton(at(values[0] + share * span), states[0] + share * (states[1] - states[0]))

    def excess(share: float) -> float:
        there = at(values[0] + share * span)
        return math.log(there.temperatures(np.exp(state_at(share)))[name] / corner)

    if parameter == f"nodes.{name}.temperature":
        share = (corner - values[0]) / span
    else:
        ends = excess(0.0), excess(1.0)
        inside = ends[0] * ends[1] < 0
        share = float(scipy.optimize.brentq(excess, 0.0, 1.0, xtol=1e-12) if inside else np.argmin(np.abs(ends)))
    return values[0] + share * span, state_at(share)


def beside(at: At, parameter: str, value: float, x: np.ndarray, name: str, T: float) -> Response:
    """The derivatives with one temperature at T, all others as they are."""
    there = at(value)
    if name not in there.free:
        return response(at(T), parameter, x)
    x = x.copy()
    x[there.free.index(name)] = math.log(T)
    return response(there, parameter, x)
