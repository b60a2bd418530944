"""[NIS], Figs 3 and 4 and the outlook: the two set-ups and the devices."""

from __future__ import annotations

import math

from scipy.optimize import brentq, minimize_scalar

from claims import runs
from claims.circuits import fall, falling_from, left_temperatures, nis, responsivity
from claims.quantities import three_states
from claims.registry import NIS, Values, claim, corrected_if, holds_if, open_claim

FIRST, SECOND = "femtdgl run problems/nis_setup1.toml", "femtdgl run problems/nis_setup2.toml"
FW = 1e-15


@claim(
    "nis-falls",
    NIS,
    "Fig. 3(b), (c)",
    "T_L falls for T_R above 200 mK at constant power",
    say="silver from {silver:.0f} mK, InAsOI from {InAsOI:.0f} mK, at 10, 30, 100 fW",
    rule=holds_if(lambda v: max(*v["silver"], *v["InAsOI"]) < 200),
    command=FIRST,
)
def falls() -> Values:
    """Where dT_L/dT_R turns negative."""
    return {device: [falling_from(device, P * FW) for P in (10, 30, 100)] for device in ("silver", "InAsOI")}


@claim(
    "nis-larger-fall",
    NIS,
    "Fig. 3(d), (e)",
    "InAsOI shows larger dT, being coupled less to the phonons",
    say="InAsOI {InAsOI:.1f}, silver {silver:.1f} mK at {powers:g} fW; so up to {until:.0f} fW",
    rule=corrected_if(lambda v: v["InAsOI"][0] > v["silver"][0] and v["InAsOI"][-1] < v["silver"][-1]),
    command=FIRST,
)
def larger_fall() -> Values:
    """delta T of both at three powers."""
    powers = [10, 100, 1000]
    until = brentq(lambda P: fall("InAsOI", P * FW) - fall("silver", P * FW), 100, 1000, xtol=1.0)
    return {"powers": powers, "until": until, **{d: [fall(d, P * FW) for P in powers] for d in ("silver", "InAsOI")}}


@claim(
    "nis-steepest",
    NIS,
    "Fig. 3(f)",
    "silver responds most steeply at about 100 fW",
    say="dT_L/dT_R = {values:.4f} at {powers:g} fW; the steepest, {best:.4f}, at {at:.0f} fW",
    rule=corrected_if(lambda v: abs(v["values"][-1] / v["best"] - 1) < 0.1),
    note="flat",
    command=FIRST,
)
def steepest() -> Values:
    """Responsivity of silver by power."""
    powers = [30, 50, 100]
    best = minimize_scalar(
        lambda s: responsivity("silver", math.exp(s) * FW),
        bounds=(math.log(20), math.log(200)),
        method="bounded",
        options={"xatol": 0.02},
    )
    return {
        "powers": powers,
        "values": [responsivity("silver", P * FW) for P in powers],
        "best": float(best.fun),
        "at": math.exp(best.x),
    }


@claim(
    "nis-working-point",
    NIS,
    "Fig. 3(b)",
    "that is at T_L of about 500 mK",
    say="{high:.1f} to {low:.1f} mK at 100 fW",
    rule=holds_if(lambda v: abs(v["high"] - 500) < 25),
    command=FIRST,
)
def working_point() -> Values:
    """T_L of silver at 100 fW, cold and at its least, mK."""
    T = left_temperatures("silver", 100 * FW)[0]
    return {"high": 1e3 * float(T[0]), "low": 1e3 * float(T.min())}


@claim(
    "nis-suppressed",
    NIS,
    "Fig. 3(d)",
    "at higher T_L the phonons suppress the effect",
    say="dT of silver {values:.1f} mK at {powers:g} fW",
    rule=holds_if(lambda v: v["values"][-1] < max(v["values"])),
    command=FIRST,
)
def suppressed() -> Values:
    """delta T of silver up to 1 pW."""
    powers = [30, 100, 300, 1000]
    return {"powers": powers, "values": [fall("silver", P * FW) for P in powers]}


@claim(
    "nis-ten-mK",
    NIS,
    "conclusion",
    "dT of at least 10 mK for powers above 10 fW (set-up 1)",
    say="silver {silver:.1f} mK at {powers:g} fW, InAsOI {InAsOI:.1f} mK; silver passes 10 mK at {at:.1f} fW, InAsOI "
    "falls below it "
    "at {until:.1f} pW",
    rule=corrected_if(lambda v: v["silver"][0] < 10 < v["silver"][2]),
    command=FIRST,
)
def ten_millikelvin() -> Values:
    """delta T of set-up 1."""
    powers = [10, 12, 15, 100]
    at = brentq(lambda P: fall("silver", P * FW) - 10, 10, 20, xtol=1e-3)
    until = brentq(lambda P: fall("InAsOI", P * FW) - 10, 1e3, 1e4, xtol=1.0)
    return {
        "powers": powers,
        "at": at,
        "until": until / 1e3,
        **{d: [fall(d, P * FW) for P in powers] for d in ("silver", "InAsOI")},
    }


