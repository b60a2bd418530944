"""What the scripts of the network figures share: run a problem, write a PNG and a CSV of its arrays.

`python SCRIPT.py [PROBLEM.toml] [DIRECTORY]`: another problem in place of the shipped one, where the script shows one
only; where to write.
"""

from __future__ import annotations

import string
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import femtdgl as fg

PROBLEMS = Path(__file__).parent.parent / "problems"
GIVEN = [argument for argument in sys.argv[1:] if argument.endswith(".toml")]
OUT = next((Path(argument) for argument in sys.argv[1:] if not argument.endswith(".toml")), Path())


def problem_of(stem: str) -> Path:
    """The problem named on the command line, or the shipped one."""
    return Path(GIVEN[0]) if GIVEN else PROBLEMS / f"{stem}.toml"


def outcome_of(stem: str) -> fg.NetworkOutcome:
    """That problem solved."""
    return fg.run_network(problem_of(stem))


def shipped(stem: str) -> fg.NetworkOutcome:
    """A shipped problem solved."""
    return fg.run_network(PROBLEMS / f"{stem}.toml")


def panels(rows: int, columns: int, width: float = 4.6, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """A figure with its Axes in reading order."""
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), layout="constrained", squeeze=False
    )
    return figure, list(axes.ravel())


def letters(axes: list[Axes], titles: list[str], first: str = "a") -> None:
    """a), b), ... before the title of each panel."""
    start = string.ascii_lowercase.index(first)
    for ax, letter, title in zip(axes, string.ascii_lowercase[start:], titles, strict=False):
        ax.set_title(f"{letter}) {title}".strip(), loc="left", fontsize=9)


def note(ax: Axes, text: str, x: float = 0.97, y: float = 0.97) -> None:
    """The paper's statement beside what was computed."""
    side, level = ("right" if x > 0.5 else "left"), ("top" if y > 0.5 else "bottom")
    ax.text(x, y, text, transform=ax.transAxes, ha=side, va=level, fontsize=6.5, color="0.3")


def legend(ax: Axes, place: Any = "best", columns: int = 1, **where: Any) -> None:
    """A legend inside the panel, at a place that the curves leave free."""
    ax.legend(frameon=False, fontsize=7, loc=place, ncols=columns, **where)


def save(figure: Figure, stem: str, columns: dict[str, np.ndarray]) -> None:
    """Write <stem>.png and <stem>.csv into the directory of the command line, or the current one."""
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{stem}.png", dpi=160)
    longest = max(len(v) for v in columns.values())
    padded = [np.concatenate([v, np.full(longest - len(v), np.nan)]) for v in columns.values()]
    np.savetxt(OUT / f"{stem}.csv", np.column_stack(padded), delimiter=",", header=",".join(columns), comments="")
    print(f"{OUT / stem}.png, .csv")


def table(outcome: fg.NetworkOutcome, prefix: str = "") -> dict[str, np.ndarray]:
    """Columns for the CSV: every array of numbers."""
    arrays = outcome.arrays.items()
    return {prefix + name: np.asarray(values, dtype=float) for name, values in arrays if values.ndim == 1}
