"""Products with sparse matrices in threads, and blocks of a matrix that are read where they stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
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
        lengths = np.diff(matrix.indptr)
        self._rows = None if rows is None else rows.astype(np.uint32)
        self._edges = ranges(
            np.concatenate(([0], np.cumsum(lengths if rows is None else lengths[rows], dtype=np.int64)))
        ).tolist()

    @property
    def parts(self) -> tuple[Any, Any, Array]:
        """What the loops need of the matrix: where rows start, columns, entries."""
        return unsigned(self.matrix.indptr), unsigned(self.matrix.indices), self.matrix.data

    def times(self, x: Array, out: Array | None = None) -> Array:
        """These rows of the matrix times x, into `out` if it is given."""
        out = np.empty(self._edges[-1]) if out is None else out
        if self._rows is None:
            self.over(partial(_times, *self.parts, x, out))
        else:
            self.over(partial(_times_some, *self.parts, self._rows, x, out))
        return out

    def rest(self, x: Array, b: Array, out: Array | None = None) -> Array:
        """b less the whole matrix times x, into `out` if it is given, which may be b."""
        out = np.empty_like(b) if out is None else out
        self.over(partial(_rest, *self.parts, x, b, out))
        return out

    def rest_at(self, places: Index, x: Array, b: Array) -> Array:
        """b at some places, one a row, less the whole matrix times x."""
        out = np.empty(self._edges[-1])
        self.over(partial(_rest_at, *self.parts, places, x, b, out))
        return out

    def put(self, values: Array, places: Index, z: Array) -> None:
        """Values, one a row, to their places in z."""
        self.over(partial(_put, values, places, z))

    def pieces(self, work: Callable[[int, int], None]) -> None:
        """work(first, last) on ranges of rows, the same ones for any number of threads."""
        edges = self._edges
        each(lambda k: work(edges[k], edges[k + 1]), len(edges) - 1)

    @property
    def count(self) -> int:
        """Number of the ranges."""
        return len(self._edges) - 1

    def numbered(self, work: Callable[[int, int, int], None]) -> None:
        """work(number, first, last) on the same ranges: for a sum over each."""
        edges = self._edges
        each(lambda k: work(k, edges[k], edges[k + 1]), len(edges) - 1)

    def over(self, work: Callable[[int, int], None]) -> None:
        """The same for sums row by row, which do not depend on the ranges: on one thread all rows at once."""
        if count() == 1:
            work(0, self._edges[-1])
        else:
            self.pieces(work)


def unsigned(places: NDArray[np.int32]) -> NDArray[np.uint32]:
    """The same numbers, none negative, for compiled loops: they look at a place with a sign for whether it counts from
    the end, which takes longer than what is done there.
    """
    return places.view(np.uint32)


@compiled
def _times(start: Any, index: Any, data: Any, x: Any, out: Any, first: int, last: int) -> None:
    """out[k] = sum of row k times x, for k from first to last."""
    end = start[first]
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = 0.0
        for s in range(end - begin):  # a count from zero, which is faster than one from `begin`
            total += data[begin + s] * x[index[begin + s]]
        out[k] = total


@compiled
def _times_some(start: Any, index: Any, data: Any, rows: Any, x: Any, out: Any, first: int, last: int) -> None:
    """out[k] = sum of row rows[k] times x, for k from first to last."""
    for k in range(first, last):
        total = 0.0
        for s in range(start[rows[k]], start[rows[k] + 1]):
            total += data[s] * x[index[s]]
        out[k] = total


@compiled
def _rest(start: Any, index: Any, data: Any, x: Any, b: Any, out: Any, first: int, last: int) -> None:
    """out[k] = b[k] - sum of row k times x, for k from first to last."""
    end = start[first]
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = b[k]
        for s in range(end - begin):
            total -= data[begin + s] * x[index[begin + s]]
        out[k] = total


@compiled
def _rest_at(start: Any, index: Any, data: Any, places: Any, x: Any, b: Any, out: Any, first: int, last: int) -> None:
    """out[k] = b[places[k]] - sum of row k times x, for k from first to last."""
    end = start[first]
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = b[places[k]]
        for s in range(end - begin):
            total -= data[begin + s] * x[index[begin + s]]
        out[k] = total


@compiled
def _put(values: Any, places: Any, z: Any, first: int, last: int) -> None:
    """z[places[k]] = values[k], for k from first to last."""
    for k in range(first, last):
        z[places[k]] = values[k]


def moved(values: Array, places: NDArray[Any], old: Array, most: float = 0.0, relative: float = 0.0) -> bool:
    """Whether a value at one of some places is further from the old one than `most` and a part of itself."""
    return bool(_moved(values, places, old, most, relative))


def _moved_loop(values: Any, places: Any, old: Any, most: float, relative: float) -> Any:
    """`moved`, in a loop that ends where it is found."""
    for k in range(places.size):
        now = values[places[k]]
        if abs(now - old[k]) > most + relative * abs(now):
            return True
    return False


_moved: Any = compiled(_moved_loop)


class Part:
    """A block of the Jacobian, with entries of its own."""

    def __init__(
        self, pattern: sp.csr_matrix, rows: Index, columns: Index, *, numbered: bool = True, kind: Any = np.float64
    ) -> None:
        """Columns are numbered as they are given, or else keep their number in the whole matrix.   kind: of entries."""
        number = np.full(pattern.shape[1], -1, dtype=np.int32)
        number[columns] = np.arange(columns.size) if numbered else columns
        start = np.zeros(rows.size + 1, dtype=np.int32)
        empty = np.empty(0, dtype=np.int32)
        _part(pattern.indptr, pattern.indices, rows, number, start, empty, empty)
        index, self.entries = (np.empty(start[-1], dtype=np.int32) for _ in range(2))
        _part(pattern.indptr, pattern.indices, rows, number, start, index, self.entries)
        self.matrix = sp.csr_matrix(
            (np.zeros(index.size, dtype=kind), index, start),
            shape=(rows.size, columns.size if numbered else pattern.shape[1]),
        )

    @cached_property
    def diagonal(self) -> NDArray[np.int32]:
        """Places of the entries on the diagonal, which are all there, in those of the whole matrix."""
        row = np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))
        return self.entries[row == self.matrix.indices]

    def fill(self, data: Array) -> sp.csr_matrix:
        """The block, with its entries taken from those of the whole Jacobian."""
        entries, out, parts = self.entries, self.matrix.data, slices(self.entries.size)
        each(lambda k: _take(data, unsigned(entries), out, parts[k].start, parts[k].stop), len(parts))
        return self.matrix


@compiled
def _take(data: Any, places: Any, out: Any, first: int, last: int) -> None:
    """out[k] = data[places[k]], for k from first to last."""
    for k in range(first, last):
        out[k] = data[places[k]]


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
