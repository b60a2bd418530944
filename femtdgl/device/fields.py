"""Fields at the quadrature points, and integrals with the test functions, with whole arrays of a machine.

For what acts at the points and is no part of the kernels: noise, and phonons.  The formulas are those of
`solve.covariant_arrays`, whose functions of numpy hand over to the machine's; without a vector potential psi is carried
by a factor of one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from femtdgl.device.machine import Machine
from femtdgl.device.sums import Sums
from femtdgl.solve import covariant_arrays
from femtdgl.solve.space import Elements
from femtdgl.solve.transport import Transport


class Points:
    """The points of a system on a machine.   how: the parts of a `Transport` there, or ()."""

    def __init__(self, machine: Machine, elements: Elements, reader: Any, rows: Sums, size: int) -> None:
        """elements, reader (N, 5): arrays of the machine; rows: from (local, 3, ne) to F (size,)."""
        self.xp, self.elements, self._rows, self._size = machine.xp, elements, rows, size
        self._places = reader[elements.dofs]  # (ne, local, 5)
        self._psi_places = self._places[:, :, [0, 1, 3, 4]]
        one, dim = machine.up(np.ones((1, 1, 1))), elements.gradient.shape[3]
        self._still = Transport(one, 0.0 * one, machine.up(np.zeros((1, 1, 1, dim))), None, None)

    def _transport(self, how: tuple[Any, ...]) -> Transport:
        return Transport(*how) if how else self._still

    def at(self, state: Any, how: tuple[Any, ...]) -> Any:
        """Fields and covariant derivatives, (1 + dim, 5, nq)."""
        return covariant_arrays.fields(state[self._places], self.elements, self._transport(how))

    def values(self, state: Any, how: tuple[Any, ...]) -> Any:
        """a, b, a_t, b_t, (4, nq)."""
        return covariant_arrays.values(state[self._psi_places], self.elements, self._transport(how))

    def tested(self, out: Any, how: tuple[Any, ...]) -> Any:
        """Integrals over each element with the test functions, (local, 3, ne), of coefficients (1 + dim, 3, nq)."""
        return covariant_arrays.tested(out, self.elements, self._transport(how)).transpose(2, 0, 1)

    def written(self, out: Any, how: tuple[Any, ...]) -> Any:
        """The same in the rows of F, (size,)."""
        F = self.xp.empty(self._size)
        self._rows(self.tested(out, how).ravel(), F)
        return F
