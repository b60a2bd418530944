"""What the scripts of the network figures share: run a problem, write a PNG and a CSV of its arrays."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import femtdgl as fg

PROBLEMS = Path(__file__).parent.parent / "problems"


def outcome_of(stem: str) -> fg.NetworkOutcome:
    """The problem named on the command line, or the shipped one."""
    return fg.run_network(sys.argv[1] if len(sys.argv) > 1 else PROBLEMS / f"{stem}.toml")


def panels(rows: int, columns: int, width: float = 4.2, height: float = 3.2) -> tuple[Figure, list[plt.Axes]]:
    """A figure with its Axes in reading order."""
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), layout="constrained", squeeze=False
    )
    return figure, list(axes.ravel())


def note(ax: plt.Axes, text: str, x: float = 0.97, y: float = 0.97) -> None:
    """The paper's statement beside what was computed."""
    side, level = ("right" if x > 0.5 else "left"), ("top" if y > 0.5 else "bottom")
    ax.text(x, y, text, transform=ax.transAxes, ha=side, va=level, fontsize=6.5, color="0.3")


def save(figure: Figure, stem: str, columns: dict[str, np.ndarray]) -> None:
    """Write <stem>.png and <stem>.csv into the second argument's directory, or the current one."""
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path()
    out.mkdir(parents=True, exist_ok=True)
    figure.savefig(out / f"{stem}.png", dpi=160)
    longest = max(len(v) for v in columns.values())
    padded = [np.concatenate([v, np.full(longest - len(v), np.nan)]) for v in columns.values()]
    np.savetxt(out / f"{stem}.csv", np.column_stack(padded), delimiter=",", header=",".join(columns), comments="")
    print(f"{out / stem}.png, .csv")


def table(outcome: fg.NetworkOutcome) -> dict[str, np.ndarray]:
    """Columns for the CSV: every array of numbers."""
    return {name: np.asarray(values, dtype=float) for name, values in outcome.arrays.items() if values.ndim == 1}
