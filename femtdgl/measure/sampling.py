"""Nodal fields at points, by the elements of their own mesh: linear, quadratic, quadrilateral, curved.

psi of gauge-covariant elements is carried to a point from each node of its cell,

    psi(x) = sum_i N_i(x) psi_i exp(i int_{x_i}^{x} A.dl),

with A linear along the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.mesh.curved import located
from femtdgl.solve.path import PULL
from femtdgl.solve.space import ELEMENTS

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]


class Sampling:
    """Points (dim, m) of a mesh, ready for any number of fields; `inside` (m,) tells which lie in it.

    `dofs` (nodes of an element, cells) and `nodes` (dim, N): those of the fields, of this order.  `ring` (dim,): the
    way round of a film with periodic ends, whose fields go on beyond them.
    """

    def __init__(
        self, mesh: Any, order: int, dofs: Index, nodes: Array, points: Array, ring: Array | None = None
    ) -> None:
        import skfem

        if ring is not None:
            points = brought_back(mesh, points, ring)
        cells, local = located(mesh, points)
        out = np.flatnonzero(cells < 0)
        if out.size:  # a point on the edge lies inside once it is pulled a little towards the middle
            middle = 0.5 * (mesh.p.min(axis=1) + mesh.p.max(axis=1))[:, None]
            cells[out], local[:, out] = located(mesh, points[:, out] + PULL * (middle - points[:, out]))
        self.points, self.inside = points, cells >= 0
        element = getattr(skfem, ELEMENTS[type(mesh).__name__, order])()
        held = local[:, self.inside]
        self.corners: Index = dofs[:, cells[self.inside]]  # (nodes of an element, points inside)
        count = self.corners.shape[0]
        self.shares: Array = np.stack(
            [np.broadcast_to(element.lbasis(held, i)[0], held.shape[1]) for i in range(count)]
        )
        self._way: Array = points[:, None, self.inside] - nodes[:, self.corners]

    def __call__(self, nodal: NDArray[Any], A: Array | None = None) -> NDArray[Any]:
        """Values (..., m) of nodal ones (..., N), NaN outside the mesh; with A (dim, N), psi (N,) is carried there."""
        values = nodal[..., self.corners]
        if A is not None:
            there = A[:, self.corners]
            along = 0.5 * np.sum((there + (self.shares * there).sum(axis=1, keepdims=True)) * self._way, axis=0)
            values = values * np.exp(1j * along)
        found = np.full((*nodal.shape[:-1], self.inside.size), np.nan, dtype=np.result_type(nodal.dtype, float))
        found[..., self.inside] = (self.shares * values).sum(axis=-2)
        return found


def brought_back(mesh: Any, points: Array, ring: Array) -> Array:
    """Points (dim, m) of a film that is repeated after `ring` (dim,), moved by whole rounds into its mesh."""
    along = ring / (ring @ ring)
    rounds = along @ points - float((along @ mesh.p).min())
    turns = np.where((rounds >= 0) & (rounds <= 1), 0.0, np.floor(rounds))
    moved: Array = points - ring[:, None] * turns
    for turn in (-1.0, 1.0):  # ends that are not straight
        out = located(mesh, moved + PULL * (0.5 * (mesh.p.min(axis=1) + mesh.p.max(axis=1))[:, None] - moved))[0] < 0
        if not out.any():
            break
        there = moved[:, out] + turn * ring[:, None]
        moved[:, out] = np.where(located(mesh, there)[0] >= 0, there, moved[:, out])
    return moved
