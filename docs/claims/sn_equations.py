"""[SN], equations 1 to 6: photons between a superconductor-normal source and a normal drain."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.constants import c as LIGHT
from scipy.constants import h as PLANCK
from scipy.constants import k as BOLTZMANN
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from claims import circuits
from claims.circuits import Tc_Ti, sn
from claims.registry import SN, Values, claim, corrected_if, holds_if
from femtdgl.thermal import bcs_gap as gap_law
from femtdgl.thermal import gap_printed, mattis_bardeen

RATIOS = (5, 10, 36, 100)
"""R_0/R_D of [SN] Fig. 2."""
T_D = 0.03
HEAT = "femtdgl run problems/sn_heat_current.toml"
SHEET = "Phys. Rev. B 107, 134510"


def matched(x: float) -> float:
    """tau0(x) = 4x/(x+1)^2."""
    return 4 * x / (x + 1) ** 2


@claim(
    "sn-net",
    SN,
    "eqs 1 to 3",
    "the net power is the difference of two one-way powers with n + 1/2",
    say="the halves cancel: difference of eq. 1 up to a cutoff and eq. 3 agree to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-8),
)
def net_power() -> Values:
    """Eq. 1 both ways up to 20 k T_S, less the program's (6.1)."""
    link, hot, cold = sn(36), 0.3, T_D

    def one_way(w: float, T: float) -> float:
        return w * float(link.transmission(w * BOLTZMANN, hot)) * (1 / math.expm1(w / T) + 0.5)

    edges = [1e-9, 2 * float(link.gap(hot)), 14.0]
    total = sum(
        quad(lambda w: one_way(w, hot) - one_way(w, cold), a, b, epsabs=1e-12, limit=200)[0]
        for a, b in itertools.pairwise(edges)
    )
    return {"off": abs(total * BOLTZMANN**2 / PLANCK / link.power(hot, cold) - 1)}


@claim(
    "sn-closed-form",
    SN,
    "after eq. 3",
    "for resistors Q = tau0(R_S/R_D) pi^2 kB^2 (T_S^2 - T_D^2)/(6h)",
    say="equal to {off:bound} above Tc",
    rule=holds_if(lambda v: v["off"] < 1e-8),
    command=HEAT,
)
def closed_form() -> Values:
    """The normal source of the program against the formula."""
    off = 0.0
    for r in RATIOS:
        exact = matched(1 + r) * math.pi**2 * BOLTZMANN**2 * (0.45**2 - 0.1**2) / (6 * PLANCK)
        off = max(off, abs(sn(r).power(0.45, 0.1) / exact - 1))
    return {"off": off}


@claim(
    "sn-matching",
    SN,
    "Fig. 1(b)",
    "tau0 is largest, and 1, for R_S = R_D",
    say="largest at R_S/R_D = {place:.6f}, {value:.6f}",
    rule=holds_if(lambda v: abs(v["place"] - 1) < 1e-4),
)
def matching() -> Values:
    """The maximum of tau0 on a logarithmic scale."""
    best = minimize_scalar(lambda s: -matched(math.exp(s)), bounds=(-2, 2), method="bounded", options={"xatol": 1e-9})
    return {"place": math.exp(best.x), "value": -best.fun}


@claim(
    "sn-ideal-step",
    SN,
    "Fig. 1(c), (d)",
    "a source whose resistance jumps from R_D at Tc has negative conductance",
    say="Q falls there by {drops:.0%} for R_S/R_D = {ratios} above",
    rule=holds_if(lambda v: min(v["drops"]) > 0 and v["drops"] == sorted(v["drops"])),
)
def ideal_step() -> Values:
    """1 - tau0 at the jump."""
    ratios = [6, 11, 37, 101]
    return {"ratios": ratios, "drops": [1 - matched(x) for x in ratios]}


@claim(
    "sn-stefan",
    SN,
    "after eq. 3, note 46",
    "the constant is pi^2 kB^2/(3h), and the heat has half of it",
    say="a matched link carries {half:.6f} of pi^2 kB^2/(3h) (T_S^2 - T_D^2)",
    rule=holds_if(lambda v: abs(v["half"] - 0.5) < 1e-8),
)
def stefan() -> Values:
    """A link without superconductor."""
    constant = math.pi**2 * BOLTZMANN**2 / (3 * PLANCK)
    return {"half": sn(0.0).power(0.3, 0.1) / (constant * (0.3**2 - 0.1**2))}


@claim(
    "sn-wavelength",
    SN,
    "note 39",
    "h c/(kB T) = 1.4 cm at 1 K",
    say="{length:.2f} cm",
    rule=holds_if(lambda v: round(v["length"], 1) == 1.4),
)
def wavelength() -> Values:
    """Photon thermal wavelength, cm."""
    return {"length": 100 * PLANCK * LIGHT / BOLTZMANN}


@claim(
    "sn-gap-law",
    SN,
    "after eq. 6, note 56",
    "Delta(T) = Delta0 tanh(1.74 sqrt(Tc/T - 1)) errs by less than 3 %",
    say="{worst:.1%} at most against the equation of BCS, at {place:.2f} Tc",
    rule=holds_if(lambda v: v["worst"] < 0.03),
)
def gap_error() -> Values:
    """The largest relative error on a grid of temperatures."""
    t = np.linspace(0.05, 0.995, 64)
    exact = np.array([circuits.bcs_gap(float(x)) for x in t])
    error = np.abs(np.tanh(1.74 * np.sqrt(1 / t - 1)) / exact - 1)
    return {"worst": float(error.max()), "place": float(t[error.argmax()])}


