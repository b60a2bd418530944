"""What can be seen of a running system at one time: nodal fields, densities and currents, each computed once."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Snapshot:
    """The state (t, y, y') of a system, with everything that follows from it."""

    def __init__(self, system: System, t: float, y: Array, yp: Array) -> None:
        self.system, self.t, self.y, self.yp = system, t, y, yp

    @cached_property
    def nodal(self) -> Array:
        """Nodal a, b, phi, a_t, b_t: (N, 5)."""
        return self.system.nodal(self.y, self.yp)

    @property
    def psi(self) -> Complex:
        """Nodal order parameter (N,)."""
        return self.nodal[:, 0] + 1j * self.nodal[:, 1]

    @property
    def psi_t(self) -> Complex:
        """Nodal d_t psi (N,)."""
        return self.nodal[:, 3] + 1j * self.nodal[:, 4]

    @property
    def phi(self) -> Array:
        """Nodal potential (N,), in the gauge phi(left) = -phi(right)."""
        shift = self.system.problem.time.gauge_shift
        return self.nodal[:, 2] - shift

    @cached_property
    def n(self) -> Array:
        """|psi|^2 at the nodes (N,)."""
        return self.nodal[:, 0] ** 2 + self.nodal[:, 1] ** 2

    @property
    def voltage(self) -> float:
        """V between the terminals."""
        return float(self.system.voltage(self.t, self.y))

    @property
    def current(self) -> float:
        """J through the filament."""
        return float(self.system.current(self.t, self.y))

    @cached_property
    def _observed(self) -> tuple[Array, Array]:
        return self.system.observe(self.t, self.y, self.yp)

    @property
    def dissipation(self) -> Array:
        """w of (1.5) at the quadrature points (nq,)."""
        return self._observed[0][:, 0]

    @cached_property
    def integrals(self) -> Array:
        """int w, int j.E and F of (1.5)."""
        return self.system.space.weights @ self._observed[0]

    @cached_property
    def currents(self) -> Array:
        """j_s, j_int, j_n recovered at the nodes by L2 projection: (3, dim, N)."""
        vectors = self._observed[1]  # (dim, nq, 3)
        dim, nq, _ = vectors.shape
        flat = np.moveaxis(vectors, 2, 0).reshape(3 * dim, nq)
        return self.system.space.project(flat).reshape(3, dim, -1)
