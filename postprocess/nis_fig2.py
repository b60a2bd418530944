"""[NIS] Fig. 2: heat from left to right and -dJ/dT_R against T_R."""

import numpy as np
from network_figure import note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("nis_heat_current")
figure, (a, b) = panels(1, 2)
fg.figures.network.powers(a, outcome)
note(a, "paper: best near chi = 2\ncomputed: 23.03 fW at chi = 2, best 2.69", 0.03, 0.97)
a.legend(frameon=False, fontsize=7, loc="center left")
for k, curve in enumerate(outcome.curves):
    kappa = -np.gradient(curve.scan.up.powers["photons"], curve.scan.values)
    b.plot(curve.scan.values * 1e3, kappa * 1e12, color=fg.figures.network.COLOURS[k], lw=1.2, label=curve.case)
b.axhline(0, color="0.8", lw=0.6, zorder=0)
b.set(xlabel="temperature of right (mK)", ylabel="-dJ/dT_R (pW/K)")
fg.figures.network.finish(b)
save(figure, "nis_fig2", table(outcome))
