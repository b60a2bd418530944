"""Linear systems of the Newton iteration in two and three dimensions: GMRES with a block preconditioner.

With x = (theta, psi, phi, T) the Jacobian is preconditioned by its block lower triangle, solved from the top:

    [ cj                    ]  theta    bank phases: the coupling to phi is left out, an error of order 1/cj
    [ J_pt   J_pp           ]  psi      incomplete LU of 2 x 2 blocks (`sweeps`), in reverse Cuthill-McKee order
    [ J_ft   J_fp     J_ff  ]  phi      a complete LU or, in large solids, multigrid (`inverse`), kept for many steps
    [ ...             J_TT  ]  T        temperatures, if any: the same

What is left out, J_pf, turns psi by u phi dt within a step, and J_pT changes its growth by dT/eta: small against the
mass terms, which grow as 1/dt.
The product J v is that with the stored matrix, J = J_0 + cj J_1 with both parts from the last set-up, so that it is
right for every cj.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import reverse_cuthill_mckee
from scipy.sparse.linalg import LinearOperator, gmres

from femtdgl.solve.inverse import LARGEST_LU, CompleteLU, FloatingMultigrid, HeatMultigrid, Kept
from femtdgl.solve.layout import IM, RE
from femtdgl.solve.newton import Newton

Array = NDArray[np.float64]
Index = NDArray[np.intp]

KRYLOV_START, REFINEMENTS, START_TOLERANCE = 60, 5, 1e-13
"""The consistent start: Krylov vectors, repetitions on the rest, and the rest that is left, relative."""
CORRECTION = 1e-4
"""What a correction of Newton's iteration in fixed steps may leave of its equation, relative."""


class Part:
    """A block of the Jacobian: some of its entries, as a CSR matrix of its own."""

    def __init__(self, pattern: sp.csr_matrix, rows: Index, columns: Index) -> None:
        numbered = pattern.copy()
        numbered.data = np.arange(1.0, pattern.nnz + 1)
        part = numbered[rows][:, columns].tocsr()
        part.sort_indices()
        self.entries: Index = np.asarray(part.data - 1, dtype=np.intp)
        self.matrix = sp.csr_matrix((np.zeros(part.nnz), part.indices, part.indptr), shape=part.shape)

    def fill(self, data: Array) -> sp.csr_matrix:
        """The block, with its entries taken from those of the whole Jacobian."""
        np.take(data, self.entries, out=self.matrix.data, mode="clip")  # no buffer, as there is with "raise"
        return self.matrix


