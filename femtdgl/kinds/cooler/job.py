"""A Kapitza-diode cooler from a problem file: the filament is run (or read), its flux becomes the pump, plates follow.

The reduced filament and the material that gives its scales need not belong together (aluminium has a delta a thousand
times that of [PSC]'s example); where they do not, the summary says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from femtdgl.errors import InputError, SolverStopped
from femtdgl.files.atomic import replacing, write_json
from femtdgl.files.reader import Result
from femtdgl.files.versions import version_attributes, versions
from femtdgl.flux.emission import flux_ledger, last_cycle
from femtdgl.kinds.cooler.tables import Prepared, assemble, target
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.kinds.kind import Watch
from femtdgl.problem.heat import of_electrons
from femtdgl.thermal.cooler import (
    MODES,
    Cooler,
    Mode,
    Outcome,
    against_thickness,
    filament_temperature,
    plate_temperature,
)
from femtdgl.thermal.cooler_links import Pump, carnot_bound, scaled
from femtdgl.thermal.kapitza import Interface

CAUTION = "hypothetical: one-way interfaces without work, which no passive interface is"
TIME_CONSTANTS = 12.0
UNSETTLED = 0.05
"""Of the rise above the bath: how far a heated run may be from its steady state."""


def describe_cooler(prepared: Prepared) -> Iterator[str]:
    """What would be solved, line by line."""
    problem, filament = prepared.problem, prepared.filament
    yield problem.title or "(no title)"
    yield f"  filament    {'stored: ' + str(prepared.stored) if filament is None else filament.title or 'inline'}"
    yield f"  material    {problem.material.preset}"
    yield f"  path        {problem.path.kind}, {problem.count} filament(s)"


def solve_cooler(prepared: Prepared, text: str, directory: Path, watch: Watch | None = None) -> None:
    """Run the filament into DIR/filament, then the cooler; result.h5, summary.json, figures."""
    if prepared.filament is not None:
        where = directory / "filament"
        where.mkdir(exist_ok=True)
        FilamentJob(prepared.filament, prepared.text).solve(where, watch)
    result = Result(prepared.stored or directory / "filament")
    if result.summary["stop_reason"] == "interrupted":
        checkpoint = str(result.directory / "checkpoint.npz")
        reason = "the run of the filament was interrupted"
        raise SolverStopped(reason, time=result.summary["t_end"], checkpoint=checkpoint)
    cooler, summary = evaluate(prepared, result)
    T_bath = cooler.T_bath
    with replacing(directory / "result.h5") as path, h5py.File(path, "w") as file:
        file.attrs.update({"format": "femtdgl cooler 1", **version_attributes()})
        file["problem"] = text
        for mode in cooler.modes:
            run = cooler.approach(mode, relaxation(cooler, mode), points=4000)
            if run.crossings:  # it ended at Carnot's bound, long before that time: draw it as finely as the others
                run = cooler.approach(mode, 1.01 * run.t[-1], points=4000)
            summary["cooler"][mode]["energy_mismatch"] = run.energy_mismatch
            last = run.t.size - 1
            kept = np.unique(np.r_[np.linspace(0, last, 200), np.geomspace(1, last, 200)].round().astype(int))
            file[f"transient/{mode}/t"] = run.t[kept]
            file[f"transient/{mode}/T_plate"] = run.temperatures["plate"][kept]
            for name, energy in run.energies.items():
                file[f"transient/{mode}/energy_{name}"] = energy[kept]
        most, small = max(1.0, 2 * cooler.g_W), np.geomspace(1e-4, 0.1, 40)
        kappa = np.unique(np.r_[-small, np.linspace(-1.0, most, 121), small])
        file["kappa/kappa"] = kappa
        file["kappa/T_cold"] = [with_fraction(cooler, value) for value in kappa]
        gentle = cooler.at_largest_power()
        if gentle is not None:
            file["kappa/T_cold_superconducting"] = [with_fraction(gentle, value) for value in kappa]
        thinnest = 1e-2 if gentle is None else min(1e-2, 0.2 * gentle.P_joule / cooler.P_joule)
        factors = np.geomspace(thinnest, 1e1, 241)
        thickness = cooler.leak.d * factors
        others = against_thickness(cooler, list(factors))
        file["thickness/d"] = thickness
        file["thickness/T_filament"] = [T for _, T in others]
        for mode in cooler.modes:
            file[f"thickness/{mode}"] = [other.steady(mode).T_cold for other, _ in others]
        if "paper" in cooler.modes:
            for name in ("transient/paper", "thickness/paper"):
                file[name].attrs["label"] = CAUTION
    write_json(directory / "summary.json", {**summary, "T_bath": T_bath, "versions": versions()})
    draw_cooler(directory)


def with_fraction(cooler: Cooler, kappa: float) -> float:
    """T_c at another kappa, all else the same."""
    pump = Pump(kappa=kappa, P_joule=cooler.count * cooler.P_joule)
    return plate_temperature(pump, cooler.T_bath, scaled(cooler.way_back, cooler.count), cooler.load)


def relaxation(cooler: Cooler, mode: Mode) -> float:
    """A time after which the plate has settled: some C/G at the hotter of its two ends, s."""
    T = max(cooler.T_bath, cooler.steady(mode).T_cold)
    assert cooler.capacity is not None
    step = 1e-4 * T
    conductance = cooler.count * (cooler.way_back.power(T, T - step)) / step
    return TIME_CONSTANTS * cooler.capacity * T**cooler.capacity_exponent / conductance


def evaluate(prepared: Prepared, result: Result) -> tuple[Cooler, dict[str, Any]]:
    """The cooler of a run, and its summary without transients."""
    problem = prepared.problem
    ledger = flux_ledger(result, prepared.kernel)
    if ledger.g_W is None:
        raise InputError("dissipates nothing: no phase-slip centre", key="filament", allowed="a current above critical")
    delta, eta = float(result.attributes["delta"]), float(result.attributes["eta"])
    length = float(np.ptp(result.nodes[0]))
    scales = prepared.scales(eta)
    cooler, sides = assemble(prepared, scales, length=length, joule=float(ledger.joule), g_W=float(ledger.g_W))
    T_target = target(problem, cooler.T_bath)
    width = cooler.leak.S / (length * scales.length)
    P_leak, bare, series = cooler.leak_power(T_target)
    P_joule = cooler.count * cooler.P_joule
    current = float(result.summary["current"]) * scales.current_density * cooler.leak.d * width
    ends = 12 * cooler.leak.k * cooler.leak.d * cooler.leak.S / (length * scales.length) ** 2
    outcomes = {mode: cooler.steady(mode) for mode in cooler.modes}
    book: dict[str, Any] = {
        "T_bath": cooler.T_bath,
        "T_target": T_target,
        "P_joule": P_joule,
        "P_leak": P_leak,
        "P_leak_bare": bare,
        "P_leak_series": series,
        "kappa_needed": (P_leak + cooler.load) / P_joule,
        "kappa_needed_bare": (bare + cooler.load) / P_joule,
        "kappa_needed_series": (series + cooler.load) / P_joule,
        "kappa_carnot": carnot_bound(T_target, cooler.T_bath),
        "g_W": cooler.g_W,
        "kernel": prepared.kernel,
        "path": cooler.path,
        "count": cooler.count,
        "load": cooler.load,
        "bias_current": current,
        "bias_voltage": P_joule / current,
        "area": cooler.leak.S,
        "thickness": cooler.leak.d,
        "k": cooler.leak.k,
        "paper": None,
        **{mode: described(cooler, outcome, T_target) for mode, outcome in outcomes.items()},
    }
    filament = {
        "delta": delta,
        "eta": eta,
        "length": length,
        "length_SI": length * scales.length,
        "T0": scales.T0,
        "Tc": scales.Tc,
        "material_delta": scales.delta,
        "material_eta": scales.eta,
        "temperature": cooler.filament_temperature,
        "temperature_with_cold_banks": filament_temperature(cooler.P_joule, cooler.T_bath, cooler.bottom, ends),
        "stays_superconducting": cooler.stays_superconducting,
        "eps": (scales.Tc - cooler.filament_temperature) / (scales.Tc - scales.T0),
        "of_run": run_temperatures(result, scales.Tc),
        "omega_tau_eps": ledger.omega_tau_eps,
        "whole_periods": last_cycle(result)[1] is not None,
    }
    summary = {
        "kind": "cooler",
        "title": problem.title,
        "material": problem.material.preset,
        "cooler": book,
        "filament": filament,
        "interfaces": {
            name: {"solid": getattr(problem, name).solid, **acoustics(getattr(cooler, name).sigma_K, interface)}
            for name, interface in sides.items()
        },
        "warnings": [*cautions(cooler, filament), *ledger.warnings],
    }
    summary["verdict"] = verdict(cooler, outcomes)
    return cooler, summary


def run_temperatures(result: Result, Tc: float) -> dict[str, float] | None:
    """Mean and largest temperature of a heated filament in its run, K; None where it stayed at T0."""
    heat = result.summary.get("heat")
    if heat is None:
        return None
    electrons = heat[of_electrons(heat)]
    return {"mean": electrons["mean"] * Tc, "max": electrons["max"] * Tc}


def described(cooler: Cooler, outcome: Outcome, T_target: float) -> dict[str, Any]:
    """One mode in the summary."""
    return {
        "kappa": outcome.kappa,
        "kappa_used": outcome.kappa_used,
        "T_cold": outcome.T_cold,
        "cools": outcome.cools(cooler.T_bath),
        "reaches_target": outcome.T_cold <= T_target,
        "phi_abs": outcome.phi_abs,
        "phi_em": outcome.phi_em,
        "limit": outcome.limit,
        "T_cold_superconducting": cooler.coldest_superconducting(outcome.mode),
        **({"label": CAUTION} if outcome.mode == "paper" else {}),
    }


def acoustics(sigma_K: float, interface: Interface | None) -> dict[str, Any]:
    """One interface in the summary."""
    if interface is None:
        return {"sigma_K": sigma_K}
    out, into = interface.transmissions
    return {
        "sigma_K": sigma_K,
        "transmission_out_of_film": out,
        "transmission_into_film": into,
        "critical_angle": interface.critical_angles[0],
        "critical_angle_transverse": interface.critical_angles[1],
        "reflects_as_printed": interface.reflects_as_printed,
    }


def cautions(cooler: Cooler, filament: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what the numbers cannot be used for."""
    if not filament["whole_periods"]:
        yield "the run of the filament has no whole period, or several centres: g_W and <J V> are means over a window."
    if abs(filament["delta"] / filament["material_delta"] - 1) > 0.1:
        yield (
            f"the filament has delta = {filament['delta']:.4g}, the material {filament['material_delta']:.4g} at "
            f"{filament['T0']:.4g} K: they do not belong together, g_W and <J V> are those of the filament."
        )
    if abs(filament["eta"] - filament["material_eta"]) > 1e-3:
        yield f"eta is {filament['eta']:.4g} in the filament and {filament['material_eta']:.4g} by material.T0."
    if abs(filament["T0"] / cooler.T_bath - 1) > 1e-3:
        yield f"the filament is computed at {filament['T0']:.4g} K, not at the bath's {cooler.T_bath:.4g} K."
    if cooler.stays_superconducting is False:
        yield (
            f"self-heating: with phonons alone the filament would be at {filament['temperature']:.4g} K, above Tc = "
            f"{filament['Tc']:.4g} K, and would have no phase-slip centre "
            f"({filament['temperature_with_cold_banks']:.4g} K if its banks stay at the bath's temperature and the "
            "film conducts as normal metal)."
        )
    elif filament["of_run"] is not None:
        yield from heated_cautions(cooler, filament)
    elif filament["eps"] < 0.9:
        yield (
            f"self-heating: with phonons alone the filament would be at {filament['temperature']:.5g} K, where eps of "
            f"(1.1) is {filament['eps']:.3g}; its run, and so g_W and <J V>, is at eps = 1."
        )


