"""Linear systems of the Newton iteration in two and three dimensions: GMRES with a block preconditioner.

With x = (theta, psi, phi, T) the Jacobian is preconditioned by its block lower triangle, solved from the top:

    [ cj                    ]  theta    bank phases: the coupling to phi is left out, an error of order 1/cj
    [ J_pt   J_pp           ]  psi      incomplete LU of 2 x 2 blocks (`sweeps`), in reverse Cuthill-McKee order
    [ J_ft   J_fp     J_ff  ]  phi      a complete LU or, in large solids, multigrid (`inverse`), kept for many steps
    [ ...             J_TT  ]  T        temperatures, if any: the same

What is left out, J_pf, turns psi by u phi dt within a step, and J_pT changes its growth by dT/eta: small against the
mass terms, which grow as 1/dt.
What stands left of the block of phi has entries of its own, in single precision: its rows lie far apart in the whole
matrix, and to fetch them takes eight times as long as to multiply.  Left of the temperatures nothing is copied: their
rows of the whole matrix are multiplied by a vector that is zero from there on.
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
from femtdgl.solve.layout import RE
from femtdgl.solve.newton import Newton
from femtdgl.solve.products import Part, Rows, moved
from femtdgl.solve.space import Space
from femtdgl.solve.sweeps import IncompleteLU
from femtdgl.solve.threads import each, slices

Array = NDArray[np.float64]
Index = NDArray[np.intp]

KRYLOV_START, REFINEMENTS, START_TOLERANCE = 60, 5, 1e-13
"""The consistent start: Krylov vectors, repetitions on the rest, and the rest that is left, relative."""
NOTHING = 1e-12
"""A rest over int v_i, a source of one: less than rounding leaves where nothing happens, in psi = 1 without a drive."""
AT_ONCE = 100_000
"""Entries that are changed at a time: as many as stay in the cache, with no second array of all of them."""
CORRECTION = 1e-4
"""What a correction of Newton's iteration in fixed steps may leave of its equation, relative."""


