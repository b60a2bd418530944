"""Currents of a film or a body as a whole: their magnetic moment, and what they turn about.

    m = (1/2) int x x j d^d x           in the plane m = (1/2) int (x j_y - y j_x) d^2 x
    vorticity = curl j                  in the plane d_x j_y - d_y j_x

x is measured from the middle of the box around the mesh.  Where no current enters or leaves, m is the same about any
point.  j recovered at the nodes has the same moment as j at the points of the quadrature: x lies in the space of the
elements, and recovering leaves such integrals as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.solve.path import centre
from femtdgl.solve.space import Space

Array = NDArray[np.float64]


def lever(space: Space) -> Array:
    """Weights that make m of j at the points of the quadrature: (dim, nq) in the plane, (3, dim, nq) in space.

    Raises InputError in one dimension.
    """
    x, w = space.x - centre(space)[:, None], 0.5 * space.weights
    if space.dim == 1:
        raise InputError("needs two dimensions or three", key="mesh", allowed="a film in the plane, or a body")
    if space.dim == 2:
        return np.stack([-x[1], x[0]]) * w
    zero = np.zeros(space.nq)
    rows = ((zero, -x[2], x[1]), (x[2], zero, -x[0]), (-x[1], x[0], zero))
    return np.array(rows) * w


def moment(space: Space, nodal: Array) -> Array:
    """m of nodal currents (frames, dim, N): (frames,) in the plane, (frames, 3) in space; j0 xi^(d+1)."""
    arm, made = lever(space), []
    for j in nodal:
        made.append(np.sum(arm * space.values(j.T).T, axis=(-2, -1)))
    return np.array(made)


def curl(space: Space, nodal: Array) -> Array:
    """curl of a nodal field (dim, N), recovered at the nodes: (N,) in the plane, (3, N) in space."""
    if space.dim == 1:
        raise InputError("needs two dimensions or three", key="mesh", allowed="a film in the plane, or a body")
    slopes = (space.operators @ nodal.T)[space.nq :].reshape(space.dim, space.nq, space.dim)  # d, point, component
    pairs = ((0, 1),) if space.dim == 2 else ((1, 2), (2, 0), (0, 1))
    found: Array = space.project(np.stack([slopes[a, :, b] - slopes[b, :, a] for a, b in pairs]))
    return found[0] if space.dim == 2 else found
