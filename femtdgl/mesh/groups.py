"""Groups of cells and facets in a meshio mesh, whatever the format calls them, and what is done where they overlap.

Names come from sets of cells, from the physical groups of gmsh, from families of MED, from arrays `group:NAME`, and
from sets of nodes: those are the facets of the boundary all whose corners are in the set.  A group with a number only
(of gmsh, medit, nastran, SU2 and others) is called by its number.

Where groups of facets of the boundary lie in each other, the inner one has the facets, and the outer one the others; a
group of which nothing is left that way is a place to measure at, and no boundary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]

GROUP = "group:"
"""Groups in .vtu, which knows none: an array of this name and the group's, 1 on its cells."""
TAGS = (
    "gmsh:physical", "medit:ref", "nastran:ref", "su2:tag", "tetgen:ref", "ugrid:ref", "netgen:index",
    "avsucd:material", "MaterialIds", "CellEntityIds",
)  # fmt: skip
"""Arrays of cells that hold the numbers of groups, in the formats that meshio reads."""
ELEMENTARY = re.compile(r"(Point|Line|Curve|Surface|Volume)\d+")
"""Sets of nothing but one entity of a drawing, as gmsh writes them to .inp beside the groups."""


def groups_of(raw: Any, dimensions: Mapping[int, int]) -> dict[str, dict[int, Index]]:
    """Groups of cells and facets: name to {block: cells of the block}.   dimensions: of the blocks."""
    groups: dict[str, dict[int, Index]] = {}

    def add(name: str, block: int, members: Any) -> None:
        if len(members) and block in dimensions:
            here = groups.setdefault(name, {})
            here[block] = np.union1d(here.get(block, np.empty(0, np.int64)), np.asarray(members, dtype=np.int64))

    for name, sets in raw.cell_sets.items():
        if name.startswith("gmsh:") or not name:
            continue
        for block, members in enumerate(sets):
            if members is not None:
                add(name, block, members)
    families: Mapping[int, list[str]] = getattr(raw, "cell_tags", {})
    for block, values in enumerate(raw.cell_data.get("cell_tags", ())):
        for number, names in families.items():
            for name in names:
                add(name, block, np.flatnonzero(np.asarray(values) == number))
    named = {(int(tag), int(dim)): name for name, (tag, dim) in _tagged(raw).items()}
    for key in TAGS:
        for block, values in enumerate(raw.cell_data.get(key, ())):
            # a group of gmsh may hold entities turned round: their tags are negative
            numbers = np.abs(np.asarray(values).astype(np.int64))
            for number in np.unique(numbers[numbers > 0]).tolist() if numbers.ndim == 1 else ():
                name = named.get((number, dimensions.get(block, -1)), str(number))
                if not name.startswith("gmsh:"):
                    add(name, block, np.flatnonzero(numbers == number))
    for name, arrays in raw.cell_data.items():
        if name.startswith(GROUP):
            for block, values in enumerate(arrays):
                add(name.removeprefix(GROUP), block, np.flatnonzero(values))
    return groups


def numbers_of(raw: Any) -> dict[str, int]:
    """Numbers of the groups that have names, to put them in order."""
    return {name: int(tag) for name, (tag, _) in _tagged(raw).items()}


def rank(name: str, numbers: Mapping[str, int]) -> int:
    """Where a group stands among the others: by its number, if it has one."""
    return numbers.get(name, int(name) if name.isdecimal() else 0)


def _tagged(raw: Any) -> dict[str, Any]:
    """Names in gmsh's `field_data`: number and dimension."""
    return {name: value for name, value in raw.field_data.items() if np.size(value) == 2 and np.ndim(value) == 1}


def facets_of_nodes(raw: Any, mesh: Any, place: Index) -> dict[str, Index]:
    """Facets of the boundary all whose corners are in a set of nodes.   place: corners of the mesh by points of raw."""
    outside = mesh.boundary_facets()
    ends = mesh.facets[:, outside] if mesh.dim() > 1 else mesh.facets[:1, outside]
    found = {}
    for name, points in raw.point_sets.items():
        inside = np.zeros(mesh.p.shape[1], bool)
        corners = place[np.asarray(points, dtype=np.int64)]
        inside[corners[corners >= 0]] = True
        hit = outside[inside[ends].all(axis=0)]
        if hit.size and not name.startswith("gmsh:"):
            found[name] = hit
    return found


def apart(groups: Mapping[str, Index], outside: NDArray[np.bool_]) -> tuple[dict[str, Index], tuple[str, ...]]:
    """Groups of facets with no facet of the boundary in two of them, and the names of those that are boundaries.

    Groups that overlap without lying in each other are left as they are.
    """
    names = list(groups)
    drawn = {name: groups[name] for name in names}
    plain = [name for name in names if not ELEMENTARY.fullmatch(name)]
    for name in set(names) - set(plain):  # of the same facets the group that somebody named
        if any(np.intersect1d(drawn[name], drawn[other]).size for other in plain):
            del drawn[name]
    left = dict(drawn)
    places = {name for name in drawn if not outside[drawn[name]].any()}
    taken: list[str] = []
    for name in sorted(set(drawn) - places, key=lambda name: (drawn[name].size, names.index(name))):
        for other in taken:
            if np.isin(drawn[other], drawn[name]).all():
                left[name] = np.setdiff1d(left[name], drawn[other])
        if not left[name].size:
            left[name] = drawn[name]
            places.add(name)
        else:
            taken.append(name)
    ordered = {name: left[name] for name in names if name in left}
    return ordered, tuple(name for name in ordered if name not in places)
