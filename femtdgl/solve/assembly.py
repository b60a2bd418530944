"""Assembly: pointwise physics to the integrals of the residual and to the entries of the Jacobian.

Two classes with the same three methods.  `ArrayAssembly` works on whole numpy arrays, and on complex ones;
`compiled_assembly.CompiledAssembly` runs compiled loops, and is the faster one above some thousand quadrature points.

    residual(state, transport, growth, F)         adds the integrals to F
    jacobian(state, transport, growth, cj, data)  adds the entries of dF/dy + cj dF/dy' to data, and dF/dy' to a rate
    observe(states, transports, eps)              w, j.E and the integrand of F (m, 3, nq); j_s, j_int, j_n
                                                  (m, dim, 3, nq); compiled also within some elements alone

`transport` is None where there is no vector potential, and eps is (nq,), as are the parts of `Growth`; for the m states
of `observe` there are m transports, or None, and eps is (m, nq).

The element matrix has rows 3 i + field and columns 3 j + field for local nodes i, j; the structure says where each of
its entries goes.  On a bank psi = exp(i theta) and psi_t = i theta_t psi, so that
d psi/d theta = i psi = d psi_t/d theta_t and d psi_t/d theta = -theta_t psi; the column of theta is

    (dF/dpsi + cj dF/dpsi_t) i psi - theta_t (dF/dpsi_t) psi

and takes the place of the column of Im psi at the nodes of the bank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.equations.current import conductance_elliptic
from femtdgl.solve import covariant_arrays
from femtdgl.solve.pointwise import (
    CONDUCTANCES,
    Constants,
    conductance,
    jacobian_point,
    observe_point,
    residual_point,
)
from femtdgl.solve.space import Space
from femtdgl.solve.structure import Structure
from femtdgl.solve.transport import Transport

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Carried = Transport | Iterable[Transport] | None
"""The transport of a state, or those of several, where there is a vector potential."""


class Growth(NamedTuple):
    """What psi grows with but for -n, at the points (nq,): eps + p, and the slopes of eps - n + p, (nq,) or (1,)."""

    value: Array
    by_n: Array
    by_rate: Array

    @classmethod
    def without_feedback(cls, eps: Array) -> Growth:
        """That of eps alone."""
        return cls(eps, np.full(1, -1.0), np.zeros(1))


MANY_POINTS = 4000
"""Quadrature points above which the compiled loops pay."""


@dataclass
class Assembly:
    """What both assemblies need: where fields are read from, and where rows and entries go."""

    space: Space
    constants: Constants
    sigma: Array  # (nq,) normal conductivity over that of the film
    reader: Index  # (N, 5) places of a, b, phi, a_t, b_t in the state
    writer: Index  # (N, 3) rows of F, or -1
    bank: Index  # (N,) bank of a node, or -1
    size: int  # of F
    width: int  # of the state
    structure: Structure | None = None
    """Of the Jacobian; known once the rows of all parts are."""

    @cached_property
    def readers(self) -> Index:
        """`reader` field by field: (5, N)."""
        return np.ascontiguousarray(self.reader.T)


class _Last(NamedTuple):
    """A state, its fields at the points, and the conductances there once they were asked for."""

    state: Array
    at: Array
    conductances: tuple[Array, Array] | None


class ArrayAssembly(Assembly):
    """Assembly with numpy on all points at once."""

    _last = _Last(np.empty(0), np.empty(0), None)

    @cached_property
    def _read(self) -> sp.csr_matrix:
        """Fields at the points from the state: ((1 + dim) 5 nq, width), the rows in the order of `at`."""
        space, N = self.space, self.space.N
        choose = [
            sp.csr_matrix((np.ones(N), (np.arange(N), column)), shape=(N, self.width)) for column in self.reader.T
        ]
        nothing = sp.csr_matrix((space.nq, self.width))
        blocks = []
        for d in range(1 + space.dim):
            operator = space.operators[d * space.nq : (d + 1) * space.nq]
            blocks += [operator @ choose[f] if d == 0 or f < 3 else nothing for f in range(5)]
        return sp.vstack(blocks).tocsr()

    @cached_property
    def _write(self) -> sp.csr_matrix:
        """F from the coefficients of the test functions: (size, (1 + dim) 3 nq)."""
        space, blocks = self.space, []
        for d in range(1 + space.dim):
            back = space.pullback[:, d * space.nq : (d + 1) * space.nq]
            for rows in self.writer.T:
                used = np.flatnonzero(rows >= 0)
                spread = sp.csr_matrix((np.ones(used.size), (rows[used], used)), shape=(self.size, space.N))
                blocks.append(spread @ back)
        return sp.hstack(blocks).tocsr()

    def at(self, state: Array, transport: Carried = None) -> Array:
        """Fields at the points, (1 + dim, 5, nq) from a state (width,), (1 + dim, 5, m, nq) from m of them.

        Those of the last state are kept: residual and Jacobian are asked for one after the other.
        """
        if transport is not None:
            return self._carried(state, transport)
        shape = (1 + self.space.dim, 5, self.space.nq)
        if state.ndim == 1:
            if state.dtype != self._last.state.dtype or not np.array_equal(state, self._last.state):
                at = (self._read @ state).reshape(shape)
                at.flags.writeable = False
                self._last = _Last(state.copy(), at, None)
            return self._last.at
        fields = self._read @ np.ascontiguousarray(state.T)
        return np.ascontiguousarray(fields.reshape(*shape, -1).swapaxes(2, 3))

    def _carried(self, state: Array, transport: Transport | Iterable[Transport]) -> Array:
        elements = self.space.elements
        places = self.reader[elements.dofs]
        if isinstance(transport, Transport):
            return covariant_arrays.fields(state[places], elements, transport)
        pairs = zip(state, transport, strict=True)
        return np.stack([covariant_arrays.fields(one[places], elements, how) for one, how in pairs], axis=2)

    @cached_property
    def _uniform(self) -> bool:
        return bool(np.all(self.sigma == 1.0))

    def conductances(self, at: Array) -> tuple[Array, Array]:
        """(1.3) g and dg/dn at the points."""
        if at is not self._last.at:
            return self._conductances(at)
        if self._last.conductances is None:
            self._last = self._last._replace(conductances=self._conductances(at))
        assert self._last.conductances is not None
        return self._last.conductances

    def _conductances(self, at: Array) -> tuple[Array, Array]:
        n, k = at[0, 0] ** 2 + at[0, 1] ** 2, self.constants
        if k.conductance == CONDUCTANCES["exact"] and not np.iscomplexobj(n):
            g, g_n = conductance_elliptic(n, k.delta, k.eta, k.u)
        else:
            g, g_n = conductance(n, k)
        return (g, g_n) if self._uniform else (self.sigma * g, self.sigma * g_n)

    def residual(self, state: Array, transport: Transport | None, growth: Array, F: Array) -> None:
        """Adds the integrals of the residual to F.   growth: eps + p (nq,)."""
        space, at = self.space, self.at(state, transport)
        out = np.empty((1 + space.dim, 3, space.nq), dtype=at.dtype)
        g, _ = self.conductances(at)
        residual_point(at, growth, g, self.constants, out)
        self.write(out, transport, F)

    def write(self, out: Array, transport: Transport | None, F: Array) -> None:
        """Adds the integrals with the test functions, from their coefficients (1 + dim, 3, nq), to F."""
        if transport is None:
            F += self._write @ out.ravel()
            return
        elements = self.space.elements
        rows = self.writer[elements.dofs]
        np.add.at(F, rows[rows >= 0], np.moveaxis(covariant_arrays.tested(out, elements, transport), 0, 2)[rows >= 0])

    def jacobian(
        self, state: Array, transport: Transport | None, growth: Growth, cj: float, data: Array, rate: Any = None
    ) -> None:
        """Adds the entries of dF/dy + cj dF/dy' to data, and those of dF/dy' alone to rate, if it is given."""
        if rate is not None:
            for sign, at_cj in ((1.0, 1.0), (-1.0, 0.0)):
                part = np.zeros(data.size)
                self.jacobian(state, transport, growth, at_cj, part)
                rate += (sign * part).astype(rate.dtype)
        space, nq, dim = self.space, self.space.nq, self.space.dim
        forms = np.empty((13 + 4 * dim, nq))
        value, gradient, mixed = forms[:9], forms[9:12], forms[13:].reshape(2, 2, dim, nq)
        forms[12] = 1.0
        moved, moved_dot = mixed.swapaxes(1, 2)
        at = self.at(state, transport)
        jacobian_point(at, *growth, *self.conductances(at), self.constants, cj, value, gradient, moved, moved_dot)
        if transport is None:
            entries = self._gather @ forms.ravel()
        else:
            blocks = covariant_arrays.jacobian_blocks(value, gradient, moved, moved_dot, space.elements, transport)
            places = [np.concatenate([part[part >= 0] for part in self._places])]
            weights = [block.ravel()[part.ravel() >= 0] for block, part in zip(blocks, self._places, strict=True)]
            entries = np.bincount(places[0], np.concatenate(weights), self._entries)
        plain = entries.size - self.banked[0].size * 4 * self.slots.shape[1]
        data[:plain] += entries[:plain]
        self._turn_banks(state, entries[plain:], data)

    def _turn_banks(self, state: Array, columns: Array, data: Array) -> None:
        """Adds the columns of theta, made of those of Re and Im psi on banks: dF/dy + cj dF/dy', dF/dy' of each."""
        fields, used, places = self._bank_columns
        a, b, a_t, b_t = state[fields]
        re, im, re_dot, im_dot = columns.reshape(-1, 4, self.slots.shape[1]).swapaxes(0, 1)
        turned = a * im - b * re - (a * b_t - b * a_t) * (a * re_dot + b * im_dot)
        np.add.at(data, places, turned[used])

    @cached_property
    def _bank_columns(self) -> tuple[Index, NDArray[np.bool_], NDArray[np.int32]]:
        """Places of a, b, a_t, b_t in the state, (4, columns, 1); the rows used (columns, 3 local); their entries."""
        e, j = self.banked
        places = self.slots[e, :, 3 * j + 1]
        fields = self.reader[self.space.elements.dofs[e, j]].T[[0, 1, 3, 4], :, None]
        return fields, places >= 0, places[places >= 0]

    @cached_property
    def _places(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where the element matrices dF/dy + cj dF/dy', (ne, local, 3, local, 3), and dF/dpsi_t, (ne, local, 3, local,
        2), go, -1 for nowhere: into the entries, and behind them for columns on a bank, see `_turn_banks`.
        """
        (e, j), (ne, rows, _) = self.banked, self.slots.shape
        places = self.slots.reshape(ne, rows, -1, 3).copy()
        dot = np.full((ne, rows, rows // 3, 2), -1, dtype=np.int32)
        behind = np.arange(e.size * 4 * rows, dtype=np.int32).reshape(e.size, 4, rows) + self.slots.max() + 1
        places[e, :, j, 0], places[e, :, j, 1], dot[e, :, j, 0], dot[e, :, j, 1] = behind.swapaxes(0, 1)
        shape = (ne, rows // 3, 3, rows // 3)
        return places.reshape(*shape, 3), dot.reshape(*shape, 2)

    @property
    def _entries(self) -> int:
        """Number of `_places`."""
        return int(self.slots.max()) + 1 + self.banked[0].size * 4 * self.slots.shape[1]

    @cached_property
    def _gather(self) -> sp.csr_matrix:
        """What `_places` take from the coefficients of the bilinear forms at the points, `forms` in `jacobian`."""
        V, G, w = self.space.elements.value, self.space.elements.gradient, self.space.elements.weight
        (ne, count), dim = w.shape, self.space.dim
        G = np.broadcast_to(G, (ne, count, *G.shape[2:]))
        vv = np.einsum("ep,pi,pj->epij", w, V, V)
        gg = np.einsum("ep,epid,epjd->epij", w, G, G)
        gv = np.einsum("ep,epid,pj->depij", w, G, V)
        J, dot = self._places
        one = 12
        terms = [
            (J[:, :, row, :, column], form, vv)
            for (row, column), form in {(0, 0): 0, (0, 1): 1, (1, 0): 2, (1, 1): 3, (0, 2): 4, (1, 2): 5}.items()
        ]
        terms += [(dot[:, :, row, :, column], 6 + row + column, vv) for row in (0, 1) for column in (0, 1)]
        terms += [(J[:, :, 2, :, column], 9 + column, gg) for column in (0, 1, 2)]
        terms += [(J[:, :, row, :, row], one, gg) for row in (0, 1)]
        for k, part in enumerate((J, dot)):
            for column in (0, 1):
                forms = one + 1 + (2 * k + column) * dim
                terms += [(part[:, :, 2, :, column], forms + d, gv[d]) for d in range(dim)]
        rows, columns, values = [], [], []
        points = np.arange(self.space.nq, dtype=np.int32).reshape(ne, count, 1, 1)
        for place, form, weights in terms:
            row = np.broadcast_to(place[:, None], weights.shape)
            used = row >= 0
            rows.append(row[used])
            columns.append(np.broadcast_to(form * self.space.nq + points, weights.shape)[used])
            values.append(weights[used])
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return sp.csr_matrix(entries, shape=(self._entries, (one + 1 + 4 * dim) * self.space.nq))

    @cached_property
    def banked(self) -> tuple[Index, Index]:
        """Elements and local nodes on a bank."""
        e, j = np.nonzero(self.bank[self.space.elements.dofs] >= 0)
        return e, j

    @cached_property
    def slots(self) -> NDArray[np.int32]:
        """(ne, 3 local, 3 local) places of the entries of the element matrices, -1 for none."""
        assert self.structure is not None
        return self.structure.slots(self.space.elements.dofs)

    def observe(
        self,
        states: Array,
        transports: Iterable[Transport] | None,
        eps: Array,
        within: Index | None = None,
        *,
        currents: bool = True,
    ) -> tuple[Array, Array]:
        """Densities (m, 3, nq) and currents (m, dim, 3, nq) of m states; at the points of the elements `within`."""
        space, m = self.space, states.shape[0]
        kind = np.result_type(states, eps)
        out, vectors = np.empty((3, m, space.nq), kind), np.empty((space.dim, 3, m, space.nq), kind)
        at = self.at(states, transports)
        observe_point(at, eps, self.conductances(at)[0], self.constants, out, vectors)
        if within is not None:
            points = space.points_of(within)
            out, vectors = out[..., points], vectors[..., points]
        return out.swapaxes(0, 1), np.transpose(vectors, (2, 0, 1, 3))
