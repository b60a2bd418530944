"""One stored field of a run in a figure of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures import fields, volume
from femtdgl.figures.filament import STYLE, along, frames_between, raster, save
from femtdgl.figures.heading import head
from femtdgl.figures.quantity import label, require, span, style, values
from femtdgl.figures.sheet import colormaps, rc_context, subplots
from femtdgl.figures.units import in_units, said
from femtdgl.files.reader import Result

Array = NDArray[np.float64]


def space_time(result: Result, name: str) -> Figure:
    """A field in the plane of x and t."""
    order, x = along(result)
    rows = frames_between(result.t, float(result.t[0]), float(result.t[-1]))
    drawn = values(result, name, rows)[:, order]
    low, high = span(result, name, range(result.t.size)[rows])
    with rc_context(STYLE):
        figure, ax = subplots(figsize=(9, 3.4), layout="constrained")
        image = raster(ax, result.t[rows], x, drawn.T, **style(name, low, high))
        figure.colorbar(image, ax=ax, label=label(result, name))
        ax.set(xlabel=r"$t/t_0$", ylabel=r"$x/\xi$")
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def profiles(result: Result, name: str, times: Sequence[float] | Array) -> Figure:
    """A field along the filament at some times."""
    order, x = along(result)
    with rc_context(STYLE):
        figure, ax = subplots(figsize=(7, 3.4), layout="constrained")
        shades = colormaps["viridis"](np.linspace(0.0, 0.9, len(times)))
        for t, colour in zip(fields.stored_times(result, times), shades, strict=False):
            row = int(np.argmin(np.abs(result.t - t)))
            ax.plot(x, values(result, name, row)[order], color=colour, label=f"$t$ = {said(result, t, 't_0', '.2f')}")
        ax.set(xlabel=r"$x/\xi$", ylabel=label(result, name))
        figure.legend(loc="outside right center", fontsize=7)
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def write(result: Result, name: str, times: Sequence[float] | None = None) -> list[Path]:
    """Write it to DIR/figures.

    Along a line space_time_<name>.png, or with times profiles_<name>.png; in the plane and in space fields_<name>.png,
    a panel a time.  Raises InputError for a field that the run has not stored, and NoPicture without OpenGL in space.
    """
    require(result, name)
    folder = result.directory / "figures"
    if result.nodes.shape[0] == 1:
        if times is None:
            return save({f"space_time_{name}": space_time(result, name)}, folder)
        return save({f"profiles_{name}": profiles(result, name, times)}, folder)
    if result.nodes.shape[0] == 2:
        return save({f"fields_{name}": fields.still(result, name, times)}, folder)
    chosen = fields.still_times(result, 4) if times is None else fields.stored_times(result, times)
    return save({f"fields_{name}": volume.panels(result, name, chosen)}, folder)
