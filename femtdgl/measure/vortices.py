"""Vortices, fluxoids and windings of stored fields.

The phase of psi winds by 2 pi times an integer around every closed line on which psi does not vanish; along the sides
of a cell the sum of the principal differences arg(psi_2 psi_1*) is that integer, exactly.  A does not enter: the
fluxoid int (A + q/n).dl = int grad(arg psi).dl of a closed line is the same integer times 2 pi, one flux quantum each.
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


def winding_numbers(psi: Complex) -> Index:
    """Turns of the phase along a closed line (...,), psi (..., m) at its points in order."""
    turned = np.angle(np.roll(psi, -1, axis=-1) * psi.conj()).sum(axis=-1)
    return np.asarray(np.rint(turned / (2 * np.pi))).astype(np.intp)


def winding_number(psi: Complex) -> int:
    """Turns of the phase along a closed line, psi (m,) at its points in order."""
    return int(winding_numbers(psi))


def vortices(mesh: Any, psi: Complex, *, held: Mask | None = None, noise: float = 0.0) -> Vortices:
    """Cells of a plane mesh around which the phase winds; psi (vertices,) at the vertices of the mesh.

    `held` (vertices,): where psi is prescribed, as 0 on a normal contact: it has no phase there, so that cells at such
    a zero are left out; so are cells in which |psi| is nowhere above `noise`.

    The place is that where psi vanishes, by linear interpolation (least squares in quadrilaterals).
    """
    if mesh.dim() != 2:
        raise InputError("vortices are points in the plane only", key="mesh", allowed="a mesh of two dimensions")
    cells = mesh.t
    corners = psi[cells]  # (corners, cells)
    points = mesh.p[:, cells]  # (2, corners, cells)
    area = 0.5 * np.sum(points[0] * np.roll(points[1], -1, axis=0) - np.roll(points[0], -1, axis=0) * points[1], axis=0)
    turn = np.angle(np.roll(corners, -1, axis=0) * corners.conj()).sum(axis=0)
    winding = np.rint(turn / (2 * np.pi)).astype(np.intp) * np.sign(area).astype(np.intp)
    hit = np.flatnonzero(winding * _counted(cells, np.abs(psi) <= max(noise, ZERO), held))
    places = np.empty((hit.size, 2))
    for k, cell in enumerate(hit):
        x, values = points[:, :, cell], corners[:, cell]
        middle = x.mean(axis=1)
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
        self.cells = mesh.t
        x, y = mesh.p[:, mesh.t]
        area = np.sum(x * np.roll(y, -1, axis=0) - np.roll(x, -1, axis=0) * y, axis=0)
        sides = np.stack([mesh.t, np.roll(mesh.t, -1, axis=0)]).reshape(2, -1)
        self.ends, self._edge = np.unique(np.sort(sides, axis=0), axis=1, return_inverse=True)
        self._edge = self._edge.reshape(mesh.t.shape)
        self._sign = np.where(sides[0] < sides[1], 1, -1).reshape(mesh.t.shape) * np.sign(area).astype(int)
        self._dark: Mask | None = None

    def __call__(self, psi: Complex, *, held: Mask | None = None, noise: float = 0.0) -> Index:
        """The counts (m,) of m states, psi (m, vertices); `held` and `noise` as for `vortices`."""
        found = np.empty(len(psi), dtype=np.intp)
        for k, state in enumerate(psi):
            dark = np.abs(state) <= max(noise, ZERO)
            if self._dark is None or not np.array_equal(dark, self._dark):
                self._surround(_counted(self.cells, dark, held))
                self._dark = dark
            a, b = state[self._rim]
            found[k] = round(float(np.angle(b * a.conj()) @ self._times) / (2 * np.pi))
        return found

    def _surround(self, counted: Mask) -> None:
        """The edges around some of the cells (cells,), with how many times each is passed, and which way."""
        edge, sign = self._edge[:, counted].ravel(), self._sign[:, counted].ravel()
        times = np.bincount(edge, sign, minlength=self.ends.shape[1])
        self._rim, self._times = self.ends[:, times != 0], times[times != 0]


def closed_line(mesh: Any, facets: Index) -> Index:
    """Vertices of the closed line that the facets of a plane mesh make, anticlockwise.

    Raises InputError, with the key `boundary`, unless they make one.
    """
    ends = mesh.facets[:, facets]
    neighbours: dict[int, list[int]] = {}
    for a, b in ends.T:
        neighbours.setdefault(int(a), []).append(int(b))
        neighbours.setdefault(int(b), []).append(int(a))
    start = int(ends[0, 0])
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


def fluxoid(mesh: Any, psi: Complex, facets: Index) -> int:
    """Flux quanta through the hole that the facets of a plane mesh surround: turns of the phase, anticlockwise."""
    return winding_number(psi[closed_line(mesh, facets)])