def heated_cautions(cooler: Cooler, filament: Mapping[str, Any]) -> Iterator[str]:
    """Those of a filament whose run had its own heat."""
    run, T_f = filament["of_run"], filament["temperature"]
    if abs(run["mean"] - T_f) > UNSETTLED * abs(T_f - cooler.T_bath):
        yield (
            f"the filament is at {run['mean']:.6g} K in the mean of its run, and would be at {T_f:.6g} K by its power: "
            "the run is too short for it to settle."
        )
    if run["max"] > filament["Tc"]:
        yield f"the filament passes Tc = {filament['Tc']:.4g} K in its run ({run['max']:.5g} K)."


def verdict(cooler: Cooler, outcomes: Mapping[Mode, Outcome]) -> list[str]:
    """Cools or not, in which mode, by how much, what limits it."""
    physical = outcomes["reciprocal"]
    answer = "cools" if physical.cools(cooler.T_bath) else "does not cool"
    lines = [
        f"physically, with passive interfaces: it {answer}; bath {cooler.T_bath:.5g} K, plate {physical.T_cold:.5g} K, "
        f"filament {cooler.filament_temperature:.5g} K"
    ]
    for mode, outcome in outcomes.items():
        change = (outcome.T_cold - cooler.T_bath) * 1e3
        word = "cools" if outcome.cools(cooler.T_bath) else "does not cool"
        label = {"reciprocal": "", "ideal": " (bound)", "paper": " (hypothetical)"}[mode]
        lines.append(
            f"{mode}{label} {word}: kappa {outcome.kappa:+.4g}, plate at {outcome.T_cold:.5g} K ({change:+.4g} mK); "
            f"limit: {outcome.limit}"
        )
    if cooler.stays_superconducting is False:
        allowed = {mode: cooler.coldest_superconducting(mode) for mode in outcomes}
        parts = ", ".join(
            f"{mode} {T:.5g} K ({(T - cooler.T_bath) * 1e3:+.4g} mK)" for mode, T in allowed.items() if T is not None
        )
        lines.append(
            f"none of it with this filament, which heats itself above Tc; at the largest power below Tc: {parts}"
        )
    return lines