@claim(
    "sn-gap-printed",
    SN,
    f"after eq. 6, as set in one copy ({SHEET})",
    "Delta(T) = Delta0 tanh(1.74 sqrt(Tc/T) - 1)",
    say="at Tc that is {jump:.3f} Delta0 and not 0: Q would jump by {jump_of_Q:.1%}; the bracket belongs under the "
    "root",
    rule=corrected_if(lambda v: v["jump"] > 0.5),
    note="E10",
)
def gap_as_printed() -> Values:
    """The misprinted gap at Tc, and the jump of Q (r = 36) that it makes."""
    T = Tc_Ti * (1 - 1e-9)
    wrong = sn(36, gap_law="gap_printed")
    return {
        "jump": gap_printed(T, Tc_Ti, 1.76) / gap_law(1e-3, Tc_Ti, 1.76),
        "jump_of_Q": wrong.power(T, T_D) / wrong.power(Tc_Ti, T_D) - 1,
    }


def literal_sigma1(w: float, t: float) -> float:
    """Eq. 4, energies in the gap."""

    def f(E: float) -> float:
        return 1 / (math.exp(E / t) + 1)

    def first(s: float) -> float:  # E = 1 + s^2 takes the root away
        E = 1 + s * s
        nu = (E * (E + w) + 1) / (math.sqrt(E + 1) * math.sqrt((E + w) ** 2 - 1))
        return 2 * nu * (f(E) - f(E + w))

    def second(u: float) -> float:  # E = mid + half sin u, both ends
        half, mid = (w - 2) / 2, -w / 2
        E = mid + half * math.sin(u)
        nu = (E * (E + w) + 1) / math.sqrt(abs((E * E - 1) * ((E + w) ** 2 - 1)))
        return nu * (1 - 2 * f(E + w)) * half * math.cos(u)

    total = 2 / w * quad(first, 0, math.sqrt(40 * t), epsabs=1e-13, limit=200)[0]
    if w > 2:
        total -= quad(second, -math.pi / 2, math.pi / 2, epsabs=1e-12, limit=400)[0] / w
    return total


def literal_sigma2(w: float, t: float, *, modulus: bool) -> float:
    """Eq. 5 with the modulus of nu, or with that of the root only; energies in the gap."""
    low = max(-1.0, 1 - w)

    def integrand(u: float) -> float:
        E = (1 + low) / 2 + (1 - low) / 2 * math.sin(u)
        value = (E * (E + w) + 1) / math.sqrt(abs((1 - E * E) * ((E + w) ** 2 - 1)))
        value = abs(value) if modulus else value
        return value * (1 - 2 / (math.exp((E + w) / t) + 1)) * (1 - low) / 2 * math.cos(u)

    return quad(integrand, -math.pi / 2, math.pi / 2, epsabs=1e-12, limit=400)[0] / w


@claim(
    "sn-mattis-bardeen",
    SN,
    "eqs 4 to 6",
    "sigma1 and sigma2 of Mattis and Bardeen",
    say="eq. 4, and eq. 5 below 2 Delta, by plain quadrature: the program's to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-6),
    note="E11 above 2 Delta",
)
def conductivities() -> Values:
    """Literal quadrature at four photon energies against `mattis_bardeen`."""
    t, D = 0.4, 1.76 * BOLTZMANN * Tc_Ti
    off = 0.0
    for w in (0.5, 1.5, 2.5, 4.0):
        one, two = mattis_bardeen(w * D, t * D / BOLTZMANN, D)
        off = max(off, abs(float(one) / literal_sigma1(w, t) - 1))
        if w < 2:
            off = max(off, abs(float(two) / literal_sigma2(w, t, modulus=True) - 1))
    return {"off": off}


@claim(
    "sn-eq5",
    SN,
    "eq. 5, note 55",
    "sigma2 integrates |nu(E, E')|",
    say="EE' + Delta^2 changes its sign for omega > 2 Delta: sigma2 = {derived:.8f} at T -> 0, omega = 2.5 Delta, "
    "{printed:.4f} as printed; Q at r = 36, 0.35 K changes by {change_of_Q:.1e}",
    rule=corrected_if(lambda v: abs(v["literal"] / v["derived"] - 1) < 1e-6),
    note="E11",
)
def eq5() -> Values:
    """sigma2 both ways."""
    D, T = BOLTZMANN, 1e-3  # a gap of 1 K
    derived, printed = (float(mattis_bardeen(2.5 * D, T, D, sigma2=form)[1]) for form in ("derived", "eq5_printed"))
    wrong = sn(36, sigma2="eq5_printed")
    return {
        "derived": derived,
        "printed": printed,
        "literal": literal_sigma2(2.5, 1e-2, modulus=False),
        "change_of_Q": abs(wrong.power(0.35, T_D) / sn(36).power(0.35, T_D) - 1),
    }
