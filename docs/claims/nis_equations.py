"""[NIS], equations and Fig. 1 and 2: junctions and the heat between two reservoirs."""

from __future__ import annotations

import math

import numpy as np
from scipy.constants import e as CHARGE
from scipy.constants import epsilon_0 as VACUUM
from scipy.constants import h as PLANCK
from scipy.constants import hbar as HBAR
from scipy.constants import k as BOLTZMANN
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from claims.circuits import NORMAL, Tc_Al, nis
from claims.registry import NIS, Values, claim, corrected_if, holds_if
from femtdgl.thermal import NISLink

T_L = 0.5
CHIS = (1.0, 2.0, 5.0)
HEAT = "femtdgl run problems/nis_heat_current.toml"
RESISTANCE = "femtdgl run problems/nis_resistance.toml"


def largest(link: NISLink) -> tuple[float, float]:
    """Largest J (fW) at T_L = 500 mK over T_R, and where (K)."""
    best = minimize_scalar(
        lambda T: -1e15 * link.power(T_L, T), bounds=(0.25, 0.48), method="bounded", options={"xatol": 1e-7}
    )
    return -float(best.fun), float(best.x)


def conductance(link: NISLink) -> float:
    """The most negative -dJ/dT_R at T_L = 500 mK, pW/K."""
    best = minimize_scalar(lambda T: link.slopes(T_L, T)[1] * -1e12, bounds=(0.15, 0.35), method="bounded")
    return float(best.fun)


def ratio(t: float, dynes: float = 1e-4) -> float:
    """R/R0 at t = T/Tc."""
    return nis(dynes=dynes).resistance_ratio(t * Tc_Al)


@claim(
    "nis-eq1",
    NIS,
    "eq. 1",
    "R of a junction from the current at a small voltage, with a Dynes density",
    say="eq. 1 integrated at e dV = 1e-3 kB T: the program's R to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-4),
)
def eq1() -> Values:
    """Eq. 1 by quadrature at 0.3 and 0.6 Tc, Gamma = 0.01 Delta(0)."""
    off = 0.0
    for t in (0.3, 0.6):
        D, G = math.tanh(1.74 * math.sqrt(1 / t - 1)) * 1.764 / t, 0.01 * 1.764 / t  # in kB T
        v = 1e-3

        def integrand(x: float, D: float = D, G: float = G, v: float = v) -> float:
            z = x - 1j * G
            N = abs((z / (np.sqrt(z - D) * np.sqrt(z + D))).real)
            return N * (1 / (math.exp(x - v) + 1) - 1 / (math.exp(x + v) + 1))

        current = quad(integrand, -60, 60, points=(-D, 0, D), limit=800, epsabs=1e-14, epsrel=1e-11)[0]
        off = max(off, abs(2 * v / current / ratio(t, 0.01) - 1))
    return {"off": off}


@claim(
    "nis-universal",
    NIS,
    "Fig. 1(c)",
    "R/R0 is a universal function of T/Tc",
    say="junctions with Tc = 0.3 and 1.2 K agree to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-9),
    command=RESISTANCE,
)
def universal() -> Values:
    """Two materials."""
    ts = (0.1, 0.3, 0.6, 0.9)
    return {"off": max(abs(nis(Tc=0.3).resistance_ratio(t * 0.3) / ratio(t) - 1) for t in ts)}


@claim(
    "nis-gamma",
    NIS,
    "Fig. 1(c)",
    "R/R0 depends on Gamma only for T below about 0.2 Tc",
    say="Gamma = 1e-5 and 1e-4 differ by {fine:.0%} at 0.2 Tc, 1e-4 and 1e-2 by {coarse:.0%} at 0.2 and {at04:.0%} at "
    "0.4 Tc",
    rule=corrected_if(lambda v: v["fine"] < 0.1 < v["at04"]),
    note="for small Gamma",
    command=RESISTANCE,
)
def gamma() -> Values:
    """Differences of R by Gamma."""
    return {
        "fine": ratio(0.2, 1e-5) / ratio(0.2, 1e-4) - 1,
        "coarse": ratio(0.2, 1e-4) / ratio(0.2, 1e-2) - 1,
        "at04": ratio(0.4, 1e-4) / ratio(0.4, 1e-2) - 1,
    }


@claim(
    "nis-eq4",
    NIS,
    "eq. 4",
    "the second term of the denominator is [omega/c]^2",
    say="eq. 3 gives r_L r_R (omega/omega_c)^2; with that eq. 4 is eq. 3 to {off:bound}, and the printed one has not "
    "its unit",
    rule=corrected_if(lambda v: v["off"] < 1e-12),
    note="E13",
)
def eq4() -> Values:
    """Eqs 3 and 4 at one frequency."""
    chi, c, A, r_L, r_R, w = 2.0, 0.05, 1e-13, 3e-11, 8e-11, 1e10
    R_L, R_R, C_L, C_R = r_L / A, r_R / (chi * A), c * A, c * chi * A
    eq3 = 4 * R_L * R_R / ((R_L + R_R) ** 2 + (w * R_L * R_R * (C_L + C_R)) ** 2)
    cutoff = 1 / ((1 + chi) * c * math.sqrt(r_L * r_R))
    return {"off": abs(4 * chi * r_L * r_R / ((chi * r_L + r_R) ** 2 + r_L * r_R * (w / cutoff) ** 2) / eq3 - 1)}


