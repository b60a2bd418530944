"""[SN] Fig. 1(b) to (d): matching of two resistors, a step of the source's resistance, the heat that gets through."""

import numpy as np
from network_figure import legend, letters, note, panels, save, shipped, table

import femtdgl as fg

matching, step = shipped("sn_matching"), shipped("sn_step")
R_D = 20 / 7  # Ohm, of sn_step
figure, axes = panels(1, 3)
b, c, d = axes
fg.figures.network.observed(b, matching)
b.axvline(1, color="0.8", lw=0.6, zorder=0)
b.set(xlabel="R_S/R_D", ylabel="transmission tau0", yscale="linear", ylim=(0, 1.25))
note(b, "paper: largest for R_S = R_D; computed: 1 there, 4x/(1+x)^2", 0.03, 0.97)
for k, curve in enumerate(step.curves):
    ratio = curve.observed["photons.source_resistance"] / R_D
    c.semilogy(curve.scan.values * 1e3, ratio, color=fg.figures.network.COLOURS[k], lw=1.2, label=curve.case)
c.set(xlabel="temperature of source (mK)", ylabel="R_S/R_D", xlim=(300, 500))
fg.figures.network.finish(c)
legend(c, "center left")
fg.figures.network.powers(d, step)
legend(d, "upper left")
d.set(xlim=(100, 700), ylim=(0, 1.45 * max(np.max(curve.scan.up.powers["photons"]) for curve in step.curves) * 1e15))
note(d, "heavy: falls as the source warms up", 0.03, 0.7)
letters(axes, ["matching", "resistance of the source", "heat from source to drain, T_D = 30 mK"], first="b")
save(figure, "sn_fig1", table(matching, "matching/") | table(step, "step/"))
