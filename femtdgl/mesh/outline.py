"""The outline of a strip: its two edges as functions of x, and the names of its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.mesh.profile import Constriction, Hole, Notch

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A rectangle about the origin, length along x and width along y, with what is cut out of it."""

    length: float
    width: float
    notch: Notch | None = None
    hole: Hole | None = None
    constriction: Constriction | None = None

    @property
    def boundaries(self) -> tuple[str, ...]:
        """Names of the parts."""
        return ("left", "right", "bottom", "top") + (() if self.hole is None else ("hole",))

    @property
    def plain(self) -> bool:
        """Whether it is the rectangle."""
        return self.notch is None and self.hole is None and self.constriction is None

    def edges(self, x: Array) -> tuple[Array, Array]:
        """y of the lower and of the upper edge at x."""
        half = np.full_like(x, self.width / 2)
        if self.constriction is not None:
            half *= self.constriction.factor(x, self.width)
        lower, upper = -half, half
        if self.notch is not None:
            cut = self.notch.cut(x)
            lower = lower + cut * (self.notch.side != "top")
            upper = upper - cut * (self.notch.side != "bottom")
        return lower, upper
