"""Figures of a cooler: one function per figure, each draws into the Axes that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femtdgl.figures.save import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from femtdgl.files.reader import Result

COLOURS = {"reciprocal": "0.15", "ideal": "#2166ac", "paper": "#8e44ad"}
LABELS = {"reciprocal": "reciprocal (physical)", "ideal": "ideal (one-way mirrors)", "paper": "paper (hypothetical)"}
NO_PUMP = "filament normal: no pump"
ABSORBED, EMITTED, BACK, LEADS, FILAMENT = "#2166ac", "#c0392b", "0.4", "#2e7d4f", "#e08214"


def modes(result: Result) -> list[str]:
    """The modes that were computed."""
    book = result.summary["cooler"]
    return [mode for mode in COLOURS if book[mode] is not None]


def kelvins(ax: Axes, low: float, high: float) -> float:
    """An axis of temperature that holds low to high with room around it: logarithmic, with 0.1, 0.2, 0.5, 1, ...
    written out, where they are far apart.  Returns its lower end.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if high < 3 * low:
        room = max(high - low, 1e-3 * high)
        ax.set_ylim(low - 0.5 * room, high + 0.25 * room)
        return low - 0.5 * room
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_ylim(0.6 * low, 1.3 * high)
    return 0.6 * low


def bath_line(ax: Axes, T_bath: float) -> None:
    """The temperature that cooling is measured against."""
    ax.axhline(T_bath, color="0.6", lw=0.8, ls="--", zorder=0)
    ax.annotate(f"bath {T_bath:g} K", (0.99, T_bath), (0, -3), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", va="top", ha="right", fontsize=8, color="0.4",
                annotation_clip=True)  # fmt: skip


def watts(power: float) -> str:
    """With a prefix, such as 13.5 nW."""
    from matplotlib.ticker import EngFormatter

    return str(EngFormatter("W", places=1)(power))


def cold_against_fraction(ax: Axes, result: Result) -> None:
    """T_cold against kappa: at the power of the run, and at the largest that leaves the filament superconducting."""
    book, filament = result.summary["cooler"], result.summary["filament"]
    kappa, T = result.read("kappa/kappa"), result.read("kappa/T_cold")
    gentle = book["ideal"]["T_cold_superconducting"] is not None
    power = f"$P_J$ = {watts(book['P_joule'])}, as in the run"
    if filament["stays_superconducting"] is False:
        power += f"\n({NO_PUMP})"
    ax.plot(kappa, T, color="0.4", lw=1.4, label=power)
    if gentle:
        label = "largest $P_J$ with the filament\nbelow $T_c$ (open circles)"
        ax.plot(kappa, result.read("kappa/T_cold_superconducting"), color=FILAMENT, lw=1.4, label=label)
    for mode in modes(result):
        ax.plot(book[mode]["kappa"], book[mode]["T_cold"], "o", color=COLOURS[mode], label=LABELS[mode])
        if gentle:
            T_gentle = book[mode]["T_cold_superconducting"]
            ax.plot(book[mode]["kappa"], T_gentle, "o", mfc="white", mec=COLOURS[mode])
    marked = [book[mode]["T_cold_superconducting"] for mode in modes(result)] if gentle else []
    low = kelvins(ax, min(*T, *marked), max(*T, *marked))
    positive = kappa[kappa > 0]
    bound = book["T_bath"] * positive / (1 + positive)
    ax.fill_between(positive, low, np.maximum(low, bound), color="0.9", lw=0, zorder=0)
    if bound[-1] > 1.2 * low:
        place = (0.97 * kappa[-1], np.sqrt(low * bound[-1]))
        ax.text(*place, "beyond Carnot", ha="right", va="center", fontsize=8, color="0.4")
    ax.axvline(book["g_rev"], color=COLOURS["ideal"], lw=0.9, ls=":", label=r"$g_{rev}$: the reversible exchange alone")
    bath_line(ax, book["T_bath"])
    ax.set(xlabel=r"$\kappa$ = heat taken from the plate / Joule heat", ylabel="temperature of the plate (K)",
           xlim=(kappa[0], kappa[-1]))  # fmt: skip
    ax.legend(frameon=False, fontsize=8, loc="lower left")


