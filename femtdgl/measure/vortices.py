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
from femtdgl.mesh.quality import corners

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

SUPERCONDUCTING = 0.3
"""|psi| from which on the phase counts."""


class Vortices(NamedTuple):
    """Vortices of the plane: places (count, 2) in xi and windings (count,)."""

    x: Array
    winding: NDArray[np.intp]


def turns(psi: Complex, x: Array, A: Array | None) -> Array:
    """Turn of the phase around closed polygons (...,), psi (m, ...) at their corners in order.

    x: the corners (dim, m, ...);  A: there, (dim, m, ...), linear along the sides.
    """
    gain = np.roll(psi, -1, axis=0) * psi.conj()
    if A is None:
        return np.angle(gain).sum(axis=0)
    along = 0.5 * np.sum((A + np.roll(A, -1, axis=1)) * (np.roll(x, -1, axis=1) - x), axis=0)
    return (along + np.angle(gain * np.exp(-1j * along))).sum(axis=0)


def phase_turn(mesh: Any, psi: Complex, A: Array | None = None) -> Array:
    """Largest turn of the phase along a side of each cell, less that of A, (cells,): what an element has to follow.

    Sides on which psi is nearly 0 do not count, as the phase turns round a zero on any mesh.
    """
    first, second = (mesh.t[list(ends)] for ends in zip(*corners(type(mesh).__name__)[1], strict=True))
    gain = psi[second] * psi[first].conj()
    if A is not None:
        d = mesh.p[:, second] - mesh.p[:, first]
        gain = gain * np.exp(-0.5j * np.sum((A[:, first] + A[:, second]) * d, axis=0))
    seen = np.minimum(np.abs(psi[first]), np.abs(psi[second])) > SUPERCONDUCTING
    return np.where(seen, np.abs(np.angle(gain)), 0.0).max(axis=0)


def winding_number(psi: Complex, x: Array | None = None, A: Array | None = None) -> int:
    """Turns of the phase along a closed line, psi (m,) at its points in order; with A (dim, m) also x (dim, m)."""
    return round(float(turns(psi, np.zeros((1, psi.size)) if x is None else x, A)) / (2 * np.pi))


def windings(mesh: Any, psi: Complex, A: Array | None = None) -> NDArray[np.intp]:
    """Anticlockwise winding of the phase around each cell of a plane mesh; psi (vertices,), A (2, vertices)."""
    if mesh.dim() != 2:
        raise InputError("vortices are points in the plane only", key="mesh", allowed="a mesh of two dimensions")
    cells, x = mesh.t, mesh.p[:, mesh.t]  # (2, corners, cells)
    area = 0.5 * np.sum(x[0] * np.roll(x[1], -1, axis=0) - np.roll(x[0], -1, axis=0) * x[1], axis=0)
    turn = turns(psi[cells], x, None if A is None else A[:, cells])
    return np.rint(turn / (2 * np.pi)).astype(np.intp) * np.sign(area).astype(np.intp)


def vortices(
    mesh: Any, psi: Complex, A: Array | None = None, *, held: NDArray[np.bool_] | None = None, noise: float = 0.0
) -> Vortices:
    """Cells of a plane mesh around which the phase winds; psi (vertices,) and A (2, vertices) at its vertices.

    `held` (vertices,): where psi is prescribed, as 0 on a normal contact: it has no phase there, so that cells at such
    a zero are left out; so are cells in which |psi| is nowhere above `noise`.

    The place is that where psi vanishes, by linear interpolation (least squares in quadrilaterals).
    """
    winding = windings(mesh, psi, A)
    size = np.abs(psi[mesh.t])
    counts = size.max(axis=0) > noise
    if held is not None:
        counts &= ~np.any(held[mesh.t] & (size <= max(noise, 1e-12)), axis=0)
    hit = np.flatnonzero(winding * counts)
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


def fluxoid(mesh: Any, psi: Complex, facets: NDArray[np.intp], A: Array | None = None) -> int:
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
    return int(sense) * winding_number(psi[ring], mesh.p[:, ring], None if A is None else A[:, ring])
