"""What is recorded against time: voltage, current, field, and the probes that the problem asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from femtdgl.figures.filament import STYLE, save
from femtdgl.figures.heading import head, moving
from femtdgl.figures.sheet import rc_context, subplots
from femtdgl.figures.units import in_units, said
from femtdgl.files.reader import RING, Result
from femtdgl.input.toml import parse

Array = NDArray[np.float64]

LABELS = {"V0": "$V/V_0$", "j0": "$J/j_0$", "Bc2": "$B/B_{c2}$", "Tc": "$T/T_c$"}
"""Labels of axes by the unit of what they show; others are their own."""
CURRENTS = ("$I/j_0$", r"$I$ ($j_0\xi$)", r"$I$ ($j_0\xi^2$)")
"""The same for currents, in one, two and three dimensions."""
AROUND = "EMF around\nthe path ($V_0$)"
QUANTA = "quanta $h/2e$"
COUNTED = ("flux quanta", "vortices")
COLOURS = ("C0", "C1", "C2", "C4", "C5", "C6", "C8", "C9")
OWN = {"voltage": "C3", "current": "0.2", "field": "C4", "flux": "0.6", "fluxoid": "C0"}
"""Colours of the probes that were asked for, and of those that every run has."""


def described(result: Result) -> dict[str, Any]:
    """The problem of a result as a table."""
    return parse(result.problem_text) if result.has("problem") else {}


def asked_for(result: Result) -> list[str]:
    """Names of the recorded probes that the problem asked for."""
    return [probe["name"] for probe in described(result).get("probes", []) if probe["name"] in result.probes]


def unit(result: Result, name: str) -> str:
    """Unit of a probe; nothing where the file does not tell."""
    units: dict[str, str] = json.loads(result.attributes.get("probe_units", "{}"))
    return units.get(name, "")


def without_terminals(result: Result) -> bool:
    """Whether nothing is connected: what is recorded as a voltage is then the EMF along the path."""
    conditions = described(result).get("boundary", {}).values()
    kinds = {each if isinstance(each, str) else each.get("kind") for each in conditions}
    return bool(kinds) and not kinds & {"bank", "normal"}


def rows(result: Result) -> list[tuple[str, list[str]]]:
    """Panels, each with its label and the probes that it shows: one panel a unit."""
    panels: dict[str, list[str]] = {LABELS["V0"]: ["voltage"]}
    if without_terminals(result):
        panels = {AROUND: ["voltage"]}
        if RING in result.attributes:
            panels |= {
                LABELS["j0"]: ["current"],
                QUANTA: [name for name in ("flux", "fluxoid") if name in result.probes],
            }
    elif "current" in result.probes and np.any(result.probes["current"]):
        panels[LABELS["j0"]] = ["current"]
    if moving(result, "field"):
        panels[LABELS["Bc2"]] = ["field"]
    for name in asked_for(result):
        panels.setdefault(label_of(result, name), []).append(name)
    return list(panels.items())


def label_of(result: Result, name: str) -> str:
    """What an axis with a probe is called."""
    own = unit(result, name)
    if own == "j0 xi^(d-1)":
        return CURRENTS[result.nodes.shape[0] - 1]
    return "count" if own in COUNTED else LABELS.get(own, own) or name


def traces(result: Result) -> Figure:
    """Voltage, current and what else was asked for, against time."""
    panels, t = rows(result), result.probes["t"]
    named = asked_for(result)
    with rc_context(STYLE):
        figure, axes = subplots(
            len(panels), 1, figsize=(8, 1.0 + 1.55 * len(panels)), sharex=True, squeeze=False, layout="constrained"
        )
        for ax, (label, names) in zip(axes[:, 0], panels, strict=True):
            for name in names:
                values = result.probes[name]
                whole = values.dtype.kind == "i"
                colour = COLOURS[named.index(name) % len(COLOURS)] if name in named else OWN[name]
                style = "steps-post" if whole else "default"
                ax.plot(t, values, color=colour, lw=1, label=title_of(result, name), drawstyle=style)
            if label == LABELS["V0"] and result.summary.get("mean_voltage") is not None:
                mean = result.summary["mean_voltage"]
                ax.axhline(mean, color="0.5", lw=0.8, ls="--", label=f"mean {said(result, mean, 'V_0')}")
            ax.set_ylabel(label)
            if len(ax.lines) > 1 or names[0] in named:
                ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=7)
        axes[-1, 0].set(xlabel=r"$t/t_0$", xlim=(t[0], t[-1]))
        figure.align_ylabels(axes)
        in_units(axes.ravel(), result)
        head(figure, result)
        return figure


def title_of(result: Result, name: str) -> str:
    """What a line is called."""
    own = unit(result, name)
    return (
        f"{name} ({own})"
        if own in COUNTED and name not in OWN
        else {"voltage": "between the terminals"}.get(name, name)
    )


def worth_it(result: Result) -> bool:
    """Whether a line has more to show against time than the voltage beside its map."""
    return bool(asked_for(result)) or moving(result, "current")


def write_figures(result: Result) -> list[Path]:
    """DIR/figures/voltage.png: of lines, where there is more than the voltage; of planes and bodies, always."""
    if result.nodes.shape[0] == 1 and not worth_it(result):
        return []
    return save({"voltage": traces(result)}, result.directory / "figures")
