"""[PSC], sections 3.2 and 3.3: thermal diodes and the cooler."""

from __future__ import annotations

from claims import runs
from claims.psc_equations import period_command
from claims.registry import PSC, Values, claim, corrected_if, holds_if, open_claim
from femtdgl.problem.presets import SOLIDS
from femtdgl.thermal import Cooler, Kapitza, Leak
from femtdgl.thermal.kapitza import Interface, acoustic_mismatch, critical_angle, mean_transmission

RUN = "femtdgl run problems/psc_cooler.toml"
SILICA, ALUMINIUM, SAPPHIRE = (SOLIDS[name] for name in ("fused silica", "aluminium", "sapphire"))


@claim(
    "psc-diode",
    PSC,
    "3.2",
    "Kapitza resistance depends on the direction of the heat transfer: a thermal diode",
    say="sigma_K of aluminium to sapphire is {forward:.4g} W/(m^2 K^4) from either side, to {off:bound}; the "
    "transmissions "
    "differ by the inverse of the numbers of phonons that arrive",
    rule=holds_if(lambda v: v["off"] > 1e-6),
)
def diode() -> Values:
    """(5.2) from both sides."""
    forward, backward = acoustic_mismatch(ALUMINIUM, SAPPHIRE), acoustic_mismatch(SAPPHIRE, ALUMINIUM)
    return {"forward": forward, "off": abs(backward / forward - 1)}


@claim(
    "psc-reciprocity",
    PSC,
    "3.2",
    "phonons pass from lower to higher acoustic density, not the other way",
    say="Gamma/s^2 of silicon and tin is the same both ways to {off:bound}, with transmissions {out:.3f} and "
    "{back:.3f}",
    rule=holds_if(lambda v: v["off"] > 1e-6),
)
def reciprocity() -> Values:
    """Gamma12/s1^2 = Gamma21/s2^2 for longitudinal phonons of silicon and tin."""
    a, b = SOLIDS["silicon"], SOLIDS["tin"]
    out = mean_transmission(a.density, a.longitudinal, b.density, b.longitudinal)
    back = mean_transmission(b.density, b.longitudinal, a.density, a.longitudinal)
    return {"out": out, "back": back, "off": abs(out / a.longitudinal**2 * b.longitudinal**2 / back - 1)}


@claim(
    "psc-reflection",
    PSC,
    "3.2, Fig. 3",
    "total reflection is set by rho u: out of the film towards a plate of lower rho u, not towards a higher one",
    say="silica, aluminium, sapphire have rho u = {densities:.1f} 10^6 kg/(m^2 s), as wanted; aluminium's longitudinal "
    "phonons have no critical angle towards silica and one of {critical:.0f} degrees towards sapphire: it is u alone",
    rule=holds_if(lambda v: v["towards_silica"] and v["critical"] == 90),
    note="E9",
)
def reflection() -> Values:
    """rho s of the three solids, and critical angles out of aluminium."""
    solids = (SILICA, ALUMINIUM, SAPPHIRE)
    return {
        "densities": [s.density * s.longitudinal / 1e6 for s in solids],
        "towards_silica": critical_angle(ALUMINIUM.longitudinal, SILICA.longitudinal) is not None,
        "critical": critical_angle(ALUMINIUM.longitudinal, SAPPHIRE.longitudinal) or 90,
    }


@claim(
    "psc-leak",
    PSC,
    "eqs 14, 15",
    "kappa must exceed k S (Tb - Tcold)/(d J V)",
    say="for aluminium of 20 nm and 0.9 K that is {bare:.3g}, beyond Carnot's {carnot:.2g}; with the Kapitza "
    "resistances "
    "in series with the film it is {series:.2g}",
    rule=corrected_if(lambda v: v["series"] < 1 < v["bare"]),
    slow=True,
    command=RUN,
)
def leak() -> Values:
    """(5.4) for the leak alone and for the stack."""
    book = runs.summary("psc_cooler")["cooler"]
    return {"bare": book["kappa_needed_bare"], "series": book["kappa_needed_series"], "carnot": book["kappa_carnot"]}


@claim(
    "psc-gW",
    PSC,
    "3.3",
    "kappa < 1 can be computed by integrating the phonon fluxes over frequency and period",
    say="the integral is zero (E7); the heat absorbed in a cycle, by (2.7), is {published:.4f} of the Joule heat with "
    "the printed "
    "interference, {consistent:.3f} corrected, {off:.4f} without",
    rule=corrected_if(lambda v: 0 < v["published"] < 1),
    note="E1, E7",
    slow=True,
    command=f"{period_command('film.interference=consistent')}, femtdgl flux results/psc_filament",
)
def g_W() -> Values:
    """g_W of psc_filament with the three coefficients of the interference current."""
    return {
        c: runs.flux("psc_filament", f'{{"film.interference": "{c}"}}')["g_W"]
        for c in ("published", "consistent", "off")
    }


