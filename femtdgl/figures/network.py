"""Figures of thermal networks: each takes Axes and a solution, draws, and returns nothing.

`FIGURES` names them, and `shown` says which have something to show.  Up-sweeps are solid, down-sweeps dashed, branches
through folds thin; NDTC windows are marked by a heavier line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femtdgl.figures.save import save_figure
from femtdgl.thermal.network.curve import Curve, Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0b3c5d", "#c1502e", "#2e7d4f", "#8a5a9e", "#b8860b", "#4a6fa5", "#7a7a7a", "#a02c5a")
MARK = 2.6
"""Line width inside an NDTC window."""


def parameter_axis(parameter: str, values: np.ndarray) -> tuple[str, float]:
    """Label and factor for a scanned parameter."""
    _, name, field = parameter.split(".", 2)
    if field == "temperature":
        return f"temperature of {name} (mK)", 1e3
    if field == "heat":
        unit, factor = power_unit(values)
        return f"heat into {name} ({unit})", factor
    return f"{field} of {name}", 1.0


def power_unit(values: np.ndarray) -> tuple[str, float]:
    """Name and factor of the power unit that suits the largest value."""
    largest = float(np.max(np.abs(values), initial=0.0))
    for unit, size in (("nW", 1e-9), ("pW", 1e-12), ("fW", 1e-15)):
        if largest >= size:
            return unit, 1 / size
    return "aW", 1e18


def draw_marked(ax: Axes, x: np.ndarray, y: np.ndarray, inside: np.ndarray, label: str, colour: str) -> None:
    """A line that is heavier inside the windows."""
    ax.plot(x, y, color=colour, lw=1.2, label=label)
    if inside.any():
        ax.plot(x, np.where(inside, y, np.nan), color=colour, lw=MARK, solid_capstyle="round")


def window_mask(curve: Curve, quantity: str) -> np.ndarray:
    """Values inside an NDTC window of that quantity."""
    inside = np.zeros(len(curve.scan.values), dtype=bool)
    for window in curve.scan.windows:
        if window.quantity == quantity and window.sweep == "up":
            low, high = sorted((window.start, window.end))
            inside |= (curve.scan.values >= low) & (curve.scan.values <= high)
    return inside


def temperatures(ax: Axes, solution: Solution, node: str | None = None, case: str | None = None) -> None:
    """Temperatures of the free nodes (or one) along the scan."""
    label, factor = parameter_axis(solution.curves[0].scan.parameter, solution.curves[0].scan.values)
    k = 0
    for curve in solution.curves:
        if case is not None and curve.case != case:
            continue
        x = curve.scan.values * factor
        for name in [node] if node else curve.scan.moving:
            colour = COLOURS[k % len(COLOURS)]
            text = curve_label(curve) if node else f"{name}, {curve_label(curve)}"
            T = curve.scan.up.temperatures[name] * 1e3
            draw_marked(ax, x, T, window_mask(curve, f"T({name})"), text, colour)
            if curve.scan.down is not curve.scan.up:
                ax.plot(x, curve.scan.down.temperatures[name] * 1e3, color=colour, lw=1.2, ls="--")
            if name in curve.scan.branch:
                ax.plot(curve.scan.branch["value"] * factor, curve.scan.branch[name] * 1e3, color=colour, lw=0.6)
            k += 1
    ax.set(xlabel=label, ylabel=f"temperature{f' of {node}' if node else ''} (mK)")
    finish(ax)


def powers(ax: Axes, solution: Solution, link: str | None = None) -> None:
    """Power of a link (the first) along the scan."""
    name = link or next(iter(solution.curves[0].scan.up.powers))
    label, factor = parameter_axis(solution.curves[0].scan.parameter, solution.curves[0].scan.values)
    unit, scale = power_unit(np.concatenate([c.scan.up.powers[name] for c in solution.curves]))
    for k, curve in enumerate(solution.curves):
        draw_marked(
            ax,
            curve.scan.values * factor,
            curve.scan.up.powers[name] * scale,
            window_mask(curve, f"P({name})"),
            curve_label(curve),
            COLOURS[k % len(COLOURS)],
        )
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    ax.set(xlabel=label, ylabel=f"power of {name} ({unit})")
    finish(ax)


def slopes(ax: Axes, curves: Sequence[Curve], series: Sequence[np.ndarray], factor: float) -> None:
    """Derivative of a series of each curve by the scanned parameter, over a line at zero."""
    for k, (curve, values) in enumerate(zip(curves, series, strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        ax.plot(curve.scan.values * factor, curve.scan.slope(values), lw=1.2, color=colour, label=curve_label(curve))
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)


def responsivity(ax: Axes, solution: Solution, node: str | None = None, case: str | None = None) -> None:
    """dT/dT of a free node (the first that moves) along a temperature scan."""
    label, factor = parameter_axis(solution.curves[0].scan.parameter, solution.curves[0].scan.values)
    name = node or solution.curves[0].scan.moving[0]
    curves = [c for c in solution.curves if case in (None, c.case)]
    slopes(ax, curves, [curve.scan.up.temperatures[name] for curve in curves], factor)
    ax.set(xlabel=label, ylabel=f"responsivity of {name}")
    finish(ax)


def observed(ax: Axes, solution: Solution, name: str | None = None) -> None:
    """A link's own quantity along the scan, logarithmic when it spans more than two decades."""
    key = name or next(iter(solution.curves[0].observed))
    label, factor = parameter_axis(solution.curves[0].scan.parameter, solution.curves[0].scan.values)
    low, high = np.inf, 0.0
    for k, curve in enumerate(solution.curves):
        y = curve.observed[key]
        low, high = min(low, float(y.min())), max(high, float(y.max()))
        ax.plot(curve.scan.values * factor, y, lw=1.2, color=COLOURS[k % len(COLOURS)], label=curve_label(curve))
    if low > 0 and high / low > 100:
        ax.set_yscale("log")
    ax.set(xlabel=label, ylabel=key.split(".")[-1].replace("_", " ").removesuffix(" at"))
    finish(ax)


