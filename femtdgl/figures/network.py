"""Figures of thermal networks: each takes Axes and a solution, draws, and returns nothing.

`FIGURES` names them, and `shown` says which have something to show.  Up-sweeps are solid, down-sweeps dashed, all
steady states traced through folds dotted; NDTC windows are marked by a heavier line.  Legends stand beside the axes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femtdgl.figures.save import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from femtdgl.thermal.network.curve import Curve, Solution
    from femtdgl.thermal.network.response import ResponseCurve

COLOURS = (
    "#0b3c5d", "#c1502e", "#2e7d4f", "#8a5a9e", "#b8860b", "#4a6fa5", "#7a7a7a", "#a02c5a", "#3a9d9d", "#d08a6e"
)  # fmt: skip
MARK = 2.6
"""Line width inside an NDTC window."""
PREFIXES = (("", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("p", 1e-12), ("f", 1e-15), ("a", 1e-18))
TITLE = 104
"""Characters of a title that fit over a figure."""
SEVERAL_DECADES = 100.0
"""Ratio of largest to smallest from which an axis is logarithmic."""


def scaled(values: np.ndarray, unit: str) -> tuple[str, float]:
    """Name and factor of the unit that suits the largest value: "fW" and 1e15; temperatures in mK."""
    if unit == "K":
        return "mK", 1e3
    if unit == "" or not np.any(values):
        return unit, 1.0
    largest = float(np.max(np.abs(values), initial=0.0)) * (1 + 1e-9)
    prefix, size = next((p for p in PREFIXES if largest >= p[1]), PREFIXES[-1])
    return prefix + unit, 1 / size


def power_unit(values: np.ndarray) -> tuple[str, float]:
    """Name and factor of the power unit that suits the largest value."""
    return scaled(values, "W")


def with_unit(text: str, unit: str) -> str:
    """An axis label; pure numbers have no unit."""
    return f"{text} ({unit})" if unit else text


def parameter_axis(solution: Solution) -> tuple[str, float]:
    """Label and factor for the scanned parameter."""
    scan = solution.curves[0].scan
    _, name, field = scan.parameter.split(".", 2)
    unit, factor = scaled(scan.values, scan.unit)
    words = {"temperature": f"temperature of {name}", "heat": f"heat into {name}"}
    return with_unit(words.get(field, f"{field.replace('_', ' ')} of {name}"), unit), factor


def along(ax: Axes, solution: Solution) -> float:
    """Label the axis of the scanned parameter, logarithmic where its values are; the factor of its unit."""
    label, factor = parameter_axis(solution)
    ax.set_xlabel(label)
    values = solution.curves[0].scan.values
    if values.min() > 0 and np.ptp(np.diff(np.log(values))) < 1e-6 * np.ptp(np.log(values)) and len(values) > 2:
        ax.set_xscale("log")
    return factor


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
    factor = along(ax, solution)
    k = 0
    for curve in solution.curves:
        if case is not None and curve.case != case:
            continue
        scan = curve.scan
        for name in [node] if node else scan.moving:
            colour = COLOURS[k % len(COLOURS)]
            text = curve_label(curve, "" if node else name)
            both = scan.down is not scan.up
            label = f"{text}, up" if both else text
            T = scan.up.temperatures[name] * 1e3
            draw_marked(ax, scan.values * factor, T, window_mask(curve, f"T({name})"), label, colour)
            if both:
                T = scan.down.temperatures[name] * 1e3
                ax.plot(scan.values * factor, T, color=colour, lw=1.2, ls="--", label=f"{text}, down")
            if name in scan.branch:
                low, high = sorted((scan.values[0], scan.values[-1]))
                within = (scan.branch["value"] >= low) & (scan.branch["value"] <= high)
                x, T = scan.branch["value"][within] * factor, scan.branch[name][within] * 1e3
                ax.plot(x, T, color="0.4", lw=1.0, ls=":", label=f"{text}, all states traced")
            k += 1
    ax.set_ylabel(f"temperature{f' of {node}' if node else ''} (mK)")
    finish(ax)


def powers(ax: Axes, solution: Solution, link: str | None = None) -> None:
    """Power of a link (the first) along the scan."""
    name, factor = link or next(iter(solution.curves[0].scan.up.powers)), along(ax, solution)
    unit, scale = scaled(np.concatenate([c.scan.up.powers[name] for c in solution.curves]), "W")
    for k, curve in enumerate(solution.curves):
        colour, scan = COLOURS[k % len(COLOURS)], curve.scan
        both = scan.down is not scan.up
        label = curve_label(curve) + (", up" if both else "")
        P, inside = scan.up.powers[name] * scale, window_mask(curve, f"P({name})")
        draw_marked(ax, scan.values * factor, P, inside, label, colour)
        if both:
            P = scan.down.powers[name] * scale
            ax.plot(scan.values * factor, P, color=colour, lw=1.2, ls="--", label=f"{curve_label(curve)}, down")
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    ax.set_ylabel(f"power of {name} ({unit})")
    finish(ax)


def responses(curve: Curve) -> Iterator[tuple[ResponseCurve, str, str]]:
    """Derivatives of the sweeps up and down of a curve, line style and ending of the label of each."""
    scan = curve.scan
    assert scan.response_up is not None and scan.response_down is not None
    both = scan.response_down is not scan.response_up
    yield scan.response_up, "-", ", up" if both else ""
    if both:
        yield scan.response_down, "--", ", down"


def derivatives(
    ax: Axes, solution: Solution, series: Callable[[ResponseCurve], np.ndarray], case: str | None = None
) -> None:
    """A derivative by the scanned parameter along each curve, over a line at zero.

    It has both values at a corner and breaks at a fold, towards which it grows without bound.
    """
    factor = along(ax, solution)
    for k, curve in enumerate(c for c in solution.curves if case in (None, c.case)):
        for response, style, ending in responses(curve):
            label, colour = curve_label(curve) + ending, COLOURS[k % len(COLOURS)]
            ax.plot(response.values * factor, series(response), lw=1.2, ls=style, color=colour, label=label)
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)


def responsivity(ax: Axes, solution: Solution, node: str | None = None, case: str | None = None) -> None:
    """dT/dT of a free node (the first that moves) along a temperature scan."""
    scan = solution.curves[0].scan
    name = node or scan.moving[0]
    derivatives(ax, solution, lambda response: response.temperatures[name], case)
    ax.set_ylabel(f"responsivity dT({name})/dT({scan.parameter.split('.')[1]}) (K/K)")
    finish(ax)


def conductance(ax: Axes, solution: Solution, link: str | None = None) -> None:
    """dP/dT of a link (the first) along a temperature scan: negative where heat falls as its hot side warms."""
    scan = solution.curves[0].scan
    name = link or next(iter(scan.up.powers))
    found = np.concatenate([r.powers[name] for c in solution.curves for r, _, _ in responses(c)])
    unit, scale = scaled(found[np.isfinite(found)], "W")
    derivatives(ax, solution, lambda response: response.powers[name] * scale)
    ax.set_ylabel(f"dP({name})/dT({scan.parameter.split('.')[1]}) ({unit}/K)")
    finish(ax)


def gain(ax: Axes, solution: Solution, link: str | None = None) -> None:
    """d(power of a link, the first)/d(heat put in)."""
    name = link or next(iter(solution.curves[0].scan.up.powers))
    derivatives(ax, solution, lambda response: response.powers[name])
    ax.set_ylabel(f"gain dP({name})/d(heat put in) (W/W)")
    finish(ax)


def drop(ax: Axes, solution: Solution, node: str | None = None, cases: Sequence[str] | None = None) -> None:
    """How far a free node (the first that moves) gets below its temperature at the scan's first value, by member."""
    name = node or solution.curves[0].scan.moving[0]
    all_cases = list(dict.fromkeys(c.case for c in solution.curves))
    members = np.array([c.member for c in solution.curves], dtype=float)
    unit, factor = scaled(members, solution.curves[0].member_unit)
    for k, case in enumerate(all_cases if cases is None else cases):
        curves = [c for c in solution.curves if c.case == case]
        x = np.array([c.member for c in curves], dtype=float) * factor
        y = np.array([c.scan.extremes.drop.get(name, np.nan) for c in curves]) * 1e3
        ax.plot(x, y, marker="." if len(x) < 9 else None, lw=1.2, color=COLOURS[k % len(COLOURS)], label=case)
    if members.min() > 0 and members.max() / members.min() >= 10:
        ax.set_xscale("log")
    quantity = "heat put in" if unit.endswith("W") else "value of the family"
    ax.set(xlabel=with_unit(quantity, unit), ylabel=f"largest fall of T({name}) (mK)")
    finish(ax)


