"""Noise of a step: the forces on psi and the currents at the quadrature points, and their part of F."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations import noise as equations
from femtdgl.errors import InputError
from femtdgl.solve.transport import Transport
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

    def forces(self, since: float, until: float, y: Array, transport: Transport | None) -> Forces:
        """Those of a step, at the state y of its start."""
        system, k = self.system, self.system.constants
        moved = self.path.between(since, until).reshape(-1, system.space.nq) * (self._share / (until - since))
        at = system.arrays.at(system.state(y, np.zeros_like(y)), transport)
        a, b = at[0, 0], at[0, 1]
        R = equations.order_parameter_force(a, b, moved[0], moved[1], self.kT, k.delta, k.u)
        j = np.zeros((system.space.dim, system.space.nq))
        if self.current:
            j = equations.fluctuation_current(system.arrays.conductances(at)[0], moved[2:], self.kT)
        return Forces(np.array(R), j)

    def load(self, forces: Forces, transport: Transport | None) -> Array:
        """What the forces add to F, (size,)."""
        space = self.system.space
        out = np.zeros((1 + space.dim, 3, space.nq))
        out[0, :2], out[1:, 2] = -forces.R, -forces.j
        F = np.zeros(self.system.size)
        self.system.arrays.write(out, transport, F)
        return F

    def add_heat(self, forces: Forces, y: Array, yp: Array, transport: Transport | None, F: Array) -> None:
        """Adds to the rows of the electrons' temperature what the work of the noise takes from the heat."""
        system, space = self.system, self.system.space
        at = system.arrays.at(system.state(y, yp), transport)
        a, b, phi, a_t, b_t = at[0]
        E_dot_j = -np.sum(at[1:, 2] * forces.j, axis=0)
        q = equations.heat_of_noise(a, b, a_t, b_t, phi, forces.R[0], forces.R[1], E_dot_j)
        place = system.heat.temperatures.place[: space.N]
        free = place >= 0
        np.subtract.at(F, place[free], (space.pullback[:, : space.nq] @ q)[free])
