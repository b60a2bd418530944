"""Between stored frames: where a time lies among rising ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def interval(rising: NDArray[np.float64], x: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The interval i, from rising[i] to rising[i + 1], of each x, and how far along it x lies, 0 to 1.

    Two numbers at least.  Outside of them all the first or the last interval, and less than 0 or more than 1.
    """
    x = np.asarray(x, float)
    i = np.clip(np.searchsorted(rising, x, side="right") - 1, 0, len(rising) - 2)
    return i, (x - rising[i]) / (rising[i + 1] - rising[i])
