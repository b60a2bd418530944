"""Figures of a heated run: temperatures in space and time, where the energy goes.

One function a figure.  Temperatures are in Tc; a second scale is in K where the film has one.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from femtdgl.figures.filament import (
    AT_TC,
    STYLE,
    TEMPERATURE_LABELS,
    along,
    colours,
    frames_between,
    moments,
    pale_legend,
    raster,
    save,
)
from femtdgl.figures.heading import head, room
from femtdgl.figures.sheet import rc_context, subplots
from femtdgl.figures.units import factor_of, in_units, said, units_of
from femtdgl.files.reader import Result
from femtdgl.measure.heat import ledger_series

Array = NDArray[np.float64]

COLOURS = {"T": "C3", "T_e": "C3", "T_p": "C0"}
NODE_COLOURS = ("#2e7d4f", "#8a5a9e", "#b8860b", "#4a6fa5", "#7a7a7a")
TERMS = {
    "work": (r"in: electric work $\int j\cdot E$", "0.1", "-"),
    "by_phonons": ("in: work of phonons on $\\psi$", "#8a5a9e", "-"),
    "brought": ("in: brought to nodes", "#b8860b", "-"),
    "by_sources": ("in: sources", "#e377c2", "-"),
    "condensate": (r"energy of $\psi$", "#4a6fa5", "--"),
    "thermal": (r"thermal energy $\int C\,dT$", "#c1502e", "--"),
    "through_held": ("held boundaries", "#2e7d4f", "--"),
    "to_baths": ("lumped baths", "#17a2a2", "--"),
    "nodes": ("lumped nodes", "#d98cb3", "--"),
}
"""Label, colour and line of each term of the ledger: what comes in, then where it goes."""
ENERGY = r"j_0V_0t_0\xi^{d-1}"
NEGLIGIBLE = 1e-9
"""Of the largest term: a term that is never more than this is not drawn."""


def kelvin(result: Result) -> float | None:
    """Tc in K, for a second scale; None where the film has no scales, and where the first scale is in K."""
    if units_of(result):
        return None
    heat = result.summary["heat"]
    return heat["units"]["temperature"] if "kelvin" in heat else None


def temperature_names(result: Result) -> list[str]:
    """Names of the temperatures that are fields: T, or T_e and T_p."""
    return [name for name in TEMPERATURE_LABELS if name in result.field_names]


def second_scale(ax: Axes, Tc: float | None, label: bool = True) -> None:
    """The scale in K on the right of an axis in Tc."""
    if Tc is None:
        return
    to_kelvin: Any = (lambda T: T * Tc, lambda T: T / Tc)
    scale = ax.secondary_yaxis("right", functions=to_kelvin)
    plain_numbers(scale)
    if label:
        scale.set_ylabel("K")


def plain_numbers(axis: Any) -> None:
    """Numbers in full: an offset of 0.89 is no way to read a temperature."""
    axis.yaxis.get_major_formatter().set_useOffset(False)


# ---- temperatures -----------------------------------------------------------------------------------------------


def temperatures_over_time(ax: Axes, result: Result, window: tuple[float, float] | None = None) -> None:
    """Largest and mean temperature of each field, and the temperatures of the free nodes, against time."""
    probes = result.probes
    t = probes["t"]
    low, high = window if window is not None else (float(t[0]), float(t[-1]))
    inside = (t >= low) & (t <= high)
    for name in temperature_names(result):
        colour, label = COLOURS[name], TEMPERATURE_LABELS[name]
        ax.plot(t[inside], probes[f"{name}_max"][inside], color=colour, lw=1, label=f"{label}, largest")
        ax.plot(t[inside], probes[f"{name}_mean"][inside], color=colour, lw=1, ls="--", label=f"{label}, mean")
    free = [name for name in probes if name.startswith("T_node_") and np.ptp(probes[name]) > 0]
    for k, name in enumerate(free):
        colour = NODE_COLOURS[k % len(NODE_COLOURS)]
        ax.plot(t[inside], probes[name][inside], color=colour, lw=1, label=name.removeprefix("T_node_"))
    bottom, top = ax.get_ylim()
    if bottom < 1 < top:
        ax.axhline(1, color="0.6", lw=0.8, ls=":", label="$T_c$")
    plain_numbers(ax)
    ax.set(xlabel=r"$t/t_0$", ylabel="$T/T_c$", xlim=(low, high))
    ax.legend(loc="upper left", bbox_to_anchor=(1.11 if kelvin(result) else 1.01, 1.05), fontsize=7, borderaxespad=0)
    second_scale(ax, kelvin(result))


def temperature_map(result: Result, window: tuple[float, float] | None = None) -> Figure:
    """T (or T_e and T_p) in the plane of x and t, slips and T = Tc marked, above temperatures against time."""
    with rc_context(STYLE):
        names, Tc = temperature_names(result), kelvin(result)
        order, x = along(result)
        low, high = window if window is not None else (float(result.t[0]), float(result.t[-1]))
        rows = frames_between(result.t, low, high)
        t = result.t[rows]
        figure, axes = subplots(
            len(names) + 1, 2, figsize=(9, 2.1 * len(names) + 2.1), sharex="col", squeeze=False,
            gridspec_kw={"width_ratios": (1, 0.015), "wspace": 0.22 if Tc else 0.03, "hspace": 0.2},
        )  # fmt: skip
        top, bottom = room(figure, head(figure, result) + 1), 0.08 if len(names) > 1 else 0.11
        figure.subplots_adjust(left=0.1, right=0.9 if Tc else 0.86, top=top, bottom=bottom)
        for name, (ax, bar) in zip(names, axes[:-1], strict=True):
            T = result.field(name, rows=rows)[:, order].T
            image = raster(ax, t, x, T, cmap="inferno")
            figure.colorbar(image, cax=bar)
            if units_of(result):
                bar.set_ylabel(f"{TEMPERATURE_LABELS[name]}$/T_c$")
            else:
                bar.set_title(f"{TEMPERATURE_LABELS[name]}$/T_c$" + ("    K" if Tc else ""), fontsize=8, pad=6)
            plain_numbers(bar)
            if Tc is not None:
                bar.yaxis.set_ticks_position("left")
                second_scale(bar, Tc, label=False)
            marks = _slips(ax, result, t[0], t[-1])
            if T.min() < 1 < T.max() and t.size > 1:
                ax.contour(t, x, T, levels=[1.0], colors=[AT_TC], linewidths=0.9)
                marks.append(Line2D([], [], color=AT_TC, lw=0.9, label=f"{TEMPERATURE_LABELS[name]} $= T_c$"))
            if marks:
                pale_legend(ax, marks)
            ax.set_ylabel(r"$x/\xi$")
        temperatures_over_time(axes[-1, 0], result, (float(t[0]), float(t[-1])) if t.size > 1 else None)
        axes[-1, 1].axis("off")
        in_units(figure.axes, result)
        return figure


def _slips(ax: Axes, result: Result, low: float, high: float) -> list[Any]:
    """Circles at the phase slips of a window."""
    slip_t, slip_x = result.read("slips/t"), result.read("slips/x")[:, 0]
    shown = (slip_t >= low) & (slip_t <= high)
    if not shown.any():
        return []
    size = 5 if shown.sum() < 60 else 2.5
    return ax.plot(slip_t[shown], slip_x[shown], "o", mfc="none", mec="#5fd35f", mew=0.8, ms=size, label="phase slip")


def temperature_profiles(result: Result) -> Figure:
    """|psi| and the temperatures along the filament at moments of a period."""
    with rc_context(STYLE):
        names = temperature_names(result)
        order, x = along(result)
        times = np.clip(moments(result), result.t[0], result.t[-1])
        figure, axes = subplots(1, 1 + len(names), figsize=(3.4 * (1 + len(names)) + 1, 3), layout="constrained")
        for t, colour in zip(times, colours(len(times)), strict=True):
            axes[0].plot(x, np.abs(result.psi(t)[order]), color=colour, label=f"$t$ = {said(result, t, 't_0', '.2f')}")
            for ax, name in zip(axes[1:], names, strict=True):
                ax.plot(x, result.between_frames(name, t)[order], color=colour)
        axes[0].set(xlabel=r"$x/\xi$", ylabel=r"$|\psi|/\Delta_0$", ylim=(0, None))
        for ax, name in zip(axes[1:], names, strict=True):
            bottom, top = ax.get_ylim()
            if bottom < 1 < top:
                ax.axhline(1, color="0.6", lw=0.8, ls=":")
            ax.set(xlabel=r"$x/\xi$", ylabel=f"{TEMPERATURE_LABELS[name]}$/T_c$")
            plain_numbers(ax)
            second_scale(ax, kelvin(result))
        figure.legend(loc="outside right center", fontsize=7)
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def temperatures(result: Result) -> Figure:
    """Temperatures against time, as a figure of its own (in the plane and in space)."""
    with rc_context(STYLE):
        figure, ax = subplots(figsize=(8, 2.8), layout="constrained")
        temperatures_over_time(ax, result)
        in_units(figure.axes, result)
        head(figure, result)
        return figure


# ---- energy -----------------------------------------------------------------------------------------------------


def energy_ledger(result: Result) -> Figure:
    """The terms of the energy ledger since the start of the run, and below, magnified, what they leave over."""
    series = ledger_series(result.probes)
    t, turned = series["t"], _turned(result)
    largest = max(float(np.abs(series[name]).max()) for name in TERMS if name in series)
    factor, words = factor_of(result, ENERGY, [largest])
    with rc_context(STYLE):
        figure, (ax, small) = subplots(
            2, 1, figsize=(9, 4.6), sharex=True, height_ratios=(3.2, 1), layout="constrained"
        )
        came, gone = np.zeros_like(t), np.zeros_like(t)
        for name, (label, colour, line) in TERMS.items():
            if name not in series:
                continue
            if line == "--":
                gone = gone + series[name]
            else:
                came = came + series[name]
            if np.abs(series[name]).max() > NEGLIGIBLE * largest or name == "work":
                ax.plot(t, series[name], color=colour, ls=line, label=f"{label}: {factor * series[name][-1]:.3g}")
        ax.plot(
            t, gone, color="#e8c33c", lw=3.5, alpha=0.6, zorder=0, label=f"sum of the dashed: {factor * gone[-1]:.3g}"
        )
        if np.abs(came - series["work"]).max() > NEGLIGIBLE * largest:
            ax.plot(t, came, color="0.1", ls=":", label=f"sum of the solid: {factor * came[-1]:.3g}")
        ax.axhline(0, color="0.85", lw=0.6, zorder=0)
        ax.set_ylabel(r"energy since the start" "\n" r"($j_0 V_0 t_0\,\xi^{d-1}$)")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=7,
                  title="at the end" + (f" ({words})" if factor != 1 else ""), title_fontsize=7)  # fmt: skip
        rest = series["unaccounted"] / turned
        power = math.floor(math.log10(np.abs(rest).max())) if np.abs(rest).max() > 0 else 0
        small.plot(t, rest / 10.0**power, color="C3", lw=1)
        small.axhline(0, color="0.85", lw=0.6, zorder=0)
        small.set(xlabel=r"$t/t_0$", ylabel=f"in less out\n($10^{{{power}}}$ of the work)", xlim=(t[0], t[-1]))
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def _turned(result: Result) -> float:
    """int |j.E| of the whole run; 1 where there is none."""
    t, work = result.probes["t"], np.abs(result.probes["work"])
    return float(np.trapezoid(work, t)) or 1.0


# ---- what is written --------------------------------------------------------------------------------------------


def heat_figures(result: Result) -> dict[str, Figure]:
    """Figures of a heated run by name; maps in the plane and in space are among those of `plots_fields`."""
    if result.nodes.shape[0] == 1:
        made = {"temperature_map": temperature_map(result), "temperature_profiles": temperature_profiles(result)}
    else:
        made = {"temperatures": temperatures(result)}
    made["energy_ledger"] = energy_ledger(result)
    return made


def write_figures(result: Result) -> list[Path]:
    """Write the figures of a heated run to DIR/figures; none for an isothermal one."""
    if "heat" not in result.summary:
        return []
    return save(heat_figures(result), result.directory / "figures")
