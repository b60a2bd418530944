"""[SN] Fig. 3: the balance of source and drain."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from claims.circuits import R_0, R_D, Tc_Ti, sn_balance
from claims.registry import SN, Values, claim, corrected_if, holds_if, open_claim
from femtdgl.thermal import SuperconductorElectronPhonon

BALANCE = "femtdgl run problems/sn_balance.toml"


@claim(
    "sn-resistances",
    SN,
    "Fig. 3, parameters",
    "copper 2 um x 700 x 30 nm^2 at 3 uOhm cm, titanium 6 um x 700 x 25 nm^2 at 30",
    say="R_D = {R_D:.4g}, R_0 = {R_0:.4g} Ohm: r = {r:.4g}, that of Fig. 2(d)",
    rule=holds_if(lambda v: abs(v["r"] - 36) < 0.1),
)
def resistances() -> Values:
    """rho l/A."""
    return {"R_D": R_D, "R_0": R_0, "r": R_0 / R_D}


def balance(power: float, Sigma_Cu: float) -> tuple[float, float]:
    """T_S, T_D (K) of [SN] Fig. 3 at a power in pW."""
    T = sn_balance(power * 1e-12, Sigma_Cu).steady().temperatures
    return T["source"], T["drain"]


@cache
def falling_window(Sigma_Cu: float) -> dict[str, float]:
    """Powers (pW) between which T_D falls, and T_D (mK) there; it ends where the source is at Tc."""
    end = brentq(lambda P: balance(P, Sigma_Cu)[0] - Tc_Ti, 1.0, 4.0, xtol=1e-7)
    best = minimize_scalar(
        lambda P: -balance(P, Sigma_Cu)[1] * 1e3, bounds=(0.5, end - 1e-3), method="bounded", options={"xatol": 1e-6}
    )
    return {"from": float(best.x), "to": float(end), "high": -float(best.fun), "low": 1e3 * balance(end, Sigma_Cu)[1]}


@claim(
    "sn-window",
    SN,
    "Fig. 3(b)",
    "T_D falls for P_in of about 1.5 to 2.25 pW, Sigma_Cu = 3e9 W/(m^3 K^5)",
    say="{printed_from:.3f} to {printed_to:.3f} pW with 3e9; {corrected_from:.3f} to {corrected_to:.3f} pW with 2e9",
    rule=corrected_if(lambda v: abs(v["corrected_to"] - 2.25) < 0.05 < abs(v["printed_to"] - 2.25)),
    note="E12",
    command=BALANCE,
)
def power_window() -> Values:
    """Windows with both values of Sigma_Cu."""
    printed, corrected = falling_window(3e9), falling_window(2e9)
    return {
        **{f"printed_{name}": value for name, value in printed.items()},
        **{f"corrected_{name}": value for name, value in corrected.items()},
        "high": printed["high"],
        "low": printed["low"],
    }


@claim(
    "sn-drop",
    SN,
    "conclusion",
    "the temperature drops by more than 1 mK",
    say="{printed:.3f} mK with 3e9, {corrected:.3f} mK with 2e9",
    rule=holds_if(lambda v: min(v["printed"], v["corrected"]) > 1),
    command=BALANCE,
)
def drop() -> Values:
    """Fall of T_D over the window."""
    printed, corrected = falling_window(3e9), falling_window(2e9)
    return {"printed": printed["high"] - printed["low"], "corrected": corrected["high"] - corrected["low"]}


@claim(
    "sn-source",
    SN,
    "eq. 7; Fig. 3(c)",
    "T_S rises monotonically with P_in",
    say="by {least:.2f} mK at least over each step of 0.2 pW up to 4 pW",
    rule=holds_if(lambda v: v["least"] > 0),
    command=BALANCE,
)
def source() -> Values:
    """T_S on a grid of powers."""
    T = np.array([balance(float(P), 3e9)[0] for P in np.linspace(0.2, 4.0, 20)])
    return {"least": 1e3 * float(np.diff(T).min())}


@claim(
    "sn-sink",
    SN,
    "eqs 8, 9",
    "the superconductor's sink, with lambda_s = Sigma V/(24 zeta(5) kB^5)",
    say="it is Sigma V (T^5 - Tp^5) at Tc, to {off:bound}; at 0.5 and 0.25 Tc {shares:.2g} of that",
    rule=holds_if(lambda v: v["off"] < 1e-6 and v["shares"][1] < v["shares"][0] < 1),
)
def sink() -> Values:
    """(6.5) over (6.4)."""
    link = SuperconductorElectronPhonon(Sigma=1.3e9, volume=1e-19, Tc=Tc_Ti, ratio=1.76)

    def share(T: float) -> float:
        return link.power(T, 0.01) / (1.3e-10 * (T**5 - 0.01**5))

    return {"off": abs(share(Tc_Ti * (1 - 1e-8)) - 1), "shares": [share(0.5 * Tc_Ti), share(0.25 * Tc_Ti)]}


@claim(
    "sn-healing",
    SN,
    "before eq. 7",
    "one temperature per electrode: healing lengths of tens to hundreds of um",
    say="sqrt(L0/(5 rho Sigma T^3)) of copper: {copper:.0f} um at T = {T:g} K; of normal titanium at Tc {titanium:.0f} "
    "um",
    rule=holds_if(lambda v: v["copper"][0] > 2 and v["copper"][-1] > 100),
    note="both above the electrodes' lengths",
)
def healing() -> Values:
    """Wiedemann and Franz over the slope of (6.4), um."""

    def length(T: float, rho: float, Sigma: float) -> float:
        return 1e6 * math.sqrt(2.44e-8 / (5 * rho * Sigma * T**3))

    T = [0.4, 0.14, 0.06]
    return {"T": T, "copper": [length(t, 3e-8, 3e9) for t in T], "titanium": length(Tc_Ti, 30e-8, 1.3e9)}


@claim(
    "sn-thermometry",
    SN,
    "conclusion",
    "the drop is above the 40 uK of junction thermometers",
    say="{ratio:.0f} times that",
    rule=holds_if(lambda v: v["ratio"] > 1),
    note="the 40 uK are of another paper",
    command=BALANCE,
)
def thermometry() -> Values:
    """The drop over 40 uK."""
    return {"ratio": (lambda w: w["high"] - w["low"])(falling_window(3e9)) / 0.04}


open_claim(
    "sn-line",
    SN,
    "after Fig. 1",
    "aluminium lines are lossless and keep heat from diffusing (Andreev mirrors)",
    "taken for granted by the model; a line's inductance may be given",
)
open_claim(
    "sn-proximity",
    SN,
    "note 50",
    "the proximity effect between the two parts of the source may be left out",
    "left out here too",
)
open_claim(
    "sn-titanium",
    SN,
    "before eq. 4",
    "titanium follows Mattis and Bardeen, as measured",
    "a statement about experiments elsewhere",
)
open_claim(
    "sn-other-materials",
    SN,
    "conclusion",
    "other materials and transitions may do better",
    "an outlook; Tc, resistances and the gap ratio are free in a problem",
)
