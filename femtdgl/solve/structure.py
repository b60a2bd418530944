"""Structure: the sparsity pattern of the Jacobian, and where each piece that is computed finds its entries.

Three kinds of pieces make the matrix: element matrices of psi and phi (`places`), entries that never change (`fixed`,
their value and their value per cj), and the entries of heat (`heat`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]

Extra = tuple[Index, Index, Any, float]
"""Row, column, value, value per cj."""


@dataclass(frozen=True, eq=False)
class Structure:
    """See the module.   `pattern` is a matrix of ones: by rows for the iterative solver, else by columns."""

    pattern: Any
    fields: tuple[Index, Index]  # rows and columns of psi and phi at the nodes, (N, 3) each, -1 for none
    fixed: tuple[Index, Array, Array]  # places, values and values per cj
    heat: tuple[Index, Index]  # entries of heat that have a place, and their places

    @classmethod
    def build(
        cls,
        space: Space,
        size: int,
        fields: tuple[Index, Index],
        extras: list[Extra],
        heat: Sequence[Index] | None,
        by_rows: bool,
    ) -> Structure:
        """fields: rows and columns of psi and phi at the nodes, (N, 3) each, -1 for none; heat: rows and columns."""
        dofs = space.elements.dofs
        row, column = (part.astype(np.int32)[dofs].reshape(dofs.shape[0], -1) for part in fields)  # (ne, 3 local)
        used = np.empty(0, dtype=bool) if heat is None else (heat[0] >= 0) & (heat[1] >= 0)
        more = [(np.asarray(r), np.asarray(c)) for r, c, _, _ in extras]
        if heat is not None:
            more.append((heat[0][used], heat[1][used]))
        more_rows, more_columns = (np.concatenate(part) for part in zip(*more, strict=True))
        start, index, places = (_by_rows if by_rows else _by_columns)(size, row, column, more_rows, more_columns)
        kind = sp.csr_matrix if by_rows else sp.csc_matrix
        pattern = kind((np.ones(index.size, dtype=np.int8), index, start), shape=(size, size))
        count = sum(np.size(r) for r, _, _, _ in extras)
        values, rates = (
            np.concatenate([np.broadcast_to(extra[k], np.shape(extra[0])) for extra in extras]).astype(np.float64)
            for k in (2, 3)
        )
        return cls(pattern, fields, (places[:count], values, rates), (np.flatnonzero(used), places[count:]))

    @property
    def by_rows(self) -> bool:
        """Whether the entries lie row by row."""
        return bool(self.pattern.format == "csr")

    @property
    def columns(self) -> Index:
        """Column of each entry, (nnz,)."""
        pattern = self.pattern
        return pattern.indices if self.by_rows else np.repeat(np.arange(pattern.shape[1]), np.diff(pattern.indptr))

    def matrix(self, data: Array) -> sp.csc_matrix:
        """The matrix with these entries."""
        kind = type(self.pattern)
        return kind((data, self.pattern.indices, self.pattern.indptr), shape=self.pattern.shape).tocsc()

    def slots(self, dofs: Index) -> NDArray[np.int32]:
        """(ne, 3 local, 3 local): the place of each entry of the element matrices, -1 for none; by sorting."""
        rows, columns = (part[dofs].reshape(dofs.shape[0], -1) for part in self.fields)
        rows, columns = np.broadcast_arrays(rows[:, :, None], columns[:, None, :])
        size, there = self.pattern.shape[0], (rows >= 0) & (columns >= 0)
        major, minor = (rows, columns) if self.by_rows else (columns, rows)
        outer = np.repeat(np.arange(size, dtype=np.int64), np.diff(self.pattern.indptr))
        made = np.full(there.shape, -1, dtype=np.int32)
        made[there] = np.searchsorted(
            outer * size + self.pattern.indices, major[there].astype(np.int64) * size + minor[there]
        )
        return made

    def add_fixed(self, cj: float, data: Array, rate: Any = None) -> None:
        """Adds what never changes, value + cj rate, to the entries of the matrix, and the rates alone to `rate`."""
        places, values, per_cj = self.fixed
        np.add.at(data, places, values + cj * per_cj)
        if rate is not None:
            np.add.at(rate, places, per_cj)

    def add_heat(self, values: Array, data: Any) -> None:
        """Adds the values of the entries of heat to the entries of the matrix."""
        used, places = self.heat
        data += np.bincount(places, weights=values[used], minlength=data.size).astype(data.dtype, copy=False)


def _by_rows(*args: Any) -> tuple[Any, ...]:
    """`pattern.pattern_of`, loaded where it is needed."""
    from femtdgl.solve.pattern import pattern_of

    return pattern_of(*args)


def _by_columns(size: int, row: Index, column: Index, more_rows: Index, more_columns: Index) -> tuple[Any, ...]:
    """What `pattern_of` gives, by columns and by sorting: for few unknowns, where compiled code would have to be
    loaded for it; tests hold the two against each other.
    """
    number = lambda r, c: c.astype(np.int64) * size + r  # noqa: E731
    pairs = number(*np.broadcast_arrays(row[:, :, None], column[:, None, :]))
    there = (row[:, :, None] >= 0) & (column[:, None, :] >= 0)
    further = number(more_rows, more_columns)
    unique = np.unique(np.concatenate((pairs[there], further)))
    start = np.searchsorted(unique, np.arange(size + 1, dtype=np.int64) * size)
    return start.astype(np.int32), (unique % size).astype(np.int32), np.searchsorted(unique, further)
