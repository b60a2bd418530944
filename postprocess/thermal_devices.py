"""Devices of [NIS]'s outlook: thermal diodes, a heat switch, a regulator, an inductance as a knob, SINIS."""

import numpy as np
from matplotlib.axes import Axes
from network_figure import legend, letters, note, panels, save, shipped, table

import femtdgl as fg

COLOURS = fg.figures.network.COLOURS


def diodes(ways: Axes, ratio: Axes) -> dict[str, np.ndarray]:
    """Heat both ways, and one over the other."""
    outcome = shipped("thermal_diode")
    for k, curve in enumerate(outcome.curves):
        T, P = curve.scan.values * 1e3, curve.scan.up.powers
        ways.semilogy(T[1:], P["forward"][1:] * 1e15, color=COLOURS[k], lw=1.3, label=curve.case)
        ways.semilogy(T[1:], -P["backward"][1:] * 1e15, color=COLOURS[k], lw=1.3, ls="--")
        ratio.semilogy(T, curve.observed["forward.rectification"], color=COLOURS[k], lw=1.3, label=curve.case)
        at = int(np.argmin(np.abs(curve.scan.values - 0.4)))
        value = float(curve.observed["forward.rectification"][at])
        ratio.plot(400, value, "o", color=COLOURS[k], ms=3)
        ratio.annotate(f"{value:.3g}", (400, value), (-4, 5), textcoords="offset points", fontsize=7, ha="right")
    ways.set(xlabel="temperature of the hot side (mK)", ylabel="heat (fW)", ylim=(1e-3, 3e3))
    ratio.set(xlabel="temperature of the hot side (mK)", ylabel="forward/backward", ylim=(0.5, 3e4))
    note(ways, "solid: left side hot, dashed: right side hot", 0.97, 0.03)
    for ax in (ways, ratio):
        fg.figures.network.finish(ax)
        legend(ax, "upper left", columns=2)
    return table(outcome, "diode/")


def switch(ax: Axes) -> dict[str, np.ndarray]:
    """Machine and heat against the inductance."""
    outcome = shipped("thermal_switch")
    (curve,) = outcome.curves
    L = curve.scan.values * 1e9
    ax.semilogx(L, curve.scan.up.temperatures["machine"] * 1e3, color=COLOURS[0], lw=1.3)
    ax.set(xlabel="inductance of the line (nH)", ylabel="temperature of the machine (mK)", ylim=(0, 460))
    ax.yaxis.label.set_color(COLOURS[0])
    fg.figures.network.finish(ax)
    heat = ax.twinx()
    heat.loglog(L, curve.scan.up.powers["photons"] * 1e15, color=COLOURS[1], lw=1.3)
    heat.set_ylabel("heat that it gets (fW)", color=COLOURS[1])
    heat.spines["top"].set_visible(False)
    return table(outcome, "switch/")


def regulator(ax: Axes) -> dict[str, np.ndarray]:
    """The machine against its environment."""
    outcome = shipped("thermal_regulator")
    fg.figures.network.temperatures(ax, outcome, node="machine")
    ax.set_ylim(120, 270)
    legend(ax, "upper left")
    return table(outcome, "regulator/")


def knob(ax: Axes) -> dict[str, np.ndarray]:
    """Heat against the cold side for several inductances."""
    outcome = shipped("nis_line")
    fg.figures.network.powers(ax, outcome)
    legend(ax, "center left")
    return table(outcome, "line/")


def sinis(ax: Axes) -> dict[str, np.ndarray]:
    """T_L of both kinds of reservoir."""
    outcome = shipped("nis_sinis")
    for case, style in (("SINIS", "-"), ("NISIN", "--")):
        for k, curve in enumerate(c for c in outcome.curves if c.case == case):
            T = curve.scan.up.temperatures["left"] * 1e3
            label = fg.figures.network.curve_label(curve)
            ax.plot(curve.scan.values * 1e3, T, color=COLOURS[k], ls=style, lw=1.2, label=label)
    ax.set(xlabel="temperature of right (mK)", ylabel="T_L (mK)", ylim=(300, 790))
    fg.figures.network.finish(ax)
    legend(ax, "upper center", columns=2)
    return table(outcome, "sinis/")


figure, axes = panels(2, 3, width=4.9, height=3.6)
a, b, c, d, e, f = axes
columns = diodes(a, b) | switch(c) | regulator(d) | knob(e) | sinis(f)
titles = ["diodes: heat both ways, cold side at 100 mK", "their rectification", "switch", "regulator"]
letters(axes, [*titles, "knob: heat, left at 500 mK", "SINIS in place of NISIN, bath at 10 mK"])
save(figure, "thermal_devices", columns)
