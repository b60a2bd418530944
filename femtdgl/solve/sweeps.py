"""Incomplete factorisation of a sparse matrix of 2 x 2 blocks, compiled.

The block of psi in the Jacobian is diffusion plus a mass that grows as the step shrinks: within a step, information
travels a few cells only.  An incomplete factorisation without fill, ILU(0), with the pair (Re psi, Im psi) of a node
as one block, is then nearly as good as a complete one, at a hundredth of its cost, and as cheap in three dimensions.

Blocks lie row by row, columns ascending: `start` (rows + 1,), `column` (blocks,), `block` (blocks, 2, 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.solve.loops import compiled


@compiled
def factorise(start: Any, column: Any, diagonal: Any, block: Any) -> None:
    """ILU(0) in place: L (unit diagonal) below, U above, and the inverses of the diagonal blocks of U.

    diagonal (rows,): place of the diagonal block of each row.
    """
    rows = start.size - 1
    place = np.full(rows, -1, dtype=np.int64)
    for i in range(rows):
        for s in range(start[i], start[i + 1]):
            place[column[s]] = s
        for s in range(start[i], diagonal[i]):
            k = column[s]
            d = diagonal[k]
            a, b, c, e = block[s, 0, 0], block[s, 0, 1], block[s, 1, 0], block[s, 1, 1]
            l00 = a * block[d, 0, 0] + b * block[d, 1, 0]
            l01 = a * block[d, 0, 1] + b * block[d, 1, 1]
            l10 = c * block[d, 0, 0] + e * block[d, 1, 0]
            l11 = c * block[d, 0, 1] + e * block[d, 1, 1]
            block[s, 0, 0], block[s, 0, 1], block[s, 1, 0], block[s, 1, 1] = l00, l01, l10, l11
            for r in range(d + 1, start[k + 1]):
                at = place[column[r]]
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
            place[column[s]] = -1


@compiled
def substitute(start: Any, column: Any, diagonal: Any, block: Any, x: Any) -> None:
    """Solves L U x = r in place: x (rows, 2) holds r."""
    rows = start.size - 1
    for i in range(rows):
        u, v = x[i, 0], x[i, 1]
        for s in range(start[i], diagonal[i]):
            k = column[s]
            u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
            v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        x[i, 0], x[i, 1] = u, v
    for i in range(rows - 1, -1, -1):
        u, v = x[i, 0], x[i, 1]
        for s in range(diagonal[i] + 1, start[i + 1]):
            k = column[s]
            u -= block[s, 0, 0] * x[k, 0] + block[s, 0, 1] * x[k, 1]
            v -= block[s, 1, 0] * x[k, 0] + block[s, 1, 1] * x[k, 1]
        d = diagonal[i]
        x[i, 0] = block[d, 0, 0] * u + block[d, 0, 1] * v
        x[i, 1] = block[d, 1, 0] * u + block[d, 1, 1] * v
