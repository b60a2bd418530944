"""Drawings meshed by Netgen in triangles or tetrahedra, with straight sides or, for fields of order 2, curved ones.

On one thread and with nothing left to chance: the same drawing gives the same mesh to the bit.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.limits import affordable
from femtdgl.mesh.cad import cells_of
from femtdgl.mesh.curved import curved, sound
from femtdgl.mesh.drawing import Drawing
from femtdgl.mesh.places import Finer, Point
from femtdgl.mesh.profile import GROWTH
from femtdgl.mesh.quality import checked, oriented

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CELLS = {2: 2.4, 3: 12.0}
"""Cells in a square or cube of side h, about."""
THICK = "a smaller h, or a shape without very thin parts"
TRIED = (1.0, 0.8, 0.6)
"""Sizes of cells, over what was asked for, that are tried one after the other."""
SIDES = {2: ((1, 2), (0, 2), (0, 1)), 3: ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))}
"""Corners at the ends of the sides of a cell of second order, in Netgen's order of their middles."""


def meshed(
    drawing: Drawing,
    h: float,
    finer: Sequence[Finer],
    scale: float,
    *,
    order: int,
    alike: tuple[str, str] | None = None,
) -> Any:
    """The scikit-fem mesh, checked, of cells of about h; lengths of the drawing times `scale`.

    `alike`: names of edges that are divided alike.

    Raises InputError, with the key, for what cannot be meshed.
    """
    import skfem

    dim, unit = drawing.dim, drawing.unit
    for each in finer:
        for name in each.along:
            _along(drawing, name, unit * each.h)
    if alike is not None:
        _divide_alike(drawing, alike)
    spots = [(spot, each.h) for k, each in enumerate(finer) for spot in _spots(each, dim, f"finer.{k}")]
    raw = _generated(drawing, h, spots, order)
    cells = (raw.Elements2D() if dim == 2 else raw.Elements3D()).NumPy()
    facets = (raw.Elements1D() if dim == 2 else raw.Elements2D()).NumPy()
    p = np.asarray(raw.Coordinates(), float)[:, :dim].T * (scale / unit)
    if not len(cells):
        raise InputError("makes no cells", key="h", allowed=THICK)
    nodes = cells["nodes"].astype(np.int64).T - 1
    corners = nodes[: dim + 1]
    used, t = np.unique(corners, return_inverse=True)
    place = np.full(p.shape[1], -1)
    place[used] = np.arange(used.size)
    make = {2: skfem.MeshTri, 3: skfem.MeshTet}[dim]
    mesh = oriented(make(np.ascontiguousarray(p[:, used]), np.ascontiguousarray(t.reshape(corners.shape))))
    numbers = raw.GetRegionNames(codim=1)
    mesh = mesh.with_boundaries(_boundaries(mesh, drawing, numbers, facets, place))
    regions = np.array([""] + [name.removeprefix(".") for name in raw.GetRegionNames(codim=0)])[cells["index"]]
    inside = {name: np.flatnonzero(regions == name).astype(np.int32) for name in drawing.regions}
    mesh = mesh.with_subdomains(inside) if inside else mesh
    if order == 2:
        ends = np.concatenate([corners[list(pair)] for pair in SIDES[dim]], axis=1)
        middles = p[:, nodes[dim + 1 : dim + 1 + len(SIDES[dim])].ravel()]
        mesh = sound(curved(mesh, place[ends], middles))
    try:
        return checked(mesh, drawing.boundaries)
    except InputError as error:  # of parts that are thinner than a cell nothing may be left
        raise InputError(f"cannot be meshed: {error.message}", key="h", allowed=THICK) from None


