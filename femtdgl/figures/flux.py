"""Figures of the phonon flux: one function per figure, each draws into the Axes that it is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.figures.save import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from femtdgl.files.reader import Result
    from femtdgl.flux.linear import LinearFlux
    from femtdgl.flux.spectrum import RelaxationFlux

Array = NDArray[np.float64]

FREQUENCY = r"phonon frequency $\omega/\Delta_0$"
EMISSION, ABSORPTION = "#c0392b", "#2166ac"
SPECTRUM_UNIT, POWER_UNIT = "prefactor of (2.1)", r"prefactor of (2.1) $\times\,\Delta_0$"


def kernel_spectra(ax: Axes, w: ArrayLike, psi: ArrayLike, spectra: ArrayLike, title: str = "") -> None:
    """[PSC] Fig. 2(b): w^3 K against w for several |psi|; dots mark w = 2 |psi|.

    w (nw,), psi (npsi,), spectra (npsi, nw).
    """
    import matplotlib as mpl

    w, psi, spectra = (np.asarray(value, float) for value in (w, psi, spectra))
    colors = mpl.colormaps["viridis"](np.linspace(0.05, 0.85, len(psi)))
    for value, curve, color in zip(psi, spectra, colors, strict=True):
        ax.plot(w, curve, color=color, lw=1.6, label=rf"$|\psi| = {value:g}$")
        ax.plot(2 * value, np.interp(2 * value, w, curve), "o", color=color, ms=4.5, mec="white", mew=0.7)
    ax.axhline(0, color="0.35", lw=0.8, zorder=0)
    ax.fill_between(w, 0, np.minimum(spectra.min(axis=0), 0), color=ABSORPTION, alpha=0.13, lw=0)
    ax.set(xlim=(0, w.max()), xlabel=FREQUENCY, ylabel=r"$\omega^3 K$  ($\Delta_0^4$)", title=title)


def gap_rate(ax: Axes, t: ArrayLike, dpsi_abs_dt: ArrayLike, marked: ArrayLike = ()) -> None:
    """[PSC] Fig. 2(a): d|psi|/dt at the slip centre; Case 1, red, where the gap grows, Case 2, blue, where it shrinks.

    t, dpsi_abs_dt (nt,); `marked` are slips, which get a dashed line.
    """
    t, rate = np.asarray(t, float), np.asarray(dpsi_abs_dt, float)
    ax.plot(t, rate, color="0.15", lw=1.2)
    cases = {
        "Case 1: the gap grows": (np.maximum(rate, 0), EMISSION),
        "Case 2: the gap shrinks": (np.minimum(rate, 0), ABSORPTION),
    }
    for label, (part, color) in cases.items():
        ax.fill_between(t, 0, part, color=color, alpha=0.35, lw=0, label=label)
    ax.axhline(0, color="0.35", lw=0.8)
    for i, time in enumerate(np.atleast_1d(np.asarray(marked, float))):
        ax.axvline(time, color="0.5", lw=0.9, ls="--", label="phase slip" if i == 0 else None)
    label = r"$\partial|\psi|/\partial t$ at the slip centre  ($1/t_0$)"
    ax.set(xlim=(t[0], t[-1]), xlabel=r"time $t/t_0$", ylabel=label)
    ax.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def spectra_at_moments(
    ax: Axes, w: ArrayLike, t: ArrayLike, flux: ArrayLike, moments: ArrayLike, unit: str = ""
) -> None:
    """dW/dw against w at the stored times nearest to `moments`.  flux (nt, nw)."""
    w, t, flux = (np.asarray(value, float) for value in (w, t, flux))
    for moment in np.atleast_1d(np.asarray(moments, float)):
        k = int(np.argmin(np.abs(t - moment)))
        ax.plot(w, flux[k], lw=1.5, label=rf"$t = {t[k]:.4g}\,t_0$")
    ax.axhline(0, color="0.35", lw=0.8)
    ax.set(xlim=(0, w.max()), xlabel=FREQUENCY, ylabel=r"$dW/d\omega$" + (f"  ({unit})" if unit else ""))
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.22 * (high - low))
    ax.legend(frameon=False, fontsize="small", loc="upper center", ncols=3)


def flux_map(ax: Axes, t: ArrayLike, w: ArrayLike, flux: ArrayLike, unit: str = "") -> None:
    """dW/dw over (t, w), red emitted and blue absorbed.  flux (nt, nw)."""
    flux = np.asarray(flux, float)
    largest = float(np.max(np.abs(flux))) or 1.0
    image = ax.pcolormesh(t, w, flux.T, cmap="RdBu_r", vmin=-largest, vmax=largest, shading="nearest")
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02)
    bar.set_label(r"$dW/d\omega$" + (f"  ({unit})" if unit else ""))
    ax.set(xlabel=r"time $t/t_0$", ylabel=FREQUENCY)


def exchanged_powers(ax: Axes, t: ArrayLike, emitted: ArrayLike, absorbed: ArrayLike, unit: str = "") -> None:
    """Emitted power upwards, absorbed power downwards, and their difference.  All (nt,)."""
    t, up, down = (np.asarray(value, float) for value in (t, emitted, absorbed))
    ax.fill_between(t, 0, up, color=EMISSION, alpha=0.35, lw=0, label="emitted")
    ax.fill_between(t, 0, -down, color=ABSORPTION, alpha=0.35, lw=0, label="absorbed")
    ax.plot(t, up - down, color="0.15", lw=1.2, label="net")
    ax.axhline(0, color="0.35", lw=0.8)
    room = 0.2 * (up.max() + down.max())
    ax.set(xlim=(t[0], t[-1]), ylim=(-down.max() - 0.2 * room, up.max() + room), xlabel=r"time $t/t_0$",
           ylabel="power" + (f"  ({unit})" if unit else ""))  # fmt: skip
    ax.legend(frameon=False, fontsize="small", loc="upper center", ncols=3)


def average_spectrum(
    ax: Axes, w: ArrayLike, average: ArrayLike, psi_max: float, center_max: float | None = None
) -> None:
    """Cycle-averaged spectrum of the relaxing populations: deficit in blue, emission in red.  (nw,).

    Lines at 2 |psi|_max of the whole filament, and of its centre.
    """
    w, average = np.asarray(w, float), np.asarray(average, float)
    ax.plot(w, average, color="0.15", lw=1.4)
    ax.fill_between(w, 0, np.maximum(average, 0), color=EMISSION, alpha=0.35, lw=0, label="emission")
    ax.fill_between(w, 0, np.minimum(average, 0), color=ABSORPTION, alpha=0.6, lw=0, label="deficit")
    ax.axhline(0, color="0.35", lw=0.8)
    if center_max is not None:
        label = rf"$2|\psi|_{{\max}}$ at the centre, {2 * center_max:.2f}"
        ax.axvline(2 * center_max, ymax=0.8, color="0.5", lw=1.1, ls=":", label=label)
    label = rf"$2|\psi|_{{\max}}$ of the filament, {2 * psi_max:.2f}"
    ax.axvline(2 * psi_max, ymax=0.8, color="0.5", lw=0.9, ls="--", label=label)
    ax.set(xlim=(0, w.max()), xlabel=FREQUENCY, ylabel=r"$\omega^3\,\langle I\rangle/C_0$  ($\Delta_0^4\,\xi$)")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.2 * (high - low))
    ax.legend(frameon=False, fontsize="small", loc="upper center", ncols=2)


def write_figures(
    result: Result,
    linear: LinearFlux,
    emitted: Array,
    absorbed: Array,
    relaxed: RelaxationFlux | None,
    psi_max: float,
    center_max: float,
) -> list[Path]:
    """The figures of `femtdgl flux`, as DIR/figures/flux*.png."""
    from femtdgl.figures import filament as plots
    from femtdgl.figures.sheet import subplots

    start, stop = plots.one_period(result)
    low = max(float(linear.t[0]), start - (stop - start))
    inside = (linear.t >= low) & (linear.t <= stop)
    t, flux = linear.t[inside], linear.filament[inside]
    figure, axes = subplots(2, 2, figsize=(11, 7.5), layout="constrained")
    spectra_at_moments(axes[0, 0], linear.w, t, flux, plots.moments(result), SPECTRUM_UNIT)
    thin = max(1, t.size // 400)
    flux_map(axes[0, 1], t[::thin], linear.w, flux[::thin], SPECTRUM_UNIT)
    exchanged_powers(axes[1, 0], t, emitted[inside], absorbed[inside], POWER_UNIT)
    if relaxed is None:
        average = np.trapezoid(flux, t, axis=0) / (t[-1] - t[0])
        axes[1, 1].plot(linear.w, average, color="0.15", lw=1.4)
        axes[1, 1].axhline(0, color="0.35", lw=0.8)
        axes[1, 1].set(
            xlabel=FREQUENCY,
            ylabel=rf"$\langle dW/d\omega\rangle$  ({SPECTRUM_UNIT})",
            xlim=(0, linear.w.max()),
            ylim=np.array([-1, 1]) * np.abs(flux).max(),
        )
        axes[1, 1].set_title("mean over two periods: zero, the exchange is reversible", fontsize=9)
    else:
        average_spectrum(axes[1, 1], relaxed.w, relaxed.average, psi_max, center_max)
        axes[1, 1].set_title("cycle average of the relaxing populations", fontsize=9)
    titles = (
        "spectra at moments of a period",
        r"$dW/d\omega$ in time: red emitted, blue absorbed",
        "power of the reversible exchange",
    )
    for ax, title in zip(axes.ravel(), titles, strict=False):
        ax.set_title(title, fontsize=9)
    figure.suptitle(f"{result.summary['title']}: phonon flux of the whole filament, (2.1)", fontsize=9)
    return [save_figure(figure, result.directory / "figures" / "flux.png", dpi=130)]
