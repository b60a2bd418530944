"""Meshes from files, by meshio, with named groups as boundaries and regions.

Of a file are used: the cells of the highest dimension (one type of them), groups of those as regions
(`mesh.subdomains`), and groups of their facets as boundaries (`mesh.boundaries`).  A group of facets inside the mesh is
kept as a place to measure at; it needs no condition.  Helper groups, whose names begin with "gmsh:", groups without a
name and groups of other dimensions are left out.  Cells of second order are read down to their corners: fields may be
quadratic on them, but edges are straight.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.section import Section
from femtdgl.mesh.inventory import inventory, naming
from femtdgl.mesh.quality import checked, oriented

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CORNERS = {
    "vertex": ("vertex", 1), "line": ("line", 2), "line3": ("line", 2),
    "triangle": ("triangle", 3), "triangle6": ("triangle", 3), "triangle7": ("triangle", 3),
    "quad": ("quad", 4), "quad8": ("quad", 4), "quad9": ("quad", 4),
    "tetra": ("tetra", 4), "tetra10": ("tetra", 4),
    "hexahedron": ("hexahedron", 8), "hexahedron20": ("hexahedron", 8), "hexahedron27": ("hexahedron", 8),
    "wedge": ("wedge", 6), "wedge15": ("wedge", 6), "wedge18": ("wedge", 6),
    "pyramid": ("pyramid", 5), "pyramid13": ("pyramid", 5), "pyramid14": ("pyramid", 5),
}  # fmt: skip
"""meshio's names of cells: the cell of first order, and how many of its points are corners."""
KINDS = {
    "line": "MeshLine1",
    "triangle": "MeshTri1",
    "quad": "MeshQuad1",
    "tetra": "MeshTet1",
    "hexahedron": "MeshHex1",
}
DIMENSION = {"vertex": 0, "line": 1, "triangle": 2, "quad": 2, "tetra": 3, "hexahedron": 3, "wedge": 3, "pyramid": 3}
GROUP = "group:"
"""Groups in .vtu, which knows none: an array of this name and the group's, 1 on its cells."""
HEX = (0, 3, 6, 2, 1, 5, 7, 4)
"""scikit-fem's corners of a hexahedron in the order of VTK and meshio."""


@dataclass(frozen=True, kw_only=True)
class File(Section):
    """A mesh in a file of gmsh (.msh), or of any other format that meshio reads and that keeps named groups.

    In a problem file a relative `path` starts where the problem file lies.
    """

    path: str
    order: Literal[1, 2] = 1
    shape: Literal["file"] = "file"

    def __post_init__(self) -> None:
        try:
            self.build()
        except InputError as error:
            raise InputError(f"{self.path}: {error.message}", key="path", allowed=error.allowed) from None

    def build(self) -> Any:
        """The scikit-fem mesh.  Raises InputError when the file holds none, or a faulty one."""
        path = Path(self.path)
        try:
            stamp = path.stat().st_mtime_ns
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", key="path", file=self.path) from None
        return _read(str(path), stamp)[0]

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names of the groups of facets on the boundary, in the order of their numbers in the file."""
        return _read(str(self.path), Path(self.path).stat().st_mtime_ns)[1]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the groups of cells."""
        return tuple(self.build().subdomains or ())

    @property
    def dim(self) -> int:
        """Dimension of the cells."""
        return int(self.build().dim())


def read(path: str | Path, *, order: Literal[1, 2] = 1) -> File:
    """The mesh in a file, as a recipe."""
    return File(path=str(path), order=order)


@lru_cache(maxsize=8)
def _read(path: str, stamp: int) -> tuple[Any, tuple[str, ...]]:
    """Mesh and names of its boundaries; read again when the file has changed."""
    import meshio

    try:
        with redirect_stdout(StringIO()):  # it prints empty lines
            raw = meshio.read(path)
    except SystemExit:  # meshio ends the program when it knows no reader for the suffix
        raise InputError("is of no known format", key="path", file=path, allowed=".msh, .vtu, .xdmf, ...") from None
    except Exception as error:
        raise InputError(f"cannot be read: {error}", key="path", file=path, allowed="a mesh file") from None
    mesh, boundaries = from_meshio(raw, file=path)
    return checked(mesh, boundaries, file=path), boundaries


