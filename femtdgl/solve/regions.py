"""Regions and maps: the space of a problem with its thickness, and what differs from place to place at its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.problem import Problem
from femtdgl.solve.seam import joined
from femtdgl.solve.space import Space

Array = NDArray[np.float64]

SAMPLES = 65
"""Times of a run at which an eps that moves is looked at."""


def space_of(problem: Problem) -> Space:
    """The space of a problem, with the thickness of its regions and of its map."""
    mesh, regions, maps = problem.mesh.build(), problem.region, problem.map
    for name in regions:
        if name not in (mesh.subdomains or {}):
            raise InputError(
                f"the mesh has no region {name!r}",
                key="region",
                allowed=", ".join(sorted(mesh.subdomains or {})) or "no regions on this mesh",
            )
    mapped = maps is not None and maps.thickness is not None
    thickness = None
    if mapped or any(region.thickness != 1.0 for region in regions.values()):
        thickness = np.ones(mesh.t.shape[1])
        for name, region in regions.items():
            thickness[mesh.subdomains[name]] = region.thickness
    if mapped and thickness is not None:
        thickness *= _mapped(problem, "thickness", mesh.p[:, mesh.t].mean(axis=1), positive=True)
    space = Space(mesh, problem.mesh.order, thickness=thickness)
    if len(problem.ends) == 2:
        space.seam = joined(space, (problem.ends[0], problem.ends[1]))
    return space


def _mapped(problem: Problem, name: str, x: Array, *, positive: bool = False) -> Array:
    """A map at points x (dim, n), (n,).  Raises InputError where it is not positive and must be."""
    if problem.map is None:
        return np.ones(x.shape[1])
    try:
        value = problem.map.of(name, x)
    except InputError as error:
        raise error.at(key=f"map.{error.key}") from None
    if positive and value.min() <= 0:
        at = [round(float(c), 6) for c in x[:, int(np.argmin(value))]]
        raise InputError(f"is {value.min():.4g} at {at}", key=f"map.{name}", allowed="above 0 everywhere")
    return value


class Landscape:
    """eps at T = T0 and the normal conductivity at the quadrature points of a space, (nq,) each.

    Regions may lie in each other: the one that the problem names later counts.
    `eps` is that at t = 0, `largest` the largest of the run; of an eps that moves, `at(t)` is it at a time.
    """

    def __init__(self, problem: Problem, space: Space) -> None:
        self.problem, self.x = problem, space.x
        images = [] if space.seam is None else space.seam.images(space.x)
        self._across = sum((spot(x) for spot in problem.weak_spot for x in images), start=np.zeros(space.nq))
        count = space.elements.weight.shape[1]
        self._shift, sigma = np.zeros(space.nq), np.ones(space.nq)
        for name, region in problem.region.items():
            chosen = np.repeat(np.isin(space.numbers, space.mesh.subdomains[name]), count)
            self._shift[chosen] = region.eps - 1.0
            sigma[chosen] = region.conductivity
        self.sigma = sigma * _mapped(problem, "conductivity", space.x, positive=True)
        self.moves = problem.map is not None and problem.map.moves
        self._made = (0.0, self._eps(0.0))
        self.eps = self._made[1]
        times = np.linspace(0.0, problem.time.t_end, SAMPLES) if self.moves else [0.0]
        self.largest = max(float(self.at(float(t)).max()) for t in times)

    def _eps(self, t: float) -> Array:
        try:
            return self.problem.eps(self.x, t) + self._shift - self._across
        except InputError as error:
            raise error.at(key=f"map.{error.key}") from None

    def at(self, t: float) -> Array:
        """eps at a time (nq,)."""
        if self.moves and self._made[0] != t:
            self._made = (t, self._eps(t))
        return self._made[1]

    def of_states(self, t: Array) -> Array:
        """eps at m times (m, nq)."""
        if not self.moves:
            return np.broadcast_to(self.eps, (len(t), self.eps.size))
        return np.stack([self.at(float(one)) for one in t])

    def rates(self, t: Array) -> Array:
        """d_t eps at m times (m, nq)."""
        return np.stack([self.problem.eps_rate(self.x, float(one)) for one in t])
