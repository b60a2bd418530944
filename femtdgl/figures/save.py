"""Pictures to files: each appears whole, and bears the mark of this program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from femtdgl.files.atomic import replacing
from femtdgl.files.mark import MARK

SOFTWARE = "Software"
"""The entry of a PNG that names the program."""

GREYS = 24
MARKS = np.array([[127, 224, 255], [95, 211, 95], [31, 78, 95], [31, 119, 180], [214, 39, 40]])
"""Colours of lines, rings and crosses on maps, which a GIF keeps beside those of its maps."""


def save_figure(figure: Any, path: Path, *, dpi: float | str = "figure") -> Path:
    """A figure of matplotlib as PNG, in a folder that is made if need be; the figure is closed."""

    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=dpi, metadata={SOFTWARE: MARK}, pil_kwargs={"compress_level": 3})
    return path


def save_pixels(pixels: Any, path: Path) -> None:
    """An array of pixels as PNG."""
    from PIL import Image, PngImagePlugin

    words = PngImagePlugin.PngInfo()
    words.add_text(SOFTWARE, MARK)
    with replacing(path) as temporary:
        Image.fromarray(np.asarray(pixels)).save(temporary, format="PNG", pnginfo=words)


def in_palette(images: Sequence[Any], maps: Sequence[str] = ()) -> list[Any]:
    """Pictures of PIL in 256 colours: those of colour maps, evenly, so that none is banded, and greys; without maps
    those that the pictures have.
    """
    from matplotlib import colormaps
    from PIL import Image

    if not maps:
        palette = images[0].quantize(256)
    else:
        each = (256 - len(MARKS) - GREYS) // len(maps)
        greys = np.linspace(0, 255, GREYS).repeat(3).reshape(-1, 3)
        shades = [255 * colormaps[name](np.linspace(0, 1, each))[:, :3] for name in maps]
        palette = Image.new("P", (1, 1))
        palette.putpalette(np.concatenate([greys, MARKS, *shades]).round().astype(np.uint8).ravel().tolist())
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def save_gif(images: Sequence[Any], path: Path, seconds: float) -> None:
    """Pictures of PIL as a GIF that runs for ever, `seconds` a round."""
    step = max(20, round(1000 * seconds / len(images)))
    options: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": step, "loop": 0}
    with replacing(path) as temporary:
        images[0].save(temporary, format="GIF", comment=MARK.encode(), **options)