@claim(
    "nis-ten-mK-second",
    NIS,
    "conclusion",
    "the same in set-up 2",
    say="silver {silver:.1f} mK at {powers:g} fW; InAsOI {InAsOI:.1f} mK",
    rule=holds_if(lambda v: min(*v["silver"], *v["InAsOI"]) >= 10),
    command=SECOND,
)
def ten_millikelvin_second() -> Values:
    """delta T of set-up 2."""
    powers = [10, 30, 100]
    return {"powers": powers, **{d: [fall(d, P * FW, 2) for P in powers] for d in ("silver", "InAsOI")}}


@claim(
    "nis-robust",
    NIS,
    "after Fig. 1",
    "results are robust against Gamma, as T > 0.2 Tc",
    say="dT of silver at 10, 30, 100 fW: {g5:.2f} mK at Gamma = 1e-5, {g4:.2f} at 1e-4, {g3:.2f} at 1e-3, {g2:.2f} at "
    "1e-2",
    rule=corrected_if(lambda v: v["g3"][0] < 1 and v["g3"][2] > 15),
    note="at the largest power only",
    command=FIRST,
)
def robust() -> Values:
    """delta T of set-up 1 by Gamma."""
    return {f"g{n}": [fall("silver", P * FW, 1, 10.0**-n) for P in (10, 30, 100)] for n in (5, 4, 3, 2)}


@claim(
    "nis-second-rise",
    NIS,
    "Fig. 4(b), (c)",
    "beyond its minimum T_L rises faster in set-up 2",
    say="dT_L/dT_R at 600 mK, 100 fW: silver {silver:.3f} in place of {silver_first:.3f}, InAsOI {InAsOI:.3f} in place "
    "of "
    "{InAsOI_first:.3f}",
    rule=holds_if(lambda v: v["silver"] > v["silver_first"] and v["InAsOI"] > v["InAsOI_first"]),
    command=SECOND,
)
def second_rise() -> Values:
    """Slopes at the warm end."""
    values: Values = {}
    for device in ("silver", "InAsOI"):
        values[device] = float(left_temperatures(device, 100 * FW, 2)[1][-1])
        values[f"{device}_first"] = float(left_temperatures(device, 100 * FW, 1)[1][-1])
    return values


@claim(
    "nis-second-fall",
    NIS,
    "Fig. 4(d), (e)",
    "dT is reduced in set-up 2, especially for silver",
    say="at 100 fW silver {silver[0]:.1f} to {silver[1]:.1f} mK, InAsOI {InAsOI[0]:.1f} to {InAsOI[1]:.1f} mK",
    rule=holds_if(lambda v: v["silver"][1] / v["silver"][0] < v["InAsOI"][1] / v["InAsOI"][0] < 1),
    command=SECOND,
)
def second_fall() -> Values:
    """delta T of both set-ups."""
    return {d: [fall(d, 100 * FW, setup) for setup in (1, 2)] for d in ("silver", "InAsOI")}


@claim(
    "nis-second-response",
    NIS,
    "Fig. 4(f), (g)",
    "the negative responsivity is smaller there, less so for InAsOI",
    say="at 100 fW silver {silver[0]:.3f} to {silver[1]:.3f}, InAsOI {InAsOI[0]:.3f} to {InAsOI[1]:.3f}",
    rule=holds_if(lambda v: v["silver"][1] / v["silver"][0] < v["InAsOI"][1] / v["InAsOI"][0] < 1),
    command=SECOND,
)
def second_response() -> Values:
    """Responsivities of both set-ups."""
    return {d: [responsivity(d, 100 * FW, setup) for setup in (1, 2)] for d in ("silver", "InAsOI")}


