"""Files of gmsh, MSH 4.1, text or binary, with all groups of every entity.

meshio knows one group of an entity by number, and refuses files in which some entities are in no group (those that
gmsh writes with "save all").  Other versions of the format it reads well.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]

INT, DOUBLE = np.dtype("<i4"), np.dtype("<f8")
TYPES = {
    1: ("line", 2), 2: ("triangle", 3), 3: ("quad", 4), 4: ("tetra", 4), 5: ("hexahedron", 8), 6: ("wedge", 6),
    7: ("pyramid", 5), 8: ("line3", 3), 9: ("triangle6", 6), 10: ("quad9", 9), 11: ("tetra10", 10),
    12: ("hexahedron27", 27), 13: ("wedge18", 18), 14: ("pyramid14", 14), 15: ("vertex", 1), 16: ("quad8", 8),
    17: ("hexahedron20", 20), 18: ("wedge15", 15), 19: ("pyramid13", 13),
}  # fmt: skip
"""Types of cells by their number: the name that meshio has for it, and how many nodes it has."""
ORDERS = {"tetra10": (0, 1, 2, 3, 4, 5, 6, 7, 9, 8)}
"""gmsh's order of the nodes in meshio's, where corners, or middles of sides that are used, differ."""


def is_version_4(path: str | Path) -> bool:
    """Whether a file is one of gmsh in the format 4.1."""
    try:
        with Path(path).open("rb") as file:
            return file.readline().strip() == b"$MeshFormat" and file.readline().split()[:1] == [b"4.1"]
    except OSError:
        return False


def read(path: str | Path) -> Any:
    """A file as a meshio mesh, with groups as `cell_sets`: by their names, or by their numbers where they have none.

    Raises ValueError, in words, for a file that breaks off or has a section that is not as it should be.
    """
    import meshio

    sections: dict[str, Any] = {}
    names: dict[str, list[int]] = {}
    with Path(path).open("rb") as file:
        text, word = _header(file)
        while line := file.readline():
            section = line.decode(errors="replace").strip().removeprefix("$")
            if section == "PhysicalNames":
                names = _names(file)
            elif section == "Entities":
                sections[section] = _entities(file, text, word)
            elif section == "Nodes":
                sections[section] = _nodes(file, text, word)
            elif section == "Elements":
                sections[section] = _elements(file, text, word)
            elif section:
                _skip(file, section)
    if not {"Nodes", "Elements"} <= set(sections):
        raise ValueError("it has no $Nodes or no $Elements")
    points, tags = sections["Nodes"]
    place = np.full(int(tags.max(initial=0)) + 1, -1)
    place[tags] = np.arange(tags.size)
    named = {(number, dim): name for name, (number, dim) in names.items()}
    cells, sets = [], dict[str, dict[int, Index]]()
    for block, (dim, entity, kind, nodes) in enumerate(sections["Elements"]):
        cells.append((kind, place[nodes]))
        for number in sections.get("Entities", {}).get((dim, entity), ()):
            name = named.get((number, dim), str(number))
            sets.setdefault(name, {})[block] = np.arange(nodes.shape[0])
    none = np.empty(0, np.int64)
    groups = {name: [members.get(k, none) for k in range(len(cells))] for name, members in sets.items()}
    return meshio.Mesh(points, cells, cell_sets=groups, field_data={n: np.array(v) for n, v in names.items()})


def _header(file: BinaryIO) -> tuple[bool, np.dtype[Any]]:
    """Whether the file is text, and the type of its large numbers."""
    file.readline()
    _, mode, size = file.readline().split()
    text = mode == b"0"
    if not text and _take(file, INT, 1, text)[0] != 1:
        raise ValueError("it is binary of another byte order")
    _skip(file, "MeshFormat")
    return text, np.dtype(f"<u{int(size)}")


def _take(file: BinaryIO, kind: np.dtype[Any], count: int, text: bool) -> Any:
    """So many numbers."""
    found = np.fromfile(file, kind, count, sep=" " if text else "")
    if found.size != count:
        raise ValueError("it breaks off")
    return found


def _skip(file: BinaryIO, section: str) -> None:
    """On to the end of a section."""
    for line in file:
        if line.strip() == f"$End{section}".encode():
            return
    raise ValueError(f"its section ${section} has no end")


def _names(file: BinaryIO) -> dict[str, list[int]]:
    """Names of groups: number and dimension."""
    found = {}
    for _ in range(int(file.readline())):
        dim, number, name = shlex.split(file.readline().decode())
        found[name] = [int(number), int(dim)]
    _skip(file, "PhysicalNames")
    return found


def _entities(file: BinaryIO, text: bool, word: np.dtype[Any]) -> dict[tuple[int, int], list[int]]:
    """Numbers of the groups of each entity (dimension, number)."""
    found = {}
    for dim, count in enumerate(_take(file, word, 4, text).tolist()):
        for _ in range(count):
            entity = int(_take(file, INT, 1, text)[0])
            _take(file, DOUBLE, 3 if dim == 0 else 6, text)
            groups = _take(file, INT, int(_take(file, word, 1, text)[0]), text)
            found[dim, entity] = np.abs(groups).tolist()  # negative where the entity is turned round
            if dim:
                _take(file, INT, int(_take(file, word, 1, text)[0]), text)
    _skip(file, "Entities")
    return found


def _nodes(file: BinaryIO, text: bool, word: np.dtype[Any]) -> tuple[NDArray[np.float64], Index]:
    """Points (n, 3) and their numbers."""
    blocks = int(_take(file, word, 4, text)[0])
    points, tags = [np.empty((0, 3))], [np.empty(0, np.int64)]
    for _ in range(blocks):
        dim, _, parametric = _take(file, INT, 3, text).tolist()
        count = int(_take(file, word, 1, text)[0])
        tags.append(_take(file, word, count, text).astype(np.int64))
        width = 3 + (dim if parametric else 0)
        points.append(_take(file, DOUBLE, count * width, text).reshape(count, width)[:, :3])
    _skip(file, "Nodes")
    return np.concatenate(points), np.concatenate(tags)


def _elements(file: BinaryIO, text: bool, word: np.dtype[Any]) -> list[tuple[int, int, str, Index]]:
    """Blocks of cells: dimension and number of their entity, meshio's name, nodes (cells, nodes of a cell)."""
    found = []
    for _ in range(int(_take(file, word, 4, text)[0])):
        dim, entity, number = _take(file, INT, 3, text).tolist()
        count = int(_take(file, word, 1, text)[0])
        if number not in TYPES:
            raise ValueError(f"it has cells of gmsh's type {number}, of an order above 2")
        kind, width = TYPES[number]
        data = _take(file, word, count * (1 + width), text).reshape(count, 1 + width)[:, 1:].astype(np.int64)
        found.append((dim, entity, kind, data[:, list(ORDERS.get(kind, range(width)))]))
    _skip(file, "Elements")
    return found
