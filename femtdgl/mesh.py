"""Meshes: recipes that make scikit-fem meshes with named boundaries.  Lengths in xi(T0).

A recipe is a frozen description; `build()` makes the mesh.  `order` is that of the elements that the fields
live on: 1 linear, 2 quadratic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from femtdgl.errors import InputError
from femtdgl.section import Section


def positive(name: str, value: float) -> None:
    """Raises InputError, with the key, unless the value is finite and above zero."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value!r} is not possible", key=name, allowed="a number > 0")


@dataclass(frozen=True, kw_only=True)
class Line(Section):
    """A filament along x from -length/2 to length/2, with the ends "left" and "right"."""

    length: float
    elements: int = 100
    order: Literal[1, 2] = 1
    shape: Literal["line"] = "line"

    boundaries: ClassVar[tuple[str, ...]] = ("left", "right")
    dim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        positive("length", self.length)
        if self.elements < 2:
            raise InputError(f"{self.elements!r} is not possible", key="elements", allowed="a whole number >= 2")

    def build(self) -> Any:
        """The scikit-fem mesh (MeshLine)."""
        from skfem import MeshLine

        half = self.length / 2
        x = half * np.linspace(-1, 1, self.elements + 1)
        return MeshLine(x).with_boundaries(
            {"left": lambda x: x[0] < -half * (1 - 1e-9), "right": lambda x: x[0] > half * (1 - 1e-9)}
        )


@dataclass(frozen=True, kw_only=True)
class Strip(Section):
    """A rectangle of the plane, x in [-length/2, length/2], y in [-width/2, width/2].

    Boundaries "left", "right" (the ends, x = -+ length/2), "bottom" and "top".  `h` is the size of the cells.
    """

    length: float
    width: float
    h: float
    cells: Literal["triangle", "quad"] = "triangle"
    order: Literal[1, 2] = 1
    shape: Literal["strip"] = "strip"

    boundaries: ClassVar[tuple[str, ...]] = ("left", "right", "bottom", "top")
    dim: ClassVar[int] = 2

    def __post_init__(self) -> None:
        for name in ("length", "width", "h"):
            positive(name, getattr(self, name))

    def build(self) -> Any:
        """The scikit-fem mesh (MeshTri or MeshQuad)."""
        from skfem import MeshQuad, MeshTri

        half = (self.length / 2, self.width / 2)
        x, y = (np.linspace(-side, side, max(2, round(2 * side / self.h)) + 1) for side in half)
        kind = MeshQuad if self.cells == "quad" else MeshTri
        return kind.init_tensor(x, y).with_boundaries(
            {
                "left": lambda p: p[0] < -half[0] * (1 - 1e-9),
                "right": lambda p: p[0] > half[0] * (1 - 1e-9),
                "bottom": lambda p: p[1] < -half[1] * (1 - 1e-9),
                "top": lambda p: p[1] > half[1] * (1 - 1e-9),
            }
        )


Recipe = Line | Strip
line = Line
strip = Strip
