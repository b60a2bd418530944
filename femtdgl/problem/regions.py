"""Where a filament is not like the rest: spots, smooth in x, and materials of named regions of the mesh."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.mesh import positive

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Spot(Section):
    """A Gaussian of x: depth exp(-|x - at|^2/(2 width^2)).  Lengths in xi."""

    depth: float
    """What is taken off in the middle."""
    at: InXi | tuple[InXi, ...] = 0.0
    """The middle; a number is a plane x = at."""
    width: InXi = 1.0
    """Standard deviation."""

    def __post_init__(self) -> None:
        positive("width", self.width)
        if not math.isfinite(self.depth):
            raise InputError(f"{self.depth!r} is not possible", key="depth", allowed="a finite number")

    def __call__(self, x: Array) -> Array:
        """Values at points x: (dim, n); a scalar `at` is a plane x = at.   Result: (n,)."""
        at = np.atleast_1d(np.asarray(self.at, float))
        r2 = np.sum((x[: len(at)] - at[:, None]) ** 2, axis=0)
        return self.depth * np.exp(-r2 / (2 * self.width**2))


@dataclass(frozen=True, kw_only=True)
class Region(Section):
    """Material of a named region of the mesh, relative to the film."""

    eps: float = 1.0
    """(Tc(region) - T0)/(Tc - T0); negative above its own critical temperature."""
    conductivity: float = 1.0
    """Normal conductivity over that of the film; the coherence length is taken as that of the film."""
    thickness: float = 1.0
    """Thickness over that of the film (2D)."""

    def __post_init__(self) -> None:
        positive("conductivity", self.conductivity)
        positive("thickness", self.thickness)
