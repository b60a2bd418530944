"""Vortices, fluxoids and windings of stored fields.

The phase of psi winds by 2 pi times an integer around every closed line on which psi does not vanish.  Along a side of
a cell psi of a gauge-covariant element turns by

    int A.dl + arg(psi_2 psi_1* exp(-i int A.dl)),

the argument between -pi and pi; the sum around a cell is 2 pi times that integer, exactly.  The fluxoid
int (A + q/n).dl = int grad(arg psi).dl of a closed line is the same integer times 2 pi, one flux quantum each.
A comes in by its values at the vertices, None where there is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

ZERO = 1e-12
"""|psi| that is none."""


class Vortices(NamedTuple):
    """Vortices of the plane: places (count, 2) in xi and windings (count,)."""

    x: Array
    winding: Index


def turns(psi: Complex, x: Array | None = None, A: Array | None = None) -> Array:
    """Turn of the phase around closed polygons (...,), psi (m, ...) at their corners in order.

    A (dim, m, ...): at the corners x (dim, m, ...), linear along the sides.
    """
    gain = np.roll(psi, -1, axis=0) * psi.conj()
    if A is None or x is None:
        return np.angle(gain).sum(axis=0)
    along = 0.5 * np.sum((A + np.roll(A, -1, axis=1)) * (np.roll(x, -1, axis=1) - x), axis=0)
    return (along + np.angle(gain * np.exp(-1j * along))).sum(axis=0)


def winding_numbers(psi: Complex, x: Array | None = None, A: Array | None = None) -> Index:
    """How many times the phase winds around closed polygons (...,): `turns` in whole numbers."""
    return np.asarray(np.rint(turns(psi, x, A) / (2 * np.pi))).astype(np.intp)


def windings(mesh: Any, psi: Complex, A: Array | None = None) -> Index:
    """Anticlockwise winding of the phase around each cell of a plane mesh; psi (vertices,), A (2, vertices)."""
    if mesh.dim() != 2:
        raise InputError("vortices are points in the plane only", key="mesh", allowed="a mesh of two dimensions")
    cells, x = mesh.t, mesh.p[:, mesh.t]  # (2, corners, cells)
    area = 0.5 * np.sum(x[0] * np.roll(x[1], -1, axis=0) - np.roll(x[0], -1, axis=0) * x[1], axis=0)
    return winding_numbers(psi[cells], x, None if A is None else A[:, cells]) * np.sign(area).astype(np.intp)


def vortices(
    mesh: Any, psi: Complex, A: Array | None = None, *, held: Mask | None = None, noise: float = 0.0
) -> Vortices:
    """Cells of a plane mesh around which the phase winds; psi (vertices,) and A (2, vertices) at its vertices.

    `held` (vertices,): where psi is prescribed, as 0 on a normal contact: it has no phase there, so that cells at such
    a zero are left out; so are cells in which |psi| is nowhere above `noise`.

    The place is that where psi vanishes, by linear interpolation (least squares in quadrilaterals).
    """
    winding = windings(mesh, psi, A)
    hit = np.flatnonzero(winding * _counted(mesh.t, np.abs(psi) <= max(noise, ZERO), held))
    places = np.empty((hit.size, 2))
    for k, cell in enumerate(hit):
        around = mesh.t[:, cell]
        x, values = mesh.p[:, around], psi[around]
        middle = x.mean(axis=1)
        if A is not None:  # carried to the middle
            there = A[:, around]
            way = middle[:, None] - x
            values = values * np.exp(0.5j * np.sum((there + there.mean(axis=1, keepdims=True)) * way, axis=0))
        rows = np.column_stack((np.ones(values.size), (x - middle[:, None]).T))
        plane = np.linalg.lstsq(rows, np.column_stack((values.real, values.imag)), rcond=None)[0]
        step = np.linalg.lstsq(plane[1:].T, -plane[0], rcond=None)[0]
        limit = np.abs(x - middle[:, None]).max(axis=1)
        places[k] = middle + np.clip(step, -limit, limit)
    return Vortices(places, winding[hit])


def _counted(cells: Index, dark: Mask, held: Mask | None) -> Mask:
    """Cells (cells,) in which psi has a phase: not `dark` (vertices,) at all corners, nor where it is prescribed so."""
    counts = ~np.all(dark[cells], axis=0)
    if held is not None:
        counts &= ~np.any((held & dark)[cells], axis=0)
    return counts


class Vorticity:
    """Vortices less antivortices of a plane mesh, for many states: what `vortices` finds there, added up.

    The windings of cells add up to the turn of the phase around all of them: only edges that belong to one of them
    are looked at.
    """

    def __init__(self, mesh: Any) -> None:
        self.cells, self._x = mesh.t, mesh.p
        x, y = mesh.p[:, mesh.t]
        area = np.sum(x * np.roll(y, -1, axis=0) - np.roll(x, -1, axis=0) * y, axis=0)
        sides = np.stack([mesh.t, np.roll(mesh.t, -1, axis=0)]).reshape(2, -1)
        self.ends, self._edge = np.unique(np.sort(sides, axis=0), axis=1, return_inverse=True)
        self._edge = self._edge.reshape(mesh.t.shape)
        self._sign = np.where(sides[0] < sides[1], 1, -1).reshape(mesh.t.shape) * np.sign(area).astype(int)
        self._dark: Mask | None = None

    def __call__(self, psi: Complex, A: Array | None = None, *, held: Mask | None = None, noise: float = 0.0) -> Index:
        """The counts (m,) of m states, psi (m, vertices) and A (m, 2, vertices); the rest as for `vortices`."""
        found = np.empty(len(psi), dtype=np.intp)
        for k, state in enumerate(psi):
            dark = np.abs(state) <= max(noise, ZERO)
            if self._dark is None or not np.array_equal(dark, self._dark):
                self._surround(_counted(self.cells, dark, held))
                self._dark = dark
            a, b = state[self._rim]
            along = np.zeros(a.size) if A is None else self._along(A[k])
            found[k] = round(float((along + np.angle(b * a.conj() * np.exp(-1j * along))) @ self._times) / (2 * np.pi))
        return found

    def _along(self, A: Array) -> Array:
        """int A.dl along the edges that are looked at, from A (2, vertices)."""
        first, second = self._rim
        return 0.5 * np.sum((A[:, first] + A[:, second]) * (self._x[:, second] - self._x[:, first]), axis=0)

    def _surround(self, counted: Mask) -> None:
        """The edges around some of the cells (cells,), with how many times each is passed, and which way."""
        edge, sign = self._edge[:, counted].ravel(), self._sign[:, counted].ravel()
        times = np.bincount(edge, sign, minlength=self.ends.shape[1])
        self._rim, self._times = self.ends[:, times != 0], times[times != 0]


class Line(NamedTuple):
    """Vertices of a line of a plane mesh in order; `open`: it leads once round a ring, from an end to its twin."""

    vertices: Index
    open: bool = False

    def turns(self, psi: Complex, x: Array, A: Array | None = None) -> Index:
        """How often the phase turns along it (...,): psi (vertices, ...), x and A (2, vertices, ...) there."""
        if not self.open:
            return winding_numbers(psi, x, A)
        gain = psi[1:] * psi[:-1].conj()
        along = np.zeros(1) if A is None else 0.5 * np.sum((A[:, 1:] + A[:, :-1]) * np.diff(x, axis=1), axis=0)
        whole = (along + np.angle(gain * np.exp(-1j * along))).sum(axis=0)
        return np.asarray(np.rint(whole / (2 * np.pi))).astype(np.intp)


def line_of(mesh: Any, facets: Index, ring: Array | None = None) -> Line:
    """The closed line that the facets of a plane mesh make, anticlockwise; or one that leads once round a ring.

    `ring` (2,): the way from one periodic end to the other.  Raises InputError, with the key `boundary`.
    """
    if ring is not None:
        neighbours = _neighbours(mesh, facets)
        tips = [vertex for vertex, others in neighbours.items() if len(others) == 1]
        if len(tips) == 2:
            return _round_line(mesh, neighbours, tips, ring)
    return Line(closed_line(mesh, facets))


def _neighbours(mesh: Any, facets: Index) -> dict[int, list[int]]:
    """Neighbours of each vertex along the facets of a plane mesh."""
    found: dict[int, list[int]] = {}
    for a, b in mesh.facets[:, facets].T:
        found.setdefault(int(a), []).append(int(b))
        found.setdefault(int(b), []).append(int(a))
    return found


def closed_line(mesh: Any, facets: Index) -> Index:
    """Vertices of the closed line that the facets of a plane mesh make, anticlockwise.

    Raises InputError, with the key `boundary`, unless they make one.
    """
    neighbours, start = _neighbours(mesh, facets), int(mesh.facets[0, facets[0]])
    loop = [start, neighbours[start][0]]
    while loop[-1] != start:
        onward = [v for v in neighbours[loop[-1]] if v != loop[-2]]
        if len(onward) != 1:
            break
        loop.append(onward[0])
    if loop[-1] != start or len(loop) != len(neighbours) + 1:
        raise InputError("is no closed line", key="boundary", allowed="the edge of one hole")
    ring = np.array(loop[:-1])
    x, y = mesh.p[:, ring]
    return ring if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0 else ring[::-1]


def _round_line(mesh: Any, neighbours: dict[int, list[int]], tips: list[int], ring: Array) -> Line:
    """The line from one of two vertices to the other, its twin."""
    first, last = sorted(tips, key=lambda vertex: float(ring @ mesh.p[:, vertex]))
    way = [first]
    while way[-1] != last:
        onward = [v for v in neighbours[way[-1]] if len(way) < 2 or v != way[-2]]
        if len(onward) != 1:
            break
        way.append(onward[0])
    if len(way) != len(neighbours) or not np.allclose(mesh.p[:, last] - mesh.p[:, first], ring):
        raise InputError(
            "does not lead once round", key="boundary", allowed="an edge from one periodic end to the other"
        )
    return Line(np.array(way), open=True)


def fluxoid(mesh: Any, psi: Complex, facets: Index, A: Array | None = None, ring: Array | None = None) -> int:
    """Flux quanta through the hole that the facets of a plane mesh surround: turns of the phase, anticlockwise.

    Or turns along an edge that leads once round a ring.
    """
    line = line_of(mesh, facets, ring)
    on = line.vertices
    return int(line.turns(psi[on], mesh.p[:, on], None if A is None else A[:, on]))
