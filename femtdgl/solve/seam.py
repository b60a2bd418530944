"""The seam of a ring: two boundaries of an open mesh that are one, their nodes in pairs.

The mesh stays open, for what is drawn and read; the nodes of a pair share their unknowns and the rows of their
equations, and so there is no edge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError

Array = NDArray[np.float64]
Index = NDArray[np.intp]

APART = 1e-7
"""Distance of a node from the place of its twin, over the way from one end to the other, up to which they are one."""


class Seam(NamedTuple):
    """Pairs of nodes that are one, `first` and `second` (pairs,), the way `step` (dim,) from the first to the second,
    the facets of both ends, and their names."""

    first: Index
    second: Index
    step: Array
    facets: Index
    names: tuple[str, str]

    def place(self, count: int) -> Index:
        """Numbers (N,) of so many nodes, the second of a pair with that of the first."""
        numbers = np.arange(count)
        numbers[self.second] = self.first
        return np.unique(numbers, return_inverse=True)[1].astype(np.intp)

    def images(self, x: Array) -> list[Array]:
        """Points (dim, n) one round on and one round back: what reaches across the seam is near one of them."""
        return [x + self.step[:, None], x - self.step[:, None]]

    def share(self, x: Array) -> Array:
        """How far round points (dim, ...) lie, in rounds."""
        found: Array = np.tensordot(self.step, x, 1) / float(self.step @ self.step)
        return found


def joined(space: Any, names: tuple[str, str]) -> Seam:
    """The seam of two boundaries.  Raises InputError unless one is the other, moved, and the mesh lies between them."""
    from scipy.spatial import cKDTree

    nodes = [space.boundary_nodes(name) for name in names]
    x = [space.nodes[:, ones] for ones in nodes]
    step = x[1].mean(axis=1) - x[0].mean(axis=1)
    if step[np.argmax(np.abs(step).round(12))] < 0:
        names, nodes, x, step = names[::-1], nodes[::-1], x[::-1], -step
    first, second = nodes
    words = f"has the periodic ends {names[0]!r} and {names[1]!r}, which are not translates of each other"
    allowed = "ends of the same shape and of the same size of cells, with the film between them"
    if first.size != second.size:
        counted = f"{words}: they have {first.size} and {second.size} nodes"
        raise InputError(counted, key="boundary", allowed=allowed)
    length = float(np.linalg.norm(step))
    away, twin = cKDTree(x[1].T).query((x[0] + step[:, None]).T)
    twin = np.atleast_1d(twin)
    if length == 0 or np.max(away) > APART * length or np.unique(twin).size != first.size:
        counted = f"{words}: nodes miss their twins by up to {np.max(away):.3g} xi"
        raise InputError(counted, key="boundary", allowed=allowed)
    outward = [space.boundary_normals(name)[1].reshape(space.dim, -1).mean(axis=1) @ step for name in names]
    if not outward[0] < 0 < outward[1]:
        raise InputError(f"{words}: the film does not lie between them", key="boundary", allowed=allowed)
    facets = np.concatenate([np.asarray(space.mesh.boundaries[name], dtype=np.intp) for name in names])
    return Seam(first, second[twin], step, facets, names)
