"""Figures of a sweep: curves over one key, maps over two, of the entries of the summaries that vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.save import save_figure

Array = NDArray[Any]

MOST = 6
"""Quantities of one figure."""
UNSEEN = ("point", "steps", "unknowns", "slips_in_all", "measured_from", "measured_to")
"""Entries that say nothing of the physics."""


def quantities(table: Mapping[str, Array], keys: Sequence[str], chosen: Sequence[str] = ()) -> list[str]:
    """Entries worth a picture: numbers that vary, those that are `chosen` if any, else in the order of the table."""
    varying = [
        name
        for name, column in table.items()
        if column.dtype == float and name not in (*keys, *UNSEEN) and _varies(column)
    ]
    first = [name for name in chosen if name in varying]
    return (first or varying)[:MOST]


def _varies(column: Array) -> bool:
    seen = column[np.isfinite(column)]
    return seen.size > 1 and bool(np.ptp(seen) > 1e-9 * np.abs(seen).max())


def draw(
    table: Mapping[str, Array], axes: Mapping[str, Sequence[Any]], folder: Path, *, title: str, product: bool,
    chosen: Sequence[str] = (),
) -> list[Path]:  # fmt: skip
    """figures/sweep.png: curves over the key of one, maps over the keys of two; nothing of more, or of words.

    axes: the swept keys and their values; `product`: whether every value of one meets every value of the other.
    """
    keys = list(axes)
    names = quantities(table, keys, chosen)
    mapped = product and len(keys) == 2 and all(table[key].dtype == float for key in keys)
    if not names or (len(keys) > 1 and product and not mapped):
        return []
    columns = min(len(names), 3)
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.1 * lines + 0.5), layout="constrained")
    for number, name in enumerate(names, start=1):
        ax = figure.add_subplot(lines, columns, number)
        if mapped:
            _map(figure, ax, name, table[name], axes)
        else:
            _curve(ax, table, keys[0], name)
    figure.suptitle(f"{title}: {' and '.join(keys)} varied", fontsize=11)
    return [save_figure(figure, folder / "sweep.png", dpi=150)]


def _curve(ax: Any, table: Mapping[str, Array], key: str, name: str) -> None:
    x, y = table[key], table[name]
    if x.dtype == float:
        ax.plot(x, y, "o-", ms=3.5, lw=1.2)
    else:
        ax.plot(range(len(x)), y, "o", ms=5)
        ax.set_xticks(range(len(x)), [str(value) for value in x], rotation=20)
    ax.set(xlabel=key, ylabel=name)
    ax.grid(alpha=0.3)


def _map(figure: Figure, ax: Any, name: str, column: Array, axes: Mapping[str, Sequence[Any]]) -> None:
    (first, rows), (second, cols) = axes.items()
    values = np.full(len(rows) * len(cols), np.nan)
    values[: column.size] = column
    mesh = ax.pcolormesh(cols, rows, values.reshape(len(rows), len(cols)), shading="nearest", cmap="viridis")
    figure.colorbar(mesh, ax=ax, label=name)
    ax.set(xlabel=second, ylabel=first)
