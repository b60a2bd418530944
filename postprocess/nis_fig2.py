"""[NIS] Fig. 2: heat from left to right and -dJ/dT_R against T_R."""

from network_figure import legend, letters, note, outcome_of, panels, save, table

import femtdgl as fg

outcome = outcome_of("nis_heat_current")
figure, axes = panels(1, 2)
a, b = axes
fg.figures.network.powers(a, outcome)
note(a, "paper: best near chi = 2\ncomputed: 23.03 fW at chi = 2, best 2.69", 0.03, 0.97)
legend(a, "center left")
for k, curve in enumerate(outcome.curves):
    response = curve.scan.response_up
    assert response is not None
    kappa = -response.powers["photons"] * 1e12
    b.plot(response.values * 1e3, kappa, color=fg.figures.network.COLOURS[k], lw=1.2, label=curve.case)
b.axhline(0, color="0.8", lw=0.6, zorder=0)
b.set(xlabel="temperature of right (mK)", ylabel="-dJ/dT_R (pW/K)")
fg.figures.network.finish(b)
legend(b, "upper left")
letters(axes, ["heat from left to right, T_L = 500 mK", "differential thermal conductance"])
save(figure, "nis_fig2", table(outcome))
