"""Space: a mesh, an element and a quadrature, turned once into arrays and operators that a run uses throughout.

    values at quadrature points     V u,  G_d u          (V: (nq, N), G_d: (nq, N) for each direction d)
    residual of r0 v + r1.grad v    V^T (w r0) + sum_d G_d^T (w r1_d)

The compiled loops of `loops` do the same element by element, from `elements`.  Nothing is reassembled by scikit-fem
while a run goes on.  The same code serves one, two and three dimensions and elements of order 1 and 2.
"""

from __future__ import annotations

from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.solve.seam import Seam

Array = NDArray[np.float64]
Index = NDArray[np.intp]

LARGEST_FACTORISED = 100_000
"""Nodes of a plane up to which the mass matrix is factorised."""

ELEMENTS = {
    ("MeshLine1", 1): "ElementLineP1",
    ("MeshLine1", 2): "ElementLineP2",
    ("MeshTri1", 1): "ElementTriP1",
    ("MeshTri1", 2): "ElementTriP2",
    ("MeshQuad1", 1): "ElementQuad1",
    ("MeshQuad1", 2): "ElementQuad2",
    ("MeshTet1", 1): "ElementTetP1",
    ("MeshTet1", 2): "ElementTetP2",
    ("MeshTri2", 2): "ElementTriP2",
    ("MeshTet2", 2): "ElementTetP2",
    ("MeshHex1", 1): "ElementHex1",
    ("MeshHex1", 2): "ElementHex2",
}

LINEAR_SIMPLICES = ("ElementLineP1", "ElementTriP1", "ElementTetP1")
"""Of these."""
ELEMENTS_AT_ONCE = 100_000
"""Element matrices that are there at a time while a matrix is made of them."""
POINTS_AT_ONCE = 16_000
"""Points of the quadrature whose values are integrated at a time, for one field or for many."""


class Elements(NamedTuple):
    """What the loops need of a space: dofs (ne, local), value (points, local), gradient (ne, points or 1, local, dim),
    weight (ne, points)."""

    dofs: Any
    value: Any
    gradient: Any
    weight: Any


