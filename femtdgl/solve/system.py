"""System: the one coupled implicit system F(t, y, y') = 0 of a filament, with its analytic Jacobian.

Unknowns: Re psi, Im psi, phi at the nodes and a phase theta for each bank (see `layout`).  Rows:

    psi (free nodes)     weak form of (1.1), tested with v, real and imaginary part
    phi (nodes, banks)   weak form of (1.4): -int j.grad v - (current into the film) = 0
    theta (banks)        (A.7) d theta/dt + phi = 0
    one phi row          replaced by the gauge phi(left) + phi(right) = 2 gauge_shift: the rows of (1.4) add up to zero

The pointwise physics stands in `equations`; here it is only pulled back through the operators of the Space.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.equations import banks, current
from femtdgl.problem import DeGennes, Problem
from femtdgl.solve import kernels
from femtdgl.solve.layout import IM, PHI, RE, Layout
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]

BLOCKS = [(row, col) for row in (RE, IM, PHI) for col in (RE, IM, PHI)]


class System:
    """F(t, y, y') of a problem on a space.  Sizes: `size` unknowns, `nnz` entries of the Jacobian."""

    def __init__(self, problem: Problem, space: Space | None = None, *, floor: float = current.FLOOR) -> None:
        self.problem, self.film, self.floor = problem, problem.film, floor
        self.space = Space(problem.mesh.build(), problem.mesh.order) if space is None else space
        film = self.film
        conductance = "normal" if film.delta == 0 else film.conductance
        c = current.interference_coefficient(film.interference, film.delta, film.eta, film.u)
        self.constants = kernels.Constants(film.delta, film.eta, film.u, c, floor, kernels.CONDUCTANCES[conductance])
        self._no_A = np.zeros((self.space.dim, self.space.nq))
        self.eps = problem.eps(self.space.x)
        self.edges = self._edge_terms()

        self.layout = Layout.build(self.space, problem)
        self.size = self.layout.size
        self.pattern: sp.csc_matrix = self._structure()
        self.nnz = self.pattern.nnz
        self.entry_cols: Index = np.repeat(np.arange(self.size), np.diff(self.pattern.indptr))
        self._laplacian = self.space.gradient_gradient @ np.ones(self.space.nq)
        if self.edges is not None:
            self._laplacian = self._laplacian + np.asarray(self.edges[self.space.rows, self.space.cols]).ravel()
        self._bank_maps = [
            (self.space.value_value[touched], self.space.gradient_value[touched]) for touched in self._bank_entries
        ]
        self.current_at = problem.drive.current
        self._spread = self._spread_matrix()
        self._reader = self._reader_index()

    # ---- construction -------------------------------------------------------------------------------------

    def _edge_terms(self) -> sp.csr_matrix | None:
        """oint v v/b of the de Gennes edges, (N, N); None without such edges."""
        terms = [
            self.space.boundary_form(name)[0] / condition.b
            for name, condition in self.problem.boundary.items()
            if isinstance(condition, DeGennes)
        ]
        return sum(terms[1:], start=terms[0]) if terms else None

    def _structure(self) -> sp.csc_matrix:
        """The sparsity pattern of dF/dy + cj dF/dy' as a matrix of ones; sets the scatter of entries."""
        space, layout, n = self.space, self.layout, self.size
        gather = layout.gather
        rows = [gather[space.rows, f] for f, _ in BLOCKS]
        cols = [gather[space.cols, g] for _, g in BLOCKS]
        self._bank_entries = []
        for theta, nodes in zip(layout.theta, layout.bank_nodes, strict=True):
            touched = np.flatnonzero(np.isin(space.cols, nodes))
            self._bank_entries.append(touched)
            for f in (RE, IM, PHI):
                rows.append(gather[space.rows[touched], f])
                cols.append(np.full(touched.size, theta))
        row, col = np.concatenate(rows), np.concatenate(cols)
        used = (row < n) & (col < n) & (row != layout.gauge_row)

        extra: list[
            tuple[Index, Index, Array | float, float]
        ] = [  # (row, col, value, value per cj) of what does not come from the space
            (layout.theta, layout.theta, 0.0, 1.0),
            (layout.theta, layout.bank_phi, 1.0, 0.0),
        ]
        gauge = np.flatnonzero(layout.gauge)
        extra.append((np.full(gauge.size, layout.gauge_row), gauge, layout.gauge[gauge], 0.0))
        if self.problem.drive.shunt is not None:
            inject, sense = np.flatnonzero(layout.injection), np.flatnonzero(layout.voltage)
            inject = inject[inject != layout.gauge_row]
            r, c = (grid.ravel() for grid in np.meshgrid(inject, sense, indexing="ij"))
            value = layout.injection[r] * layout.voltage[c] / self.problem.drive.shunt
            extra.append((r, c, value, 0.0))
        x_row = np.concatenate([r for r, _, _, _ in extra])
        x_col = np.concatenate([c for _, c, _, _ in extra])
        x_val = np.concatenate([np.broadcast_to(v, np.shape(r)) for r, _, v, _ in extra])
        x_dot = np.concatenate([np.broadcast_to(v, np.shape(r)) for r, _, _, v in extra])

        keys, place = np.unique(np.concatenate([col[used] * n + row[used], x_col * n + x_row]), return_inverse=True)
        spaced, extras = np.split(place, [used.sum()])
        ones = np.ones(used.sum())
        shape = (keys.size, row.size)
        self._scatter = sp.csr_matrix((ones, (spaced, np.flatnonzero(used))), shape=shape)
        self._constant = np.bincount(extras, weights=x_val, minlength=keys.size)
        self._constant_dot = np.bincount(extras, weights=x_dot, minlength=keys.size)
        return sp.csc_matrix((np.ones(keys.size), (keys % n, keys // n)), shape=(n, n))

    def _spread_matrix(self) -> sp.csr_matrix:
        """E^T: adds nodal residuals (3 N,) into the rows of F; the gauge row gets none."""
        places = self.layout.gather.ravel()
        used = (places < self.size) & (places != self.layout.gauge_row)
        columns = np.flatnonzero(used)
        return sp.csr_matrix((np.ones(columns.size), (places[used], columns)), shape=(self.size, places.size))

    def _reader_index(self) -> Index:
        """Where a, b, phi, a_t, b_t of each node lie in (y, 0, y', psi and psi_t of the banks): (N, 5)."""
        layout, n = self.layout, self.size
        derivatives = layout.gather[:, :2]
        derivatives = np.where(derivatives < n, derivatives + n + 1, n)
        reader = np.hstack([layout.gather, derivatives])
        count = layout.theta.size
        for k, nodes in enumerate(layout.bank_nodes):
            for field, part in zip((0, 1, 3, 4), range(4), strict=True):
                reader[nodes, field] = 2 * n + 1 + part * count + k
        return reader

    # ---- fields -------------------------------------------------------------------------------------------

    def nodal(self, y: Array, yp: Array) -> Array:
        """Nodal a, b, phi, a_t, b_t from the unknowns: (N, 5)."""
        layout = self.layout
        bank = banks.bank_order_parameter(y[layout.theta], yp[layout.theta])
        return np.concatenate((y, [0.0], yp, *bank))[self._reader]

    def vector_potential(self, t: float) -> tuple[Array, Array]:
        """A and d_t A at the quadrature points, (dim, nq)."""
        if self.problem.vector_potential is None:
            return self._no_A, self._no_A
        return self.problem.vector_potential(self.space.x, t)

    def at_points(self, U: Array) -> Array:
        """Values and derivatives of the nodal fields (N, 5) at the quadrature points: (1 + dim, nq, 5)."""
        return (self.space.operators @ U).reshape(1 + self.space.dim, self.space.nq, 5)

    def emf(self, t: float) -> float:
        """d/dt int A.dx between the terminals (one dimension)."""
        if self.problem.vector_potential is None:
            return 0.0
        return float(self.space.weights @ self.vector_potential(t)[1][0])

    def voltage(self, t: float, y: Array) -> Any:
        """V = phi(left) - phi(right) - d/dt int A.dx."""
        return self.layout.voltage @ y - self.emf(t)

    def current(self, t: float, y: Array) -> Any:
        """J through the filament: the drive, less what a shunt carries."""
        shunt = self.problem.drive.shunt
        J = self.current_at(t)
        return J if shunt is None else J - self.voltage(t, y) / shunt

    # ---- residual -----------------------------------------------------------------------------------------

    def residual(self, t: float, y: Array, yp: Array, *, clear: bool = False) -> Array:
        """F(t, y, y'), (size,).   Also for complex y, y' (complex-step checks).  `clear`: without compiled loops."""
        space, layout = self.space, self.layout
        U = self.nodal(y, yp)
        at = self.at_points(U)
        A, A_t = self.vector_potential(t)
        out = np.empty((1 + space.dim, space.nq, 3), dtype=U.dtype)
        if clear or U.dtype != np.float64:
            kernels.residual_point(slice(None), at, A, A_t, self.eps, self.constants, out)
        else:
            kernels.residual_loop(at, A, A_t, self.eps, self.constants, out)
        nodal = space.pullback @ out.reshape(-1, 3)
        if self.edges is not None:
            nodal[:, :2] += self.edges @ U[:, :2]
        F = self._spread @ nodal.ravel()
        F -= layout.injection * self.current(t, y)
        F[layout.theta] = banks.phase_residual(yp[layout.theta], y[layout.bank_phi])
        F[layout.gauge_row] = layout.gauge @ y - self.problem.time.gauge_shift * layout.gauge.sum()
        return F

    # ---- Jacobian -----------------------------------------------------------------------------------------

    def jacobian(self, t: float, y: Array, yp: Array, cj: float) -> Array:
        """Entries of dF/dy + cj dF/dy' in the order of `pattern` (compressed columns): (nnz,)."""
        space = self.space
        A, A_t = self.vector_potential(t)
        nq, dim = space.nq, space.dim
        value, value_dot, gradient = np.empty((nq, 6)), np.empty((nq, 3)), np.empty((nq, 3))
        mixed, mixed_dot = np.empty((dim, nq, 2)), np.empty((dim, nq, 2))
        kernels.jacobian_loop(
            self.at_points(self.nodal(y, yp)),
            A,
            A_t,
            self.eps,
            self.constants,
            cj,
            value,
            value_dot,
            gradient,
            mixed,
            mixed_dot,
        )
        vv = (space.value_value @ value).T
        gg = (space.gradient_gradient @ gradient).T
        gv = (space.gradient_value @ mixed.reshape(dim * nq, 2)).T
        laplacian = self._laplacian
        blocks = np.empty((3, 3, space.rows.size))
        blocks[RE, RE], blocks[RE, IM], blocks[RE, PHI] = vv[0] + laplacian, vv[1], vv[4]
        blocks[IM, RE], blocks[IM, IM], blocks[IM, PHI] = vv[2], vv[3] + laplacian, vv[5]
        blocks[PHI, RE], blocks[PHI, IM], blocks[PHI, PHI] = gg[0] + gv[0], gg[1] + gv[1], gg[2]
        if self.problem.vector_potential is not None:  # iA.(D psi), r1 = D psi
            turn = space.gradient_value @ A.ravel() - space.value_gradient @ A.ravel()
            blocks[RE, IM] += turn
            blocks[IM, RE] -= turn
        entries = [blocks.reshape(9, -1).ravel()]
        entries += self._bank_columns(y, yp, value_dot, mixed_dot, blocks)
        return self._scatter @ np.concatenate(entries) + self._constant + cj * self._constant_dot

    def _bank_columns(self, y: Array, yp: Array, value_dot: Array, mixed_dot: Array, blocks: Array) -> list[Array]:
        """Columns of the bank phases.  With psi = exp(i theta), psi_t = i theta_t psi at the bank's nodes,

        d psi/d theta = i psi = d psi_t/d theta_t,  d psi_t/d theta = -theta_t psi, so the column is
        (dF/dpsi + cj dF/dpsi_t) i psi - theta_t (dF/dpsi_t) psi.
        """
        columns = []
        banked = zip(self.layout.theta, self._bank_entries, self._bank_maps, strict=True)
        for theta, touched, (to_value, to_mixed) in banked:
            a, b, rate = np.cos(y[theta]), np.sin(y[theta]), yp[theta]
            vv, gv = to_value @ value_dot, to_mixed @ mixed_dot.reshape(-1, 2)
            dot = {RE: (vv[:, 0], vv[:, 1]), IM: (vv[:, 1], vv[:, 2]), PHI: (gv[:, 0], gv[:, 1])}
            for f in (RE, IM, PHI):
                column = -b * blocks[f, RE][touched] + a * blocks[f, IM][touched]
                columns.append(column - rate * (a * dot[f][0] + b * dot[f][1]))
        return columns

    def matrix(self, data: Array) -> sp.csc_matrix:
        """The Jacobian as a sparse matrix, from its entries."""
        return sp.csc_matrix((data, self.pattern.indices, self.pattern.indptr), shape=(self.size, self.size))

    # ---- start --------------------------------------------------------------------------------------------

    def observe(self, t: float, y: Array, yp: Array) -> tuple[Array, Array]:
        """Densities w, j.E and of F at the quadrature points, (nq, 3), and j_s, j_int, j_n, (dim, nq, 3)."""
        A, A_t = self.vector_potential(t)
        out, vectors = np.empty((self.space.nq, 3)), np.empty((self.space.dim, self.space.nq, 3))
        kernels.observe_loop(self.at_points(self.nodal(y, yp)), A, A_t, self.eps, self.constants, out, vectors)
        return out, vectors

    def initial(self, psi: NDArray[np.complex128]) -> Array:
        """y from nodal psi (N,) complex: bank phases from its argument there, phi = 0."""
        layout = self.layout
        y = np.zeros(self.size + 1)
        y[layout.gather[:, RE]], y[layout.gather[:, IM]] = psi.real, psi.imag
        y = y[: self.size]
        for theta, nodes in zip(layout.theta, layout.bank_nodes, strict=True):
            y[theta] = np.angle(psi[nodes].mean())
        return y

    def consistent(self, t: float, y: Array) -> tuple[Array, Array]:
        """y with the potential, and y', that satisfy F = 0 at t for the given psi and theta.

        F is affine in (d_t psi, d_t theta, phi) at fixed psi and theta: one linear solve.
        """
        y, yp = y.copy(), np.zeros_like(y)
        algebraic = np.zeros(self.size, dtype=bool)
        algebraic[self.layout.algebraic] = True
        y[algebraic] = 0.0
        J0 = self.jacobian(t, y, yp, 0.0)
        J1 = self.jacobian(t, y, yp, 1.0) - J0
        M = self.matrix(np.where(algebraic[self.entry_cols], J0, J1))
        step = splu(M).solve(-self.residual(t, y, yp))
        y[algebraic] = step[algebraic]
        yp[~algebraic] = step[~algebraic]
        return y, yp
