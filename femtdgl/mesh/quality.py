"""Checks that every mesh passes before anything is solved on it, and a report of the shape of its cells.

A cell is turned inside out when the Jacobian of its map from the reference cell is negative at a corner, degenerate
when it vanishes there.  Numbering all corners the other way round is no fault: reading a file puts that right.  A mesh
is folded when two cells lie on the same side of the facet they share; no numbering can hide that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.mesh.curved import straight_kind, vertices

Array = NDArray[np.float64]
FLAT = 1e-10
"""A cell whose Jacobian is below this, in units of its longest edge to the power of the dimension, is degenerate."""


@cache
def corners(kind: str) -> tuple[tuple[tuple[int, tuple[int, ...], int], ...], tuple[tuple[int, int], ...]]:
    """Of a type of mesh: (corner, its neighbours along the axes, sign) for each corner, and the edges.

    The Jacobian at a corner is sign x det [p(neighbour) - p(corner)].  Simplices have one Jacobian, at corner 0.
    """
    import skfem

    reference = getattr(skfem, kind).elem.refdom.p.T
    count, dim = reference.shape
    if count == dim + 1:
        return ((0, tuple(range(1, count)), 1),), tuple(combinations(range(count), 2))
    found = []
    for i in range(count):
        neighbours = []
        for axis in range(dim):
            other = reference[i].copy()
            other[axis] = 1 - other[axis]
            neighbours.append(int(np.argmin(np.abs(reference - other).sum(axis=1))))
        found.append((i, tuple(neighbours), int(np.prod(1 - 2 * reference[i]))))
    edges = {(min(i, j), max(i, j)) for i, neighbours, _ in found for j in neighbours}
    return tuple(found), tuple(sorted(edges))


def jacobians(mesh: Any) -> Array:
    """Jacobians at the corners (corners, cells), in units of the longest edge of the cell to the power of `dim`."""
    p, t = mesh.p, mesh.t
    found, edges = corners(type(mesh).__name__)
    longest = np.max([np.linalg.norm(p[:, t[i]] - p[:, t[j]], axis=0) for i, j in edges], axis=0)
    rows = []
    for i, neighbours, sign in found:
        vectors = np.stack([p[:, t[j]] - p[:, t[i]] for j in neighbours])  # (axis, dim, cells)
        rows.append(sign * np.linalg.det(np.moveaxis(vectors, 2, 0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.stack(rows) / longest ** mesh.dim(), nan=0.0, posinf=0.0, neginf=0.0)


def oriented(mesh: Any) -> Any:
    """The mesh with the corners of cells that are numbered the other way round put in order."""
    backwards = (jacobians(mesh) < -FLAT).all(axis=0)
    if not backwards.any():
        return mesh
    swap = {
        "MeshLine1": [1, 0],
        "MeshTri1": [0, 2, 1],
        "MeshQuad1": [0, 3, 2, 1],
        "MeshTet1": [0, 1, 3, 2],
        "MeshHex1": [0, 2, 1, 3, 4, 6, 5, 7],  # y and z exchanged
    }[type(mesh).__name__]
    t = mesh.t.copy()
    t[:, backwards] = t[:, backwards][swap]
    return type(mesh)(mesh.p, t, sort_t=False) if type(mesh).__name__ == "MeshTri1" else type(mesh)(mesh.p, t)


def _place(mesh: Any, cell: int) -> str:
    at = mesh.p[:, mesh.t[:, cell]].mean(axis=1)
    return "(" + ", ".join(f"{x:.4g}" for x in at) + ")"


def _count(bad: NDArray[np.bool_]) -> str:
    return f"1 of {bad.size} cells is" if bad.sum() == 1 else f"{bad.sum()} of {bad.size} cells are"


def checked(mesh: Any, boundaries: Sequence[str], *, file: str = "") -> Any:
    """The mesh itself.  Raises InputError when it is empty, degenerate, folded, in pieces or has unnamed boundary.

    boundaries: the names it should have; file: the one it came from, for the message.
    """

    def fail(message: str, allowed: str) -> None:
        raise InputError(message, key="mesh", file=file, allowed=allowed)

    if mesh.t.shape[1] == 0:
        fail("has no cells", "a mesh with cells")
    if not np.isfinite(mesh.p).all():
        fail("has points that are no numbers", "finite coordinates")
    jacobian = jacobians(mesh)
    flat = np.asarray((np.abs(jacobian) <= FLAT).any(axis=0))
    if flat.any():
        fail(f"{_count(flat)} degenerate, the first at {_place(mesh, int(np.argmax(flat)))}", "cells of some volume")
    mixed = (jacobian > 0).any(axis=0) & (jacobian < 0).any(axis=0)
    folded = mixed | _folded(mesh)
    if folded.any():
        fail(
            f"{_count(folded)} inverted, the first at {_place(mesh, int(np.argmax(folded)))}",
            "cells that do not overlap",
        )
    used = np.zeros(vertices(mesh), bool)
    used[mesh.t] = True
    if not used.all():
        fail(f"{(~used).sum()} points belong to no cell", "points of cells only")
    pieces = _pieces(mesh)
    if pieces > 1:
        fail(f"falls into {pieces} pieces that share no facet", "one connected mesh")
    covered = np.zeros(mesh.facets.shape[1], bool)
    outside = np.zeros_like(covered)
    outside[mesh.boundary_facets()] = True
    for name in boundaries:
        facets = np.asarray((mesh.boundaries or {}).get(name, []), dtype=int)
        if facets.size == 0:
            fail(f"boundary {name!r} has no facets", "named boundaries with facets")
        if (~outside[facets]).any():
            fail(f"boundary {name!r} has facets inside the mesh", "groups that lie on the boundary, or inside it")
        if covered[facets].any():
            fail(f"boundary {name!r} shares facets with another", "one name for every facet of the boundary")
        covered[facets] = True
    bare = np.flatnonzero(outside & ~covered)
    if bare.size:
        at = mesh.p[:, mesh.facets[:, bare[0]]].mean(axis=1) if mesh.dim() > 1 else mesh.p[:, mesh.facets[0, bare[0]]]
        place = ", ".join(f"{x:.4g}" for x in at)
        fail(
            f"{bare.size} of {outside.sum()} boundary facets have no name, the first at ({place})",
            "named groups that cover the whole boundary",
        )
    return mesh


def with_names(mesh: Any, named: dict[str, Any]) -> Any:
    """The mesh with named boundaries; its facets are not worked out again."""
    copy = mesh.with_boundaries(named)
    for kept in ("_facets", "_t2f", "_f2t"):
        if hasattr(mesh, kept):
            setattr(copy, kept, getattr(mesh, kept))
    return copy


def _folded(mesh: Any) -> NDArray[np.bool_]:
    """Cells that lie on the same side of a facet as their neighbour."""
    shared = np.flatnonzero(mesh.f2t[1] >= 0)
    bad = np.zeros(mesh.t.shape[1], bool)
    if shared.size == 0:
        return bad
    centre = mesh.p[:, mesh.t].mean(axis=1)
    a, b = mesh.f2t[:, shared]
    if mesh.dim() == 1:
        at = mesh.p[:, mesh.facets[0, shared]]
        normal = np.ones_like(at)
    else:
        points = mesh.p[:, mesh.facets[:, shared]]  # (dim, corners, facets)
        at = points.mean(axis=1)
        if mesh.dim() == 2:
            edge = points[:, 1] - points[:, 0]
            normal = np.stack([-edge[1], edge[0]])
        else:
            # facets are sorted sets of corners: the normal of a quadrilateral from whichever corners span it best
            normals = [
                np.cross(points[:, j] - points[:, 0], points[:, k] - points[:, 0], axis=0)
                for j, k in combinations(range(1, points.shape[1]), 2)
            ]
            size = [np.linalg.norm(n, axis=0) for n in normals]
            normal = np.take_along_axis(np.stack(normals), np.argmax(size, axis=0)[None, None], axis=0)[0]
    sides = np.sum((centre[:, a] - at) * normal, axis=0) * np.sum((centre[:, b] - at) * normal, axis=0)
    bad[a[sides >= 0]] = True
    bad[b[sides >= 0]] = True
    return bad


def _pieces(mesh: Any) -> int:
    """Number of pieces when cells that share a facet hang together."""
    a, b = mesh.f2t[:, mesh.f2t[1] >= 0]
    n = mesh.t.shape[1]
    return int(sp.csgraph.connected_components(sp.coo_matrix((np.ones(a.size), (a, b)), shape=(n, n)), False)[0])


def sides(mesh: Any) -> Array:
    """Lengths of the sides of all cells, (sides of a cell, cells)."""
    p, t = mesh.p, mesh.t
    return np.stack([np.linalg.norm(p[:, t[i]] - p[:, t[j]], axis=0) for i, j in corners(type(mesh).__name__)[1]])


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The shape of the cells of a mesh."""

    kind: str
    """What the cells are: line, tri, quad, tet or hex."""
    cells: int
    """How many."""
    vertices: int
    """How many."""
    edge: tuple[float, float]
    """Shortest and longest edge."""
    angle: tuple[float, float] | None
    """Smallest and largest angle in degrees: between edges at a corner, or in tetrahedra between faces; None in 1D."""
    aspect: float
    """Longest over shortest edge of a cell: the worst."""
    volume: float
    """Length, area or volume of the whole mesh."""
    volume_ratio: float
    """Largest over smallest cell."""

    @classmethod
    def of(cls, mesh: Any) -> Quality:
        """Measure a mesh."""
        lengths = sides(mesh)
        volumes = _volumes(mesh)
        angles = _angles(mesh)
        return cls(
            kind=straight_kind(mesh).removesuffix("1").removeprefix("Mesh").lower(),
            cells=int(mesh.t.shape[1]),
            vertices=vertices(mesh),
            edge=(float(lengths.min()), float(lengths.max())),
            angle=None if angles is None else (float(angles.min()), float(angles.max())),
            aspect=float((lengths.max(axis=0) / lengths.min(axis=0)).max()),
            volume=float(volumes.sum()),
            volume_ratio=float(volumes.max() / volumes.min()),
        )

    def lines(self) -> Iterator[str]:
        """The report for people."""
        names = {"line": "lines", "tri": "triangles", "quad": "quadrilaterals", "tet": "tetrahedra", "hex": "hexahedra"}
        yield f"  cells       {self.cells} {names[self.kind]}, {self.vertices} vertices"
        yield f"  size        {self.volume:.6g} in all, cells differ by a factor of {self.volume_ratio:.3g}"
        yield f"  edges       {self.edge[0]:.4g} to {self.edge[1]:.4g}, aspect up to {self.aspect:.3g}"
        if self.angle is not None:
            yield f"  angles      {self.angle[0]:.3g} to {self.angle[1]:.3g} degrees"


