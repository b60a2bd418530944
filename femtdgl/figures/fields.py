"""Figures of fields in the plane: maps of |psi|, its phase, the supercurrent and the dissipation, and a moving
picture.

Nodes are drawn as they are: elements of order 2 are cut in triangles through all their nodes.  The phase is flat on
each triangle, because a colour between -pi and pi means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from femtdgl.figures.filament import AT_TC, STYLE, TEMPERATURE_LABELS, save
from femtdgl.figures.save import save_gif
from femtdgl.files.paraview import vtk_cells
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

TRIANGLES = {
    5: ((0, 1, 2),),
    22: ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
    9: ((0, 1, 2), (0, 2, 3)),
    28: ((0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3)),
}
"""Triangles through the nodes of a cell, by VTK's number of the cell."""
STILLS = 6
ARROW: Any = {"color": "white", "linewidth": 0.6, "arrowsize": 0.6}


def triangulation(result: Result) -> Triangulation:
    """Triangles over all nodes of a result in the plane."""
    number, cells = vtk_cells(result)
    parts = [cells[:, list(corners)] for corners in TRIANGLES[number]]
    return Triangulation(result.nodes[0], result.nodes[1], np.concatenate(parts))


def still_times(result: Result, count: int = STILLS) -> Array:
    """Times of stored frames to show: over the last period, or over the last third of a run without one."""
    t = result.t
    start, stop = t[0] + (t[-1] - t[0]) * 2 / 3, t[-1]
    slips = [slip for slip in result.summary["slip_times"] if slip >= t[0]]
    if len(slips) >= 2 and np.count_nonzero((t > slips[-2]) & (t < slips[-1])) >= count:
        start, stop = slips[-2], slips[-1]
    rows = np.unique([np.argmin(np.abs(t - time)) for time in np.linspace(start, stop, count)])
    return t[rows]


def _dress(ax: Axes, tri: Triangulation) -> None:
    ax.set_xlim(tri.x.min(), tri.x.max())
    ax.set_ylim(tri.y.min(), tri.y.max())
    ax.set_aspect("equal" if np.ptp(tri.x) < 12 * np.ptp(tri.y) else "auto")
    ax.set(xlabel=r"$x/\xi$", ylabel=r"$y/\xi$")


def magnitude(ax: Axes, result: Result, tri: Triangulation, t: float, *, top: float = 1.0) -> Any:
    """|psi| at a time."""
    _dress(ax, tri)
    return ax.tripcolor(tri, np.abs(result.field("psi", t)), shading="gouraud", cmap="magma", vmin=0, vmax=top)


def phase(ax: Axes, result: Result, tri: Triangulation, t: float) -> Any:
    """arg psi at a time."""
    _dress(ax, tri)
    angle = np.angle(result.field("psi", t)[tri.triangles].mean(axis=1))
    return ax.tripcolor(tri, facecolors=angle, cmap="twilight", vmin=-np.pi, vmax=np.pi)


def current(ax: Axes, result: Result, tri: Triangulation, t: float, *, name: str = "j_s", top: float = 1.0) -> Any:
    """A current at a time: its size in colour, its direction as streamlines."""
    _dress(ax, tri)
    j = result.field(name, t)
    image = ax.tripcolor(tri, np.hypot(*j), shading="gouraud", cmap="viridis", vmin=0, vmax=top)
    if np.abs(j).max() > 1e-9:
        x = np.linspace(tri.x.min(), tri.x.max(), 80)
        y = np.linspace(tri.y.min(), tri.y.max(), max(12, min(80, round(80 * np.ptp(tri.y) / np.ptp(tri.x)))))
        at = np.meshgrid(x, y)
        u, v = (np.ma.filled(LinearTriInterpolator(tri, part)(*at), np.nan) for part in j)
        still = ~(np.hypot(u, v) > 0.01 * top)  # no lines where hardly anything flows
        u[still] = v[still] = np.nan
        ax.streamplot(x, y, u, v, density=0.7, **ARROW)
    return image


def dissipation(ax: Axes, result: Result, tri: Triangulation, t: float, *, top: float = 1.0) -> Any:
    """The power density w at a time; negative where the interference current gives back."""
    _dress(ax, tri)
    w = result.field("w", t)
    return ax.tripcolor(tri, w, shading="gouraud", cmap="coolwarm", vmin=-top, vmax=top)


def temperature(
    ax: Axes, result: Result, tri: Triangulation, t: float, *, name: str = "T", low: float = 0.0, high: float = 1.0
) -> Any:
    """A temperature in Tc at a time; a line where it is Tc."""
    _dress(ax, tri)
    T = result.field(name, t)
    image = ax.tripcolor(tri, T, shading="gouraud", cmap="inferno", vmin=low, vmax=high)
    if T.min() < 1 < T.max():
        ax.tricontour(tri, T, levels=[1.0], colors=[AT_TC], linewidths=1.0)
    return image


def _largest(result: Result, name: str, times: Sequence[float] | Array) -> float:
    """The largest size of a field over the times; 1 for a field that vanishes."""
    top = 0.0
    for t in times:
        values = np.asarray(result.field(name, t))
        top = max(top, float((np.linalg.norm(values, axis=0) if values.ndim == 2 else np.abs(values)).max()))
    return top or 1.0


