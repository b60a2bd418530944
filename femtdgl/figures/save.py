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


def save_figure(figure: Any, path: Path, *, dpi: float | str = "figure") -> Path:
    """A figure of matplotlib as PNG, in a folder that is made if need be; the figure is closed."""
    import matplotlib.pyplot as plt

    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=dpi, metadata={SOFTWARE: MARK})
    plt.close(figure)
    return path


def save_pixels(pixels: Any, path: Path) -> None:
    """An array of pixels as PNG."""
    from PIL import Image, PngImagePlugin

    words = PngImagePlugin.PngInfo()
    words.add_text(SOFTWARE, MARK)
    with replacing(path) as temporary:
        Image.fromarray(np.asarray(pixels)).save(temporary, format="PNG", pnginfo=words)


def palette_of(images: Sequence[Any]) -> Any:
    """A palette for pictures of PIL: the colours of all of these, rare ones too, so that no colour bar is banded."""
    from PIL import Image

    tall = Image.new("RGB", (images[0].width, sum(image.height for image in images)))
    for k, image in enumerate(images):
        tall.paste(image, (0, k * image.height))
    return tall.quantize(256, method=Image.Quantize.MAXCOVERAGE)


def save_gif(images: Sequence[Any], path: Path, seconds: float) -> None:
    """Pictures of PIL as a GIF that runs for ever, `seconds` a round."""
    step = max(20, round(1000 * seconds / len(images)))
    options: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": step, "loop": 0}
    with replacing(path) as temporary:
        images[0].save(temporary, format="GIF", comment=MARK.encode(), **options)
