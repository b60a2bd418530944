"""Inverses of the blocks of phi and of the temperatures, kept while their matrix stays near that of their making.

A complete LU where it is cheap, in planes and small solids; else `multigrid`, which wants a symmetric matrix:

* Rows of (1.4) add up to zero, so that phi is free up to a constant, and one of them is replaced by the gauge.  It is
  taken out: with that phi at zero the others follow, and a constant added to all of them then meets the gauge.  That is
  exact.  Potentials under voltage bias have rows of their own, and are known before the others.
* Lumped and mean temperatures follow from the fields.  What they do to the fields within a step is left to GMRES.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.solve.loops import compiled
from femtdgl.solve.multigrid import Multigrid, start_vector
from femtdgl.solve.products import Part, moved, unsigned

Array = NDArray[np.float64]
Index = NDArray[np.intp]

DRIFT = 0.3
"""Relative change of the diagonal at which an inverse is made anew."""
LARGEST_LU = {2: 100_000, 3: 4_000}
"""Unknowns up to which a complete LU is the cheaper one, by the number of dimensions."""

SYMMETRIC: Any = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
"""For matrices of symmetric pattern and strong diagonal."""

SINGLE = 1e-3
"""What factors in single precision may leave of the solution, relative, to be kept so: nothing to GMRES, which looks at
the matrix itself."""


class Kept(ABC):
    """An inverse of a matrix that moves slowly."""

    def __init__(self) -> None:
        self._diagonal: Array | None = None

    def forget(self) -> None:
        """The next matrix is inverted in any case."""
        self._diagonal = None

    def follow(self, block: Part, entries: Array) -> bool:
        """Inverts a block of the matrix with these entries, if it has moved away; whether it has."""
        old = self._diagonal
        if old is not None and not moved(entries, block.diagonal, old, relative=DRIFT):
            return False
        self._diagonal = entries[block.diagonal]
        self._make(block.fill(entries))
        return True

    @abstractmethod
    def _make(self, matrix: sp.csr_matrix) -> None:
        """What `solve` needs of the matrix."""

    @abstractmethod
    def solve(self, r: Array) -> Array:
        """x with A x = r, for the matrix of the last making."""


class CompleteLU(Kept):
    """A complete LU, its factors kept in single precision where that will do: a solve takes as long as to read them.

    In long or large domains the matrix is nearly singular, and its softest modes ask for more digits.
    """

    def _make(self, matrix: sp.csr_matrix) -> None:
        lu = splu(matrix.tocsc(), **SYMMETRIC)
        self._order, self._back = np.argsort(lu.perm_r), lu.perm_c
        L, U = lu.L.tocsc(), lu.U.tocsr()
        L.sort_indices()  # so that the diagonal comes first in its column, and in its row
        U.sort_indices()
        r = start_vector(matrix.shape[0])
        right = lu.solve(r)
        for kind in (np.float32, np.float64):
            with np.errstate(over="ignore"):
                entries = L.data.astype(kind), U.data.astype(kind)
            places = ((unsigned(A.indptr), unsigned(A.indices)) for A in (L, U))
            self._factors = tuple(part for at, data in zip(places, entries, strict=True) for part in (*at, data))
            if np.linalg.norm(self.solve(r) - right) <= SINGLE * np.linalg.norm(right):
                break

    def solve(self, r: Array) -> Array:
        """x with A x = r, to rounding or to SINGLE."""
        x = r[self._order]
        _substitute(*self._factors, x)
        return np.asarray(x[self._back])


@compiled
def _substitute(start: Any, row: Any, lower: Any, begin: Any, column: Any, upper: Any, x: Any) -> None:
    """Solves L U x = r in place.   L by columns, its diagonal one; U by rows; the diagonal first in both."""
    for j in range(x.size):
        value = x[j]
        for s in range(start[j] + 1, start[j + 1]):
            x[row[s]] -= lower[s] * value
    for i in range(x.size - 1, -1, -1):
        total = x[i]
        for s in range(begin[i] + 1, begin[i + 1]):
            total -= upper[s] * x[column[s]]
        x[i] = total / upper[begin[i]]


class FloatingMultigrid(Kept):
    """Multigrid for a potential, by whatever its constant is fixed."""

    def __init__(self, size: int, gauge_row: int, gauge: Array, biased: Index) -> None:
        """size of the block; in its own numbering: the row of the gauge, its weights (size,), the biased ones."""
        super().__init__()
        self._gauge_row, self._gauge, self._biased = gauge_row, gauge, biased
        inside = np.ones(size, dtype=bool)
        inside[[gauge_row, *biased]] = False
        self._inside = np.flatnonzero(inside)
        ends = np.array([-1, *np.flatnonzero(~inside), size])
        self._runs = [  # of what is inside, which is nearly all: in the block, and among themselves
            (slice(a + 1, b), slice(a + 1 - k, b - k)) for k, (a, b) in enumerate(pairwise(ends.tolist()))
        ]

    def _make(self, matrix: sp.csr_matrix) -> None:
        rows = matrix[self._inside]
        self._grids = Multigrid(rows[:, self._inside])
        self._from_biased = rows[:, self._biased]

    def solve(self, r: Array) -> Array:
        """x with A x near r."""
        x, right = np.empty_like(r), np.empty(self._inside.size)
        for there, here in self._runs:
            right[here] = r[there]
        if self._biased.size:
            right -= self._from_biased @ r[self._biased]
        found = self._grids.solve(right)
        for there, here in self._runs:
            x[there] = found[here]
        x[self._gauge_row], x[self._biased] = 0.0, r[self._biased]
        if not self._biased.size:
            x += (r[self._gauge_row] - self._gauge @ x) / self._gauge.sum()
        return x


class HeatMultigrid(Kept):
    """Multigrid for the fields of temperature; lumped and mean temperatures follow from them."""

    def __init__(self, size: int, fields: int) -> None:
        """Sizes of the block and of the fields, which come first in it."""
        super().__init__()
        self._fields, self._others = np.arange(fields), np.arange(fields, size)

    def _make(self, matrix: sp.csr_matrix) -> None:
        self._grids = Multigrid(matrix[self._fields][:, self._fields])
        if self._others.size:
            rows = matrix[self._others]
            self._from_fields, self._rest = rows[:, self._fields], splu(rows[:, self._others].tocsc())

    def solve(self, r: Array) -> Array:
        """x with A x near r."""
        x = np.empty_like(r)
        x[self._fields] = fields = self._grids.solve(r[self._fields])
        if self._others.size:
            x[self._others] = self._rest.solve(r[self._others] - self._from_fields @ fields)
        return x
