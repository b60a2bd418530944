"""Meshes of space: a wire, made from a meshed cross-section that is drawn out along x.

Hexahedra from quadrilaterals; tetrahedra from triangles, each prism cut in three along the diagonals from the lower
to the higher node of every side, so that neighbours agree whatever their own numbering.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.limits import affordable
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.mesh.facets import with_facets
from femtdgl.mesh.plane import halved
from femtdgl.mesh.profile import Constriction, finer, graded, size_towards
from femtdgl.mesh.quality import checked, with_names

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Wire(Section):
    """A wire along x from -length/2 to length/2: a rectangle width x height (None: width), or round, of diameter width.

    Boundaries "left", "right" (the ends) and "side".  `h` is the size of the cells, `h_fine` that along x in the
    constriction, where the cross-section shrinks with all its cells.
    """

    length: InXi
    """Along x."""
    width: InXi
    """Along y, or the diameter."""
    height: InXi | None = None
    """Along z; None: the width."""
    h: InXi
    """Size of the cells."""
    h_fine: InXi | None = None
    """None: h."""
    section: Literal["rectangle", "round"] = "rectangle"
    """The form of its section."""
    constriction: Constriction | None = None
    """A narrower stretch; None: none."""
    cells: Literal["tetrahedron", "hexahedron"] = "tetrahedron"
    """The kind of cells."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic."""
    shape: Literal["wire"] = "wire"

    boundaries: ClassVar[tuple[str, ...]] = ("left", "right", "side")
    dim: ClassVar[int] = 3

    def __post_init__(self) -> None:
        for name in ("length", "width", "h"):
            positive(name, getattr(self, name))
        for name in ("height", "h_fine"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name))
        if self.section == "round" and self.height is not None:
            raise InputError("a round wire has none", key="height", allowed="no height; width is the diameter")
        if self.h_fine is not None:
            finer("h_fine", self.h_fine, self.h)
        height = self.width if self.height is None else self.height
        affordable("h", self.length / self.h * self.width / self.h * height / self.h, 3)
        if self.constriction is not None:
            self.constriction.check(self.width, self.length / 2)

    def build(self) -> Any:
        """The scikit-fem mesh (MeshTet or MeshHex)."""
        from skfem import MeshHex, MeshTet

        half = self.length / 2
        if self.constriction is None:
            x = np.linspace(-half, half, max(2, round(self.length / self.h)) + 1)
        else:
            fine = self.h if self.h_fine is None else self.h_fine
            size = size_towards(self.h, fine, [self.constriction.interval])
            x = graded([-half, half, *self.constriction.breaks(self.width)], size)
        if self.section == "round":
            p, quads = disc(self.width / 2, self.h)
        else:
            p, quads = rectangle(self.width, self.width if self.height is None else self.height, self.h)
        points, cells = drawn_out(x, p, quads, tets=self.cells == "tetrahedron")
        if self.constriction is not None:
            points[1:] *= self.constriction.factor(points[0], self.width)
        mesh = with_facets((MeshTet if self.cells == "tetrahedron" else MeshHex)(points, cells))
        facets = mesh.boundary_facets()
        at = mesh.p[0, mesh.facets[:, facets]]
        left, right = (at < -half * (1 - 1e-9)).all(axis=0), (at > half * (1 - 1e-9)).all(axis=0)
        named = {"left": facets[left], "right": facets[right], "side": facets[~left & ~right]}
        return checked(with_names(mesh, named), self.boundaries)


def rectangle(width: float, height: float, h: float) -> tuple[Array, Index]:
    """Points (2, n) and quadrilaterals (4, m), counterclockwise, of a rectangle about the origin."""
    y, z = (np.linspace(-side / 2, side / 2, max(2, round(side / h)) + 1) for side in (width, height))
    p = np.stack([np.repeat(y, z.size), np.tile(z, y.size)])
    i, j = (a.ravel() for a in np.meshgrid(np.arange(y.size - 1), np.arange(z.size - 1), indexing="ij"))
    corner = i * z.size + j
    return p, np.stack([corner, corner + z.size, corner + z.size + 1, corner + 1])


def disc(radius: float, h: float) -> tuple[Array, Index]:
    """Points (2, n) and quadrilaterals (4, m) of a disc: a square grid, and layers from its rim to the circle."""
    side = max(2, round(1.3 * radius / h))
    layers = max(1, round(0.45 * radius / h))
    half = 0.52 * radius
    p, quads = rectangle(2 * half, 2 * half, 2 * half / side)
    # bulged a little towards a disc, so that the rim has no flat corners
    size, length = np.max(np.abs(p), axis=0), np.hypot(*p)
    ratio = np.divide(length, size, out=np.ones_like(size), where=size > 0)
    p = p * (1 + 0.35 * (1 - ratio / math.sqrt(2)) * size / half)
    n = side + 1
    grid = np.arange(n * n).reshape(n, n)
    rim = np.concatenate([grid[:-1, 0], grid[-1, :-1], grid[:0:-1, -1], grid[0, :0:-1]])  # counterclockwise
    start = p[:, rim]
    # the corners of the square lie on the diagonals, the others at equal angles between them
    angle = -0.75 * math.pi + np.arange(rim.size) * (2 * math.pi / rim.size)
    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
    points, shells = [p], [rim]
    for layer in range(1, layers + 1):
        f = layer / layers
        shells.append(np.arange(rim.size) + sum(part.shape[1] for part in points))
        points.append((1 - f) * start + f * circle)
    rings = [np.stack([low, high, np.roll(high, -1), np.roll(low, -1)]) for low, high in pairwise(shells)]
    return np.concatenate(points, axis=1), np.concatenate([quads, *rings], axis=1)


def drawn_out(x: Array, p: Array, quads: Index, *, tets: bool) -> tuple[Array, Index]:
    """Points (3, n) and cells of the cross-section p (2, k), quads (4, m), at every x, in scikit-fem's order."""
    k = p.shape[1]
    points = np.stack([np.repeat(x, k), np.tile(p[0], x.size), np.tile(p[1], x.size)])
    shift = (k * np.arange(x.size - 1))[:, None]
    if not tets:
        a, b, c, d = ((corner + shift).ravel() for corner in quads)
        # reference corners 000, 001, 010, 100, 011, 101, 110, 111 with axes x, y, z and a, b, c, d in the plane y, z
        return points, np.stack([a, d, b, a + k, c, d + k, b + k, c + k])
    triangles = halved(p, quads)
    low, middle, high = ((corner + shift).ravel() for corner in np.sort(triangles, axis=0))
    far = low + k, middle + k, high + k
    prisms = [(low, middle, high, far[2]), (low, middle, far[1], far[2]), (low, far[0], far[1], far[2])]
    return points, np.concatenate([np.stack(tet) for tet in prisms], axis=1)
