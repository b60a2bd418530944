"""Figures of a drive that is swept: voltage against current, with the temperatures of a heated run; flux quanta and
vortices against the field; the fluxoid and the current of a ring against the flux.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, TEMPERATURE_LABELS, save
from femtdgl.figures.heading import head, moving, turning_points
from femtdgl.figures.heat import kelvin, plain_numbers, second_scale, temperature_names
from femtdgl.figures.sheet import free_corner, rc_context, subplots
from femtdgl.figures.traces import COUNTED, asked_for, described, unit
from femtdgl.figures.units import in_units, said, symbol_of_drive, units_of
from femtdgl.files.reader import RING, Result
from femtdgl.measure.hysteresis import FRACTION, Branches, branches, window_of, windowed_mean

Array = NDArray[np.float64]

UP, DOWN = "C3", "C0"


# ---- current ----------------------------------------------------------------------------------------------------


def current_voltage(result: Result) -> Figure | None:
    """Mean voltage, and of a heated run the largest temperature, against a swept current; None where none is swept."""
    found = branches(result.probes["t"], result.probes["current"])
    if found is None:
        return None
    heated = bool(temperature_names(result))
    with rc_context(STYLE):
        figure, axes = subplots(
            1 + heated, 1, figsize=(6.4, 3.9 + 2.3 * heated), sharex=True, squeeze=False, layout="constrained"
        )
        _voltages(axes[0, 0], result, found)
        if heated:
            _temperatures(axes[1, 0], result, found)
        axes[-1, 0].set_xlabel("$J/j_0$")
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def _parts(found: Branches) -> list[tuple[str, slice, str]]:
    """Name, rows and colour of each branch that the record has."""
    both = (("up", found.up, UP), ("down", found.down, DOWN))
    return [part for part in both if part[1].stop > part[1].start]


def _voltages(ax: Axes, result: Result, found: Branches) -> None:
    probes, resistance, contacts = result.probes, result.summary["length"], has_normal_contacts(result)
    t, J, V = probes["t"], probes["current"], probes["voltage"]
    mean = smooth(t, V, window_of(t, J, resistance))
    ends = np.array([min(0.0, J.min()), max(0.0, J.max())])
    ax.plot(ends, resistance * ends, color="0.6", lw=0.8, label="normal" if units_of(result) else "normal, $V = J L$")
    if not contacts:  # with them the threshold lies above what the contacts add
        ax.plot(ends, FRACTION * resistance * ends, color="0.6", lw=0.8, ls=":", label=f"{FRACTION:g} of it")
    swept = result.summary["sweep"] or {}
    for name, rows, colour in _parts(found):
        ax.plot(J[rows], mean[rows], color=colour, label=name)
        key = {"up": "switching", "down": "retrapping"}[name]
        at = swept.get(f"{key}_current")
        if at is not None:
            order = np.argsort(J[rows], kind="stable")
            there = np.interp(at, J[rows][order], mean[rows][order])
            told = f"${symbol_of_drive(result)}$ = {said(result, at, 'j_0', '.3g', of='J')}"
            ax.plot(at, there, "o", mfc="white", mec=colour, zorder=4, label=f"{key}, {told}")
    ax.set(ylabel="mean $V/V_0$", xlim=tuple(ends))
    ax.legend(fontsize=7, loc=free_corner(ax))


def smooth(t: Array, values: Array, window: Array) -> Array:
    """The mean over a window with weights that fall to its ends: with equal ones the slips within it make it ripple."""
    return windowed_mean(t, windowed_mean(t, values, window / 2), window / 2)


def has_normal_contacts(result: Result) -> bool:
    """Whether current enters through normal contacts."""
    conditions = described(result).get("boundary", {}).values()
    return any((each if isinstance(each, str) else each.get("kind")) == "normal" for each in conditions)


def _temperatures(ax: Axes, result: Result, found: Branches) -> None:
    """The largest temperatures: pale at every step, and their mean as that of the voltage."""
    probes = result.probes
    t, J = probes["t"], probes["current"]
    window = window_of(t, J, result.summary["length"])
    for name in temperature_names(result):
        highest, line = probes[f"{name}_max"], ":" if name == "T_p" else "-"
        mean = smooth(t, highest, window)
        for branch, rows, colour in _parts(found):
            ax.plot(J[rows], highest[rows], color=colour, lw=0.6, alpha=0.35)
            ax.plot(J[rows], mean[rows], color=colour, ls=line, label=f"{TEMPERATURE_LABELS[name]}, {branch}, mean")
    bottom, top = ax.get_ylim()
    if bottom < 1 < top:
        ax.axhline(1, color="0.6", lw=0.8, ls=":")
    ax.set_ylabel("largest $T/T_c$")
    ax.legend(fontsize=7, loc=free_corner(ax))
    plain_numbers(ax)
    second_scale(ax, kelvin(result))


# ---- field ------------------------------------------------------------------------------------------------------


def counts_in_field(result: Result) -> Figure | None:
    """Flux quanta and vortices against a field that moves, above the largest and the least |psi|; None without."""
    names = [name for name in asked_for(result) if unit(result, name) in COUNTED]
    if not names or not moving(result, "field"):
        return None
    probes = result.probes
    B = probes["field"]
    with rc_context(STYLE):
        figure, (ax, below) = subplots(2, 1, figsize=(6.8, 5.0), sharex=True, layout="constrained")
        for k, name in enumerate(names):
            ax.plot(B, probes[name], color=f"C{k}", label=f"{name} ({unit(result, name)})", **_way(B, k))
        ax.yaxis.get_major_locator().set_params(integer=True)
        ax.set_ylabel(unit(result, names[0]) if len(names) == 1 else "count")
        ax.legend(fontsize=7, loc="upper left")
        below.plot(B, probes["psi_max"], color="C3", lw=1, label="largest")
        below.plot(B, probes["psi_min"], color="0.3", lw=1, label="least")
        below.set(xlabel="$B/B_{c2}$", ylabel=r"$|\psi|/\Delta_0$", ylim=(0, None), xlim=(B.min(), B.max()))
        below.legend(fontsize=7, loc="lower left")
        figure.align_ylabels()
        in_units(figure.axes, result)
        head(figure, result)
        return figure


def _way(B: Array, index: int) -> dict[str, Any]:
    """Steps of a field that goes one way; of one that comes back, points would hide which way it went."""
    return {"drawstyle": "steps-post" if len(turning_points(B)) == 2 else "default", "zorder": 3 - index, "lw": 1.4}


# ---- flux -------------------------------------------------------------------------------------------------------


def round_against_flux(result: Result) -> Figure | None:
    """Fluxoid and current of a ring against a flux that moves; None without."""
    if not moving(result, "flux"):
        return None
    probes = result.probes
    flux = probes["flux"]
    with rc_context(STYLE):
        figure, (ax, below) = subplots(2, 1, figsize=(6.8, 5.0), sharex=True, layout="constrained")
        step = np.sign(np.diff(flux))
        rows = np.flatnonzero(step)
        turns = rows[1:][step[rows[1:]] != step[rows[:-1]]]
        for k, (a, b) in enumerate(pairwise([0, *turns, flux.size - 1])):
            rises = flux[b] > flux[a]
            colour, word, part = UP if rises else DOWN, "rising" if rises else "falling", slice(a, b + 1)
            told = word if k < 2 else None
            ax.plot(flux[part], probes["fluxoid"][part], color=colour, lw=1.2, drawstyle="steps-post", label=told)
            below.plot(flux[part], probes["current"][part], color=colour, lw=1.2)
        ax.axline((0, 0), slope=1, color="0.7", lw=0.8, ls=":", label="the flux itself")
        ax.set(ylabel="fluxoid ($h/2e$)")
        ax.yaxis.get_major_locator().set_params(integer=True)
        ax.legend(fontsize=7, loc="upper left")
        below.set(xlabel="flux ($h/2e$)", ylabel="$J/j_0$ round the ring", xlim=(flux.min(), flux.max()))
        figure.align_ylabels()
        head(figure, result)
        return figure


# ---- what is written --------------------------------------------------------------------------------------------


def write_figures(result: Result) -> list[Path]:
    """DIR/figures/current_voltage.png of a run whose current is swept, counts_in_field.png of one whose field is,
    round_against_flux.png of a ring whose flux is.
    """
    made = {
        "current_voltage": None if RING in result.attributes else current_voltage(result),
        "counts_in_field": counts_in_field(result),
        "round_against_flux": round_against_flux(result),
    }
    return save({name: figure for name, figure in made.items() if figure is not None}, result.directory / "figures")
