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


class Vortices(NamedTuple):
    """Vortices of the plane: places (count, 2) in xi and windings (count,)."""

    x: Array
    winding: NDArray[np.intp]


def winding_number(psi: Complex) -> int:
    """Turns of the phase along a closed line, psi (m,) at its points in order."""
    return round(float(np.angle(np.roll(psi, -1) * psi.conj()).sum()) / (2 * np.pi))


def vortices(mesh: Any, psi: Complex, *, held: NDArray[np.bool_] | None = None, noise: float = 0.0) -> Vortices:
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
    size = np.abs(corners)
    counts = size.max(axis=0) > noise
    if held is not None:
        counts &= ~np.any(held[cells] & (size <= max(noise, 1e-12)), axis=0)
    hit = np.flatnonzero(winding * counts)
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


def fluxoid(mesh: Any, psi: Complex, facets: NDArray[np.intp]) -> int:
    """Flux quanta through the hole that the facets of a plane mesh surround: turns of the phase, anticlockwise."""
    ends = mesh.facets[:, facets]
    neighbours: dict[int, list[int]] = {}
    for a, b in ends.T:
        neighbours.setdefault(int(a), []).append(int(b))
        neighbours.setdefault(int(b), []).append(int(a))
    start = int(ends[0, 0])
    loop = [start, neighbours[start][0]]
    while loop[-1] != start:
        onward = [v for v in neighbours[loop[-1]] if v != loop[-2]]
        if len(onward) != 1 or len(loop) > len(neighbours):
            raise InputError("is no closed line", key="boundary", allowed="the edge of one hole")
        loop.append(onward[0])
    ring = np.array(loop[:-1])
    x, y = mesh.p[:, ring]
    sense = np.sign(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return int(sense) * winding_number(psi[ring])
