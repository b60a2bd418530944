"""Regions: the space of a problem with the thickness of its regions, and what differs between them at its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.problem import Problem
from femtdgl.solve.space import Space

Array = NDArray[np.float64]


def space_of(problem: Problem) -> Space:
    """The space of a problem, with the thickness of its regions."""
    mesh, regions = problem.mesh.build(), problem.region
    for name in regions:
        if name not in (mesh.subdomains or {}):
            raise InputError(
                f"the mesh has no region {name!r}",
                key="region",
                allowed=", ".join(sorted(mesh.subdomains or {})) or "no regions on this mesh",
            )
    thickness = None
    if any(region.thickness != 1.0 for region in regions.values()):
        thickness = np.ones(mesh.t.shape[1])
        for name, region in regions.items():
            thickness[mesh.subdomains[name]] = region.thickness
    return Space(mesh, problem.mesh.order, thickness=thickness)


def materials(problem: Problem, space: Space) -> tuple[Array, Array]:
    """eps at T = T0 and the normal conductivity at the quadrature points, (nq,) each.

    Regions may lie in each other: the one that the problem names later counts.
    """
    count = space.elements.weight.shape[1]
    eps = problem.eps(space.x)
    shift, sigma = np.zeros(space.nq), np.ones(space.nq)
    for name, region in problem.region.items():
        chosen = np.repeat(np.isin(space.numbers, space.mesh.subdomains[name]), count)
        shift[chosen] = region.eps - 1.0
        sigma[chosen] = region.conductivity
    return eps + shift, sigma