class BlockSolver(Newton):
    """Set-up, product and preconditioner of the Jacobian of a System, for IDA's GMRES."""

    def __init__(self, system: Any) -> None:
        super().__init__(system)
        layout, pattern = system.layout, system.pattern
        self.data, self.rate, self.entries = (np.zeros(system.nnz) for _ in range(3))
        self.jacobian = sp.csr_matrix((self.entries, pattern.indices, pattern.indptr), shape=pattern.shape)
        own = np.flatnonzero(layout.gather[:, RE] < system.size)
        graph = pattern[layout.gather[own, RE]][:, layout.gather[own, RE]]
        self.order = own[reverse_cuthill_mckee(graph.tocsr(), symmetric_mode=True)]
        self.psi = np.column_stack((layout.gather[self.order, RE], layout.gather[self.order, IM])).ravel()
        self.phi, self.theta = layout.algebraic, layout.theta
        self.above = np.concatenate((self.theta, self.psi))
        self._block_structure(pattern)
        self.from_theta = Part(pattern, self.psi, self.theta)
        self.phi_above = Part(pattern, self.phi, self.above)
        self.phi_phi = Part(pattern, self.phi, self.phi)
        self.heat = np.empty(0, dtype=np.intp)
        if system.heat is not None:
            place = system.heat.temperatures.place
            self.heat = place[place >= 0]
        self.phi_inverse, self.heat_inverse = self._inverses()
        self.heat_above = Part(pattern, self.heat, np.concatenate((self.above, self.phi)))
        self.heat_heat = Part(pattern, self.heat, self.heat)

    def _inverses(self) -> tuple[Kept, Kept]:
        """Those of the blocks of phi and of the temperatures, by their size."""
        system, layout = self.system, self.system.layout
        large = LARGEST_LU.get(system.space.dim, 0) < system.space.N
        if not large:
            return CompleteLU(), CompleteLU()
        row, *biased = np.searchsorted(self.phi, [layout.gauge_row, *(place for place, _ in layout.biased)])
        potential = FloatingMultigrid(self.phi.size, row, layout.gauge[self.phi], np.array(biased, dtype=np.intp))
        if system.heat is None:
            return potential, CompleteLU()
        T = system.heat.temperatures
        return potential, HeatMultigrid(self.heat.size, int(np.sum(T.place[: T.fields * T.N] >= 0)))

    def _block_structure(self, pattern: sp.csr_matrix) -> None:
        """Where the 2 x 2 blocks lie in the entries of the Jacobian: those of Re and Im psi of two nodes, all four."""
        part = Part(pattern, self.psi, self.psi)
        indptr, indices = part.matrix.indptr, part.matrix.indices
        rows = self.order.size
        assert np.array_equal(np.diff(indptr)[0::2], np.diff(indptr)[1::2])
        assert np.array_equal(indices[0::2] + 1, indices[1::2])
        self.start = (np.append(indptr[:-1:2], indptr[-1]) // 4).astype(np.int64)
        row = np.repeat(np.arange(rows), np.diff(self.start))
        first = indptr[2 * row] + 2 * (np.arange(self.start[-1]) - self.start[row])  # of the four, in the row of Re
        second = first + np.diff(indptr)[2 * row]
        self.column = indices[first].astype(np.int64) // 2
        self.block_entries = part.entries[np.column_stack((first, first + 1, second, second + 1)).ravel()]
        self.diagonal = np.flatnonzero(self.column == row)
        self.block = np.zeros((self.column.size, 2, 2))

    # ---- callbacks of IDA ---------------------------------------------------------------------------------

    def _make(self, t: float, y: Array, yp: Array, cj: float) -> None:
        """The Jacobian in its two parts, and the factors of its blocks."""
        self.system.jacobian_parts(t, y, yp, self.data, self.rate)
        self._at(cj)
        self._factorise()

    def _turn(self, t: float, y: Array, yp: Array, cj: float) -> None:
        """The product is right for every cj; the factors stay those of the last set-up."""
        self._at(cj)

    def _renew(self, cj: float) -> bool:
        self._at(cj)
        self._factorise()
        return True

    def _factorise(self) -> None:
        """Factors of the blocks of `entries`."""
        from femtdgl.solve.sweeps import factorise

        np.take(self.entries, self.block_entries, out=self.block.reshape(-1), mode="clip")
        factorise(self.start, self.column, self.diagonal, self.block)
        self.counts["phi_setup"] += self.phi_inverse.follow(self.phi_phi.fill(self.entries))
        if self.heat.size:
            self.heat_inverse.follow(self.heat_heat.fill(self.entries))

    def _at(self, cj: float) -> None:
        """The entries of J_0 + cj J_1."""
        self.cj = cj
        np.multiply(self.rate, cj, out=self.entries)
        self.entries += self.data
        self.from_theta.fill(self.entries)
        self.phi_above.fill(self.entries)
        self.heat_above.fill(self.entries)

    def times(self, t: float, y: Array, yp: Array, residual: Array, v: Array, Jv: Array, cj: float) -> None:
        """J v."""
        self.counts["times"] += 1
        if cj != self.cj:
            self._at(cj)
        Jv[:] = self.jacobian @ v

    def solve(
        self, t: float, y: Array, yp: Array, residual: Array, r: Array, z: Array, cj: float, delta: float
    ) -> None:
        """z from P z = r, block by block."""
        self.counts["solve"] += 1
        self.apply(r, z)

    def apply(self, r: Array, z: Array) -> None:
        """z from P z = r."""
        from femtdgl.solve.sweeps import substitute

        theta = r[self.theta] / self.cj
        psi = r[self.psi]
        if theta.size:
            psi -= self.from_theta.matrix @ theta
        substitute(self.start, self.column, self.diagonal, self.block, psi.reshape(-1, 2))
        z[self.theta], z[self.psi] = theta, psi
        above = np.concatenate((theta, psi))
        z[self.phi] = phi = self.phi_inverse.solve(r[self.phi] - self.phi_above.matrix @ above)
        if self.heat.size:
            z[self.heat] = self.heat_inverse.solve(r[self.heat] - self.heat_above.matrix @ np.concatenate((above, phi)))

    @cached_property
    def _preconditioner(self) -> LinearOperator:
        """`apply` for scipy."""

        def precondition(r: Array) -> Array:
            z = np.empty_like(r)
            self.apply(r, z)
            return z

        return LinearOperator(self.jacobian.shape, precondition, dtype=np.float64)

    def inverse(self, r: Array) -> Array:
        """x from J x = r, but for a small share of r."""
        self.counts["solve"] += 1
        found = gmres(self.jacobian, r, rtol=CORRECTION, restart=KRYLOV_START, maxiter=3, M=self._preconditioner)
        return np.asarray(found[0])

    def consistent(self, t: float, y: Array, yp: Array, right: Array) -> Array:
        """d_t psi, d_t theta and phi from F = 0, affine in them: right is -F with all of them zero.

        The matrix takes the columns of phi from J_0 and the others from J_1.  The kept inverses are made anew:
        what follows depends on this state alone, and a resumed run is the same to the bit.
        """
        self.phi_inverse.forget()
        self.heat_inverse.forget()
        self.system.jacobian_parts(t, y, yp, self.data, self.rate)
        self.cj = 1.0
        algebraic = np.zeros(self.system.size, dtype=bool)
        algebraic[self.system.algebraic] = True
        self.entries[:] = np.where(algebraic[self.system.entry_cols], self.data, self.rate)
        self.from_theta.fill(self.entries)
        self.phi_above.fill(self.entries)
        self.heat_above.fill(self.entries)
        self._factorise()

        x = np.zeros_like(right)
        scale = np.linalg.norm(right)
        for _ in range(REFINEMENTS):
            rest = right - self.jacobian @ x
            if np.linalg.norm(rest) <= START_TOLERANCE * scale:
                break
            x += gmres(self.jacobian, rest, rtol=1e-6, restart=KRYLOV_START, maxiter=3, M=self._preconditioner)[0]
        return x
