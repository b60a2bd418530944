"""Figures of fields in space, on the body cut open along its middle: |psi| with arrows of the supercurrent on the cut,
and the temperatures of a heated run with a line where they are Tc.

VTK draws the bodies off screen in a process of its own, from the files that ParaView reads too; titles, times and
colour bars are put around them here.
Run as a program: `python -m femtdgl.figures.volume FIELDS.pvd PICTURES name t1,t2,... low,high` writes PICTURES.npz.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, TEMPERATURE_LABELS, save
from femtdgl.figures.heading import head, moment
from femtdgl.figures.offscreen import in_own_process
from femtdgl.figures.quantity import MAPS, label, span, style
from femtdgl.figures.save import in_palette, save_gif
from femtdgl.figures.sheet import rc_context, subplots
from femtdgl.figures.units import in_units
from femtdgl.files.paraview import export
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

FRAMES = 30
SIZE = (1000, 700)
"""Of the picture of a body, in pixels, before it is trimmed."""
MARGIN = 8
LABELS = {"psi": r"$|\psi|/\Delta_0$; arrows: $j_s$"} | {name: f"{T}$/T_c$" for name, T in TEMPERATURE_LABELS.items()}
ARRAYS = {"psi": "|psi|"}
"""Names of fields in the files for ParaView, where they have others."""


class Pictures(NamedTuple):
    """Bodies at some times, pixels (times, height, width, 3), and the range of their colours."""

    pixels: NDArray[np.uint8]
    low: float
    high: float


def draw(result: Result, folder: Path, times: Sequence[float] | Array) -> list[Path]:
    """Write fields_psi.png, and fields_T.png where T is stored, with a panel for each time.

    Raises NoPicture where there is no OpenGL.
    """
    names = ["psi", *(name for name in TEMPERATURE_LABELS if name in result.field_names)]
    figures = {f"fields_{name}": panels(result, name, times) for name in names}
    return save(figures, folder)


def pictures(
    result: Result, name: str, times: Sequence[float] | Array, ends: tuple[float, float] | None = None
) -> Pictures:
    """The body at the times, coloured by a field, with colours between `ends`, or those of the field at the times.

    Raises NoPicture where there is no OpenGL.
    """
    rows = np.array([np.argmin(np.abs(result.t - t)) for t in times])
    low, high = span(result, name, np.unique(rows)) if ends is None else ends
    with TemporaryDirectory() as folder:
        series, made = result.directory / "paraview" / "fields.pvd", Path(folder) / "pictures.npz"
        if not series.exists() or series.read_text(encoding="utf-8").count("<DataSet") < result.t.size:
            series = export(result, result.t[rows], Path(folder))
        listed = ",".join(repr(float(t)) for t in result.t[rows])
        in_own_process("femtdgl.figures.volume", str(series), str(made), name, listed, f"{low!r},{high!r}")
        with np.load(made) as drawn:
            pixels = drawn["pixels"]
    return Pictures(trimmed(pixels) if ends is None else pixels, low, high)


def used(pixels: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns of pictures (times, height, width, 3) that are not white in all of them, and a margin."""
    inked = pixels.min(axis=(0, 3)) < 255
    spans = [np.flatnonzero(inked.max(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(max(span[0] - MARGIN, 0), span[-1] + MARGIN + 1) for span in spans)
    return rows, columns


def trimmed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (times, height, width, 3) without the white around all of them, but for a margin."""
    rows, columns = used(pixels)
    return pixels[:, rows, columns]


def _bar(figure: Figure, axes: Any, name: str, drawn: Pictures, words: str = "") -> None:
    colours = style(name, drawn.low, drawn.high)
    shown = ScalarMappable(Normalize(colours["vmin"], colours["vmax"]), colours["cmap"])
    line = ", line at 1" if name in TEMPERATURE_LABELS and drawn.low < 1 < drawn.high else ""
    figure.colorbar(shown, ax=axes, label=(words or LABELS.get(name, name)) + line, shrink=0.8)


def _body(ax: Axes, pixels: NDArray[np.uint8], words: str) -> Any:
    ax.axis("off")
    ax.set_title(words, loc="left", y=1.0)
    return ax.imshow(pixels)


def panels(result: Result, name: str, times: Sequence[float] | Array) -> Figure:
    """A panel for each time."""
    drawn = pictures(result, name, times)
    words = "" if name in LABELS else label(result, name)
    columns = min(2, len(times))
    rows = -(-len(times) // columns)
    with rc_context(STYLE):
        height, width = drawn.pixels.shape[1:3]
        size = (4.6 * columns + 1.0, (4.6 * height / width + 0.3) * rows + 0.5)
        figure, axes = subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
        for ax in axes.ravel()[len(times) :]:
            ax.axis("off")
        for ax, pixels, t in zip(axes.ravel(), drawn.pixels, times, strict=False):
            _body(ax, pixels, moment(result, float(t)))
        _bar(figure, axes, name, drawn, words)
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def framed(result: Result, name: str, drawn: Pictures, words: str = "") -> tuple[Figure, Axes, Any]:
    """A picture of a body with title and colour bar around it, laid out; its axes and its image."""
    height, width = drawn.pixels.shape[1:3]
    figure, ax = subplots(figsize=(7.8, 6.6 * height / width + 0.9), layout="constrained")
    body = _body(ax, drawn.pixels[0], "t")
    _bar(figure, ax, name, drawn, words)
    in_units(figure.axes, result)
    head(figure, result)
    figure.canvas.draw()
    figure.set_layout_engine("none")
    return figure, ax, body


def animate(result: Result, path: Path) -> Path:
    """|psi| over the run as an animated GIF."""
    from PIL import Image

    times = result.t[np.unique(np.linspace(0, result.t.size - 1, FRAMES).round().astype(int))]
    drawn = pictures(result, "psi", times)
    images = []
    with rc_context({**STYLE, "figure.dpi": 90}):
        figure, ax, body = framed(result, "psi", drawn)
        for t, pixels in zip(times, drawn.pixels, strict=True):
            body.set_data(pixels)
            ax.set_title(moment(result, float(t)), loc="left")
            figure.canvas.draw()
            seen = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
            images.append(Image.fromarray(seen.copy()))
    save_gif(in_palette(images, [MAPS["psi"]]), path, 6.0)
    return path


# ---- in the other process ---------------------------------------------------------------------------------------


def _arrows(plotter: Any, body: Any, name: str, length: float, colour: str) -> None:
    cut = body.slice(normal="y", origin=body.center)
    arrows = cut.glyph(orient=name, scale=name, factor=length, tolerance=0.05)
    if arrows.n_points:
        plotter.add_mesh(arrows, color=colour, lighting=False, show_scalar_bar=False)


def _half(body: Any, name: str) -> tuple[Any, str]:
    """The back half of the body, and the array on it that is drawn."""
    half = body.clip(normal="y", origin=body.center, invert=False)
    if name == "phase":  # what lies between the nodes has the phase of psi there: a mean of two angles means nothing
        half = half.extract_surface().triangulate().subdivide(2, "linear")
        half["arg psi"] = np.angle(half["psi_re"] + 1j * half["psi_im"])
        return half, "arg psi"
    array = ARRAYS.get(name, name)
    if half[array].ndim == 2:
        half["length"] = np.linalg.norm(half[array], axis=1)
        return half, "length"
    return half, array


def _colour(plotter: Any, body: Any, name: str, ends: tuple[float, float], arrow: float) -> None:
    half, array = _half(body, name)
    colours = style(name, *ends)
    plotter.add_mesh(
        half, scalars=array, cmap=colours["cmap"], clim=(colours["vmin"], colours["vmax"]), lighting=False,
        show_scalar_bar=False,
    )  # fmt: skip
    if name in TEMPERATURE_LABELS and half[array].min() < 1 < half[array].max():
        line = half.extract_surface().contour([1.0], scalars=array)
        plotter.add_mesh(line, color="#7fe0ff", line_width=2, lighting=False, show_scalar_bar=False)
    flow = "j_s" if name == "psi" else name
    if flow in body.array_names and body[flow].ndim == 2:
        _arrows(plotter, body, flow, arrow, "#1f4e5f" if name == "psi" else "white")


def _main(series: str, made: str, name: str, listed: str, between: str) -> None:
    pyvista: Any = importlib.import_module("pyvista")
    reader = pyvista.get_reader(series)
    stored = np.asarray(reader.time_values)

    def body(t: float) -> Any:
        reader.set_active_time_value(stored[np.argmin(np.abs(stored - t))])
        return reader.read()[0]

    bodies = [body(float(t)) for t in listed.split(",")]
    low, high = map(float, between.split(","))
    flow = "j_s" if name == "psi" else name
    sizes = [b[flow] for b in bodies if flow in b.array_names and b[flow].ndim == 2]
    fastest = max((float(np.linalg.norm(each, axis=1).max()) for each in sizes), default=0.0)
    arrow = 0.1 * bodies[0].length / fastest if fastest else 1.0
    plotter = pyvista.Plotter(off_screen=True, window_size=SIZE)
    pixels: list[Any] = []
    for each in bodies:
        plotter.clear()
        plotter.set_background("white")
        _colour(plotter, each, name, (low, high), arrow)
        plotter.add_mesh(each.outline(), color="gray", line_width=1)
        if not pixels:  # one view for all
            plotter.camera_position = [(0.6, -1.6, 0.7), (0, 0, 0), (0, 0, 1)]
            plotter.reset_camera()
        pixels.append(np.asarray(plotter.screenshot(None, return_img=True)))
    np.savez(made, pixels=np.array(pixels))


if __name__ == "__main__":
    _main(*sys.argv[1:])
