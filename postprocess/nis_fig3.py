"""[NIS] Figs 3 and 4: T_L, its largest fall delta T against the power, and the responsivity, silver and InAsOI.

`python nis_fig3.py [problems/nis_setup2.toml]`: the second set-up is the same script on the other problem.  Left silver
(solid), right InAsOI (dashed); a colour is a pair of powers that give both devices the same T_L with the other side
cold.  The other device is drawn thin behind.
"""

import tomllib
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from network_figure import legend, letters, note, panels, problem_of, save, table

import femtdgl as fg

POWERS = {"silver": (10e-15, 30e-15, 100e-15), "InAsOI": (2.4e-15, 8.66e-15, 42.4e-15)}
"""W: T_L at 10 mK of 325, 407 and 513 mK in both devices."""
FINE = {"silver": np.geomspace(3e-15, 3e-12, 37), "InAsOI": np.geomspace(3e-16, 9e-12, 45)}
STYLE = {"silver": "-", "InAsOI": "--"}
COLOURS = fg.figures.network.COLOURS


def solved(powers: dict[str, Any], points: int) -> fg.NetworkOutcome:
    """The circuit with these powers (W) by case."""
    circuit = tomllib.loads(problem.read_text())
    circuit["scan"]["points"] = points
    for case in circuit["cases"]:
        case["family"] = [float(P) for P in powers[case["name"]]]
    return fg.run_network(circuit)


def behind(ax: Axes, device: str, series: str) -> None:
    """The other device, thin."""
    for k, curve in enumerate(curve for curve in few.curves if curve.case != device):
        x, y = drawn(curve, series)
        ax.plot(x, y, color=COLOURS[k], lw=0.5, ls=STYLE[curve.case], zorder=1)


def drawn(curve: Any, series: str) -> tuple[np.ndarray, np.ndarray]:
    """T_R in mK and T_L in mK, or dT_L/dT_R."""
    if series == "T":
        return curve.scan.values * 1e3, curve.scan.up.temperatures["left"] * 1e3
    response = curve.scan.response_up
    return response.values * 1e3, response.temperatures["left"]


problem = problem_of("nis_setup1")
second = problem.stem == "nis_setup2"
few, fine = solved(POWERS, 100), solved(FINE, 20)
scanned = "bath" if second else "right"
figure, axes = panels(3, 2, height=2.9)
columns = table(few)
for k, device in enumerate(STYLE):
    upper, middle, lower = axes[k], axes[2 + k], axes[4 + k]
    curves = [curve for curve in few.curves if curve.case == device]
    for ax, series in ((upper, "T"), (lower, "slope")):
        behind(ax, device, series)
        for j, curve in enumerate(curves):
            label = fg.figures.network.member_label(curve)
            ax.plot(*drawn(curve, series), color=COLOURS[j], lw=1.3, ls=STYLE[device], label=label)
        ax.set_xlabel(f"temperature of {scanned} (mK)")
        fg.figures.network.finish(ax)
        legend(ax, "upper center", columns=3)
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top + 0.15 * (top - bottom))
    lower.axhline(0, color="0.8", lw=0.6, zorder=0)
    upper.set_ylabel("T_L (mK)")
    lower.set_ylabel(f"dT_L/dT_{'bath' if second else 'R'} (K/K)")
    for j, (case, powers) in enumerate(FINE.items()):
        drops = [curve.scan.extremes.drop["left"] for curve in fine.curves if curve.case == case]
        own = case == device
        middle.plot(powers * 1e15, np.array(drops) * 1e3, color=COLOURS[3 + j], lw=1.3 if own else 0.5, ls=STYLE[case])
        columns |= {f"{case}/power": powers, f"{case}/delta_T": np.array(drops)}
    middle.axhline(10, color="0.8", lw=0.6, zorder=0)
    middle.axvline(10, color="0.8", lw=0.6, zorder=0)
    middle.set(xscale="log", xlabel="heat into left (fW)", ylabel="delta T (mK)", ylim=(0, 48))
    fg.figures.network.finish(middle)
    note(middle, f"{device} heavy, the other thin\ngrey: the paper's 10 mK and 10 fW", 0.97, 0.97)
letters(axes, [f"{what}, {device}" for what in ("T_L", "largest fall of T_L", "responsivity") for device in STYLE], "b")
save(figure, "nis_fig4" if second else "nis_fig3", columns)
