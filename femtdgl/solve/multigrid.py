"""Algebraic multigrid for the potential and for temperatures: what a complete LU is for where an LU would fill up.

In space an LU of N unknowns takes N^2 operations and N^(4/3) numbers: 4 s and 42 million at 51,000 nodes.  Smoothed
aggregation (pyamg) makes a hierarchy of matrices A_0 = A, A_(l+1) = P^T A_l P from the matrix alone, in time and memory
like N.  The strength of connections is not asked (0): with a threshold the coarse matrices fill up and are no better.

A cycle smooths by a Chebyshev polynomial in D^-1 A over the upper part of its spectrum, before and after the correction
from the coarser level.  In D^-1 A and not in A: a bank is one row that is joined to all nodes of its face, with a
diagonal to match, and a polynomial in A would spend itself on that row.  The correction takes VISITS cycles of the
coarser level (two: a W-cycle): a level has a ninth of the unknowns of the one above it in a plane, and one in 25 in
space, so that the second visit costs little, and the cycle leaves half an error where one of V-shape leaves 0.7 to 0.8.

GMRES stops on the preconditioned residual, and takes phi for better than it is where the cycle is poor: its noise shows
in V and in the steps.  So several make one application, as many as leave LEAVES of an error, accelerated by Chebyshev's
iteration over the spectrum of M A, M being the cycle, from 1 - (what a cycle leaves) to 1.  In a plane of 201 thousand
nodes these are two, which leave 0.05 in 22 ms where three V-cycles left 0.07 in 30 ms; in a wire of 50 thousand three,
which leave 0.09 in 9 ms, for 0.16 in 8.5 ms.

All of it is linear and the same each time, as GMRES asks; bounds come from a fixed vector, so that a resumed run is the
same to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.solve.loops import compiled
from femtdgl.solve.products import Rows

Array = NDArray[np.float64]

LEAVES = 0.1
"""Of an error, at most, that an application leaves."""
VISITS, DEGREE = 2, 2
"""Cycles of the next level a correction; degree of the smoothing polynomial."""
SMOOTHED = 6.0
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

    visits, leaves = VISITS, LEAVES

    def __init__(self, matrix: sp.csr_matrix) -> None:
        self.levels: list[Level] = []
        made = hierarchy(matrix)
        for level in made[:-1]:
            A, P, R = (Rows(part.tocsr()) for part in (level.A, level.P, level.R))
            inverse = 1 / level.A.diagonal()
            self.levels.append(Level(A, inverse, MARGIN * largest(A, inverse, start_vector(inverse.size)), P, R))
        self._smoothing = [Smoother(level) for level in self.levels]
        self._coarsest: Any = splu(made[-1].A.tocsc())
        self._lower = 1 - self._left_by_a_cycle(start_vector(matrix.shape[0])) if self.levels else 1.0

    def solve(self, b: Array) -> Array:
        """x with A x near b."""
        if not self.levels:
            return self._correction(0, b)
        A, step, x = self.levels[0].A, np.empty_like(b), np.empty_like(b)
        middle, half = 0.5 * (1 + self._lower), 0.5 * (1 - self._lower)
        rho = half / middle
        A.pieces(partial(_begin, self._cycle(0, b), 1 / middle, step, x))
        rest = b
        for _ in range(self.cycles - 1):
            rest = A.rest(step, rest, None if rest is b else rest)
            following = 1 / (2 * middle / half - rho)
            A.pieces(partial(_go_on, self._cycle(0, rest), following * rho, 2 * following / half, step, x))
            rho = following
        return x

    @property
    def cycles(self) -> int:
        """Of an application: as many as leave so little of an error."""
        root = np.sqrt(self._lower)
        rate = (1 - root) / (1 + root)
        return int(np.ceil(np.arccosh(1 / self.leaves) / -np.log(rate)))

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
        """One cycle from x = 0; what it gives is overwritten by the next one."""
        level, smoother = self.levels[number], self._smoothing[number]
        return smoother.after(self._correction(number + 1, level.R.times(smoother.before(b))))

    def _correction(self, number: int, b: Array) -> Array:
        """x with A x near b on a coarser level."""
        if number == len(self.levels):
            x: Array = self._coarsest.solve(b)
            return x
        x = self._cycle(number, b)
        for _ in range(self.visits - 1):
            x = x.copy()
            x += self._cycle(number, self.levels[number].A.rest(x, b))
        return x


class Smoother:
    """Chebyshev's iteration of degree DEGREE on a level, before the correction from the next one and after it.

    The vectors have one place for good: new arrays of large systems cost as much as what is done with them.  Each of
    the loops goes over the matrix once, and does with a row all that is to be done.
    """

    def __init__(self, level: Level) -> None:
        self.level = level
        lower = level.upper / SMOOTHED
        middle, half = 0.5 * (level.upper + lower), 0.5 * (level.upper - lower)
        self._first, sigma = 1 / middle, middle / half
        rho, self._further = 1 / sigma, []
        for _ in range(DEGREE - 1):
            following = 1 / (2 * sigma - rho)
            self._further.append((following * rho, 2 * following / half))
            rho = following
        self._x, self._rest, self._step, self._next = np.empty((4, level.inverse.size))

    def before(self, b: Array) -> Array:
        """From x = 0: the rest, b - A x."""
        A, rest = self.level.A, self._rest
        A.pieces(partial(_scale, b, self._first, self.level.inverse, self._step))
        x, last = self._step, b
        for how in self._further:
            x, last = self._take(last, *how, x), rest
        if not self._further:
            self._x[:] = x
        return np.asarray(A.rest(self._step, last, rest))

    def after(self, coarse: Array) -> Array:
        """x, corrected and smoothed."""
        P = self.level.P
        P.over(partial(_correct, *P.parts, coarse, self._step, self._x))
        steps = [(0.0, self._first), *self._further]
        for number, how in enumerate(steps, 1):
            self._take(self._rest, *how, self._x, more=number < len(steps))
        return self._x

    def _take(self, rest: Array, by_step: float, by_rest: float, x: Array, *, more: bool = True) -> Array:
        """A step from the last one, which is in x, and the rest before it: x; the step and the rest if more follow."""
        A, vectors = self.level.A, (self._step, rest, self._rest, self.level.inverse)
        A.over(partial(_smooth, *A.parts, *vectors, by_step, by_rest, self._next, x, self._x, more))
        self._step, self._next = self._next, self._step
        return self._x


@compiled
def _scale(b: Any, factor: float, inverse: Any, step: Any, first: int, last: int) -> None:
    """step = factor D^-1 b."""
    for k in range(first, last):
        step[k] = factor * inverse[k] * b[k]


@compiled
def _begin(turned: Any, factor: float, step: Any, x: Any, first: int, last: int) -> None:
    """The first step from x = 0: x = step = factor turned."""
    for k in range(first, last):
        step[k] = factor * turned[k]
        x[k] = step[k]


@compiled
def _go_on(turned: Any, by_step: float, by_turned: float, step: Any, x: Any, first: int, last: int) -> None:
    """A further step: step = by_step step + by_turned turned, x += step."""
    for k in range(first, last):
        step[k] = by_step * step[k] + by_turned * turned[k]
        x[k] += step[k]


@compiled
def _correct(start: Any, index: Any, data: Any, coarse: Any, step: Any, x: Any, first: int, last: int) -> None:
    """step = P coarse, x += step."""
    end = start[first]
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = 0.0
        for s in range(end - begin):
            total += data[begin + s] * coarse[index[begin + s]]
        step[k] = total
        x[k] += total


@compiled
def _smooth(
    start: Any,
    index: Any,
    data: Any,
    step: Any,
    rest: Any,
    out: Any,
    inverse: Any,
    by_step: float,
    by_rest: float,
    following: Any,
    before: Any,
    x: Any,
    more: bool,
    first: int,
    last: int,
) -> None:
    """out = rest - A step, following = by_step step + by_rest D^-1 out, x = before + following; only x unless more."""
    end = start[first]
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = rest[k]
        for s in range(end - begin):
            total -= data[begin + s] * step[index[begin + s]]
        advance = by_step * step[k] + by_rest * inverse[k] * total
        x[k] = before[k] + advance
        if more:
            out[k], following[k] = total, advance


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
