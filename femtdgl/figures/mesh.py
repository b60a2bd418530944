"""Pictures of meshes: lines and planes by matplotlib, bodies by VTK off screen in a process of its own.

A process of its own, because where there is no OpenGL the VTK library ends the process that asked for it.
Run as a program: `python -m femtdgl.figures.mesh BODY.npz PICTURE.png`.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from femtdgl.errors import InputError
from femtdgl.figures.offscreen import in_own_process
from femtdgl.figures.save import save_figure, save_pixels
from femtdgl.files.atomic import refuse_foreign
from femtdgl.mesh.curved import along, around

COLOURS = ("#0b6e99", "#c8452c", "#5b8c2a", "#8a5aa8", "#c98a1b", "#2a9d8f", "#7a5230")


def draw(mesh: Any, path: str | Path, *, title: str = "") -> Path:
    """A picture of the cells with the named boundaries in colour, as PNG."""
    path = Path(path)
    if path.suffix != ".png":
        raise InputError(f"{path.suffix!r} is not possible", key="--picture", file=str(path), allowed=".png")
    if mesh.dim() == 3:
        _body(mesh, path, title)
        return path
    from matplotlib.collections import LineCollection, PolyCollection

    from femtdgl.figures.sheet import subplots

    extent = np.ptp(mesh.p, axis=1)
    high = 1.2 if mesh.dim() == 1 else float(np.clip(9 * extent[1] / extent[0], 1.8, 6))
    figure, ax = subplots(figsize=(9, high + 1.0), layout="constrained")
    if mesh.dim() == 1:
        ax.plot(mesh.p[0], 0 * mesh.p[0], "|-", color="0.5", ms=8, lw=0.8)
        for colour, (name, facets) in zip(COLOURS, (mesh.boundaries or {}).items(), strict=False):
            x = mesh.p[0, mesh.facets[0, facets]]
            ax.plot(x, 0 * x, "o", color=colour, label=name)
        ax.set_yticks([])
    else:
        cells = np.moveaxis(mesh.p[:, around(mesh)], 0, 2).swapaxes(0, 1)
        ax.add_collection(PolyCollection(cells, facecolor="0.95", edgecolor="0.6", linewidth=0.4))
        for colour, (name, facets) in zip(COLOURS, (mesh.boundaries or {}).items(), strict=False):
            lines = np.moveaxis(mesh.p[:, along(mesh)[:, facets]], 0, 2).swapaxes(0, 1)
            ax.add_collection(LineCollection(lines, color=colour, linewidth=2, label=name))
        ax.set_aspect("equal")
        ax.autoscale_view()
        ax.set_ylabel(r"$y/\xi$")
    ax.set(xlabel=r"$x/\xi$", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return save_figure(figure, path, dpi=130)


def _body(mesh: Any, path: Path, title: str) -> None:
    names = list(mesh.boundaries or {})
    facets = mesh.boundary_facets()
    colour = np.full(mesh.facets.shape[1], -1)
    for number, name in enumerate(names):
        colour[np.asarray(mesh.boundaries[name])] = number
    corners = mesh.facets[:, facets]
    if corners.shape[0] == 4:
        from femtdgl.mesh.file import walked

        corners = walked(mesh.p, corners)
    with TemporaryDirectory() as folder:
        body = Path(folder) / "body.npz"
        np.savez(body, p=mesh.p, facets=corners, colour=colour[facets], names=np.array(names), title=title)
        refuse_foreign(path)
        in_own_process("femtdgl.figures.mesh", str(body), str(path))


def _main(body: str, picture: str) -> None:
    pyvista: Any = importlib.import_module("pyvista")

    data = np.load(body)
    corners = data["facets"]
    faces = np.concatenate([np.full((1, corners.shape[1]), corners.shape[0]), corners]).T.ravel()
    surface = pyvista.PolyData(np.ascontiguousarray(data["p"].T), faces)
    plotter = pyvista.Plotter(off_screen=True, window_size=(1200, 700))
    plotter.set_background("white")
    for number, name in enumerate(data["names"]):
        part = surface.extract_cells(np.flatnonzero(data["colour"] == number))
        if part.n_cells:
            colour = COLOURS[number % len(COLOURS)]
            plotter.add_mesh(part, color=colour, show_edges=True, opacity=1.0, label=str(name))
    if len(data["names"]):
        plotter.add_legend(bcolor="white", face="rectangle", size=(0.14, 0.14))
    if str(data["title"]):
        plotter.add_text(str(data["title"]), font_size=10, color="black")
    plotter.add_axes(color="black")
    plotter.camera_position = [(-0.9, -1.4, 0.9), (0, 0, 0), (0, 0, 1)]
    plotter.reset_camera()
    plotter.camera.zoom(1.3)
    save_pixels(plotter.screenshot(None, return_img=True), Path(picture))


if __name__ == "__main__":
    _main(*sys.argv[1:])
