"""Sentences about what the numbers of a run cannot be used for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from femtdgl.kinds.filament.summary import HeatSummary
from femtdgl.problem.heat import of_electrons

LEDGER_TOLERANCE = 1e-3
"""Share of the work that the energy ledger of a heated run may miss without a warning."""
HOT = 20.0
"""T/Tc above which the input is probably not what was meant."""
EPS_MOST = 2.0
"""eps above which a warning is due: (Tc - T)/(Tc - T0) of a filament much colder than T0."""


def warnings(measured: dict[str, Any], heated: HeatSummary | None, eta: float) -> list[str]:
    """Sentences about what the numbers of a run cannot be used for; `heated`: the entry `heat` of its summary."""
    found = []
    if (measured["omega_tau_eps"] or 0.0) > 0.2:
        found.append(
            f"Omega tau_eps = {measured['omega_tau_eps']:.3g} is above 0.2: the finite-gap equations and the "
            "variants of the interference current are approximations there."
        )
    if (measured["w_negative_share"] or 0.0) > 0.0:
        found.append(
            f"w is negative in places (share {measured['w_negative_share']:.3g} of the positive part): the "
            "interference current has no partner in the equation of psi; "
            + ("take care when w is used as heat." if heated is None else "it is used as heat here, unclipped.")
        )
    return [*found, *heat_warnings(heated, measured["omega_tau_eps"], eta)] if heated is not None else found


def heat_warnings(heated: HeatSummary, omega_tau_eps: float | None, eta: float) -> Iterator[str]:
    """Those of a heated run, from the entry `heat` of its summary."""
    if heated.source == "q_ph" and (omega_tau_eps or 0.0) > 0.2:
        yield "q_ph of (2.7) is first order in Omega tau_eps: its reversible part is outside its range here."
    if heated.ledger.mismatch > LEDGER_TOLERANCE:
        yield (
            f"the energy ledger misses {heated.ledger.mismatch:.2g} of the work: a finer mesh (the part of psi), "
            'a smaller time.rtol (the part of heat) or output.probes = "every-step" (the integrals) closes it.'
        )
    hottest = max(T.max_of_run for T in heated.fields().values())
    if hottest > HOT:
        yield f"T reaches {hottest:.4g} Tc: the temperatures of a reduced film are in Tc, not in K."
    felt = of_electrons(heated.fields())
    assert felt is not None
    eps = (1 - heated.fields()[felt].min) / eta
    if eps > EPS_MOST:
        yield (
            f"eps reaches {eps:.3g} at the coldest place: far below T0 the expansion in Tc - T that (1.1) rests on "
            "does not hold."
        )