def observed(ax: Axes, solution: Solution, name: str | None = None) -> None:
    """A link's own quantity along the scan, logarithmic when it spans more than two decades."""
    key, factor = name or next(iter(solution.curves[0].observed)), along(ax, solution)
    values = np.concatenate([curve.observed[key] for curve in solution.curves])
    unit = solution.curves[0].observed_units.get(key, "")
    unit, scale = scaled(values, unit)
    for k, curve in enumerate(solution.curves):
        y, colour = curve.observed[key] * scale, COLOURS[k % len(COLOURS)]
        ax.plot(curve.scan.values * factor, y, lw=1.2, color=colour, label=curve_label(curve))
    if values.min() > 0 and values.max() / values.min() > SEVERAL_DECADES:
        ax.set_yscale("log")
    link, quantity = key.split(".", 1)
    ax.set_ylabel(with_unit(f"{quantity.replace('_', ' ').removesuffix(' at')} of {link}", unit))
    finish(ax)


def transient(ax: Axes, solution: Solution) -> None:
    """Temperatures in time; dotted lines where an event was crossed."""
    assert solution.transient is not None
    t = solution.transient.t
    unit, factor = ("us", 1e6) if t[-1] < 1e-2 else ("ms", 1e3) if t[-1] < 10 else ("s", 1.0)
    for k, (name, T) in enumerate(solution.transient.temperatures.items()):
        ax.plot(t * factor, T * 1e3, lw=1.2, color=COLOURS[k % len(COLOURS)], label=name)
    for time, _ in solution.transient.crossings:
        ax.axvline(time * factor, color="0.7", lw=0.6, ls=":")
    names = list(solution.transient.temperatures)
    ax.set(xlabel=f"time ({unit})", ylabel=f"temperature{f' of {names[0]}' if len(names) == 1 else ''} (mK)")
    finish(ax)


