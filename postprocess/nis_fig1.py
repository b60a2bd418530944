"""[NIS] Fig. 1c: resistance ratio of a junction against T/Tc for two Dynes parameters."""

from network_figure import legend, letters, note, outcome_of, panels, save, table

import femtdgl as fg

Tc = 1.2  # K, of the shipped problem
outcome = outcome_of("nis_resistance")
figure, axes = panels(1, 1)
(ax,) = axes
for k, curve in enumerate(outcome.curves):
    ratio = curve.observed["junctions.resistance_ratio_left"]
    ax.semilogy(curve.scan.values / Tc, ratio, color=fg.figures.network.COLOURS[k], lw=1.2, label=curve.case)
ax.axvline(0.2, color="0.8", lw=0.6, zorder=0)
ax.set(xlabel="T/Tc", ylabel="R/R0", xlim=(0, 1))
fg.figures.network.finish(ax)
legend(ax, "upper right")
note(ax, "paper: depends on Gamma only below\nabout 0.2 Tc (grey)", 0.97, 0.75)
letters(axes, ["resistance of a junction"], first="c")
save(figure, "nis_fig1", table(outcome))
