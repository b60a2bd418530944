"""Parallel transport from the nodes of each element to its points: what makes the elements gauge-covariant.

The equations (9.1) to (9.3) stand in `equations.vector_potential`.  A uniform field is done in closed form.  A general
A(x, t) is taken at the nodes of the elements of order 2, once for each time, and interpolated between them as a 1-form:
not its components along x, but those along the sides of the reference cell.  The integrals along the lines from node to
point (of the reference cell; two Gauss points) and their gradients are then fixed linear functions of the nodal values.
On a side or a face only its own nodes enter, so that psi is continuous.  A linear in x comes out exactly, and so does
a change of gauge by grad chi, chi linear in x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.vector_potential import uniform_phase
from femtdgl.problem.drive import UniformField
from femtdgl.problem.problem import Potential
from femtdgl.solve.space import ELEMENTS, Space

Array = NDArray[np.float64]

GAUSS = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3)
"""The two Gauss points of a line from 0 to 1, of weight 1/2 each."""
LONG = 8
"""Gauss points for lines that are longer than a cell."""


class Transport(NamedTuple):
    """From node i of element e to its point p, at one time.   d_t p and d_t A are None where A stands still."""

    cos: Any  # (ne, points, local) of p_i
    sin: Any
    a: Any  # (ne, points, local, dim) grad p_i - A
    rate: Any  # (ne, points, local) d_t p_i, or None
    A_t: Any  # (nq, dim) d_t A, or None


class UniformTransport:
    """Transport in a uniform field, in closed form."""

    def __init__(self, space: Space, field: UniformField) -> None:
        self.space, self.field = space, field
        self.x = np.ascontiguousarray((space.x - field.center[:, None]).T)  # (nq, dim)
        self.nodes = np.ascontiguousarray((space.nodes - field.center[:, None]).T)  # (N, dim)
        self._made: Transport | None = None
        self._known = np.empty(0)  # B and d_t B of it

    def at(self, t: float) -> Transport:
        """The transport at a time; it lasts until that in another field is asked for."""
        known = np.array([[getattr(c, name)(t) for c in self.field.components] for name in ("__call__", "slope")])
        if self._made is None or not np.array_equal(known, self._known):
            self._made, self._known = self._make(*known), known
        return self._made

    def _make(self, B: Array, slope: Array) -> Transport:
        """That in a field; without rates where it stands still."""
        from femtdgl.solve.covariant_loops import uniform_loop

        cos, sin, a, rate, A_t = self._room
        still = not slope.any()
        made = Transport(cos, sin, a, None, None) if still else Transport(cos, sin, a, rate, A_t)
        uniform_loop(self.space.elements.dofs, self.nodes, self.x, B, None if still else slope, *made)
        return made

    @cached_property
    def _room(self) -> Transport:
        ne, local = self.space.elements.dofs.shape
        shape = (ne, self.space.elements.weight.shape[1], local)
        vectors = np.empty((*shape, self.space.dim)), np.empty_like(self.x)
        return Transport(np.empty(shape), np.empty(shape), vectors[0], np.empty(shape), vectors[1])


class InterpolatedTransport:
    """Transport in a general A(x, t): see the module."""

    def __init__(self, space: Space, potential: Potential) -> None:
        import skfem

        self.space, self.potential = space, potential
        quadratic = getattr(skfem, ELEMENTS[type(space.mesh).__name__, 2])()
        basis = skfem.CellBasis(space.mesh, quadratic, intorder=2, elements=space.basis.tind)
        self.places: Array = basis.doflocs  # (dim, nodes of order 2)
        self.dofs = basis.element_dofs.T  # (ne, k)
        mapping, elements = space.basis.mapping, space.basis.tind
        self.slope = np.moveaxis(mapping.DF(quadratic.doflocs.T, elements), (2, 3), (0, 1))  # (ne, k, dim, dim)
        self.inverse = np.moveaxis(mapping.invDF(space.basis.X, elements), (2, 3), (0, 1))  # (ne, points, dim, dim)
        self._phase, self._radial, self._value = self._tables(quadratic)
        self._made: tuple[float, Transport] | None = None
        self._known: tuple[Array, ...] = ()  # A and d_t A of the last

    def _tables(self, quadratic: Any) -> tuple[Array, Array, Array]:
        """Line integrals (k dim, points local), a (k dim, points local dim) and A (k dim, points dim), from the nodal
        1-form (ne, k dim), in the reference cell.
        """
        X, nodes, dim = self.space.basis.X.T, self.space.element.doflocs, self.space.dim  # (points, dim), (local, dim)
        D = X[:, None, :] - nodes  # (points, local, dim)
        count, one = quadratic.doflocs.shape[0], np.eye(dim)

        def shapes(at: Array) -> tuple[Array, Array]:
            """Shape functions of order 2 (k, ...) and their gradients (dim, k, ...) at points (..., dim)."""
            made = [quadratic.lbasis(np.moveaxis(at, -1, 0).reshape(dim, -1), k) for k in range(count)]
            values = np.stack([np.broadcast_to(v, (at.size // dim,)) for v, _ in made])
            slopes = np.stack([np.broadcast_to(g, (dim, at.size // dim)) for _, g in made], axis=1)
            return values.reshape(count, *at.shape[:-1]), slopes.reshape(dim, count, *at.shape[:-1])

        here = shapes(X)[0]
        phase = np.zeros((count, dim, *D.shape[:2]))
        radial = np.zeros((count, dim, *D.shape)) - np.einsum("kp,dc->kdpc", here, one)[:, :, :, None, :]
        for s in GAUSS:
            value, slope = shapes(nodes + s * D)
            phase += 0.5 * np.einsum("kpi,pid->kdpi", value, D)
            radial += 0.5 * np.einsum("kpi,dc->kdpic", value, one)
            radial += 0.5 * s * np.einsum("ckpi,pid->kdpic", slope, D)
        known = np.einsum("kp,dc->kdpc", here, one)
        return tuple(table.reshape(count * dim, -1) for table in (phase, radial, known))  # type: ignore[return-value]

    def at(self, t: float) -> Transport:
        """The transport at a time."""
        if self._made is None or self._made[0] != t:
            self._made = (t, self._make(t))
        return self._made[1]

    def _make(self, t: float) -> Transport:
        space = self.space
        ne, local = space.elements.dofs.shape
        shape = (ne, space.elements.weight.shape[1], local)
        now = tuple(np.array(np.broadcast_to(part, self.places.shape)) for part in self.potential(self.places, t))
        if self._made is not None and all(map(np.array_equal, now, self._known)):
            return self._made[1]  # it stands still
        self._known = now
        A, A_t = (self._as_form(part) for part in now)
        p = A @ self._phase
        a = np.einsum("epcd,epic->epid", self.inverse, (A @ self._radial).reshape(*shape, space.dim), optimize=True)
        turns = np.cos(p).reshape(shape), np.sin(p).reshape(shape)
        if not A_t.any():
            return Transport(*turns, a, None, None)
        at_points = np.einsum("epcd,epc->epd", self.inverse, (A_t @ self._value).reshape(*shape[:2], space.dim))
        return Transport(*turns, a, (A_t @ self._phase).reshape(shape), at_points.reshape(space.nq, space.dim))

    def _as_form(self, A: Array) -> Array:
        """Components along the sides of the reference cell, (ne, k dim), of a vector at the nodes (dim, nodes)."""
        return np.einsum("ekdc,dek->ekc", self.slope, A[:, self.dofs]).reshape(self.dofs.shape[0], -1)


class Transports:
    """The transports at several times, made one after the other as they are asked for."""

    def __init__(self, make: Callable[[float], Transport], times: Array) -> None:
        self._make, self._times = make, times

    def __iter__(self) -> Iterator[Transport]:
        return (self._make(float(t)) for t in self._times)


def transport_of(
    space: Space, potential: Potential | UniformField | None
) -> UniformTransport | InterpolatedTransport | None:
    """What carries psi within the elements of a space; None without a vector potential."""
    if potential is None:
        return None
    if isinstance(potential, UniformField):
        return UniformTransport(space, potential)
    return InterpolatedTransport(space, potential)


def line_integral(
    potential: Potential | UniformField, start: Array, end: Array, t: float, points: int = 2
) -> tuple[Array, Array]:
    """int A.dl and int d_t A.dl along straight lines, (n,) each.   start, end: (dim, n).

    A uniform field is done in closed form, a general one by so many Gauss points.
    """
    middle, d = 0.5 * (start + end), end - start
    if isinstance(potential, UniformField):
        middle = middle - potential.center[:, None]
        components = potential.components
        B, slope = (np.array([getattr(c, name)(t) for c in components]) for name in ("__call__", "slope"))
        return uniform_phase(middle, d, B), uniform_phase(middle, d, slope)
    nodes, weights = np.polynomial.legendre.leggauss(points)
    there = (middle[:, None] + 0.5 * nodes[:, None] * d[:, None]).reshape(d.shape[0], -1)  # (dim, points n)
    A, A_t = (np.broadcast_to(part, there.shape).reshape(d.shape[0], points, -1) for part in potential(there, t))
    return tuple(0.5 * weights @ np.sum(part * d[:, None], axis=0) for part in (A, A_t))
