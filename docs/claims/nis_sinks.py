"""[NIS], the exchange with phonons, and what the model takes for granted."""

from __future__ import annotations

from claims.circuits import Tc_Al
from claims.registry import NIS, Values, claim, corrected_if, open_claim
from femtdgl.thermal import SuperconductorElectronPhonon


@claim(
    "nis-coth",
    NIS,
    "J_ph,S",
    "the bath's term has coth[eps/(2 kB T_bath)], eps the electron's energy",
    say="it drives heat at equal temperatures and grows {doubling:.0f}-fold when the cutoff doubles; with the phonon's "
    "energy "
    "it is eqs 8, 9 of [SN]",
    rule=corrected_if(lambda v: v["doubling"] > 16 and v["derived"] == 0),
    note="E14",
)
def coth() -> Values:
    """The printed form at equal temperatures for two cutoffs."""

    def power(cutoff: float) -> float:
        link = SuperconductorElectronPhonon(
            Sigma=3e8, volume=4e-21, Tc=Tc_Al, dynes=1e-4, form="coth_printed", cutoff=cutoff
        )
        return link.power(0.3, 0.3)

    derived = SuperconductorElectronPhonon(Sigma=3e8, volume=4e-21, Tc=Tc_Al, dynes=1e-4)
    return {"doubling": power(80.0) / power(40.0), "derived": derived.power(0.3, 0.3)}


open_claim(
    "nis-one-temperature",
    NIS,
    "before Fig. 3",
    "superconductor and normal metal of a reservoir are at one temperature",
    "taken for granted by the model; the heat through the junctions themselves is not in the program",
)
open_claim(
    "nis-mirrors",
    NIS,
    "introduction",
    "clean contacts are Andreev mirrors that keep quasiparticles from diffusing",
    "taken for granted by the model",
)
open_claim(
    "nis-dissipation-theorem",
    NIS,
    "after eq. 3",
    "the fluctuation-dissipation theorem holds for junctions in equilibrium",
    "the premise of eq. 2, not tested by it",
)