class Space:
    """Scalar finite elements on a mesh (or on some of its `elements`: the door to distributed assembly).

    N nodes (degrees of freedom), nq quadrature points in all, `dim` directions.  Public arrays: `x` (dim, nq) and
    `weights` (nq,) of the quadrature, `nodes` (dim, N), and `elements` for the compiled loops.  In space `operators`
    and `pullback` take more room than all else: `loads` and `mass` do without.  `thickness` of a film by element of the
    mesh, (elements,), is a factor of every integral.  `seam`: nodes that are one, where the ends of the mesh are.
    """

    seam: Seam | None = None

    def __init__(
        self,
        mesh: Any,
        order: int = 1,
        *,
        elements: Index | None = None,
        quadrature: int | None = None,
        thickness: Array | None = None,
    ) -> None:
        import skfem
        from skfem.quadrature import get_quadrature

        self.mesh, self.order = mesh, order
        self.element = getattr(skfem, ELEMENTS[type(mesh).__name__, order])()
        degree = 2 * order + (2 if mesh.dim() == 1 else 0) if quadrature is None else quadrature
        X, W = get_quadrature(mesh.refdom, degree)
        linear = ELEMENTS[type(mesh).__name__, order] in LINEAR_SIMPLICES  # with one gradient an element
        rule = (X[:, :1], W[:1]) if linear else (X, W)
        self.basis = skfem.Basis(mesh, self.element, quadrature=rule, elements=elements)
        if linear:
            self.basis.X, self.basis.W = X, W
            self.basis.dx = np.abs(self.basis.mapping.detDF(X, tind=self.basis.tind)) * W
        self.dim = mesh.dim()
        self.N = int(self.basis.N)
        self.nodes: Array = self.basis.doflocs
        self.thickness = thickness
        self.numbers: Index = np.arange(mesh.t.shape[1]) if elements is None else np.asarray(elements)
        dx = np.ascontiguousarray(self.basis.dx if thickness is None else self.basis.dx * thickness[self.numbers, None])
        self.weights: Array = dx.reshape(-1)
        self.nq = self.weights.size

        shapes = [self.basis.basis[i][0] for i in range(self.basis.element_dofs.shape[0])]
        value = np.stack([np.broadcast_to(self.element.lbasis(X, i)[0], W.shape) for i in range(len(shapes))], axis=1)
        largest = max(float(np.abs(s.grad).max()) for s in shapes)
        even = all(np.abs(s.grad - s.grad[..., :1]).max() <= 1e-12 * largest for s in shapes)  # linear simplices
        points = 1 if even else dx.shape[1]  # one gradient an element, or one a point
        gradient = np.empty((*dx.shape[:1], points, len(shapes), self.dim))
        for i, shape in enumerate(shapes):
            gradient[:, :, i] = np.moveaxis(np.asarray(shape.grad)[..., :points], 0, -1)
        self.basis.basis = []  # all that is needed of it is in `elements`: it would be the largest part of a space
        dofs = np.ascontiguousarray(self.basis.element_dofs.T.astype(np.int64))
        self.elements = Elements(dofs, value, gradient, dx)

    @cached_property
    def x(self) -> Array:
        """Points of the quadrature: (dim, nq)."""
        return np.asarray(self.basis.global_coordinates()).reshape(self.dim, self.nq)

    def let_go(self) -> None:
        """Of the map of each cell, which scikit-fem keeps and makes anew when asked: more room than the mesh has."""
        for kept in ("_A", "_b", "_invA", "_detA"):
            vars(self.basis.mapping).pop(kept, None)

    @cached_property
    def operators(self) -> sp.csr_matrix:
        """V and G_1 ... G_dim stacked: ((1 + dim) nq, N)."""
        dofs, value, gradient, weight = self.elements
        shape = (*weight.shape, dofs.shape[1])
        rows = np.broadcast_to(np.arange(self.nq).reshape(*weight.shape, 1), shape).ravel()
        cols = np.broadcast_to(dofs[:, None], shape).ravel()
        parts = [np.broadcast_to(value, shape)] + [np.broadcast_to(gradient[..., d], shape) for d in range(self.dim)]
        return sp.vstack([sp.csr_matrix((p.ravel(), (rows, cols)), shape=(self.nq, self.N)) for p in parts]).tocsr()

    @cached_property
    def evaluation(self) -> sp.csr_matrix:
        """V alone: (nq, N)."""
        dofs, value, _, weight = self.elements
        shape = (*weight.shape, dofs.shape[1])
        start = np.arange(0, shape[2] * self.nq + 1, shape[2])
        columns = np.broadcast_to(dofs[:, None], shape).ravel()
        made = sp.csr_matrix((np.broadcast_to(value, shape).ravel(), columns, start), shape=(self.nq, self.N))
        made.sum_duplicates()
        return made

    @cached_property
    def pullback(self) -> sp.csr_matrix:
        """`operators` transposed and weighted: (N, (1 + dim) nq)."""
        return (self.operators.T @ sp.diags(np.tile(self.weights, 1 + self.dim))).tocsr()

    @cached_property
    def mass(self) -> sp.csr_matrix:
        """int v_i v_j, (N, N)."""
        dofs, value, _, weight = self.elements
        short, pairs = dofs.astype(np.int32), (value[:, :, None] * value[:, None, :]).reshape(value.shape[0], -1)
        made = sp.csr_matrix((self.N, self.N))
        for first in range(0, dofs.shape[0], ELEMENTS_AT_ONCE):
            some = slice(first, first + ELEMENTS_AT_ONCE)
            nodes, blocks = short[some], weight[some] @ pairs
            shape = (*nodes.shape, nodes.shape[1])
            rows, columns = (np.broadcast_to(part, shape).ravel() for part in (nodes[:, :, None], nodes[:, None]))
            made = made + sp.csr_matrix((blocks.ravel(), (rows, columns)), shape=(self.N, self.N))
        return made

    def loads(self, values: Array) -> Array:
        """int v_i f, (k, N), of f at the quadrature points (k, nq)."""
        dofs, value, _, weight = self.elements
        values = np.atleast_2d(values)
        made, rows = np.empty((len(values), self.N)), max(1, POINTS_AT_ONCE // self.nq)
        room = np.empty((min(rows, len(values)), *dofs.shape))
        for first in range(0, len(values), rows):
            some = values[first : first + rows].reshape(-1, *weight.shape)
            parts = room[: len(some)]
            for start in range(0, dofs.shape[0], ELEMENTS_AT_ONCE):
                here = slice(start, start + ELEMENTS_AT_ONCE)
                np.matmul(some[:, here] * weight[here], value, out=parts[:, here])
            places = dofs.ravel() + self.N * np.arange(len(some))[:, None]
            sums = np.bincount(places.ravel(), weights=parts.ravel(), minlength=self.N * len(some))
            made[first : first + rows] = sums.reshape(-1, self.N)
        return made

    @cached_property
    def project(self) -> Any:
        """Function from values at quadrature points (k, nq) to nodal values (k, N): the L2 projection."""
        if self.seam is None:
            solve = self._solve_mass(self.mass)
            return lambda values: solve(np.ascontiguousarray(self.loads(values).T)).T
        place = self.seam.place(self.N)
        fold = sp.csr_matrix((np.ones(self.N), (place, np.arange(self.N))))
        solve = self._solve_mass(fold @ self.mass @ fold.T)
        return lambda values: solve(fold @ np.ascontiguousarray(self.loads(values).T))[place].T

    def density(self, values: Array) -> Array:
        """Nodal values (k, N) of a density at the quadrature points (k, nq): the L2 projection without its undershoot.

        A node is not below zero where no point about it is.  What that adds is taken from all such nodes, each in
        proportion to what it has: the integral stays.
        """
        nodal, local = self.project(values), self.elements.dofs.shape[1]
        points = np.moveaxis(np.asarray(values).reshape(len(nodal), len(self.elements.dofs), -1), 2, 0)
        lowest = reduce(np.minimum, points)  # numpy's own is slow over so few
        order, first = self.about
        floor = np.where(np.minimum.reduceat(lowest[:, order // local], first, axis=1) >= 0, 0.0, nodal)
        limited = np.maximum(nodal, floor)
        weights = np.asarray(self.mass.sum(axis=1)).ravel()
        share = np.maximum(weights, 0.0)
        added, room = (limited - nodal) @ weights, (limited - floor) @ share
        taken = np.divide(added, room, out=np.zeros(len(nodal)), where=room > 0)
        return limited - np.clip(taken, 0.0, 1.0)[:, None] * (share > 0) * (limited - floor)

    @cached_property
    def about(self) -> tuple[Index, Index]:
        """Places of the nodes in `elements.dofs`, node by node, and the first of each node."""
        dofs = self.elements.dofs.ravel()
        places = np.arange(dofs.size, dtype=np.int32)
        by_node = sp.csr_matrix((np.ones(dofs.size, dtype=np.int8), (dofs, places)), shape=(self.N, dofs.size))
        return by_node.indices, by_node.indptr[:-1]

    @property
    def factorised(self) -> bool:
        """Whether the mass matrix is to be factorised."""
        return self.dim == 1 or (self.dim == 2 and self.N <= LARGEST_FACTORISED)

    def _solve_mass(self, mass: sp.csr_matrix) -> Any:
        """Function from (N, k) to mass^-1 of it: by LU, or by conjugate gradients where an LU would fill up."""
        from scipy.sparse.linalg import cg, splu

        if self.factorised:
            return splu(mass.tocsc()).solve
        inverse = sp.diags(1 / mass.diagonal())
        return lambda b: np.stack([cg(mass, column, rtol=1e-10, M=inverse)[0] for column in b.T], axis=1)

    def values(self, nodal: Array) -> Array:
        """Values of nodal fields (N,) or (N, k) at the quadrature points: (nq,) or (nq, k)."""
        return self.evaluation @ nodal

    def points_of(self, elements: Index) -> Index:
        """Quadrature points of some elements, one element after the other."""
        count = self.elements.weight.shape[1]
        return (elements[:, None] * count + np.arange(count)).ravel()

    def boundary_nodes(self, name: str) -> Index:
        """Nodes on the named boundary, ascending."""
        if self.order == 1:
            return np.unique(self.basis.nodal_dofs[0, self.mesh.facets[:, self.mesh.boundaries[name]]]).astype(np.intp)
        return np.asarray(self.basis.get_dofs(name).flatten(), dtype=np.intp)

    def boundary_form(self, name: str) -> tuple[sp.csr_matrix, Array]:
        """int_Gamma v_i v_j (N, N) and int_Gamma v_i (N,) on the named boundary."""
        import skfem

        known: dict[str, Any] = {"mapping": self.basis.mapping, "dofs": self.basis.dofs, "disable_doflocs": True}
        facets = skfem.FacetBasis(self.mesh, self.element, facets=name, intorder=2 * self.order, **known)
        depth = np.ones_like(facets.dx)
        if self.thickness is not None:
            depth *= self.thickness[self.mesh.f2t[0, facets.find], None]
        mass = skfem.BilinearForm(lambda u, v, w: w.depth * u * v).assemble(facets, depth=depth)
        load = skfem.LinearForm(lambda v, w: w.depth * v).assemble(facets, depth=depth)
        return mass.tocsr(), load

    def boundary_normals(self, name: str) -> tuple[Array, Array]:
        """Points of the quadrature on the named boundary and the normals there: two arrays (dim, facets, points)."""
        import skfem

        facets = skfem.FacetBasis(self.mesh, self.element, facets=name, intorder=2)
        return np.asarray(facets.global_coordinates()), np.asarray(facets.normals)
