"""GMRES on a machine: one number a vector crosses to the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Operator = Callable[[Any], Any]


class NotSolved(ArithmeticError):
    """A linear system could not be solved."""


def gmres(xp: Any, operator: Operator, b: Any, tolerance: float, most: int) -> tuple[Any, int]:
    """x with |b - A x| <= tolerance in the Euclidean norm, in at most so many iterations; how many there were.

    operator: A.  The best x if they are used up; `NotSolved` where the norm is not finite.
    """
    beta = float(xp.linalg.norm(b))
    if not np.isfinite(beta):
        raise NotSolved("the right side is not finite")
    if beta <= tolerance:
        return xp.zeros_like(b), 0
    basis = xp.empty((min(most, 8) + 1, b.size))
    basis[0] = b / beta
    H = np.zeros((most + 1, most))
    for j in range(most):
        if j + 1 == len(basis):
            basis = xp.concatenate((basis, xp.empty((min(most + 1 - len(basis), 8), b.size))))
        w, known = operator(basis[j]), basis[: j + 1]
        first = known @ w
        w = w - first @ known
        second = known @ w  # Gram and Schmidt once more: orthogonal to rounding
        w = w - second @ known
        size = xp.linalg.norm(w)
        H[: j + 2, j] = down(xp, xp.concatenate((first + second, size[None])))
        if not np.isfinite(H[j + 1, j]):
            raise NotSolved("the solution leaves the finite")
        right = np.zeros(j + 2)
        right[0] = beta
        y = np.linalg.lstsq(H[: j + 2, : j + 1], right, rcond=None)[0]
        rest = float(np.linalg.norm(right - H[: j + 2, : j + 1] @ y))
        if rest <= tolerance or H[j + 1, j] <= 1e-14 * beta or j + 1 == most:
            break
        basis[j + 1] = w / size
    return xp.asarray(y) @ known, j + 1


def down(xp: Any, array: Any) -> Any:
    """A copy here."""
    return xp.asnumpy(array) if hasattr(xp, "asnumpy") else np.asarray(array)
