"""Assembly: pointwise physics to the integrals of the residual and to the entries of the Jacobian.

Two classes with the same three methods.  `ArrayAssembly` works on whole numpy arrays, and on complex ones;
`CompiledAssembly` runs the loops of `loops`, and is the faster one above some thousand quadrature points.

    residual(state, transport, growth, F)         adds the integrals to F
    jacobian(state, transport, growth, cj, data)  adds the entries of dF/dy + cj dF/dy' to data, and dF/dy' to a rate
    observe(states, transports, eps)              w, j.E and the integrand of F (m, 3, nq); j_s, j_int, j_n
                                                  (m, dim, 3, nq)

`transport` is None where there is no vector potential, and eps is (nq,), as are the parts of `Growth`; for the m states
of `observe` there are m transports, or None, and eps is (m, nq).

The element matrix has rows 3 i + field and columns 3 j + field for local nodes i, j; the structure says where each of
its entries goes.  On a bank psi = exp(i theta) and psi_t = i theta_t psi, so that
d psi/d theta = i psi = d psi_t/d theta_t and d psi_t/d theta = -theta_t psi; the column of theta is

    (dF/dpsi + cj dF/dpsi_t) i psi - theta_t (dF/dpsi_t) psi

and takes the place of the column of Im psi at the nodes of the bank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
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
from femtdgl.solve.threads import each
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


class ArrayAssembly(Assembly):
    """Assembly with numpy on all points at once."""

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
        """Fields at the points, (1 + dim, 5, nq) from a state (width,), (1 + dim, 5, m, nq) from m of them."""
        if transport is not None:
            return self._carried(state, transport)
        shape = (1 + self.space.dim, 5, self.space.nq)
        if state.ndim == 1:
            return (self._read @ state).reshape(shape)
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

    @cached_property
    def _products(self) -> tuple[Any, Any, Any]:
        """Weighted products of shape functions: v v (points, local^2), grad.grad and d_d v v (ne, points, local^2)."""
        V, w = self.space.elements.value, self.space.elements.weight
        (ne, count), local = w.shape, V.shape[1]
        G = self.space.elements.gradient
        vv = (V[:, :, None] * V[:, None, :]).reshape(count, -1)
        G = np.broadcast_to(G, (ne, count, *G.shape[2:]))
        gg = np.einsum("ep,epid,epjd->epij", w, G, G).reshape(ne, count, -1)
        gv = np.einsum("ep,epid,pj->edpij", w, G, V).reshape(ne, -1, local * local)
        return vv, gg, gv

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
        local = space.elements.dofs.shape[1]
        value, gradient = np.empty((9, nq)), np.empty((4, nq))
        mixed = np.empty((4, dim, nq))  # phi,re and phi,im by y + cj y', then by y' alone
        moved, moved_dot = mixed[:2].swapaxes(0, 1), mixed[2:].swapaxes(0, 1)
        at = self.at(state, transport)
        jacobian_point(at, *growth, *self.conductances(at), self.constants, cj, value, gradient, moved, moved_dot)
        if transport is None:
            J, dot = self._blocks(value, gradient, mixed)
        else:
            J, dot = covariant_arrays.jacobian_blocks(value, gradient[:3], moved, moved_dot, space.elements, transport)
        J, dot = J.reshape(-1, 3 * local, local, 3), dot.reshape(-1, 3 * local, local, 2)
        e, j = self.banked
        a, b, a_t, b_t = (state[self.reader[space.elements.dofs[e, j], field]][:, None] for field in (0, 1, 3, 4))
        rate = a * b_t - b * a_t
        J[e, :, j, 1] = a * J[e, :, j, 1] - b * J[e, :, j, 0] - rate * (a * dot[e, :, j, 0] + b * dot[e, :, j, 1])
        used, places = self._entries
        data += np.bincount(places, weights=J.reshape(used.shape)[used], minlength=data.size)

    def _blocks(self, value: Array, gradient: Array, mixed: Array) -> tuple[Array, Array]:
        """Element matrices dF/dy + cj dF/dy', (ne, local, 3, local, 3), and dF/dpsi_t, (ne, local, 3, local, 2)."""
        space, dim = self.space, self.space.dim
        (ne, count), local = space.elements.weight.shape, space.elements.dofs.shape[1]
        gradient[3] = 1.0
        products_vv, products_gg, products_gv = self._products
        vv = (value * space.weights).reshape(9, ne, count) @ products_vv
        gg = gradient.reshape(4, ne, count).swapaxes(0, 1) @ products_gg
        gv = mixed.reshape(4, dim, ne, count).transpose(2, 0, 1, 3).reshape(ne, 4, -1) @ products_gv
        J: Any = np.empty((ne, local, 3, local, 3))
        dot: Any = np.empty((ne, local, 3, local, 2))
        shape = (ne, local, local)
        for entry, block in {
            (0, 0): vv[0] + gg[:, 3], (0, 1): vv[1], (0, 2): vv[4],
            (1, 0): vv[2], (1, 1): vv[3] + gg[:, 3], (1, 2): vv[5],
            (2, 0): gg[:, 0] + gv[:, 0], (2, 1): gg[:, 1] + gv[:, 1], (2, 2): gg[:, 2],
        }.items():  # fmt: skip
            J[:, :, entry[0], :, entry[1]] = block.reshape(shape)
        for row, (re, im) in enumerate(((vv[6], vv[7]), (vv[7], vv[8]), (gv[:, 2], gv[:, 3]))):
            dot[:, :, row, :, 0], dot[:, :, row, :, 1] = re.reshape(shape), im.reshape(shape)
        return J, dot

    @cached_property
    def banked(self) -> tuple[Index, Index]:
        """Elements and local nodes on a bank."""
        e, j = np.nonzero(self.bank[self.space.elements.dofs] >= 0)
        return e, j

    @cached_property
    def _entries(self) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        assert self.structure is not None
        slots = self.structure.slots(self.space.elements.dofs)
        used = slots >= 0
        return used, slots[used]

    def observe(self, states: Array, transports: Iterable[Transport] | None, eps: Array) -> tuple[Array, Array]:
        """Densities (m, 3, nq) and currents (m, dim, 3, nq) of m states."""
        space, m = self.space, states.shape[0]
        kind = np.result_type(states, eps)
        out, vectors = np.empty((3, m, space.nq), kind), np.empty((space.dim, 3, m, space.nq), kind)
        at = self.at(states, transports)
        observe_point(at, eps, self.conductances(at)[0], self.constants, out, vectors)
        return out.swapaxes(0, 1), np.transpose(vectors, (2, 0, 1, 3))


