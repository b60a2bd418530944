"""The inverse of the potential's block on a machine: `solve.multigrid`, and how it follows the matrix.

The hierarchy is made on the host once after each start of the integrator.  From then on it is renewed where it lies:
the operators between its levels stay, and the coarse matrices are Galerkin's, R A P, in patterns that stay too.

The cycles are those of `solve.multigrid`, put so that a vector is gone over as seldom as can be.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Block, Matrix, Product
from femtdgl.solve.inverse import DRIFT
from femtdgl.solve.multigrid import (
    DEGREE,
    MARGIN,
    SMOOTHED,
    Level,
    Multigrid,
    hierarchy,
    largest,
    start_vector,
)
from femtdgl.solve.system import System


class Dense:
    """The inverse of a small matrix."""

    def __init__(self, machine: Machine, matrix: Matrix) -> None:
        self.machine, self.matrix = machine, matrix
        rows, columns = matrix.places()
        self._places = machine.up(rows * matrix.width + columns)
        self.follow()

    def follow(self) -> None:
        """Invert what is in the matrix now."""
        size, xp = self.matrix.width, self.machine.xp
        dense = xp.zeros(size * size)
        dense[self._places] = self.matrix.data
        self._inverse = xp.linalg.inv(dense.reshape(size, size))

    def solve(self, b: Any) -> Any:
        """x with A x = b."""
        return self._inverse @ b


class Grids(Multigrid):
    """`Multigrid` on a machine.

    To visit a small level takes as many launches as a large one.  So each is visited once, and cycles are as many as
    leave a fifth of an error: with two visits, and a tenth, a wire of 51 thousand nodes took 1,704 launches a step, not
    1,315, and as many applications.
    """

    visits, leaves = 1, 0.2

    def __init__(self, machine: Machine, matrix: Matrix) -> None:
        self.machine, self.levels = machine, []
        self._products: list[tuple[Product, Product]] = []
        self._diagonals: list[Any] = []
        self._starts: list[Any] = []
        A = matrix
        for level in hierarchy(matrix.down())[:-1]:
            P, R = Matrix.of(machine, level.P), Matrix.of(machine, level.R)
            self.levels.append(Level(A, None, 0.0, P, R))
            rows, columns = A.places()
            self._diagonals.append(machine.up(np.flatnonzero(rows == columns)))
            self._starts.append(machine.up(start_vector(rows[-1] + 1)))
            AP = Product(A, P)
            A = Product(R, AP)
            self._products.append((AP, A))
        self._smoothers: list[tuple[Any, float, float]] = [(None, 0.0, 0.0)] * len(self.levels)
        self._follow()
        self._coarsest = Dense(machine, A)
        self._bound()

    def renew(self, matrix: Matrix) -> None:
        """Take the entries of another matrix of the same pattern."""
        (self.levels[0].A if self.levels else self._coarsest.matrix).data = matrix.data
        self._follow()
        self._coarsest.follow()
        self._bound()

    def _follow(self) -> None:
        """What smooths each level, and Galerkin's matrices below it."""
        for k, (level, products) in enumerate(zip(self.levels, self._products, strict=True)):
            level.inverse = 1 / level.A.data[self._diagonals[k]]
            level.upper = MARGIN * largest(level.A, level.inverse, self._starts[k].copy())
            lower = level.upper / SMOOTHED
            middle, half = 0.5 * (level.upper + lower), 0.5 * (level.upper - lower)
            self._smoothers[k] = level.inverse / middle, middle / half, half
            for product in products:
                product.follow()

    def _bound(self) -> None:
        if self.levels:
            self._lower = 1 - self._left_by_a_cycle(self._starts[0].copy())

    def solve(self, b: Any) -> Any:
        """x with A x near b."""
        if not self.levels:
            return self._correction(0, b)
        A, rest = self.levels[0].A, b
        middle, half = 0.5 * (1 + self._lower), 0.5 * (1 - self._lower)
        step, rho = self._cycle(0, rest) / middle, half / middle
        x = step.copy()
        for _ in range(self.cycles - 1):
            rest = A.rest(step, rest)
            following = 1 / (2 * middle / half - rho)
            self.machine.advance(step, x, self._cycle(0, rest), following * rho, 2 * following / half, 1.0)
            rho = following
        return x

    def _cycle(self, number: int, b: Any) -> Any:
        """One cycle from x = 0."""
        level = self.levels[number]
        step = self._smoothers[number][0] * b
        x = step.copy()
        rest = self._smooth(number, step, x, b)
        rest = level.A.rest(step, rest)
        correction = level.P.times(self._correction(number + 1, level.R.times(rest)))
        rest = level.A.rest(correction, rest)
        x += correction
        step = self._smoothers[number][0] * rest
        x += step
        self._smooth(number, step, x, rest)
        return x

    def _smooth(self, number: int, step: Any, x: Any, rest: Any) -> Any:
        """Chebyshev's iteration after its first step; the rest before the last one."""
        level, (_, sigma, half) = self.levels[number], self._smoothers[number]
        rho = 1 / sigma
        for _ in range(DEGREE - 1):
            rest = level.A.rest(step, rest)
            following = 1 / (2 * sigma - rho)
            self.machine.advance(step, x, rest, following * rho, 2 * following / half, level.inverse)
            rho = following
        return rest


