"""Figures and their axes without pyplot: nothing is kept open, no window is asked for, and it loads sooner."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["Figure", "colormaps", "free_corner", "rc_context", "subplots"]

CORNER = (0.45, 0.45)
"""What a legend may take of the width and of the height of its axes."""
LOOKED_AT = 2000
"""Points of a line that are looked at."""


def subplots(
    rows: int = 1,
    columns: int = 1,
    *,
    figsize: tuple[float, float] | None = None,
    layout: str | None = None,
    **placed: Any,
) -> tuple[Figure, Any]:
    """A figure and its axes, an array of them or one; `placed` as for `Figure.subplots`."""
    figure = Figure(figsize=figsize, layout=layout)  # type: ignore[arg-type]
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **placed)


def free_corner(ax: Axes) -> Any:
    """Where a legend hides the least of the lines: matplotlib's word for a corner."""
    ax.get_xlim(), ax.get_ylim()  # which makes the limits those of what is drawn
    to_axes = ax.transData + ax.transAxes.inverted()
    points = [np.empty((0, 2))]
    for line in ax.lines:
        drawn = np.asarray(line.get_xydata(), dtype=float)
        way = np.linspace(0, len(drawn) - 1, LOOKED_AT)  # between its points too: a straight line has two
        between = [np.interp(way, np.arange(len(drawn)), part) for part in drawn.T]
        points.append(to_axes.transform(np.column_stack(between)))
    x, y = np.concatenate(points).T
    wide, high = CORNER
    hidden = {
        "upper left": (x < wide) & (y > 1 - high),
        "lower right": (x > 1 - wide) & (y < high),
        "upper right": (x > 1 - wide) & (y > 1 - high),
        "lower left": (x < wide) & (y < high),
    }
    return min(hidden, key=lambda corner: int(hidden[corner].sum()))
