"""Figures of a cooler: one function per figure, each draws into the Axes that it is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from femtdgl.files.reader import Result

COLOURS = {"reciprocal": "0.15", "ideal": "#2166ac", "paper": "#c0392b"}
LABELS = {"reciprocal": "reciprocal (physical)", "ideal": "ideal (bound)", "paper": "paper (hypothetical)"}


def modes(result: Result) -> list[str]:
    """The modes that were computed."""
    return [mode for mode in COLOURS if result.summary["cooler"][mode] is not None]


def cold_against_fraction(ax: Axes, result: Result) -> None:
    """T_cold against kappa: at the power of the run, and at the largest that leaves the filament superconducting."""
    book = result.summary["cooler"]
    kappa = result.read("kappa/kappa")
    ax.plot(kappa, result.read("kappa/T_cold"), color="0.4", lw=1.4, label="power of the run")
    if book["ideal"]["T_cold_superconducting"] is not None:
        gentle = result.read("kappa/T_cold_superconducting")
        ax.plot(kappa, gentle, color="#e08214", lw=1.4, label=r"largest power with the filament below $T_c$")
    for mode in modes(result):
        ax.plot(book[mode]["kappa"], book[mode]["T_cold"], "o", color=COLOURS[mode], label=LABELS[mode])
        if book[mode]["T_cold_superconducting"] is not None:
            ax.plot(book[mode]["kappa"], book[mode]["T_cold_superconducting"], "o", mfc="white", mec=COLOURS[mode])
    ax.axhline(book["T_bath"], color="0.6", lw=0.8, ls="--")
    ax.set(xlabel=r"$\kappa$", ylabel="plate (K)", ylim=(0, None), xlim=(kappa[0], kappa[-1]))
    ax.legend(frameon=False, fontsize=8)


def cold_against_thickness(ax: Axes, result: Result) -> None:
    """T_cold and T_filament against the thickness of the film; shaded where the filament would be normal."""
    s = result.summary
    d, T_f = result.read("thickness/d") * 1e9, result.read("thickness/T_filament")
    for mode in modes(result):
        ax.plot(d, result.read(f"thickness/{mode}"), color=COLOURS[mode], label=LABELS[mode])
    ax.plot(d, T_f, color="#e08214", ls="--", label="filament")
    Tc = s["filament"]["Tc"]
    ax.axhline(Tc, color="#e08214", lw=0.8, ls=":")
    normal = d[T_f >= Tc]
    if normal.size:
        ax.axvspan(normal[0], d[-1], color="#e08214", alpha=0.12, lw=0)
        ax.text(0.98, 0.03, r"filament above $T_c$", transform=ax.transAxes, ha="right", fontsize=8, color="#e08214")
    ax.axvline(s["cooler"]["thickness"] * 1e9, color="0.7", lw=0.8)
    ax.axhline(s["cooler"]["T_bath"], color="0.6", lw=0.8, ls="--")
    ax.set(xscale="log", xlabel="thickness of the film (nm)", ylabel="T (K)", ylim=(0, None), xlim=(d[0], d[-1]))
    ax.legend(frameon=False, fontsize=8, loc="upper left")


def approach(ax: Axes, result: Result) -> None:
    """T of the plate against time, from the bath's temperature; dots: the steady states."""
    for mode in modes(result):
        t, T = result.read(f"transient/{mode}/t"), result.read(f"transient/{mode}/T_plate")
        ax.plot(t[1:], T[1:], color=COLOURS[mode], label=LABELS[mode])
        ax.plot(t[-1], result.summary["cooler"][mode]["T_cold"], "o", color=COLOURS[mode], ms=4)
    ax.axhline(result.summary["cooler"]["T_bath"], color="0.6", lw=0.8, ls="--")
    ax.set(xscale="log", xlabel="time (s)", ylabel="plate (K)", ylim=(0, None))
    ax.legend(frameon=False, fontsize=8)


def cross_section(ax: Axes, result: Result, mode: str) -> None:
    """[PSC] Fig. 3: plate, film, bath, with what each interface carries, in units of P_J."""
    s = result.summary
    book, m = s["cooler"], s["cooler"][mode]
    g = book["g_W"]
    for low, high, colour in ((0, 1, "#d9e6d0"), (1.35, 1.95, "#f3d9a8"), (2.3, 3.3, "#d3dfee")):
        ax.fill_between([0, 4], low, high, color=colour, lw=0)
    texts = (
        (2.98, f"top plate, {m['T_cold']:.4g} K"),
        (1.65, f"film: takes {g:.3g}, gives {1 + g:.3g} of $P_J$"),
        (0.3, f"bath, {book['T_bath']:.4g} K"),
    )
    for y, text in texts:
        ax.text(2, y, text, ha="center", va="center", fontsize=8)
    taken, given = m["phi_abs"] * g, m["phi_em"] * (1 + g)
    # (x, from, to, share of P_J, colour)
    arrows = (
        (0.7, 2.55, 1.85, taken, "#2166ac"),
        (1.5, 1.85, 2.55, given, "#c0392b"),
        (2.7, 0.75, 1.45, (1 - m["phi_abs"]) * g, "#2166ac"),
        (3.5, 1.45, 0.75, (1 - m["phi_em"]) * (1 + g), "#c0392b"),
    )
    for x, start, stop, value, colour in arrows:
        if value > 0:
            style = {"arrowstyle": "-|>", "color": colour, "lw": 0.8 + 3.5 * value / (1 + g), "mutation_scale": 12}
            ax.annotate("", (x, stop), (x, start), arrowprops=style)
        ax.text(x + 0.1, (start + stop) / 2, f"{value:.3g}", color=colour, fontsize=8, va="center")
    ax.set(xlim=(0, 4), ylim=(0, 3.3), xticks=[], yticks=[])
    ax.set_title(rf"{LABELS[mode]}: $\kappa$ = {m['kappa']:+.3g}", fontsize=9)


def write_figures(result: Result) -> list[Path]:
    """The figures of a cooler, as DIR/figures/*.png."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    folder = result.directory / "figures"
    folder.mkdir(exist_ok=True)
    paths = []
    single = {"kappa": cold_against_fraction, "thickness": cold_against_thickness, "transient": approach}
    for name, draw in single.items():
        figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
        draw(ax, result)
        figure.suptitle(result.summary["title"], fontsize=9)
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=130)
        plt.close(figure)
    shown = modes(result)
    figure, axes = plt.subplots(1, len(shown), figsize=(4 * len(shown), 3.6), layout="constrained", squeeze=False)
    for ax, mode in zip(np.ravel(axes), shown, strict=True):
        cross_section(ax, result, mode)
    figure.suptitle(f"{result.summary['title']}; phonon heat through the interfaces in units of P_J", fontsize=9)
    paths.append(folder / "cross_section.png")
    figure.savefig(paths[-1], dpi=130)
    plt.close(figure)
    return paths
