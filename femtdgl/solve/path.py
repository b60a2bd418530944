"""Points within a mesh: fields read there, a path from terminal to terminal, and the EMF along it.

In one dimension the path is the nodes in order, and nothing is interpolated.  In two and three it is a polygon: the one
that the problem gives, or the straight line between the centres of the first two terminals (without terminals, along x
through the middle of the mesh; with periodic ends, from the middle of one to the other).  Where that line would leave
the mesh, at a hole or a notch, the path goes around it, along edges of the mesh; one that the problem gives has a gap
there.

With a vector potential psi is carried to the points of the path, and along it to its beginning:
psi exp(-i int A.dl), psi in the gauge in which A has no part along the path.  Neighbours on the path then differ in
phase by what flows between them, and not by A.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from femtdgl.errors import InputError
from femtdgl.mesh.curved import located, vertices
from femtdgl.problem.boundary import NormalContact
from femtdgl.problem.drive import UniformField
from femtdgl.problem.periodic import Round
from femtdgl.problem.problem import Potential, Problem
from femtdgl.solve.seam import APART, Seam
from femtdgl.solve.space import Space
from femtdgl.solve.transport import LONG, line_integral

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

PULL = 1e-9
"""Points are moved by this share of the mesh towards its middle: those on an edge lie inside then."""
POINTS = 2000


def centre(space: Space) -> Array:
    """The middle of the box around the mesh, (dim,)."""
    return 0.5 * (space.mesh.p.min(axis=1) + space.mesh.p.max(axis=1))


def reading(space: Space, points: Array) -> tuple[sp.csr_matrix, NDArray[np.bool_]]:
    """Matrix (m, N) from nodal values to those at points (dim, m), and which of them lie inside the mesh.

    Rows of points outside are empty.
    """
    cells, places = located(space.mesh, points + PULL * (centre(space)[:, None] - points))
    inside = cells >= 0
    rows, columns, values = [], [], []
    local = places[:, inside, None]
    dofs = space.basis.element_dofs[:, cells[inside]]
    for i in range(dofs.shape[0]):
        shape = space.element.gbasis(space.basis.mapping, local, i, tind=cells[inside])[0]
        rows.append(np.flatnonzero(inside))
        columns.append(dofs[i])
        values.append(np.asarray(shape)[:, 0])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sp.csr_matrix(entries, shape=(points.shape[1], space.N)), inside


def line_integrals(potential: Potential | UniformField, corners: Array, t: float) -> Array:
    """int A.dl and its d/dt along a polygon, corners (dim, k): (2,)."""
    return np.array([part.sum() for part in line_integral(potential, corners[:, :-1], corners[:, 1:], t, LONG)])


def detour(mesh: Any, ends: Array) -> Array:
    """The shortest way (dim, k) along edges of a mesh between the vertices nearest to the first and the last of `ends`.

    Edges on the boundary count double: the way keeps off it.  Raises InputError where there is none.
    """
    edges, points = mesh.edges if mesh.dim() == 3 else mesh.facets, mesh.p[:, : vertices(mesh)]
    length = np.linalg.norm(points[:, edges[0]] - points[:, edges[1]], axis=0)
    rim = np.zeros(points.shape[1], dtype=bool)
    rim[mesh.facets[:, mesh.boundary_facets()].ravel()] = True
    length[rim[edges[0]] & rim[edges[1]]] *= 2
    graph = sp.csr_matrix((length, (edges[0], edges[1])), shape=(rim.size, rim.size))
    start, end = (int(np.argmin(np.linalg.norm(points - ends[:, [k]], axis=0))) for k in (0, -1))
    _, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
    way = [end]
    while way[-1] != start:
        if before[way[-1]] < 0:
            raise InputError("no way through the mesh from terminal to terminal", key="measure.path", allowed="a path")
        way.append(int(before[way[-1]]))
    return points[:, way[::-1]]


class Path:
    """The path of a problem on a space: `points` (dim, m), `corners` (dim, k), `psi` along it, and its gaps.

    `nodes`: those that are its points, in one dimension; else `matrix` gives psi at the points from nodes `read`.
    """

    def __init__(self, space: Space, problem: Problem, potential: Potential | UniformField | None = None) -> None:
        self.space, self.potential = space, potential
        self.closed = False  # whether it comes back to where it began, around a hole or round a ring
        self._phases: tuple[float, Any] | None = None
        self.nodes: NDArray[np.intp] | None = None
        if space.dim == 1:
            self.nodes = np.argsort(space.nodes[0], kind="stable")
            self.points = space.nodes[:, self.nodes]
            self.corners = self.points[:, [0, -1]]
            zero = np.zeros(space.N, dtype=bool)  # psi has no phase on a normal contact
            for name in problem.terminals:
                if isinstance(problem.boundary[name], NormalContact):
                    zero[space.boundary_nodes(name)] = True
            self.broken = zero[self.nodes[1:]] | zero[self.nodes[:-1]]
            self.closed = space.seam is not None
            self.length = self.points[0] - self.points[0, 0]
            return
        self._follow(self._corners(problem))
        if problem.measure.path is None and self.broken.any():
            seam = space.seam
            self._follow(detour(space.mesh, self.corners if seam is None else self._round(seam, at_vertex=True)))
        if self.broken.all():
            raise InputError("lies outside the mesh", key="measure.path", allowed="a path through the mesh")
        self.closed = bool(np.allclose(self.corners[:, 0], self.corners[:, -1]))
        if space.seam is not None and not self.closed:
            self._close(space.seam)

    def _follow(self, corners: Array) -> None:
        """Points along a polygon, corners (dim, k), and how psi is read there."""
        space, self.corners = self.space, corners
        sides = np.diff(self.corners, axis=1)
        lengths = np.linalg.norm(sides, axis=0)
        step = 0.5 * self._cell()
        pieces = [
            a[:, None]
            + side[:, None] * np.linspace(0, 1, int(np.clip(round(length / step), 2, POINTS)), endpoint=False)
            for a, side, length in zip(self.corners.T, sides.T, lengths, strict=False)
        ]
        self.points = np.concatenate([*pieces, self.corners[:, -1:]], axis=1)
        matrix, inside = reading(space, self.points)
        self.read, columns = np.unique(matrix.indices, return_inverse=True)
        self.matrix = sp.csr_matrix((matrix.data, columns, matrix.indptr), shape=(inside.size, self.read.size))
        self.broken = ~(inside[1:] & inside[:-1])
        self.length = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(self.points, axis=1), axis=0)))

    def _close(self, seam: Seam) -> None:
        """Round a ring a path leads from one end to the same point of the other; else InputError is raised."""
        way = self.corners[:, -1] - self.corners[:, 0]
        if not np.allclose(way, seam.step) and not np.allclose(way, -seam.step):
            names = " and ".join(map(repr, seam.names))
            raise InputError(
                "does not go round the ring", key="measure.path", allowed=f"a path between one point of {names}"
            )
        self.closed = True

    def _cell(self) -> float:
        """A length of the cells."""
        return float(np.median(self.space.elements.weight.sum(axis=1)) ** (1 / self.space.dim))

    def _corners(self, problem: Problem) -> Array:
        if problem.measure.path is not None:
            return np.array(problem.measure.path, dtype=float).T
        if len(problem.terminals) >= 2:
            middles = []
            for name in problem.terminals[:2]:
                x = self.space.boundary_normals(name)[0].reshape(self.space.dim, -1)
                middles.append(0.5 * (x.min(axis=1) + x.max(axis=1)))
            return np.stack(middles, axis=1)
        if self.space.seam is not None:
            return self._round(self.space.seam)
        ends = np.tile(centre(self.space)[:, None], 2)
        ends[0] = self.space.mesh.p[0].min(), self.space.mesh.p[0].max()
        return ends

    def _round(self, seam: Seam, *, at_vertex: bool = False) -> Array:
        """From the middle of one end, or the vertex next to it, to the same point of the other."""
        x = self.space.nodes[:, np.intersect1d(seam.first, self.space.basis.nodal_dofs[0])]
        start = 0.5 * (x.min(axis=1, keepdims=True) + x.max(axis=1, keepdims=True))
        if at_vertex or np.ptp(seam.share(x)) > APART:  # the middle of an end that is not straight may lie outside
            start = x[:, [int(np.argmin(np.linalg.norm(x - start, axis=0)))]]
        return np.hstack([start, start + seam.step[:, None]])

    def psi(self, read: Complex, t: float) -> Complex:
        """psi along the path (..., m), from its values at the nodes `reads` of one state or of several at a time; zero
        outside the mesh."""
        if self.nodes is not None:
            return read if self.potential is None else read * self._carried(t)
        return ((self.matrix if self.potential is None else self._carried(t)) @ read.T).T

    @property
    def reads(self) -> NDArray[np.intp]:
        """Nodes that psi along the path is read off."""
        return self.read if self.nodes is None else self.nodes

    @property
    def steady(self) -> bool:
        """Whether `psi` reads all times alike."""
        return self.potential is None or (isinstance(self.potential, UniformField | Round) and self.potential.steady)

    def _carried(self, t: float) -> Any:
        """exp(i int A.dl) from each node that is read to its point, and back along the path to its beginning; with the
        matrix, if there is one.
        """
        if self._phases is None or not (self.steady or self._phases[0] == t):
            assert self.potential is not None
            points, steps = self.points, line_integral(self.potential, self.points[:, :-1], self.points[:, 1:], t)[0]
            phase = -np.concatenate(([0.0], np.cumsum(steps)))
            if self.nodes is None:
                row = np.repeat(np.arange(points.shape[1]), np.diff(self.matrix.indptr))
                start = self.space.nodes[:, self.read[self.matrix.indices]]
                phase = phase[row] + line_integral(self.potential, start, points[:, row], t)[0]
            carried: Any = np.exp(1j * phase)
            if self.nodes is None:
                matrix = self.matrix
                carried = sp.csr_matrix((matrix.data * carried, matrix.indices, matrix.indptr), shape=matrix.shape)
            self._phases = (t, carried)
        return self._phases[1]

    def begun_at(self, start: int, psi: Complex, t: float) -> Complex:
        """psi along the path of a ring (m,), at a time, once round from another of its points."""
        if start == 0:
            return psi
        around = 0.0 if self.potential is None else line_integrals(self.potential, self.corners, t)[0]
        return np.concatenate([psi[start:], psi[1 : start + 1] * np.exp(-1j * around)])

    def segments_from(self, start: int) -> tuple[NDArray[np.bool_], Array]:
        """Segments that leave the filament, `broken`, and the length of the path, begun at another point of a ring."""
        if start == 0:
            return self.broken, self.length
        length = self.length[start:] - self.length[start]
        around = length[-1] + self.length[1 : start + 1] - self.length[0]
        return np.roll(self.broken, -start), np.append(length, around)

    def brightest(self, *psi: Complex) -> int:
        """The point of a ring where |psi| of some states along it is never small: 0 of a path that is none."""
        return int(np.argmax(np.min(np.abs(psi), axis=0)[:-1])) if self.space.seam is not None else 0

    @property
    def whole(self) -> bool:
        """Whether psi has a phase all along it."""
        return not self.broken.any()

    def at(self, place: float) -> Array:
        """The point (dim,) at an index along the path, with fraction."""
        low = min(int(place), self.points.shape[1] - 2)
        return self.points[:, low] + (place - low) * (self.points[:, low + 1] - self.points[:, low])


class Cut:
    """The current through a cut: the flux of the weak form of (1.4), equal for all cuts that part the same terminals.

    With v one at the nodes before the cut and zero at those behind it, that flux is int j.grad v reversed.  `share`
    (elements,) leaves out cells, such as those of another arm.
    """

    def __init__(self, space: Space, before: NDArray[np.bool_], share: NDArray[np.bool_] | None = None) -> None:
        dofs, _, gradient, weight = space.elements
        v = before[dofs].astype(float)
        crossed = (v.min(axis=1) < v.max(axis=1)) & (True if share is None else share)
        elements = np.flatnonzero(crossed)
        slope = np.einsum("ei,epid->epd", v[elements], gradient[elements])
        slope = -slope * weight[elements][:, :, None]
        count = weight.shape[1]
        self.elements = elements
        self.points = space.points_of(elements)
        self.weights = np.ascontiguousarray(
            np.broadcast_to(slope, (elements.size, count, space.dim)).reshape(-1, space.dim)
        )

    def __call__(self, vectors: Array) -> Array:
        """Flux (m,) of the current densities of `System.observe` at `points`, (m, dim, 3, points)."""
        return np.einsum("mdkp,pd->m", vectors, self.weights)


def plane_cut(space: Space, at: Array, normal: Array, radius: float | None) -> Cut:
    """The cut by the plane across `at`, within `radius` of it."""
    before = normal @ (space.nodes - at[:, None]) < 0
    share = None
    if radius is not None:
        middle = space.nodes[:, space.elements.dofs].mean(axis=2)
        share = np.linalg.norm(middle - at[:, None], axis=0) <= radius
    return Cut(space, before, share)
