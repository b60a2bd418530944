"""Figures of fields in the plane: maps of |psi|, its phase, the supercurrent and the dissipation.

Nodes are drawn as they are: elements of order 2 are cut in triangles through all their nodes.  The phase is drawn pixel
by pixel, from psi in the triangle, because a colour between -pi and pi means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.tri import LinearTriInterpolator, Triangulation
from numpy.typing import NDArray

from femtdgl.figures.filament import AT_TC, STYLE, TEMPERATURE_LABELS, save
from femtdgl.figures.heading import head, moment
from femtdgl.figures.quantity import LABELS, is_vector, label, span, style, values
from femtdgl.figures.sheet import colormaps, rc_context, subplots
from femtdgl.figures.units import in_units
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
MOST_ALONG, MOST_PIXELS = 900, 150_000
"""Pixels of a map of the phase: along its longer side, and in all."""
VORTEX: dict[int, Any] = {
    1: {"marker": "o", "mec": AT_TC, "mew": 1.2, "label": "vortex"},
    -1: {"marker": "X", "mec": "#5fd35f", "mew": 1.0, "label": "antivortex"},
}
"""How vortices are marked, by the sign of their winding."""
ARROW: Any = {"color": "white", "linewidth": 0.6, "arrowsize": 0.6}


def triangulation(result: Result) -> Triangulation:
    """Triangles over all nodes of a result in the plane."""
    number, cells = vtk_cells(result)
    parts = [cells[:, list(corners)] for corners in TRIANGLES[number]]
    return Triangulation(result.nodes[0], result.nodes[1], np.concatenate(parts))


def still_times(result: Result, count: int = STILLS) -> Array:
    """Times of stored frames to show: over the whole of a driven run, over the last period of another, or over the
    last third of one without any.
    """
    t = result.t
    start, stop = t[0] + (t[-1] - t[0]) * 2 / 3, t[-1]
    if result.summary.get("state") == "driven":
        start = t[0] + (t[-1] - t[0]) / count  # the very start is seldom worth a panel
    else:
        slips = [slip for slip in result.summary["slip_times"] if slip >= t[0]]
        if len(slips) >= 2 and np.count_nonzero((t > slips[-2]) & (t < slips[-1])) >= count:
            start, stop = slips[-2], slips[-1]
    return stored_times(result, np.linspace(start, stop, count))


def stored_times(result: Result, times: Sequence[float] | Array) -> Array:
    """Times of the stored frames nearest to some times, each once."""
    return result.t[np.unique([np.argmin(np.abs(result.t - time)) for time in times])]


def _dress(ax: Axes, tri: Triangulation) -> None:
    ax.set_xlim(tri.x.min(), tri.x.max())
    ax.set_ylim(tri.y.min(), tri.y.max())
    ax.set_aspect("equal" if np.ptp(tri.x) < 12 * np.ptp(tri.y) else "auto")
    ax.set(xlabel=r"$x/\xi$", ylabel=r"$y/\xi$")


def magnitude(ax: Axes, result: Result, tri: Triangulation, t: float, *, top: float = 1.0) -> Any:
    """|psi| at a time."""
    _dress(ax, tri)
    return ax.tripcolor(tri, np.abs(result.field("psi", t)), shading="gouraud", cmap="magma", vmin=0, vmax=top)


class Pixels(NamedTuple):
    """Small squares over a mesh: `inside` (rows, columns) which lie in it; of these the triangle (m,) and the shares
    (m, 3) of its corners in the middle of the square; ends of the picture in x and y.
    """

    inside: NDArray[np.bool_]
    cells: NDArray[np.intp]
    shares: Array
    extent: tuple[float, float, float, float]


def pixels(tri: Triangulation, most_along: int = MOST_ALONG, most: int = MOST_PIXELS) -> Pixels:
    """So many that they are hardly seen, but no more than `most_along` a side, and about `most` in all."""
    x, y = np.asarray(tri.x), np.asarray(tri.y)
    extent = float(x.min()), float(x.max()), float(y.min()), float(y.max())
    wide, high = extent[1] - extent[0], extent[3] - extent[2]
    side = max(max(wide, high) / most_along, np.sqrt(wide * high / most))
    columns, rows = (max(2, round(size / side)) for size in (wide, high))
    X, Y = np.meshgrid(
        extent[0] + (np.arange(columns) + 0.5) * wide / columns, extent[2] + (np.arange(rows) + 0.5) * high / rows
    )
    found = np.asarray(tri.get_trifinder()(X, Y), dtype=np.intp)
    inside = found >= 0
    cells = found[inside]
    at = np.stack([X[inside], Y[inside]])
    p, q, r = (np.stack([x, y])[:, tri.triangles[cells, k]] for k in range(3))
    whole = _cross(q - p, r - p)
    shares = np.stack([_cross(q - at, r - at), _cross(r - at, p - at), _cross(p - at, q - at)], axis=1)
    return Pixels(inside, cells, shares / whole[:, None], extent)


def _cross(a: Array, b: Array) -> Array:
    return a[0] * b[1] - a[1] * b[0]


def phases(result: Result, tri: Triangulation, t: float, grid: Pixels) -> Array:
    """arg psi at a time in the middle of each pixel (rows, columns), NaN outside the mesh.

    With a vector potential, linear in each triangle: arg of the mean of what the corners make of psi there.
    """
    corners = tri.triangles[grid.cells]  # (m, 3)
    psi, shares = result.field("psi", t)[corners], grid.shares
    A = result.vector_potential(float(result.t[np.argmin(np.abs(result.t - t))]))
    if A is None:
        carried = np.sum(shares * psi, axis=1)
    else:
        there, x = A[:, corners], result.nodes[:, corners]  # (2, m, 3)
        half, way = (np.sum(part * shares, axis=2) for part in (there, x))  # (2, m)
        along = 0.5 * np.sum((there + half[:, :, None]) * (way[:, :, None] - x), axis=0)
        carried = np.sum(shares * psi * np.exp(1j * along), axis=1)
    made = np.full(grid.inside.shape, np.nan)
    made[grid.inside] = np.angle(carried)
    return made


def phase(ax: Axes, result: Result, tri: Triangulation, t: float, grid: Pixels | None = None) -> Any:
    """arg psi at a time, pixel by pixel: a colour between those of two nodes means nothing."""
    grid = pixels(tri) if grid is None else grid
    image = ax.imshow(
        phases(result, tri, t, grid), origin="lower", extent=grid.extent, interpolation="nearest", cmap="twilight",
        vmin=-np.pi, vmax=np.pi,
    )  # fmt: skip
    _dress(ax, tri)
    return image


def mark_vortices(ax: Axes, result: Result, t: float, factor: float = 1.0) -> None:
    """Rings at the vortices and crosses at the antivortices of the stored frame at a time.   factor: of lengths."""
    found = result.vortices(t)
    size = 7 if len(found.winding) < 40 else 4
    for sign, marker in VORTEX.items():
        at = found.x[np.sign(found.winding) == sign]
        if at.size:
            ax.plot(*factor * at.T, ls="", mfc="none", ms=size, **marker)


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


def hot_and_cold(low: float, high: float) -> ListedColormap:
    """Colours from black at 0 to those of magma at `high`, and to pale blue below 0, on the same scale, at `low`."""
    share = np.linspace(low, high, 512) / max(high, -low)
    hot, cold = (
        colormaps[name](np.clip(part, 0.0, 1.0))[:, :3] for name, part in (("magma", share), ("Blues_r", -share))
    )
    fading = np.clip(-4 * share, 0.0, 1.0)[:, None]
    return ListedColormap(np.where(share[:, None] >= 0, hot, fading * cold))


def dissipation(ax: Axes, result: Result, tri: Triangulation, t: float, *, low: float = 0.0, high: float = 1.0) -> Any:
    """The power density w at a time; below 0, where `low` is, the interference current gives back.

    From 0 up colours go with its square root: most of a film has little of what its hottest place has.
    """
    _dress(ax, tri)
    norm = Normalize(low, high) if low < 0 else PowerNorm(0.5, 0.0, high)
    colours = hot_and_cold(low, high)
    return ax.tripcolor(tri, np.maximum(result.field("w", t), low), shading="gouraud", norm=norm, cmap=colours)


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


def scalar(ax: Axes, result: Result, tri: Triangulation, t: float, *, name: str, low: float, high: float) -> Any:
    """Any stored field at a time: a scalar, |psi|, or the length of a vector."""
    _dress(ax, tri)
    drawn = values(result, name, int(np.argmin(np.abs(result.t - t))))
    return ax.tripcolor(tri, drawn, shading="gouraud", **style(name, low, high))


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


def side_by_side(tri: Triangulation, count: int) -> tuple[Figure, list[Axes]]:
    """So many panels for maps of a mesh, in rows and columns that suit its shape."""
    aspect = float(np.ptp(tri.x) / np.ptp(tri.y))
    columns = min(count, 3 if aspect < 2 else 2 if aspect < 5 else 1)
    rows = -(-count // columns)
    columns = -(-count // rows)  # none alone in the last row
    height = float(np.clip(8 / columns / aspect, 0.7, 6)) + 0.4
    figure, axes = subplots(
        rows, columns, figsize=(9.6, rows * height + 0.4), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax in axes.ravel()[count:]:
        ax.axis("off")
    return figure, list(axes.ravel()[:count])


def _still(
    result: Result, tri: Triangulation, times: Array, draw: Any, label: str, *, vortices: bool = False
) -> Figure:
    with rc_context(STYLE):
        figure, axes = side_by_side(tri, len(times))
        for ax, t in zip(axes, times, strict=True):
            image = draw(ax, t)
            if vortices:
                mark_vortices(ax, result, t)
            ax.set_title(moment(result, t), loc="left")
            ax.label_outer()
        figure.colorbar(image, ax=axes, label=label, shrink=0.8)
        shown = {line.get_label(): line for ax in axes for line in ax.lines}
        if shown:
            figure.legend(handles=list(shown.values()), loc="outside lower left", ncols=2)
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def drawings(result: Result, times: Sequence[float] | Array | None = None) -> dict[str, Callable[[], Figure]]:
    """Figures by name, each at the times, still to be drawn: |psi|, its phase, and, where stored, the supercurrent, w
    and temperatures.
    """
    tri = triangulation(result)
    t = still_times(result) if times is None else stored_times(result, times)

    def panels(draw: Any, words: str, *, vortices: bool = False, **style: Any) -> Figure:
        return _still(result, tri, t, lambda ax, t: draw(ax, result, tri, t, **style), words, vortices=vortices)

    def of_w() -> Figure:
        low, high = _range(result, "w", t)
        return panels(dissipation, LABELS["w"], low=min(low, 0.0), high=max(high, 0.0) or 1.0)

    def of_temperature(name: str) -> Figure:
        low, high = _range(result, name, t)
        line = ", line at 1" if low < 1 < high else ""
        return panels(temperature, f"{LABELS[name]}{line}", name=name, low=low, high=high)

    made: dict[str, Callable[[], Figure]] = {
        "psi": lambda: panels(magnitude, LABELS["psi"], vortices=True, top=_largest(result, "psi", t)),
        "phase": lambda: panels(phase, LABELS["phase"], vortices=True, grid=pixels(tri)),
    }
    if "j_s" in result.field_names:
        made["current"] = lambda: panels(current, "$|j_s|/j_0$", top=_largest(result, "j_s", t))
    if "w" in result.field_names:
        made["w"] = of_w
    return made | {name: partial(of_temperature, name) for name in TEMPERATURE_LABELS if name in result.field_names}


def stills(result: Result, times: Sequence[float] | Array | None = None) -> dict[str, Figure]:
    """Figures by name, each at the times."""
    return {name: draw() for name, draw in drawings(result, times).items()}


def still(result: Result, name: str, times: Sequence[float] | Array | None = None) -> Figure:
    """One field at the times: the picture that is among `stills` where there is one, with streamlines for a current."""
    made = drawings(result, times)
    if name in made or (name == "j_s" and "current" in made):
        return made["current" if name == "j_s" else name]()
    tri, t = triangulation(result), still_times(result) if times is None else stored_times(result, times)
    low, high = span(result, name, np.searchsorted(result.t, t))
    if is_vector(result, name):
        return _still(
            result, tri, t, lambda ax, t: current(ax, result, tri, t, name=name, top=high), label(result, name)
        )
    return _still(
        result, tri, t, lambda ax, t: scalar(ax, result, tri, t, name=name, low=low, high=high), label(result, name)
    )


def write_figures(result: Result, *, times: Sequence[float] | None = None) -> list[Path]:
    """The stills that a run in two or three dimensions writes to DIR/figures; in space they are drawn by VTK."""
    folder = result.directory / "figures"
    if result.nodes.shape[0] == 2:
        return save({f"fields_{name}": figure for name, figure in stills(result, times).items()}, folder)
    if result.nodes.shape[0] == 3:
        from femtdgl.figures import volume

        chosen = still_times(result, 4) if times is None else stored_times(result, times)
        return volume.draw(result, folder, chosen)
    return []