def gain(ax: Axes, solution: Solution) -> None:
    """d(power of the first link)/d(heat put in)."""
    label, factor = parameter_axis(solution.curves[0].scan.parameter, solution.curves[0].scan.values)
    link = next(iter(solution.curves[0].scan.up.powers))
    slopes(ax, solution.curves, [curve.scan.up.powers[link] for curve in solution.curves], factor)
    ax.set(xlabel=label, ylabel=f"gain: d(power of {link})/d(heat)")
    finish(ax)


def transient(ax: Axes, solution: Solution) -> None:
    """Temperatures in time."""
    assert solution.transient is not None
    t = solution.transient.t
    unit, factor = ("us", 1e6) if t[-1] < 1e-2 else ("ms", 1e3) if t[-1] < 10 else ("s", 1.0)
    for k, (name, T) in enumerate(solution.transient.temperatures.items()):
        ax.plot(t * factor, T * 1e3, lw=1.2, color=COLOURS[k % len(COLOURS)], label=name)
    for time, _ in solution.transient.crossings:
        ax.axvline(time * factor, color="0.7", lw=0.6, ls=":")
    ax.set(xlabel=f"time ({unit})", ylabel="temperature (mK)")
    finish(ax)


def curve_label(curve: Curve) -> str:
    """Case and member in words."""
    if curve.member is None:
        return curve.case or "scan"
    unit, factor = power_unit(np.array([curve.member]))
    member = f"{curve.member * factor:.4g} {unit}" if abs(curve.member) < 1e-6 else f"{curve.member:.4g}"
    return ", ".join(part for part in (curve.case, member) if part)


def finish(ax: Axes) -> None:
    """Legend when there is more than one line, no box on top and right."""
    ax.spines[["top", "right"]].set_visible(False)
    _handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        ax.legend(frameon=False, fontsize=7)


FIGURES: dict[str, Callable[..., None]] = {
    "temperatures": temperatures,
    "powers": powers,
    "responsivity": responsivity,
    "observed": observed,
    "gain": gain,
    "transient": transient,
}
"""By the names of their files."""


def shown(solution: Solution) -> tuple[str, ...]:
    """Names of the figures that have something to show."""
    names = []
    if solution.curves:
        scan = solution.curves[0].scan
        held = scan.quantity == "temperature"
        if not held or scan.moving:
            names.append("temperatures")
        names.append("powers")
        if solution.curves[0].observed:
            names.append("observed")
        if held and scan.moving:
            names.append("responsivity")
        if scan.quantity == "heat" and len(scan.up.temperatures) > 2:
            names.append("gain")
    if solution.transient is not None:
        names.append("transient")
    return tuple(names)


def write_figures(solution: Solution, title: str, folder: Path) -> list[Path]:
    """The figures that have something to show, as PNG of that name in the folder."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    paths = []
    for name in shown(solution):
        figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
        FIGURES[name](ax, solution)
        figure.suptitle(title, fontsize=9)
        paths.append(save_figure(figure, folder / f"{name}.png", dpi=130))
    return paths
