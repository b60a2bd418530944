"""Products with sparse matrices in threads, and blocks of a matrix that are read where they stand."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.solve.loops import compiled
from femtdgl.solve.threads import count, each, ranges, slices

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class Rows:
    """Some rows of a matrix, all of them unless said otherwise, as an operator; the matrix may change its entries."""

    def __init__(self, matrix: sp.csr_matrix, rows: Index | None = None) -> None:
        self.matrix = matrix
        number = matrix.shape[0] if rows is None else rows.size
        self._rows = np.arange(number, dtype=np.uint32) if rows is None else rows.astype(np.uint32)
        self._edges = ranges(
            np.concatenate(([0], np.cumsum(np.diff(matrix.indptr)[self._rows.astype(np.intp)], dtype=np.int64)))
        )

    def times(self, x: Array) -> Array:
        """These rows of the matrix times x."""
        out = np.empty(self._rows.size)
        A, edges = self.matrix, self._edges
        parts = (unsigned(A.indptr), unsigned(A.indices), A.data, self._rows, x, out)
        if count() == 1:
            _times(*parts, 0, out.size)
        else:
            each(lambda k: _times(*parts, edges[k], edges[k + 1]), edges.size - 1)
        return out


def unsigned(places: NDArray[np.int32]) -> NDArray[np.uint32]:
    """The same numbers, none negative, for compiled loops: they look at a place with a sign for whether it counts from
    the end, which takes longer than what is done there.
    """
    return places.view(np.uint32)


@compiled
def _times(start: Any, index: Any, data: Any, rows: Any, x: Any, out: Any, first: int, last: int) -> None:
    """out[k] = sum of row rows[k] times x, for k from first to last."""
    for k in range(first, last):
        total = 0.0
        for s in range(start[rows[k]], start[rows[k] + 1]):
            total += data[s] * x[index[s]]
        out[k] = total


class Part:
    """A block of the Jacobian, with entries of its own."""

    def __init__(self, pattern: sp.csr_matrix, rows: Index, columns: Index) -> None:
        number = np.full(pattern.shape[1], -1, dtype=np.int32)
        number[columns] = np.arange(columns.size)
        start = np.zeros(rows.size + 1, dtype=np.int32)
        empty = np.empty(0, dtype=np.int32)
        _part(pattern.indptr, pattern.indices, rows, number, start, empty, empty)
        index, self.entries = (np.empty(start[-1], dtype=np.int32) for _ in range(2))
        _part(pattern.indptr, pattern.indices, rows, number, start, index, self.entries)
        self.matrix = sp.csr_matrix((np.zeros(index.size), index, start), shape=(rows.size, columns.size))

    @cached_property
    def diagonal(self) -> NDArray[np.int32]:
        """Places of the entries on the diagonal, which are all there, in those of the whole matrix."""
        row = np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))
        return self.entries[row == self.matrix.indices]

    def fill(self, data: Array) -> sp.csr_matrix:
        """The block, with its entries taken from those of the whole Jacobian."""
        entries, out, parts = self.entries, self.matrix.data, slices(self.entries.size)

        def take(k: int) -> None:
            np.take(data, entries[parts[k]], out=out[parts[k]], mode="clip")  # no buffer, as there is with "raise"

        each(take, len(parts))
        return self.matrix


@compiled
def _part(start: Any, index: Any, rows: Any, number: Any, out_start: Any, out_index: Any, entries: Any) -> None:
    """Entries of some rows in the columns that have a number, ascending: counted if there is no room for them."""
    found = 0
    for k in range(rows.size):
        for s in range(start[rows[k]], start[rows[k] + 1]):
            if number[index[s]] >= 0:
                if out_index.size > 0:
                    out_index[found], entries[found] = number[index[s]], s
                found += 1
        if out_index.size == 0:
            out_start[k + 1] = found
