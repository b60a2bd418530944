"""`self_heating = true`: the filament of a cooler is run with its own heat.

The bottom interface is its only way out (in a steady state the plate keeps nothing): in its own units

    power density sigma_bottom Tc^4/(d j0 V0/xi) [(T/Tc)^4 - (T_b/Tc)^4].
"""

from __future__ import annotations

from dataclasses import replace

from femtdgl.errors import InputError
from femtdgl.kinds.cooler.source import Source
from femtdgl.problem.heat import Heat, Join
from femtdgl.problem.problem import Problem
from femtdgl.thermal.cooler import Cooler
from femtdgl.thermal.kapitza import Kapitza
from femtdgl.thermal.network.network import Node
from femtdgl.units import Scales


def self_heated(source: Source, scales: Scales, cooler: Cooler) -> Problem:
    """The filament with its own heat: electrons of eta, no heat through the banks, the bottom interface below."""
    filament = source.problem
    if source.stored is not None or filament.heat is not None or filament.film.scales is not None:
        raise InputError(
            "needs a filament that is run here, in reduced units and without [heat]",
            key="filament.self_heating",
            allowed="false, or such a filament",
        )
    if abs(scales.eta - filament.film.eta) > 1e-6:
        raise InputError(
            f"gives eta = {scales.eta:.6g}, the filament has {filament.film.eta:.6g}",
            key="material.T0",
            allowed="with self_heating the temperature of that eta, or none",
        )
    unit = scales.power_density * cooler.leak.d / scales.Tc**4
    bath = cooler.T_bath / scales.Tc
    below = Join(
        between=("surface", "bath"), link=Kapitza(area=1.0, sigma_K=cooler.bottom.sigma_K / unit), per_size=True
    )
    heat = Heat(bath=bath, hold=(), nodes={"bath": Node(temperature=bath)}, links={"bottom": below})
    return replace(filament, heat=heat)
