"""Piecewise polynomials on panels with Gauss-Legendre nodes: what the kernel table and the levels stand on.

A function is known by its values at the nodes.  The values are then at once an interpolant (the polynomial of
each panel), a quadrature (exact to degree 2 order - 1 per panel) and an antiderivative (of the interpolant).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import Array
from femtdgl.files.frames import interval


@lru_cache(maxsize=8)
def _reference(order: int) -> tuple[Array, ...]:
    """On [-1, 1]: nodes, weights, values -> Legendre coefficients, and those -> their antiderivative's."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    degree = np.arange(order)
    to_coefficients = (degree + 0.5)[:, None] * np.polynomial.legendre.legvander(nodes, order - 1).T * weights
    antiderivative = np.polynomial.legendre.legint(np.eye(order), lbnd=-1, axis=0)
    return tuple(np.asarray(part, np.float64) for part in (nodes, weights, to_coefficients, antiderivative))


@dataclass(frozen=True)
class Panels:
    """Panels between `edges` (rising), `order` Gauss-Legendre nodes in each."""

    edges: Array
    order: int

    @cached_property
    def nodes(self) -> Array:
        """(panels * order,), rising."""
        half = np.diff(self.edges)[:, None] / 2
        return (self.edges[:-1, None] + half * (1 + _reference(self.order)[0])).ravel()

    @cached_property
    def weights(self) -> Array:
        """Of the quadrature over all panels, (panels * order,)."""
        return (np.diff(self.edges)[:, None] / 2 * _reference(self.order)[1]).ravel()

    @property
    def size(self) -> int:
        """Number of nodes."""
        return (len(self.edges) - 1) * self.order

    def basis(self, x: ArrayLike) -> tuple[Array, Array]:
        """Panel of each x, and the values there of its `order` Lagrange polynomials: (...,), (..., order)."""
        panel, local = self._locate(x)
        return panel, np.polynomial.legendre.legvander(local, self.order - 1) @ _reference(self.order)[2]

    def primitive_basis(self, x: ArrayLike) -> tuple[Array, Array]:
        """As `basis`, for the antiderivatives from the panel's left edge to x."""
        panel, local = self._locate(x)
        _, _, to_coefficients, antiderivative = _reference(self.order)
        half = np.diff(self.edges)[panel] / 2
        values = np.polynomial.legendre.legvander(local, self.order) @ (antiderivative @ to_coefficients)
        return panel, half[..., None] * values

    def gather(self, x: ArrayLike, values: Array) -> Array:
        """The interpolant at x.  values: (size, ...); result: x.shape + (...)."""
        panel, basis = self.basis(x)
        return self._contract(panel, basis, values)

    def integrate(self, x: ArrayLike, values: Array) -> Array:
        """Integral of the interpolant from the first edge to x.  Shapes as in `gather`."""
        blocks = values.reshape(len(self.edges) - 1, self.order, -1)
        per_panel = np.einsum("pi,pik->pk", self.weights.reshape(-1, self.order), blocks)
        left = np.concatenate([np.zeros((1, per_panel.shape[1])), np.cumsum(per_panel, axis=0)[:-1]])
        panel, basis = self.primitive_basis(x)
        rest = values.shape[1:]
        return left[panel].reshape(panel.shape + rest) + self._contract(panel, basis, values)

    def project(self, x: Array, amount: Array) -> Array:
        """c with sum_x amount * F(x) = c . F(nodes) for every F: the transpose of `gather`.

        x, amount: (rows, points).  Result: (rows, size).
        """
        panel, basis = self.basis(x)
        rows = np.arange(len(x))[:, None] * self.size
        index = (rows + panel * self.order)[..., None] + np.arange(self.order)
        total = np.bincount(index.ravel(), (basis * amount[..., None]).ravel(), minlength=len(x) * self.size)
        return np.asarray(total, np.float64).reshape(len(x), self.size)

    def bisected(self, coarse: np.ndarray) -> Panels:
        """With the marked panels cut in two."""
        middles = (self.edges[:-1] + self.edges[1:])[coarse] / 2
        return Panels(np.sort(np.concatenate([self.edges, middles])), self.order)

    def _locate(self, x: ArrayLike) -> tuple[np.ndarray, Array]:
        panel, share = interval(self.edges, x)
        return panel, 2 * share - 1

    def _contract(self, panel: np.ndarray, basis: Array, values: Array) -> Array:
        blocks = values.reshape(len(self.edges) - 1, self.order, -1)
        flat, flat_basis = panel.ravel(), basis.reshape(-1, self.order)
        out = np.zeros((flat.size, blocks.shape[2]))
        for i in range(self.order):
            out += flat_basis[:, i, None] * blocks[flat, i]
        return out.reshape(panel.shape + values.shape[1:])


def adaptive(
    function: Callable[[Array], Array], edges: ArrayLike, order: int, tolerance: float, smallest: float
) -> tuple[Panels, Array, float]:
    """Panels, values and measured error of `function` (x (m,) -> (m, ...)), bisected until it is resolved.

    The error of a panel is measured, not estimated: the largest difference from the function itself between
    the nodes, divided by the largest value anywhere.  No panel is made shorter than `smallest`.
    """
    panels = Panels(np.unique(np.asarray(edges, float)), order)
    known: dict[tuple[float, float], tuple[Array, float, float]] = {}
    inner = np.array([-0.97, -0.61, 0.13, 0.78])  # not symmetric, and no Legendre node
    while True:
        bounds = list(zip(panels.edges[:-1].tolist(), panels.edges[1:].tolist(), strict=True))
        fresh = [bound for bound in bounds if bound not in known]
        if fresh:
            local = np.concatenate([_reference(order)[0], inner])
            x = np.array([(a + b) / 2 + (b - a) / 2 * local for a, b in fresh])
            values = function(x.ravel()).reshape(len(fresh), len(local), -1)
            between = np.polynomial.legendre.legvander(inner, order - 1) @ _reference(order)[2]
            for bound, value in zip(fresh, values, strict=True):
                error = np.max(np.abs(np.einsum("ij,jk->ik", between, value[:order]) - value[order:]))
                known[bound] = value[:order], float(error), float(np.max(np.abs(value)))
        largest = max(max(known[bound][2] for bound in bounds), np.finfo(float).tiny)
        errors = np.array([known[bound][1] for bound in bounds]) / largest
        coarse = (errors > tolerance) & (np.diff(panels.edges) > 2 * smallest)
        if not coarse.any():
            table = np.concatenate([known[bound][0] for bound in bounds])
            return panels, table, float(errors.max())
        panels = panels.bisected(coarse)
