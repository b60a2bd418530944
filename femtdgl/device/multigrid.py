"""The inverse of the potential's block on a machine: `solve.multigrid`, and how it follows the matrix.

The hierarchy is made on the host once after each start of the integrator.  From then on it is renewed where it lies:
the operators between its levels stay, and the coarse matrices are Galerkin's, R A P.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Block, Matrix
from femtdgl.solve.inverse import DRIFT
from femtdgl.solve.multigrid import MARGIN, Level, Multigrid, hierarchy, largest, start_vector
from femtdgl.solve.system import System


class Dense:
    """The inverse of a small matrix."""

    def __init__(self, machine: Machine, matrix: Any) -> None:
        """matrix: a sparse one of the machine."""
        self._inverse = machine.xp.linalg.inv(matrix.toarray())

    def solve(self, b: Any) -> Any:
        """x with A x = b."""
        return self._inverse @ b


class Grids(Multigrid):
    """`Multigrid` on a machine."""

    def __init__(self, machine: Machine, matrix: Matrix) -> None:
        self.machine, self.levels = machine, []
        made = hierarchy(matrix.down())
        A = matrix
        for level in made[:-1]:
            P, R = Matrix.of(machine, level.P), Matrix.of(machine, level.R)
            self.levels.append(Level(A, None, 0.0, P, R))
            A = self._coarser(self.levels[-1])
        self._follow(A)

    def renew(self, matrix: Matrix) -> None:
        """Take another matrix of the same pattern."""
        A = matrix
        for level in self.levels:
            level.A = A
            A = self._coarser(level)
        self._follow(A)

    def _coarser(self, level: Level) -> Matrix:
        """Galerkin's matrix of the next level, from that of this one, and what smooths this one."""
        product, up = self.machine.product, self.machine.up
        level.inverse = 1 / level.A.sparse.diagonal()
        level.upper = MARGIN * largest(level.A, level.inverse, up(start_vector(level.inverse.size)))
        made = product(level.R.sparse, product(level.A.sparse, level.P.sparse))
        return Matrix(self.machine, made.indptr, made.indices, made.data, level.P.shape[1])

    def _follow(self, coarsest: Matrix) -> None:
        self._coarsest = Dense(self.machine, coarsest.sparse)
        if self.levels:
            start = self.machine.up(start_vector(self.levels[0].A.shape[0]))
            self._lower = 1 - self._left_by_a_cycle(start)


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
