"""Structure: the sparsity pattern of the Jacobian, and where each piece that is computed finds its entries.

Three kinds of pieces make the matrix: element matrices of psi and phi (`slots`), entries that never change
(`constant` + cj `constant_dot`), and the entries of heat (`heat`).
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


@dataclass(frozen=True)
class Structure:
    """See the module.   `pattern` is a matrix of ones: by rows for the iterative solver, else by columns."""

    pattern: Any
    slots: NDArray[np.int32]  # (ne, 3 local, 3 local), -1 for none
    constant: Array  # (nnz,)
    constant_dot: Array
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
        number = _Number(size, by_rows)
        dofs = space.elements.dofs
        row, column = (part[dofs].reshape(dofs.shape[0], -1) for part in fields)  # (ne, 3 local)
        slots, keys = _element_slots(space, row, column, number)
        extra_keys = [number(np.asarray(r), np.asarray(c)) for r, c, _, _ in extras]
        counts = [keys.size, sum(k.size for k in extra_keys)]
        heat_keys, used = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
        if heat is not None:
            used = (heat[0] >= 0) & (heat[1] >= 0)
            heat_keys = number(heat[0][used], heat[1][used])
        unique, place = np.unique(np.concatenate((keys, *extra_keys, heat_keys)), return_inverse=True)
        slots = np.where(slots >= 0, place[slots], -1).astype(np.int32)
        at, nnz = place[counts[0] : sum(counts)], unique.size
        values = np.concatenate([np.broadcast_to(v, np.shape(r)) for r, _, v, _ in extras])
        values_dot = np.concatenate([np.broadcast_to(v, np.shape(r)) for r, _, _, v in extras])
        constant, constant_dot = np.zeros(nnz), np.zeros(nnz)
        constant += np.bincount(at, weights=values, minlength=nnz)
        constant_dot += np.bincount(at, weights=values_dot, minlength=nnz)
        heat_places = np.flatnonzero(used), place[sum(counts) :]
        major, minor = unique // size, unique % size
        kind, shape = (sp.csr_matrix, (size, size)) if by_rows else (sp.csc_matrix, (size, size))
        pattern = kind((np.ones(nnz), (major, minor) if by_rows else (minor, major)), shape=shape)
        return cls(pattern, slots, constant, constant_dot, heat_places)

    def add_heat(self, values: Array, data: Array) -> None:
        """Adds the values of the entries of heat to the entries of the matrix."""
        used, places = self.heat
        data += np.bincount(places, weights=values[used], minlength=data.size)


@dataclass(frozen=True)
class _Number:
    """A number for an entry, in the order of storage."""

    size: int
    by_rows: bool

    def __call__(self, row: Index, column: Index) -> Index:
        return row * self.size + column if self.by_rows else column * self.size + row


def _element_slots(space: Space, row: Index, column: Index, number: _Number) -> tuple[NDArray[np.int32], Index]:
    """Distinct keys of the entries of all element matrices, and where each entry finds its own, or -1.

    row, column: (ne, 3 local).   Pairs of nodes are told apart first: in three dimensions there are sixty times
    as many entries of element matrices as pairs.
    """
    dofs = space.elements.dofs.astype(np.int64)
    ne, local = dofs.shape
    pairs = (dofs[:, :, None] * space.N + dofs[:, None, :]).reshape(-1)
    _, first, pair = np.unique(pairs, return_index=True, return_inverse=True)
    e, i, j = np.unravel_index(first, (ne, local, local))
    fields = np.arange(3)
    r = row[e[:, None], 3 * i[:, None] + fields][:, :, None]
    c = column[e[:, None], 3 * j[:, None] + fields][:, None, :]
    used = (r >= 0) & (c >= 0)
    keys, place = np.unique(number(r, c)[used], return_inverse=True)
    of_pair = np.full(used.shape, -1, dtype=np.int32)
    of_pair[used] = place
    slots = of_pair[pair].reshape(ne, local, local, 3, 3).swapaxes(2, 3)
    return np.ascontiguousarray(slots).reshape(ne, 3 * local, 3 * local), keys
