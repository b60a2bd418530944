"""Figures and their axes without pyplot: nothing is kept open, no window is asked for, and it loads sooner."""

from __future__ import annotations

from typing import Any

from matplotlib import colormaps, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["Figure", "colormaps", "rc_context", "subplots"]


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
