"""Layout: where each unknown of the coupled system lies in the vector y, and how fields are read from it.

Fields Re psi, Im psi and phi live on the nodes of a Space.  Not every nodal value is an unknown of its own:

    bank              psi is exp(i theta) with theta an unknown of the bank; one phi for all its nodes
    normal contact    psi is 0
    elsewhere         three unknowns a node

`gather[i, f]` is the place in y of field f at node i, or `size` (a slot that reads as zero) where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.problem import Bank, NormalContact, Problem
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
    injection: Array  # (size,) current into the film per unit J, by row
    voltage: Array  # (size,) V = voltage @ y, less the EMF of A
    gauge: Array  # (size,) gauge @ y = gauge_shift sum(gauge)
    gauge_row: int

    @classmethod
    def build(cls, space: Space, problem: Problem) -> Layout:
        """The natural numbering: fields node by node, then bank potentials and phases."""
        N = space.N
        own = np.ones((N, 3), dtype=bool)
        banks, contacts = [], []
        for name, condition in problem.boundary.items():
            nodes = space.boundary_nodes(name)
            if isinstance(condition, Bank):
                own[nodes] = False
                banks.append((name, nodes))
            elif isinstance(condition, NormalContact):
                own[nodes, :2] = False
                contacts.append((name, nodes))
        gather = np.full(own.shape, -1, dtype=np.intp)
        gather[own] = np.arange(int(own.sum()))
        free, count = int(own.sum()), len(banks)
        size = free + 2 * count
        bank_phi = free + np.arange(count)
        for place, (_, nodes) in zip(bank_phi, banks, strict=True):
            gather[nodes, PHI] = place
        gather[gather < 0] = size

        mean: dict[str, Array] = {}  # functional "mean potential of the terminal", also its distribution of current
        for place, (name, _) in zip(bank_phi, banks, strict=True):
            mean[name] = np.zeros(size)
            mean[name][place] = 1.0
        for name, _ in contacts:
            load = space.boundary_form(name)[1]
            mean[name] = np.bincount(gather[:, PHI], weights=load / load.sum(), minlength=size).astype(np.float64)
        injection, voltage, gauge = np.zeros(size), np.zeros(size), np.zeros(size)
        if problem.terminals:
            first, second = (mean[name] for name in problem.terminals)
            area = space.boundary_form(problem.terminals[0])[1].sum()
            injection, voltage, gauge = area * (first - second), first - second, first + second
        else:
            gauge[gather[0, PHI]] = 1.0
        return cls(
            size=size,
            gather=gather,
            theta=free + count + np.arange(count),
            bank_phi=bank_phi,
            bank_nodes=tuple(nodes for _, nodes in banks),
            injection=injection,
            voltage=voltage,
            gauge=gauge,
            gauge_row=int(np.flatnonzero(gauge)[-1]),
        )

    @property
    def algebraic(self) -> Index:
        """Places of the unknowns without a time derivative: the potential."""
        places = np.unique(self.gather[:, PHI])
        return places[places < self.size]
