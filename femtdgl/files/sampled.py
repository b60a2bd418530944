"""What a result gives at a time, along a line, and along a line through time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Currents(NamedTuple):
    """Current densities at the nodes, (dim, N) each, in j0."""

    s: Array
    """Of the condensate."""
    int: Array
    """Interference."""
    n: Array
    """Normal."""

    @property
    def total(self) -> Array:
        """Their sum."""
        return self.s + self.int + self.n


class Line(NamedTuple):
    """A quantity along a line: way along it s (n,) and points (n, dim) in xi, values (..., n); NaN outside the mesh."""

    s: Array
    x: Array
    values: NDArray[Any]


class SpaceTime(NamedTuple):
    """A quantity along a line at many times: t (frames,) in t0, s (n,) and points (n, dim) in xi, values (frames, n)
    or (frames, dim, n)."""

    t: Array
    s: Array
    x: Array
    values: NDArray[Any]
