"""Does the mesh resolve what the run shows?  Measured ratios, each of which should be well below 1.

The lengths that a mesh must resolve are that over which |psi| heals, sqrt(2) xi; in a field the magnetic one,
1/sqrt(B); and that over which the phase of psi turns, less int A.dl, which the elements carry.  What counts is the
distance between neighbouring nodes of the fields: the size of a cell over the order of its elements.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.entry import entry, summary
from femtdgl.problem.drive import UniformField
from femtdgl.problem.periodic import Round
from femtdgl.solve.system import System
from femtdgl.solve.transport import line_integral

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
    phase_turn: float = entry(
        "rad", "largest turn of the phase between neighbouring nodes, less int A.dl, where |psi| > 0.3"
    )
    psi_excess: float = entry("", "largest |psi| over sqrt(eps) where eps is largest: 1 at most, but for a moment")


def edges(system: System) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbouring nodes of the fields, those of an edge of a cell in order: two arrays (edges,)."""
    space = system.space
    cells = space.elements.dofs
    local = cells.shape[1]
    pairs = [(i, j) for i in range(local) for j in range(i + 1, local)]
    lengths = np.empty((len(pairs), cells.shape[0]))
    nearest = np.full((local, cells.shape[0]), np.inf)
    for length, (i, j) in zip(lengths, pairs, strict=True):
        length[:] = distances(space.nodes, cells[:, i], cells[:, j])
        np.minimum(nearest[i], length, out=nearest[i])
        np.minimum(nearest[j], length, out=nearest[j])
    found = []
    for length, (i, j) in zip(lengths, pairs, strict=True):  # not much farther away than the nearest node
        close = length <= NEIGHBOUR * np.maximum(nearest[i], nearest[j])
        first, second = cells[close, i], cells[close, j]
        found.append(np.minimum(first, second) * space.N + np.maximum(first, second))
    number = np.sort(np.concatenate(found))
    first, second = np.divmod(number[np.append(True, number[1:] != number[:-1])], space.N)
    return first, second


def distances(x: Array, first: NDArray[np.intp], second: NDArray[np.intp]) -> Array:
    """From some of the points x (dim, N) to others, (n,)."""
    squares = np.zeros(first.size)
    for along in x:
        squares += (along[first] - along[second]) ** 2
    return np.sqrt(squares)


NEIGHBOUR = 1.5
"""Of the distance to the nearest node of the cell, up to which another is a neighbour too."""


def largest_field(system: System, end: float) -> float | None:
    """The largest |B| until a time, in Bc2(T0); None without a vector potential.

    That of a function A(x, t) is its curl in the middle of the cells, by differences.
    """
    potential, space = system.potential, system.space
    if potential is None or space.dim == 1:
        return None
    corners = [t for t in system.problem.corners if t < end]
    if isinstance(potential, Round) and not potential.components:
        return None
    if isinstance(potential, UniformField | Round):
        times = [*np.linspace(0.0, end, SAMPLES), *corners]
        squares = sum(np.array([component(t) for t in times]) ** 2 for component in potential.components)
        return float(np.sqrt(np.max(squares)))
    x = space.nodes[:, space.elements.dofs].mean(axis=2)
    pairs = [(0, 1)] if space.dim == 2 else [(1, 2), (2, 0), (0, 1)]
    largest = 0.0
    for t in np.linspace(0.0, end, FEW):
        slope = [
            np.subtract(*(np.broadcast_to(potential(x + way, t)[0], x.shape) for way in (step, -step))) / (2 * APART)
            for step in APART * np.eye(space.dim)[:, :, None]
        ]  # slope[i][j] = d_i A_j
        squares = sum((slope[i][j] - slope[j][i]) ** 2 for i, j in pairs)
        largest = max(largest, float(np.sqrt(np.max(squares))))
    return largest


SAMPLES, FEW = 200, 21
"""Times at which a uniform field and a function A(x, t) are looked at."""
APART = 1e-4
"""Half of the differences, in xi."""


def phase_turn(system: System, pairs: tuple[NDArray[np.intp], NDArray[np.intp]], t: float, psi: Complex) -> float:
    """Largest turn of the phase of psi (N,) from node to node, less that of A: what the elements have to follow."""
    first, second = pairs
    seen = np.minimum(np.abs(psi[first]), np.abs(psi[second])) > SUPERCONDUCTING
    first, second = first[seen], second[seen]
    gain = psi[first] * psi[second].conj()
    if system.potential is not None:
        x = system.space.nodes
        gain = gain * np.exp(1j * line_integral(system.potential, x[:, first], x[:, second], system.before(t))[0])
    return float(np.abs(np.angle(gain)).max(initial=0.0))


def resolution(
    system: System, end: float, t: Sequence[float] | Array = (), psi: Sequence[Complex] = (), psi_max: float = 0.0
) -> Resolution:
    """The ratios of a run that ends at a time; without frames of psi those of its mesh alone.

    t, psi: times and nodal values (N,) of stored frames of the kept part; psi_max: the largest |psi| of it.
    """
    pairs = first, second = edges(system)
    distance = distances(system.space.nodes, first, second)
    spacing, field = float(distance.max()), largest_field(system, end)
    return Resolution(
        spacing=spacing,
        spacing_median=float(np.median(distance)),
        healing=spacing / HEALING_LENGTH,
        magnetic=None if field is None else spacing * float(np.sqrt(field)),
        phase_turn=max((phase_turn(system, pairs, *frame) for frame in zip(t, psi, strict=True)), default=0.0),
        psi_excess=psi_max / float(np.sqrt(max(system.landscape.largest, 1e-300))),
    )
