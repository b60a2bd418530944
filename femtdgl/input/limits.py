"""What a machine can bear: memory, and how large a problem may be before it is refused in words."""

from __future__ import annotations

import os

from femtdgl.errors import InputError

CELL = {1: 2e3, 2: 4e3, 3: 8e3}
"""Bytes that a cell of a mesh takes at the very least, with its unknowns and their equations, by dimension."""


def memory() -> float:
    """Bytes of memory of this machine; inf where that cannot be known."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return float("inf")


def affordable(key: str, cells: float, dim: int) -> None:
    """Raises InputError, with the key, when a mesh of so many cells is beyond the memory of this machine."""
    need, there = cells * CELL[dim], memory()
    if need > there:
        raise InputError(
            f"makes about {cells:.2g} cells, which take more than {size(need)}",
            key=key,
            allowed=f"a mesh of at most {there / CELL[dim]:.2g} cells: this machine has {size(there)} of memory",
        )


def size(count: float) -> str:
    """A number of bytes in words."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1000 or unit == "TB":
            return f"{count:.3g} {unit}"
        count /= 1000
    raise AssertionError
