"""Assembly by compiled loops, element by element, for problems with many points; see `assembly`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.assembly import Array, Assembly, Growth, Index
from femtdgl.solve.threads import each
from femtdgl.solve.transport import Transport

OURS = 2
"""References to an array that only the assembly has, while it asks how many there are."""


class CompiledAssembly(Assembly):
    """Assembly by the compiled loops, element by element, in threads where there are many: see `division`.

    Linear simplices go many at a time, see `simplices`; in a Jacobian those do whose entries have one place a pair of
    nodes.
    """

    @cached_property
    def _colours(self) -> list[list[NDArray[np.int32]]]:
        """Numbers of elements by colour and piece."""
        from femtdgl.solve.division import divided

        return divided(self.space, self.writer)

    @cached_property
    def _regular(self) -> list[list[tuple[NDArray[np.int32], NDArray[np.int32]]]]:
        """The same, those with one place a pair of nodes and the others."""
        regular = (self._places.offset >= 0).all(axis=(1, 2)) & self._places.by_rows & self._simplices
        lowest = self.space.elements.dofs.min(axis=1)

        def parted(part: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
            """Neighbours one after the other: a row of the matrix is then at hand while it is added to."""
            some = part[regular[part]]
            return some[np.argsort(lowest[some], kind="stable")], part[~regular[part]]

        return [[parted(part) for part in pieces] for pieces in self._colours]

    @property
    def _simplices(self) -> bool:
        """Whether the elements are linear simplices, of a plane or of space."""
        dofs, _, gradient, _ = self.space.elements
        return bool(self.space.dim > 1 and gradient.shape[1] == 1 and dofs.shape[1] == self.space.dim + 1)

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

    def _many(self, transport: Transport | None) -> Any:
        """The loops over many linear simplices at a time, None for other elements."""
        if not self._simplices:
            return None
        if transport is None:
            from femtdgl.solve import simplices

            return simplices.loops_for(self.space.dim)
        from femtdgl.solve import covariant_simplices

        return covariant_simplices.loops_for(self.space.dim)

    def residual(self, state: Array, transport: Transport | None, growth: Array, F: Array) -> None:
        """Adds the integrals of the residual to F.   growth: eps + p (nq,)."""
        (loops, how), many = self._loops(transport), self._many(transport)
        rest = (self.space.elements, *how, growth, self.sigma, self.constants)
        if many is None:
            self._each(lambda which: loops.residual_loop(which, state, self.reader, self.writer, *rest, F))
            return
        fields, nodal = state[self.reader], np.zeros(self.writer.shape)
        self._each(lambda which: many.residual(which, fields, *rest, nodal))
        many.add_rows(nodal, self.writer, F)

    def jacobian(
        self, state: Array, transport: Transport | None, growth: Growth, cj: float, data: Array, rate: Any = None
    ) -> None:
        """Adds the entries of dF/dy + cj dF/dy' to data, and those of dF/dy' alone to rate, if it is given."""
        (loops, how), many = self._loops(transport), self._many(transport)
        rest = (self._places, self.space.elements, *how, *growth, self.sigma, self.constants, cj, data, rate)
        fields = None if many is None else state[self.reader]

        def work(regular: NDArray[np.int32], others: NDArray[np.int32]) -> None:
            if many is not None:
                many.jacobian(regular, fields, *rest)
            for part in (others,) if many is not None else (regular, others):
                loops.jacobian_loop(part, state, self.reader, self.bank, *rest)

        for pieces in self._regular:
            each(lambda k, pieces=pieces: work(*pieces[k]), len(pieces))  # type: ignore[misc]

    _last_room: Array = np.empty(0)

    def _room(self, shape: tuple[int, ...]) -> Array:
        """An array of that shape; the last one, if nobody has it any longer: a new one of a hundred megabytes takes as
        long to come from the operating system, page by page, as to fill.
        """
        if self._last_room.shape != shape or sys.getrefcount(self._last_room) > OURS:
            self._last_room = np.empty(shape)
        return self._last_room

    def observe(
        self,
        states: Array,
        transports: Iterable[Transport] | None,
        eps: Array,
        within: Index | None = None,
        *,
        currents: bool = True,
    ) -> tuple[Array, Array]:
        """Densities (m, 3, nq) and currents (m, dim, 3, nq) of m states; at the points of the elements `within`.

        Currents are not there to be used unless they are asked for.
        """
        m, nq = states.shape[0], self.space.nq
        kept = nq if currents or not self._simplices else 0
        out, vectors = self._room((m, nq, 3)), np.empty((m, kept, self.space.dim, 3))  # what nobody asks for is not set
        carried: Iterable[Transport | None] = repeat(None, m) if transports is None else transports
        for i, (state, transport) in enumerate(zip(states, carried, strict=True)):
            (loops, how), many = self._loops(transport), self._many(transport)
            rest = (self.space.elements, *how, eps[i], self.sigma, self.constants, out[i], vectors[i])
            if many is None:
                parts, loop = (state, self.reader, *rest), loops.observe_loop
            else:
                parts, loop = (state[self.reader], *rest), many.observe
            if within is not None:
                loop(within.astype(np.int32), *parts)
            else:
                self._each(lambda which, loop=loop, parts=parts: loop(which, *parts))  # type: ignore[misc]
        if within is not None:
            points = self.space.points_of(within)
            out, vectors = out[:, points], vectors[:, points] if kept else vectors
        return out.swapaxes(1, 2), np.transpose(vectors, (0, 2, 3, 1))
