"""Square roots of pointwise functions: those of numpy, for which the compiled loops put an instruction."""

from __future__ import annotations

from typing import Any

import numpy as np


def square_root(x: Any) -> Any:
    """The square root of a number or of an array, real or complex."""
    return np.sqrt(x)
