"""Meshes from files, by meshio, with named groups as boundaries and regions.

Of a file are used: the cells of the highest dimension (one type of them), groups of those as regions
(`mesh.subdomains`), and groups of their facets as boundaries (`mesh.boundaries`): see `groups`.  What no group covers
is called "rest".  A group of facets inside the mesh is kept as a place to measure at; it needs no condition.  Helper
groups, whose names begin with "gmsh:", and groups of other dimensions are left out.  Triangles and tetrahedra of second
order stay curved where fields are of order 2; all others are read down to their corners.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.numbers import positive
from femtdgl.input.section import Section
from femtdgl.mesh import gmsh
from femtdgl.mesh.curved import curved, sound
from femtdgl.mesh.drawing import REST
from femtdgl.mesh.groups import apart, facets_of_nodes, groups_of, numbers_of, rank
from femtdgl.mesh.inventory import dropped, inventory, naming
from femtdgl.mesh.quality import checked, oriented
from femtdgl.mesh.scale import Unit, in_xi

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
MIDDLES = {"triangle6": ((0, 1), (1, 2), (0, 2)), "tetra10": ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))}
"""Corners at the ends of the sides whose middles cells of second order hold, in meshio's order."""
HEX = (0, 3, 6, 2, 1, 5, 7, 4)
"""scikit-fem's corners of a hexahedron in the order of VTK and meshio."""


@dataclass(frozen=True, kw_only=True)
class File(Section):
    """A mesh in a file of gmsh (.msh), or of any other format that meshio reads and that keeps groups.

    In a problem file a relative `path` starts where the problem file lies.
    """

    path: str
    """The file, from where the problem file is."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic."""
    scale: float = 1.0
    """xi for a length of the file."""
    unit: Unit | None = None
    """Of the lengths of the file, for a film in SI; None: xi."""
    shape: Literal["file"] = "file"

    def __post_init__(self) -> None:
        positive("scale", self.scale)
        try:
            self.build()
        except InputError as error:
            raise InputError(f"{self.path}: {error.message}", key="path", allowed=error.allowed) from None

    def build(self) -> Any:
        """The scikit-fem mesh.  Raises InputError when the file holds none, or a faulty one."""
        return self._read()[0]

    def _read(self) -> tuple[Any, tuple[str, ...]]:
        path = Path(self.path)
        try:
            stamp = path.stat().st_mtime_ns
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", key="path", file=self.path) from None
        return _read(str(path), stamp, self.order, self.scale)

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names of the groups of facets on the boundary, in the order of their numbers in the file."""
        return self._read()[1]

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the groups of cells."""
        return tuple(self.build().subdomains or ())

    @property
    def dim(self) -> int:
        """Dimension of the cells."""
        return int(self.build().dim())

    def in_xi(self, xi: float) -> File:
        """The same with its lengths in xi (m) and no unit."""
        return self if self.unit is None else replace(self, unit=None, scale=in_xi(self.scale, self.unit, xi))


def read(path: str | Path, *, order: Literal[1, 2] = 1, scale: float = 1.0, unit: Unit | None = None) -> File:
    """The mesh in the file at a path, as a recipe; a length of the file is `scale` xi, or `scale` of a unit, such as
    "um".

    order: of the elements, 1 or 2.  What is wrong with the file is said by `build`, in an InputError.
    """
    return File(path=str(path), order=order, scale=scale, unit=unit)


@lru_cache(maxsize=8)
def _read(path: str, stamp: int, order: int, scale: float) -> tuple[Any, tuple[str, ...]]:
    """Mesh and names of its boundaries; read again when the file has changed."""
    import meshio

    try:
        if gmsh.is_version_4(path):
            raw = gmsh.read(path)
        else:
            with redirect_stdout(StringIO()):  # it prints empty lines
                raw = meshio.read(path)
    except SystemExit:  # meshio ends the program when it knows no reader for the suffix
        raise InputError("is of no known format", key="path", file=path, allowed=".msh, .vtu, .xdmf, ...") from None
    except Exception as error:
        raise InputError(f"cannot be read: {error}", key="path", file=path, allowed="a mesh file") from None
    mesh, boundaries = from_meshio(raw, file=path, order=order, scale=scale)
    return checked(mesh, boundaries, file=path), boundaries


class Block(NamedTuple):
    """Cells of one type: that of first order, its corners (cells, k), the cells as the file has them; its number."""

    kind: str
    corners: Index
    whole: Index
    type: str
    number: int


def _blocks(raw: Any, file: str) -> list[Block]:
    """The blocks of a meshio mesh.  Raises InputError for a type of cells that cannot be used."""
    blocks = []
    for number, block in enumerate(raw.cells):
        if block.type not in CORNERS:
            words = f"has cells of type {block.type!r}"
            allowed = "lines, triangles, quads, tetrahedra or hexahedra"
            raise InputError(words, key="mesh", file=file, allowed=allowed)
        kind, count = CORNERS[block.type]
        whole = np.asarray(block.data, dtype=np.int64)
        blocks.append(Block(kind, whole[:, :count], whole, block.type, number))
    return blocks


