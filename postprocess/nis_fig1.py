"""[NIS] Fig. 1c: resistance ratio of a junction against T/Tc for two Dynes parameters."""

from network_figure import note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("nis_resistance")
figure, (ax,) = panels(1, 1)
fg.figures.network.observed(ax, outcome)
ax.axvline(0.2 * 1200, color="0.8", lw=0.6)
note(ax, "paper: depends on Gamma only below about 0.2 Tc = 240 mK", 0.97, 0.8)
save(figure, "nis_fig1", table(outcome))