class CompiledAssembly(Assembly):
    """Assembly by the compiled loops, element by element, in threads where there are many: see `division`."""

    @cached_property
    def _colours(self) -> list[list[NDArray[np.int32]]]:
        """Numbers of elements by colour and piece."""
        from femtdgl.solve.division import divided

        return divided(self.space, self.writer)

    def _each(self, work: Callable[[NDArray[np.int32]], None]) -> None:
        """The work on the elements of every piece, colour after colour."""
        for pieces in self._colours:
            each(lambda k, pieces=pieces: work(pieces[k]), len(pieces))  # type: ignore[misc]

    @cached_property
    def _places(self) -> Any:
        """Where the entries of the element matrices go."""
        from femtdgl.solve.pattern import places_of

        assert self.structure is not None
        pattern = self.structure.pattern
        dofs = self.space.elements.dofs
        return places_of(dofs, *self.structure.fields, pattern.indptr, pattern.indices, self.structure.by_rows)

    def _loops(self, transport: Transport | None) -> tuple[Any, tuple[Any, ...]]:
        """The module with the loops, and what they take beside the state and the space."""
        if transport is None:
            from femtdgl.solve import loops

            return loops, ()
        from femtdgl.solve import covariant_loops

        return covariant_loops, transport

    def residual(self, state: Array, transport: Transport | None, growth: Array, F: Array) -> None:
        """Adds the integrals of the residual to F.   growth: eps + p (nq,)."""
        loops, how = self._loops(transport)
        parts = (state, self.reader, self.writer, self.space.elements, *how, growth, self.sigma, self.constants, F)
        self._each(lambda which: loops.residual_loop(which, *parts))

    def jacobian(
        self, state: Array, transport: Transport | None, growth: Growth, cj: float, data: Array, rate: Any = None
    ) -> None:
        """Adds the entries of dF/dy + cj dF/dy' to data, and those of dF/dy' alone to rate, if it is given."""
        loops, how = self._loops(transport)
        parts = (
            state, self.reader, self.bank, self._places, self.space.elements, *how, *growth, self.sigma,
            self.constants, cj, data, rate,
        )  # fmt: skip
        self._each(lambda which: loops.jacobian_loop(which, *parts))

    def observe(self, states: Array, transports: Iterable[Transport] | None, eps: Array) -> tuple[Array, Array]:
        """Densities (m, 3, nq) and currents (m, dim, 3, nq) of m states."""
        space, m = self.space, states.shape[0]
        out, vectors = np.empty((m, space.nq, 3)), np.empty((m, space.nq, space.dim, 3))
        carried: Iterable[Transport | None] = repeat(None, m) if transports is None else transports
        for i, (state, transport) in enumerate(zip(states, carried, strict=True)):
            loops, how = self._loops(transport)
            parts = (state, self.reader, space.elements, *how, eps[i], self.sigma, self.constants, out[i], vectors[i])
            self._each(lambda which, loops=loops, parts=parts: loops.observe_loop(which, *parts))  # type: ignore[misc]
        return out.swapaxes(1, 2), np.transpose(vectors, (0, 2, 3, 1))
