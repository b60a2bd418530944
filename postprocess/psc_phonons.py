"""Figure of docs/phonons.md: what phonons that act back do to the phase-slip filament of [PSC] Fig. 1.

    python postprocess/psc_phonons.py [--out docs/figures]

Some thirty short runs of psc_filament: where it slips and how often, against an excess that is given and against the
escape time of its own phonons.  Prints the numbers.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

import femtdgl as fg

ROOT = Path(__file__).parent.parent
LONG: dict[str, Any] = {"time__t_end": 90.0, "measure__discard": 40.0}
SHORT: dict[str, Any] = {"mesh__elements": 30, "time__t_end": 50.0, "time__rtol": 1e-6, "measure__discard": 12.0}
STRENGTH = 4e-3
AREAS = (0.0, 0.25, 0.5, 0.75, 1.0)
PLACES = (0.2, 0.35, -0.2)
TEMPERATURES = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05)
OWN = {"strength": 0.02, "emission": 0.02}
TIMES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4)


def run(phonons: dict[str, Any], **changes: Any) -> Any:
    """psc_filament with these phonons."""
    return fg.run(ROOT / "problems" / "psc_filament.toml", phonons=phonons, **{**SHORT, **changes})


def irradiated(axes: Axes) -> None:
    """Place of the slips against the area of a band, for some places of it."""
    for place in PLACES:
        x = []
        for area in AREAS:
            line = {"w": 2.5, "width": 0.2, "area": area, "place": {"at": place, "width": 0.2}}
            s = run({"strength": STRENGTH, "lines": [line]}).summary
            x.append(float(np.mean(s["slip_positions"])))
            print(f"line at {place:g}, area {area:g}: slips at {x[-1]:.8f}, period {s['period']:.5f}")
        axes.plot(AREAS, x, "o-", ms=4, label=f"band at {place:g} $\\xi$")
    axes.axhline(0, color="0.85", lw=0.6, zorder=0)
    axes.set(xlabel=r"area $\int\delta N\,d\omega$ ($\Delta_0$)", ylabel=r"place of the slips ($\xi$)")
    axes.legend(fontsize=7)


def heated(axes: Axes) -> None:
    """Frequency against T_ph, with both forms of (3.1)."""
    for form, style in (("derived", "o-"), ("printed", "s--")):
        rates = []
        for T in TEMPERATURES:
            s = run({"strength": STRENGTH, "form": form, "thermal": {"T": T}}).summary
            rates.append(1 / s["period"])
            print(f"T_ph {T:g} Tc, {form}: period {s['period']:.5f}, p from {s['phonons']['p_min']:.5f}")
        axes.plot(TEMPERATURES, rates, style, ms=4, label=form)
    axes.axvline(0.9, color="0.7", lw=0.8, ls=":")
    axes.set(xlabel=r"$T_{ph}/T_c$", ylabel=r"frequency ($1/t_0$)")
    axes.legend(fontsize=7)


def kept(periods: Axes, shares: Axes) -> None:
    """Period, and what escapes of what is emitted, against tau_es; in local balance and by the equation."""
    for balance, style in (("local", "o-"), ("equation", "s--")):
        found = []
        for tau in TIMES:
            escape = {"time": tau, "emission": OWN["emission"], "balance": balance, "points": 2}
            s = run({"strength": OWN["strength"], "escape": escape}, **LONG).summary
            book = s["phonons"]["ledger"]
            found.append((s["period"], book["gross_escaping"] / book["gross_emitted"]))
            print(f"tau_es {tau:g}, {balance}: period {found[-1][0]:.5f}, escaping {found[-1][1]:.4f} of the emission")
        period, share = np.transpose(found)
        periods.semilogx(TIMES, period, style, ms=4, label=balance)
        shares.semilogx(TIMES, share, style, ms=4, label=balance)
    for axes, label in ((periods, "period ($t_0$)"), (shares, "escaping over emitted")):
        axes.set(xlabel=r"$\tau_{es}/t_0$", ylabel=label)
        axes.legend(fontsize=7)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "figures")
    target = parser.parse_args().out
    with plt.rc_context(fg.figures.filament.STYLE):
        figure, axes = plt.subplots(2, 2, figsize=(8.5, 6.2), layout="constrained")
        irradiated(axes[0, 0])
        heated(axes[0, 1])
        kept(axes[1, 0], axes[1, 1])
        for letter, ax in zip("abcd", axes.ravel(), strict=True):
            ax.set_title(f"({letter})", loc="left")
        figure.savefig(target / "psc_phonons.png")
