"""System: the one coupled implicit system F(t, y, y') = 0 of a filament, with its analytic Jacobian.

Unknowns: Re psi, Im psi, phi at the nodes and a phase theta for each bank (see `layout`).  Rows:

    psi (free nodes)     weak form of (1.1), tested with v, real and imaginary part
    phi (nodes, banks)   weak form of (1.4): -int j.grad v - (current into the film) = 0
    theta (banks)        (A.7) d theta/dt + phi = 0
    one phi row          replaced by the gauge phi(left) + phi(right) = 2 gauge_shift: the rows of (1.4) add up to zero
    biased terminals     their rows are phi - V(t) = 0 instead, and fix the gauge

The pointwise physics stands in `equations`; here it is only pulled back through the operators of the Space.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from femtdgl.boundary import Bank, DeGennes, Terminal
from femtdgl.drive import UniformField, Waveform
from femtdgl.equations import banks, current
from femtdgl.equations.vector_potential import tangential
from femtdgl.errors import InputError
from femtdgl.problem import Problem
from femtdgl.solve.assembly import MANY_POINTS, ArrayAssembly, CompiledAssembly
from femtdgl.solve.layout import IM, RE, Layout
from femtdgl.solve.linear import BlockSolver
from femtdgl.solve.path import Cut, Path, centre, line_emf
from femtdgl.solve.pointwise import CONDUCTANCES, Constants
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]

ZERO = np.zeros(1)


class System:
    """F(t, y, y') of a problem on a space.  Sizes: `size` unknowns, `nnz` entries of the Jacobian."""

    def __init__(
        self,
        problem: Problem,
        space: Space | None = None,
        *,
        compiled: bool | None = None,
        iterative: bool | None = None,
    ) -> None:
        self.problem, self.film = problem, problem.film
        self.space = _space(problem) if space is None else space
        film = self.film
        conductance = "normal" if film.delta == 0 else film.conductance
        c = current.interference_coefficient(film.interference, film.delta, film.eta, film.u)
        self.constants = Constants(
            film.delta, film.eta, film.u, c, film.floor, CONDUCTANCES[conductance], current.elliptic_sweeps(film.delta)
        )
        self.eps, self.sigma = self._materials()
        self.horizon = np.inf
        self.potential = problem.potential(centre(self.space))
        steady = isinstance(self.potential, UniformField) and self.potential.steady
        self._steady = self.potential(self.space.x, 0.0) if self.potential is not None and steady else None
        self._check_banks()
        self.layout = Layout.build(self.space, problem)
        self.iterative = self.space.dim > 1 if iterative is None else iterative
        self.size = self.layout.size
        self.edges = self._edge_terms()
        self._gauge_value = problem.time.gauge_shift * float(self.layout.gauge.sum())
        self._has_edges = bool(self.edges.any())
        reader, bank = self.layout.reader()
        writer = np.where(self.layout.gather < self.size, self.layout.gather, -1)
        writer[np.isin(writer, [self.layout.gauge_row, *(place for place, _ in self.layout.biased)])] = -1
        self.pattern: sp.csc_matrix | sp.csr_matrix
        self.pattern, slots = self._structure(writer, bank)
        width = 2 * self.size + 1 + 4 * self.layout.theta.size
        parts = (self.space, self.constants, self.eps, self.sigma, reader, writer, bank, slots, self.size, width)
        self.arrays = ArrayAssembly(*parts)
        many = self.iterative or self.space.nq > MANY_POINTS if compiled is None else compiled
        self.assembly = CompiledAssembly(*parts) if many else self.arrays
        self.nnz = self.pattern.nnz
        repeated = np.repeat(np.arange(self.size), np.diff(self.pattern.indptr))
        self.entry_cols: Index = self.pattern.indices if self.iterative else repeated
        self.current_at = problem.drive.current

    # ---- construction -------------------------------------------------------------------------------------

    def _materials(self) -> tuple[Array, Array]:
        """eps and the normal conductivity at the quadrature points, (nq,) each."""
        space, regions = self.space, self.problem.region
        count = space.elements.weight.shape[1]
        eps = self.problem.eps(space.x)
        sigma = np.ones(space.nq)
        for name, region in regions.items():
            chosen = np.repeat(np.isin(space.numbers, space.mesh.subdomains[name]), count)
            eps[chosen] += region.eps - 1.0
            sigma[chosen] = region.conductivity
        return eps, sigma

    def _check_banks(self) -> None:
        """psi = exp(i theta) with one theta on a bank is right only without a tangential A there."""
        if self.potential is None or self.space.dim == 1:
            return
        times = (0.0, 0.37 * self.problem.time.t_end, self.problem.time.t_end, *self.problem.corners)
        for name, condition in self.problem.boundary.items():
            if isinstance(condition, Bank):
                x, normal = (part.reshape(self.space.dim, -1) for part in self.space.boundary_normals(name))
                for t in times:
                    A = self.potential(x, t)[0]
                    if np.abs(tangential(A, normal)).max() > 1e-9 * (1 + np.abs(A).max()):
                        raise InputError(
                            "is a bank with a vector potential along its face, so that one phase does not serve it",
                            key=f"boundary.{name}",
                            allowed='a face across x with a field across x, or a "normal" contact',
                        )

    def _edge_terms(self) -> Array:
        """oint v psi/b of the de Gennes edges, with the nodes as points of the quadrature: a factor of y (size,)."""
        factor = np.zeros(self.size + 1)
        for name, condition in self.problem.boundary.items():
            if isinstance(condition, DeGennes):
                load = self.space.boundary_form(name)[1] / condition.b
                for f in (RE, IM):
                    np.add.at(factor, self.layout.gather[:, f], load)
        return factor[:-1]

    def _structure(self, writer: Index, bank: Index) -> tuple[Any, NDArray[np.int32]]:
        """The sparsity pattern of dF/dy + cj dF/dy' as a matrix of ones, and the slots of the element matrices."""
        layout, n = self.layout, self.size
        dofs = self.space.elements.dofs
        row = writer[dofs].reshape(dofs.shape[0], -1)  # (ne, 3 local)
        column = np.where(layout.gather < n, layout.gather, -1)
        in_bank = bank >= 0
        column[in_bank, IM] = layout.theta[bank[in_bank]]
        col = column[dofs].reshape(dofs.shape[0], -1)
        slots, keys = self._element_slots(row, col)

        extra: list[tuple[Index, Index, Array | float, float]] = [  # row, column, value, value per cj
            (layout.theta, layout.theta, 0.0, 1.0),
            (layout.theta, layout.bank_phi, 1.0, 0.0),
        ]
        gauge = np.flatnonzero(layout.gauge)
        biased = np.array([place for place, _ in layout.biased[1:]], dtype=np.intp)
        extra.append((biased, biased, 1.0, 0.0))
        extra.append((np.full(gauge.size, layout.gauge_row), gauge, layout.gauge[gauge], 0.0))
        if self.problem.drive.shunt is not None:
            inject, sense = np.flatnonzero(layout.injection), np.flatnonzero(layout.voltage)
            inject = inject[inject != layout.gauge_row]
            r, c = (grid.ravel() for grid in np.meshgrid(inject, sense, indexing="ij"))
            value = layout.injection[r] * layout.voltage[c] / self.problem.drive.shunt
            extra.append((r, c, value, 0.0))
        edge = np.flatnonzero(self.edges)
        extra.append((edge, edge, self.edges[edge], 0.0))
        extra_keys = np.concatenate([self._key(np.asarray(r), np.asarray(c)) for r, c, _, _ in extra])
        unique, place = np.unique(np.concatenate((keys, extra_keys)), return_inverse=True)
        slots = np.where(slots >= 0, place[slots], -1).astype(np.int32)
        extras, size = place[keys.size :], unique.size
        spread = [np.broadcast_to(v, np.shape(r)) for r, _, v, _ in extra]
        self._constant = np.bincount(extras, weights=np.concatenate(spread), minlength=size)
        spread = [np.broadcast_to(v, np.shape(r)) for r, _, _, v in extra]
        self._constant_dot = np.bincount(extras, weights=np.concatenate(spread), minlength=size)
        if self.iterative:
            return sp.csr_matrix((np.ones(size), (unique // n, unique % n)), shape=(n, n)), slots
        return sp.csc_matrix((np.ones(size), (unique % n, unique // n)), shape=(n, n)), slots

    def _key(self, row: Index, column: Index) -> Index:
        """A number for an entry, in the order of storage: by rows for the iterative solver, else by columns."""
        return row * self.size + column if self.iterative else column * self.size + row

    def _element_slots(self, row: Index, column: Index) -> tuple[NDArray[np.int32], Index]:
        """Distinct keys of the entries of all element matrices, and where each entry finds its own, or -1.

        row, column: (ne, 3 local).   Pairs of nodes are told apart first: in three dimensions there are sixty times
        as many entries of element matrices as pairs.
        """
        dofs = self.space.elements.dofs.astype(np.int64)
        ne, local = dofs.shape
        pairs = (dofs[:, :, None] * self.space.N + dofs[:, None, :]).reshape(-1)
        _, first, pair = np.unique(pairs, return_index=True, return_inverse=True)
        e, i, j = np.unravel_index(first, (ne, local, local))
        fields = np.arange(3)
        r = row[e[:, None], 3 * i[:, None] + fields][:, :, None]
        c = column[e[:, None], 3 * j[:, None] + fields][:, None, :]
        used = (r >= 0) & (c >= 0)
        keys, place = np.unique(self._key(r, c)[used], return_inverse=True)
        of_pair = np.full(used.shape, -1, dtype=np.int32)
        of_pair[used] = place
        slots = of_pair[pair].reshape(ne, local, local, 3, 3).swapaxes(2, 3)
        return np.ascontiguousarray(slots).reshape(ne, 3 * local, 3 * local), keys

    # ---- fields -------------------------------------------------------------------------------------------

    def state(self, y: Array, yp: Array) -> Array:
        """(y, 0, y', psi and d_t psi of the banks): all that the fields are read from; (..., width)."""
        theta = self.layout.theta
        bank = banks.bank_order_parameter(y[..., theta], yp[..., theta])
        zero = ZERO if y.ndim == 1 else np.zeros((*y.shape[:-1], 1))
        return np.concatenate((y, zero, yp, *bank), axis=-1)

    def nodal(self, y: Array, yp: Array) -> Array:
        """Nodal a, b, phi, a_t, b_t from the unknowns: (..., N, 5)."""
        return self.state(y, yp)[..., self.assembly.reader]

    def psi(self, y: Array) -> NDArray[np.complex128]:
        """Nodal psi (N,) from the unknowns."""
        gather, theta = self.layout.gather, self.layout.theta
        padded = np.concatenate((y, ZERO))
        psi = padded[gather[:, RE]] + 1j * padded[gather[:, IM]]
        for k, nodes in enumerate(self.layout.bank_nodes):
            psi[nodes] = np.exp(1j * y[theta[k]])
        return psi

    def vector_potential(self, t: float) -> tuple[Array, Array] | tuple[None, None]:
        """A and d_t A at the quadrature points, (dim, nq), or None."""
        if self.potential is None:
            return None, None
        return self._steady or self.potential(self.space.x, self.before(t))

    def before(self, t: float) -> float:
        """t, but just before the corner of a drive at which the integrator stops: slopes jump there."""
        return min(t, float(np.nextafter(self.horizon, -np.inf)))

    @cached_property
    def path(self) -> Path:
        """The path along which slips are seen and V is taken."""
        return Path(self.space, self.problem)

    def emf(self, t: float) -> float:
        """d/dt int A.dl along the path, from the first terminal to the second."""
        if self.space.dim == 1:
            A_t = self.vector_potential(t)[1]
            return 0.0 if A_t is None else float(self.space.weights @ A_t[0])
        return self.emf_between(self.path.corners, t)

    def emf_between(self, corners: Array, t: float) -> float:
        """d/dt int A.dl along a polygon, corners (dim, k)."""
        if self.potential is None or self._steady is not None:
            return 0.0
        return line_emf(self.potential, corners, self.before(t))

    def voltage(self, t: float, y: Array) -> Any:
        """V = phi(left) - phi(right) - d/dt int A.dl."""
        return self.layout.voltage @ y - self.emf(t)

    @cached_property
    def own_currents(self) -> bool:
        """Whether the terminals have currents or voltages of their own, in place of `drive.current`."""
        return any(c.current is not None or c.voltage is not None for c in self._contacts)

    @cached_property
    def _contacts(self) -> list[Terminal]:
        return [self.problem.terminal(name) for name in self.problem.terminals]

    @cached_property
    def _biases(self) -> list[tuple[int, Waveform]]:
        """Place and waveform of each potential under voltage bias."""
        pairs = [(place, self.problem.terminal(name).voltage) for place, name in self.layout.biased]
        return [(place, wave) for place, wave in pairs if wave is not None]

    @cached_property
    def terminal_cuts(self) -> list[Cut]:
        """The flux into the film at each terminal."""
        cuts = []
        for name in self.problem.terminals:
            on = np.zeros(self.space.N, dtype=bool)
            on[self.space.boundary_nodes(name)] = True
            cuts.append(Cut(self.space, on))
        return cuts

    def current(self, t: float, y: Array) -> Any:
        """J through the filament: the drive, less what a shunt carries; at the first terminal, if that has its own."""
        if self.own_currents:
            own = self._contacts[0].current
            return np.nan if own is None else own(self.before(t)) / self.layout.areas[0]
        shunt = self.problem.drive.shunt
        J = self.current_at(t)
        return J if shunt is None else J - self.voltage(t, y) / shunt

    # ---- residual -----------------------------------------------------------------------------------------

    def residual(self, t: float, y: Array, yp: Array) -> Array:
        """F(t, y, y'), (size,).   Also for complex y, y' (complex-step checks)."""
        layout, state = self.layout, self.state(y, yp)
        A, A_t = self.vector_potential(t)
        F = np.zeros(self.size, dtype=state.dtype)
        assembly = self.arrays if state.dtype == np.complex128 else self.assembly
        assembly.residual(state, A, A_t, F)
        if self._has_edges:
            F += self.edges * y
        if self.own_currents:
            for mean, contact in zip(layout.terminals, self._contacts, strict=True):
                if contact.current is not None:
                    F -= mean * contact.current(self.before(t))
        else:
            F -= layout.injection * self.current(t, y)
        F[layout.theta] = banks.phase_residual(yp[layout.theta], y[layout.bank_phi])
        F[layout.gauge_row] = layout.gauge @ y - self._gauge_value
        for place, bias in self._biases:
            F[place] = y[place] - bias(self.before(t))
        return F

    def jacobian(self, t: float, y: Array, yp: Array, cj: float) -> Array:
        """Entries of dF/dy + cj dF/dy' in the order of `pattern` (compressed columns): (nnz,)."""
        A, A_t = self.vector_potential(t)
        data = self._constant + cj * self._constant_dot
        self.assembly.jacobian(self.state(y, yp), A, A_t, cj, data)
        return data

    def jacobian_parts(self, t: float, y: Array, yp: Array, data: Array, rate: Array) -> None:
        """dF/dy into data and dF/dy' into rate, in the order of `pattern`."""
        A, A_t = self.vector_potential(t)
        data[:], rate[:] = self._constant, self._constant_dot
        assert isinstance(self.assembly, CompiledAssembly)
        self.assembly.jacobian_parts(self.state(y, yp), A, A_t, data, rate)

    def matrix(self, data: Array) -> sp.csc_matrix:
        """The Jacobian as a sparse matrix, from its entries."""
        kind = type(self.pattern)
        whole = kind((data, self.pattern.indices, self.pattern.indptr), shape=(self.size, self.size))
        return whole.tocsc()

    # ---- start --------------------------------------------------------------------------------------------

    def observe(self, t: Array, Y: Array, YP: Array) -> tuple[Array, Array]:
        """w, j.E and the integrand of F at the quadrature points, (m, 3, nq), and j_s, j_int, j_n, (m, dim, 3, nq).

        t: (m,), Y and YP: (m, size).
        """
        states = self.state(Y, YP)
        if self.potential is None:
            return self.assembly.observe(states, None, None)
        A, A_t = (np.stack(parts) for parts in zip(*(self.vector_potential(s) for s in t), strict=True))
        return self.assembly.observe(states, A, A_t)

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
        if self.iterative:
            step = self.blocks.consistent(t, y, yp, -self.residual(t, y, yp))
        else:
            J0 = self.jacobian(t, y, yp, 0.0)
            J1 = self.jacobian(t, y, yp, 1.0) - J0
            M = self.matrix(np.where(algebraic[self.entry_cols], J0, J1))
            step = splu(M).solve(-self.residual(t, y, yp))
        y[algebraic] = step[algebraic]
        yp[~algebraic] = step[~algebraic]
        return y, yp

    @cached_property
    def blocks(self) -> BlockSolver:
        """The solver of the Newton iteration in two and three dimensions."""
        return BlockSolver(self)


def _space(problem: Problem) -> Space:
    """The space of a problem, with the thickness of its regions."""
    mesh, regions = problem.mesh.build(), problem.region
    for name in regions:
        if name not in (mesh.subdomains or {}):
            raise InputError(
                f"the mesh has no region {name!r}",
                key="region",
                allowed=", ".join(sorted(mesh.subdomains or {})) or "no regions on this mesh",
            )
    thickness = None
    if any(region.thickness != 1.0 for region in regions.values()):
        thickness = np.ones(mesh.t.shape[1])
        for name, region in regions.items():
            thickness[mesh.subdomains[name]] = region.thickness
    return Space(mesh, problem.mesh.order, thickness=thickness)
