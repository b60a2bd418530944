"""The curves of a cooler: the plate against time, against kappa and against the thickness of the film.

Arrays by the names that they have in result.h5.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.thermal.cooler import Cooler, Mode, against_thickness, plate_temperature
from femtdgl.thermal.cooler_links import Pump
from femtdgl.thermal.network.transient import Transient

Named = Iterator[tuple[str, ArrayLike]]

TIME_CONSTANTS = 12.0
POINTS, KEPT = 4000, 200
"""Of a transient: solved, and stored, evenly and in equal ratios."""


def settling(cooler: Cooler, mode: Mode) -> Transient:
    """The plate from the temperature of the bath to where it stays."""
    run = cooler.approach(mode, relaxation(cooler, mode), points=POINTS)
    if run.crossings:  # it ended at Carnot's bound, long before that time: draw it as finely as the others
        run = cooler.approach(mode, 1.01 * run.t[-1], points=POINTS)
    return run


def relaxation(cooler: Cooler, mode: Mode) -> float:
    """A time after which the plate has settled: some C/G at the hotter of its two ends, s."""
    T = max(cooler.T_bath, cooler.steady(mode).T_cold)
    assert cooler.capacity is not None
    step = 1e-4 * T
    ways = cooler.ways_back
    conductance = (ways.power(T, T - step) - ways.power(T, T)) / step  # of the filaments and the leads
    return TIME_CONSTANTS * cooler.capacity * T**cooler.capacity_exponent / conductance


def transient_curves(run: Transient) -> Named:
    """A transient at its stored times, s: the plate, K, and what each link has carried, J."""
    last = run.t.size - 1
    kept = np.unique(np.r_[np.linspace(0, last, KEPT), np.geomspace(1, last, KEPT)].round().astype(int))
    yield "t", run.t[kept]
    yield "T_plate", run.temperatures["plate"][kept]
    for name, energy in run.energies.items():
        yield f"energy_{name}", energy[kept]


def kappa_curves(cooler: Cooler) -> Named:
    """T_cold against kappa, at the power of the run and at the largest that leaves the filament below Tc."""
    most, small = max(1.0, 2 * cooler.g_W), np.geomspace(1e-4, 0.1, 40)
    kappa = np.unique(np.r_[-small, np.linspace(-1.0, most, 121), small])
    yield "kappa", kappa
    yield "T_cold", [with_fraction(cooler, value) for value in kappa]
    gentle = cooler.at_largest_power()
    if gentle is not None:
        yield "T_cold_superconducting", [with_fraction(gentle, value) for value in kappa]


def with_fraction(cooler: Cooler, kappa: float) -> float:
    """T_c at another kappa, all else the same."""
    pump = Pump(kappa=kappa, P_joule=cooler.count * cooler.P_joule)
    return plate_temperature(pump, cooler.T_bath, cooler.ways_back, cooler.load)


def thickness_curves(cooler: Cooler) -> Named:
    """The filament and the plate in each mode, K, against the thickness of the film, m, at the same power density."""
    gentle = cooler.at_largest_power()
    thinnest = 1e-2 if gentle is None else min(1e-2, 0.2 * gentle.P_joule / cooler.P_joule)
    factors = np.geomspace(thinnest, 1e1, 241)
    others = against_thickness(cooler, list(factors))
    yield "d", cooler.leak.d * factors
    yield "T_filament", [T for _, T in others]
    for mode in cooler.modes:
        yield mode, [other.steady(mode).T_cold for other, _ in others]