def from_meshio(raw: Any, *, file: str = "", order: int = 1, scale: float = 1.0) -> tuple[Any, tuple[str, ...]]:
    """A meshio mesh to a scikit-fem mesh, not checked yet, and the names of its boundaries.

    With order 2 cells of second order stay curved; all lengths are multiplied by `scale`.
    """
    import skfem

    def fail(message: str, allowed: str) -> InputError:
        return InputError(message, key="mesh", file=file, allowed=allowed)

    blocks = _blocks(raw, file)
    dim = max((DIMENSION[block.kind] for block in blocks if len(block.corners)), default=0)
    if dim == 0:
        raise fail(f"has no cells: {inventory(raw)}", "a mesh with cells")
    inside = [block for block in blocks if DIMENSION[block.kind] == dim and len(block.corners)]
    rim = [block for block in blocks if DIMENSION[block.kind] == dim - 1 and len(block.corners)]
    kinds = sorted({block.kind for block in inside})
    if len(kinds) > 1 or kinds[0] not in KINDS:
        allowed = "one type of cells: " + ", ".join(KINDS) + "; in gmsh recombine all surfaces, or none"
        raise fail(f"has cells of type {', '.join(kinds)}", allowed)
    kind = kinds[0]

    t = np.concatenate([block.corners for block in inside])
    used, t = np.unique(t, return_inverse=True)
    t = t.reshape(-1, CORNERS[kind][1])
    _, first, same = np.unique(np.sort(t, axis=1), axis=0, return_index=True, return_inverse=True)
    if first.size < len(t):  # formats with one group a cell hold cells of several groups several times
        kept = np.sort(first)
        renumbered = np.searchsorted(kept, first)[same.ravel()]
        t = t[kept]
    else:
        kept, renumbered = np.arange(len(t)), np.arange(len(t))
    points = np.asarray(raw.points, float)
    flat = np.ptp(points[used, dim:], axis=0) if points.shape[1] > dim else np.zeros(1)
    if flat.size and flat.max() > 1e-9 * max(float(np.ptp(points[used, :dim])), 1e-300):
        raise fail(
            f"is of dimension {dim}, but does not lie flat: {inventory(raw)}",
            f"a line along x, or a mesh in the plane x, y; else {naming(dim + 1)}",
        )
    p = np.ascontiguousarray(points[:, :dim].T) * scale
    corners = np.ascontiguousarray(t.T)
    if kind == "hexahedron":
        corners = np.ascontiguousarray(corners[np.argsort(HEX)])
    mesh = oriented(getattr(skfem, KINDS[kind])(np.ascontiguousarray(p[:, used]), corners))

    place = np.full(points.shape[0], -1)
    place[used] = np.arange(used.size)
    groups = groups_of(raw, {block.number: DIMENSION[block.kind] for block in blocks})
    subdomains = {name: np.unique(renumbered[members]).astype(np.int32) for name, members in _members(groups, inside)}
    of: dict[str, Index] = {}
    numbers, index = numbers_of(raw), _facet_index(mesh, place, rim)
    for name, members in sorted(_members(groups, rim), key=lambda item: rank(item[0], numbers)):
        found = index[members]
        if (found < 0).any():
            raise fail(f"group {name!r} has facets of no cell", "groups of facets of the cells")
        of[name] = np.unique(found)
    if raw.point_sets:
        of = {n: f for n, f in facets_of_nodes(raw, mesh, place).items() if n not in subdomains} | of
    if not of:
        saved = "Mesh.SaveAll = 0, or the format 4.1: gmsh drops all groups when it saves everything in the format 2"
        raise fail(f"has no named boundary: {inventory(raw)}", saved if dropped(raw) else naming(dim))
    outside = np.zeros(mesh.facets.shape[1], bool)
    outside[mesh.boundary_facets()] = True
    of, names = _with_rest(*apart(of, outside), outside)
    mesh = mesh.with_boundaries({name: facets.astype(np.int32) for name, facets in of.items()})
    mesh = mesh.with_subdomains(subdomains) if subdomains else mesh
    if order == 2:
        mesh = _curved(mesh, p, place, inside)
    return mesh, names


def _with_rest(
    of: dict[str, Index], names: tuple[str, ...], outside: NDArray[np.bool_]
) -> tuple[dict[str, Index], tuple[str, ...]]:
    """Groups and names of boundaries, with what no group covers as the last, "rest", unless a group is called so."""
    bare = outside.copy()
    for name in names:
        bare[of[name]] = False
    if not bare.any() or REST in of:
        return of, names
    return {**of, REST: np.flatnonzero(bare)}, (*names, REST)


def _curved(mesh: Any, p: Array, place: Index, blocks: list[Block]) -> Any:
    """The mesh with its cells as curved as those of the file."""
    ends, middles = [], []
    for block in blocks:
        for k, pair in enumerate(MIDDLES.get(block.type, ()), block.corners.shape[1]):
            ends.append(place[block.whole[:, list(pair)]].T)
            middles.append(p[:, block.whole[:, k]])
    return sound(curved(mesh, np.concatenate(ends, axis=1), np.concatenate(middles, axis=1))) if ends else mesh


def _members(groups: dict[str, dict[int, Index]], blocks: list[Block]) -> list[tuple[str, Index]]:
    """Groups among some blocks: name, and the numbers of their cells when these blocks are counted through."""
    starts = np.cumsum([0, *(len(block.corners) for block in blocks)])
    found = []
    for name, members in groups.items():
        parts = [members[b.number] + s for b, s in zip(blocks, starts, strict=False) if b.number in members]
        if parts:
            found.append((name, np.concatenate(parts)))
    return found


def _facet_index(mesh: Any, place: Index, blocks: list[Block]) -> Index:
    """Facets of the mesh that facets of the file are; -1 where they are none."""
    width = mesh.facets.shape[0]
    known = {tuple(corners): n for n, corners in enumerate(np.sort(mesh.facets, axis=0).T.tolist())}
    found = []
    for block in blocks:
        rows = np.sort(place[block.corners], axis=1).tolist()
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
