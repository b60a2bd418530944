"""Attachment: what joins a link to a boundary or to the whole surface of a filament, or to a lumped node.

A link answers with the power P that leaves its end a and the extra power W that its end b receives.  At the points of
a place, with shares s of its size, and with r_a, r_b the matrices that read the temperatures of the ends there,

    P_i = P(T_a,i, T_b,i),      rows += l_a^T (s P),      rows -= l_b^T (s (P + W)).

The l say whose rows take the power.  They are the r, shape functions at the points or a 1 at a node, except for a link
that sees the mean temperature of its place: it reads that one number, and its heat leaves evenly.  As the columns of
each l add up to one, what leaves the field is what the node receives, to rounding.

Powers are reduced by the unit of power, temperatures are in Tc (`heat.Units`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.heat import SURFACE, VOLUME, Heat, Join, Units
from femtdgl.solve.space import Space
from femtdgl.solve.temperatures import Temperatures

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class Spread(NamedTuple):
    """Numbers of temperatures (points, m) and weights (points, m): a row a point."""

    number: Index
    weight: Array

    def matrix(self, count: int) -> sp.csr_matrix:
        """(points, count)."""
        rows = np.broadcast_to(np.arange(self.number.shape[0])[:, None], self.number.shape)
        return sp.csr_matrix((self.weight.ravel(), (rows.ravel(), self.number.ravel())), shape=(len(rows), count))


class End(NamedTuple):
    """How an end reads its temperature at the points, and how it takes the power that leaves there."""

    read: Spread
    load: Spread


class Attachment:
    """One link of a heated filament; `power(T)` is what leaves its first end."""

    def __init__(self, name: str, join: Join, space: Space, temperatures: Temperatures, units: Units) -> None:
        self.name, self.link, self.units = name, join.link, units
        places = [end for end in join.between if end not in temperatures.nodes]
        self.share, spread = np.ones(1), None
        self.mean: int | None = None
        if places:
            dofs, values, weights, size = place_of(places[0], space, units)
            spread = Spread(
                dofs + (temperatures.N if join.side == "phonons" and temperatures.fields == 2 else 0), values
            )
            self.share = weights / weights.sum()
            if join.per_size:
                self.share = self.share * size
            self.mean = temperatures.means.get(name)
        self.share = self.share / units.power
        self.evenly: Spread | None = None
        if self.mean is not None and spread is not None:
            row = spread.matrix(temperatures.fixed.size).T @ (self.share / self.share.sum())
            used = np.flatnonzero(row)
            self.evenly = Spread(used[None], row[used][None])
            self.share = self.share.sum(keepdims=True)
        self.ends = [self._end(end, temperatures, spread) for end in join.between]
        self._read = [end.read.matrix(temperatures.fixed.size) for end in self.ends]
        self._load = [end.load.matrix(temperatures.fixed.size).T.tocsr() for end in self.ends]

    def _end(self, end: str, temperatures: Temperatures, spread: Spread | None) -> End:
        points = self.share.size
        if end in temperatures.nodes:
            node = Spread(np.full((points, 1), temperatures.nodes[end]), np.ones((points, 1)))
            return End(node, node)
        assert spread is not None
        if self.evenly is None:
            return End(spread, spread)
        return End(Spread(np.array([[self.mean]]), np.ones((1, 1))), self.evenly)

    # ---- powers -------------------------------------------------------------------------------------------

    def _at(self, T: Array) -> tuple[Array, Array]:
        a, b = ((read @ T.T).T * self.units.temperature for read in self._read)
        return a, b

    def require_within_limits(self, T: Array) -> None:
        """Dies, naming the link, where an end is hotter than its model allows; T (count,)."""
        for seen, limit in zip(self._at(T), self.link.limits, strict=True):
            if seen.max() > limit:
                raise InputError(
                    f"sees {seen.max():.6g} K at the start, where its model does not hold",
                    key=f"heat.links.{self.name}",
                    allowed=f"up to {limit:.6g} K",
                )

    def _powers(self, T: Array) -> tuple[Array, Array]:
        a, b = self._at(T)
        P = self.link.powers(a.ravel(), b.ravel())
        return P.reshape(a.shape), (P + self.link.extra(a.ravel(), b.ravel())[0]).reshape(a.shape)

    def power(self, T: Array) -> tuple[Any, Any]:
        """Power that leaves the first end, and that the second receives, reduced; T (..., count)."""
        leaves, comes = self._powers(T)
        return leaves @ self.share, comes @ self.share

    def add_rows(self, T: Array, R: Array) -> None:
        """Adds the powers to the rows R (..., count); and the equation of the mean, where there is one."""
        leaves, comes = self._powers(T)
        R += (self._load[0] @ (self.share * leaves).T - self._load[1] @ (self.share * comes).T).T
        if self.evenly is not None:
            R[..., self.mean] += T[..., self.mean] - T[..., self.evenly.number[0]] @ self.evenly.weight[0]

    # ---- Jacobian -----------------------------------------------------------------------------------------

    def entries(self) -> list[tuple[Index, Index]]:
        """Rows and columns of the entries, in the order of `slopes`."""
        pairs = []
        for out in self.ends:
            for into in self.ends:
                shape = (*out.load.number.shape, into.read.number.shape[1])
                rows = np.broadcast_to(out.load.number[:, :, None], shape)
                pairs.append((rows, np.broadcast_to(into.read.number[:, None, :], shape)))
        if self.evenly is not None and self.mean is not None:
            mean = np.array([self.mean])
            pairs += [(mean, mean), (np.full_like(self.evenly.number[0], self.mean), self.evenly.number[0])]
        return pairs

    def slopes(self, T: Array) -> list[Array]:
        """d rows/dT at the entries."""
        a, b = self._at(T)
        unit = self.share * self.units.temperature
        P = self.link.gradients(a, b)
        _, *W = self.link.extra(a, b)
        values = []
        for k, out in enumerate(self.ends):
            for i, into in enumerate(self.ends):
                slope = unit * P[i] if k == 0 else -unit * (P[i] + W[i])
                values.append(slope[:, None, None] * out.load.weight[:, :, None] * into.read.weight[:, None, :])
        if self.evenly is not None:
            values += [np.ones(1), -self.evenly.weight[0]]
        return values


def attachments(heat: Heat, space: Space, temperatures: Temperatures, units: Units) -> tuple[Attachment, ...]:
    """One for each link.  Raises InputError, with the key, where an end is no place of the mesh and no node."""
    made = []
    for name, join in heat.links.items():
        try:
            made.append(Attachment(name, join, space, temperatures, units))
        except InputError as error:
            raise error.at(key=f"heat.links.{name}.between") from None
    return tuple(made)


def place_of(place: str, space: Space, units: Units) -> tuple[Index, Array, Array, float]:
    """Nodes (points, m) and shape functions there (points, m), weights (points,), and the size of a place, m^2 or m^3.

    "surface" is one face of a filament of one or two dimensions; a boundary is a cross-section, an edge times the
    thickness, or a face.
    """
    import skfem

    xi, dim = units.length, space.dim
    if place in (SURFACE, VOLUME):
        dofs, value, _, weight = space.elements
        (ne, points), local = weight.shape, dofs.shape[1]
        numbers = np.repeat(dofs, points, axis=0).astype(np.intp)
        values = np.broadcast_to(value, (ne, points, local)).reshape(-1, local)
        weights = (space.basis.dx if place == SURFACE else weight).ravel()
        if place == SURFACE and dim == 3:
            raise InputError(
                f"{place!r} is no place of a filament of three dimensions", allowed="a boundary, or volume"
            )
        across = {1: units.width, 2: xi, 3: 1.0} if place == SURFACE else {
            1: units.cross_section, 2: xi * units.thickness, 3: xi * xi
        }  # fmt: skip
    else:
        if place not in (space.mesh.boundaries or {}):
            known = ", ".join([*(space.mesh.boundaries or {}), SURFACE, VOLUME])
            raise InputError(f"{place!r} is no boundary and no node", allowed=known)
        facets = skfem.FacetBasis(space.mesh, space.element, facets=place, intorder=2 * space.order + 2)
        local = facets.element_dofs.shape[0]
        shapes = [np.broadcast_to(np.asarray(facets.basis[i][0]), facets.dx.shape) for i in range(local)]
        numbers = np.repeat(facets.element_dofs.T, facets.dx.shape[1], axis=0).astype(np.intp)
        values = np.stack(shapes, axis=2).reshape(-1, local)
        depth = np.ones(facets.dx.shape)
        if space.thickness is not None:
            depth *= space.thickness[space.mesh.f2t[0, facets.find], None]
        weights = (facets.dx * depth).ravel()
        across = {1: units.cross_section / xi, 2: units.thickness, 3: xi}
    size = float(weights.sum()) * xi * across[dim]
    if not np.isfinite(size):
        raise InputError(
            "needs the size of its place", allowed="width and thickness in [heat], or a link with its own size"
        )
    return numbers, values, weights, size
