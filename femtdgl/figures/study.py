"""Figures of a sweep: curves over one key, families of curves or maps over two, of the entries that vary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import NDArray

from femtdgl.figures.save import save_figure

Array = NDArray[Any]

IN_SI = re.compile(r"(.*) \((\S+)\)")
"""Name and unit of a column in SI."""
MOST = 6
"""Quantities of one figure."""
FEW = 4
"""Values of a key that make a family of curves, not a side of a map."""
ARROW = 0.04
"""Part of the range of a key that a step must go for an arrow."""
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
    chosen: Sequence[str] = (), ways: bool = False,
) -> list[Path]:  # fmt: skip
    """figures/sweep.png: curves over the key of one, families of curves or maps over the keys of two.

    Nothing where nothing varies, or for more keys.  axes: the swept keys and their values; `product`: whether every
    value of one meets every value of the other; `ways`: whether points come one after the other, so that a rising key
    and a falling one are two branches.
    """
    keys = list(axes)
    names = quantities(table, keys, chosen)
    if not names or (product and len(keys) > 2):
        return []
    lines = -(-len(names) // 3)
    columns = -(-len(names) // lines)
    figure = Figure(figsize=(4.2 * columns, 3.1 * lines + 0.5), layout="constrained")
    for number, name in enumerate(names, start=1):
        ax = figure.add_subplot(lines, columns, number)
        if ways and table[keys[0]].dtype == float:
            _ways(ax, table[keys[0]], table[name])
            ax.set_xlabel(keys[0])
        elif not product or len(keys) == 1:
            _curve(ax, table[keys[0]], table[name])
            ax.set_xlabel(keys[0])
        else:
            _of_two(figure, ax, table, axes, name)
        ax.set_ylabel(ax.get_ylabel() or name)
    for ax in figure.axes:
        _with_prefixes(ax)
    told = (IN_SI.sub(r"\1", key) for key in keys)
    figure.suptitle(f"{title}: {' and '.join(told)} varied", fontsize=11)
    folder.mkdir(parents=True, exist_ok=True)
    return [save_figure(figure, folder / "sweep.png", dpi=150)]


def _with_prefixes(ax: Any) -> None:
    """Numbers in SI with their prefix at the ticks, 2 µA, where a label ends with the unit in brackets."""
    for axis in (ax.xaxis, ax.yaxis):
        found = IN_SI.fullmatch(axis.label.get_text())
        if found is not None:
            axis.label.set_text(found[1])
            axis.set_major_formatter(EngFormatter(unit=found[2]))


def _of_two(figure: Figure, ax: Any, table: Mapping[str, Array], axes: Mapping[str, Sequence[Any]], name: str) -> None:
    """A family of curves, over the key with more values, where the other is a word or has few; else a map."""
    over, of = sorted(axes, key=lambda key: (table[key].dtype == float, len(axes[key])), reverse=True)
    if table[of].dtype == float and len(axes[of]) > FEW:
        _map(figure, ax, name, table[name], axes)
        return
    for value in dict.fromkeys(table[of]):
        here = table[of] == value
        _curve(ax, table[over][here], table[name][here], str(value))
    ax.set_xlabel(over)
    ax.legend(title=of, fontsize=7, title_fontsize=7)


def _curve(ax: Any, x: Array, y: Array, label: str | None = None) -> None:
    if x.dtype == float:
        ax.plot(x, y, "o-", ms=3.5, lw=1.2, label=label)
    else:
        ax.plot(range(len(x)), y, "o", ms=5, label=label)
        ax.set_xticks(range(len(x)), [str(value) for value in x], rotation=20)
    ax.grid(alpha=0.3)


def _ways(ax: Any, x: Array, y: Array) -> None:
    """Up and down in two colours, with an arrow in the middle of each step that is long enough to see it."""
    span = np.ptp(x)
    for way, colour, mark in ((1, "C0", "^"), (-1, "C3", "v")):
        steps = np.flatnonzero(np.sign(np.diff(x)) == way)
        if not steps.size:
            continue
        for k in steps:
            ax.plot(x[k : k + 2], y[k : k + 2], color=colour, lw=1.2)
        ends = steps + 1
        first = [0] if steps[0] == 0 else []
        ax.plot(x[[*first, *ends]], y[[*first, *ends]], mark, color=colour, ms=4.5, label="up" if way > 0 else "down")
        for k in steps:
            if abs(x[k + 1] - x[k]) > ARROW * span and np.isfinite(y[k : k + 2]).all():
                middle, on = (0.5 * (a[k] + a[k + 1]) for a in (x, y))
                to = (middle + 0.02 * (x[k + 1] - x[k]), on + 0.02 * (y[k + 1] - y[k]))
                ax.annotate("", to, (middle, on), arrowprops={"arrowstyle": "->", "color": colour})
    ax.legend(fontsize=7)
    ax.grid(alpha=0.3)


def _map(figure: Figure, ax: Any, name: str, column: Array, axes: Mapping[str, Sequence[Any]]) -> None:
    (first, rows), (second, cols) = axes.items()
    values = np.full(len(rows) * len(cols), np.nan)
    values[: column.size] = column
    mesh = ax.pcolormesh(cols, rows, values.reshape(len(rows), len(cols)), shading="nearest", cmap="viridis")
    figure.colorbar(mesh, ax=ax, label=name)
    ax.set(xlabel=second, ylabel=first)
