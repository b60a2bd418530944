"""L2 projections of densities and currents onto the nodes of a large space, in threads.

What `space.Space.project` does where the mass matrix is not factorised, in compiled loops over ranges of nodes: the
integrals with the test functions, each node from the elements about it, and conjugate gradients on the mass matrix,
preconditioned by its diagonal, whose vectors are worked on in three loops an iteration.  Sums are taken range by range,
in order: the same for any number of threads.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.solve.loops import compiled
from femtdgl.solve.products import Rows, unsigned
from femtdgl.solve.space import Space
from femtdgl.solve.threads import each, ranges

Array = NDArray[np.float64]

ENOUGH, MOST = 1e-10, 1000
"""The rest of the equations that is left, relative, and iterations at most."""


class Projection:
    """The projection on a space; called with values at the quadrature points (k, nq), it gives nodal ones (k, N)."""

    def __init__(self, space: Space) -> None:
        self.space = space

    @cached_property
    def _fold(self) -> sp.csr_matrix | None:
        """Nodes of a seam to the one that they are; None without a seam."""
        if self.space.seam is None:
            return None
        return sp.csr_matrix((np.ones(self.space.N), (self.space.seam.place(self.space.N), np.arange(self.space.N))))

    @cached_property
    def _mass(self) -> tuple[Rows, Array]:
        """The mass matrix, and one over its diagonal."""
        mass = self.space.mass if self._fold is None else (self._fold @ self.space.mass @ self._fold.T).tocsr()
        return Rows(mass), 1 / mass.diagonal()

    def __call__(self, values: Array) -> Array:
        """Field by field: there are many of them, and little room."""
        values, fold = np.atleast_2d(values), self._fold
        made = np.empty((len(values), self.space.N))
        for field, nodal in zip(values, made, strict=True):
            loads = self.loads(field)
            nodal[:] = self._solve(loads) if fold is None else self._solve(fold @ loads)[self._place]
        return made

    @cached_property
    def _place(self) -> NDArray[np.intp]:
        assert self.space.seam is not None
        return self.space.seam.place(self.space.N)

    def loads(self, values: Array) -> Array:
        """int v_i f, (N,), of f at the quadrature points (nq,)."""
        _, value, _, weight = self.space.elements
        order, first = self.space.about
        out, ends = np.empty(self.space.N), np.append(first, order.size).astype(np.int32)
        edges = ranges(ends).tolist()
        places = unsigned(order.astype(np.int32, copy=False)), unsigned(ends)
        parts = *places, values.reshape(weight.shape), weight, np.ascontiguousarray(value.T), out
        each(lambda k: _loads(*parts, edges[k], edges[k + 1]), len(edges) - 1)
        return out

    def _solve(self, b: Array) -> Array:
        """x with M x = b."""
        (mass, inverse), size = self._mass, b.size
        x, rest, step, product = np.zeros(size), b.copy(), inverse * b, np.empty(size)
        aim, norm = ENOUGH**2 * float(b @ b), float(b @ step)
        sums = np.empty((mass.count, 2))
        for _ in range(MOST if aim > 0 else 0):
            mass.numbered(partial(_multiply, *mass.parts, step, product, sums))
            length = norm / sums[:, 0].sum()
            mass.numbered(partial(_descend, length, step, product, inverse, x, rest, sums))
            before, (left, norm) = norm, sums.sum(axis=0).tolist()
            if left <= aim:
                break
            mass.pieces(partial(_turn, norm / before, inverse, rest, step))
        return x


@compiled
def _loads(order: Any, start: Any, values: Any, weight: Any, value: Any, out: Any, first: int, last: int) -> None:
    """Sums over the elements about each node; order: places in the nodes of the elements, node by node from `start`."""
    local, points = np.uint32(value.shape[0]), value.shape[1]
    for n in range(first, last):
        total = 0.0
        for s in range(start[n], start[n + 1]):
            e = order[s] // local
            i = order[s] - e * local
            if points == 4:  # linear tetrahedra, twice as fast without a loop
                total += weight[e, 0] * values[e, 0] * value[i, 0] + weight[e, 1] * values[e, 1] * value[i, 1]
                total += weight[e, 2] * values[e, 2] * value[i, 2] + weight[e, 3] * values[e, 3] * value[i, 3]
            else:
                for p in range(points):
                    total += weight[e, p] * values[e, p] * value[i, p]
        out[n] = total


@compiled
def _multiply(
    start: Any, index: Any, data: Any, step: Any, product: Any, sums: Any, number: int, first: int, last: int
) -> None:
    """product = M step, and step . product over the range of this number."""
    end, along = start[first], 0.0
    for k in range(first, last):
        begin, end = end, start[k + 1]
        total = 0.0
        for s in range(end - begin):
            total += data[begin + s] * step[index[begin + s]]
        product[k] = total
        along += total * step[k]
    sums[number, 0] = along


@compiled
def _descend(
    length: float,
    step: Any,
    product: Any,
    inverse: Any,
    x: Any,
    rest: Any,
    sums: Any,
    number: int,
    first: int,
    last: int,
) -> None:
    """x += length step, rest -= length product; |rest|^2 and rest . D^-1 rest over the range of this number."""
    left, norm = 0.0, 0.0
    for k in range(first, last):
        x[k] += length * step[k]
        r = rest[k] - length * product[k]
        rest[k] = r
        left += r * r
        norm += r * r * inverse[k]
    sums[number, 0], sums[number, 1] = left, norm


@compiled
def _turn(share: float, inverse: Any, rest: Any, step: Any, first: int, last: int) -> None:
    """step = D^-1 rest + share step."""
    for k in range(first, last):
        step[k] = inverse[k] * rest[k] + share * step[k]
