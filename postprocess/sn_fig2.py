"""[SN] Fig. 2: heat and mean transmission of the S-N source, and the transmission's two limits against r."""

from dataclasses import replace

import numpy as np
from network_figure import legend, letters, note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("sn_heat_current")
figure, axes = panels(2, 2)
a, b, c, d = axes
by_r = replace(outcome, curves=tuple(c for c in outcome.curves if "T_D" not in c.case))
by_drain = replace(outcome, curves=tuple(c for c in outcome.curves if c.case.startswith("r=36")))

fg.figures.network.powers(a, by_r)
note(a, "paper: NDTC for about 350 to 400 mK\nheavy: computed windows", 0.03, 0.8)
legend(a, "upper left", columns=4, columnspacing=0.8, handlelength=1.2)
a.set_ylim(top=1.12 * a.get_ylim()[1])
fg.figures.network.observed(b, by_r)
legend(b, "center left", bbox_to_anchor=(0.02, 0.42))
fg.figures.network.powers(d, by_drain)
legend(d, "upper left", columns=2, columnspacing=0.8, handlelength=1.2)
d.set_ylim(top=1.35 * d.get_ylim()[1])
r = np.geomspace(1, 200, 40)
links = [fg.thermal.SNLink(R_D=1.0, R_0=float(x), Tc=0.4) for x in r]
high = np.array([link.mean_transmission(0.02) for link in links])
low = np.array([link.mean_transmission(0.41) for link in links])
c.semilogx(r, high, color=fg.figures.network.COLOURS[0], label="largest, T -> 0")
c.semilogx(r, low, color=fg.figures.network.COLOURS[1], label="smallest, 4(1+r)/(2+r)^2")
c.semilogx(r, 1 - low / high, color="0.3", ls="--", label="modulation")
c.axhline(1 - 8 / np.pi**2, color="0.7", lw=0.6)
c.set(xlabel="r = R_0/R_D", ylabel="mean transmission", ylim=(0, 1.3))
fg.figures.network.finish(c)
legend(c, "upper left", columns=2)
note(c, "grey: 1 - 8/pi^2 = 0.189, where the paper says\nthat the modulation saturates, for r ~ 10", 0.03, 0.84)
titles = ["heat, T_D = 30 mK", "transmission averaged to 2 Delta(0)", "its limits", "heat, r = 36, by T_D (30 mK)"]
letters(axes, titles)
columns = {"r": r, "tau_max": high, "tau_min": low, **table(outcome)}
save(figure, "sn_fig2", columns)
