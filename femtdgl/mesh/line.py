"""Line: a filament."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from femtdgl.errors import InputError
from femtdgl.input.limits import affordable
from femtdgl.input.numbers import positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section


@dataclass(frozen=True, kw_only=True)
class Line(Section):
    """A filament along x from -length/2 to length/2, with the ends "left" and "right"."""

    length: InXi
    """In xi."""
    elements: int = 100
    """Number of cells."""
    order: Literal[1, 2] = 1
    """Of the elements: 1 linear, 2 quadratic."""
    shape: Literal["line"] = "line"

    boundaries: ClassVar[tuple[str, ...]] = ("left", "right")
    dim: ClassVar[int] = 1

    def __post_init__(self) -> None:
        positive("length", self.length)
        if self.elements < 2:
            raise InputError(f"{self.elements!r} is not possible", key="elements", allowed="a whole number >= 2")
        affordable("elements", self.elements, 1)

    def build(self) -> Any:
        """The scikit-fem mesh (MeshLine)."""
        from skfem import MeshLine

        half = self.length / 2
        x = half * np.linspace(-1, 1, self.elements + 1)
        return MeshLine(x).with_boundaries(
            {"left": lambda x: x[0] < -half * (1 - 1e-9), "right": lambda x: x[0] > half * (1 - 1e-9)}
        )
