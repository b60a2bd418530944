"""Layout: where each unknown of the coupled system lies in the vector y, and how fields are read from it.

Fields Re psi, Im psi and phi live on the nodes of a Space.  Not every nodal value is an unknown of its own:

    bank              psi is exp(i theta) with theta an unknown of the bank; one phi for all its nodes
    normal contact    psi is 0; one phi for all its nodes if it is biased
    periodic ends     the two nodes of a pair have the same three unknowns
    elsewhere         three unknowns a node

A node on two boundaries belongs to the bank, or else to the contact.

`gather[i, f]` is the place in y of field f at node i, or `size` (a slot that reads as zero) where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.boundary import Bank, DeGennes
from femtdgl.problem.problem import Problem
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]

RE, IM, PHI = 0, 1, 2


@dataclass(frozen=True)
class Layout:
    """Places of the unknowns in y; see the module."""

    size: int
    gather: Index  # (N, 3)
    theta: Index  # (banks,) places of the bank phases
    bank_phi: Index  # (banks,) places of the bank potentials
    bank_nodes: tuple[Index, ...]
    terminals: Array  # (terminals, size) mean potential of each, and how its current spreads over the rows
    areas: Array  # (terminals,)
    cross_section: float | None  # that of the first terminal, the mean of a ring; None of other films without terminals
    biased: tuple[tuple[int, str], ...]  # place of phi and name of the terminals under voltage bias
    injection: Array  # (size,) current into the film per unit J, by row
    voltage: Array  # (size,) V = voltage @ y, less the EMF of A
    gauge: Array  # (size,) gauge @ y = gauge_shift sum(gauge)
    gauge_row: int

    @classmethod
    def build(cls, space: Space, problem: Problem, temperatures: int = 0) -> Layout:
        """The natural numbering: fields node by node, then bank potentials and phases, then so many temperatures."""
        N = space.N
        own = np.ones((N, 3), dtype=bool)
        nodes_of = {name: space.boundary_nodes(name) for name in problem.terminals}
        banks = [name for name in problem.terminals if isinstance(problem.boundary[name], Bank)]
        contacts = [name for name in problem.terminals if name not in banks]
        level = [name for name in contacts if problem.terminal(name).voltage is not None]  # normal equipotentials
        for name in contacts:
            own[nodes_of[name], :2] = False
        for name in [*level, *banks]:
            own[nodes_of[name], PHI] = False
        for name in banks:
            own[nodes_of[name]] = False
        if problem.ends and space.seam is None:
            raise InputError(
                "has periodic ends, its space has none", key="boundary", allowed="the space of the problem"
            )
        if space.seam is not None:
            own[space.seam.second] = False
        gather = np.full(own.shape, -1, dtype=np.intp)
        gather[own] = np.arange(int(own.sum()))
        if space.seam is not None:
            gather[space.seam.second] = gather[space.seam.first]
        free, count = int(own.sum()), len(banks)
        size = free + 2 * count + len(level) + temperatures
        bank_phi = free + np.arange(count)
        level_phi = free + 2 * count + np.arange(len(level))
        place_of = dict(zip([*level, *banks], [*level_phi, *bank_phi], strict=True))
        for name, place in place_of.items():
            gather[nodes_of[name], PHI] = place
        gather[gather < 0] = size

        loads = {name: space.boundary_form(name)[1] for name in problem.terminals}
        means = np.zeros((len(problem.terminals), size))
        for mean, (name, load) in zip(means, loads.items(), strict=True):
            if name in place_of:
                mean[place_of[name]] = 1.0
            else:
                load = np.where(own[:, PHI], load, 0.0)
                mean += np.bincount(gather[:, PHI], weights=load / load.sum(), minlength=size)[:size]
        areas = np.array([load.sum() for load in loads.values()])
        biased = tuple(
            (int(place_of[name]), name) for name in problem.terminals if problem.terminal(name).voltage is not None
        )
        injection, voltage, gauge = np.zeros(size), np.zeros(size), np.zeros(size)
        if len(means):
            first, second = means[:2]
            injection, voltage, gauge = areas[0] * (first - second), first - second, first + second
        if biased:
            gauge = np.zeros(size)
            gauge[biased[0][0]] = 1.0
        elif not len(means):
            gauge[gather[0, PHI]] = 1.0
        cross_section = float(areas[0]) if len(areas) else None
        if space.seam is not None:
            cross_section = float(space.weights.sum() / np.linalg.norm(space.seam.step))
        return cls(
            size=size,
            gather=gather,
            theta=free + count + np.arange(count),
            bank_phi=bank_phi,
            bank_nodes=tuple(nodes_of[name] for name in banks),
            terminals=means,
            areas=areas,
            cross_section=cross_section,
            biased=biased,
            injection=injection,
            voltage=voltage,
            gauge=gauge,
            gauge_row=int(np.flatnonzero(gauge)[-1]),
        )

    def seen_voltage(self, y: Array) -> Any:
        """voltage @ y (...,) of one state or of many: what there is of it, a few hundred unknowns."""
        places, weights = self._sensed
        return y[..., places] @ weights

    @cached_property
    def _sensed(self) -> tuple[Index, Array]:
        """Places and entries of `voltage`."""
        places = np.flatnonzero(self.voltage)
        return places, self.voltage[places]

    @property
    def held(self) -> NDArray[np.bool_]:
        """Nodes at which psi is prescribed, those of banks and of normal contacts: (N,)."""
        return self.gather[:, RE] == self.size

    @property
    def nodes(self) -> Index:
        """Places of the unknowns of each node that has all three of them, those of a pair once: (nodes, 3)."""
        places = self.gather[np.unique(self.gather[:, RE], return_index=True)[1]]
        return places[places[:, RE] < self.size]

    @property
    def algebraic(self) -> Index:
        """Places of the unknowns without a time derivative: the potential."""
        places = np.unique(self.gather[:, PHI])
        return places[places < self.size]

    def edge_terms(self, space: Space, problem: Problem) -> Array:
        """oint v psi/b of the de Gennes edges, with the nodes as points of the quadrature: a factor of y (size,)."""
        factor = np.zeros(self.size + 1)
        for name, condition in problem.boundary.items():
            if isinstance(condition, DeGennes):
                load = space.boundary_form(name)[1] / condition.b
                for f in (RE, IM):
                    np.add.at(factor, self.gather[:, f], load)
        return factor[:-1]

    def reader(self) -> tuple[Index, Index]:
        """Where a, b, phi, a_t, b_t of each node lie in the state (N, 5); the bank of each node, or -1 (N,)."""
        n = self.size
        derivatives = self.gather[:, :2]
        derivatives = np.where(derivatives < n, derivatives + n + 1, n)
        reader = np.hstack([self.gather, derivatives])
        bank = np.full(self.gather.shape[0], -1, dtype=np.intp)
        count = self.theta.size
        for k, nodes in enumerate(self.bank_nodes):
            bank[nodes] = k
            for part, field in enumerate((0, 1, 3, 4)):
                reader[nodes, field] = 2 * n + 1 + part * count + k
        return reader, bank
