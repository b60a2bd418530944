"""Figures of what a sweep found: thresholds, orders of convergence, branches of coexisting states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.save import save_figure

Array = NDArray[Any]
Rows = Sequence[Mapping[str, Any]]


def thresholds(
    table: Mapping[str, Array], axes: Mapping[str, Sequence[Any]], key: str, folder: Path, *, title: str
) -> list[Path]:  # fmt: skip
    """figures/thresholds.png: the threshold over the longest of the other keys, a curve for each value of the rest.

    axes: the other keys and their values; nothing without any, or where fewer than two thresholds were found.
    """
    if not axes or not table or table["threshold"].size < 2:
        return []
    over = max(axes, key=lambda name: (table[name].dtype == float, len(axes[name])))
    others = [name for name in axes if name != over]
    families = np.array([", ".join(str(table[name][k]) for name in others) for k in range(table["threshold"].size)])
    figure = Figure(figsize=(5.6, 4.0), layout="constrained")
    ax = figure.add_subplot()
    for family in dict.fromkeys(families):
        here = families == family
        value, x = table["threshold"][here].astype(float), table[over][here]
        wide = 0.5 * np.abs(table["after"][here] - table["before"][here]).astype(float)
        places = x if x.dtype == float else np.arange(x.size)
        ax.errorbar(places, value, yerr=wide, fmt="o-", ms=4, lw=1.2, capsize=2, label=family or None)
        if x.dtype != float:
            ax.set_xticks(places, [str(v) for v in x], rotation=20)
    ax.set(xlabel=over, ylabel=f"threshold of {key}")
    ax.grid(alpha=0.3)
    if others:
        ax.legend(title=", ".join(others), fontsize=7, title_fontsize=7)
    figure.suptitle(f"{title}: where {key} has its threshold", fontsize=10, wrap=True)
    return [_saved(figure, folder / "thresholds.png")]


def convergence(
    table: Mapping[str, Array], fits: Rows, sizes: Callable[[Any], Array], over: str, folder: Path, *, title: str
) -> list[Path]:  # fmt: skip
    """figures/convergence.png: how far each entry is from its limit against the size, with the fitted orders.

    fits: rows with the keys of a curve, "entry", "order", "limit"; `sizes`: of values of the key `over`.
    """
    told = [fit for fit in fits if fit["order"] is not None]
    if not told:
        return []
    entries = list(dict.fromkeys(fit["entry"] for fit in told))
    figure = Figure(figsize=(4.6 * len(entries), 4.0), layout="constrained")
    for number, entry in enumerate(entries, start=1):
        ax = figure.add_subplot(1, len(entries), number)
        for k, fit in enumerate(f for f in told if f["entry"] == entry):
            keys = [name for name in fit if name in table and name != over]
            here = np.isfinite(table[entry]) & np.all([table[name] == fit[name] for name in keys], axis=0)
            h, off = sizes(table[over][here]), np.abs(table[entry][here] - fit["limit"])
            order = np.argsort(h)
            label = ", ".join(f"{name} {fit[name]}" for name in keys)
            ax.loglog(
                h[order], off[order], "o", ms=5, color=f"C{k}", label=f"{label}: order {fit['order']:.2f}".lstrip(": ")
            )
            C = off[order][-1] / h[order][-1] ** fit["order"]
            ax.loglog(h[order], C * h[order] ** fit["order"], lw=1, color=f"C{k}")
        ax.set(xlabel=over if sizes([2.0])[0] == 2 else f"1/{over}", ylabel=f"|{entry} - its limit|")
        ax.grid(alpha=0.3, which="both")
        ax.legend(fontsize=7)
    figure.suptitle(f"{title}: convergence", fontsize=10, wrap=True)
    return [_saved(figure, folder / "convergence.png")]


def branches(
    table: Mapping[str, Array], folds: Rows, axes: Mapping[str, Sequence[Any]], folder: Path, *, title: str
) -> list[Path]:  # fmt: skip
    """figures/branches.png: all states over a key that has numbers, stable ones filled, with the folds.

    table: a row a state, with its numbers as columns "temperatures.<node>"; nothing for more than one key.
    """
    names = [name for name in table if name.startswith("temperatures.")]
    if len(axes) != 1 or not names:
        return []
    (key,) = axes
    if table[key].dtype != float:
        return []
    figure = Figure(figsize=(4.6 * len(names), 4.0), layout="constrained")
    stable = table["stable"] == 1.0
    for number, name in enumerate(names, start=1):
        ax = figure.add_subplot(1, len(names), number)
        ax.plot(table[key][stable], table[name][stable], "o", ms=3.5, color="C0", label="stable")
        if not stable.all():
            ax.plot(table[key][~stable], table[name][~stable], "o", ms=3.5, mfc="white", color="C3", label="unstable")
        for k, fold in enumerate(folds):
            ax.axvline(fold["estimate"], color="0.5", lw=0.8, ls=":", label=None if k else "fold")
        ax.set(xlabel=key, ylabel=f"temperature of {name.removeprefix('temperatures.')} (K)")
        ax.grid(alpha=0.3)
        ax.legend(fontsize=7)
    figure.suptitle(f"{title}: all steady states", fontsize=10, wrap=True)
    return [_saved(figure, folder / "branches.png")]


def _saved(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return save_figure(figure, path, dpi=150)