def from_meshio(raw: Any, *, file: str = "") -> tuple[Any, tuple[str, ...]]:
    """A meshio mesh to a scikit-fem mesh, not checked yet, and the names of its boundaries."""
    import skfem

    def fail(message: str, allowed: str) -> InputError:
        return InputError(message, key="mesh", file=file, allowed=allowed)

    blocks = []  # (type, corners of the cells (n, k), index of the block)
    for number, block in enumerate(raw.cells):
        if block.type not in CORNERS:
            raise fail(f"has cells of type {block.type!r}", "lines, triangles, quads, tetrahedra or hexahedra")
        kind, count = CORNERS[block.type]
        blocks.append((kind, np.asarray(block.data, dtype=np.int64)[:, :count], number))
    dim = max((DIMENSION[kind] for kind, data, _ in blocks if len(data)), default=0)
    if dim == 0:
        raise fail(f"has no cells: {inventory(raw)}", "a mesh with cells")
    kinds = {kind for kind, data, _ in blocks if DIMENSION[kind] == dim and len(data)}
    if len(kinds) > 1 or not kinds <= set(KINDS):
        raise fail(f"has cells of type {', '.join(sorted(kinds))}", "one type of cells: " + ", ".join(KINDS))
    kind = kinds.pop()

    groups = _groups(raw)
    cells: list[Index] = []
    facets: list[Index] = []
    regions: dict[str, list[Index]] = {}
    named: dict[str, list[Index]] = {}
    counts = {dim: 0, dim - 1: 0}
    for this, data, number in blocks:
        here = DIMENSION[this]
        if here not in counts or not len(data):
            continue
        for name, members in groups.items():
            if number in members and len(members[number]):
                (regions if here == dim else named).setdefault(name, []).append(members[number] + counts[here])
        counts[here] += len(data)
        (cells if here == dim else facets).append(data)
    t = np.concatenate(cells)
    used, t = np.unique(t, return_inverse=True)
    t = t.reshape(-1, CORNERS[kind][1])
    points = np.asarray(raw.points, float)
    flat = np.ptp(points[used, dim:], axis=0) if points.shape[1] > dim else np.zeros(1)
    if flat.size and flat.max() > 1e-9 * max(float(np.ptp(points[used, :dim])), 1e-300):
        raise fail(
            f"is of dimension {dim}, but does not lie flat: {inventory(raw)}",
            f"a line along x, or a mesh in the plane x, y; else {naming(dim + 1)}",
        )
    p = np.ascontiguousarray(points[used, :dim].T)
    corners = np.ascontiguousarray(t.T)
    if kind == "hexahedron":
        inverse = np.argsort(HEX)
        corners = np.ascontiguousarray(corners[inverse])
    make = getattr(skfem, KINDS[kind])
    mesh = oriented(make(p, corners))

    subdomains = {name: np.concatenate(parts).astype(np.int32) for name, parts in regions.items()}
    of: dict[str, Any] = {}
    names = []
    if named:
        index = _facet_index(mesh, used, facets)
        outside = np.zeros(mesh.facets.shape[1], bool)
        outside[mesh.boundary_facets()] = True
        number_of = {name: tag for name, (tag, _) in raw.field_data.items()}
        for name, parts in sorted(named.items(), key=lambda item: number_of.get(item[0], 0)):
            found = index[np.concatenate(parts)]
            if (found < 0).any():
                raise fail(f"group {name!r} has facets of no cell", "groups of facets of the cells")
            of[name] = np.unique(found).astype(np.int32)
            if outside[of[name]].any():
                names.append(name)
    else:
        raise fail(f"has no named boundary: {inventory(raw)}", naming(dim))
    mesh = mesh.with_boundaries(of) if of else mesh
    return (mesh.with_subdomains(subdomains) if subdomains else mesh), tuple(names)


def _groups(raw: Any) -> dict[str, dict[int, Index]]:
    """Named groups: name to {block: cells of the block}."""
    groups: dict[str, dict[int, Index]] = {}
    for name, members in raw.cell_sets.items():
        if name.startswith("gmsh:") or not name:
            continue
        groups[name] = {n: np.asarray(m, dtype=np.int64) for n, m in enumerate(members) if m is not None and len(m)}
    tags = raw.cell_data.get("gmsh:physical")
    if tags is not None:
        for name, (tag, dim) in raw.field_data.items():
            if name.startswith("gmsh:"):
                continue
            groups[name] = {  # a group of gmsh may hold entities turned round: their tags are negative
                n: np.flatnonzero(np.abs(np.asarray(values)) == tag)
                for n, values in enumerate(tags)
                if DIMENSION[CORNERS[raw.cells[n].type][0]] == dim
            }
    for name, values in raw.cell_data.items():
        if name.startswith(GROUP):
            groups[name.removeprefix(GROUP)] = {n: np.flatnonzero(v) for n, v in enumerate(values)}
    return groups


def _facet_index(mesh: Any, used: Index, facets: list[Index]) -> Index:
    """Facets of the mesh that facets of the file (given by corners) are; -1 where they are none."""
    width = mesh.facets.shape[0]
    known = {tuple(corners): n for n, corners in enumerate(np.sort(mesh.facets, axis=0).T.tolist())}
    place = np.full(int(max(used.max(), max(f.max() for f in facets))) + 1, -1)
    place[used] = np.arange(used.size)
    found = []
    for data in facets:
        rows = np.sort(place[data], axis=1).tolist()
        found += [known.get(tuple(row), -1) if len(row) == width else -1 for row in rows]
    return np.asarray(found, dtype=np.int64)


def walked(p: Array, corners: Index) -> Index:
    """Corners (4, n) of quadrilaterals in space in the order in which one walks around them."""
    q = p[:, corners]
    spread = [  # of the three ways around, the shortest is no bow tie
        sum(np.linalg.norm(q[:, a] - q[:, b], axis=0) for a, b in zip(way, (*way[1:], way[0]), strict=True))
        for way in ((0, 1, 2, 3), (0, 1, 3, 2), (0, 2, 1, 3))
    ]
    ways = np.array([(0, 1, 2, 3), (0, 1, 3, 2), (0, 2, 1, 3)])[np.argmin(spread, axis=0)]
    return np.take_along_axis(corners, ways.T, axis=0)
