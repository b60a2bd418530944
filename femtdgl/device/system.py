"""The system F(t, y, y') = 0 of a filament on a machine: residual and entries of the Jacobian, from its `System`.

The integrals over the elements are those of the kernels.  All other rows (phases, gauge, biases, currents, edges) are
linear in y and y' with coefficients that never change, those of `structure.fixed`, but for numbers that depend on
time alone: what a current or a bias is.  Only these, and a vector potential or an eps that moves, come from the host.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.device.heat import DeviceHeat
from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Matrix
from femtdgl.device.phonons import DevicePhonons
from femtdgl.device.points import Points
from femtdgl.device.sums import Sums
from femtdgl.equations import banks
from femtdgl.errors import InputError
from femtdgl.solve.loops import compiled, place_in
from femtdgl.solve.pattern import places_of
from femtdgl.solve.space import Elements
from femtdgl.solve.system import System
from femtdgl.solve.transport import Transport

Array = NDArray[np.float64]

MOST_PARTS = 2**31
"""Parts of a sum have numbers of 32 bits."""


class DeviceSystem:
    """See the module.   y and y' are arrays of the machine, (size,), and so is what comes back."""

    def __init__(self, machine: Machine, system: System) -> None:
        """Raises InputError where the memory of the machine will not do."""
        self.machine, self.system, self.xp = machine, system, machine.xp
        self.size, self.nnz = system.size, system.nnz
        check_room(machine, system)
        up, assembly, elements = machine.up, system.assembly, system.space.elements
        ne, nodes = elements.dofs.shape
        self._elements = Elements(
            up(elements.dofs, np.int32), up(elements.value), up(elements.gradient), up(elements.weight)
        )
        self._reader, self._bank = up(assembly.reader, np.int32), up(assembly.bank, np.int32)
        self.sigma = up(assembly.sigma)
        self._slopes = up(np.full(1, -1.0)), up(np.zeros(1))  # of the growth by n and by its rate, without phonons
        self._eps: tuple[Any, Any] = (None, None)  # here and there
        self._how: tuple[Any, tuple[Any, ...]] = (None, ())
        self._state = up(np.zeros(assembly.width))
        self._theta, self._bank_phi = up(system.layout.theta), up(system.layout.bank_phi)
        rows = np.moveaxis(assembly.writer[elements.dofs], 0, -1)  # (nodes, 3, ne)
        self._rows = Sums(machine, rows, self.size)
        self.heat = None if system.heat is None else DeviceHeat(machine, system, system.heat, self.points)
        self._entries = Sums(machine, slots_of(system).reshape(ne, -1).T, self.nnz)
        self._parts = self.xp.empty((9 * nodes**2, ne))
        self.phonons = None
        if system.phonons is not None:
            self.phonons = DevicePhonons(machine, system, system.phonons, self.points)
        self._fixed_rows()

    def _fixed_rows(self) -> None:
        """What is linear in y and y', and what depends on time."""
        system, up = self.system, self.machine.up
        places, *numbers = system.structure.fixed
        driven: Any = [] if system.heat is None else system.heat.temperatures.driven_places
        unique, back = np.unique(places, return_inverse=True)
        values, rates = (np.bincount(back, part, unique.size) for part in numbers)
        self._fixed = up(unique), up(values), up(rates)
        start, columns = system.pattern.indptr, system.pattern.indices[unique]
        rows = np.searchsorted(start, unique, side="right") - 1
        linear = ~np.isin(rows, driven)  # those that follow a waveform have rows among those of heat
        rows, columns, values, rates = (part[linear] for part in (rows, columns, values, rates))
        sources = _Sources(system)
        own = np.unique(np.concatenate([rows, *[np.flatnonzero(vector) for vector in sources.vectors]]))
        shape = (own.size, self.size)
        number = np.searchsorted(own, rows)
        self._linear, self._rate = (
            Matrix.of(self.machine, sp.csr_matrix((part, (number, columns)), shape=shape)) for part in (values, rates)
        )
        self._sources, self._own = sources, up(own)
        self._vectors = up(np.stack([vector[own] for vector in sources.vectors], axis=1))

    @cached_property
    def points(self) -> Points:
        """What heat, phonons and noise are worked out with."""
        return Points(self.machine, self.system, self._elements, self._reader, self.sigma, self._rows)

    # ---- what the integrals need --------------------------------------------------------------------------

    def read(self, y: Any, yp: Any) -> Any:
        """The state that fields are read from, see `System.state`."""
        state, size = self._state, self.size
        state[:size], state[size + 1 : 2 * size + 1] = y, yp
        if self._theta.size:
            parts = banks.bank_order_parameter(y[self._theta], yp[self._theta])
            state[2 * size + 1 :] = self.xp.concatenate(parts)
        return state

    def _distance(self, t: float, y: Any) -> Any:
        """eps at the points."""
        if self.heat is not None:
            return self.heat.eps(y)
        here = self.system.landscape.at(t)
        if here is not self._eps[0]:
            self._eps = here, self.machine.up(here)
        return self._eps[1]

    def carried(self, t: float) -> tuple[Any, ...]:
        """The parts of the transport, or ()."""
        here = self.system.transport(t)
        if here is not self._how[0]:
            how = () if here is None else tuple(None if part is None else self.machine.up(part) for part in here)
            self._how = here, how
        return self._how[1]

    def _transport(self, t: float) -> Transport | None:
        """The same as heat takes it."""
        how = self.carried(t)
        return Transport(*how) if how else None

    # ---- the system ---------------------------------------------------------------------------------------

    def residual(self, t: float, y: Any, yp: Any) -> Any:
        """F(t, y, y')."""
        elements, k = self._elements, self.system.constants
        state, F = self.read(y, yp), self.xp.empty(self.size)
        parts = self._parts[: 3 * elements.dofs.shape[1]]
        how, eps = self.carried(t), self._distance(t, y)
        growth = eps if self.phonons is None else eps + self.phonons.at(t, y, state, how).p
        self.machine.kernels.residual(state, self._reader, elements, how, growth, self.sigma, k, parts)
        self._rows(parts.ravel(), F)
        known = self._vectors @ self.machine.up(self._sources.at(t))
        F[self._own] += self._linear.times(y) + self._rate.times(yp) + known
        if self.heat is not None:
            self.heat.add_rows(self.system.before(t), state, y, yp, self._transport(t), eps, F)
        return F

    def jacobian(self, t: float, y: Any, yp: Any, cj: float) -> Any:
        """Entries of dF/dy + cj dF/dy' in the order of `pattern`, (nnz,)."""
        places, values, rates = self._fixed
        entries = self._summed(t, y, yp, cj, rates=False)
        entries[places] += values + cj * rates
        if self.heat is not None:
            stay, rate = self._heat_slopes(t, y, yp)
            entries[self.heat.places] += stay + cj * rate
        return entries

    def rates(self, t: float, y: Any, yp: Any) -> Any:
        """Entries of dF/dy' alone, (nnz,)."""
        places, _, rates = self._fixed
        entries = self._summed(t, y, yp, 0.0, rates=True)
        entries[places] += rates
        if self.heat is not None:
            entries[self.heat.places] += self._heat_slopes(t, y, yp)[1]
        return entries

    def _heat_slopes(self, t: float, y: Any, yp: Any) -> tuple[Any, Any]:
        """dF/dy and dF/dy' of the entries of heat."""
        assert self.heat is not None
        return self.heat.at_places(self.read(y, yp), y, yp, self._transport(t))

    def _summed(self, t: float, y: Any, yp: Any, cj: float, *, rates: bool) -> Any:
        state, how, entries = self.read(y, yp), self.carried(t), self.xp.empty(self.nnz)
        growth, feedback = (self._distance(t, y), *self._slopes), None
        if self.phonons is not None:
            feedback = self.phonons.at(t, y, state, how)
            growth = feedback.growth(growth[0])
        self.machine.kernels.jacobian(
            state, self._reader, self._bank, self._elements, how, growth, self.sigma, self.system.constants, cj, rates,
            self._parts,
        )  # fmt: skip
        self._entries(self._parts.ravel(), entries)
        if self.phonons is not None and feedback is not None and not rates:
            self.phonons.add_by_T(feedback, state, how, entries)
        return entries


