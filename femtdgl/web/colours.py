"""Colours of fields on pages, those of the figures: numbers to colours, arrays to small pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.figures.quantity import ends, style
from femtdgl.figures.sheet import colormaps
from femtdgl.web.html import data_uri

Array = NDArray[np.float64]

OUTSIDE = (128, 128, 128)


def colours(name: str, low: float, high: float) -> tuple[float, float, NDArray[np.uint8]]:
    """Ends of the colours of a field that lies between low and high, and the colours (256, 3)."""
    chosen = style(name, *ends(name, low, high))
    rgb = colormaps[chosen["cmap"]](np.linspace(0, 1, 256))[:, :3]
    return float(chosen["vmin"]), float(chosen["vmax"]), np.round(255 * rgb).astype(np.uint8)


def picture(drawn: Array, low: float, high: float, rgb: NDArray[np.uint8]) -> str:
    """A PNG of values (rows, columns), the top row first, as an address that holds it; NaN is transparent."""
    from PIL import Image

    inside = np.isfinite(drawn)
    share = (np.where(inside, drawn, low) - low) / ((high - low) or 1.0)
    steps = np.where(inside, np.round(254 * np.clip(share, 0, 1)), 255).astype(np.uint8)
    image: Any = Image.fromarray(steps)
    shades = np.vstack([rgb[np.round(np.linspace(0, 255, 255)).astype(int)], [OUTSIDE]]).astype(np.uint8)
    image.putpalette(shades.ravel().tolist())
    stream = io.BytesIO()
    image.save(stream, format="PNG", transparency=255)
    return data_uri(stream.getvalue(), "png")
