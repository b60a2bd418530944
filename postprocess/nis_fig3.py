"""[NIS] Figs 3 and 4: T_L, the drop delta T against the power, and the responsivity, silver and InAsOI.

`python nis_fig3.py [nis_setup2.toml]`: the second set-up is the same script on the other problem.
"""

import sys

import numpy as np
from network_figure import note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("nis_setup1")
cases = list(dict.fromkeys(curve.case for curve in outcome.curves))
figure, axes = panels(3, len(cases), height=2.7)
columns = table(outcome)
for k, case in enumerate(cases):
    curves = [curve for curve in outcome.curves if curve.case == case]
    fg.figures.network.temperatures(axes[k], outcome, node="left", case=case)
    axes[k].legend([], frameon=False)  # the colours are those of the last row
    axes[k].set_title(case, loc="left", fontsize=9)
    power = np.array([curve.member for curve in curves])
    left = [curve.scan.up.temperatures["left"] for curve in curves]
    drop = np.array([T[0] - T.min() for T in left])
    ax = axes[len(cases) + k]
    ax.semilogx(power * 1e15, drop * 1e3, "o-", color=fg.figures.network.COLOURS[0], ms=3, lw=1.2)
    ax.axhline(10, color="0.8", lw=0.6)
    note(ax, "paper: at least 10 mK above 10 fW", 0.97, 0.06)
    ax.set(xlabel="heat into left (fW)", ylabel="delta T (mK)", ylim=(0, None))
    fg.figures.network.finish(ax)
    fg.figures.network.responsivity(axes[2 * len(cases) + k], outcome, node="left", case=case)
    columns |= {f"{case}/power": power, f"{case}/delta_T": drop}
second = len(sys.argv) > 1 and "setup2" in sys.argv[1]
save(figure, "nis_fig4" if second else "nis_fig3", columns)
