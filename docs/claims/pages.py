"""Quantities that flux.md, heat.md, cooler.md and photonic.md print, made of several entries or runs."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from claims import runs
from claims.circuits import COPPER, TITANIUM, Left, Tc_Al, Tc_Ti, left_temperatures, nis, sn_balance
from claims.psc_cooler import ALUMINIUM, SAPPHIRE, SILICA
from claims.registry import Values, quantity
from femtdgl.thermal import SuperconductorElectronPhonon
from femtdgl.thermal.kapitza import Interface
from femtdgl.thermal.lead import least_heat

COOLER, NEAR_TC = "femtdgl run problems/psc_cooler.toml", "femtdgl run problems/psc_cooler_near_tc.toml"


@quantity("interfaces")
def interfaces() -> Values:
    """Aluminium between silica and sapphire: sigma_K and the angles of total reflection, degrees."""
    top, bottom = Interface(film=ALUMINIUM, plate=SILICA), Interface(film=ALUMINIUM, plate=SAPPHIRE)
    longitudinal, transverse = bottom.critical_angles
    return {
        "sigma_top": top.sigma_K,
        "sigma_bottom": bottom.sigma_K,
        "top_transverse": top.critical_angles[1],
        "bottom_longitudinal": longitudinal,
        "bottom_transverse": transverse,
    }


@quantity("cooler", slow=True, command=COOLER)
def cooler() -> Values:
    """psc_cooler: what the emission may reach, the Joule heat per volume, the thinnest film, and the leak alone."""
    s, leak = runs.summary("psc_cooler"), runs.summary("psc_cooler", {"path.kind": "leak"})
    book, film = s["cooler"], s["filament"]
    carried = s["interfaces"]["bottom"]["sigma_K"] * book["area"] * (film["Tc"] ** 4 - book["T_bath"] ** 4)
    return {
        "most": book["g_W"] / (1 + book["g_W"]),
        "density": book["P_joule"] / (book["area"] * book["thickness"]),
        "thickest": book["thickness"] * carried / book["P_joule"],
        "by_leak": book["T_bath"] - leak["cooler"]["ideal"]["T_cold"],
    }


@quantity("cooler-near-tc", slow=True, command=NEAR_TC)
def cooler_near_tc() -> Values:
    """psc_cooler_near_tc: what ideal interfaces would do, and how much more Joule heat a warm filament has."""
    thick, cold = {"material.thickness": "5 nm"}, {"filament.self_heating": False}
    warm, without = runs.summary("psc_cooler_near_tc"), runs.summary("psc_cooler_near_tc", cold)
    warm_thick = runs.summary("psc_cooler_near_tc", thick)
    without_thick = runs.summary("psc_cooler_near_tc", {**cold, **thick})
    return {
        "ideal": warm["cooler"]["T_bath"] - warm["cooler"]["ideal"]["T_cold"],
        "gain": warm["cooler"]["P_joule"] / without["cooler"]["P_joule"] - 1,
        "gain_thick": warm_thick["cooler"]["P_joule"] / without_thick["cooler"]["P_joule"] - 1,
        "cold_thick": without_thick["filament"]["temperature"],
        "room_thick": without_thick["filament"]["Tc"] - without_thick["filament"]["temperature"],
    }


@quantity("nis-drain", slow=True, command="femtdgl run problems/psc_nis_drain.toml")
def nis_drain() -> Values:
    """psc_nis_drain: the heat that the electrons give to the phonons of the film, W and over the Joule heat."""
    s = runs.summary("psc_nis_drain")
    flow = s["heat"]["flows"]["electrons_to_phonons"]
    return {"watts": flow * s["heat"]["units"]["power"], "share": flow / s["mean_joule"]}


@quantity("heated-period", slow=True, command="femtdgl run problems/heated_filament.toml")
def heated_period() -> Values:
    """heated_filament against psc_filament."""
    warm, cold = runs.summary("heated_filament")["period"], runs.summary("psc_filament")["period"]
    return {"fall": 1 - warm / cold}


@quantity("sn-end")
def sn_end() -> Values:
    """[SN] Fig. 3 where the source is at Tc: the powers into copper, titanium and photons, pW; what 2.25 pW leaves."""

    def at_Tc(power: float) -> float:
        return sn_balance(power * 1e-12, 3e9).steady().temperatures["source"] - Tc_Ti

    power = brentq(at_Tc, 1.0, 4.0, xtol=1e-6)
    step = 1e12 * (Tc_Ti**5 - 0.03**5)
    copper, titanium = 3e9 * COPPER * step, 1.3e9 * TITANIUM * step
    photons = power - copper - titanium
    left = 2.25 - titanium - photons
    return {
        "copper": copper, "titanium": titanium, "photons": photons, "left": left, "Sigma": left / (COPPER * step),
    }  # fmt: skip


@quantity("nis-printed-fall")
def printed_fall() -> Values:
    """How far T_L moves with 50 pF/um^2 (E16): delta T of set-up 1 at 10 to 300 fW, mK."""
    found = []
    for device in ("silver", "InAsOI"):
        for power in (10, 30, 100, 300):
            left = Left(device, power * 1e-15)
            left.photons = nis(variant="c_printed")
            T = [left.temperature(0.01)]
            for T_R in np.linspace(0.05, 0.6, 23):
                T.append(left.temperature(float(T_R), T[-1]))
            found.append(1e3 * (T[0] - min(T)))
    return {"least": min(found), "most": max(found)}


@quantity("nis-dynes-temperature")
def dynes_temperature() -> Values:
    """Largest relative change of T_L by Gamma = 1e-4 Delta in the sink of the aluminium (E15), at 10 to 300 fW."""
    values: Values = {}
    for device in ("silver", "InAsOI"):
        worst = 0.0
        for power in (10, 30, 100, 300):
            left = Left(device, power * 1e-15)
            bcs = float(left_temperatures(device, power * 1e-15)[0][0])
            volume = left.sinks[1].volume
            broad = SuperconductorElectronPhonon(Sigma=3e8, volume=volume, Tc=Tc_Al, dynes=1e-4)
            left.sinks = (left.sinks[0], broad)
            worst = max(worst, abs(left.temperature(0.01, bcs) / bcs - 1))
        values[device] = worst
    return values


@quantity("transistor", command="femtdgl run problems/thermal_transistor.toml")
def transistor() -> Values:
    """Where the gain of thermal_transistor is largest, fW."""
    curve = runs.summary("thermal_transistor")["scan"]["scan"]
    heat, power = np.array(curve["value"]), np.array(curve["up"]["P"]["photons"])
    gain = np.gradient(power, heat)
    return {"gain": float(gain[np.abs(gain).argmax()]), "at": 1e15 * float(heat[np.abs(gain).argmax()])}


@quantity("leads-near-tc", slow=True, command=NEAR_TC)
def leads_near_tc() -> Values:
    """Least heat of two normal leads to the plate of psc_cooler_near_tc at its target, and what "ideal" takes, W."""
    book = runs.summary("psc_cooler_near_tc")["cooler"]
    least, pumped = (
        2 * least_heat(book["bias_current"], book["T_bath"], book["T_target"]),
        book["g_W"] * book["P_joule"],
    )
    return {"least": least, "pumped": pumped, "filaments": least / pumped}
