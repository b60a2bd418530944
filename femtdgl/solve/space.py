"""Space: a mesh, an element and a quadrature, turned once into operators and a fixed sparsity pattern.

    values at quadrature points     V u,  G_d u          (V: (nq, N), G_d: (nq, N) for each direction d)
    residual of r0 v + r1.grad v    V^T (w r0) + sum_d G_d^T (w r1_d)
    Jacobian                        data of a sparse matrix, linear in the pointwise coefficients

so that nothing is reassembled while a run goes on: residual and Jacobian are pointwise functions pulled back
by constant sparse operators.  The same code serves one, two and three dimensions and elements of order 1, 2.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

ELEMENTS = {
    ("MeshLine1", 1): "ElementLineP1",
    ("MeshLine1", 2): "ElementLineP2",
    ("MeshTri1", 1): "ElementTriP1",
    ("MeshTri1", 2): "ElementTriP2",
    ("MeshQuad1", 1): "ElementQuad1",
    ("MeshQuad1", 2): "ElementQuad2",
    ("MeshTet1", 1): "ElementTetP1",
    ("MeshTet1", 2): "ElementTetP2",
    ("MeshHex1", 1): "ElementHex1",
    ("MeshHex1", 2): "ElementHex2",
}


class Space:
    """Scalar finite elements on a mesh (or on some of its `elements`: the door to distributed assembly).

    N nodes (degrees of freedom), nq quadrature points in all, `dim` directions.  Public arrays: `x` (dim, nq) and
    `weights` (nq,) of the quadrature, `nodes` (dim, N), `rows` and `cols` (nnz,) of the sparsity pattern.
    """

    def __init__(self, mesh: Any, order: int = 1, *, elements: Index | None = None, quadrature: int | None = None):
        import skfem

        self.mesh, self.order = mesh, order
        self.element = getattr(skfem, ELEMENTS[type(mesh).__name__, order])()
        degree = 2 * order + 2 if quadrature is None else quadrature
        self.basis = skfem.Basis(mesh, self.element, intorder=degree, elements=elements)
        self.dim = mesh.dim()
        self.N = int(self.basis.N)
        self.nodes: Array = self.basis.doflocs
        self.weights: Array = self.basis.dx.ravel()
        self.nq = self.weights.size
        self.x: Array = np.asarray(self.basis.global_coordinates()).reshape(self.dim, self.nq)

        dofs = self.basis.element_dofs  # (local, elements)
        shapes = [self.basis.basis[i][0] for i in range(dofs.shape[0])]
        size = self.basis.dx.shape
        self._value = np.stack([np.broadcast_to(np.asarray(s), size).reshape(-1) for s in shapes])
        self._grad = np.stack([np.broadcast_to(s.grad, (self.dim, *size)).reshape(self.dim, -1) for s in shapes])
        self._dofs = np.repeat(dofs, size[1], axis=1)  # (local, nq)

    def _operator(self, values: Array) -> sp.csr_matrix:
        """(nq, N) from the values (local, nq) of the shape functions."""
        points = np.broadcast_to(np.arange(self.nq), values.shape)
        return sp.csr_matrix((values.ravel(), (points.ravel(), self._dofs.ravel())), shape=(self.nq, self.N))

    @cached_property
    def operators(self) -> sp.csr_matrix:
        """V and G_1 ... G_dim stacked: ((1 + dim) nq, N)."""
        return sp.vstack(
            [self._operator(self._value)] + [self._operator(self._grad[:, d]) for d in range(self.dim)]
        ).tocsr()

    @cached_property
    def pullback(self) -> sp.csr_matrix:
        """`operators` transposed and weighted: (N, (1 + dim) nq)."""
        return (self.operators.T @ sp.diags(np.tile(self.weights, 1 + self.dim))).tocsr()

    @cached_property
    def _pattern(self) -> tuple[Index, Index, Index]:
        """Rows and columns of the sparsity pattern, and the place in it of every pair of local functions."""
        rows = self._dofs[:, None, :] + np.zeros_like(self._dofs)[None]
        cols = self._dofs[None, :, :] + np.zeros_like(self._dofs)[:, None]
        keys, place = np.unique(rows.ravel() * self.N + cols.ravel(), return_inverse=True)
        return keys // self.N, keys % self.N, place.reshape(rows.shape)

    @property
    def rows(self) -> Index:
        """Row of each entry of the sparsity pattern."""
        return self._pattern[0]

    @property
    def cols(self) -> Index:
        """Column of each entry of the sparsity pattern."""
        return self._pattern[1]

    def _map(self, pairs: Array) -> sp.csr_matrix:
        """(nnz, nq): from coefficients at quadrature points to matrix entries; pairs: (local, local, nq)."""
        points = np.broadcast_to(np.arange(self.nq), pairs.shape)
        data = (pairs * self.weights).ravel()
        shape = (self.rows.size, self.nq)
        return sp.csr_matrix((data, (self._pattern[2].ravel(), points.ravel())), shape=shape)

    @cached_property
    def value_value(self) -> sp.csr_matrix:
        """Entries of  int c v_i v_j."""
        return self._map(self._value[:, None] * self._value[None])

    @cached_property
    def gradient_gradient(self) -> sp.csr_matrix:
        """Entries of  int c grad v_i . grad v_j."""
        return self._map(np.einsum("idq,jdq->ijq", self._grad, self._grad))

    @cached_property
    def gradient_value(self) -> sp.csr_matrix:
        """Entries of  int c . grad v_i v_j,  c stacked by direction: (nnz, dim nq)."""
        return sp.hstack([self._map(self._grad[:, None, d] * self._value[None]) for d in range(self.dim)]).tocsr()

    @cached_property
    def value_gradient(self) -> sp.csr_matrix:
        """Entries of  int v_i c . grad v_j,  c stacked by direction: (nnz, dim nq)."""
        return sp.hstack([self._map(self._value[:, None] * self._grad[None, :, d]) for d in range(self.dim)]).tocsr()

    def matrix(self, data: Array) -> sp.csr_matrix:
        """(N, N) from the entries of the pattern."""
        return sp.csr_matrix((data, (self.rows, self.cols)), shape=(self.N, self.N))

    @cached_property
    def mass(self) -> sp.csr_matrix:
        """int v_i v_j."""
        return self.matrix(self.value_value @ np.ones(self.nq))

    @cached_property
    def project(self) -> Any:
        """Function from values at quadrature points (k, nq) to nodal values (k, N): the L2 projection."""
        from scipy.sparse.linalg import splu

        solve = splu(self.mass.tocsc()).solve
        weighted = self.pullback[:, : self.nq]
        return lambda values: solve(np.ascontiguousarray(weighted @ np.atleast_2d(values).T)).T

    def values(self, nodal: Array) -> Array:
        """Values of nodal fields (N,) or (N, k) at the quadrature points: (nq,) or (nq, k)."""
        return self.operators[: self.nq] @ nodal

    def boundary_nodes(self, name: str) -> Index:
        """Nodes on the named boundary."""
        return np.asarray(self.basis.get_dofs(name).flatten(), dtype=np.intp)

    def boundary_form(self, name: str) -> tuple[sp.csr_matrix, Array]:
        """int_Gamma v_i v_j (N, N) and int_Gamma v_i (N,) on the named boundary."""
        import skfem

        facets = skfem.FacetBasis(self.mesh, self.element, facets=name, intorder=2 * self.order)
        mass = skfem.BilinearForm(lambda u, v, w: u * v).assemble(facets)
        load = skfem.LinearForm(lambda v, w: 1.0 * v).assemble(facets)
        return mass.tocsr(), load