@claim(
    "psc-kappa",
    PSC,
    "3.2, 3.3",
    "passive interfaces of different acoustic density separate absorption from emission",
    say="kappa = {kappa:.3f} for silica, aluminium, sapphire: reciprocity gives {phi:.3f} of both to the plate, "
    "whatever g_W is",
    rule=holds_if(lambda v: v["kappa"] > 0),
)
def kappa() -> Values:
    """(5.5) with passive shares."""
    top, bottom = Interface(film=ALUMINIUM, plate=SILICA).sigma_K, Interface(film=ALUMINIUM, plate=SAPPHIRE).sigma_K
    return {"phi": top / (top + bottom), "kappa": -top / (top + bottom)}


@claim(
    "psc-p",
    PSC,
    "3.3, footnote",
    "the two interfaces' p-factors make kappa positive",
    say="p = 0.1 for the two ways that should be closed leaves kappa = {kappa:.3f}: {emission:.0%} of the emission "
    "reaches the "
    "plate, {most:.1%} is what it bears; and no passive interface has such p",
    rule=holds_if(lambda v: v["kappa"] > 0),
    slow=True,
    command=RUN,
)
def factors() -> Values:
    """Mode "paper" of psc_cooler."""
    book = runs.summary("psc_cooler")["cooler"]
    mode = book["paper"]
    return {
        "kappa": mode["kappa"],
        "emission": mode["phi_em"],
        "most": mode["phi_abs"] * book["g_W"] / (1 + book["g_W"]),
    }


@claim(
    "psc-cooling",
    PSC,
    "abstract, 3.3",
    "from Tb = 1 K sub-Kelvin temperatures are reached",
    say="a film of 20 nm would be at {film:.2f} K, above its Tc of {Tc:.2f} K; the plate on passive interfaces ends at "
    "{plate:.2f} K",
    rule=holds_if(lambda v: v["plate"] < 1 and v["film"] < v["Tc"]),
    slow=True,
    command=RUN,
)
def cooling() -> Values:
    """Film and plate of psc_cooler, mode "reciprocal"."""
    s = runs.summary("psc_cooler")
    return {
        "film": s["filament"]["temperature"],
        "Tc": s["filament"]["Tc"],
        "plate": s["cooler"]["reciprocal"]["T_cold"],
    }


@claim(
    "psc-cooling-near-tc",
    PSC,
    "abstract, 3.3",
    "the same where the film stays superconducting (2 nm, 1 % below Tc)",
    say="film {film:.4f} K, plate on passive interfaces {above:.1f} mK above the bath",
    rule=holds_if(lambda v: v["above"] < 0),
    slow=True,
    command="femtdgl run problems/psc_cooler_near_tc.toml",
)
def cooling_near_tc() -> Values:
    """psc_cooler_near_tc."""
    s = runs.summary("psc_cooler_near_tc")
    return {
        "film": s["filament"]["temperature"],
        "above": 1e3 * (s["cooler"]["reciprocal"]["T_cold"] - s["cooler"]["T_bath"]),
    }


@claim(
    "psc-series",
    PSC,
    "3.3",
    "filaments in series keep the bias current small while the cooling power is much larger",
    say="100 of them take 100 times the heat from a load, and a bare plate to the same {one:.4f} K as one (a pump with "
    "kappa = {kappa:g}): {hundred:.4f} K",
    rule=corrected_if(lambda v: abs(v["one"] - v["hundred"]) < 1e-9),
)
def in_series() -> Values:
    """A hypothetical ideal pump, one and a hundred filaments, no load."""

    def cold(count: int) -> float:
        cooler = Cooler(
            T_bath=1.0,
            P_joule=1e-9,
            g_W=0.05,
            top=Kapitza(area=1e-10, sigma_K=400.0),
            bottom=Kapitza(area=1e-10, sigma_K=100.0),
            leak=Leak(k=1.0, S=1e-12, d=1e-3),
            path="leak",
            count=count,
        )
        return cooler.steady("ideal").T_cold

    return {"one": cold(1), "hundred": cold(100), "kappa": 0.05}


open_claim(
    "psc-lead-heat",
    PSC,
    "3.3",
    "the leads' heat load stays small for filaments in series",
    "the paper gives no leads; a load on the plate may be given to a cooler",
)
open_claim("psc-other-diodes", PSC, "3.2, footnote", "there are many other thermal diodes", "other papers")
