"""Incomplete factorisation of a sparse matrix of 2 x 2 blocks, compiled.

The block of psi in the Jacobian is diffusion plus a mass that grows as the step shrinks: within a step, information
travels a few cells only.  An incomplete factorisation without fill, ILU(0), with the pair (Re psi, Im psi) of a node
as one block, is then nearly as good as a complete one, at a hundredth of its cost, and as cheap in three dimensions.

The rows of a large one fall into slices, in an order in which rows touch near ones only, so that a slice touches just
the two beside it.  Even slices come first, side by side in threads, then the odd ones, which touch no other odd one.
Nothing is left out unless a slice is thinner than the band: with slices that know nothing of each other GMRES took half
as many products again at 20 thousand nodes in the plane, and more steps.

The factors are kept in single precision: to read them is what a sweep over many rows takes its time for, and seven
digits are far more than ILU(0) has right.  What is worked out is so in double.

Blocks lie row by row, columns ascending: `start` (rows + 1,), `column` (blocks,), `block` (blocks, 2, 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numba.extending import register_jitable
from numpy.typing import NDArray

from femtdgl.solve.loops import compiled
from femtdgl.solve.products import unsigned
from femtdgl.solve.threads import PIECES, each, ranges

Array = NDArray[np.float64]
Index = NDArray[np.intp]

SLICE = 6000
"""Rows of a slice, at least: the thinner they are, the less the factors know of what is far."""


class IncompleteLU:
    """ILU(0) of the 2 x 2 blocks of some pairs of unknowns, and their places in the whole matrix."""

    def __init__(self, pattern: sp.csr_matrix, first: Index, kind: Any = np.float32) -> None:
        """first (rows,): the first unknown of each pair, near ones together; the other one follows it.   kind: that of
        the factors.
        """
        indptr, indices = pattern.indptr, pattern.indices
        count = min(max(first.size // (2 * SLICE) * 2, 1), PIECES)  # as many even ones as odd ones
        slices = ranges(np.concatenate(([0], np.cumsum(np.diff(indptr)[first]))), count)
        sizes = np.diff(slices)
        turn = np.r_[0 : sizes.size : 2, 1 : sizes.size : 2]  # even slices, then odd ones
        self.first: Index = np.concatenate([first[slices[k] : slices[k + 1]] for k in turn])  # in the order of rows
        first = self.first
        self._edges, self._even = np.concatenate(([0], np.cumsum(sizes[turn]))), -(-sizes.size // 2)
        of_row = np.repeat(turn, sizes[turn]).astype(np.int32)
        self._first = unsigned(first.astype(np.int32))
        number = np.full(pattern.shape[0], -1, dtype=np.int32)
        number[first] = np.arange(first.size)
        start = np.zeros(first.size + 1, dtype=np.int32)
        _blocks(indptr, indices, first, number, of_row, start, np.empty((0, 2), dtype=np.int32))
        found = np.empty((start[-1], 2), dtype=np.int32)  # column, and place of the upper left entry in its row
        _blocks(indptr, indices, first, number, of_row, start, found)
        self._column, self._place = (unsigned(np.ascontiguousarray(part)) for part in found.T)
        self._below = np.diff(indptr)[first].astype(np.int32)  # from an entry to the one below it
        row = np.repeat(np.arange(first.size), np.diff(start))
        self._diagonal = np.flatnonzero(self._column == row).astype(np.uint32)
        self._block = np.empty((self._column.size, 2, 2), dtype=kind)
        self._start, self._x = unsigned(start), np.empty((first.size, 2))

    def _each(self, work: Callable[[int, int], None], *, even: bool) -> None:
        """Even slices or odd ones, in threads: from the first of their rows to the last."""
        before, edges = 0 if even else self._even, self._edges
        count = self._even if even else edges.size - 1 - self._even
        each(lambda k: work(edges[before + k], edges[before + k + 1]), count)

    def factorise(self, entries: Array) -> None:
        """Take the blocks from the entries of the whole matrix, and factorise them."""
        parts = self._start, self._column, self._diagonal, self._block

        def work(first: int, last: int) -> None:
            gather(entries, self._start, self._place, self._below, self._block, first, last)
            factorise(*parts, first, last)

        self._each(work, even=True)
        self._each(work, even=False)

    def take(self, r: Array) -> Array:
        """The right side (rows, 2) of `solve`, in place of the last one, from all unknowns (size,)."""
        x, edges = self._x, self._edges
        each(lambda k: take(r, self._first, x, edges[k], edges[k + 1]), edges.size - 1)
        return x

    def solve(self, x: Array, z: Array) -> None:
        """Solves in place: x (rows, 2) holds the right side; what comes out is put into all unknowns z (size,) too."""
        parts = self._start, self._column, self._diagonal, self._block

        def up(first: int, last: int) -> None:
            back(*parts, x, first, last)
            put(x, self._first, z, first, last)

        def down_and_up(first: int, last: int) -> None:
            forth(*parts, x, first, last)
            up(first, last)

        if self._even == self._edges.size - 1:  # one slice
            self._each(down_and_up, even=True)
            return
        self._each(lambda first, last: forth(*parts, x, first, last), even=True)
        self._each(down_and_up, even=False)
        self._each(up, even=True)


@compiled
def _blocks(start: Any, index: Any, first: Any, number: Any, of_row: Any, out_start: Any, out: Any) -> None:
    """The blocks of each row, ascending by column; counted if there is no room for them.

    of_row (rows,): slices; blocks of two of them that are both even or both odd are left out, should there be any.
    """
    width = 0
    for i in range(first.size):
        width = max(width, start[first[i] + 1] - start[first[i]])
    columns, places = np.empty(width, dtype=np.int32), np.empty(width, dtype=np.int32)
    for i in range(first.size):
        count = 0
        for s in range(start[first[i]], start[first[i] + 1]):
            column = number[index[s]]
            if column >= 0 and (of_row[column] == of_row[i] or (of_row[column] - of_row[i]) % 2 != 0):
                columns[count], places[count] = column, s
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


@register_jitable
def as_double(block: Any, s: int) -> tuple[Any, Any, Any, Any]:
    """The entries of a block."""
    first, second = block[s]
    return np.float64(first[0]), np.float64(first[1]), np.float64(second[0]), np.float64(second[1])


@compiled
def factorise(start: Any, column: Any, diagonal: Any, block: Any, first: int, last: int) -> None:
    """ILU(0) in place, of rows from first to last after those they touch: L (unit diagonal) below, U above, and the
    inverses of the diagonal blocks of U.

    diagonal (rows,): place of the diagonal block of each row.
    """
    for i in range(first, last):
        for s in range(start[i], diagonal[i]):
            k = column[s]
            d = diagonal[k]
            a, b, c, e = as_double(block, s)
            p, q, r, t = as_double(block, d)
            l00, l01, l10, l11 = a * p + b * r, a * q + b * t, c * p + e * r, c * q + e * t
            block[s, 0, 0], block[s, 0, 1], block[s, 1, 0], block[s, 1, 1] = l00, l01, l10, l11
            at, end = s + np.uint32(1), start[i + 1]
            for far in range(d + 1, start[k + 1]):  # both rows ascend by column
                while at < end and column[at] < column[far]:
                    at += np.uint32(1)
                if at == end:
                    break
                if column[at] == column[far]:
                    p, q, r, t = as_double(block, far)
                    block[at, 0, 0] -= l00 * p + l01 * r
                    block[at, 0, 1] -= l00 * q + l01 * t
                    block[at, 1, 0] -= l10 * p + l11 * r
                    block[at, 1, 1] -= l10 * q + l11 * t
        d = diagonal[i]
        a, b, c, e = as_double(block, d)
        determinant = a * e - b * c
        block[d, 0, 0], block[d, 0, 1] = e / determinant, -b / determinant
        block[d, 1, 0], block[d, 1, 1] = -c / determinant, a / determinant


@compiled
def forth(start: Any, column: Any, diagonal: Any, block: Any, x: Any, first: int, last: int) -> None:
    """Solves L x = r in place for rows from first to last, after those they touch: x (rows, 2) holds r."""
    for i in range(first, last):
        u, v = x[i, 0], x[i, 1]
        for s in range(start[i], diagonal[i]):
            k = column[s]
            u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
            v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        x[i, 0], x[i, 1] = u, v


@compiled
def back(start: Any, column: Any, diagonal: Any, block: Any, x: Any, first: int, last: int) -> None:
    """Solves U x = r in place for rows from last to first, after those they touch: x (rows, 2) holds r."""
    for i in range(last - 1, first - 1, -1):
        u, v = x[i, 0], x[i, 1]
        for s in range(diagonal[i] + 1, start[i + 1]):
            k = column[s]
            u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
            v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        d = diagonal[i]
        x[i, 0] = block[d, 0, 0] * u + block[d, 0, 1] * v
        x[i, 1] = block[d, 1, 0] * u + block[d, 1, 1] * v
