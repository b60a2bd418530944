"""What a mesh file does hold, for the one who misses something in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

PHYSICAL = ("Physical Point", "Physical Curve", "Physical Surface", "Physical Volume")
"""How gmsh names groups, by dimension."""


def inventory(raw: Any) -> str:
    """Cells and groups of a meshio mesh, in words."""
    cells: Counter[str] = Counter()
    for block in raw.cells:
        cells[block.type] += len(block.data)
    kinds = ", ".join(f"{count} x {kind}" for kind, count in cells.items() if count) or "no cells"
    names = sorted({name for name in (*raw.cell_sets, *raw.field_data) if name and not name.startswith("gmsh:")})
    tags = raw.cell_data.get("gmsh:physical", [])
    numbers = {int(abs(tag)) for values in tags for tag in np.unique(np.asarray(values))} - {0}
    bare = sorted(numbers - {int(tag) for tag, _ in raw.field_data.values()})
    groups = f"groups {', '.join(map(repr, names))}" if names else "no group with a name"
    unnamed = f", groups without a name: {', '.join(map(str, bare))}" if bare else ""
    return f"it holds {kinds}; {groups}{unnamed}"


def dropped(raw: Any) -> bool:
    """Whether there are names of groups, but no cell that is in one of them: so gmsh saves all in its format 2."""
    tags = raw.cell_data.get("gmsh:physical", [])
    return bool(raw.field_data) and bool(len(tags)) and not any(np.any(values) for values in tags)


def naming(dim: int) -> str:
    """How to name the boundaries and the inside of a mesh of some dimension in gmsh."""
    return (
        f'every boundary in a named group, in gmsh {PHYSICAL[dim - 1]}("left") = {{...}};, and then the inside, '
        f'{PHYSICAL[dim]}("film") = {{...}};: gmsh saves only what is in a group'
    )
