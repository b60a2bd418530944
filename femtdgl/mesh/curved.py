"""Meshes with curved cells of second order: triangles and tetrahedra whose sides are parabolas through three points.

In scikit-fem they are MeshTri2 and MeshTet2: `p` holds the corners first and then the middles of the sides, `t` the
corners alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CURVED = {"MeshTri1": "MeshTri2", "MeshTet1": "MeshTet2"}
STRAIGHT = 1e-9
"""Middles that are no farther from the straight side than this share of its length make no curve."""
HALVED = 4
"""Times that the curve of sides of cells that are turned inside out is halved, before they are made straight."""
CANDIDATES, STEPS, REACHED = 12, 20, 1e-12
"""Cells that a point is looked for in; steps of Newton's method, and how exactly it goes, in the reference cell."""


def is_curved(mesh: Any) -> bool:
    """Whether the cells of a mesh are curved ones."""
    return type(mesh).__name__ in CURVED.values()


def straight_kind(mesh: Any) -> str:
    """Name of the type of mesh with the same cells, but straight."""
    name = type(mesh).__name__
    return {curved: straight for straight, curved in CURVED.items()}.get(name, name)


def vertices(mesh: Any) -> int:
    """Number of the corners of cells, which come first among the points of a mesh."""
    return int(mesh.nvertices) if is_curved(mesh) else int(mesh.p.shape[1])


def _middles(mesh: Any, a: Index, b: Index) -> Index:
    """Numbers of the middles of sides between corners a and b, of any shape, in a curved mesh."""
    sides = np.sort(mesh.edges if mesh.dim() == 3 else mesh.facets, axis=0).astype(np.int64)
    count = vertices(mesh)
    code = sides[0] * count + sides[1]
    order = np.argsort(code)
    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    return np.asarray(count + order[np.searchsorted(code[order], low * count + high)])


def second_order(mesh: Any, corners: Index) -> Index:
    """Points of curved lines, triangles or tetrahedra with some corners (k, n), in the order of VTK and meshio."""
    pairs = {2: ((0, 1),), 3: ((0, 1), (1, 2), (0, 2)), 4: ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))}
    sides = [_middles(mesh, corners[i], corners[j]) for i, j in pairs[corners.shape[0]]]
    return np.concatenate([corners, np.stack(sides)], axis=0)


def around(mesh: Any) -> Index:
    """Points (k, cells) on the way around each cell of a plane mesh."""
    if not is_curved(mesh):
        return np.asarray(mesh.t)
    return second_order(mesh, mesh.t)[[0, 3, 1, 4, 2, 5]]


def along(mesh: Any) -> Index:
    """Points (k, facets) along each facet of a plane mesh."""
    if not is_curved(mesh):
        return np.asarray(mesh.facets)
    return second_order(mesh, mesh.facets)[[0, 2, 1]]


def curved(mesh: Any, ends: Index, middles: Array) -> Any:
    """A straight mesh with the `middles` (dim, n) put into its sides between `ends` (2, n); itself, if none is bent.

    Names of boundaries and regions are kept.  Cells may be turned inside out by that: see `sound`.
    """
    import skfem

    sides = mesh.edges if mesh.dim() == 3 else mesh.facets
    count = mesh.p.shape[1]
    known = np.sort(sides, axis=0).astype(np.int64)
    order = np.argsort(known[0] * count + known[1])
    wanted = np.sort(ends, axis=0).astype(np.int64)
    code = (known[0] * count + known[1])[order]
    place = np.minimum(np.searchsorted(code, wanted[0] * count + wanted[1]), code.size - 1)
    there = code[place] == wanted[0] * count + wanted[1]
    side, at = order[place[there]], middles[:, there]
    half = 0.5 * (mesh.p[:, sides[0]] + mesh.p[:, sides[1]])
    length = np.linalg.norm(mesh.p[:, sides[0]] - mesh.p[:, sides[1]], axis=0)
    bent = np.linalg.norm(at - half[:, side], axis=0) > STRAIGHT * length[side]
    if not bent.any():
        return mesh
    half[:, side[bent]] = at[:, bent]
    made = getattr(skfem, CURVED[type(mesh).__name__])(np.concatenate([mesh.p, half], axis=1), mesh.t)
    if mesh.boundaries:
        made = made.with_boundaries(mesh.boundaries)
    return made.with_subdomains(mesh.subdomains) if mesh.subdomains else made


