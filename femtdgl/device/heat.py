"""Heat beside a device: the rows of the temperatures are worked out on the host, their linear systems on the device.

The laws of materials and the links of thermal modules are whole-array code of the host.  So each residual of a heated
filament brings y and y' there and takes the rows of the temperatures and eps back: right, and slower than the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Block, Matrix
from femtdgl.device.multigrid import Dense, Following, Grids
from femtdgl.solve.heat.terms import HeatTerms
from femtdgl.solve.system import System

Array = NDArray[np.float64]


class HostHeat:
    """Rows and entries of the temperatures, and eps, from the host."""

    def __init__(self, machine: Machine, system: System, heat: HeatTerms) -> None:
        self.machine, self.system, self.heat = machine, system, heat
        place = heat.temperatures.place
        self._own = place[place >= 0]
        self.rows = machine.up(self._own)
        self._used, places = system.structure.heat
        unique, self._back = np.unique(places, return_inverse=True)
        self.places = machine.up(unique)
        self._count = unique.size

    def eps(self, y: Any) -> Any:
        """eps at the points."""
        return self.machine.up(self.heat.eps(self.machine.down(y)))

    def values(self, t: float, y: Any, yp: Any) -> tuple[Any, Any]:
        """The rows of the temperatures, in the order of `rows`; and eps at the points."""
        system = self.system
        y, yp = self.machine.down(y), self.machine.down(yp)
        F, eps = np.zeros(system.size), self.heat.eps(y)
        self.heat.add_rows(system.before(t), system.state(y, yp), y, yp, system.transport(t), eps, F)
        return self.machine.up(F[self._own]), self.machine.up(eps)

    def slopes(self, t: float, y: Any, yp: Any) -> tuple[Any, Any]:
        """dF/dy and dF/dy' of the entries of heat at `places`."""
        y, yp = self.machine.down(y), self.machine.down(yp)
        found = self.system.further(t, y, yp, self.system.transport(t), None)
        stay, rate = (self.machine.up(np.bincount(self._back, part[self._used], self._count)) for part in found)
        return stay, rate


class HeatInverse(Following):
    """Approximate inverse of the block of the temperatures: see `inverse.HeatMultigrid`."""

    def __init__(self, machine: Machine, system: System, heat: HeatTerms) -> None:
        temperatures, pattern = heat.temperatures, system.pattern
        place = temperatures.place
        fields, others = (part[part >= 0] for part in np.split(place, [temperatures.fields * temperatures.N]))
        super().__init__(machine, Block(machine, pattern, fields, fields))
        self._fields, self._others = int(fields.size), int(others.size)
        self._coupled = Block(machine, pattern, others, fields), Block(machine, pattern, others, others)
        self._rest: Dense | None = None

    def _make(self, now: Matrix, entries: Any) -> None:
        super()._make(now, entries)
        if self._others:
            from_fields, rest = self._coupled
            from_fields.fill(entries)
            self._rest = Dense(self.machine, rest.fill(entries))

    def solve(self, r: Any) -> Any:
        """x with A x near r."""
        assert isinstance(self._grids, Grids)
        count = self._fields
        fields = self._grids.solve(r[:count])
        if self._rest is None:
            return fields
        rest = self._rest.solve(r[count:] - self._coupled[0].times(fields))
        return self.machine.xp.concatenate((fields, rest))
