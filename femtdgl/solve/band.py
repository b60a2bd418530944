"""A complete LU of a band matrix, by LAPACK.

In reverse Cuthill-McKee order the Jacobian of a filament of one dimension is a narrow band, also where the gauge row or
a shunt joins its ends: the order then folds it in the middle.  That is four times faster than an LU of any sparse
matrix, which has to find its order and its fill anew each time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgbtrf, dgbtrs
from scipy.sparse import csc_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

Array = NDArray[np.float64]

WIDEST = 60
"""Diagonals above or below the main one from which on a sparse LU is faster."""


class BandLU:
    """LU of matrices of one pattern; `fits` says whether that is a narrow band."""

    def __init__(self, pattern: Any) -> None:
        """pattern: a sparse matrix by columns (CSC); its values do not matter."""
        size = pattern.shape[0]
        graph = csc_matrix((np.ones(pattern.nnz), pattern.indices, pattern.indptr), shape=pattern.shape)
        self.order = reverse_cuthill_mckee((graph + graph.T).tocsr(), symmetric_mode=True)
        self.place = np.empty(size, dtype=np.intp)
        self.place[self.order] = np.arange(size)
        row, column = self.place[pattern.indices], np.repeat(self.place, np.diff(pattern.indptr))
        self.below, self.above = (int(max(0, side.max(initial=0))) for side in (row - column, column - row))
        self.fits = max(self.below, self.above) <= WIDEST
        height = 2 * self.below + self.above + 1  # with room for what pivoting fills in
        self._entries = column * height + self.below + self.above + row - column
        self._band = np.zeros((height, size) if self.fits else (0, 0), order="F")
        self._pivots: Any = None

    def factorise(self, data: Array) -> None:
        """The LU of a matrix from its entries, in the order of the pattern.  Raises RuntimeError where it has none."""
        self._band[:] = 0.0
        self._band.ravel(order="K")[self._entries] = data
        self._band, self._pivots, info = dgbtrf(self._band, self.below, self.above, overwrite_ab=1)
        if info > 0:
            raise RuntimeError("Factor is exactly singular")

    def solve(self, r: Array) -> Array:
        """x from A x = r."""
        x, _ = dgbtrs(self._band, self.below, self.above, r[self.order], self._pivots, overwrite_b=1)
        return x[self.place]