@claim(
    "nis-eq2",
    NIS,
    "eqs 2, 3",
    "J is the integral of hbar omega/2 pi tau (n_L - n_R)",
    say="by quadrature: the program's closed form to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-6),
)
def eq2() -> Values:
    """Eq. 2 literally at T_L = 0.5, T_R = 0.3 K."""
    link, hot, cold = nis(), 0.5, 0.3

    def integrand(x: float) -> float:  # hbar omega in kB K
        tau = float(link.transmission(x * BOLTZMANN, hot, cold))
        return x * tau * (1 / math.expm1(x / hot) - 1 / math.expm1(x / cold))

    total = quad(integrand, 1e-9, 25, limit=400, epsabs=1e-13, points=(0.01, 0.1, 1.0))[0]
    return {"off": abs(BOLTZMANN**2 / PLANCK * total / link.power(hot, cold) - 1)}


@claim(
    "nis-area",
    NIS,
    "after eq. 3",
    "J depends on the total impedances only and is invariant against the areas",
    say="a tenfold area changes J by {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def area() -> Values:
    """Two areas."""
    return {"off": abs(nis(area=1e-12).power(0.5, 0.3) / nis().power(0.5, 0.3) - 1)}


@claim(
    "nis-chi-as-r",
    NIS,
    "after eq. 4",
    "chi could also be a difference of the specific tunnel resistances",
    say="chi = 2 by area gives {by_area:.2f} fW at most, twice the conductance at equal areas {by_r:.2f}: the "
    "capacitance differs",
    rule=corrected_if(lambda v: abs(v["by_r"] / v["by_area"] - 1) < 0.5),
)
def chi_as_resistance() -> Values:
    """chi = 2 both ways."""
    return {"by_area": largest(nis())[0], "by_r": largest(nis(chi=1.0, r0_right=0.5e-11))[0]}


@claim(
    "nis-ndtc",
    NIS,
    "Fig. 2(a)",
    "J(T_R) is not monotonic at T_L = 500 mK",
    say="largest at T_R = {places:.4f} K, {largest:.4f} fW, for chi = {chis:g}",
    rule=holds_if(lambda v: max(v["places"]) < T_L - 0.01),
    command=HEAT,
)
def ndtc() -> Values:
    """Maxima of J."""
    found = [largest(nis(chi=chi)) for chi in CHIS]
    return {"chis": list(CHIS), "largest": [J for J, _ in found], "places": [T for _, T in found]}


@claim(
    "nis-best-chi",
    NIS,
    "Fig. 2(a)",
    "the optimal value is chi of about 2",
    say="the largest J is at chi = {chi:.2f}; {loss:.1%} less at 2",
    rule=corrected_if(lambda v: v["loss"] < 0.05),
    command=HEAT,
)
def best_chi() -> Values:
    """The chi with the largest J."""
    best = minimize_scalar(lambda chi: -largest(nis(chi=chi))[0], bounds=(1.2, 5), method="bounded")
    return {"chi": float(best.x), "loss": 1 - largest(nis())[0] / -best.fun}


@claim(
    "nis-conductance",
    NIS,
    "Fig. 2(b)",
    "the most negative conductance is at chi of about 2",
    say="{values:.3f} pW/K at chi = {chis:g}; the most negative, {best:.3f}, at {chi:.1f}",
    rule=corrected_if(lambda v: abs(v["values"][1] / v["best"] - 1) < 0.1),
    note="flat",
    command=HEAT,
)
def steepest() -> Values:
    """-dJ/dT_R by chi."""
    best = minimize_scalar(lambda chi: conductance(nis(chi=chi)), bounds=(1.5, 8), method="bounded")
    return {
        "chis": list(CHIS),
        "values": [conductance(nis(chi=chi)) for chi in CHIS],
        "best": float(best.fun),
        "chi": float(best.x),
    }


@claim(
    "nis-scaling",
    NIS,
    "after Fig. 2",
    "tau goes as 1/chi for chi >> 1 and as chi for chi << 1",
    say="d ln J/d ln chi = {large:.3f} at chi = 1e3 and {small:.3f} at 1e-3, T_L = 0.5, T_R = 0.3 K",
    rule=holds_if(lambda v: abs(v["large"] + 1) < 0.02 and abs(v["small"] - 1) < 0.02),
)
def scaling() -> Values:
    """Logarithmic slopes of J in chi."""

    def slope(chi: float) -> float:
        return math.log(nis(chi=1.1 * chi).power(0.5, 0.3) / nis(chi=chi / 1.1).power(0.5, 0.3)) / (2 * math.log(1.1))

    return {"large": slope(1e3), "small": slope(1e-3)}


@claim(
    "nis-small-chi",
    NIS,
    "after Fig. 2",
    "chi < 1 lowers J and moves its maximum to higher T_R; larger chi does the opposite",
    say="chi = 0.5: {low:.2f} fW at {low_at:.0f} mK; 1: {one:.2f} at {one_at:.0f}; 2: {two:.2f} at {two_at:.0f}",
    rule=holds_if(lambda v: v["low"] < v["one"] < v["two"] and v["low_at"] > v["one_at"] > v["two_at"]),
    command=HEAT,
)
def small_chi() -> Values:
    """Maxima at three chi."""
    values: Values = {}
    for name, chi in (("low", 0.5), ("one", 1.0), ("two", 2.0)):
        J, T = largest(nis(chi=chi))
        values |= {name: J, f"{name}_at": 1e3 * T}
    return values


@claim(
    "nis-capacitance",
    NIS,
    "parameters",
    "R_0/A = 10 Ohm um^2 and c = 50 pF/um^2",
    say="R_0 A is meant; 50 pF/um^2 needs an oxide of {oxide_printed:.1g} pm and lets J reach {printed:.3g} fW; 50 "
    "fF/um^2 is one of "
    "{oxide:.1f} nm, {derived:.3g} fW",
    rule=corrected_if(lambda v: v["printed"] < 0.01 * v["derived"]),
    note="E16",
    command=HEAT,
)
def capacitance() -> Values:
    """Oxide thickness (relative permittivity 9) and the largest J with both."""
    return {
        "oxide_printed": 1e12 * 9 * VACUUM / 50.0,
        "oxide": 1e9 * 9 * VACUUM / 0.05,
        "printed": largest(nis(variant="c_printed"))[0],
        "derived": largest(nis())[0],
    }


@claim(
    "nis-charging",
    NIS,
    "parameters",
    "the impedances allow to neglect charging effects and the wires' resistance",
    say="at 0.5 K a junction of 0.1 um^2 has {R:.3g} kOhm, {quantum:.1%} of h/e^2, and e^2/2C = {energy:.2f} kB T; at "
    "0.3 K "
    "{R_cold:.3g} kOhm and {energy_cold:.2f} kB T",
    rule=corrected_if(lambda v: v["R"] < 25.8 and v["energy"] < 1),
    note="with 50 fF/um^2 the charging energy is not small beside kB T",
)
def charging() -> Values:
    """Resistance and charging energy of a left junction."""
    C = 0.05 * 1e-13

    def R(T: float) -> float:
        return 100 * nis().resistance_ratio(T) / 1e3

    energy = CHARGE**2 / (2 * C) / BOLTZMANN
    return {
        "R": R(0.5),
        "R_cold": R(0.3),
        "quantum": 1e3 * R(0.5) * CHARGE**2 / PLANCK,
        "energy": energy / 0.5,
        "energy_cold": energy / 0.3,
    }


@claim(
    "nis-fluctuations",
    NIS,
    "before eq. 1",
    "voltage fluctuations are small enough for a linear junction",
    say="{low:.0f} to {high:.0f} uV rms (thermal part) beside kB T/e = {thermal_low:.0f} to {thermal_high:.0f} uV",
    rule=corrected_if(lambda v: v["high"] < v["thermal_low"]),
    note="smaller, but not much",
)
def fluctuations() -> Values:
    """Thermal rms voltage of the left junction, T_L = 0.3 to 0.6 K."""
    found = [1e6 * nis().voltage_fluctuation(T, 0.3) for T in (0.3, 0.4, 0.5, 0.6)]
    return {
        "low": min(found),
        "high": max(found),
        "thermal_low": 1e6 * BOLTZMANN * 0.3 / CHARGE,
        "thermal_high": 1e6 * BOLTZMANN * 0.6 / CHARGE,
    }


@claim(
    "nis-cutoff",
    NIS,
    "after Fig. 2",
    "tau saturates at frequencies below omega_c and kB T_L/hbar",
    say="hbar Om/kB = {cutoff:.0f} mK at T_L = T_R = 500 mK, chi = 2, and T_L is {T:.0f} mK: {first} first",
    rule=holds_if(lambda v: v["cutoff"] > 0),
)
def cutoff() -> Values:
    """The frequency of (7.3) as a temperature."""
    G_L, G_R = nis().conductances(T_L, T_L)
    cutoff = 1e3 * HBAR * (G_L + G_R) / sum(nis().capacitances()) / BOLTZMANN
    return {
        "cutoff": cutoff,
        "T": 1e3 * T_L,
        "first": "the photons end" if cutoff > 1e3 * T_L else "the circuit cuts off",
    }


@claim(
    "nis-couplings",
    NIS,
    "before Fig. 3",
    "both platforms couple weakly to phonons, InAsOI least",
    say="normal parts at 500 mK: silver {silver:.0f} fW, InAsOI {InAsOI:.0f} fW",
    rule=holds_if(lambda v: v["InAsOI"] < v["silver"]),
)
def couplings() -> Values:
    """Sigma V T^n, fW."""
    return {name: 1e15 * p["Sigma"] * p["volume"] * T_L ** p["exponent"] for name, p in NORMAL.items()}