class _Sources:
    """What rows hold that depends on time alone: fixed vectors (size,), each times a number."""

    def __init__(self, system: System) -> None:
        self.system, layout = system, system.layout
        replaced = [layout.gauge_row, *(place for place, _ in system.biases)]
        contacts = [(mean, c.current) for mean, c in zip(layout.terminals, system.contacts, strict=True)]
        self._own = [current for _, current in contacts if current is not None] if system.own_currents else None
        if self._own is not None:
            vectors = [-mean for mean, current in contacts if current is not None]
        else:
            vectors = [-layout.injection]
        for vector in vectors:
            vector[replaced] = 0.0
        for place in replaced:
            one = np.zeros(system.size)
            one[place] = -1.0
            vectors.append(one)
        if any(place == layout.gauge_row for place, _ in system.biases):
            vectors[len(vectors) - len(replaced)][:] = 0.0
        self.vectors = vectors

    def at(self, t: float) -> Array:
        """The numbers at a time."""
        system = self.system
        before = system.before(t)
        if self._own is not None:
            numbers = [current(before) for current in self._own]
        else:
            numbers = [float(system.current(t, np.zeros(system.size)))]
        return np.array([*numbers, system.gauge_value, *(bias(before) for _, bias in system.biases)])


def slots_of(system: System) -> NDArray[np.int32]:
    """(ne, 3 nodes, 3 nodes): where each entry of the element matrices goes, -1 for none."""
    pattern, dofs = system.structure.pattern, system.space.elements.dofs
    places = places_of(dofs, *system.structure.fields, pattern.indptr, pattern.indices, by_rows=True)
    width = 3 * dofs.shape[1]
    slots = np.empty((dofs.shape[0], width, width), dtype=np.int32)
    _slots(dofs, places.rows, places.columns, places.offset, places.start, places.index, slots)
    return slots