def inverted(mesh: Any) -> NDArray[np.bool_]:
    """Which curved cells (cells,) are turned inside out anywhere at their nodes or the points of a quadrature."""
    import skfem
    from skfem.quadrature import get_quadrature

    element = getattr(skfem, {2: "ElementTriP2", 3: "ElementTetP2"}[mesh.dim()])()
    points = np.concatenate([element.doflocs.T, get_quadrature(element.refdom, 6)[0]], axis=1)
    jacobian = mesh._mapping().DF(points)  # (dim, dim, cells, points)
    size = np.linalg.det(np.moveaxis(jacobian, (0, 1), (2, 3)))
    return np.asarray(size.min(axis=1) * size.max(axis=1) <= 0)


def located(mesh: Any, points: Array) -> tuple[Index, Array]:
    """The cells (n,) that points (dim, n) lie in, -1 for none, and where in the reference cell (dim, n).

    In hexahedra as in curved cells by Newton's method from their middle: scikit-fem's fails at some points of them.
    """
    from scipy.spatial import cKDTree

    count, dim = points.shape[1], mesh.dim()
    cells, local = np.full(count, -1), np.zeros((dim, count))
    box = type(mesh).__name__.startswith("MeshHex")
    if not is_curved(mesh) and not box:
        return _located_straight(mesh, points)
    corners = mesh.p[:, mesh.t].mean(axis=1).T
    nearest = cKDTree(corners).query(points.T, min(CANDIDATES, corners.shape[0]))[1].reshape(count, -1)
    for candidates in nearest.T:
        open_ = np.flatnonzero(cells < 0)
        if not open_.size:
            break
        X, found = _inverse(mesh, points[:, open_], candidates[open_])
        inside = found & (X.min(axis=0) >= -1e-9) & ((X.max(axis=0) if box else X.sum(axis=0)) <= 1 + 1e-9)
        cells[open_[inside]], local[:, open_[inside]] = candidates[open_[inside]], X[:, inside]
    return cells, local


def _inverse(mesh: Any, points: Array, cells: Index) -> tuple[Array, NDArray[np.bool_]]:
    """Places (dim, n) in the reference cells by Newton's method, and where it came to an end."""
    mapping = mesh._mapping()
    X = np.full((mesh.dim(), points.shape[1], 1), 1 / (mesh.dim() + 1))
    for _ in range(STEPS):
        step = np.linalg.solve(
            np.moveaxis(mapping.DF(X, cells)[..., 0], 2, 0), (points - mapping.F(X, cells)[..., 0]).T[..., None]
        )
        X = np.clip(X + step.transpose(1, 0, 2), -1.0, 2.0)
    return X[..., 0], np.abs(step[..., 0]).max(axis=1) < REACHED


def _located_straight(mesh: Any, points: Array) -> tuple[Index, Array]:
    """The same by scikit-fem, whose finder knows all points or none."""
    cells = np.full(points.shape[1], -1)
    find = mesh.element_finder()
    try:
        cells[:] = find(*points)
    except (ValueError, IndexError):  # some lie outside: one by one
        for k, point in enumerate(points.T):
            try:
                cells[k] = find(*point[:, None])[0]
            except (ValueError, IndexError):
                continue
    inside, local = cells >= 0, np.zeros((mesh.dim(), points.shape[1]))
    local[:, inside] = mesh._mapping().invF(points[:, inside, None], tind=cells[inside])[..., 0]
    return cells, local


def sound(mesh: Any) -> Any:
    """The mesh itself; where curving turned cells inside out, with less of a curve in the sides of these, or none.

    That happens to few cells, where a body is strongly curved and cells are flat.
    """
    if not is_curved(mesh):
        return mesh
    p, count, rounds = mesh.p.copy(), vertices(mesh), 0
    sides = mesh.edges if mesh.dim() == 3 else mesh.facets
    half = 0.5 * (p[:, sides[0]] + p[:, sides[1]])
    while (bad := inverted(mesh)).any():
        middles = np.unique(second_order(mesh, mesh.t[:, bad])[mesh.t.shape[0] :])
        straight = half[:, middles - count]
        p[:, middles] = straight + (0.5 if rounds < HALVED else 0.0) * (p[:, middles] - straight)
        mesh, rounds = replace(mesh, doflocs=p.copy()), rounds + 1
    return mesh
