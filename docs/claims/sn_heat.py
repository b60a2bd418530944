"""[SN] Fig. 2: the heat against the temperatures and R_0/R_D."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.constants import k as BOLTZMANN
from scipy.optimize import minimize_scalar

from claims.circuits import Tc_Ti, sn
from claims.registry import SN, Values, claim, corrected_if, holds_if
from claims.sn_equations import HEAT, RATIOS, T_D
from femtdgl.thermal import bcs_gap as gap_law
from femtdgl.thermal import mattis_bardeen


def window(r: float, drain: float = T_D) -> tuple[float, float]:
    """T_S (K) from which the heat falls, and by what share of it until Tc."""
    link = sn(r)
    best = minimize_scalar(
        lambda T: -link.power(T, drain) * 1e14, bounds=(0.3, 0.3999), method="bounded", options={"xatol": 1e-7}
    )
    fall = 1 - link.power(Tc_Ti, drain) / link.power(best.x, drain)
    return float(best.x), max(float(fall), 0.0)


@claim(
    "sn-dissipation",
    SN,
    "before eq. 4",
    "below Tc the dissipation in the superconductor is negligible, Re Z_S = R_D",
    say="Re Z_S/R_D - 1 at omega = kB T_S, r = 36: {excess:.2g} at T_S/Tc = {t:g}",
    rule=corrected_if(lambda v: v["excess"][0] < 1e-2 < v["excess"][-1]),
)
def dissipation() -> Values:
    """Re of R_0/(sigma1 - i sigma2) over R_D at several temperatures."""
    ts, found = [0.3, 0.5, 0.7, 0.9, 0.98], []
    for t in ts:
        T = t * Tc_Ti
        one, two = mattis_bardeen(BOLTZMANN * T, T, gap_law(T, Tc_Ti, 1.76))
        found.append(36 * float(one / (one**2 + two**2)))
    return {"t": ts, "excess": found}


@claim(
    "sn-ndtc",
    SN,
    "Fig. 2(a)",
    "negative conductance for T_S of about 350 to 400 mK, T_D = 30 mK",
    say="from {starts:.1f} mK to Tc at r = {ratios}; Q falls by {percent:.1f} %",
    rule=corrected_if(lambda v: min(v["drops"]) > 0),
    note="where it starts depends on r",
    command=HEAT,
)
def ndtc() -> Values:
    """Windows of [SN] Fig. 2(a)."""
    found = [window(r) for r in RATIOS]
    drops = [fall for _, fall in found]
    return {
        "ratios": list(RATIOS),
        "starts": [1e3 * start for start, _ in found],
        "drops": drops,
        "percent": [100 * d for d in drops],
    }


@claim(
    "sn-ndtc-preprint",
    SN,
    "preprint, Fig. 2(a)",
    "the same, about 365 to 400 mK",
    say="that is where it starts for r = 10: {start:.1f} mK",
    rule=corrected_if(lambda v: abs(v["start"] - 365) < 2),
    command=HEAT,
)
def ndtc_preprint() -> Values:
    """r = 10."""
    return {"start": 1e3 * window(10)[0]}


@claim(
    "sn-larger-R0",
    SN,
    "Fig. 2(a)",
    "Q falls as R_0 rises, below and above Tc",
    say="at r = {ratios}: {below:.1f} fW at 0.3 K, {above:.1f} fW at 0.45 K",
    rule=holds_if(lambda v: all(b == sorted(b, reverse=True) for b in (v["below"], v["above"]))),
    command=HEAT,
)
def larger_resistance() -> Values:
    """Q against r."""
    return {
        "ratios": list(RATIOS),
        "below": [1e15 * sn(r).power(0.3, T_D) for r in RATIOS],
        "above": [1e15 * sn(r).power(0.45, T_D) for r in RATIOS],
    }


@claim(
    "sn-not-always",
    SN,
    "Fig. 2(c)",
    "an arbitrarily large R_0 is no gain, unlike in the idealised scheme",
    say="the relative fall goes on growing, {drops:.1%} at r = {ratios}, but Q at Tc drops from {most:.1f} to "
    "{least:.2f} fW, and "
    "the fall in fW is largest, {best:.2f}, at r = {at:.0f}",
    rule=holds_if(lambda v: v["at"] < 1000),
    command=HEAT,
)
def not_always() -> Values:
    """Relative and absolute fall."""
    ratios = [10, 36, 100, 1000]
    found = [window(r) for r in ratios]
    at_Tc = [1e15 * sn(r).power(Tc_Ti, T_D) for r in ratios]

    def absolute(log_r: float) -> float:
        r = math.exp(log_r)
        start, fall = window(r)
        return -1e15 * sn(r).power(start, T_D) * fall

    best = minimize_scalar(absolute, bounds=(math.log(5), math.log(500)), method="bounded", options={"xatol": 1e-3})
    return {
        "ratios": ratios,
        "drops": [d for _, d in found],
        "most": at_Tc[0],
        "least": at_Tc[-1],
        "best": -best.fun,
        "at": math.exp(best.x),
    }


@claim(
    "sn-transmission",
    SN,
    "Fig. 2(b)",
    "the mean transmission falls monotonically with T_S and is constant above Tc",
    say="largest rise on a grid of 60 temperatures {rise:.1g}; from {most:.3f} to {least:.3f} at r = 36",
    rule=holds_if(lambda v: v["rise"] <= 1e-9),
    command=HEAT,
)
def transmission() -> Values:
    """Mean transmission along T_S for the ratios of the figure."""
    T = np.linspace(0.03, 0.45, 60)
    curves = {r: np.array([sn(r).mean_transmission(float(t)) for t in T]) for r in RATIOS}
    rise = max(float(np.diff(curve).max()) for curve in curves.values())
    return {"rise": max(rise, 0.0), "most": float(curves[36][0]), "least": float(curves[36][-1])}


@claim(
    "sn-tau-min",
    SN,
    "after eq. 6",
    "tau_min = 4(1+r)/(2+r)^2",
    say="equal to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-9),
    command=HEAT,
)
def tau_min() -> Values:
    """The mean transmission above Tc."""
    return {"off": max(abs(sn(r).mean_transmission(0.42) / (4 * (1 + r) / (2 + r) ** 2) - 1) for r in RATIOS)}


@claim(
    "sn-tau-against-r",
    SN,
    "Fig. 2(c)",
    "tau_max and tau_min fall monotonically with r",
    say="tau_max {high:.3f}, tau_min {low:.3f} at r = {ratios}",
    rule=holds_if(lambda v: all(x == sorted(x, reverse=True) for x in (v["high"], v["low"]))),
)
def tau_against_r() -> Values:
    """Extremes of the mean transmission."""
    ratios = [1, 5, 10, 36, 100]
    return {
        "ratios": ratios,
        "high": [sn(r).mean_transmission(0.01) for r in ratios],
        "low": [sn(r).mean_transmission(0.42) for r in ratios],
    }


@claim(
    "sn-modulation",
    SN,
    "Fig. 2(c), note 58",
    "(tau_max - tau_min)/tau_max saturates to 1 - 8/pi^2 = 0.19 for r of about 10",
    say="{modulation:.3f} at r = {ratios}; 1 - 8/pi^2 = {limit:.4f}",
    rule=holds_if(lambda v: abs(v["modulation"][1] - v["limit"]) < 0.01),
)
def modulation() -> Values:
    """Relative modulation of the mean transmission."""
    ratios = [5, 10, 36, 100]
    values = [1 - sn(r).mean_transmission(0.42) / sn(r).mean_transmission(0.01) for r in ratios]
    return {"ratios": ratios, "modulation": values, "limit": 1 - 8 / math.pi**2}


@claim(
    "sn-modulation-preprint",
    SN,
    "preprint, Fig. 2(c)",
    "the same saturates to about 0.2",
    say="1 - 8/pi^2 = {limit:.2f}",
    rule=holds_if(lambda v: round(v["limit"], 1) == 0.2),
)
def modulation_preprint() -> Values:
    """The limit."""
    return {"limit": 1 - 8 / math.pi**2}


@claim(
    "sn-low-frequency",
    SN,
    "note 58",
    "Z_0(T = 0) is about i omega R_0/(pi Delta0) at low frequency",
    say="pi Delta0 |Z_0|/(omega R_0) = {ratio:.4f} at omega = 0.1 Delta0",
    rule=holds_if(lambda v: abs(v["ratio"] - 1) < 0.01),
)
def low_frequency() -> Values:
    """1/sigma2 at T -> 0."""
    two = float(mattis_bardeen(0.1 * BOLTZMANN, 1e-3, BOLTZMANN)[1])
    return {"ratio": math.pi / (0.1 * two)}


@claim(
    "sn-drain",
    SN,
    "Fig. 2(d)",
    "Q falls with T_D, and the negative conductance is robust against T_D (r = 36)",
    say="the fall of Q is {percent:.1f} % at T_D = {drains:g} mK",
    rule=corrected_if(lambda v: v["percent"][1] > 5 > v["percent"][2]),
    command=HEAT,
)
def drain() -> Values:
    """The fall of Q at several T_D."""
    drains = [0.03, 0.1, 0.2, 0.3]
    return {"drains": [1e3 * T for T in drains], "percent": [100 * window(36, T)[1] for T in drains]}


@claim(
    "sn-interface",
    SN,
    "after Fig. 1",
    "interfacial resistance lowers the heat and leaves the phenomenon as it is",
    say="0.2 R_D in the loop takes {loss:.0%} of Q at 0.3 K; Q falls by {drop:.1%} in place of {bare:.1%} until Tc (r "
    "= 36)",
    rule=holds_if(lambda v: v["loss"] > 0 and v["drop"] > 0.5 * v["bare"]),
)
def interface() -> Values:
    """(6.1) and (6.2) with a further resistance in Z_tot, by quadrature; it takes its share of the power."""

    def heat(T: float, extra: float) -> float:
        D = gap_law(T, Tc_Ti, 1.76)
        x, weight = np.polynomial.legendre.leggauss(120)
        edges = sorted({1e-6, *([2 * D / BOLTZMANN] if D > 0 else []), 40 * T})
        total = 0.0
        for a, b in itertools.pairwise(edges):
            w = (a + b) / 2 + (b - a) / 2 * x
            one, two = mattis_bardeen(w * BOLTZMANN, T, D)
            Z = 1 + 36 / (one - 1j * two)
            tau = 4 * Z.real / np.abs(Z + 1 + extra) ** 2
            total += float((w * tau * (1 / np.expm1(w / T) - 1 / np.expm1(w / T_D)) * weight).sum()) * (b - a) / 2
        return total

    def drop(extra: float) -> float:
        best = minimize_scalar(lambda T: -heat(T, extra), bounds=(0.3, 0.399), method="bounded")
        return 1 - heat(Tc_Ti, extra) / heat(best.x, extra)

    return {"loss": 1 - heat(0.3, 0.2) / heat(0.3, 0.0), "drop": drop(0.2), "bare": drop(0.0)}