def _range(result: Result, name: str, times: Sequence[float] | Array) -> tuple[float, float]:
    """The least and the largest of a field over the times, a little apart where they are the same."""
    ends = [(values.min(), values.max()) for values in (np.asarray(result.field(name, t)) for t in times)]
    low, high = float(min(low for low, _ in ends)), float(max(high for _, high in ends))
    return low, max(high, low + 1e-9 * max(1.0, abs(low)))


def _panels(tri: Triangulation, count: int) -> tuple[Figure, list[Axes]]:
    aspect = float(np.ptp(tri.x) / np.ptp(tri.y))
    columns = min(count, 3 if aspect < 2 else 2 if aspect < 5 else 1)
    rows = -(-count // columns)
    height = float(np.clip(8 / columns / aspect, 0.7, 6)) + 0.4
    figure, axes = plt.subplots(
        rows, columns, figsize=(9.6, rows * height + 0.4), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax in axes.ravel()[count:]:
        ax.axis("off")
    return figure, list(axes.ravel()[:count])


def _still(result: Result, tri: Triangulation, times: Array, draw: Any, label: str) -> Figure:
    with plt.rc_context(STYLE):
        figure, axes = _panels(tri, len(times))
        for ax, t in zip(axes, times, strict=True):
            image = draw(ax, t)
            ax.set_title(f"t = {t:.2f}", loc="left")
            ax.label_outer()
        figure.colorbar(image, ax=axes, label=label, shrink=0.8)
        figure.suptitle(result.summary["title"], fontsize=9)
        return figure


def stills(result: Result, times: Sequence[float] | Array | None = None) -> dict[str, Figure]:
    """Figures by name, each at the times: |psi|, its phase, the supercurrent and, where stored, w and temperatures."""
    tri = triangulation(result)
    t = still_times(result) if times is None else np.asarray(times, float)
    top = _largest(result, "psi", t)
    made = {
        "psi": _still(result, tri, t, lambda ax, t: magnitude(ax, result, tri, t, top=top), r"$|\psi|$"),
        "phase": _still(result, tri, t, lambda ax, t: phase(ax, result, tri, t), r"arg $\psi$"),
    }
    if "j_s" in result.field_names:
        j = _largest(result, "j_s", t)
        made["current"] = _still(result, tri, t, lambda ax, t: current(ax, result, tri, t, top=j), r"$|j_s|/j_0$")
    if "w" in result.field_names:
        w = _largest(result, "w", t)
        made["w"] = _still(result, tri, t, lambda ax, t: dissipation(ax, result, tri, t, top=w), "w")
    for name, label in TEMPERATURE_LABELS.items():
        if name in result.field_names:
            low, high = _range(result, name, t)
            style: dict[str, Any] = {"name": name, "low": low, "high": high}
            line = ", line at 1" if low < 1 < high else ""
            draw = partial(temperature, result=result, tri=tri, **style)
            made[name] = _still(result, tri, t, lambda ax, t, draw=draw: draw(ax, t=t), f"{label}$/T_c${line}")
    return made


def voltage(result: Result) -> Figure:
    """The voltage against time."""
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
        ax.plot(result.probes["t"], result.probes["voltage"], color="C3", lw=1)
        ax.set(xlabel=r"$t/t_0$", ylabel=r"$V/V_0$", title=result.summary["title"])
        return figure


def animate(result: Result, path: Path, *, most: int = 60, seconds: float = 6.0) -> Path:
    """|psi| and arg psi over the run as an animated GIF of `most` stored frames at most."""
    from PIL import Image

    tri = triangulation(result)
    times = result.t[np.unique(np.linspace(0, result.t.size - 1, most).round().astype(int))]
    top = _largest(result, "psi", times)
    images = []
    with plt.rc_context({**STYLE, "figure.dpi": 80}):
        figure, axes = _panels(tri, 2)
        drawn = magnitude(axes[0], result, tri, times[0], top=top), phase(axes[1], result, tri, times[0])
        title = axes[0].set_title("t", loc="left")
        axes[1].set_title(r"arg $\psi$", loc="left")
        for ax, image in zip(axes, drawn, strict=True):
            figure.colorbar(image, ax=ax, shrink=0.8)
        figure.canvas.draw()
        figure.set_layout_engine("none")  # laid out once: most of the time otherwise
        for t in times:
            psi = result.field("psi", t)
            drawn[0].set_array(np.abs(psi))
            drawn[1].set_array(np.angle(psi[tri.triangles].mean(axis=1)))
            title.set_text(rf"$|\psi|$, t = {t:.2f}")
            figure.canvas.draw()
            pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
            images.append(Image.fromarray(pixels.copy()).quantize(256, dither=Image.Dither.NONE))
        plt.close(figure)
    save_gif(images, path, seconds)
    return path


def write_figures(result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
    """The figures that a run in two or three dimensions writes to DIR/figures; in space they are drawn by VTK."""
    folder = result.directory / "figures"
    made = {"voltage": voltage(result)}
    if result.nodes.shape[0] == 2:
        made |= {f"fields_{name}": figure for name, figure in stills(result, times).items()}
    paths = save(made, folder)
    if result.nodes.shape[0] == 3:
        from femtdgl.figures import volume as plots_volume

        chosen = still_times(result, 4) if times is None else np.asarray(times, float)
        paths += plots_volume.draw(result, folder, chosen, animation=animation)
    elif animation:
        paths.append(animate(result, folder / "fields.gif"))
    return paths
