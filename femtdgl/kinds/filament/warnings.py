"""Sentences about what the numbers of a run cannot be used for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from femtdgl.kinds.filament.summary import HeatSummary, PhononSummary
from femtdgl.measure.resolution import Resolution
from femtdgl.problem.heat import of_electrons
from femtdgl.problem.problem import Problem

COARSE = 0.6
"""Spacing of nodes over a length of the physics above which a mesh is too coarse."""
SMALL, LARGE = 1e-3, 30.0
"""xi between neighbouring nodes at most, beyond which a mesh is probably drawn in other lengths."""
TURN = 0.8
"""rad between neighbouring nodes."""
EXCESS = 1.2
"""|psi| over sqrt(eps)."""
JOSEPHSON_TOLERANCE = 1e-3
ENERGY_TOLERANCE = 2e-2
DRIFT = 0.02
"""Change of a mean power within the measured part above which it is told."""
LEDGER_TOLERANCE = 1e-3
"""Share of the work that the energy ledger of a heated run may miss without a warning."""
STRONG = 0.5
"""|p| above which the phonons are no small excess."""
SLOW = 0.2
"""Omega times the time in which dN follows, above which no local balance is."""
HOT = 20.0
"""T/Tc above which the input is probably not what was meant."""
EPS_MOST = 2.0
"""eps above which a warning is due: (Tc - T)/(Tc - T0) of a filament much colder than T0."""


def warnings(
    measured: dict[str, Any], heated: HeatSummary | None, eta: float, resolved: Resolution, *, noisy: bool = False
) -> list[str]:
    """Sentences about what the numbers of a run cannot be used for; `heated`: the entry `heat` of its summary.

    Of a `noisy` run psi may be larger than eps allows, and the ledger lacks the work of the noise.
    """
    found = [*resolution_warnings(resolved, noisy=noisy), *check_warnings(measured)]
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
    if heated is None:
        return found
    return [*found, *heat_warnings(heated, measured["omega_tau_eps"], eta, noisy=noisy)]


def early(problem: Problem, reached: float, start: float) -> Iterator[str]:
    """What is said of a run that ended before its measured part began, and is measured from the start."""
    discard = problem.measure.discard
    if discard is not None and discard >= reached and start == 0:
        yield f"measure.discard = {discard:g} is not before the end, t = {reached:g}: all of the run is measured."


def resolution_warnings(resolved: Resolution, *, noisy: bool = False) -> Iterator[str]:
    """What the mesh did not resolve."""
    remedy = f"a mesh {{:.2g}} times as fine, or elements of order 2 (nodes are up to {resolved.spacing:.3g} xi apart)"
    if resolved.healing > COARSE:
        need = remedy.format(resolved.healing / COARSE)
        yield f"nodes are {resolved.healing:.2g} healing lengths sqrt(2) xi apart in places: the result needs {need}."
    if resolved.magnetic is not None and resolved.magnetic > COARSE:
        need = remedy.format(resolved.magnetic / COARSE)
        yield f"nodes are {resolved.magnetic:.2g} magnetic lengths 1/sqrt(B) apart in places: the result needs {need}."
    if resolved.phase_turn > TURN:
        need = remedy.format(resolved.phase_turn / TURN)
        yield f"the phase of psi turns by {resolved.phase_turn:.2g} between nodes in places: the result needs {need}."
    if not SMALL < resolved.spacing < LARGE:
        words = f"neighbouring nodes are {'at most' if resolved.spacing < LARGE else 'up to'} {resolved.spacing:.2g} xi"
        yield f"{words} apart: is the mesh in other lengths than xi? It can say so by mesh.scale, or mesh.unit."
    if resolved.psi_excess > EXCESS and not noisy:
        yield (
            f"|psi| reaches {resolved.psi_excess:.3g} times what eps allows: the mesh or the tolerance is too coarse, "
            "and the numbers of this run mean nothing."
        )


def check_warnings(measured: dict[str, Any]) -> Iterator[str]:
    """What the run's own checks say."""
    if (measured["josephson_mismatch"] or 0.0) > JOSEPHSON_TOLERANCE:
        yield (
            f"the Josephson relation is missed by {measured['josephson_mismatch']:.2g}: slips or voltage are not "
            "resolved; a smaller time.rtol or a finer mesh helps."
        )
    missed = measured["energy_balance"] if measured["energy_mismatch"] is None else measured["energy_mismatch"]
    if (missed or 0.0) > ENERGY_TOLERANCE:
        yield (
            f"the energy balance (1.5) is missed by {missed:.2g} of the work: the mesh (first) or time.rtol is too "
            "coarse."
        )


def phonon_warnings(phonons: PhononSummary | None, psi_max: float, period: float | None) -> Iterator[str]:
    """Those of a run whose phonons act back, from the entry `phonons` of its summary."""
    if phonons is None:
        return
    p = max(abs(phonons.p_min), abs(phonons.p_max))
    if p > STRONG:
        yield f"p reaches {p:.3g}: (3.1) is of first order in the excess of phonons, and 1 is all that psi grows with."
    slowness = 0.0 if period is None or phonons.response is None else 2 * math.pi / period * phonons.response
    if phonons.balance == "local" and slowness > SLOW:
        yield (
            f"dN takes {phonons.response:.3g} t0 to follow, Omega times that is {slowness:.3g}: the local balance "
            '(3.2) makes too much of it; phonons.escape.balance = "equation" does not.'
        )
    if psi_max > phonons.table_psi:
        yield f"|psi| reaches {psi_max:.3g}, beyond the table of p, which ends at {phonons.table_psi:.3g}."


def heat_warnings(
    heated: HeatSummary, omega_tau_eps: float | None, eta: float, *, noisy: bool = False
) -> Iterator[str]:
    """Those of a heated run, from the entry `heat` of its summary."""
    if heated.source == "q_ph" and (omega_tau_eps or 0.0) > 0.2:
        yield "q_ph of (2.7) is first order in Omega tau_eps: its reversible part is outside its range here."
    if noisy:
        yield "the energy ledger leaves out what the noise does on psi and on the current, and misses as much."
    elif heated.source != "first-law" and heated.ledger.mismatch > LEDGER_TOLERANCE:
        yield (
            f'{heated.ledger.mismatch:.2g} of the work is unaccounted for: source = "{heated.source}" does not give '
            'back what condensation sets free, (4.3); "first-law" does.'
        )
    elif heated.ledger.mismatch > LEDGER_TOLERANCE:
        yield (
            f"the energy ledger misses {heated.ledger.mismatch:.2g} of the work: a finer mesh (the part of psi), "
            'a smaller time.rtol (the part of heat) or output.probes = "every-step" (the integrals) closes it.'
        )
    moving = {name: drift for name, drift in heated.drift.items() if abs(drift) > DRIFT}
    if moving:
        parts = ", ".join(f"{name} {100 * drift:+.2g} %" for name, drift in moving.items())
        yield f"powers still drift from the first half of the measured part to the second: {parts}."
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
