"""How the elements of a large mesh are divided among threads.

Along its longest side the mesh is cut into slabs that are thicker than any element.  An element belongs to the slab in
which its first node lies, and reaches into the next one at most: every other slab can be worked on at the same time,
first the even ones, then the odd ones.  Elements whose unknowns are shared from afar, at banks and at contacts of one
potential, come last and one after the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.solve.space import Space
from femtdgl.solve.threads import LARGE, PIECES

Index = NDArray[np.intp]
Numbers = NDArray[np.int32]


def divided(space: Space, rows: Index) -> list[list[Numbers]]:
    """Numbers of elements by colour and piece: the pieces of a colour have no unknown in common.

    rows (N, 3): of the fields at the nodes, -1 for none.
    """
    dofs = space.elements.dofs
    everything = [[np.arange(dofs.shape[0], dtype=np.int32)]]
    if dofs.shape[0] < LARGE:
        return everything
    x = space.nodes[int(np.argmax(np.ptp(space.nodes, axis=1)))][dofs]
    first, extent = x.min(axis=1), float(np.ptp(x, axis=1).max())
    slab = np.searchsorted(_cuts(first, extent), first, side="right")
    if slab.max() < 2:
        return everything
    apart = _shared(rows)[dofs].any(axis=1)
    for colour in (0, 1):
        apart |= _meets(dofs, slab, (slab % 2 == colour) & ~apart, space.N)
    colours = [[_numbers((slab == k) & ~apart) for k in range(c, slab.max() + 1, 2)] for c in (0, 1)]
    return [*colours, [_numbers(apart)]] if apart.any() else colours


def _cuts(first: NDArray[np.float64], extent: float) -> NDArray[np.float64]:
    """Where slabs of about as many elements each begin, but for the first: further apart than an element is long."""
    cuts: list[float] = []
    last = float(first.min())
    for aim in np.quantile(first, np.arange(1, 2 * PIECES) / (2 * PIECES)):
        if aim - last > 1.001 * extent and first.max() - aim > 1.001 * extent:
            cuts.append(last := float(aim))
    return np.array(cuts)


def _shared(rows: Index) -> NDArray[np.bool_]:
    """Nodes with a row that another node has too: (N,)."""
    there = rows >= 0
    twice = np.bincount(rows[there]) > 1
    return np.any(there & twice[np.where(there, rows, 0)], axis=1)


def _meets(dofs: Index, slab: Index, among: NDArray[np.bool_], N: int) -> NDArray[np.bool_]:
    """Elements, of those in `among`, with a node that another slab of them has too: where ends are joined."""
    low, high = np.full(N, slab.max() + 1), np.full(N, -1)
    owners = np.broadcast_to(slab[among, None], dofs[among].shape)
    np.minimum.at(low, dofs[among], owners)
    np.maximum.at(high, dofs[among], owners)
    return among & (low < high)[dofs].any(axis=1)


def _numbers(chosen: NDArray[np.bool_]) -> Numbers:
    return np.flatnonzero(chosen).astype(np.int32)
