"""Heat in the coupled system: the rows of (4.1), (4.2) and of the lumped nodes, and their part of the Jacobian.

With the rows numbered as the temperatures are (`temperatures`), and v over the shape functions of all nodes,

    field rows    int v [C d_t T - q + exchange] + int k grad T.grad v + shares of the links           `equations.heat`
    node rows     C_i d_t T_i - heat_i + (power of the links that leave) - (power that comes)
    mean rows     T_mean - int T/int 1 over the place

T_e acts back on psi through eps alone.  w comes from the assembly, compiled where there are many points; the rest is
whole arrays: a few products with the operators of the Space.  They are numpy's, or those of a device (`device.heat`):
what is done with a state here is left to numpy's functions, which give arrays of a kind for arrays of that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations import heat as equations
from femtdgl.equations.reversible_heat import EntropySlope, entropy_table
from femtdgl.errors import InputError
from femtdgl.problem.heat import Heat, Units, laws
from femtdgl.problem.heat_course import heat_of
from femtdgl.problem.problem import Problem
from femtdgl.solve.assembly import ArrayAssembly
from femtdgl.solve.compiled_assembly import CompiledAssembly
from femtdgl.solve.covariant_arrays import growth_blocks, source_blocks
from femtdgl.solve.heat.attachment import Attachment, attachments
from femtdgl.solve.heat.element_integrals import ElementIntegrals
from femtdgl.solve.heat.sources import deposits
from femtdgl.solve.heat.temperatures import Temperatures
from femtdgl.solve.pointwise import dissipation_point
from femtdgl.units import critical_temperature

Array = NDArray[np.float64]
Index = NDArray[np.intp]

STEP = 1e-30
"""Of the complex step, in Tc."""


class Fields(NamedTuple):
    """Temperatures at the quadrature points; of m states, (m, nq) stands for (nq,)."""

    T: Array  # (fields, nq)
    T_t: Array
    grad_T: Array  # (dim, fields, nq)


class HeatTerms:
    """(4.1), (4.2), links and nodes of a problem on the points of an assembly; see the module."""

    def __init__(
        self,
        problem: Problem,
        heat: Heat,
        arrays: ArrayAssembly,
        temperatures: Temperatures,
        units: Units,
        eps_0: Array,
    ) -> None:
        self.heat, self.film, self.arrays, self.space = heat, problem.film, arrays, arrays.space
        self.temperatures, self.units, self.eps_0 = temperatures, units, eps_0
        self.assembly: ArrayAssembly | CompiledAssembly = arrays
        """What works out w: the System puts its compiled assembly here."""
        self.laws = laws(heat, problem.film)
        self.attachments: tuple[Attachment, ...] = attachments(heat, self.space, temperatures, units)
        self.deposits = deposits(heat, self.space, units)
        self.lumped = [(number, heat.nodes[name]) for name, number in temperatures.nodes.items()]
        self.numbers = np.array([number for number, _ in self.lumped], dtype=np.intp)
        self._energy = units.power * units.time
        phonons = problem.phonons
        self.felt_by_psi = phonons is not None and phonons.follows_lattice
        """Whether T_p acts on psi too, by the excess of phonons."""
        self.slope_of_entropy = self._entropy_slope() if heat.source == "q_ph" else None
        start = self.start()
        for attachment in self.attachments:
            attachment.require_within_limits(start)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the temperatures in results."""
        return self.heat.field_names

    def _entropy_slope(self) -> EntropySlope:
        film = self.film
        if film.delta == 0:
            allowed = '"first-law" or "w" in the gapless model'
            raise InputError('"q_ph" needs a finite gap', key="heat.source", allowed=allowed)
        return entropy_table(1 / film.delta, film.eta)

    # ---- fields -------------------------------------------------------------------------------------------

    def eps(self, y: Array) -> Array:
        """eps at the points, (..., nq), from the unknowns (..., size)."""
        T_e = self.temperatures.nodal(self.temperatures.read(y))[..., 0, :]
        return equations.reduced_distance(self.eps_0, self.space.values(T_e.T).T, self.film.eta)

    def at_points(self, y: Array) -> Array:
        """Temperatures at the points, (fields, ..., nq), from the unknowns (..., size); in Tc."""
        T = np.moveaxis(self.temperatures.nodal(self.temperatures.read(y)), -2, 0)
        return self.space.values(T.reshape(-1, self.space.N).T).T.reshape(*T.shape[:-1], -1)

    def fields(self, T: Array, T_t: Array) -> Fields:
        """Temperatures at the points, of one state or of m of them (first axis)."""
        space, count = self.space, self.temperatures.fields
        nodal = np.concatenate([self.temperatures.nodal(part) for part in (T, T_t)], axis=-2)  # (..., 2 fields, N)
        at = (space.operators @ nodal.reshape(-1, space.N).T).reshape(1 + space.dim, space.nq, *nodal.shape[:-1])
        at = np.moveaxis(np.moveaxis(at, 1, -1), -2, 1)  # (1 + dim, 2 fields, ..., nq)
        return Fields(at[0, :count], at[0, count:], at[1:, :count])

    def source(self, state: Array, T_e: Array, transport: Any, eps: Array) -> Array:
        """q of the variant, (4.3), w of (1.5) or q_ph of (2.7), at the points (..., nq), of one state or of m with as
        many transports.
        """
        assembly = self.arrays if np.iscomplexobj(state) or np.iscomplexobj(eps) else self.assembly
        many = state.ndim > 1
        if many:
            w = assembly.observe(state, transport, eps, currents=False)[0][:, 0]
        else:
            carried = None if transport is None else [transport]
            w = assembly.observe(state[None], carried, eps[None], currents=False)[0][:, 0]
        q = w if many else w[0]
        return q if self.heat.source == "w" else q + self.reversible(self.arrays.at(state, transport)[0], T_e)

    def reversible(self, at: Array, T_e: Array) -> Array:
        """What q has beside w: (T/(2 eta)) d_t n of (4.3), or (s1/(2 eta)) d_t n of (2.7); at: (5, ...)."""
        n, n_t = at[0] ** 2 + at[1] ** 2, 2 * (at[0] * at[3] + at[1] * at[4])
        return self._given_back(n, T_e)[0] * n_t

    def _given_back(self, n: Array, T_e: Array) -> tuple[Any, Any, Any]:
        """What d_t n is multiplied by in q, and its slopes by n and by T_e."""
        eta = self.film.eta
        if self.slope_of_entropy is None:
            value, by_T = equations.entropy_heat(T_e, eta)
            return value, 0.0, by_T
        Tc = critical_temperature(eta)
        s1, by_n, by_gap = (part / (2 * eta) for part in self.slope_of_entropy(n, T_e * Tc))
        return s1, by_n, by_gap * Tc

    # ---- residual -----------------------------------------------------------------------------------------

    def add_rows(self, t: float, state: Array, y: Array, yp: Array, transport: Any, eps: Array, F: Array) -> None:
        """Adds the rows of the unknown temperatures at a time to F."""
        temperatures, T = self.temperatures, self.temperatures.read(y)
        self.add_equations(self.rows(np.array(t), state, T, temperatures.rates(yp), transport, eps), F)
        temperatures.driven_rows(t, T, F)

    def add_equations(self, R: Array, F: Array) -> None:
        """Adds those of all rows (count,) that are equations to F."""
        rows = self.temperatures.rows
        free = rows >= 0
        np.add.at(F, rows[free], R[free])

    def rows(self, t: Array, state: Array, T: Array, T_t: Array, transport: Any, eps: Array) -> Array:
        """All rows (..., count), of one state or of m, at one time or at m.

        Those of held temperatures are no equations: there stands the heat that flows in from outside, reversed.
        """
        space, here = self.space, self.fields(T, T_t)
        R = np.zeros_like(T, dtype=np.result_type(state, T))
        q = self.source(state, here.T[0], transport, eps)
        coupling = self.coupling(here.T)[0]
        for f in range(self.temperatures.fields):
            C, k = self._capacity(f, here.T[f])[0], self._conductivity(f, here.T[f])[0]
            heating = (q if f == 0 else 0.0) + self.deposited(t, f)
            value = equations.storage(C, here.T_t[f], heating, coupling if f == 0 else -coupling)
            flux = [equations.heat_flux(k, here.grad_T[d, f]) for d in range(space.dim)]
            R[..., f * space.N : (f + 1) * space.N] = (space.pullback @ np.concatenate((value, *flux), axis=-1).T).T
        if self.lumped:
            R[..., self.numbers] += self.node_rows(t, T[..., self.numbers], T_t[..., self.numbers])
        for attachment in self.attachments:
            attachment.add_rows(T, R)
        return R

    def deposited(self, t: Array, f: int) -> Any:
        """Heat from outside at the points, (nq,) at one time or (m, nq), into one of the fields; 0 without sources."""
        parts = [(part.power(t), part.share) for part in self.deposits if part.field == f]
        if np.ndim(t):
            return sum((power[:, None] * share for power, share in parts), start=np.zeros((1, 1)))
        return sum((float(power[0]) * share for power, share in parts), start=0.0)

    def brought(self, t: Array) -> Array:
        """Power from outside into nodes (m,), at m times."""
        return np.array([sum(heat_of(node, float(one)) for _, node in self.lumped) / self.units.power for one in t])

    def _capacity(self, f: int, T: Array) -> tuple[Any, Any]:
        """C and its slope, summed over what shares the temperature."""
        values = [law(T) for law in self.laws.capacity[f]]
        return sum(C for C, _ in values), sum(slope for _, slope in values)

    def _conductivity(self, f: int, T: Array) -> tuple[Any, Any]:
        """k and its slope; that of the electrons follows the normal conductivity of a region (Wiedemann and Franz)."""
        first, *others = (law(T) for law in self.laws.conductivity[f])
        share = self.arrays.sigma if f == 0 else 1.0
        return share * first[0] + sum(k for k, _ in others), share * first[1] + sum(slope for _, slope in others)

    def coupling(self, T: Array) -> tuple[Any, Any, Any]:
        """Sigma (T_e^m - T_p^m) and its slopes; 0 with one temperature."""
        if self.laws.coupling is None:
            return 0.0, 0.0, 0.0
        (out, by_e), (back, by_p) = self.laws.coupling(T[0]), self.laws.coupling(T[1])
        return out - back, by_e, -by_p

    def node_rows(self, t: Array, T: Array, T_t: Array) -> Array:
        """C_i d_t T_i - heat_i of the lumped nodes (..., nodes) from their temperatures; 0 for baths."""
        made, unit = np.zeros(T.shape, dtype=np.result_type(T, T_t)), self.units.temperature
        for i, (_, node) in enumerate(self.lumped):
            if node.temperature is None:
                C = node.heat_capacity(T[..., i] * unit) * unit / self._energy
                heat = np.array([heat_of(node, float(one)) for one in np.atleast_1d(t)]).reshape(np.shape(t))
                made[..., i] = C * T_t[..., i] - heat / self.units.power
        return made

    # ---- Jacobian -----------------------------------------------------------------------------------------

    def entries(self, columns: Index, rows: Index) -> tuple[Index, Index]:
        """Places in y (row, column) of the entries, in the order of `slopes`; -1: none.

        columns (N, 3): places of Re psi, Im psi (theta on a bank) and phi;  rows (N, 3): the rows of psi.
        """
        dofs = self.space.elements.dofs
        ne, local = dofs.shape
        place, N, fields = self.temperatures.place, self.temperatures.N, self.temperatures.fields
        own = self.temperatures.rows
        T_of, row_of = (
            np.stack([part[f * N : (f + 1) * N][dofs] for f in range(fields)]) for part in (place, own)
        )  # (fields, ne, local)
        pairs = [
            _grid(row_of[0][:, :, None, None], columns[dofs][:, None, :, :], (ne, local, local, 3)),
            *(
                _grid(rows[dofs][:, :, None, :2], part[:, None, :, None], (ne, local, local, 2))
                for part in T_of[: 2 if self.felt_by_psi else 1]
            ),
        ]
        for f in range(fields):
            for h in range(fields):
                pairs.append(_grid(row_of[f][:, :, None], T_of[h][:, None, :], (ne, local, local)))
        pairs.append((own[self.numbers], place[self.numbers]))
        for attachment in self.attachments:
            pairs += [(own[r].ravel(), place[c].ravel()) for r, c in attachment.entries()]
        return np.concatenate([r for r, _ in pairs]), np.concatenate([c for _, c in pairs])

    def slopes(
        self, state: Array, y: Array, yp: Array, transport: Any, feedback: Array | None = None
    ) -> tuple[Array, Array]:
        """d rows/dy and d rows/dy' at the entries of `entries`, and those of the rows of psi by T.

        feedback: p of the phonons by T_e and T_p at the points, (2, nq), where it follows them; None leaves p out.
        """
        T, T_t = self.temperatures.read(y), self.temperatures.rates(yp)
        space, arrays, here, at = self.space, self.arrays, self.fields(T, T_t), self.arrays.at(state, transport)
        dofs, V, G, weight = space.elements
        by_psi, by_rate, by_T = self._source_slopes(at, here.T[0])
        E = ElementIntegrals(V, G, weight)

        psi = [at[0, :2] / self.film.eta]  # -psi d(eps + p)/dT
        if feedback is not None:
            psi = [psi[0] - at[0, :2] * feedback[0], -at[0, :2] * feedback[1]]
        elif self.felt_by_psi:
            psi.append(np.zeros_like(psi[0]))
        if transport is None:
            stay, growth = -E.tested(*by_psi), [E.tested(part, None) for part in psi]
            rate = np.zeros_like(stay)
            rate[..., :2] = -E.tested(by_rate, None)
        else:
            stay, rate = (-part for part in source_blocks(*by_psi, by_rate, space.elements, transport))
            growth = [growth_blocks(part, space.elements, transport) for part in psi]
        e, j = arrays.banked
        a, b, a_t, b_t = (state[arrays.reader[dofs[e, j], field]][:, None] for field in (0, 1, 3, 4))
        turning = (a * b_t - b * a_t) * (a * rate[..., 0][e, :, j] + b * rate[..., 1][e, :, j])
        stay[..., 1][e, :, j] = a * stay[..., 1][e, :, j] - b * stay[..., 0][e, :, j] - turning
        rate[..., 1][e, :, j] = a * rate[..., 1][e, :, j] - b * rate[..., 0][e, :, j]

        blocks, rates = [stay, *growth], [rate, *(np.zeros_like(part) for part in growth)]
        coupling = self.coupling(here.T)
        for f in range(self.temperatures.fields):
            for h in range(self.temperatures.fields):
                sign = 1 if f == 0 else -1
                value = np.zeros_like(here.T[f]) + sign * coupling[1 + h]
                block, moving = np.zeros_like(stay[..., 0]), np.zeros_like(stay[..., 0])
                if f == h:
                    (C, C_T), (k, k_T) = self._capacity(f, here.T[f]), self._conductivity(f, here.T[f])
                    value += C_T * here.T_t[f] - (by_T if f == 0 else 0.0)
                    block += E.stiffness(k) + E.drift(k_T * here.grad_T[:, f])
                    moving += E.tested(C[None], None)[..., 0]
                blocks.append(block + E.tested(value[None], None)[..., 0])
                rates.append(moving)
        if self.lumped:
            found = self.node_slopes(T[..., self.numbers], T_t[..., self.numbers])
            for target, values in zip((blocks, rates), found, strict=True):
                target.append(values)
        for attachment in self.attachments:
            more = attachment.slopes(T)
            blocks += more
            rates += [np.zeros_like(value) for value in more]
        unit = self.temperatures.unit  # the columns of all blocks but the first are temperatures
        stay, rate = (
            np.concatenate([first.ravel(), *(unit * part.ravel() for part in others)])
            for first, *others in (blocks, rates)
        )
        return stay, rate

    def _source_slopes(self, at: Array, T_e: Array) -> tuple[tuple[Array, Array], Array, Array | float]:
        """q by a, b, phi (3, nq) and by their gradients (dim, 3, nq); by a_t, b_t (2, nq); by T_e (nq,)."""
        value, gradient = (np.empty_like(at, shape=(*shape, self.space.nq)) for shape in ((5,), (self.space.dim, 3)))
        dissipation_point(at, *self.arrays.conductances(at), self.arrays.constants, value, gradient)
        by_T: Array | float = 0.0
        if self.heat.source != "w":
            a, b, a_t, b_t = at[0, 0], at[0, 1], at[0, 3], at[0, 4]
            n, n_t = a * a + b * b, 2 * (a * a_t + b * b_t)
            share, by_n, slope = self._given_back(n, T_e)
            value[0] += 2 * (by_n * n_t * a + share * a_t)
            value[1] += 2 * (by_n * n_t * b + share * b_t)
            value[3] += 2 * share * a
            value[4] += 2 * share * b
            by_T = slope * n_t
        return (value[:3], gradient), value[3:], by_T

    def node_slopes(self, T: Array, T_t: Array) -> tuple[Array, Array]:
        """Of C_i d_t T_i of the nodes, by T_i (by a complex step) and by d_t T_i; 0 for baths."""
        unit = self.units.temperature
        by_T, by_rate = np.zeros((2, len(self.lumped)))
        for i, (_, node) in enumerate(self.lumped):
            if node.temperature is None:
                C = node.heat_capacity(complex(T[i], STEP) * unit) * unit / self._energy
                by_T[i], by_rate[i] = C.imag / STEP * T_t[i], C.real
        return by_T, by_rate

    # ---- balance ------------------------------------------------------------------------------------------

    def thermal_energy(self, T: Array) -> Array:
        """U = int dx int_0^T C dT of the fields, (m,); T (m, count)."""
        fields = self.temperatures.nodal(T)
        energy = np.zeros(T.shape[0])
        for f, parts in enumerate(self.laws.capacity):
            at_points = self.space.values(fields[:, f].T).T
            energy += sum(law.integral(at_points) for law in parts) @ self.space.weights
        return energy

    def start(self, T_start: Array | None = None, nodes: Mapping[str, float] | None = None) -> Array:
        """All temperatures at t = 0: the bath's, nodes as they say, means as they follow.

        T_start (fields, N) and nodes, in Tc, come before that.
        """
        temperatures, known = self.temperatures, nodes or {}
        T = np.full(temperatures.fixed.size, self.heat.bath_temperature(self.film))
        if T_start is not None:
            T[: T_start.size] = T_start.ravel()
        for name, number in temperatures.nodes.items():
            node = self.heat.nodes[name]
            if name in known:
                T[number] = known[name]
            elif node.initial is not None:
                T[number] = node.initial / self.units.temperature
        T = np.where(temperatures.place >= 0, T, temperatures.fixed)
        return self.with_means(temperatures.follow(0.0, T))

    def settle(self, t: float, y: Array, yp: Array) -> None:
        """Puts what follows from the time and from the fields into y and y': driven temperatures, and means."""
        temperatures = self.temperatures
        temperatures.write(self.with_means(temperatures.follow(t, temperatures.read(y))), y)
        temperatures.follow_rates(t, yp)

    def with_means(self, T: Array) -> Array:
        """The list with the means that follow from the fields."""
        T = T.copy()
        for attachment in self.attachments:
            if attachment.evenly is not None:
                T[attachment.mean] = attachment.evenly.weight[0] @ T[attachment.evenly.number[0]]
        return T


def _grid(rows: Any, columns: Any, shape: tuple[int, ...]) -> tuple[Index, Index]:
    return np.broadcast_to(rows, shape).ravel(), np.broadcast_to(columns, shape).ravel()
