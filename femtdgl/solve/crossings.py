"""Vortices that cross the edges of a film, counted as they do, wherever they do.

At an insulating edge psi is free, and a vortex that passes between two neighbouring nodes of the edge winds the phase
around the small rectangle of edge and time by 2 pi, as a phase slip does on a path (see `slips`).  With the edges of
the film taken in the sense that leaves the film on the left, a winding of +1 takes one vortex in, or an antivortex out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.slips import SLIP_POSSIBLE_BELOW
from femtdgl.solve.space import Space
from femtdgl.solve.transport import line_integral

Complex = NDArray[np.complex128]
Index = NDArray[np.intp]


class Crossings(NamedTuple):
    """Vortices that crossed the edge in a step: how many raised the vorticity of the film, how many lowered it."""

    gained: int
    lost: int


class Rim:
    """The free edges of a film in the plane: `nodes`, and pairs of neighbours among them, the film on their left.

    Periodic ends are no edges.
    """

    def __init__(self, space: Space, held: NDArray[np.bool_]) -> None:
        """`held` (N,): nodes at which psi is prescribed; an edge between two of them is none."""
        pairs = np.stack(_pairs(space))
        pairs = pairs[:, ~held[pairs].all(axis=0)]
        self.nodes, number = np.unique(pairs, return_inverse=True)
        self.first, self.second = number.reshape(pairs.shape)
        self._places = space.nodes[:, self.nodes]

    def link(self, potential: Any, t: float) -> NDArray[np.float64]:
        """int A.dl from each node to its neighbour, (edges,)."""
        return line_integral(potential, self._places[:, self.first], self._places[:, self.second], t)[0]

    def crossings(
        self, old: Complex, new: Complex, noise: float, old_link: Any = 0.0, new_link: Any = 0.0
    ) -> Crossings:
        """Crossings between two times at which psi at `nodes` is known; |psi| below `noise` means nothing.

        old_link, new_link: int A.dl from each node to its neighbour (edges,): phases turn by it, and little more.
        """
        a, b = self.first, self.second
        near = np.minimum(np.abs(old[a]), np.abs(new[a])) < SLIP_POSSIBLE_BELOW
        near &= np.maximum(np.maximum(np.abs(old[a]), np.abs(new[a])), np.abs(new[b])) > noise
        a, b = a[near], b[near]
        if not a.size:
            return Crossings(0, 0)
        before, after = (np.broadcast_to(link, near.shape)[near] for link in (old_link, new_link))
        gain = after + np.angle(new[b] * new[a].conj() * np.exp(-1j * after))
        gain -= before + np.angle(old[b] * old[a].conj() * np.exp(-1j * before))
        turn = np.angle(new[b] * old[b].conj()) - np.angle(new[a] * old[a].conj())
        winding = np.rint((gain - turn) / (2 * np.pi)).astype(int)
        return Crossings(int(winding[winding > 0].sum()), int(-winding[winding < 0].sum()))


def _pairs(space: Space) -> tuple[Index, Index]:
    """Neighbouring nodes along the boundary of a plane mesh, in the sense that leaves the mesh on the left."""
    mesh = space.mesh
    facets = mesh.boundary_facets()
    if space.seam is not None:
        facets = np.setdiff1d(facets, space.seam.facets)
    cell = mesh.f2t[0, facets]
    ends = mesh.facets[:, facets]
    middle = mesh.p[:, mesh.t[:, cell]].mean(axis=1)
    along = mesh.p[:, ends[1]] - mesh.p[:, ends[0]]
    inward = middle - mesh.p[:, ends[0]]
    left = along[0] * inward[1] - along[1] * inward[0] > 0
    first, second = np.where(left, ends[0], ends[1]), np.where(left, ends[1], ends[0])
    vertex = space.basis.nodal_dofs[0]
    first, second = vertex[first], vertex[second]
    between = space.basis.facet_dofs
    if between.size == 0:
        return first, second
    mid = between[0, facets]
    return np.concatenate([first, mid]), np.concatenate([mid, second])
