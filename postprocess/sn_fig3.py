"""[SN] Fig. 3: temperatures of drain and source against the power put in, printed Sigma_Cu and 2e9."""

from network_figure import note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("sn_balance")
figure, (b, c) = panels(1, 2)
fg.figures.network.temperatures(b, outcome, node="drain")
b.axvspan(1.5, 2.25, color="0.92", zorder=0)
b.set_ylim(100, 158)
note(b, "grey: the paper's window, 1.5 to 2.25 pW; heavy: computed (E12)", 0.97, 0.03)
b.legend(frameon=False, fontsize=7, loc="center right")
fg.figures.network.temperatures(c, outcome, node="source")
c.axhline(400, color="0.8", lw=0.6)
note(c, "Tc = 400 mK", 0.2, 0.9)
save(figure, "sn_fig3", table(outcome))
