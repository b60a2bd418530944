"""[SN] Fig. 2: heat and mean transmission of the S-N source, and the transmission's two limits against r."""

import numpy as np
from network_figure import note, outcome_of, panels, save, table

from femtdgl.figures import network as plots_network
from femtdgl.thermal import SNLink

outcome = outcome_of("sn_heat_current")
figure, (a, b, c, d) = panels(2, 2)
by_r = [curve for curve in outcome.curves if "T_D" not in curve.case]
by_drain = [curve for curve in outcome.curves if curve.case.startswith("r=36")]


def part(curves):  # type: ignore[no-untyped-def]
    """The outcome with these curves only."""
    return type(outcome)(summary=outcome.summary, arrays=outcome.arrays, figures=(), curves=tuple(curves))


plots_network.powers(a, part(by_r))
note(a, "paper: NDTC for about 350 to 400 mK\nheavy: computed windows", 0.03, 0.97)
a.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(0, 0.6))
plots_network.observed(b, part(by_r))
b.legend(frameon=False, fontsize=7, ncols=2, loc="center", bbox_to_anchor=(0.5, 0.36))
plots_network.powers(d, part(by_drain))
r = np.geomspace(1, 200, 40)
links = [SNLink(R_D=1.0, R_0=float(x), Tc=0.4) for x in r]
high = np.array([link.mean_transmission(0.02) for link in links])
low = np.array([link.mean_transmission(0.41) for link in links])
c.semilogx(r, high, color=plots_network.COLOURS[0], label="largest, T -> 0")
c.semilogx(r, low, color=plots_network.COLOURS[1], label="smallest, 4(1+r)/(2+r)^2")
c.semilogx(r, 1 - low / high, color="0.3", ls="--", label="modulation")
c.axhline(1 - 8 / np.pi**2, color="0.7", lw=0.6)
c.set(xlabel="r", ylabel="mean transmission")
note(c, "paper: saturates at 1 - 8/pi^2 = 0.189 for r ~ 10", 0.97, 0.55)
plots_network.finish(c)
for ax, letter in zip((a, b, c, d), "abcd", strict=True):
    ax.set_title(letter, loc="left", fontsize=9)
columns = {"r": r, "tau_max": high, "tau_min": low, **table(outcome)}
save(figure, "sn_fig2", columns)