class BlockSolver(Newton):
    """Set-up, product and preconditioner of the Jacobian of a System, for IDA's GMRES."""

    def __init__(self, system: Any) -> None:
        super().__init__(system)
        layout, pattern = system.layout, system.pattern
        self.entries = np.zeros(system.nnz)
        self.rate = np.zeros(system.nnz, dtype=np.float32)  # dF/dy', for small changes: seven digits are enough
        self._rated = self._renewed = True  # whether it is that of the Jacobian, and whether that was of use
        self.jacobian = sp.csr_matrix((self.entries, pattern.indices, pattern.indptr), shape=pattern.shape)
        self.whole = Rows(self.jacobian)
        own = layout.nodes
        graph = pattern[own[:, RE]][:, own[:, RE]]
        order = own[reverse_cuthill_mckee(graph.tocsr(), symmetric_mode=True)]
        self.psi_inverse = IncompleteLU(pattern, order[:, RE])
        self.psi: Index = (self.psi_inverse.first[:, None] + np.arange(2)).ravel()
        self.phi, self.theta = layout.algebraic, layout.theta
        self._by_theta = np.flatnonzero(np.diff(Part(pattern, self.psi, self.theta).matrix.indptr))  # psi beside banks
        self.from_theta = Part(pattern, self.psi[self._by_theta], self.theta)
        beside = np.concatenate((self.psi, self.theta))
        self.phi_left = Part(pattern, self.phi, beside, numbered=False, kind=np.float32)
        self._phi_left = Rows(self.phi_left.matrix)
        self.phi_phi = Part(pattern, self.phi, self.phi)
        self.heat = np.empty(0, dtype=np.intp)
        if system.heat is not None:
            place = system.heat.temperatures.place
            self.heat = np.unique(place[place >= 0])  # nodes of a seam share theirs
        self._further = system.size > self.psi.size + self.theta.size + self.phi.size  # temperatures, or phonons
        self.phi_inverse, self.heat_inverse = self._inverses()
        self.heat_rows = Rows(self.jacobian, self.heat)
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

    # ---- callbacks of IDA ---------------------------------------------------------------------------------

    def _make(self, t: float, y: Array, yp: Array, cj: float) -> None:
        """The Jacobian, and the factors of its blocks."""
        self.cj, self._rated, self._renewed = cj, self._renewed, False
        self.system.jacobian(t, y, yp, cj, self.entries, self.rate if self._rated else None)
        self._factorise()

    def _moved(self, y: Array) -> bool:
        """The same, looked for in a loop that ends where it is found."""
        return self._made_at is None or moved(y, self._moving, self._made_at, self.outlived)

    def restart(self) -> None:
        """Forget: see `Newton`."""
        super().restart()
        self._rated = self._renewed = True

    def _renew(self, cj: float) -> bool:
        self._renewed = True  # the next one has its rates again
        if not self._rated:
            return False
        parts = slices(self.rate.size)

        def turn(k: int) -> None:
            for first in range(parts[k].start, parts[k].stop, AT_ONCE):
                some = slice(first, min(first + AT_ONCE, parts[k].stop))
                self.entries[some] += (cj - self.cj) * self.rate[some]

        each(turn, len(parts))
        self.cj = cj
        self._factorise()
        return True

    def _factorise(self) -> None:
        """Factors of the blocks of `entries`."""
        self.from_theta.fill(self.entries)
        self.phi_left.fill(self.entries)
        self.psi_inverse.factorise(self.entries)
        self.counts["phi_setup"] += self.phi_inverse.follow(self.phi_phi, self.entries)
        if self.heat.size:
            self.heat_inverse.follow(self.heat_heat, self.entries)

    def times(self, t: float, y: Array, yp: Array, residual: Array, v: Array, Jv: Array, cj: float) -> None:
        """J v."""
        self.counts["times"] += 1
        self.whole.times(v, Jv)

    def solve(
        self, t: float, y: Array, yp: Array, residual: Array, r: Array, z: Array, cj: float, delta: float
    ) -> None:
        """z from P z = r, block by block."""
        self.counts["solve"] += 1
        self.apply(r, z)

    def apply(self, r: Array, z: Array) -> None:
        """z from P z = r."""
        theta, psi = r[self.theta] / self.cj, self.psi_inverse.take(r)
        if theta.size:
            psi.reshape(-1)[self._by_theta] -= self.from_theta.matrix @ theta
        if self._further:
            z[:] = 0.0
        z[self.theta] = theta
        self.psi_inverse.solve(psi, z)
        phi = self.phi_inverse.solve(self._phi_left.rest_at(self.phi, z, r))
        self._phi_left.put(phi, self.phi, z)
        if self.heat.size:
            z[self.heat] = self.heat_inverse.solve(r[self.heat] - self.heat_rows.times(z))

    @cached_property
    def _product(self) -> LinearOperator:
        """J v for scipy."""
        return LinearOperator(self.jacobian.shape, self.whole.times, dtype=np.float64)

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
        found = gmres(self._product, r, rtol=CORRECTION, restart=KRYLOV_START, maxiter=3, M=self._preconditioner)
        return np.asarray(found[0])

    def consistent(self, t: float, y: Array, yp: Array, right: Array) -> Array:
        """d_t psi, d_t theta and phi from F = 0, affine in them: right is -F with all of them zero.

        The matrix takes the columns of phi from dF/dy and the others from dF/dy'.  The kept inverses are made anew:
        what follows depends on this state alone, and a resumed run is the same to the bit.
        """
        self.phi_inverse.forget()
        self.heat_inverse.forget()
        stay = np.empty_like(self.entries)
        self.system.jacobian_parts(t, y, yp, stay, self.entries)
        self.cj = 1.0
        algebraic = np.zeros(self.system.size, dtype=bool)
        algebraic[self.system.algebraic] = True
        np.copyto(self.entries, stay, where=algebraic[self.system.structure.columns])
        del stay  # as large as the matrix
        self._factorise()

        x = np.zeros_like(right)
        aim = max(START_TOLERANCE * float(np.linalg.norm(right)), nothing(self.system.space))
        for _ in range(REFINEMENTS):
            rest = right - self.whole.times(x)
            if np.linalg.norm(rest) <= aim:
                break
            x += gmres(self._product, rest, rtol=1e-6, restart=KRYLOV_START, maxiter=3, M=self._preconditioner)[0]
        return x


def nothing(space: Space) -> float:
    """What is left of the equations of a start where nothing happens, see NOTHING."""
    return NOTHING * float(np.linalg.norm(space.loads(np.ones(space.nq))))
