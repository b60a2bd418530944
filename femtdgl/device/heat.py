"""Heat on a machine: the rows of the temperatures, their entries in the Jacobian, and their linear systems.

Laws, sources, fluxes and links are those of `HeatTerms`: its whole arrays are arrays of the machine here.  Lumped nodes
are a few numbers, and the host works them out; so it does a link that is no whole-array code, from the temperatures at
its ends.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Block, Matrix
from femtdgl.device.multigrid import Dense, Following, Grids
from femtdgl.device.points import Points, PointSpace
from femtdgl.device.sums import Sums
from femtdgl.equations.thermal_laws import Law, Pieces
from femtdgl.solve.heat.attachment import Attachment, End
from femtdgl.solve.heat.places import Spread
from femtdgl.solve.heat.temperatures import Temperatures
from femtdgl.solve.heat.terms import HeatTerms
from femtdgl.solve.system import System
from femtdgl.thermal.link import Link

Array = NDArray[np.float64]


class DeviceHeat(HeatTerms):
    """`HeatTerms` on arrays of a machine, of one state."""

    def __init__(self, machine: Machine, system: System, heat: HeatTerms, points: Points) -> None:
        vars(self).update(vars(heat))  # what is no array is the same
        up, self.machine, host = machine.up, machine, heat.temperatures
        space: Any = PointSpace(machine, system.space, points.elements)
        self.space, self._points = space, points
        self.arrays: Any = points
        self.temperatures, self.eps_0 = _temperatures(machine, host), up(heat.eps_0)
        self.laws = heat.laws._replace(
            capacity=_laws(machine, heat.laws.capacity), conductivity=_laws(machine, heat.laws.conductivity)
        )
        if heat.slope_of_entropy is not None:
            self.slope_of_entropy = copy(heat.slope_of_entropy)
            self.slope_of_entropy.table = up(heat.slope_of_entropy.table)
        self.deposits = tuple(part._replace(share=up(part.share)) for part in heat.deposits)
        self.attachments = tuple(_attachment(machine, one, host.fixed.size) for one in heat.attachments)
        self.numbers = up(heat.numbers)
        used = np.flatnonzero(host.rows >= 0)
        equations, back = np.unique(host.rows[used], return_inverse=True)
        self._equations, self._sums = up(equations), _sums(machine, used, back, host.rows.size)
        self._used, places = system.structure.heat
        unique, self._back = np.unique(places, return_inverse=True)
        self.places = up(unique)
        self._slopes: Sums | None = None

    def add_equations(self, R: Any, F: Any) -> None:
        """Adds those of all rows (count,) that are equations to F."""
        F[self._equations] += self._sums.of(R)

    def node_rows(self, t: Any, T: Any, T_t: Any) -> Any:
        """Those of the lumped nodes, from the host."""
        down = self.machine.down
        return self.machine.up(super().node_rows(t, down(T), down(T_t)))

    def node_slopes(self, T: Any, T_t: Any) -> tuple[Any, Any]:
        """Those of the lumped nodes, from the host."""
        down, up = self.machine.down, self.machine.up
        by_T, by_rate = super().node_slopes(down(T), down(T_t))
        return up(by_T), up(by_rate)

    def at_places(self, state: Any, y: Any, yp: Any, transport: Any) -> tuple[Any, Any]:
        """dF/dy and dF/dy' of the entries of heat at `places`."""
        stay, rate = self.slopes(state, y, yp, transport)
        if self._slopes is None:
            self._slopes = _sums(self.machine, self._used, self._back, stay.size)
        return self._slopes.of(stay), self._slopes.of(rate)

    def source(self, state: Any, T_e: Any, transport: Any, eps: Any) -> Any:
        """q of the variant at the points (nq,): w, and the fields there, come from a kernel."""
        points, seen = self._points, self.machine.xp.empty((6, self.space.nq))
        how = () if transport is None else tuple(transport)
        args = (state, points.reader, self.space.elements, how, points.sigma, points.constants, seen)
        self.machine.kernels.dissipation(*args)
        return seen[5] if self.heat.source == "w" else seen[5] + self.reversible(seen[:5], T_e)


