"""The summary of a network from its solution."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from femtdgl.files.versions import versions
from femtdgl.kinds.network.read import Prepared
from femtdgl.kinds.network.summary import (
    Crossing,
    CurveSummary,
    NdtcWindow,
    NetworkSummary,
    Root,
    Scans,
    SweepSummary,
    TransientSummary,
)
from femtdgl.measure.entry import ABSENT
from femtdgl.thermal.network.curve import Curve, Solution
from femtdgl.thermal.network.ndtc import Window
from femtdgl.thermal.network.network import Network
from femtdgl.thermal.network.solve import coldest_stable
from femtdgl.thermal.network.sweep import Sweep
from femtdgl.thermal.network.transient import Transient
from femtdgl.thermal.photonic_nis import NISLink

PLAUSIBLE_CAPACITANCE = (1e-3, 1.0)
"""F/m^2 (1 fF/um^2 to 1 pF/um^2): oxide junctions have 0.03 to 0.1."""


def summarise(prepared: Prepared, solution: Solution, cpu_seconds: float) -> NetworkSummary:
    """The summary of a solution."""
    chosen, first = coldest_stable(solution.states), prepared.members[0].network
    warnings = [w for case, network in prepared.cases.items() for w in capacitance_warnings(network, case)]
    if len(solution.states) > 1:
        warnings.append(f"{len(solution.states)} steady states; nodes and links show the coldest stable one")
    curves = {curve.label: summarise_curve(curve) for curve in solution.curves}
    scanned = prepared.problem.scan is not None
    return NetworkSummary(
        kind=prepared.problem.kind,
        title=prepared.problem.title,
        nodes=chosen.temperatures,
        links=chosen.powers,
        roots=tuple(
            Root(temperatures={name: state.temperatures[name] for name in first.free}, stable=bool(state.stable))
            for state in solution.states
        ),
        warnings=tuple(warnings),
        scan=Scans(curves=curves) if scanned else ABSENT,
        ndtc_windows=tuple(
            replace(window, curve=label) for label, curve in curves.items() for window in curve.ndtc_windows
        )
        if scanned
        else ABSENT,
        transient=ABSENT if solution.transient is None else summarise_transient(solution.transient),
        cpu_seconds=cpu_seconds,
        versions=versions(),
    )


def summarise_curve(curve: Curve) -> CurveSummary:
    """One curve."""
    scan, up, extremes = curve.scan, curve.scan.up, curve.scan.extremes
    return CurveSummary(
        parameter=scan.parameter,
        value=scan.values.tolist(),
        ndtc_windows=tuple(summarise_window(window) for window in scan.windows),
        hysteresis=list(scan.hysteresis) if scan.hysteresis else None,
        states_at_ends=[len(scan.first), len(scan.last)],
        up=summarise_sweep(up),
        down=ABSENT if scan.down is up else summarise_sweep(scan.down),
        observed={name: values.tolist() for name, values in curve.observed.items()},
        largest_power={link: float(P[np.argmax(np.abs(P))]) for link, P in up.powers.items()},
        temperature_ranges={node: [float(T.min()), float(T.max())] for node, T in up.temperatures.items()},
        steepest_responsivity=extremes.responsivity or ABSENT,
        largest_drop=extremes.drop or ABSENT,
        largest_gain=extremes.gain or ABSENT,
    )


def summarise_sweep(sweep: Sweep) -> SweepSummary:
    """One sweep."""
    return SweepSummary(
        T={node: T.tolist() for node, T in sweep.temperatures.items()},
        P={link: P.tolist() for link, P in sweep.powers.items()},
        stable=sweep.stable.tolist(),
        falls=list(sweep.falls),
    )


def summarise_window(window: Window) -> NdtcWindow:
    """One window."""
    return NdtcWindow(
        quantity=window.quantity,
        sweep=window.sweep,
        start={"from": window.start},
        to=window.end,
        high=window.high,
        low=window.low,
        fall=window.fall if math.isfinite(window.fall) else 0.0,
        open=bool(window.open),
    )


def summarise_transient(transient: Transient) -> TransientSummary:
    """The end of a transient, and its ledger."""
    return TransientSummary(
        t_end=float(transient.t[-1]),
        final={node: float(T[-1]) for node, T in transient.temperatures.items()},
        crossings=tuple(Crossing(time=t, node=node) for t, node in transient.crossings),
        energy_mismatch=transient.energy_mismatch,
    )


def capacitance_warnings(network: Network, case: str) -> list[str]:
    """Junction capacitances that look like a slip of a factor 1000 (E16)."""
    where, (low, high) = (f" (case {case})" if case else ""), PLAUSIBLE_CAPACITANCE
    sentences = []
    for name, (_, _, link) in network.links.items():
        if isinstance(link, NISLink):
            c = link.capacitances()[0]
            if not low <= c <= high:
                sentences.append(
                    f"links.{name}.c{where}: {c:g} F/m^2 is {c * 1e3:g} fF/um^2; oxide junctions have "
                    "30 to 100. "
                    f"[NIS] prints 50 pF/um^2 where 50 fF/um^2 = 0.05 F/m^2 is meant (E16): a factor 1000."
                )
    return sentences
