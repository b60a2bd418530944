"""Noise of a step: the forces on psi and the currents at the quadrature points, and their part of F.

What the equations say of them is the same wherever the arrays are; the methods at the end are those of this machine.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations import noise as equations
from femtdgl.errors import InputError
from femtdgl.solve.wiener import WienerPath

Array = NDArray[np.float64]


class Forces(NamedTuple):
    """What acts in a step: R (2, nq), j_fluct (dim, nq)."""

    R: Array
    j: Array


class Fluctuations:
    """The noise of a system along a Brownian path; see `equations.noise`.

    Raises InputError for elements whose quadrature has points that noise cannot be given to.
    """

    def __init__(self, system: Any, kT: float, path: WienerPath, *, current: bool) -> None:
        self.system, self.kT, self.path, self.current = system, kT, path, current
        weights = system.space.weights
        if weights.min() <= 0:
            raise InputError(
                "the quadrature of these elements has negative weights, which no noise can have",
                key="mesh.order",
                allowed="1, for tetrahedra with noise",
            )
        self._share = 1 / np.sqrt(weights)

    @staticmethod
    def numbers(system: Any, *, current: bool) -> int:
        """How many independent paths there are: two at each point, and one for each direction of the current."""
        return int((2 + current * system.space.dim) * system.space.nq)

    def forces(self, since: float, until: float, y: Array, transport: Any) -> Forces:
        """Those of a step, at the state y of its start."""
        k, moved = self.system.constants, self._moved(since, until)
        at = self._at(y, np.zeros_like(y), transport)
        a, b = at[0, 0], at[0, 1]
        R = equations.order_parameter_force(a, b, moved[0], moved[1], self.kT, k.delta, k.u)
        if self.current:
            j = equations.fluctuation_current(self._conductance(at), moved[2:], self.kT)
        else:
            j = np.zeros_like(moved, shape=(self.system.space.dim, self.system.space.nq))
        return Forces(np.stack(R), j)

    def load(self, forces: Forces, transport: Any) -> Array:
        """What the forces add to F, (size,)."""
        space = self.system.space
        out = np.zeros_like(forces.R, shape=(1 + space.dim, 3, space.nq))
        out[0, :2], out[1:, 2] = -forces.R, -forces.j
        return self._written(out, transport)

    def add_heat(self, forces: Forces, y: Array, yp: Array, transport: Any, F: Array) -> None:
        """Adds to the rows of the electrons' temperature what the work of the noise takes from the heat."""
        at = self._at(y, yp, transport)
        a, b, phi, a_t, b_t = at[0]
        E_dot_j = -np.sum(at[1:, 2] * forces.j, axis=0)
        q = equations.heat_of_noise(a, b, a_t, b_t, phi, forces.R[0], forces.R[1], E_dot_j)
        self._take(q, F)

    # ---- where it is worked out -----------------------------------------------------------------------------

    def _moved(self, since: float, until: float) -> Array:
        """What the paths of each point moved, over the root of its weight and over the time: (paths, nq)."""
        moved = self.path.between(since, until).reshape(-1, self.system.space.nq)
        return moved * (self._share / (until - since))

    def _at(self, y: Array, yp: Array, transport: Any) -> Array:
        """Fields at the points, (1 + dim, 5, nq)."""
        return np.asarray(self.system.arrays.at(self.system.state(y, yp), transport))

    def _conductance(self, at: Array) -> Array:
        """(1.3) g at the points."""
        return np.asarray(self.system.arrays.conductances(at)[0])

    def _written(self, out: Array, transport: Any) -> Array:
        """The integrals with the test functions, from their coefficients (1 + dim, 3, nq): (size,)."""
        F = np.zeros(self.system.size)
        self.system.arrays.write(out, transport, F)
        return F

    def _take(self, q: Array, F: Array) -> None:
        """Takes int v q from the rows of the electrons' temperature."""
        space, place = self.system.space, self.system.heat.temperatures.place[: self.system.space.N]
        free = place >= 0
        np.subtract.at(F, place[free], (space.pullback[:, : space.nq] @ q)[free])