@claim(
    "nis-diode",
    NIS,
    "conclusion",
    "with unlike reservoirs the set-up is a thermal diode: chi != 1, unlike gaps, or an NININ side",
    say="J forward over backward between 0.4 and 0.1 K: {areas:.2g} with chi = 2, {gaps:.2g} with Tc = 1.2 and 0.6 K, "
    "{normal:.3g} with a normal side",
    rule=holds_if(lambda v: max(abs(math.log(v[name])) for name in ("areas", "gaps", "normal")) > 0.5),
    command="femtdgl run problems/thermal_diode.toml",
)
def diode() -> Values:
    """J(0.4, 0.1)/J(0.1, 0.4) of thermal_diode."""
    scan = runs.summary("thermal_diode")["scan"]
    cases = {"areas": "unequal areas", "gaps": "unequal gaps", "normal": "NININ on the right"}
    hot = [round(T, 9) for T in scan["unequal areas"]["value"]].index(0.4)
    return {name: scan[case]["forward.rectification"][hot] for name, case in cases.items()}


@claim(
    "nis-lines",
    NIS,
    "conclusion",
    "impedances in the lines control the heat more precisely",
    say="{inductances:g} nH in the loop make J {shares:.2f} times as large at T_L = 0.5, T_R = 0.3 K",
    rule=holds_if(lambda v: max(v["shares"]) > 1.2 and min(v["shares"]) < 0.8),
)
def lines() -> Values:
    """J by the inductance of the line (junctions of 0.1 um^2), over that of none."""
    inductances = [1, 10, 100, 1000]
    bare = nis().power(0.5, 0.3)
    return {
        "inductances": inductances,
        "shares": [nis(line_inductance=L * 1e-9).power(0.5, 0.3) / bare for L in inductances],
    }


@claim(
    "nis-transistor",
    NIS,
    "conclusion",
    "negative conductance makes transistors and amplifiers of heat",
    say="gain {gain:.2f} of the heat from the source over that into the gate",
    rule=holds_if(lambda v: abs(v["gain"]) > 1),
    command="femtdgl run problems/thermal_transistor.toml",
)
def transistor() -> Values:
    """The largest gain of thermal_transistor."""
    scan = runs.summary("thermal_transistor")["scan"]["scan"]
    return {"gain": scan["largest_gain"]["photons"]}


@claim(
    "nis-memory",
    NIS,
    "conclusion",
    "and memories",
    say="two stable temperatures of one node, {states:.1f} mK, at 0.45 fW",
    rule=holds_if(lambda v: len(v["states"]) == 2),
    command="femtdgl run problems/thermal_memory.toml",
)
def memory() -> Values:
    """Stable roots of thermal_memory, mK."""
    roots = runs.summary("thermal_memory")["roots"]
    return {"states": [1e3 * r["temperatures"]["gate"] for r in roots if r["stable"]]}


@claim(
    "nis-several-states",
    NIS,
    "eq. 5",
    "T_L follows from the balance of heat currents",
    say="it may have several solutions: {T:.5f} K for silver, T_R = 0.6 K, 0.1 fW, bath 10 mK",
    rule=corrected_if(lambda v: len(v["T"]) == 3),
)
def several() -> Values:
    """All roots of one balance."""
    return three_states.compute()


@claim(
    "nis-switch",
    NIS,
    "conclusion",
    "the control of J enables switches of heat",
    say="an inductance in the line takes a machine from {warm:.0f} to {cold:.0f} mK beside an environment at 500 mK",
    rule=holds_if(lambda v: v["cold"] < 0.2 * v["warm"]),
    command="femtdgl run problems/thermal_switch.toml",
)
def switch() -> Values:
    """Temperatures of the machine of thermal_switch, mK."""
    cold, warm = runs.summary("thermal_switch")["scan"]["scan"]["temperature_ranges"]["machine"]
    return {"cold": 1e3 * cold, "warm": 1e3 * warm}


@claim(
    "nis-regulator",
    NIS,
    "conclusion",
    "and regulators",
    say="behind the source of [SN] a machine moves by {kept:.0f} mK while its environment goes from 250 to 500 mK, "
    "behind resistors by {plain:.0f} mK",
    rule=holds_if(lambda v: v["kept"] < 0.5 * v["plain"]),
    command="femtdgl run problems/thermal_regulator.toml",
)
def regulator() -> Values:
    """By how much the machine of thermal_regulator moves, mK."""
    scan = runs.summary("thermal_regulator")["scan"]
    moved = {case: curve["temperature_ranges"]["machine"] for case, curve in scan.items()}
    return {
        name: 1e3 * (moved[case][1] - moved[case][0])
        for name, case in (("kept", "r = 36"), ("plain", "plain resistors (r = 0)"))
    }


open_claim(
    "nis-outlook",
    NIS,
    "conclusion",
    "fully photonic logic, autonomous machines",
    "an outlook; transistor, memory, diode, switch and regulator are problems",
)
