"""Incomplete factorisation of a sparse matrix of 2 x 2 blocks, compiled.

The block of psi in the Jacobian is diffusion plus a mass that grows as the step shrinks: within a step, information
travels a few cells only.  An incomplete factorisation without fill, ILU(0), with the pair (Re psi, Im psi) of a node
as one block, is then nearly as good as a complete one, at a hundredth of its cost, and as cheap in three dimensions.
For the same reason a large one may fall into ranges of rows that know nothing of each other, one for each thread.

Blocks lie row by row, columns ascending: `start` (rows + 1,), `column` (blocks,), `block` (blocks, 2, 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.solve.loops import compiled
from femtdgl.solve.products import unsigned
from femtdgl.solve.threads import each, ranges

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class IncompleteLU:
    """ILU(0) of the 2 x 2 blocks of some pairs of unknowns, and their places in the whole matrix."""

    def __init__(self, pattern: sp.csr_matrix, first: Index) -> None:
        """first (rows,): the first unknown of each pair, in the order of elimination; the other one follows it."""
        self._first = unsigned(first.astype(np.int32))
        number = np.full(pattern.shape[0], -1, dtype=np.int32)
        number[first] = np.arange(first.size)
        start = np.zeros(first.size + 1, dtype=np.int32)
        _blocks(pattern.indptr, pattern.indices, first, number, start, np.empty((0, 2), dtype=np.int32))
        found = np.empty((start[-1], 2), dtype=np.int32)  # column, and place of the upper left entry in its row
        _blocks(pattern.indptr, pattern.indices, first, number, start, found)
        self._column, self._place = (unsigned(np.ascontiguousarray(part)) for part in found.T)
        self._below = np.diff(pattern.indptr)[first].astype(np.int32)  # from an entry to the one below it
        row = np.repeat(np.arange(first.size), np.diff(start))
        self._diagonal = np.flatnonzero(self._column == row).astype(np.uint32)
        self._block = np.empty((self._column.size, 2, 2))
        self._start, self._edges = unsigned(start), ranges(start)
        self._x = np.empty((first.size, 2))

    def factorise(self, entries: Array) -> None:
        """Take the blocks from the entries of the whole matrix, and factorise them."""
        start, column, diagonal, block, edges = self._start, self._column, self._diagonal, self._block, self._edges

        def work(k: int) -> None:
            gather(entries, start, self._place, self._below, block, edges[k], edges[k + 1])
            factorise(start, column, diagonal, block, edges[k], edges[k + 1])

        each(work, edges.size - 1)

    def take(self, r: Array) -> Array:
        """The right side (rows, 2) of `solve`, in place of the last one, from all unknowns (size,)."""
        x, edges = self._x, self._edges
        each(lambda k: take(r, self._first, x, edges[k], edges[k + 1]), edges.size - 1)
        return x

    def solve(self, x: Array, z: Array) -> None:
        """Solves in place: x (rows, 2) holds the right side; what comes out is put into all unknowns z (size,) too."""
        parts, first, edges = (self._start, self._column, self._diagonal, self._block), self._first, self._edges

        def work(k: int) -> None:
            substitute(*parts, x, edges[k], edges[k + 1])
            put(x, first, z, edges[k], edges[k + 1])

        each(work, edges.size - 1)


@compiled
def _blocks(start: Any, index: Any, first: Any, number: Any, out_start: Any, out: Any) -> None:
    """The blocks of each row, ascending by column; counted if there is no room for them."""
    width = 0
    for i in range(first.size):
        width = max(width, start[first[i] + 1] - start[first[i]])
    columns, places = np.empty(width, dtype=np.int32), np.empty(width, dtype=np.int32)
    for i in range(first.size):
        count = 0
        for s in range(start[first[i]], start[first[i] + 1]):
            if number[index[s]] >= 0:
                columns[count], places[count] = number[index[s]], s
                count += 1
        if out.shape[0] == 0:
            out_start[i + 1] = out_start[i] + count
        else:
            order = np.argsort(columns[:count])
            for k in range(count):
                out[out_start[i] + k, 0], out[out_start[i] + k, 1] = columns[order[k]], places[order[k]]


@compiled
def take(r: Any, place: Any, x: Any, first: int, last: int) -> None:
    """x (rows, 2) of rows from first to last, from where the pairs lie in r."""
    for i in range(first, last):
        x[i, 0], x[i, 1] = r[place[i]], r[place[i] + 1]


@compiled
def put(x: Any, place: Any, z: Any, first: int, last: int) -> None:
    """The pairs of rows from first to last, to where they lie in z."""
    for i in range(first, last):
        z[place[i]], z[place[i] + 1] = x[i, 0], x[i, 1]


@compiled
def gather(entries: Any, start: Any, place: Any, below: Any, block: Any, first: int, last: int) -> None:
    """The blocks of rows from first to last, from the entries of the whole matrix."""
    for i in range(first, last):
        for s in range(start[i], start[i + 1]):
            upper, lower = place[s], place[s] + below[i]
            block[s, 0, 0], block[s, 0, 1] = entries[upper], entries[upper + 1]
            block[s, 1, 0], block[s, 1, 1] = entries[lower], entries[lower + 1]


@compiled
def factorise(start: Any, column: Any, diagonal: Any, block: Any, first: int, last: int) -> None:
    """ILU(0) in place of rows and columns from first to last: L (unit diagonal) below, U above, and the inverses of the
    diagonal blocks of U.

    diagonal (rows,): place of the diagonal block of each row.
    """
    place = np.full(last - first, -1, dtype=np.int64)
    for i in range(first, last):
        for s in range(start[i], start[i + 1]):
            if first <= column[s] < last:
                place[column[s] - first] = s
        for s in range(start[i], diagonal[i]):
            k = column[s]
            if k < first:
                continue
            d = diagonal[k]
            a, b, c, e = block[s, 0, 0], block[s, 0, 1], block[s, 1, 0], block[s, 1, 1]
            l00 = a * block[d, 0, 0] + b * block[d, 1, 0]
            l01 = a * block[d, 0, 1] + b * block[d, 1, 1]
            l10 = c * block[d, 0, 0] + e * block[d, 1, 0]
            l11 = c * block[d, 0, 1] + e * block[d, 1, 1]
            block[s, 0, 0], block[s, 0, 1], block[s, 1, 0], block[s, 1, 1] = l00, l01, l10, l11
            for r in range(d + 1, start[k + 1]):
                at = place[column[r] - first] if column[r] < last else -1
                if at >= 0:
                    u00, u01, u10, u11 = block[r, 0, 0], block[r, 0, 1], block[r, 1, 0], block[r, 1, 1]
                    block[at, 0, 0] -= l00 * u00 + l01 * u10
                    block[at, 0, 1] -= l00 * u01 + l01 * u11
                    block[at, 1, 0] -= l10 * u00 + l11 * u10
                    block[at, 1, 1] -= l10 * u01 + l11 * u11
        d = diagonal[i]
        a, b, c, e = block[d, 0, 0], block[d, 0, 1], block[d, 1, 0], block[d, 1, 1]
        determinant = a * e - b * c
        block[d, 0, 0], block[d, 0, 1] = e / determinant, -b / determinant
        block[d, 1, 0], block[d, 1, 1] = -c / determinant, a / determinant
        for s in range(start[i], start[i + 1]):
            if first <= column[s] < last:
                place[column[s] - first] = -1


@compiled
def substitute(start: Any, column: Any, diagonal: Any, block: Any, x: Any, first: int, last: int) -> None:
    """Solves L U x = r in place for rows from first to last: x (rows, 2) holds r."""
    for i in range(first, last):
        u, v = x[i, 0], x[i, 1]
        for s in range(start[i], diagonal[i]):
            k = column[s]
            if k >= first:
                u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
                v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        x[i, 0], x[i, 1] = u, v
    for i in range(last - 1, first - 1, -1):
        u, v = x[i, 0], x[i, 1]
        for s in range(diagonal[i] + 1, start[i + 1]):
            k = column[s]
            if k < last:
                u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
                v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        d = diagonal[i]
        x[i, 0] = block[d, 0, 0] * u + block[d, 0, 1] * v
        x[i, 1] = block[d, 1, 0] * u + block[d, 1, 1] * v
