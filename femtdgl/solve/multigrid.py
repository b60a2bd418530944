"""Algebraic multigrid for the potential and for temperatures: what a complete LU is for where an LU would fill up.

In space an LU of N unknowns takes N^2 operations and N^(4/3) numbers: 4 s and 42 million at 51,000 nodes.  Smoothed
aggregation (pyamg) makes a hierarchy of matrices A_0 = A, A_(l+1) = P^T A_l P from the matrix alone, in time and memory
like N.  The strength of connections is not asked (0): with a threshold the coarse matrices fill up and are no better.

A V-cycle smooths by a Chebyshev polynomial in D^-1 A over the upper part of its spectrum, before and after the
correction from the coarser level.  In D^-1 A and not in A: a bank is one row that is joined to all nodes of its face,
with a diagonal to match, and a polynomial in A would spend itself on that row.

One cycle leaves up to 0.8 of an error, and GMRES, which stops on the preconditioned residual, then takes phi for better
than it is: its noise shows in V and in the steps.  So CYCLES of them make one application, accelerated by Chebyshev's
iteration over the spectrum of M A, M being the cycle, from 1 - (what a cycle leaves) to 1: they leave a tenth.

All of it is linear and the same each time, as GMRES asks; bounds come from a fixed vector, so that a resumed run is the
same to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.solve.products import Rows

Array = NDArray[np.float64]

CYCLES, DEGREE = 3, 2
"""V-cycles an application; degree of the smoothing polynomial."""
SMOOTHED = 4.0
"""The smoother works on eigenvalues of D^-1 A from the largest down to this part of it."""
MARGIN, POWERS = 1.1, 12
"""Over the largest eigenvalue as so many power iterations estimate it."""
LEFT = 0.95
"""Of an error, at most, that a cycle is taken to leave."""
COARSEST = 400
"""Unknowns at which a complete LU takes over."""


@dataclass
class Level:
    """One matrix of the hierarchy, how it is smoothed, and how corrections come from the next one."""

    A: Any  # `products.Rows`, or what else has `times`
    inverse: Any  # 1/diagonal
    upper: float  # of the spectrum of D^-1 A
    P: Any
    R: Any


class Multigrid:
    """Approximate inverse of a symmetric matrix whose rows add up to zero or more (either sign of all of it)."""

    def __init__(self, matrix: sp.csr_matrix) -> None:
        self.levels: list[Level] = []
        made = hierarchy(matrix)
        for level in made[:-1]:
            A, P, R = (Rows(part.tocsr()) for part in (level.A, level.P, level.R))
            inverse = 1 / level.A.diagonal()
            self.levels.append(Level(A, inverse, MARGIN * largest(A, inverse, start_vector(inverse.size)), P, R))
        self._coarsest: Any = splu(made[-1].A.tocsc())
        self._lower = 1 - self._left_by_a_cycle(start_vector(matrix.shape[0])) if self.levels else 1.0

    def solve(self, b: Array) -> Array:
        """x with A x near b."""
        if not self.levels:
            return self._cycle(0, b)
        A, rest = self.levels[0].A, b.copy()
        middle, half = 0.5 * (1 + self._lower), 0.5 * (1 - self._lower)
        step, rho = self._cycle(0, rest), half / middle
        step /= middle
        x = step.copy()
        for _ in range(CYCLES - 1):
            rest -= A.times(step)
            following = 1 / (2 * middle / half - rho)
            turned = self._cycle(0, rest)
            step *= following * rho
            turned *= 2 * following / half
            step += turned
            x += step
            rho = following
        return x

    def _left_by_a_cycle(self, x: Any) -> float:
        """Largest part of an error that one cycle leaves, by power iterations from a vector."""
        A = self.levels[0].A
        left = 0.5
        for _ in range(POWERS):
            x /= np.linalg.norm(x)
            x -= self._cycle(0, A.times(x))
            left = float(np.linalg.norm(x))
        return min(left, LEFT)

    def _cycle(self, number: int, b: Array) -> Array:
        """One V-cycle from x = 0."""
        if number == len(self.levels):
            return self._coarsest.solve(b)
        level = self.levels[number]
        x, rest = _smooth(level, None, b.copy())
        correction = level.P.times(self._cycle(number + 1, level.R.times(rest)))
        x += correction
        rest -= level.A.times(correction)
        return _smooth(level, x, rest, last=True)[0]


def _smooth(level: Level, x: Array | None, rest: Array, *, last: bool = False) -> tuple[Array, Array]:
    """Chebyshev's iteration of degree DEGREE on x (None: zero) with b - A x = `rest`; x and the rest after it (unless
    `last`), where they were: new arrays of large systems cost as much as what is done with them.
    """
    lower = level.upper / SMOOTHED
    middle, half = 0.5 * (level.upper + lower), 0.5 * (level.upper - lower)
    sigma = middle / half
    rho = 1 / sigma
    step = level.inverse * rest
    step /= middle
    for k in range(DEGREE):
        if x is None:
            x = step.copy()
        else:
            x += step
        if last and k == DEGREE - 1:
            break
        rest -= level.A.times(step)
        if k < DEGREE - 1:
            following = 1 / (2 * sigma - rho)
            step *= following * rho
            turned = level.inverse * rest
            turned *= 2 * following / half
            step += turned
            rho = following
    assert x is not None
    return x, rest


def start_vector(size: int) -> Array:
    """Where power iterations begin, the same each time."""
    return np.random.default_rng(0).standard_normal(size)


def largest(A: Any, inverse: Any, x: Any) -> float:
    """Largest eigenvalue of D^-1 A, by power iterations from a vector."""
    value = 0.0
    for _ in range(POWERS):
        x /= np.linalg.norm(x)
        x = inverse * A.times(x)
        value = float(np.linalg.norm(x))
    return value


def hierarchy(matrix: sp.csr_matrix) -> list[Any]:
    """Levels of smoothed aggregation; pyamg takes its own start vectors from numpy's global generator."""
    import pyamg

    A = sp.csr_matrix(matrix, copy=True)
    A.indices, A.indptr = A.indices.astype(np.int32), A.indptr.astype(np.int32)
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        made = pyamg.smoothed_aggregation_solver(
            A, strength=("symmetric", {"theta": 0.0}), max_coarse=COARSEST, presmoother=None, postsmoother=None,
            coarse_solver=None,
        )  # fmt: skip
    finally:
        np.random.set_state(state)  # noqa: NPY002
    return list(made.levels)
