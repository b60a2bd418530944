"""The sparsity pattern of assembled matrices, compiled: time and memory grow as the number of entries.

Sorting keys of all entries takes many times the memory of the matrix and N log N; going through the rows one by one,
with the cells about each row at hand and a mark for each column that was met, takes neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.loops import compiled

Index32 = NDArray[np.int32]


def pattern_of(size: int, row: Any, column: Any, more_rows: Any, more_columns: Any) -> tuple[Any, Any, Any, Any]:
    """The pattern by rows: start (size + 1,), columns (nnz,) ascending in each row, and where each entry lies in it.

    row, column: (ne, local) rows and columns of the element matrices, -1 for none; more_rows, more_columns: (m,) of
    further entries, none negative.  The places: slots (ne, local, local), -1 for none, and of the further ones (m,).
    """
    row, column = (np.ascontiguousarray(part, dtype=np.int32) for part in (row, column))
    more_rows, more_columns = (np.ascontiguousarray(part, dtype=np.int32) for part in (more_rows, more_columns))
    cells, more = _by_row(size, row.ravel()), _by_row(size, more_rows)
    start = np.zeros(size + 1, dtype=np.int32)
    _fill(row, column, *cells, more_columns, *more, start, np.empty(0, dtype=np.int32))
    np.cumsum(start, out=start)
    columns = np.empty(start[-1], dtype=np.int32)
    _fill(row, column, *cells, more_columns, *more, start, columns)
    slots = np.full((*row.shape, column.shape[1]), -1, dtype=np.int32)
    places = np.empty(more_rows.size, dtype=np.int32)
    _locate(row, column, *cells, more_columns, *more, start, columns, slots, places)
    return start, columns, slots, places


def _by_row(size: int, rows: Any) -> tuple[Any, Any]:
    """Numbers of the entries of each row, one row after the other, and where each begins (negative rows left out)."""
    start, order = np.zeros(size + 1, dtype=np.int32), np.empty(int(np.sum(rows >= 0)), dtype=np.int32)
    _count(rows, start, order)
    return start, order


@compiled
def _count(rows: Any, start: Any, order: Any) -> None:
    """A counting sort: `start` (rows + 1,) from zeros, `order` (entries,)."""
    for k in range(rows.size):
        if rows[k] >= 0:
            start[rows[k] + 1] += 1
    for r in range(start.size - 1):
        start[r + 1] += start[r]
    free = start[:-1].copy()
    for k in range(rows.size):
        if rows[k] >= 0:
            order[free[rows[k]]] = k
            free[rows[k]] += 1


@compiled
def _fill(
    row: Any, column: Any, begin: Any, order: Any, more: Any, more_begin: Any, more_order: Any, start: Any, out: Any
) -> None:
    """Number of columns of each row into start[1:], if `out` is empty; else the columns themselves, ascending."""
    local = row.shape[1]
    size = begin.size - 1
    met = np.full(size, -1, dtype=np.int32)
    found = np.empty(size, dtype=np.int32)
    for r in range(size):
        count = 0
        for k in range(begin[r], begin[r + 1]):
            e = order[k] // local
            for j in range(column.shape[1]):
                c = column[e, j]
                if c >= 0 and met[c] != r:
                    met[c] = r
                    found[count] = c
                    count += 1
        for k in range(more_begin[r], more_begin[r + 1]):
            c = more[more_order[k]]
            if met[c] != r:
                met[c] = r
                found[count] = c
                count += 1
        if out.size == 0:
            start[r + 1] = count
        else:
            out[start[r] : start[r + 1]] = np.sort(found[:count])


@compiled
def _locate(
    row: Any, column: Any, begin: Any, order: Any, more: Any, more_begin: Any, more_order: Any, start: Any,
    columns: Any, slots: Any, places: Any,
) -> None:  # fmt: skip
    """Places of the entries of element matrices and of the further ones."""
    local = row.shape[1]
    size = begin.size - 1
    place = np.empty(size, dtype=np.int32)
    for r in range(size):
        for k in range(start[r], start[r + 1]):
            place[columns[k]] = k
        for k in range(begin[r], begin[r + 1]):
            e, i = order[k] // local, order[k] % local
            for j in range(column.shape[1]):
                c = column[e, j]
                if c >= 0:
                    slots[e, i, j] = place[c]
        for k in range(more_begin[r], more_begin[r + 1]):
            places[more_order[k]] = place[more[more_order[k]]]