def _sums(machine: Machine, used: Any, target: Any, count: int) -> Sums:
    """Sums of those of `count` parts that are used into their targets."""
    targets = np.full(count, -1, dtype=np.int32)
    targets[used] = target
    return Sums(machine, targets, int(target.max(initial=-1)) + 1)


def _temperatures(machine: Machine, host: Temperatures) -> Temperatures:
    driven = tuple(part._replace(numbers=machine.up(part.numbers)) for part in host.driven)
    return replace(host, place=machine.up(host.place), fixed=machine.up(host.fixed), driven=driven)


@dataclass(frozen=True, kw_only=True)
class _DeviceLaw(Law):
    """A law whose polynomials are on a machine."""

    there: Pieces

    @property
    def pieces(self) -> Pieces:
        return self.there


def _laws(machine: Machine, laws: tuple[tuple[Law, ...], ...]) -> tuple[tuple[Law, ...], ...]:
    return tuple(tuple(_law(machine, law) for law in some) for some in laws)


def _law(machine: Machine, law: Law) -> Law:
    if law.bcs == "none":
        return law
    there = Pieces(*(machine.up(part) for part in (law.pieces.coefficients, law.pieces.before)))
    return _DeviceLaw(value=law.value, exponent=law.exponent, bcs=law.bcs, there=there)


# ---- links ------------------------------------------------------------------------------------------------


def _attachment(machine: Machine, host: Attachment, count: int) -> Attachment:
    """The same on a machine, of `count` temperatures."""
    made, up = copy(host), machine.up
    if not _by_arrays(host.link):
        made.link = _HostLink(machine, host.link)  # type: ignore[assignment]
    made.share = up(host.share)
    made.ends, made.reads, made.loads = [], [], []
    for end in host.ends:
        read = Spread(up(end.read.number), up(end.read.weight))
        same = end.load is end.read
        made.ends.append(End(read, read if same else Spread(up(end.load.number), up(end.load.weight))))
        made.reads.append(_Read(read))
        made.loads.append(_Load(made.ends[-1].load, Sums(machine, end.load.number.astype(np.int32), count)))
    if host.evenly is not None:
        made.evenly = Spread(up(host.evenly.number), up(host.evenly.weight))
    return made


class _Read:
    """Temperatures at the points from the list of them."""

    def __init__(self, spread: Spread) -> None:
        self.spread = spread

    def __matmul__(self, T: Any) -> Any:
        number, weight = self.spread
        return (weight * T[number]).sum(axis=1)


class _Load:
    """Sums of powers at the points into the rows."""

    def __init__(self, spread: Spread, sums: Sums) -> None:
        self.weight, self.sums = spread.weight, sums

    def __matmul__(self, powers: Any) -> Any:
        return self.sums.of((self.weight * powers[:, None]).ravel())


def _by_arrays(link: Link) -> bool:
    """Whether a link is whole-array code: has its own of what `Link` does pair by pair."""
    kind = type(link)
    return kind.powers is not Link.powers and kind.gradients is not Link.gradients and kind.work is Link.work


class _HostLink:
    """A link that is worked out on the host, between arrays of a machine."""

    def __init__(self, machine: Machine, link: Link) -> None:
        self.machine, self.link = machine, link

    def powers(self, T_a: Any, T_b: Any) -> Any:
        down = self.machine.down
        return self.machine.up(self.link.powers(down(T_a), down(T_b)))

    def gradients(self, T_a: Any, T_b: Any) -> tuple[Any, ...]:
        down = self.machine.down
        return tuple(map(self.machine.up, self.link.gradients(down(T_a), down(T_b))))

    def extra(self, T_a: Any, T_b: Any) -> tuple[Any, ...]:
        down = self.machine.down
        return tuple(map(self.machine.up, self.link.extra(down(T_a), down(T_b))))


# ---- linear systems ---------------------------------------------------------------------------------------


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
