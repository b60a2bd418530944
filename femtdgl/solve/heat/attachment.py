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
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.heat import Heat, Join, Units
from femtdgl.solve.heat.places import Spread, place_of
from femtdgl.solve.heat.temperatures import Temperatures
from femtdgl.solve.space import Space

Array = NDArray[np.float64]
Index = NDArray[np.intp]


class End(NamedTuple):
    """How an end reads its temperature at the points, and how it takes the power that leaves there."""

    read: Spread
    load: Spread

    @classmethod
    def of_node(cls, number: int, points: int) -> End:
        """A lumped node, the same at every point."""
        return cls(*2 * (Spread.number_at(number, points),))


class Attachment:
    """One link of a heated filament; `power(T)` is what leaves its first end."""

    def __init__(self, name: str, join: Join, space: Space, temperatures: Temperatures, units: Units) -> None:
        self.name, self.link, self.units = name, join.link, units
        count = temperatures.fixed.size
        ends = [temperatures.nodes.get(end) for end in join.between]
        named = [end for end, node in zip(join.between, ends, strict=True) if node is None]
        self.evenly: Spread | None = None
        self.mean = temperatures.means.get(name)
        at_place, self.share = End.of_node(0, 1), np.ones(1)  # of two nodes: no end is a place
        if named:
            place = place_of(named[0], space, units)
            spread = place.spread.shifted(temperatures.N if join.side == "phonons" and temperatures.fields == 2 else 0)
            at_place, self.share = End(spread, spread), place.shares(join.per_size)
            if self.mean is not None:
                self.evenly = spread.mean(self.share, count)
                at_place, self.share = End(Spread.number_at(self.mean, 1), self.evenly), self.share.sum(keepdims=True)
        self.share = self.share / units.power
        self.ends = [at_place if node is None else End.of_node(node, self.share.size) for node in ends]
        self.reads = [end.read.matrix(count) for end in self.ends]
        self.loads = [end.load.matrix(count).T.tocsr() for end in self.ends]

    # ---- powers -------------------------------------------------------------------------------------------

    def _at(self, T: Array) -> tuple[Array, Array]:
        a, b = ((read @ T.T).T * self.units.temperature for read in self.reads)
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
        try:
            P = self.link.powers(a.ravel(), b.ravel())
        except InputError as error:  # too hot for its model: says of which link
            raise error.at(key=f"heat.links.{self.name}") from None
        return P.reshape(a.shape), (P + self.link.extra(a.ravel(), b.ravel())[0]).reshape(a.shape)

    def power(self, T: Array) -> tuple[Any, Any]:
        """Power that leaves the first end, and that the second receives, reduced; T (..., count)."""
        leaves, comes = self._powers(T)
        return leaves @ self.share, comes @ self.share

    def add_rows(self, T: Array, R: Array) -> None:
        """Adds the powers to the rows R (..., count); and the equation of the mean, where there is one."""
        leaves, comes = self._powers(T)
        R += (self.loads[0] @ (self.share * leaves).T - self.loads[1] @ (self.share * comes).T).T
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
            weight = self.evenly.weight[0]
            values += [np.ones_like(weight[:1]), -weight]
        return values


def attachments(heat: Heat, space: Space, temperatures: Temperatures, units: Units) -> tuple[Attachment, ...]:
    """One for each link.  Raises InputError, with the key, where an end is no place of the mesh and no node."""
    made = []
    for name, join in heat.links.items():
        try:
            made.append(Attachment(name, join, space, temperatures, units))
        except InputError as error:
            raise error.at(key=error.key or f"heat.links.{name}.between") from None
    return tuple(made)
