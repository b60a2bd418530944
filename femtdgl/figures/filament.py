"""Figures of a filament: one function a figure, each draws into Axes that it is given.

Figures with `[PSC] Fig. 1` in their name have the six panels of that figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from femtdgl.figures.heading import head, room
from femtdgl.figures.save import save_figure
from femtdgl.figures.sheet import colormaps, rc_context, subplots
from femtdgl.figures.units import in_units, said
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

STYLE: Any = {
    "figure.dpi": 120,
    "savefig.dpi": 130,
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "figure.subplot.left": 0.07,
    "figure.subplot.right": 0.98,
    "figure.subplot.top": 0.9,
    "figure.subplot.bottom": 0.09,
    "figure.subplot.wspace": 0.28,
    "figure.subplot.hspace": 0.33,
}
MOMENTS = 6
COLUMNS = 600
"""Frames that a map in x and t shows, or a little more."""
TEMPERATURE_LABELS = {"T": "$T$", "T_e": "$T_e$", "T_p": "$T_p$"}
"""Temperatures that a heated run stores, by name of the field, and their labels."""
AT_TC = "#7fe0ff"
"""Colour, on a map of a temperature, of the line where it is Tc."""


def whole_ticks(ax: Axes, most: int = 6) -> None:
    """Let axes end at ticks: the least span of whole ticks around what is drawn, from 0 where they begin there."""
    for name, span in (("x", ax.dataLim.intervalx), ("y", ax.dataLim.intervaly)):
        axis: Any = getattr(ax, f"{name}axis")
        low, high = (0.0 if name == "y" and ax.get_ylim()[0] == 0 else span[0]), span[1]
        if high - low < 1e-12:  # nothing but zeros
            low, high = low - 1.0, high + 1.0
        slack = 1e-3 * (high - low)
        factor = getattr(axis.get_major_locator(), "factor", 1.0)  # of numbers that are told in SI
        locator = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10])
        ticks = np.asarray(locator.tick_values(low * factor, high * factor)) / factor
        first, last = ticks[ticks <= low + slack][-1], ticks[ticks >= high - slack][0]
        axis.set_ticks(ticks[(ticks >= first) & (ticks <= last)])
        axis.set_view_interval(first, last, ignore=True)


def pale_legend(ax: Axes, handles: Sequence[Any]) -> None:
    """A legend that can be read on a dark map."""
    legend = ax.legend(handles=handles, loc="upper left", fontsize=7, labelcolor="white", frameon=True)
    legend.get_frame().set(facecolor="black", alpha=0.45, linewidth=0)


def along(result: Result) -> tuple[NDArray[np.intp], Array]:
    """Order of the nodes along a filament, and their x."""
    order = np.argsort(result.nodes[0], kind="stable")
    return order, result.nodes[0][order]


def one_period(result: Result) -> tuple[float, float]:
    """The last whole period of a run, or its last tenth where it has none."""
    times = result.summary["slip_times"]
    if len(times) >= 2 and result.summary["phase_slip_centres"] == 1:
        return times[-2], times[-1]
    end = float(result.t[-1])
    return end - 0.1 * (end - float(result.t[0])), end


def moments(result: Result, count: int = MOMENTS) -> Array:
    """Characteristic moments of a period: close to the slip, where psi changes fast, and in between."""
    start, stop = one_period(result)
    fractions = np.array([0.02, 0.08, 0.2, 0.45, 0.8, 0.95])[:count]
    return start + (stop - start) * fractions


def colours(count: int) -> Any:
    """Colours of the moments, in the order of time."""
    return colormaps["viridis"](np.linspace(0.0, 0.9, count))


def density_profiles(ax: Axes, result: Result, times: Array) -> None:
    """[PSC] Fig. 1(a): |psi|^2 along the filament at the given times."""
    order, x = along(result)
    for t, colour in zip(times, colours(len(times)), strict=True):
        ax.plot(x, np.abs(result.psi(t)[order]) ** 2, color=colour, label=f"$t$ = {said(result, t, 't_0', '.2f')}")
    ax.set(xlabel=r"$x/\xi$", ylabel=r"$|\psi|^2/\Delta_0^2$", ylim=(0, None))


def center_magnitude(ax: Axes, result: Result, window: tuple[float, float], times: Array) -> None:
    """[PSC] Fig. 1(b): |psi| at the centre against time, with the moments marked."""
    t, psi = result.probes["t"], result.probes["psi_center"]
    inside = (t >= window[0]) & (t <= window[1])
    ax.plot(t[inside], psi[inside], color="0.3")
    ax.scatter(times, np.interp(times, t, psi), c=colours(len(times)), zorder=3, s=18)
    ax.set(xlabel=r"$t/t_0$", ylabel=r"$|\psi(0,t)|/\Delta_0$", ylim=(0, None), xlim=window)


def voltage_trace(ax: Axes, result: Result, window: tuple[float, float]) -> None:
    """[PSC] Fig. 1(c): the voltage against time, with its mean over whole periods."""
    t, V = result.probes["t"], result.probes["voltage"]
    inside = (t >= window[0]) & (t <= window[1])
    ax.plot(t[inside], V[inside], color="C3")
    ax.axhline(result.summary["mean_voltage"], color="0.5", lw=0.8, ls="--")
    ax.set(xlabel=r"$t/t_0$", ylabel=r"$V/V_0$", xlim=window)


def current_profiles(ax: Axes, result: Result, name: str, label: str, times: Array) -> None:
    """[PSC] Fig. 1(d)-(f): one component of the current along the filament at the given times."""
    order, x = along(result)
    for t, colour in zip(times, colours(len(times)), strict=True):
        ax.plot(x, result.field(name, t)[0, order], color=colour)
    ax.axhline(0, color="0.8", lw=0.6, zorder=0)
    ax.set(xlabel=r"$x/\xi$", ylabel=label)


def psc_fig1(result: Result) -> Figure:
    """The six panels of [PSC] Fig. 1, from the last period of a run."""
    with rc_context(STYLE):
        start, stop = one_period(result)
        window = (max(float(result.t[0]), start - 1.2 * (stop - start)), stop)
        times = moments(result)
        figure, axes = subplots(2, 3, figsize=(10, 6.2))
        density_profiles(axes[0, 0], result, times)
        center_magnitude(axes[0, 1], result, window, times)
        voltage_trace(axes[0, 2], result, window)
        current_profiles(axes[1, 0], result, "j_s", r"$j_s/j_0$", times)
        current_profiles(axes[1, 1], result, "j_n", r"$j_n/j_0$", times)
        current_profiles(axes[1, 2], result, "j_int", r"$j_{int}/j_0$", times)
        titles = (
            "Cooper-pair density",
            "centre",
            f"voltage; mean {said(result, result.summary['mean_voltage'], 'V_0')} (dashed)",
            "supercurrent",
            "normal current",
            "interference current",
        )
        in_units(axes.ravel(), result)
        for ax, title, letter in zip(axes.ravel(), titles, "abcdef", strict=True):
            ax.set_title(f"({letter}) {title}", loc="left")
            whole_ticks(ax)
        figure.legend(handles=axes[0, 0].lines, loc="lower center", ncols=len(times))
        top = room(figure, head(figure, result) + 1)
        figure.subplots_adjust(left=0.065, right=0.985, top=top, bottom=0.13, hspace=0.38)
        return figure


def raster(ax: Axes, x: Array, y: Array, values: Array, **style: Any) -> Any:
    """A map of values (y, x) as pixels, each of the colour of the nearest point: as pcolormesh has it, but quick."""
    ends = [np.concatenate([a[:1], 0.5 * (a[1:] + a[:-1]), a[-1:]]) for a in (x, y)]
    even = all(np.allclose(np.diff(a), np.ptp(a) / max(a.size - 1, 1), rtol=1e-6, atol=0.0) for a in (x, y))
    if even and x.size > 1 and y.size > 1:
        half = [0.5 * np.ptp(a) / (a.size - 1) for a in (x, y)]
        image: Any = ax.imshow(
            values, origin="lower", aspect="auto", interpolation="nearest",
            extent=(x[0] - half[0], x[-1] + half[0], y[0] - half[1], y[-1] + half[1]), **style,
        )  # fmt: skip
    else:
        image = ax.pcolorfast(*ends, values, **style)
    ax.set(xlim=(x[0], x[-1]) if x.size > 1 else None, ylim=(y[0], y[-1]))
    return image


def frames_between(t: Array, low: float, high: float) -> slice:
    """Stored frames of a window for a map in x and t: no more of them than it has columns, evenly spaced."""
    rows = np.flatnonzero((t >= low) & (t <= high))
    step = max(1, rows.size // COLUMNS)
    return slice(int(rows[0]), int(rows[::step][-1]) + 1, step)


def space_time_map(result: Result, window: tuple[float, float] | None = None) -> Figure:
    """|psi| and arg psi in the plane of x and t, slips marked, above the voltage of the same time."""
    with rc_context(STYLE):
        order, x = along(result)
        t = result.t
        low, high = window if window is not None else (float(t[0]), float(t[-1]))
        rows = frames_between(t, low, high)
        psi, seen = result.field("psi", rows=rows)[:, order], t[rows]
        figure, axes = subplots(
            3, 2, figsize=(9, 6), sharex="col", gridspec_kw={"width_ratios": (1, 0.015), "wspace": 0.02, "hspace": 0.12}
        )
        phase: Any = {"cmap": "twilight", "vmin": -np.pi, "vmax": np.pi}
        figure.subplots_adjust(left=0.08, right=0.92, top=room(figure, head(figure, result)), bottom=0.08)
        images = (
            (np.abs(psi), r"$|\psi|/\Delta_0$", {"cmap": "magma", "vmin": 0}),
            (np.angle(psi), r"arg $\psi$ (rad)", phase),
        )
        for (ax, bar), (values, label, style) in zip(axes[:2], images, strict=True):
            image = raster(ax, seen, x, values.T, **style)
            figure.colorbar(image, cax=bar, label=label)
            ax.set_ylabel(r"$x/\xi$")
        slip_t, slip_x = result.read("slips/t"), result.read("slips/x")[:, 0]
        shown = (slip_t >= seen[0]) & (slip_t <= seen[-1])
        size = 5 if shown.sum() < 60 else 2.5
        marks = axes[1, 0].plot(slip_t[shown], slip_x[shown], "o", mfc="none", mec="C3", ms=size, label="phase slip")
        if shown.any():
            pale_legend(axes[1, 0], marks)
        probe_t = result.probes["t"]
        inside = (probe_t >= low) & (probe_t <= high)
        axes[2, 0].plot(probe_t[inside], result.probes["voltage"][inside], color="C3")
        axes[2, 0].set(xlabel=r"$t/t_0$", ylabel=r"$V/V_0$", xlim=(seen[0], seen[-1]))
        axes[2, 1].axis("off")
        figure.align_ylabels(axes[:, 0])
        in_units(figure.axes, result)
        return figure


def write_figures(result: Result) -> list[Path]:
    """The figures that every run of a filament writes, as DIR/figures/*.png."""
    return save({"fig1": psc_fig1(result), "space_time": space_time_map(result)}, result.directory / "figures")


def save(figures: dict[str, Figure], folder: Path) -> list[Path]:
    """Write figures by name as PNG, each file as a whole, and close them."""
    return [save_figure(figure, folder / f"{name}.png", dpi=STYLE["savefig.dpi"]) for name, figure in figures.items()]