def cold_against_thickness(ax: Axes, result: Result) -> None:
    """T_cold and T_filament against the thickness of the film; dashed and shaded where the filament would be normal."""
    from matplotlib.ticker import FuncFormatter

    s = result.summary
    d, T_f = result.read("thickness/d") * 1e9, result.read("thickness/T_filament")
    Tc, T_bath = s["filament"]["Tc"], s["cooler"]["T_bath"]
    normal = T_f >= Tc
    ax.plot(d, T_f, color=FILAMENT, lw=4, alpha=0.5, label="filament")
    for mode in modes(result):
        T = result.read(f"thickness/{mode}")
        ax.plot(d, np.where(normal, np.nan, T), color=COLOURS[mode], label=LABELS[mode])
        ax.plot(d, np.where(normal | np.append(normal[1:], False), T, np.nan), color=COLOURS[mode], ls="--", lw=1.1)
    ax.axhline(Tc, color=FILAMENT, lw=0.8, ls=":", label=f"$T_c$ = {Tc:g} K")
    if normal.any():
        edge = float(np.exp(np.interp(np.log(Tc), np.log(T_f), np.log(d))))
        ax.axvspan(edge, d[-1], color=FILAMENT, alpha=0.1, lw=0)
        text = f"  beyond {edge:.2g} nm the filament  \n  would be above $T_c$ (dashed)  "
        align = "left" if edge**2 < d[0] * d[-1] else "right"
        where = ax.get_xaxis_transform()
        ax.text(edge, 0.96, text, va="top", ha=align, fontsize=8, transform=where, color=FILAMENT)
    ax.axvline(s["cooler"]["thickness"] * 1e9, ymax=0.82, color="0.7", lw=0.8, zorder=0)
    ax.text(s["cooler"]["thickness"] * 1e9, 0.02, " this file", transform=ax.get_xaxis_transform(), fontsize=8,
            color="0.4")  # fmt: skip
    bath_line(ax, T_bath)
    reached = np.concatenate([T_f, *(result.read(f"thickness/{mode}") for mode in modes(result))])
    kelvins(ax, min(reached), max(reached))
    ax.set(xscale="log", xlabel="thickness of the film (nm), at the same current density",
           ylabel="temperature (K)", xlim=(d[0], d[-1]))  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.legend(frameon=False, fontsize=8, loc="lower left")


def approach(ax: Axes, result: Result) -> None:
    """T of the plate against time, from the bath's temperature; dots: the steady states."""
    book, filament = result.summary["cooler"], result.summary["filament"]
    if filament["stays_superconducting"] is False:
        ax.set_title(f"at the power of the run ({NO_PUMP})", fontsize=9)
    for mode in modes(result):
        t, T = result.read(f"transient/{mode}/t"), result.read(f"transient/{mode}/T_plate")
        bound = book[mode]["kappa"] > book[mode]["kappa_used"]
        label = LABELS[mode] + (", ends at Carnot's bound" if bound else "")
        ax.plot(t[1:], T[1:], color=COLOURS[mode], label=label)
        ax.plot(t[-1], book[mode]["T_cold"], "o", color=COLOURS[mode], ms=4)
    bath_line(ax, book["T_bath"])
    reached = np.concatenate([result.read(f"transient/{mode}/T_plate") for mode in modes(result)])
    kelvins(ax, min(reached), max(reached))
    begin = max(result.read(f"transient/{mode}/t")[1] for mode in modes(result))
    ax.set(xscale="log", xlabel="time (s)", ylabel="temperature of the plate (K)", xlim=(begin, None))
    ax.legend(frameon=False, fontsize=8, loc="best")


def fluxes(summary: Mapping[str, Any], mode: str) -> dict[str, float]:
    """Heat across each interface in units of P_J, and what comes back to the plate, net, by the stack and by the leads
    (< 0: leaves it).
    """
    book = summary["cooler"]
    g, m = book["g_W"], book[mode]
    return {
        "absorbed_from_plate": m["phi_abs"] * g,
        "emitted_to_plate": m["phi_em"] * (1 + g),
        "absorbed_from_bath": (1 - m["phi_abs"]) * g,
        "emitted_to_bath": (1 - m["phi_em"]) * (1 + g),
        "return_to_plate": m["kappa_used"] - (book["load"] + m["leads_heat"]) / book["P_joule"],
        "leads_to_plate": m["leads_heat"] / book["P_joule"],
    }


def arrow(
    ax: Axes, x: float, start: float, stop: float, value: float, colour: str, label_y: float, side: int = 1
) -> None:
    """A flux of `value` P_J: width by value, and the value beside it; a bare 0 where nothing flows."""
    if value > 0:
        style = {"arrowstyle": "-|>", "color": colour, "lw": 0.8 + 5 * min(value, 1.5), "mutation_scale": 13,
                 "shrinkA": 0, "shrinkB": 0}  # fmt: skip
        ax.annotate("", (x, stop), (x, start), arrowprops=style)
    ax.text(x + 0.12 * side, label_y, f"{value:.3g}", color=colour, fontsize=9, va="center",
            ha="left" if side > 0 else "right")  # fmt: skip


def film_text(s: Mapping[str, Any]) -> str:
    """What the film is, does, and how warm it gets."""
    filament, g = s["filament"], s["cooler"]["g_W"]
    T, Tc = filament["temperature"], filament["Tc"]
    state = "superconducting" if filament["stays_superconducting"] else "normal"
    return f"film ({s['material']})\n{T:.3g} K: {state}, $T_c$ = {Tc:.4g} K\n{g:.3g} absorbed, {1 + g:.3g} emitted"


