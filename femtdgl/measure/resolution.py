"""Does the mesh resolve what the run shows?  Measured ratios, each of which should be well below 1.

The lengths that a mesh must resolve are that over which |psi| heals, sqrt(2) xi; in a field the magnetic one,
1/sqrt(B); and that over which the phase of psi turns.  What counts is the distance between neighbouring nodes of the
fields: the size of a cell over the order of its elements.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.entry import entry, summary
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

HEALING_LENGTH = float(np.sqrt(2.0))
"""xi."""
SUPERCONDUCTING = 0.3
"""|psi| at both ends of an edge from which on a turn of phase counts: around a zero of psi it must turn."""


@summary
class Resolution:
    """Worst ratios of a run: spacing of the nodes against the lengths of the physics."""

    spacing: float = entry("xi", "largest distance between neighbouring nodes of the fields")
    spacing_median: float = entry("xi", "median distance")
    healing: float = entry("", "spacing over the healing length sqrt(2) xi")
    magnetic: float | None = entry("", "spacing times sqrt(B); null without a field")
    phase_turn: float = entry("rad", "largest turn of the phase of psi between neighbouring nodes, where |psi| > 0.3")
    psi_excess: float = entry("", "largest |psi| over sqrt(eps) where eps is largest: 1 at most, but for a moment")


def edges(system: System) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbouring nodes of the fields, those of an edge of a cell in order: two arrays (edges,)."""
    space = system.space
    cells = space.elements.dofs
    x = space.nodes[:, cells]  # (dim, cells, local)
    local = cells.shape[1]
    pairs = [(i, j) for i in range(local) for j in range(i + 1, local)]
    lengths = np.stack([np.linalg.norm(x[:, :, i] - x[:, :, j], axis=0) for i, j in pairs], axis=1)
    nearest = np.full((cells.shape[0], local), np.inf)
    for k, (i, j) in enumerate(pairs):
        nearest[:, i] = np.minimum(nearest[:, i], lengths[:, k])
        nearest[:, j] = np.minimum(nearest[:, j], lengths[:, k])
    found = []
    for k, (i, j) in enumerate(pairs):  # a neighbour is not much farther away than the nearest node
        close = lengths[:, k] <= NEIGHBOUR * np.maximum(nearest[:, i], nearest[:, j])
        found.append(cells[close][:, [i, j]])
    unique = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    return unique[:, 0], unique[:, 1]


NEIGHBOUR = 1.5
"""Of the distance to the nearest node of the cell, up to which another is a neighbour too."""


def resolution(system: System, psi: Complex, psi_max: float, field: float | None) -> Resolution:
    """The ratios of a run.

    psi (frames, N): stored frames of the kept part; psi_max: the largest |psi| of it; field: the largest |B|, in Bc2.
    """
    first, second = edges(system)
    distance = np.linalg.norm(system.space.nodes[:, first] - system.space.nodes[:, second], axis=0)
    turn = 0.0
    for frame in psi:
        a, b = frame[first], frame[second]
        seen = np.minimum(np.abs(a), np.abs(b)) > SUPERCONDUCTING
        if seen.any():
            turn = max(turn, float(np.abs(np.angle(a[seen] * b[seen].conj())).max()))
    spacing = float(distance.max())
    return Resolution(
        spacing=spacing,
        spacing_median=float(np.median(distance)),
        healing=spacing / HEALING_LENGTH,
        magnetic=None if field is None else spacing * float(np.sqrt(field)),
        phase_turn=turn,
        psi_excess=psi_max / float(np.sqrt(max(system.eps.max(), 1e-300))),
    )
