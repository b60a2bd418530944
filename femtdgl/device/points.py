"""Fields at the quadrature points, and integrals with the test functions, with whole arrays of a machine.

For what acts at the points and is no part of the kernels: heat, noise, and phonons.  The formulas are those of
`solve.covariant_arrays`, whose functions of numpy hand over to the machine's.  `Space.operators` would be the largest
matrices of all: here fields are gathered by element and multiplied by the shape functions of each; what is tested is
summed by row, or by node, in a fixed order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.machine import Machine
from femtdgl.device.sums import Sums
from femtdgl.solve import covariant_arrays
from femtdgl.solve.pointwise import conductance
from femtdgl.solve.space import Elements, Space
from femtdgl.solve.system import System
from femtdgl.solve.transport import Transport


class Points:
    """The points of a system on a machine, and what heat asks of an `ArrayAssembly`, of one state.

    how: the parts of a `Transport` there; () or None without a vector potential.
    """

    def __init__(
        self, machine: Machine, system: System, elements: Elements, reader: Any, sigma: Any, rows: Sums
    ) -> None:
        """elements, reader (N, 5), sigma (nq,): arrays of the machine; rows: from (local, 3, ne) to F (size,)."""
        self.xp, self.constants = machine.xp, system.constants
        self.elements, self.reader, self.sigma, self._rows = elements, reader, sigma, rows
        self.banked = tuple(machine.up(part) for part in system.arrays.banked)
        self._psi_reader = reader[:, [0, 1, 3, 4]]
        one, dim = machine.up(np.ones((1, 1, 1))), elements.gradient.shape[3]
        self._still = Transport(one, 0.0 * one, machine.up(np.zeros((1, 1, 1, dim))), None, None)

    def _transport(self, how: tuple[Any, ...] | None) -> Transport:
        """Without a vector potential psi is carried by a factor of one."""
        return Transport(*how) if how else self._still

    def at(self, state: Any, how: tuple[Any, ...] | None) -> Any:
        """Fields and covariant derivatives, (1 + dim, 5, nq)."""
        nodal = state[self.reader[self.elements.dofs]]
        if how:
            return covariant_arrays.fields(nodal, self.elements, Transport(*how))
        return self.xp.ascontiguousarray(_of_elements(self.elements, nodal).swapaxes(1, 2))

    def values(self, state: Any, how: tuple[Any, ...] | None) -> Any:
        """a, b, a_t, b_t, (4, nq)."""
        nodal = state[self._psi_reader[self.elements.dofs]]
        return covariant_arrays.values(nodal, self.elements, self._transport(how))

    def conductances(self, at: Any) -> tuple[Any, Any]:
        """(1.3) g and dg/dn at the points."""
        g, g_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, self.constants)
        return self.sigma * g, self.sigma * g_n

    def tested(self, out: Any, how: tuple[Any, ...] | None) -> Any:
        """Integrals over each element with the test functions, (local, 3, ne), of coefficients (1 + dim, 3, nq)."""
        return covariant_arrays.tested(out, self.elements, self._transport(how)).transpose(2, 0, 1)

    def written(self, out: Any, how: tuple[Any, ...] | None) -> Any:
        """The same in the rows of F, (size,)."""
        return self._rows.of(self.tested(out, how).ravel())


class PointSpace:
    """A space: `operators @`, `pullback @` and `values` give what those of a `Space` give."""

    def __init__(self, machine: Machine, space: Space, elements: Elements) -> None:
        """elements: those of the space, on the machine."""
        self.N, self.nq, self.dim, self.elements = space.N, space.nq, space.dim, elements
        self.operators = _Fields(elements)
        self.pullback = _Tests(elements, Sums(machine, space.elements.dofs, space.N))

    def values(self, nodal: Any) -> Any:
        """Values of a nodal field (N,) at the points, (nq,)."""
        return (nodal[self.elements.dofs] @ self.elements.value.T).ravel()


def _of_elements(elements: Elements, local: Any) -> Any:
    """Values and derivatives, (1 + dim, nq, k), of fields at the nodes of the elements, (ne, local, k)."""
    _, value, gradient, weight = elements
    dim, count = gradient.shape[3], local.shape[2]
    at = np.empty_like(local, shape=(1 + dim, *weight.shape, count))
    at[0] = value @ local
    for d in range(dim):
        at[1 + d] = gradient[..., d] @ local
    return at.reshape(1 + dim, weight.size, count)


class _Fields:
    """Values and derivatives at the points from nodal fields."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements

    def __matmul__(self, nodal: Any) -> Any:
        """((1 + dim) nq, k) of fields (N, k)."""
        return _of_elements(self.elements, nodal[self.elements.dofs]).reshape(-1, nodal.shape[1])


class _Tests:
    """Integrals with the test functions of the nodes, and with their derivatives."""

    def __init__(self, elements: Elements, sums: Sums) -> None:
        self.elements, self.sums = elements, sums

    def __matmul__(self, coefficients: Any) -> Any:
        """(N,) from ((1 + dim) nq,)."""
        _, value, gradient, weight = self.elements
        weighted = weight * coefficients.reshape(-1, *weight.shape)
        vectors = weighted[0] @ value
        for d in range(gradient.shape[3]):
            vectors = vectors + (weighted[1 + d][:, :, None] * gradient[..., d]).sum(axis=1)
        return self.sums.of(vectors.ravel())