def member_label(curve: Curve) -> str:
    """The value of the family's parameter with its unit; "" without a family."""
    if curve.member is None:
        return ""
    unit, factor = scaled(np.array([curve.member]), curve.member_unit)
    return f"{curve.member * factor:.4g} {unit}".rstrip()


def curve_label(curve: Curve, name: str = "") -> str:
    """Name, case and member in words."""
    return ", ".join(part for part in (name, curve.case, member_label(curve)) if part) or "scan"


def finish(ax: Axes) -> None:
    """No box on top and right; a legend beside the axes when there is more than one line."""
    ax.spines[["top", "right"]].set_visible(False)
    _handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        ax.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3)


FIGURES: dict[str, Callable[..., None]] = {
    "temperatures": temperatures,
    "powers": powers,
    "conductance": conductance,
    "responsivity": responsivity,
    "drop": drop,
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
        held, with_state = scan.quantity == "temperature", bool(scan.moving)
        if with_state:
            names.append("temperatures")
        names.append("powers")
        if solution.curves[0].observed:
            names.append("observed")
        if held and not with_state:
            names.append("conductance")
        if held and with_state:
            names.append("responsivity")
            if len({curve.member for curve in solution.curves}) > 2:
                names.append("drop")
        if scan.quantity == "heat" and len(scan.up.temperatures) > 2:
            names.append("gain")
    if solution.transient is not None:
        names.append("transient")
    return tuple(names)


def write_figures(solution: Solution, title: str, folder: Path, names: Sequence[str]) -> list[Path]:
    """The named figures, as PNG of that name in the folder."""
    from femtdgl.figures.sheet import subplots

    paths = []
    for name in names:
        figure, ax = subplots(figsize=(7.5, 4.2), layout="constrained")
        FIGURES[name](ax, solution)
        figure.suptitle(textwrap.fill(title, TITLE), fontsize=9)
        paths.append(save_figure(figure, folder / f"{name}.png", dpi=130))
    return paths
