"""Figures of fields in space, on the body cut open along its middle: |psi| with arrows of the supercurrent on the cut,
and the temperatures of a heated run with a line where they are Tc.

VTK draws them off screen in a process of its own, from the files that ParaView reads too.
Run as a program: `python -m femtdgl.figures.volume FIELDS.pvd FIGURES t1,t2,... [gif]`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.figures.offscreen import in_own_process
from femtdgl.files.paraview import export
from femtdgl.files.reader import Result

FRAMES = 30
TEMPERATURE_LABELS = ("T", "T_e", "T_p")


def draw(
    result: Result, folder: Path, times: Sequence[float] | NDArray[np.float64], *, animation: bool = False
) -> list[Path]:
    """Write fields_psi.png, and fields_T.png where T is stored, with a panel for each time, and fields.gif.

    Raises NoPicture where there is no OpenGL.
    """
    series = result.directory / "paraview" / "fields.pvd"
    if not series.exists():
        export(result)
    listed = ",".join(repr(float(t)) for t in times)
    in_own_process("femtdgl.figures.volume", str(series), str(folder), listed, *(["gif"] if animation else []))
    warm = [folder / f"fields_{name}.png" for name in TEMPERATURE_LABELS if name in result.field_names]
    return [folder / "fields_psi.png", *warm] + ([folder / "fields.gif"] if animation else [])


BAR: Any = {"color": "black", "vertical": True, "height": 0.6, "position_x": 0.9, "position_y": 0.2}


def _magnitude(plotter: Any, body: Any, t: float, top: float, scale: float) -> None:
    half = body.clip(normal="y", origin=body.center, invert=False)
    bar = {**BAR, "title": "abs psi"}
    plotter.add_mesh(half, scalars="|psi|", cmap="magma", clim=(0, top), lighting=False, scalar_bar_args=bar)
    if "j_s" in body.array_names:
        cut = body.slice(normal="y", origin=body.center)
        arrows = cut.glyph(orient="j_s", scale="j_s", factor=scale, tolerance=0.04)
        if arrows.n_points:
            plotter.add_mesh(arrows, color="#1f4e5f", lighting=False, show_scalar_bar=False)
    _dress(plotter, body, t)


def _temperature(plotter: Any, body: Any, t: float, name: str, low: float, high: float) -> None:
    half = body.clip(normal="y", origin=body.center, invert=False)
    bar = {**BAR, "title": f"{name}/Tc", "fmt": "%.4g"}
    plotter.add_mesh(half, scalars=name, cmap="inferno", clim=(low, high), lighting=False, scalar_bar_args=bar)
    if half[name].min() < 1 < half[name].max():
        line = half.extract_surface().contour([1.0], scalars=name)
        plotter.add_mesh(line, color="#7fe0ff", line_width=2, lighting=False, show_scalar_bar=False)
    _dress(plotter, body, t)


def _dress(plotter: Any, body: Any, t: float) -> None:
    plotter.add_mesh(body.outline(), color="gray", line_width=1)
    plotter.add_text(f"t = {t:.2f}", font_size=9, color="black")
    plotter.camera_position = [(0.6, -1.6, 0.7), (0, 0, 0), (0, 0, 1)]
    plotter.reset_camera()
    plotter.camera.zoom(1.15)


def _main(series: str, folder: str, listed: str, *rest: str) -> None:
    from PIL import Image

    from femtdgl.figures.save import save_gif, save_pixels

    pyvista: Any = importlib.import_module("pyvista")
    reader = pyvista.get_reader(series)
    stored = np.asarray(reader.time_values)

    def body(t: float) -> Any:
        reader.set_active_time_value(stored[np.argmin(np.abs(stored - t))])
        return reader.read()[0]

    times = [float(t) for t in listed.split(",")]
    bodies = [body(t) for t in times]
    top = max(float(b["|psi|"].max()) for b in bodies) or 1.0
    fastest = max((float(np.linalg.norm(b["j_s"], axis=1).max()) for b in bodies if "j_s" in b.array_names), default=0)
    scale = 0.12 * bodies[0].length / fastest if fastest else 1.0

    def panels(name: str, draw: Any) -> None:
        columns = min(2, len(times))
        rows = -(-len(times) // columns)
        plotter = pyvista.Plotter(off_screen=True, shape=(rows, columns), window_size=(700 * columns, 460 * rows))
        plotter.set_background("white")
        for number, (t, b) in enumerate(zip(times, bodies, strict=True)):
            plotter.subplot(number // columns, number % columns)
            draw(plotter, b, t)
        save_pixels(plotter.screenshot(None, return_img=True), Path(folder) / f"fields_{name}.png")
        plotter.close()

    panels("psi", partial(_magnitude, top=top, scale=scale))
    for name in TEMPERATURE_LABELS:
        if name in bodies[0].array_names:
            low, high = (float(end(end(b[name]) for b in bodies)) for end in (min, max))
            panels(name, partial(_temperature, name=name, low=low, high=high if high > low else low + 1e-9))
    if "gif" in rest:
        images = []
        plotter = pyvista.Plotter(off_screen=True, window_size=(700, 460))
        for t in stored[np.unique(np.linspace(0, stored.size - 1, FRAMES).round().astype(int))]:
            plotter.clear()
            plotter.set_background("white")
            _magnitude(plotter, body(t), float(t), top, scale)
            picture = Image.fromarray(np.asarray(plotter.screenshot(None, return_img=True)))
            images.append(picture.quantize(256, dither=Image.Dither.NONE))
        save_gif(images, Path(folder) / "fields.gif", 6.0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
