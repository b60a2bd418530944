"""Figures of phonons that act back: p in space and time with its work, and the spectra of dN where it is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, along, colours, frames_between, moments, one_period, pale_legend, save
from femtdgl.figures.heading import XI, head, room
from femtdgl.figures.sheet import rc_context, subplots
from femtdgl.figures.units import in_units, said
from femtdgl.files.reader import Result

Array = NDArray[np.float64]

POWERS = {"emitted": ("emitted", "C3"), "reabsorbed": ("taken back", "C2"), "escaping": ("escaping", "C0")}
"""Of the filament's own phonons: label and colour of each power."""
PERIODS = 2.0
"""Shown by a map, at the end of the run."""


def window(result: Result) -> tuple[float, float]:
    """The last periods of a run."""
    start, stop = one_period(result)
    return max(float(result.t[0]), stop - PERIODS * (stop - start)), stop


def feedback_map(result: Result) -> Figure:
    """p in the plane of x and t, slips marked, above its work against time."""
    with rc_context(STYLE):
        order, x = along(result)
        low, high = window(result)
        rows = frames_between(result.t, low, high)
        t, p = result.t[rows], result.field("p", rows=rows)[:, order].T
        own = "phonons_emitted" in result.probes
        figure, axes = subplots(
            3 if own else 2, 2, figsize=(9, 6.2 if own else 4.6), sharex="col", squeeze=False,
            gridspec_kw={"width_ratios": (1, 0.015), "wspace": 0.03, "hspace": 0.2},
        )  # fmt: skip
        figure.subplots_adjust(left=0.12, right=0.92, top=room(figure, head(figure, result) + 1), bottom=0.1)
        ax, bar = axes[0]
        size = np.abs(p).max() or 1.0
        one_sign = p.min() >= 0 or p.max() <= 0
        how: Any = {"cmap": "viridis"} if one_sign else {"cmap": "RdBu_r", "vmin": -size, "vmax": size}
        figure.colorbar(ax.pcolormesh(t, x, p, shading="nearest", rasterized=True, **how), cax=bar)
        bar.set_title("$p$", fontsize=8, pad=6)
        slip_t, slip_x = result.read("slips/t"), result.read("slips/x")[:, 0]
        shown = (slip_t >= t[0]) & (slip_t <= t[-1])
        if shown.any():
            style: Any = {"mfc": "none", "mec": "#5fd35f", "mew": 1.0, "ms": 6, "label": "phase slip"}
            pale_legend(ax, ax.plot(slip_t[shown], slip_x[shown], "o", **style))
        ax.set_ylabel(r"$x/\xi$")
        work_over_time(axes[1, 0], result, (float(t[0]), float(t[-1])))
        if own:
            powers_over_time(axes[2, 0], result, (float(t[0]), float(t[-1])))
        for _, empty in axes[1:]:
            empty.axis("off")
        axes[-1, 0].set_xlabel(r"$t/t_0$")
        in_units(figure.axes, result)
        return figure


def work_over_time(ax: Axes, result: Result, span: tuple[float, float]) -> None:
    """(1/2) int p d_t n against time."""
    t, work = result.probes["t"], result.probes["phonon_work"]
    inside = (t >= span[0]) & (t <= span[1])
    ax.plot(t[inside], work[inside], color="C4", lw=1)
    ax.axhline(0, color="0.85", lw=0.6, zorder=0)
    ax.set(ylabel=r"$\frac{1}{2}\int p\,\partial_t n$  ($j_0V_0$)", xlim=span)


def powers_over_time(ax: Axes, result: Result, span: tuple[float, float]) -> None:
    """What the filament emits, takes back and lets out, against time."""
    t = result.probes["t"]
    inside = (t >= span[0]) & (t <= span[1])
    for name, (label, colour) in POWERS.items():
        ax.plot(t[inside], result.probes[f"phonons_{name}"][inside], color=colour, lw=1, label=label)
    ax.axhline(0, color="0.85", lw=0.6, zorder=0)
    ax.set(ylabel="power, unit of (2.1)", xlim=span)
    ax.legend(fontsize=7, loc="upper right")


def spectra(result: Result) -> Figure:
    """dN(w) at the place that swings most: at moments of a period, and in the plane of t and w."""
    with rc_context(STYLE):
        w = result.read("phonons/w")
        low, high = window(result)
        rows = frames_between(result.t, low, high)
        t, dN = result.t[rows], result.field("dN", rows=rows)
        node = int(np.argmax(np.abs(dN).max(axis=(0, 1))))
        dN = dN[..., node]
        figure, (ax, plane) = subplots(1, 2, figsize=(9, 3.4), layout="constrained")
        times = moments(result)
        for moment, colour in zip(times, colours(len(times)), strict=True):
            row = int(np.argmin(np.abs(t - moment)))
            ax.plot(w, dN[row], color=colour, marker=".", ms=3, label=f"$t$ = {said(result, t[row], 't_0', '.2f')}")
        ax.axhline(0, color="0.85", lw=0.6, zorder=0)
        top = float(w[np.flatnonzero(np.abs(dN * w**2).max(axis=0) > 1e-2 * np.abs(dN * w**2).max())[-1]])
        ax.set(xlabel=r"$\omega/\Delta_0$", ylabel=r"$\delta N(\omega)$", xlim=(0, top))
        ax.legend(fontsize=7)
        size = np.abs(dN).max() or 1.0
        image = plane.pcolormesh(
            t, w, dN.T, shading="nearest", cmap="RdBu_r", vmin=-size, vmax=size, rasterized=True
        )  # fmt: skip
        figure.colorbar(image, ax=plane, label=r"$\delta N$")
        place = float(result.nodes[0, node])
        plane.set(xlabel=r"$t/t_0$", ylabel=r"$\omega/\Delta_0$", ylim=(0, top))
        plane.set_title(f"at $x$ = {said(result, place, XI, '.3g')}")
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def phonon_figures(result: Result) -> dict[str, Figure]:
    """Figures of a run in one dimension whose phonons act back, by name."""
    made = {"phonon_feedback": feedback_map(result)}
    if "dN" in result.field_names:
        made["phonon_spectra"] = spectra(result)
    return made


def write_figures(result: Result) -> list[Path]:
    """Write them to DIR/figures; none where no phonons act back; in the plane and in space p is one of the fields."""
    if "phonons" not in result.summary or result.nodes.shape[0] > 1:
        return []
    return save(phonon_figures(result), result.directory / "figures")
