"""Sparse matrices on a machine, and blocks of one that are taken from its entries."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.device.machine import Machine
from femtdgl.solve.products import Part

Index = NDArray[np.intp]


class Matrix:
    """A sparse matrix by rows; its entries `data` may be exchanged."""

    def __init__(self, machine: Machine, start: Any, index: Any, data: Any, width: int) -> None:
        self.machine, self.start, self.index, self.data, self.width = machine, start, index, data, width

    @classmethod
    def of(cls, machine: Machine, matrix: sp.csr_matrix) -> Matrix:
        """A copy of a matrix here."""
        matrix = sp.csr_matrix(matrix)
        matrix.sort_indices()
        up = machine.up
        return cls(
            machine, up(matrix.indptr, np.int32), up(matrix.indices, np.int32), up(matrix.data, float), matrix.shape[1]
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.start.size) - 1, self.width

    def times(self, x: Any) -> Any:
        """The matrix times a vector."""
        return self.machine.times(self.start, self.index, self.data, self.width, x)

    def rest(self, x: Any, b: Any) -> Any:
        """b less the matrix times x."""
        return self.machine.rest(self.start, self.index, self.data, self.width, x, b)

    def down(self) -> sp.csr_matrix:
        """A copy here."""
        down = self.machine.down
        return sp.csr_matrix((down(self.data), down(self.index), down(self.start)), shape=self.shape)

    def places(self) -> tuple[Index, Index]:
        """Rows and columns of the entries, here."""
        start, index = self.machine.down(self.start), self.machine.down(self.index)
        return np.repeat(np.arange(self.shape[0]), np.diff(start)), index

    def pattern(self) -> sp.csr_matrix:
        """A matrix here with ones where this one has entries, be they zero."""
        down, index = self.machine.down, self.machine.down(self.index)
        return sp.csr_matrix((np.ones(index.size), index, down(self.start)), shape=self.shape)


class Product(Matrix):
    """A B, of two matrices whose entries may be exchanged; its pattern is found here, once.

    No library's product: those may add up in another order from run to run.
    """

    def __init__(self, A: Matrix, B: Matrix) -> None:
        made, up = (A.pattern() @ B.pattern()).tocsr(), A.machine.up
        made.sort_indices()
        start, index = up(made.indptr, np.int32), up(made.indices, np.int32)
        super().__init__(A.machine, start, index, up(np.zeros(made.nnz)), B.width)
        self.first, self.second = A, B
        self._row = up(self.places()[0], np.int32)

    def follow(self) -> Product:
        """Take the entries of the two."""
        A, B = self.first, self.second
        self.machine.kernels.product(
            self._row, self.index, A.start, A.index, A.data, B.start, B.index, B.data, self.data
        )
        return self


class Block(Matrix):
    """Some rows and columns of the Jacobian."""

    def __init__(self, machine: Machine, pattern: sp.csr_matrix, rows: Index, columns: Index) -> None:
        part = Part(pattern, rows, columns)
        index, start = part.matrix.indices.astype(np.int32), part.matrix.indptr.astype(np.int32)
        super().__init__(machine, machine.up(start), machine.up(index), machine.up(part.matrix.data), columns.size)
        self.entries = machine.up(part.entries)
        self.row = np.repeat(np.arange(rows.size), np.diff(start))
        self.column = index

    def fill(self, entries: Any) -> Block:
        """Take the block from the entries of the Jacobian."""
        self.data = self.machine.xp.take(entries, self.entries)
        return self


class PairInverse:
    """The inverse of the 2 x 2 blocks on the diagonal of a block whose unknowns come in pairs."""

    def __init__(self, block: Block) -> None:
        up = block.machine.up
        self.xp, self.block = block.machine.xp, block
        own = np.flatnonzero(block.row == block.column)
        other = np.flatnonzero(block.row == (block.column ^ 1))
        self._own, self._other = up(own), up(other)
        self._swapped = up(np.arange(own.size) ^ 1)
        self.own: Any = None
        self.other: Any = None

    def follow(self) -> None:
        """Invert what is in the block now."""
        own, other = self.block.data[self._own], self.block.data[self._other]
        determinant = own * own[self._swapped] - other * other[self._swapped]
        self.own, self.other = own[self._swapped] / determinant, -other / determinant

    def __call__(self, r: Any) -> Any:
        """The inverse times r."""
        return self.block.machine.pairs(self.own, self.other, r)
