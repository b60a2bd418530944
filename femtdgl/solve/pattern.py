"""The sparsity pattern of assembled matrices, compiled: time and memory grow as the number of entries.

Sorting keys of all entries takes many times the memory of the matrix and N log N; going through the rows one by one,
with the cells about each row at hand and a mark for each column that was met, takes neither.

Where the entries of an element matrix go is not kept one by one either, which would take more room than the matrix.
The three unknowns of a node have neighbouring rows with the same columns, so that one number for a pair of nodes says
where its nine entries lie: see `Places`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.loops import Places, compiled, place_in

Index32 = NDArray[np.int32]


def pattern_of(size: int, row: Any, column: Any, more_rows: Any, more_columns: Any) -> tuple[Any, Any, Any]:
    """The pattern by rows: start (size + 1,), columns (nnz,) ascending in each row, and places of the further entries.

    row, column: (ne, local) rows and columns of the element matrices, -1 for none; more_rows, more_columns: (m,) of
    further entries, none negative.
    """
    row, column = (np.ascontiguousarray(part, dtype=np.int32) for part in (row, column))
    more_rows, more_columns = (np.ascontiguousarray(part, dtype=np.int32) for part in (more_rows, more_columns))
    cells, more = by_row(size, row.ravel()), by_row(size, more_rows)
    start = np.zeros(size + 1, dtype=np.int32)
    _fill(row, column, *cells, more_columns, *more, start, np.empty(0, dtype=np.int32))
    np.cumsum(start, out=start)
    columns = np.empty(start[-1], dtype=np.int32)
    _fill(row, column, *cells, more_columns, *more, start, columns)
    places = np.empty(more_rows.size, dtype=np.int32)
    _locate(start, columns, more_rows, more_columns, places)
    return start, columns, places


def places_of(dofs: Any, rows: Any, columns: Any, start: Any, index: Any, by_rows: bool) -> Places:
    """Where the entries of element matrices go.   dofs (ne, local); rows, columns (N, 3), -1 for none."""
    rows, columns = (np.ascontiguousarray(part, dtype=np.int32) for part in (rows, columns))
    offset = np.empty((dofs.shape[0], dofs.shape[1], dofs.shape[1]), dtype=np.int32)
    _offsets(dofs, *((rows, columns) if by_rows else (columns, rows)), start, index, offset)
    return Places(
        offset if by_rows else np.ascontiguousarray(offset.swapaxes(1, 2)), start, index, rows, columns, by_rows
    )


@compiled
def _offsets(dofs: Any, major: Any, minor: Any, start: Any, index: Any, offset: Any) -> None:
    """How far into the three rows of node i the three columns of node j lie; -1 where that is no one number."""
    for e in range(dofs.shape[0]):
        for i in range(dofs.shape[1]):
            r = major[dofs[e, i], 0]
            inner = r >= 0 and major[dofs[e, i], 1] == r + 1 and major[dofs[e, i], 2] == r + 2
            for j in range(dofs.shape[1]):
                c = minor[dofs[e, j], 0]
                offset[e, i, j] = -1
                if inner and c >= 0 and minor[dofs[e, j], 1] == c + 1 and minor[dofs[e, j], 2] == c + 2:
                    far = place_in(start, index, r, c) - start[r]
                    same = True
                    for f in range(3):
                        same = same and start[r + f] + far + 2 < start[r + f + 1]
                        for g in range(3):
                            same = same and index[start[r + f] + far + g] == c + g
                    if same:
                        offset[e, i, j] = far


def by_row(size: int, rows: Any) -> tuple[Any, Any]:
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
def _locate(start: Any, index: Any, rows: Any, columns: Any, places: Any) -> None:
    """Places of entries that are there."""
    for k in range(rows.size):
        places[k] = place_in(start, index, rows[k], columns[k])
