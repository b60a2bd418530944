"""What the whole arrays of heat ask of a space and of an assembly, on a machine: fields at the points, and their tests.

`Space.operators` would be the largest matrices of all.  Here fields are gathered by element and multiplied by the shape
functions of each; what is tested is summed by node in a fixed order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.machine import Machine
from femtdgl.device.sums import Sums
from femtdgl.solve import covariant_arrays
from femtdgl.solve.pointwise import Constants, conductance
from femtdgl.solve.space import Elements, Space
from femtdgl.solve.system import System
from femtdgl.solve.transport import Transport


class PointSpace:
    """A space: `operators @`, `pullback @` and `values` give what those of a `Space` give."""

    def __init__(self, machine: Machine, space: Space, elements: Elements) -> None:
        """elements: those of the space, on the machine."""
        self.N, self.nq, self.dim, self.elements = space.N, space.nq, space.dim, elements
        self.operators = _Fields(machine, self)
        self.pullback = _Tests(self, Sums(machine, space.elements.dofs, space.N))

    def values(self, nodal: Any) -> Any:
        """Values of a nodal field (N,) at the points, (nq,)."""
        return (nodal[self.elements.dofs] @ self.elements.value.T).ravel()


class _Fields:
    """Values and derivatives at the points from nodal fields."""

    def __init__(self, machine: Machine, space: PointSpace) -> None:
        self.xp, self.space = machine.xp, space

    def __matmul__(self, nodal: Any) -> Any:
        """((1 + dim) nq, k) of fields (N, k)."""
        return self.of_elements(nodal[self.space.elements.dofs]).reshape(-1, nodal.shape[1])

    def of_elements(self, local: Any) -> Any:
        """(1 + dim, nq, k) of fields at the nodes of the elements, (ne, local, k)."""
        _, value, gradient, weight = self.space.elements
        at = self.xp.empty((1 + self.space.dim, *weight.shape, local.shape[2]))
        at[0] = value @ local
        for d in range(self.space.dim):
            at[1 + d] = gradient[..., d] @ local
        return at.reshape(1 + self.space.dim, self.space.nq, -1)


class _Tests:
    """Integrals with the test functions of the nodes, and with their derivatives."""

    def __init__(self, space: PointSpace, sums: Sums) -> None:
        self.space, self.sums = space, sums

    def __matmul__(self, coefficients: Any) -> Any:
        """(N,) from ((1 + dim) nq,)."""
        _, value, gradient, weight = self.space.elements
        weighted = weight * coefficients.reshape(-1, *weight.shape)
        vectors = weighted[0] @ value
        for d in range(self.space.dim):
            vectors = vectors + (weighted[1 + d][:, :, None] * gradient[..., d]).sum(axis=1)
        return self.sums.of(vectors.ravel())


class PointAssembly:
    """What heat asks of an `ArrayAssembly`, of one state."""

    def __init__(self, machine: Machine, system: System, space: PointSpace) -> None:
        up, arrays = machine.up, system.arrays
        self.xp, self.space = machine.xp, space
        self.constants: Constants = arrays.constants
        self.sigma, self.reader = up(arrays.sigma), up(arrays.reader, np.int32)
        self.banked = tuple(up(part) for part in arrays.banked)

    def at(self, state: Any, transport: Transport | None) -> Any:
        """Fields at the points, (1 + dim, 5, nq)."""
        elements = self.space.elements
        nodal = state[self.reader[elements.dofs]]
        if transport is not None:
            return covariant_arrays.fields(nodal, elements, transport)
        return self.xp.ascontiguousarray(self.space.operators.of_elements(nodal).swapaxes(1, 2))

    def conductances(self, at: Any) -> tuple[Any, Any]:
        """(1.3) g and dg/dn at the points."""
        g, g_n = conductance(at[0, 0] ** 2 + at[0, 1] ** 2, self.constants)
        return self.sigma * g, self.sigma * g_n
