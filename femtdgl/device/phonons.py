"""Phonons that act back, on a machine: p of `solve.phonons` with its tables there, one thread a point.

Amplitudes that move, in time or with the temperatures of a heated filament, are worked out on the host and brought.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.machine import Machine
from femtdgl.device.points import Points
from femtdgl.device.sums import Sums
from femtdgl.equations.feedback_table import FeedbackTable
from femtdgl.solve.own_phonons import ONE, LocalBalance
from femtdgl.solve.phonons import Feedback, PhononFeedback, Squares
from femtdgl.solve.system import System


class DeviceTable:
    """A `FeedbackTable` on a machine."""

    def __init__(self, machine: Machine, table: FeedbackTable, known: NDArray[np.float64]) -> None:
        """known: amplitudes that are asked for again and again."""
        self.machine, self._known, self._there = machine, known, machine.up(np.atleast_2d(known))
        self._cells = machine.up(table.cells)
        self._axis = table.gamma, table.first, table.step

    def __call__(self, n: Any, amplitude: NDArray[np.float64]) -> tuple[Any, Any]:
        """p and dp/dn for n (nq,) there and amplitude (nq, channels) or (channels,) on the host."""
        there = self._there if amplitude is self._known else self.machine.up(np.atleast_2d(amplitude))
        p, by_n = self.machine.xp.empty(n.size), self.machine.xp.empty(n.size)
        self.machine.kernels.feedback(n, *self._axis, self._cells, there, p, by_n)
        return p, by_n


class DevicePhonons:
    """p at the points of a system, and what it does to the Jacobian."""

    def __init__(self, machine: Machine, system: System, phonons: PhononFeedback, points: Points) -> None:
        self.machine, self.system, self.points = machine, system, points
        there = copy.copy(phonons)
        there.compiled, own = False, phonons.own
        there.table = cast(FeedbackTable, DeviceTable(machine, phonons.table, phonons.amplitude(0.0)))
        if isinstance(own, LocalBalance):
            there.own = replace(own, friction=cast(FeedbackTable, DeviceTable(machine, own.friction, ONE)))
        self._there = there
        self._by_T: Sums | None = None
        if system.heat is not None and phonons.follows_lattice:
            self._by_T = self._sums_by_T()

    def at(self, t: float, y: Any, state: Any, how: tuple[Any, ...]) -> Feedback:
        """p and its slopes.   state, how: as the points take them."""
        T, heat = None, self.system.heat
        if heat is not None and self._by_T is not None:
            T = heat.at_points(self.machine.down(y))
        squares = Squares.of(*self.points.values(state, how))
        return self._there(self.system.before(t), squares, T)

    def _sums_by_T(self) -> Sums:
        """From `parts` of `add_by_T` to entries of the Jacobian."""
        system, dofs = self.system, self.system.space.elements.dofs
        assert system.heat is not None
        T, pattern = system.heat.temperatures, system.pattern
        columns = np.stack([T.place[f * T.N : (f + 1) * T.N][dofs] for f in range(2)])  # (2, ne, local)
        rows = system.structure.fields[0][dofs][:, :, :2]  # (ne, local, 2)
        row, column = np.broadcast_arrays(  # (2, column, row, Re or Im, ne)
            rows.transpose(1, 2, 0)[None, None], columns.transpose(0, 2, 1)[:, :, None, None]
        )
        outer = np.repeat(np.arange(system.size, dtype=np.int64), np.diff(pattern.indptr))
        found = np.searchsorted(outer * system.size + pattern.indices, row.astype(np.int64) * system.size + column)
        return Sums(self.machine, np.where((row >= 0) & (column >= 0), found, -1).astype(np.int32), system.nnz)

    def add_by_T(self, feedback: Feedback, state: Any, how: tuple[Any, ...], entries: Any) -> None:
        """Adds the rows of psi, -int w_i* psi p, by the temperatures that p follows."""
        if self._by_T is None or feedback.by_T is None or self.system.heat is None:
            return
        xp, (_, value, gradient, weight) = self.machine.xp, self.points.elements
        psi, unit = self.points.values(state, how)[:2], self.system.heat.temperatures.unit
        local, shape = value.shape[1], (1 + gradient.shape[3], 3, weight.size)
        parts = []
        for by_T in feedback.by_T:
            for j in range(local):
                out = xp.zeros(shape)
                shaped = (by_T.reshape(weight.shape) * value[:, j]).ravel()
                out[0, :2] = -unit * psi * shaped
                parts.append(self.points.tested(out, how)[:, :2].ravel())
        more = xp.empty(entries.size)
        self._by_T(xp.concatenate(parts), more)
        entries += more
