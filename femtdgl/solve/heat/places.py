"""Places of a filament where a link may be joined: a boundary, the whole surface, or all of it.

A place is a set of quadrature points with weights, and the shape functions there.  Its size is that of the weights,
in xi to some power, times the width, the cross-section or the thickness that its mesh does not have.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.heat import SURFACE, VOLUME, Units
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class Spread(NamedTuple):
    """Numbers of temperatures (points, m) and weights (points, m): a row a point."""

    number: Index
    weight: Array

    @classmethod
    def number_at(cls, number: int, points: int) -> Spread:
        """One and the same temperature at every point."""
        return cls(np.full((points, 1), number), np.ones((points, 1)))

    def shifted(self, by: int) -> Spread:
        """The same of another field."""
        return Spread(self.number + by, self.weight)

    def matrix(self, count: int) -> sp.csr_matrix:
        """(points, count)."""
        rows = np.broadcast_to(np.arange(self.number.shape[0])[:, None], self.number.shape)
        return sp.csr_matrix((self.weight.ravel(), (rows.ravel(), self.number.ravel())), shape=(len(rows), count))

    def mean(self, share: Array, count: int) -> Spread:
        """The mean over the points with these shares, as one row."""
        row = self.matrix(count).T @ (share / share.sum())
        used = np.flatnonzero(row)
        return Spread(used[None], row[used][None])


class Place(NamedTuple):
    """Shape functions at the points, their weights (points,) in xi^k, and what turns xi^k into m^2 or m^3."""

    spread: Spread
    weight: Array
    factors: tuple[float | None, ...]

    def shares(self, per_size: bool) -> Array:
        """Shares of the points (points,) that add up to 1, or to the size of the place."""
        share = self.weight / self.weight.sum()
        if not per_size:
            return share
        known = [factor for factor in self.factors if factor is not None]
        if len(known) < len(self.factors):
            raise InputError(
                "is missing: the size of a place that a link is joined to",
                key="film.width",
                allowed="width and thickness in [film], or a link with its own size",
            )
        return share * float(self.weight.sum()) * math.prod(known)


def place_of(place: str, space: Space, units: Units) -> Place:
    """The points of a place.

    "surface" is one face of a filament of one or two dimensions; a boundary is a cross-section, an edge times the
    thickness, or a face.
    """
    xi, dim = units.length, space.dim
    if place not in (SURFACE, VOLUME):
        return _boundary(place, space, {1: (units.cross_section,), 2: (xi, units.thickness), 3: (xi, xi)}[dim])
    dofs, value, _, weight = space.elements
    (ne, points), local = weight.shape, dofs.shape[1]
    spread = Spread(
        np.repeat(dofs, points, axis=0).astype(np.intp),
        np.broadcast_to(value, (ne, points, local)).reshape(-1, local),
    )
    if place == VOLUME:
        across = {1: (xi, units.cross_section), 2: (xi, xi, units.thickness), 3: (xi, xi, xi)}[dim]
        return Place(spread, weight.ravel(), across)
    if dim == 3:
        raise InputError(f"{place!r} is no place of a filament of three dimensions", allowed="a boundary, or volume")
    return Place(spread, space.basis.dx.ravel(), {1: (xi, units.width), 2: (xi, xi)}[dim])


def _boundary(name: str, space: Space, factors: tuple[float | None, ...]) -> Place:
    import skfem

    if name not in (space.mesh.boundaries or {}):
        known = ", ".join([*(space.mesh.boundaries or {}), SURFACE, VOLUME])
        raise InputError(f"{name!r} is no boundary and no node", allowed=known)
    facets = skfem.FacetBasis(space.mesh, space.element, facets=name, intorder=2 * space.order + 2)
    local = facets.element_dofs.shape[0]
    shapes = [np.broadcast_to(np.asarray(facets.basis[i][0]), facets.dx.shape) for i in range(local)]
    depth = np.ones(facets.dx.shape)
    if space.thickness is not None:
        depth *= space.thickness[space.mesh.f2t[0, facets.find], None]
    spread = Spread(
        np.repeat(facets.element_dofs.T, facets.dx.shape[1], axis=0).astype(np.intp),
        np.stack(shapes, axis=2).reshape(-1, local),
    )
    return Place(spread, (facets.dx * depth).ravel(), factors)
