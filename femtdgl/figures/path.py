"""Space-time maps in two and three dimensions: |psi| along the path from terminal to terminal, against time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, frames_between, pale_legend, raster, save
from femtdgl.figures.heading import head, room
from femtdgl.figures.sheet import Figure, rc_context, subplots
from femtdgl.figures.traces import AROUND, LABELS, without_terminals
from femtdgl.figures.units import in_units
from femtdgl.files.reader import Result
from femtdgl.mesh.curved import located
from femtdgl.solve.space import ELEMENTS

Array = NDArray[np.float64]

POINTS = 400
"""Points of the path that a map shows."""
PULL = 1e-9
"""Points are moved by this share of the mesh towards its middle: those on an edge lie inside then."""


class Along:
    """The path of a result: `length` (m,) from its beginning, and nodal values at its points."""

    def __init__(self, result: Result) -> None:
        import skfem

        points = result.read("mesh/path")
        length = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=1), axis=0)))
        self.length = np.linspace(0.0, length[-1], min(POINTS, max(points.shape[1], 2)))
        self.points = np.stack([np.interp(self.length, length, part) for part in points])
        mesh, nodes = result.mesh, result.nodes
        middle = 0.5 * (nodes.min(axis=1) + nodes.max(axis=1))
        cells, places = located(mesh, self.points + PULL * (middle[:, None] - self.points))
        self.inside = cells >= 0
        element = getattr(skfem, ELEMENTS[type(mesh).__name__, int(result.attributes["order"])])()
        self.dofs = result.read("mesh/dofs")[:, np.where(self.inside, cells, 0)]
        self.shape = np.array([element.lbasis(places, i)[0] for i in range(self.dofs.shape[0])])

    def read(self, nodal: Any) -> Any:
        """Nodal values (N,) at the points (m,); NaN outside the mesh."""
        return np.where(self.inside, np.sum(self.shape * nodal[self.dofs], axis=0), np.nan)

    def nearest(self, x: Array) -> Array:
        """Lengths (count,) of the points of the path that are nearest to places (count, dim)."""
        apart = np.linalg.norm(self.points.T[None] - x[:, None], axis=2)
        return self.length[apart.argmin(axis=1)]


def space_time(result: Result) -> Figure:
    """|psi| along the path in the plane of length and t, slips marked, and arg psi where A is none, above V(t)."""
    path = Along(result)
    rows = frames_between(result.t, float(result.t[0]), float(result.t[-1]))
    t = result.t[rows]
    psi = np.array([path.read(result.read("fields/psi", row)) for row in range(result.t.size)[rows]])
    maps: list[tuple[Array, str, dict[str, Any]]] = [(np.abs(psi), r"$|\psi|/\Delta_0$", {"cmap": "magma", "vmin": 0})]
    if not {"A", "B"} & set(result.field_names):
        maps.append((np.angle(psi), r"arg $\psi$ (rad)", {"cmap": "twilight", "vmin": -np.pi, "vmax": np.pi}))
    with rc_context(STYLE):
        figure, axes = subplots(
            len(maps) + 1, 2, figsize=(9, 2.0 * len(maps) + 2.0), sharex="col",
            gridspec_kw={"width_ratios": (1, 0.015), "wspace": 0.02, "hspace": 0.12},
        )  # fmt: skip
        top = room(figure, head(figure, result))
        figure.subplots_adjust(left=0.08, right=0.92, top=top, bottom=0.5 / figure.get_figheight())
        for (ax, bar), (drawn, label, style) in zip(axes[:-1], maps, strict=True):
            figure.colorbar(raster(ax, t, path.length, drawn.T, **style), cax=bar, label=label)
            ax.set_ylabel(r"along the path ($\xi$)")
        slip_t, slip_x = result.read("slips/t"), result.read("slips/x")
        shown = (slip_t >= t[0]) & (slip_t <= t[-1])
        if shown.any():
            at, ax = path.nearest(slip_x[shown]), axes[len(maps) - 1, 0]
            pale_legend(ax, ax.plot(slip_t[shown], at, "o", mfc="none", mec="C3", ms=4, label="phase slip"))
        below = axes[-1, 0]
        below.plot(result.probes["t"], result.probes["voltage"], color="C3")
        label = AROUND if without_terminals(result) else LABELS["V0"]
        below.set(xlabel=r"$t/t_0$", ylabel=label, xlim=(t[0], t[-1]) if t.size > 1 else None)
        axes[-1, 1].axis("off")
        figure.align_ylabels(axes[:, 0])
        in_units(figure.axes, result)
        return figure


def write_figures(result: Result) -> list[Path]:
    """DIR/figures/space_time.png of a run in two or three dimensions that knows its path."""
    if result.nodes.shape[0] == 1 or not result.has("mesh/path") or result.t.size < 2:
        return []
    return save({"space_time": space_time(result)}, result.directory / "figures")
