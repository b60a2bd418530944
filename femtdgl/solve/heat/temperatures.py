"""Temperatures: where each of them lies in the vector y, behind the unknowns of psi, phi and the banks.

One list holds them all, held ones too, and the rows of their equations have the same numbers:

    T of the electrons at the N nodes | T of the phonons, where there are two | lumped nodes | means over places

The mean of a place is an unknown of its own where a link sees nothing else: T_mean - int T/int 1 = 0 keeps the
Jacobian sparse.  Rows of held temperatures are no equations; what stands in them is the heat that flows there.

A held temperature that moves, of a bath with a waveform, is an unknown too, without an equation of heat: T - T(t) = 0.

In y stands (T - T0)/eta, the change of -eps: the integrator then holds what psi feels to the tolerance it holds psi to.
(With T itself, 0.9 or so, a relative tolerance of 1e-4 is a tenth of a per cent of eps a step.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.heat import Heat, Units
from femtdgl.problem.heat_course import course_of
from femtdgl.problem.problem import Problem
from femtdgl.problem.waveform import Waveform
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class Driven(NamedTuple):
    """Numbers of temperatures that follow a waveform, in units of so many Tc."""

    numbers: Index
    course: Waveform
    unit: float


@dataclass(frozen=True)
class Temperatures:
    """Numbers of the temperatures (see the module) and their places in y."""

    N: int
    fields: int  # 1 or 2
    nodes: dict[str, int]  # numbers of the lumped nodes, by name
    means: dict[str, int]  # numbers of the means, by name of the link
    held: tuple[Index, ...]  # of each field: nodes of the mesh at the temperature of the bath
    place: Index  # (count,) places in y; -1: held
    fixed: Array  # (count,) held temperatures, T0 elsewhere; in Tc
    unit: float  # eta: what one of y is, in Tc
    driven: tuple[Driven, ...] = ()

    @classmethod
    def build(cls, space: Space, problem: Problem, heat: Heat, units: Units) -> Temperatures:
        """With places from 0 on: `starting_at` moves them behind the other unknowns."""
        N, fields = space.N, 1 if heat.temperatures == "one" else 2
        nodes = {name: fields * N + k for k, name in enumerate(heat.nodes)}
        first = fields * N + len(nodes)
        averaged = [n for n, join in heat.links.items() if join.mean and not {*join.between} <= {*heat.nodes}]
        means = {name: first + k for k, name in enumerate(averaged)}
        fixed = np.full(first + len(means), 1 - problem.film.eta)
        free = np.ones(fixed.size, dtype=bool)
        held = [
            np.unique(np.concatenate([np.empty(0, np.intp), *(space.boundary_nodes(name) for name in names)]))
            for names in heat.held(problem.banks)
        ]
        for k, on in enumerate(held):
            if on.size == N:
                raise InputError("holds every node", key="heat.hold", allowed="boundaries that leave the inside free")
            fixed[k * N + on], free[k * N + on] = heat.bath_temperature(problem.film), False
        driven = []
        if isinstance(heat.bath, Waveform):
            held_numbers = np.flatnonzero(~free)
            driven.append(Driven(held_numbers, heat.bath, 1.0))
        for name, number in nodes.items():
            bath, course = heat.nodes[name].temperature, course_of(heat.nodes[name])
            if course is not None:
                driven.append(Driven(np.array([number]), course, 1 / units.temperature))
            elif bath is not None:
                fixed[number], free[number] = bath / units.temperature, False
        for part in driven:
            fixed[part.numbers], free[part.numbers] = 1 - problem.film.eta, True
        same = np.arange(fixed.size)  # the number whose place a temperature has: nodes of a seam share theirs
        if space.seam is not None:
            for k in range(fields):
                same[k * N + space.seam.second] = k * N + space.seam.first
        place = np.full(fixed.size, -1, dtype=np.intp)
        place[free] = np.unique(same[free], return_inverse=True)[1]
        return cls(N, fields, nodes, means, tuple(held), place, fixed, problem.film.eta, tuple(driven))

    def starting_at(self, first: int) -> Temperatures:
        """The same with the unknowns from this place in y on."""
        return replace(self, place=np.where(self.place >= 0, self.place + first, -1))

    @property
    def unknowns(self) -> int:
        """How many places of y they take."""
        return int(np.unique(self.place[self.place >= 0]).size)

    @property
    def algebraic(self) -> Index:
        """Places of those without an equation in time: the means, and those that follow a waveform."""
        return np.concatenate((self.place[list(self.means.values())], self.driven_places))

    @property
    def driven_places(self) -> Index:
        """Places of those that follow a waveform."""
        parts = (np.unique(self.place[part.numbers]) for part in self.driven)
        return np.concatenate([np.empty(0, dtype=np.intp), *parts])

    @cached_property
    def rows(self) -> Index:
        """Rows (count,) of the equations of heat; -1: there is none of that temperature."""
        rows = self.place.copy()
        for part in self.driven:
            rows[part.numbers] = -1
        return rows

    def follow(self, t: float, T: Array) -> Array:
        """The list T (count,) with those that follow a waveform as they are at a time."""
        T = T.copy()
        for part in self.driven:
            T[part.numbers] = part.unit * part.course(t)
        return T

    def follow_rates(self, t: float, yp: Array) -> None:
        """Puts their rates into y'."""
        for part in self.driven:
            yp[self.place[part.numbers]] = part.unit * part.course.slope(t) / self.unit

    def driven_rows(self, t: float, T: Array, F: Array) -> None:
        """Puts (T - T(t))/eta into their rows of F."""
        for part in self.driven:
            F[self.place[part.numbers]] = (T[part.numbers] - part.unit * part.course(t)) / self.unit

    def read(self, y: Array) -> Array:
        """All temperatures (..., count) from y (..., size)."""
        return self.fixed + self.unit * np.where(self.place >= 0, y[..., self.place], 0.0)

    def rates(self, yp: Array) -> Array:
        """All d_t T (..., count) from y'; 0 where held."""
        return self.unit * np.where(self.place >= 0, yp[..., self.place], 0.0)

    def write(self, T: Array, y: Array) -> None:
        """Puts those of T (count,) that are unknowns into y."""
        free = self.place >= 0
        y[self.place[free]] = (T[free] - self.fixed[free]) / self.unit

    def nodal(self, T: Array) -> Array:
        """The fields (..., fields, N) of a list (..., count)."""
        return T[..., : self.fields * self.N].reshape(*T.shape[:-1], self.fields, self.N)
