"""[SN] Fig. 3: temperatures of drain and source against the power put in, printed Sigma_Cu and 2e9."""

from network_figure import legend, letters, note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("sn_balance")
figure, axes = panels(1, 2)
b, c = axes
fg.figures.network.temperatures(b, outcome, node="drain")
b.axvspan(1.5, 2.25, color="0.92", zorder=0)
b.set_ylim(100, 165)
note(b, "grey: the paper's window, 1.5 to 2.25 pW\nheavy: computed (E12)", 0.97, 0.03)
legend(b, "lower right", bbox_to_anchor=(1, 0.12))
fg.figures.network.temperatures(c, outcome, node="source")
c.axhline(400, color="0.8", lw=0.6)
note(c, "Tc = 400 mK", 0.2, 0.9)
legend(c, "lower right")
letters(axes, ["drain", "source"], first="b")
save(figure, "sn_fig3", table(outcome))