def draw_cooler(directory: Path) -> list[Path]:
    """The figures of a cooler from its files."""
    import matplotlib as mpl

    mpl.use("Agg")
    from femtdgl.figures import cooler as plots_cooler

    return plots_cooler.write_figures(Result(directory))


def cooler_lines(s: Mapping[str, Any]) -> Iterator[str]:
    """The summary of a cooler for people."""
    book, filament = s["cooler"], s["filament"]
    yield s["title"] or "cooler"
    yield (
        f"  {s['material']}, {book['count']} filament(s): P_J {book['P_joule']:.4g} W, g_W {book['g_W']:.4g}; "
        f"filament at {filament['temperature']:.4g} K, Tc {filament['Tc']:.4g} K"
    )
    yield (
        f"  for a plate at {book['T_target']:.4g} K: P_leak {book['P_leak_bare']:.4g} W through the film alone (5.3), "
        f"{book['P_leak_series']:.4g} W with Kapitza resistance in series; (5.4) asks for "
        f"kappa > {book['kappa_needed_bare']:.4g} and {book['kappa_needed_series']:.4g}, Carnot allows "
        f"{book['kappa_carnot']:.4g}"
    )
    reached = [mode for mode in MODES if book[mode] is not None and book[mode]["reaches_target"]]
    yield (
        f"  path {book['path']}: kappa > {book['kappa_needed']:.4g} is needed; {book['T_target']:.4g} K is reached by: "
        f"{', '.join(reached) or 'none'}"
    )
    for name, side in s["interfaces"].items():
        if "critical_angle" in side:
            angles = {"longitudinal": side["critical_angle"], "transverse": side["critical_angle_transverse"]}
            beyond = ", ".join(
                f"{branch} {'never' if angle is None else f'beyond {angle:.1f} degrees'}"
                for branch, angle in angles.items()
            )
            right = side["reflects_as_printed"] == (angles["longitudinal"] is not None)
            yield (
                f"  {name}: sigma_K {side['sigma_K']:.4g} W/(m^2 K^4); reflects the film's phonons totally: {beyond}"
                f"{'' if right else ' (longitudinal by rho s: the opposite, E9)'}"
            )
    for line in s["verdict"]:
        yield f"  verdict: {line}"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"
