"""Figures of fields in space, on the body cut open along its middle: |psi| with arrows of the supercurrent on the cut,
and the temperatures of a heated run with a line where they are Tc.

VTK draws the bodies off screen in a process of its own, from the files that ParaView reads too; titles, times and
colour bars are put around them here.
Run as a program: `python -m femtdgl.figures.volume FIELDS.pvd PICTURES name t1,t2,...` writes PICTURES.npz.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, TEMPERATURE_LABELS, save
from femtdgl.figures.heading import head, moment
from femtdgl.figures.offscreen import in_own_process
from femtdgl.figures.save import save_gif
from femtdgl.files.paraview import export
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

FRAMES = 30
SIZE = (1000, 700)
"""Of the picture of a body, in pixels, before it is trimmed."""
MARGIN = 8
MAPS = {"psi": "magma"} | dict.fromkeys(TEMPERATURE_LABELS, "inferno")
LABELS = {"psi": r"$|\psi|/\Delta_0$; arrows: $j_s$"} | {name: f"{T}$/T_c$" for name, T in TEMPERATURE_LABELS.items()}


class Pictures(NamedTuple):
    """Bodies at some times, pixels (times, height, width, 3), and the range of their colours."""

    pixels: NDArray[np.uint8]
    low: float
    high: float


def draw(result: Result, folder: Path, times: Sequence[float] | Array, *, animation: bool = False) -> list[Path]:
    """Write fields_psi.png, and fields_T.png where T is stored, with a panel for each time, and fields.gif.

    Raises NoPicture where there is no OpenGL.
    """
    names = ["psi", *(name for name in TEMPERATURE_LABELS if name in result.field_names)]
    figures = {f"fields_{name}": panels(result, name, times) for name in names}
    made = save(figures, folder)
    return [*made, animate(result, folder / "fields.gif")] if animation else made


def pictures(result: Result, name: str, times: Sequence[float] | Array) -> Pictures:
    """The body at the times, coloured by a field.  Raises NoPicture where there is no OpenGL."""
    series = result.directory / "paraview" / "fields.pvd"
    if not series.exists():
        export(result)
    with TemporaryDirectory() as folder:
        made = Path(folder) / "pictures.npz"
        listed = ",".join(repr(float(t)) for t in times)
        in_own_process("femtdgl.figures.volume", str(series), str(made), name, listed)
        with np.load(made) as drawn:
            return Pictures(trimmed(drawn["pixels"]), float(drawn["low"]), float(drawn["high"]))


def trimmed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (times, height, width, 3) without the white around all of them, but for a margin."""
    used = pixels.min(axis=(0, 3)) < 255
    spans = [np.flatnonzero(used.max(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(max(span[0] - MARGIN, 0), span[-1] + MARGIN + 1) for span in spans)
    return pixels[:, rows, columns]


def _bar(figure: Figure, axes: Any, name: str, drawn: Pictures) -> None:
    colours = ScalarMappable(Normalize(drawn.low, drawn.high), MAPS[name])
    line = ", line at 1" if name != "psi" and drawn.low < 1 < drawn.high else ""
    figure.colorbar(colours, ax=axes, label=LABELS[name] + line, shrink=0.8)


def _body(ax: Axes, pixels: NDArray[np.uint8], words: str) -> Any:
    ax.axis("off")
    ax.set_title(words, loc="left")
    return ax.imshow(pixels)


def panels(result: Result, name: str, times: Sequence[float] | Array) -> Figure:
    """A panel for each time."""
    drawn = pictures(result, name, times)
    columns = min(2, len(times))
    rows = -(-len(times) // columns)
    with plt.rc_context(STYLE):
        height, width = drawn.pixels.shape[1:3]
        size = (4.6 * columns + 1.0, (4.6 * height / width + 0.3) * rows + 0.5)
        figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
        for ax in axes.ravel()[len(times) :]:
            ax.axis("off")
        for ax, pixels, t in zip(axes.ravel(), drawn.pixels, times, strict=False):
            _body(ax, pixels, moment(result, float(t)))
        _bar(figure, axes, name, drawn)
        head(figure, result)
        return figure


def animate(result: Result, path: Path) -> Path:
    """|psi| over the run as an animated GIF."""
    from PIL import Image

    times = result.t[np.unique(np.linspace(0, result.t.size - 1, FRAMES).round().astype(int))]
    drawn = pictures(result, "psi", times)
    images = []
    with plt.rc_context({**STYLE, "figure.dpi": 90}):
        height, width = drawn.pixels.shape[1:3]
        figure, ax = plt.subplots(figsize=(7.8, 6.6 * height / width + 0.9), layout="constrained")
        body = _body(ax, drawn.pixels[0], "t")
        _bar(figure, ax, "psi", drawn)
        head(figure, result)
        figure.canvas.draw()
        figure.set_layout_engine("none")
        for t, pixels in zip(times, drawn.pixels, strict=True):
            body.set_data(pixels)
            ax.set_title(moment(result, float(t)), loc="left")
            figure.canvas.draw()
            seen = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
            images.append(Image.fromarray(seen.copy()).quantize(256, dither=Image.Dither.NONE))
        plt.close(figure)
    save_gif(images, path, 6.0)
    return path


# ---- in the other process ---------------------------------------------------------------------------------------


def _magnitude(plotter: Any, body: Any, low: float, high: float, arrow: float) -> None:
    half = body.clip(normal="y", origin=body.center, invert=False)
    plotter.add_mesh(half, scalars="|psi|", cmap="magma", clim=(low, high), lighting=False, show_scalar_bar=False)
    if "j_s" in body.array_names:
        cut = body.slice(normal="y", origin=body.center)
        arrows = cut.glyph(orient="j_s", scale="j_s", factor=arrow, tolerance=0.04)
        if arrows.n_points:
            plotter.add_mesh(arrows, color="#1f4e5f", lighting=False, show_scalar_bar=False)


def _temperature(plotter: Any, body: Any, name: str, low: float, high: float) -> None:
    half = body.clip(normal="y", origin=body.center, invert=False)
    plotter.add_mesh(half, scalars=name, cmap="inferno", clim=(low, high), lighting=False, show_scalar_bar=False)
    if half[name].min() < 1 < half[name].max():
        line = half.extract_surface().contour([1.0], scalars=name)
        plotter.add_mesh(line, color="#7fe0ff", line_width=2, lighting=False, show_scalar_bar=False)


def _main(series: str, made: str, name: str, listed: str) -> None:
    pyvista: Any = importlib.import_module("pyvista")
    reader = pyvista.get_reader(series)
    stored = np.asarray(reader.time_values)

    def body(t: float) -> Any:
        reader.set_active_time_value(stored[np.argmin(np.abs(stored - t))])
        return reader.read()[0]

    bodies = [body(float(t)) for t in listed.split(",")]
    scalars = "|psi|" if name == "psi" else name
    low, high = (float(end(end(b[scalars]) for b in bodies)) for end in (min, max))
    if name == "psi":
        low = 0.0
    high = high if high > low else low + (1.0 if name == "psi" else 1e-9)
    fastest = max((float(np.linalg.norm(b["j_s"], axis=1).max()) for b in bodies if "j_s" in b.array_names), default=0)
    arrow = 0.1 * bodies[0].length / fastest if fastest else 1.0
    plotter = pyvista.Plotter(off_screen=True, window_size=SIZE)
    pixels: list[Any] = []
    for each in bodies:
        plotter.clear()
        plotter.set_background("white")
        if name == "psi":
            _magnitude(plotter, each, low, high, arrow)
        else:
            _temperature(plotter, each, name, low, high)
        plotter.add_mesh(each.outline(), color="gray", line_width=1)
        if not pixels:  # one view for all
            plotter.camera_position = [(0.6, -1.6, 0.7), (0, 0, 0), (0, 0, 1)]
            plotter.reset_camera()
        pixels.append(np.asarray(plotter.screenshot(None, return_img=True)))
    np.savez(made, pixels=np.array(pixels), low=low, high=high)


if __name__ == "__main__":
    _main(*sys.argv[1:])
