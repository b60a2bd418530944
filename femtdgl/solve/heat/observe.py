"""What can be seen of the heat of many states at once: temperatures, energies, and where the heat flows.

All powers and energies are reduced (j0 V0 xi^(d-1), and that times t0), temperatures in Tc.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.heat import condensation_power, entropy_energy
from femtdgl.solve.heat.terms import Fields, HeatTerms
from femtdgl.solve.system import System

Array = NDArray[np.float64]


class HeatSnapshots:
    """The heat of m states of a system: t (m,), y and y' (m, size)."""

    def __init__(self, system: System, heat: HeatTerms, t: Array, y: Array, yp: Array) -> None:
        self.system, self.heat, self.t, self.y, self.yp = system, heat, t, y, yp

    @cached_property
    def all(self) -> Array:
        """All temperatures (m, count), numbered as in `temperatures`."""
        return self.heat.temperatures.read(self.y)

    @cached_property
    def rates(self) -> Array:
        """All d_t T (m, count)."""
        return self.heat.temperatures.rates(self.yp)

    @property
    def T(self) -> Array:
        """Nodal temperatures (m, fields, N)."""
        return self.heat.temperatures.nodal(self.all)

    @property
    def by_name(self) -> dict[str, Array]:
        """Nodal temperatures (m, N) under their names in results."""
        return dict(zip(self.heat.field_names, self.T.swapaxes(0, 1), strict=True))

    def node(self, name: str) -> Array:
        """Temperature of a lumped node (m,)."""
        return self.all[:, self.heat.temperatures.nodes[name]]

    @cached_property
    def thermal_energy(self) -> Array:
        """U of the fields (m,)."""
        return self.heat.thermal_energy(self.all)

    @cached_property
    def node_energy(self) -> Array:
        """Energy of the lumped nodes that are free (m,)."""
        heat, unit = self.heat, self.heat.units
        energy = np.zeros(self.t.size)
        for number, node in heat.lumped:
            if node.temperature is None:
                energy += node.energy(self.all[:, number] * unit.temperature) / (unit.power * unit.time)
        return energy

    @cached_property
    def _fields(self) -> Fields:
        """Temperatures at the points."""
        return self.heat.fields(self.all, self.rates)

    @cached_property
    def _psi(self) -> Array:
        """a, b, phi, a_t, b_t at the points (5, m, nq)."""
        return self.heat.arrays.at(self.system.state(self.y, self.yp), self.system.transports(self.t))[0]

    @cached_property
    def condensation(self) -> Array:
        """int (1/2) n d_t eps of (1.5), (m,)."""
        n = self._psi[0] ** 2 + self._psi[1] ** 2
        return condensation_power(n, self._fields.T_t[0], self.system.film.eta) @ self.system.space.weights

    @cached_property
    def entropy_energy(self) -> Array:
        """int T s of (4.4), (m,): with F/2 it makes the energy of psi."""
        n = self._psi[0] ** 2 + self._psi[1] ** 2
        return entropy_energy(n, self._fields.T[0], self.system.film.eta) @ self.system.space.weights

    @cached_property
    def reversible(self) -> Array:
        """int of what q has beside w, (m,); 0 with source w."""
        if self.heat.heat.source == "w":
            return np.zeros(self.t.size)
        return self.heat.reversible(self._psi, self._fields.T[0]) @ self.system.space.weights

    @cached_property
    def _seen(self) -> Array:
        """The times (m,) as the drives are seen at them."""
        return np.array([self.system.before(float(t)) for t in self.t])

    @cached_property
    def _rows(self) -> Array:
        """All rows of the heat equations (m, count), those of held temperatures included."""
        states, transports = self.system.state(self.y, self.yp), self.system.transports(self.t)
        return self.heat.rows(self._seen, states, self.all, self.rates, transports, self.heat.eps(self.y))

    @cached_property
    def through_held(self) -> Array:
        """Power that leaves through held boundaries, by temperature (fields, m): what stands in their rows."""
        N, held = self.heat.temperatures.N, self.heat.temperatures.held
        return np.stack([-self._rows[:, f * N + on].sum(axis=1) for f, on in enumerate(held)])

    @cached_property
    def coupling(self) -> Array:
        """int Sigma (T_e^m - T_p^m), from electrons to phonons (m,); of two temperatures."""
        return self.heat.coupling(self._fields.T)[0] @ self.system.space.weights

    @cached_property
    def to_baths(self) -> Array:
        """Power that lumped baths receive (m,)."""
        baths = [number for number, node in self.heat.lumped if node.temperature is not None]
        return -self._rows[:, baths].sum(axis=1)

    @cached_property
    def brought(self) -> Array:
        """Power that nodes get from outside, and work of the links (m,)."""
        brought = self.heat.brought(self._seen)
        for leaves, comes in self.powers.values():
            brought += comes - leaves
        return brought

    @property
    def from_sources(self) -> Array:
        """Power that the fields get from sources (m,)."""
        return sum((part.power(self._seen) for part in self.heat.deposits), start=np.zeros(self.t.size))

    @cached_property
    def powers(self) -> dict[str, tuple[Array, Array]]:
        """By name of the link: power that leaves its first end, and that its second end receives, (m,) each."""
        return {attachment.name: attachment.power(self.all) for attachment in self.heat.attachments}