class Following:
    """A block of the Jacobian and its hierarchy, kept while the matrix stays near that of their making."""

    def __init__(self, machine: Machine, block: Block) -> None:
        self.machine, self._block = machine, block
        self._diagonal = machine.up(np.flatnonzero(block.row == block.column))
        self._grids: Grids | None = None
        self._last: Any = None

    def forget(self) -> None:
        """The next matrix is taken in any case, with a new hierarchy."""
        self._grids = self._last = None

    def follow(self, entries: Any) -> bool:
        """Takes the block from the entries of the Jacobian, if it has moved away; whether it has."""
        xp, block = self.machine.xp, self._block.fill(entries)
        diagonal, last = block.data[self._diagonal], self._last
        if last is not None and not bool(xp.any(xp.abs(diagonal - last) > DRIFT * xp.abs(diagonal))):
            return False
        self._last = diagonal
        self._make(Matrix(self.machine, block.start, block.index, block.data, block.width), entries)
        return True

    def _make(self, now: Matrix, entries: Any) -> None:
        if self._grids is None:
            self._grids = Grids(self.machine, now)
        else:
            self._grids.renew(now)


class PotentialInverse(Following):
    """Approximate inverse of the block of phi, by whatever its constant is fixed: see `inverse.FloatingMultigrid`."""

    def __init__(self, machine: Machine, system: System) -> None:
        layout, up, phi = system.layout, machine.up, system.layout.algebraic
        self._gauge_row, *biased = np.searchsorted(phi, [layout.gauge_row, *(place for place, _ in layout.biased)])
        inside = np.ones(phi.size, dtype=bool)
        inside[[self._gauge_row, *biased]] = False
        own = np.flatnonzero(inside)
        super().__init__(machine, Block(machine, system.pattern, phi[own], phi[own]))
        self._from_biased = Block(machine, system.pattern, phi[own], phi[np.array(biased, dtype=np.intp)])
        self._inside, self._biased = up(own), up(np.array(biased, dtype=np.intp))
        self._gauge, self._total = up(layout.gauge[phi]), float(layout.gauge.sum())

    def _make(self, now: Matrix, entries: Any) -> None:
        super()._make(now, entries)
        self._from_biased.fill(entries)

    def solve(self, r: Any) -> Any:
        """x with A x near r."""
        assert self._grids is not None
        x, right = self.machine.xp.zeros_like(r), r[self._inside]
        if self._biased.size:
            x[self._biased] = r[self._biased]
            right = right - self._from_biased.times(r[self._biased])
        x[self._inside] = self._grids.solve(right)
        if not self._biased.size:
            x += (r[self._gauge_row] - self._gauge @ x) / self._total
        return x