def cross_section(ax: Axes, result: Result, mode: str) -> None:
    """[PSC] Fig. 3: plate, film, bath, with what crosses each interface in units of P_J, and the temperatures.

    The heat that the pump takes comes back through the stack, or the heat that it brings leaves that way.
    """
    s = result.summary
    book, m = s["cooler"], s["cooler"][mode]
    T, T_bath, right = m["T_cold"], book["T_bath"], 4 if book["leads"] is None else 4.7
    no_pump = T_bath > T and not m["cools"]
    plate = "#eeeeee" if no_pump else "#d3e3f3" if m["cools"] else "#f6d5d0"
    for low, high, colour in ((0, 1.15, "#e2e2e2"), (1.45, 2.55, "#f3d9a8"), (2.85, 4, plate)):
        ax.fill_between([0, right], low, high, color=colour, lw=0)
    solid = {name: side["solid"] or "given $\\sigma_K$" for name, side in s["interfaces"].items()}
    top, carnot = f"plate ({solid['top']}), {T:.4g} K", ""
    if m["kappa_used"] < m["kappa"]:
        carnot = f"Carnot's bound: $\\kappa$ = {m['kappa_used']:.2g} is enough"
    if no_pump:
        top = f"plate ({solid['top']}): {NO_PUMP}\n(else {T:.4g} K"
        top += f", {carnot})" if carnot else ")"
    elif carnot:
        top += f"\n{carnot}"
    if m["T_cold_superconducting"] is not None and not s["filament"]["stays_superconducting"]:
        top += f"\n({m['T_cold_superconducting']:.4g} K if the film is kept at $T_c$)"
    for y, text in ((3.63, top), (2.0, film_text(s)), (0.25, f"bath ({solid['bottom']}), {T_bath:.4g} K")):
        ax.text(2.35 if y == 2.0 else 1.95, y, text, ha="center", va="center", fontsize=8.5, linespacing=1.3)
    for y, name in ((2.7, "top"), (1.3, "bottom")):
        ax.text(2.3, y, f"$\\sigma_K$ = {s['interfaces'][name]['sigma_K']:.3g} W/(m$^2$K$^4$)", ha="center",
                va="center", fontsize=7, color="0.4")  # fmt: skip
    flux = fluxes(s, mode)
    arrow(ax, 0.15, 3.2, 2.3, flux["absorbed_from_plate"], ABSORBED, 2.7)
    arrow(ax, 1.0, 2.3, 3.2, flux["emitted_to_plate"], EMITTED, 2.7)
    arrow(ax, 0.15, 0.8, 1.7, flux["absorbed_from_bath"], ABSORBED, 1.3)
    arrow(ax, 1.0, 1.7, 0.8, flux["emitted_to_bath"], EMITTED, 1.3)
    back = flux["return_to_plate"]
    ends = (0.6, 3.4) if back > 0 else (3.4, 0.6)
    arrow(ax, 3.8, *ends, abs(back), BACK, 2.7, side=-1)
    if book["leads"] is not None:
        brought = flux["leads_to_plate"]
        arrow(ax, 4.5, *((0.6, 3.4) if brought > 0 else (3.4, 0.6)), abs(brought), LEADS, 1.3, side=-1)
    ax.set(xlim=(0, right), ylim=(0, 4), xticks=[], yticks=[])
    verdict = "no pump" if no_pump else "cools" if m["cools"] else "heats"
    ax.set_title(rf"{LABELS[mode]}: $\kappa$ = {m['kappa']:+.3g}, {verdict}", fontsize=10)


def draw_cross_sections(result: Result, folder: Path) -> Path:
    """All modes beside each other, with what the arrows are."""
    from matplotlib.lines import Line2D

    from femtdgl.figures.sheet import subplots

    shown, s = modes(result), result.summary
    book = s["cooler"]
    figure, axes = subplots(1, len(shown), figsize=(3.9 * len(shown), 4.6), layout="constrained", squeeze=False)
    for ax, mode in zip(np.ravel(axes), shown, strict=True):
        cross_section(ax, result, mode)
    power = watts(book["P_joule"])
    figure.suptitle(f"{s['title']}\nheat fluxes in units of the Joule heat, $P_J$ = {power}", fontsize=10)
    meaning = {
        "phonons absorbed by the film": ABSORBED,
        "phonons emitted": EMITTED,
        "net return through the stack": BACK,
    }
    if book["leads"] is not None:
        meaning["current leads"] = LEADS
    handles = [Line2D([], [], color=colour, lw=3, label=label) for label, colour in meaning.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(meaning), frameon=False, fontsize=9)
    return save_figure(figure, folder / "cross_section.png", dpi=110)


def write_figures(result: Result) -> list[Path]:
    """The figures of a cooler, as DIR/figures/*.png."""
    from femtdgl.figures.sheet import subplots

    folder = result.directory / "figures"
    paths = []
    single = {"kappa": cold_against_fraction, "thickness": cold_against_thickness, "transient": approach}
    for name, draw in single.items():
        figure, ax = subplots(figsize=(6.5, 4.2), layout="constrained")
        draw(ax, result)
        figure.suptitle(result.summary["title"], fontsize=9)
        paths.append(save_figure(figure, folder / f"{name}.png", dpi=130))
    return [*paths, draw_cross_sections(result, folder)]