def _volumes(mesh: Any) -> Array:
    import skfem

    element = {
        "MeshLine1": "ElementLineP0",
        "MeshTri1": "ElementTriP0",
        "MeshQuad1": "ElementQuad0",
        "MeshTet1": "ElementTetP0",
        "MeshHex1": "ElementHex0",
    }[straight_kind(mesh)]
    return skfem.Basis(mesh, getattr(skfem, element)(), intorder=3).dx.sum(axis=1)


def _angles(mesh: Any) -> Array | None:
    """Angles in degrees: at the corners between edges; between the faces of tetrahedra."""
    p, t, dim = mesh.p, mesh.t, mesh.dim()
    if dim == 1:
        return None
    pairs = []
    if straight_kind(mesh) == "MeshTet1":
        faces = [tuple(j for j in range(4) if j != i) for i in range(4)]
        normals = []
        for i, (a, b, c) in enumerate(faces):
            normal = np.cross(p[:, t[b]] - p[:, t[a]], p[:, t[c]] - p[:, t[a]], axis=0)
            outwards = -np.sign(np.sum(normal * (p[:, t[i]] - p[:, t[a]]), axis=0))
            normals.append(normal * outwards)
        pairs = [(m, -n) for m, n in combinations(normals, 2)]
    else:
        neighbours = (
            [(i, (j, k)) for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1))]
            if t.shape[0] == 3
            else [(i, around) for i, around, _ in corners(type(mesh).__name__)[0]]
        )
        for i, around in neighbours:
            pairs += [(p[:, t[j]] - p[:, t[i]], p[:, t[k]] - p[:, t[i]]) for j, k in combinations(around, 2)]
    cosines = [np.sum(m * n, axis=0) / (np.linalg.norm(m, axis=0) * np.linalg.norm(n, axis=0)) for m, n in pairs]
    return np.degrees(np.arccos(np.clip(np.stack(cosines), -1, 1)))
