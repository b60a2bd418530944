"""System: the one coupled implicit system F(t, y, y') = 0 of a filament, with its analytic Jacobian.

Unknowns: Re psi, Im psi, phi at the nodes and a phase theta for each bank (see `layout`), then temperatures.  Rows:

    psi (free nodes)     weak form of (1.1), tested with v, real and imaginary part
    phi (nodes, banks)   weak form of (1.4): -int j.grad v - (current into the film) = 0
    theta (banks)        (A.7) d theta/dt + phi = 0
    one phi row          replaced by the gauge phi(left) + phi(right) = 2 gauge_shift: the rows of (1.4) add up to zero
    biased terminals     their rows are phi - V(t) = 0 instead, and fix the gauge
    temperatures         (4.1), (4.2) and the lumped nodes, see `heat_terms`

The pointwise physics stands in `equations`; here it is only pulled back through the operators of the Space.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.equations import banks, current
from femtdgl.problem.boundary import Terminal
from femtdgl.problem.drive import UniformField, Waveform
from femtdgl.problem.heat import Units
from femtdgl.problem.problem import Problem
from femtdgl.solve.assembly import MANY_POINTS, ArrayAssembly, Growth
from femtdgl.solve.choice import choose_projection, solver_of
from femtdgl.solve.compiled_assembly import CompiledAssembly
from femtdgl.solve.gauge import choose_gauge
from femtdgl.solve.heat.temperatures import Temperatures
from femtdgl.solve.heat.terms import HeatTerms
from femtdgl.solve.layout import IM, RE, Layout
from femtdgl.solve.newton import Newton
from femtdgl.solve.own_phonons import SpectralBalance, Spectrum
from femtdgl.solve.path import Cut, Path, line_integrals
from femtdgl.solve.phonons import Feedback, phonon_feedback, squares
from femtdgl.solve.pointwise import CONDUCTANCES, Constants
from femtdgl.solve.regions import Landscape, space_of
from femtdgl.solve.space import Space
from femtdgl.solve.structure import Extra, Structure
from femtdgl.solve.threads import clear
from femtdgl.solve.transport import Transport, Transports, transport_of

Array = NDArray[np.float64]
Index = NDArray[np.intp]

ZERO = np.zeros(1)


class System:
    """F(t, y, y') of a problem on a space: unknowns y and rates yp (size,), t in t0, `nnz` entries of the Jacobian."""

    def __init__(
        self,
        problem: Problem,
        space: Space | None = None,
        *,
        compiled: bool | None = None,
        iterative: bool | None = None,
    ) -> None:
        self.problem, self.film = problem, (film := problem.film)
        self.space = space_of(problem) if space is None else space
        conductance = "normal" if film.delta == 0 else film.conductance
        c = current.interference_coefficient(film.interference, film.delta, film.eta, film.u)
        self.constants = Constants(
            film.delta, film.eta, film.u, c, film.floor, CONDUCTANCES[conductance], current.elliptic_sweeps(film.delta)
        )
        self.landscape = Landscape(problem, self.space)
        self.eps, self.sigma = self.landscape.eps, self.landscape.sigma
        self.see(-np.inf, np.inf)
        self.potential = choose_gauge(problem, self.space)
        self._steady = isinstance(self.potential, UniformField) and self.potential.steady
        self._transport = transport_of(self.space, self.potential)
        self.iterative = self.space.dim > 1 if iterative is None else iterative
        self.phonons = phonon_feedback(problem, self.space, self.landscape.largest)
        balance = None if self.phonons is None else self.phonons.own
        self.layout, temperatures, units, first = self._layout(balance.unknowns(self.space.N) if balance else 0)
        self.size, self.edges = self.layout.size, self.layout.edge_terms(self.space, problem)
        self.gauge_value = problem.time.gauge_shift * float(self.layout.gauge.sum())
        self._has_edges, self._fed = bool(self.edges.any()), np.flatnonzero(self.layout.injection)
        reader, bank = self.layout.reader()
        columns, writer = self._columns_and_rows(bank)
        parts: dict[str, Any] = {
            "space": self.space, "constants": self.constants, "sigma": self.sigma, "reader": reader, "writer": writer,
            "bank": bank, "size": self.size, "width": 2 * self.size + 1 + 4 * self.layout.theta.size,
        }  # fmt: skip
        self.arrays = ArrayAssembly(**parts)
        self.heat = None
        if problem.heat is not None and temperatures is not None:
            self.heat = HeatTerms(problem, problem.heat, self.arrays, temperatures, units, self.eps)
        self.spectrum = Spectrum(balance, self.arrays, first) if isinstance(balance, SpectralBalance) else None
        further = [part.entries(columns, writer) for part in (self.heat, self.spectrum) if part is not None]
        self._further_entries = bool(further)
        rows_and_columns = [np.concatenate(part) for part in zip(*further, strict=True)] or None
        self.structure = self.arrays.structure = Structure.build(
            self.space, self.size, (writer, columns), self._extras(), rows_and_columns, self.iterative
        )
        many = self.iterative or self.space.nq > MANY_POINTS if compiled is None else compiled
        self.assembly = CompiledAssembly(**parts, structure=self.structure) if many else self.arrays
        choose_projection(self.space, many)
        if self.phonons is not None:
            self.phonons.compiled = many
        if self.heat is not None:
            self.heat.assembly = self.assembly
        self.pattern, self.nnz = self.structure.pattern, self.structure.pattern.nnz
        self.current_at = problem.drive.current

    # ---- construction -------------------------------------------------------------------------------------

    def _layout(self, excess: int) -> tuple[Layout, Temperatures | None, Units, int]:
        """Places of the unknowns; temperatures, if any, come last but for the excess of phonons; its first place."""
        heat = self.problem.heat
        if heat is None:
            layout = Layout.build(self.space, self.problem, excess)
            return layout, None, Units(), layout.size - excess
        units = heat.units(self.film, self.space.dim)
        temperatures = Temperatures.build(self.space, self.problem, heat, units)
        count = temperatures.unknowns
        layout = Layout.build(self.space, self.problem, count + excess)
        first = layout.size - excess
        return layout, temperatures.starting_at(first - count), units, first

    def _columns_and_rows(self, bank: Index) -> tuple[Index, Index]:
        """Columns of the fields at the nodes (theta in place of Im psi on a bank) and their rows; (N, 3), -1: none."""
        gather, size = self.layout.gather, self.size
        rows = np.where(gather < size, gather, -1)
        columns = rows.copy()
        rows[np.isin(rows, [self.layout.gauge_row, *(place for place, _ in self.layout.biased)])] = -1
        columns[bank >= 0, IM] = self.layout.theta[bank[bank >= 0]]
        return columns, rows

    def _extras(self) -> list[Extra]:
        """Entries of the Jacobian that never change: phases, gauge, biases, shunt, de Gennes edges."""
        layout = self.layout
        extras: list[Extra] = [
            (layout.theta, layout.theta, 0.0, 1.0),
            (layout.theta, layout.bank_phi, 1.0, 0.0),
        ]
        gauge = np.flatnonzero(layout.gauge)
        biased = np.array([place for place, _ in layout.biased[1:]], dtype=np.intp)
        extras.append((biased, biased, 1.0, 0.0))
        extras.append((np.full(gauge.size, layout.gauge_row), gauge, layout.gauge[gauge], 0.0))
        if self.problem.drive.shunt is not None:
            inject, sense = np.flatnonzero(layout.injection), np.flatnonzero(layout.voltage)
            inject = inject[inject != layout.gauge_row]
            r, c = (grid.ravel() for grid in np.meshgrid(inject, sense, indexing="ij"))
            value = layout.injection[r] * layout.voltage[c] / self.problem.drive.shunt
            extras.append((r, c, value, 0.0))
        edge = np.flatnonzero(self.edges)
        driven = biased[:0] if self.heat is None else self.heat.temperatures.driven_places
        return [*extras, (edge, edge, self.edges[edge], 0.0), (driven, driven, 1.0, 0.0)]

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

    def psi(self, y: Array, nodes: Index | slice = slice(None)) -> NDArray[np.complex128]:
        """Nodal psi (N,) from the unknowns, or that at some nodes alone."""
        gather, bank = self.layout.gather[nodes], self.assembly.bank[nodes]
        psi = np.take(y, gather[:, RE], mode="clip") + 1j * np.take(y, gather[:, IM], mode="clip")
        psi[gather[:, RE] == self.size] = 0.0
        for k, theta in enumerate(self.layout.theta):
            psi[bank == k] = np.exp(1j * y[theta])
        return psi

    def transport(self, t: float) -> Transport | None:
        """What carries psi from the nodes to the quadrature points; None without a vector potential.

        That of an earlier time may be overwritten.
        """
        return None if self._transport is None else self._transport.at(self.before(t))

    def transports(self, t: Array) -> Transports | None:
        """Those at m times, one after the other."""
        made = self._transport
        return None if made is None else Transports(lambda s: made.at(self.before(s)), t)

    def see(self, since: float, until: float, *, current_jumps: bool = True) -> None:
        """Drives are seen as they are from the corner `since` on, and before the corner `until`: they jump there.

        Of most of them the slope enters, which jumps at any corner; of the current only its value (`current_jumps`).
        """
        self._since, self._before = since, float(np.nextafter(until, -np.inf))
        self._current_jumps = current_jumps

    def before(self, t: float) -> float:
        """t, or the time nearest to it between the corners of the drives, see `see`."""
        return min(max(t, self._since), self._before)

    @cached_property
    def path(self) -> Path:
        """The path along which slips are seen and V is taken."""
        return Path(self.space, self.problem, self.potential)

    def emf(self, t: float) -> float:
        """d/dt int A.dl along the path, from the first terminal to the second."""
        if self.space.dim == 1:
            transport = self.transport(t)
            rate = None if transport is None else transport.A_t
            return 0.0 if rate is None else float(self.space.weights @ rate[:, 0])
        return self.emf_between(self.path.corners, t)

    def emf_between(self, corners: Array, t: float) -> float:
        """d/dt int A.dl along a polygon, corners (dim, k)."""
        if self.potential is None or self._steady:
            return 0.0
        return float(line_integrals(self.potential, corners, self.before(t))[1])

    def voltage(self, t: float, y: Array) -> Any:
        """V = phi(left) - phi(right) - d/dt int A.dl."""
        return self.layout.seen_voltage(y) - self.emf(t)

    @cached_property
    def own_currents(self) -> bool:
        """Whether the terminals have currents or voltages of their own, in place of `drive.current`."""
        return any(c.current is not None or c.voltage is not None for c in self.contacts)

    @cached_property
    def contacts(self) -> list[Terminal]:
        """The terminals, in their order."""
        return [self.problem.terminal(name) for name in self.problem.terminals]

    @cached_property
    def biases(self) -> list[tuple[int, Waveform]]:
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
            own = self.contacts[0].current
            return np.nan if own is None else own(self.before(t)) / self.layout.areas[0]
        shunt = self.problem.drive.shunt
        J = self.current_at(self.before(t) if self._current_jumps else t)
        return J if shunt is None else J - self.voltage(t, y) / shunt

    # ---- residual -----------------------------------------------------------------------------------------

    def residual(self, t: float, y: Array, yp: Array) -> Array:
        """F(t, y, y'), (size,).   Also for complex y, y' (complex-step checks)."""
        layout, state = self.layout, self.state(y, yp)
        transport = self.transport(t)
        F = np.zeros(self.size, dtype=state.dtype)
        assembly = self.arrays if state.dtype == np.complex128 else self.assembly
        eps = self._eps(t, y)
        growth = eps if self.phonons is None else eps + self.feedback(t, y, state, transport).p
        assembly.residual(state, transport, growth, F)
        if self.heat is not None:
            self.heat.add_rows(self.before(t), state, y, yp, transport, eps, F)
        if self.spectrum is not None:
            self.spectrum.add_rows(state, y, yp, F)
        if self._has_edges:
            F += self.edges * y
        if self.own_currents:
            for mean, contact in zip(layout.terminals, self.contacts, strict=True):
                if contact.current is not None:
                    F -= mean * contact.current(self.before(t))
        else:
            F[self._fed] -= layout.injection[self._fed] * self.current(t, y)
        F[layout.theta] = banks.phase_residual(yp[layout.theta], y[layout.bank_phi])
        F[layout.gauge_row] = layout.gauge @ y - self.gauge_value
        for place, bias in self.biases:
            F[place] = y[place] - bias(self.before(t))
        return F

    def jacobian(self, t: float, y: Array, yp: Array, cj: float, data: Array | None = None, rate: Any = None) -> Array:
        """Entries of dF/dy + cj dF/dy' (yp is y') in the order of `pattern`: (nnz,), into `data` if it is given.

        Those of dF/dy' alone go into `rate` (nnz,), if that is given, in its precision.
        """
        transport, state = self.transport(t), self.state(y, yp)
        data = np.empty(self.nnz) if data is None else data
        for part in (data,) if rate is None else (data, rate):
            clear(part)
        self.structure.add_fixed(cj, data, rate)
        how, eps = None if self.phonons is None else self.feedback(t, y, state, transport), self._eps(t, y)
        growth = Growth.without_feedback(eps) if how is None else how.growth(eps)
        self.assembly.jacobian(state, transport, growth, cj, data, rate)
        if self._further_entries:
            values, rates = self.further(t, y, yp, transport, how)
            self.structure.add_heat(values + cj * rates, data)
            if rate is not None:
                self.structure.add_heat(rates, rate)
        return data

    def _eps(self, t: Any, y: Array) -> Array:
        """eps at the points, (nq,), or (m, nq) for y (m, size) at t (m,)."""
        if self.heat is not None:
            return self.heat.eps(y)
        return self.landscape.at(t) if y.ndim == 1 else self.landscape.of_states(t)

    def feedback(self, t: float, y: Array, state: Array, transport: Any) -> Feedback:
        """p of the phonons and its slopes at the points (nq,), of the state there; transport carries psi to them."""
        assert self.phonons is not None
        T = self.heat.at_points(y) if self.heat is not None and self.phonons.follows_lattice else None
        dN = None if self.spectrum is None else self.spectrum.at_points(y)
        return self.phonons(self.before(t), squares(self.arrays, state, transport), T, dN)

    def further(self, t: float, y: Array, yp: Array, transport: Any, how: Feedback | None) -> tuple[Array, Array]:
        """Entries of temperatures and spectrum, dF/dy and dF/dy'.  transport, `how`: of psi and p at the points."""
        state, parts = self.state(y, yp), []
        if self.heat is not None:
            parts.append(self.heat.slopes(state, y, yp, transport, None if how is None else how.by_T))
        if self.spectrum is not None and how is not None:
            parts.append(self.spectrum.slopes(state, y, transport, how))
        values, rates = (np.concatenate(part) for part in zip(*parts, strict=True))
        return values, rates

    def jacobian_parts(self, t: float, y: Array, yp: Array, data: Array, rate: Array) -> None:
        """dF/dy into data and dF/dy' into rate, in the order of `pattern`."""
        self.jacobian(t, y, yp, 0.0, data)
        self.jacobian(t, y, yp, 1.0, rate)
        rate -= data

    def matrix(self, data: Array) -> sp.csc_matrix:
        """The Jacobian as a sparse matrix, from its entries `data`, (nnz,)."""
        return self.structure.matrix(data)

    # ---- start --------------------------------------------------------------------------------------------

    def observe(
        self, t: Array, Y: Array, YP: Array, cut: Cut | None = None, *, currents: bool = True
    ) -> tuple[Array, Array]:
        """w, j.E and the integrand of F at the points, (m, 3, nq), and j_s, j_int, j_n, (m, dim, 3, nq), if `currents`.

        t: (m,), Y and YP: (m, size); at the points of a cut only, if one is given.
        """
        within, eps = None if cut is None else cut.elements, self._eps(t, Y)
        return self.assembly.observe(self.state(Y, YP), self.transports(t), eps, within, currents=currents)

    def initial(
        self, psi: NDArray[np.complex128], T: Array | None = None, lumped: dict[str, float] | None = None
    ) -> Array:
        """y from nodal psi (N,) complex: bank phases from its argument there, phi = 0.

        T: nodal temperatures (fields, N) in Tc, and those of lumped nodes; what is not given is as [heat] says.
        """
        layout = self.layout
        y = np.zeros(self.size + 1)
        y[layout.gather[:, RE]], y[layout.gather[:, IM]] = psi.real, psi.imag
        y = y[: self.size]
        for theta, nodes in zip(layout.theta, layout.bank_nodes, strict=True):
            y[theta] = np.angle(psi[nodes].mean())
        if self.heat is not None:
            self.heat.temperatures.write(self.heat.start(T, lumped), y)
        return y

    def consistent(self, t: float, y: Array) -> tuple[Array, Array]:
        """y with the potential, and y', that satisfy F = 0 at t for the given psi and theta.

        F is affine in (d_t psi, d_t theta, phi) at fixed psi and theta: one linear solve.  With heat a second one: the
        source of d_t T is not linear in the others, but known after the first.
        """
        y, yp = y.copy(), np.zeros_like(y)
        algebraic = np.zeros(self.size, dtype=bool)
        algebraic[self.algebraic] = True
        y[self.layout.algebraic] = 0.0
        if self.heat is not None:
            self.heat.settle(self.before(t), y, yp)
        for _ in range(1 if self.heat is None else 2):
            step = self.newton.consistent(t, y, yp, -self.residual(t, y, yp))
            y[algebraic] += step[algebraic]
            yp[~algebraic] += step[~algebraic]
        return y, yp

    @cached_property
    def algebraic(self) -> Index:
        """Places of the unknowns without a time derivative: the potential, and means of temperatures."""
        if self.heat is None:
            return self.layout.algebraic
        return np.concatenate((self.layout.algebraic, self.heat.temperatures.algebraic))

    @cached_property
    def newton(self) -> Newton:
        """Jacobian and linear solver of the Newton iteration: a complete LU in one dimension, else by blocks."""
        return solver_of(self)
