"""Figures of fields in space: |psi| on the body cut open along its middle, with arrows of the supercurrent on the cut.

VTK draws them off screen in a process of its own, from the files that ParaView reads too.
Run as a program: `python -m femtdgl.plots_volume FIELDS.pvd FIGURES t1,t2,... [gif]`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.files.atomic import replacing
from femtdgl.files.offscreen import in_own_process
from femtdgl.files.paraview import export
from femtdgl.files.reader import Result

FRAMES = 30


def draw(
    result: Result, folder: Path, times: Sequence[float] | NDArray[np.float64], *, animation: bool = False
) -> list[Path]:
    """Write fields_psi.png with a panel for each time, and fields.gif.  Raises NoPicture where there is no OpenGL."""
    series = result.directory / "paraview" / "fields.pvd"
    if not series.exists():
        export(result)
    listed = ",".join(repr(float(t)) for t in times)
    in_own_process("femtdgl.plots_volume", str(series), str(folder), listed, *(["gif"] if animation else []))
    return [folder / "fields_psi.png"] + ([folder / "fields.gif"] if animation else [])


def _scene(pyvista: Any, plotter: Any, body: Any, t: float, top: float, scale: float) -> None:
    half = body.clip(normal="y", origin=body.center, invert=False)
    bar = {"color": "black", "title": "abs psi", "vertical": True, "height": 0.6, "position_x": 0.9, "position_y": 0.2}
    plotter.add_mesh(half, scalars="|psi|", cmap="magma", clim=(0, top), lighting=False, scalar_bar_args=bar)
    plotter.add_mesh(body.outline(), color="gray", line_width=1)
    if "j_s" in body.array_names:
        cut = body.slice(normal="y", origin=body.center)
        arrows = cut.glyph(orient="j_s", scale="j_s", factor=scale, tolerance=0.04)
        if arrows.n_points:
            plotter.add_mesh(arrows, color="#1f4e5f", lighting=False, show_scalar_bar=False)
    plotter.add_text(f"t = {t:.2f}", font_size=9, color="black")
    plotter.camera_position = [(0.6, -1.6, 0.7), (0, 0, 0), (0, 0, 1)]
    plotter.reset_camera()
    plotter.camera.zoom(1.15)


def _main(series: str, folder: str, listed: str, *rest: str) -> None:
    from PIL import Image

    from femtdgl.plots_fields import save_gif

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

    columns = min(2, len(times))
    rows = -(-len(times) // columns)
    plotter = pyvista.Plotter(off_screen=True, shape=(rows, columns), window_size=(700 * columns, 460 * rows))
    plotter.set_background("white")
    for number, (t, b) in enumerate(zip(times, bodies, strict=True)):
        plotter.subplot(number // columns, number % columns)
        _scene(pyvista, plotter, b, t, top, scale)
    with replacing(Path(folder) / "fields_psi.png") as temporary:
        Image.fromarray(np.asarray(plotter.screenshot(None, return_img=True))).save(temporary, format="PNG")
    plotter.close()
    if "gif" in rest:
        images = []
        plotter = pyvista.Plotter(off_screen=True, window_size=(700, 460))
        for t in stored[np.unique(np.linspace(0, stored.size - 1, FRAMES).round().astype(int))]:
            plotter.clear()
            plotter.set_background("white")
            _scene(pyvista, plotter, body(t), float(t), top, scale)
            picture = Image.fromarray(np.asarray(plotter.screenshot(None, return_img=True)))
            images.append(picture.quantize(256, dither=Image.Dither.NONE))
        save_gif(images, Path(folder) / "fields.gif", 6.0)


if __name__ == "__main__":
    _main(*sys.argv[1:])
