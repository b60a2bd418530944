"""One rule for integrands with bad ends: tanh-sinh.

    int_0^1 f(x) dx = sum_j weight_j f(x_j),     x = 1/(1 + exp(-pi sinh t)), t equidistant

The nodes crowd doubly exponentially at both ends, so roots, logarithms and scales hidden at an end cost nothing.
Distances to BOTH ends are returned, each to full relative accuracy: an integrand singular at x = 1 must use the
second.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

REACH = 3.2
"""|t| at which the distance to the end, exp(-pi sinh t) = 2e-17, is below rounding."""


@lru_cache(maxsize=32)
def tanh_sinh(nodes: int, reach: float = REACH) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(distance from 0, distance from 1, weight) of the rule on [0, 1]; each (nodes,), read-only."""
    t = np.linspace(-reach, reach, nodes)
    y = np.pi * np.sinh(t)
    left, right = 1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y))
    weight = np.pi * np.cosh(t) * left * right * (t[1] - t[0])
    for array in (left, right, weight):
        array.setflags(write=False)
    return left, right, weight


def between(a: float | np.ndarray, b: float | np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Nodes on [a, b] of a rule with these distances from 0 and 1, each counted from the nearer end.  Broadcasts."""
    return np.where(left < 0.5, a + (b - a) * left, b - (b - a) * right)


@lru_cache(maxsize=32)
def gauss_legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """(node, weight) of Gauss-Legendre on [0, 1]; each (nodes,), read-only."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = (1 + x) / 2, weight / 2
    for array in (x, weight):
        array.setflags(write=False)
    return x, weight
