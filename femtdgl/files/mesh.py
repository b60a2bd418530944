"""Meshes to files, with their named boundaries and regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing
from femtdgl.files.mark import MARK, mark_xml
from femtdgl.mesh.curved import is_curved, second_order, straight_kind
from femtdgl.mesh.file import HEX, KINDS, walked
from femtdgl.mesh.groups import GROUP

Index = NDArray[np.intp]
SECOND = {"line": "line3", "triangle": "triangle6", "tetra": "tetra10"}
"""meshio's names of curved cells."""


def write(mesh: Any, path: str | Path) -> Path:
    """Write a scikit-fem mesh with its boundaries and regions: .msh (gmsh 2.2, text) or .vtu (group:NAME)."""
    import meshio

    path = Path(path)
    if path.suffix not in (".msh", ".vtu"):
        raise InputError(f"{path.suffix!r} is not possible", key="--out", file=str(path), allowed=".msh or .vtu")
    raw, form, options = _to_gmsh(mesh), "gmsh22", {"binary": False}
    if path.suffix == ".vtu":
        tags = raw.cell_data["gmsh:physical"]
        data = {GROUP + name: [(t == n).astype(np.int8) for t in tags] for name, (n, _) in raw.field_data.items()}
        raw, form, options = meshio.Mesh(raw.points, raw.cells, cell_data=data), "vtu", {}
    with replacing(path) as temporary:
        meshio.write(temporary, raw, file_format=form, **options)
        if form == "vtu":
            mark_xml(temporary)
        else:
            with temporary.open("a", encoding="utf-8") as file:
                file.write(f"$Comments\n{MARK}\n$EndComments\n")
    return path


def _to_gmsh(mesh: Any) -> Any:
    """A meshio mesh of cells and named facets, tagged as gmsh does."""
    import meshio

    dim = mesh.dim()
    kind = {name: key for key, name in KINDS.items()}[straight_kind(mesh)]
    t = mesh.t[list(HEX)] if kind == "hexahedron" else mesh.t
    facet = {"line": "vertex", "triangle": "line", "quad": "line", "tetra": "triangle", "hexahedron": "quad"}[kind]
    regions = dict(mesh.subdomains or {"inside": np.arange(mesh.t.shape[1])})
    cells: list[Any] = []
    tags: list[Index] = []
    field_data: dict[str, Index] = {}
    region = np.zeros(mesh.t.shape[1], dtype=np.int64)
    for number, (name, members) in enumerate(regions.items(), 1):
        region[members] = number
        field_data[name] = np.array([number, dim])
    for number, (name, members) in enumerate((mesh.boundaries or {}).items(), len(regions) + 1):
        at = mesh.facets[:, np.asarray(members)]
        if facet == "vertex":
            at = at[:1]
        if facet == "quad":
            at = walked(mesh.p, at)
        cells.append((SECOND[facet], second_order(mesh, at).T) if is_curved(mesh) else (facet, at.T))
        tags.append(np.full(at.shape[1], number))
        field_data[name] = np.array([number, dim - 1])
    cells.append((SECOND[kind], second_order(mesh, t).T) if is_curved(mesh) else (kind, t.T))
    tags.append(region)
    points = np.zeros((mesh.p.shape[1], 3))
    points[:, :dim] = mesh.p.T
    data = {"gmsh:physical": tags, "gmsh:geometrical": tags}
    return meshio.Mesh(points, cells, cell_data=data, field_data=field_data)