def _generated(drawing: Drawing, h: float, spots: Sequence[tuple[Point, float]], order: int) -> Any:
    """Netgen's mesh, with a size of cells at some spots.  What cannot be meshed is tried again with smaller cells."""
    from netgen.meshing import MeshingParameters, SetMessageImportance
    from netgen.occ import OCCGeometry

    dim, unit = drawing.dim, drawing.unit
    SetMessageImportance(0)
    words = ""
    for factor in TRIED:
        options = MeshingParameters(maxh=factor * unit * h, grading=GROWTH, parallel_meshing=False)
        for point, size in spots:
            options.RestrictH(*(unit * c for c in point), *(0.0,) * (3 - dim), unit * size)
        try:
            with _quiet():
                raw = OCCGeometry(drawing.shape, dim=dim).GenerateMesh(options)
                if order == 2:
                    raw.SecondOrder()
            return raw
        except Exception as error:  # NgException or what Open CASCADE throws: no common base
            words = f"cannot be meshed: {' '.join(str(error).split())}"
    raise InputError(words, key="h", allowed=THICK)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what Netgen prints of its troubles, thousands of lines past Python's own output."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in (1, 2):
            os.dup2(nowhere, number)
        yield
    finally:
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)
            os.close(old)
        os.close(nowhere)


def _boundaries(mesh: Any, drawing: Drawing, numbers: Sequence[str], facets: Any, place: Index) -> dict[str, Index]:
    """Facets of the mesh by name; those inside the mesh that have a name are among them."""
    ends = np.sort(place[facets["nodes"].astype(np.int64).T[: drawing.dim] - 1], axis=0)
    known = {tuple(facet): n for n, facet in enumerate(np.sort(mesh.facets, axis=0).T.tolist())}
    found: dict[str, list[int]] = {name: [] for name in drawing.names.values()}
    for facet, index in zip(ends.T.tolist(), facets["index"].tolist(), strict=True):
        name = drawing.names.get(numbers[index - 1])
        if name is not None:
            found[name].append(known[tuple(facet)])
    return {name: np.unique(members).astype(np.int32) for name, members in found.items()}


def _along(drawing: Drawing, name: str, h: float) -> None:
    """Make the cells along the edges or faces of a name, or in a region of a name, no larger than h."""
    sides = drawing.sides
    named = [sides[number] for number, given in drawing.names.items() if given == name]
    for shape in (*named, *(cell for cell in cells_of(drawing.shape) if cell.name == f".{name}")):
        shape.maxh = h


def _divide_alike(drawing: Drawing, alike: tuple[str, str]) -> None:
    """Tell Netgen that the edges of one name are those of the other, moved.  Raises InputError where they are not."""
    from netgen.meshing import IdentificationType
    from netgen.occ import Vec, gp_Trsf

    sides = drawing.sides
    first, second = ([sides[n] for n, given in drawing.names.items() if given == name] for name in alike)
    middles = [np.array([[s.center.x, s.center.y] for s in some]) for some in (first, second)]
    step = middles[1].mean(axis=0) - middles[0].mean(axis=0)
    for side, middle in zip(first, middles[0], strict=True):
        away = np.linalg.norm(middles[1] - middle - step, axis=1)
        twin = second[int(np.argmin(away))]
        if len(first) != len(second) or away.min() > 1e-6 * side.mass or abs(side.mass / twin.mass - 1) > 1e-6:
            words = f"names {alike[0]!r} and {alike[1]!r}, of which one is not the other, moved"
            raise InputError(words, key="alike", allowed="two edges of the same shape")
        way = gp_Trsf.Translation(Vec(*step.tolist(), 0.0))
        side.Identify(twin, "alike", IdentificationType.PERIODIC, way)


def _spots(each: Finer, dim: int, where: str) -> Iterator[Point]:
    """Points at which to ask for small cells: a grid of step h in the box and in the balls about the points."""
    boxes = [] if each.box is None else [tuple(zip(*map(sorted, zip(*each.box, strict=True)), strict=True))]
    balls = [tuple(tuple(c + s * each.radius for c in point) for s in (-1, 1)) for point in each.at]
    yield from each.at
    for k, (low, high) in enumerate([*boxes, *balls]):
        counts = [math.ceil((b - a) / each.h) for a, b in zip(low, high, strict=True)]
        affordable(f"{where}.h", CELLS[dim] * math.prod(max(count, 1) for count in counts), dim)
        lines = [np.linspace(a, b, count + 1) for a, b, count in zip(low, high, counts, strict=True)]
        centre = None if k < len(boxes) else each.at[k - len(boxes)]
        for point in product(*(line.tolist() for line in lines)):
            if centre is None or math.dist(point, centre) <= each.radius:
                yield point