@compiled
def _slots(dofs: Any, rows: Any, columns: Any, offset: Any, start: Any, index: Any, slots: Any) -> None:
    for e in range(dofs.shape[0]):
        for i in range(dofs.shape[1]):
            for j in range(dofs.shape[1]):
                far = offset[e, i, j]
                for f in range(3):
                    row = rows[dofs[e, i], f]
                    for g in range(3):
                        column = columns[dofs[e, j], g]
                        slot = -1
                        if row >= 0 and column >= 0:
                            slot = start[row] + far + g if far >= 0 else place_in(start, index, row, column)
                        slots[e, 3 * i + f, 3 * j + g] = slot


def check_room(machine: Machine, system: System) -> None:
    """Raises InputError where the memory of the machine will not do."""
    ne, nodes = system.space.elements.dofs.shape
    parts = 9 * nodes**2 * ne
    if parts >= MOST_PARTS:
        raise InputError(
            f"{machine.name!r} is not possible, the mesh has {ne:,} elements",
            key="device", allowed=f"at most {MOST_PARTS // (9 * nodes**2):,} elements of this shape, or cpu",
        )  # fmt: skip
    needed, free = memory(system), machine.room()
    if needed > free:
        raise InputError(
            f"{machine.name!r} is not possible, the problem needs about {needed / 2**30:.1f} GiB of its memory and "
            f"{free / 2**30:.1f} GiB are free",
            key="device", allowed="a coarser mesh, a device with more memory, or cpu",
        )  # fmt: skip


VECTORS = 110
"""Vectors of the unknowns at most: those of GMRES and of the integrator, and some more."""
HEATED = 460, 530
"""Bytes a pair of nodes of an element while the Jacobian of one temperature, or of two, is made: measured."""


AT_POINTS = 8
"""Numbers for each point and node of its element that phonons and noise need at a time."""


def memory(system: System) -> float:
    """Bytes on the device, about: element matrices and where they go, the Jacobian and its blocks, vectors, fields."""
    ne, nodes = system.space.elements.dofs.shape
    nq, dim = system.space.nq, system.space.dim
    carried = 0 if system.potential is None else (3 + dim) * nodes * nq
    if system.phonons is not None or system.problem.noise is not None:
        carried += (AT_POINTS * nodes + 10 * (1 + dim)) * nq
    matrices = 12 * 9 * nodes**2 * ne + 60 * system.nnz
    if system.heat is not None:
        matrices += HEATED[system.heat.temperatures.fields - 1] * nodes**2 * ne
    return float(matrices + 8 * (VECTORS * system.size + carried + 4 * nq))
