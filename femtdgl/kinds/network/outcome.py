"""A thermal network as a problem: run the tables of network_tables, and say what came out.

`run_network` writes no files.  The summary has `nodes` and `links` (of the coldest stable state of the
first case), `roots`, for a
scan its curves and their `ndtc_windows`, for a transient its end; the arrays are named by paths for HDF5.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from femtdgl.errors import InputError
from femtdgl.kinds.network.tables import Case, NetworkProblem, read_network, read_problem, with_values
from femtdgl.thermal.network.network import Network, SeveralSteadyStates, State
from femtdgl.thermal.network.scan import Scan, window_dict
from femtdgl.thermal.network.transient import Transient
from femtdgl.thermal.photonic_nis import NISLink

PLAUSIBLE_CAPACITANCE = (1e-3, 1.0)
"""F/m^2 (1 fF/um^2 to 1 pF/um^2): oxide junctions have 0.03 to 0.1."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One scan of a problem: which case, which member of the family."""

    label: str
    case: str
    member: float | None
    scan: Scan
    observed: dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class NetworkOutcome:
    """What a network problem gives: numbers for summary.json, arrays for result.h5, names of figures in
    plots_network.
    """

    summary: dict[str, Any]
    arrays: dict[str, np.ndarray]
    figures: tuple[str, ...]
    curves: tuple[Curve, ...] = ()
    transient: Transient | None = None


def run_network(table: Mapping[str, Any]) -> NetworkOutcome:
    """Read, build and run the problem of a table as tomllib gives it.  Raises InputError naming the key."""
    begun = time.process_time()
    problem = read_problem(table)
    base = read_network(problem)
    cases = problem.cases or (Case(name=""),)
    networks = {case.name: with_values(base, case.set) for case in cases}
    first = networks[cases[0].name]
    if problem.family is not None:
        first = first.with_value(problem.family.parameter, (cases[0].family or problem.family.values)[0])
    states = first.roots()
    chosen = next((state for state in states if state.stable), states[0])
    summary: dict[str, Any] = {
        "kind": "network",
        "title": problem.title,
        "nodes": chosen.temperatures,
        "links": chosen.powers,
        "roots": [state_dict(state, first) for state in states],
        "warnings": [w for name, network in networks.items() for w in capacitance_warnings(network, name)],
    }
    if len(states) > 1:
        summary["warnings"].append(f"{len(states)} steady states; nodes and links show the coldest stable one")
    arrays: dict[str, np.ndarray] = {}
    curves: list[Curve] = []
    if problem.scan is not None:
        for case in cases:
            curves += scan_case(problem, case, networks[case.name])
        summary["scan"], summary["ndtc_windows"] = {}, []
        for curve in curves:
            record_curve(problem, curve, summary, arrays)
    result = None
    if problem.transient is not None:
        table_t = problem.transient
        result = networks[cases[0].name].transient(
            table_t.t_end,
            pulses=problem.pulses,
            events=problem.events,
            points=table_t.points,
            rtol=table_t.rtol,
        )
        record_transient(result, summary, arrays)
    summary["cpu_seconds"] = time.process_time() - begun
    return NetworkOutcome(
        summary=summary,
        arrays=arrays,
        figures=figures_of(problem, curves, result),
        curves=tuple(curves),
        transient=result,
    )


def scan_case(problem: NetworkProblem, case: Case, network: Network) -> list[Curve]:
    """The curves of one case, one for each member of the family."""
    assert problem.scan is not None
    members: tuple[float | None, ...] = (None,)
    if problem.family is not None:
        members = case.family or problem.family.values
    curves = []
    for member in members:
        here, label = network, case.name
        if member is not None and problem.family is not None:
            here = network.with_value(problem.family.parameter, member)
            label = "/".join(part for part in (case.name, f"{member:.6g}") if part)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SeveralSteadyStates)
            scan = here.scan(problem.scan.parameter, problem.scan.grid())
        curves.append(
            Curve(
                label=label or "scan",
                case=case.name,
                member=member,
                scan=scan,
                observed=observe(problem, here, scan),
            )
        )
    return curves


def observe(problem: NetworkProblem, network: Network, scan: Scan) -> dict[str, np.ndarray]:
    """The links' own quantities along the upward sweep."""
    result = {}
    for item in problem.observe:
        if item.link not in network.links:
            raise InputError(f"{item.link!r} is no link", key="observe.link", allowed=", ".join(network.links))
        a, b, link = network.links[item.link]
        if item.quantity not in link.observables:
            raise InputError(
                f"{item.quantity!r} is unknown",
                key="observe.quantity",
                allowed=", ".join(link.observables) or "nothing for this link",
            )
        values = []
        for i, value in enumerate(scan.values):
            link = network.with_value(scan.parameter, float(value)).links[item.link][2]
            T = scan.up.temperatures
            values.append(getattr(link, item.quantity)(float(T[a][i]), float(T[b][i])))
        result[f"{item.link}.{item.quantity}"] = np.array(values)
    return result


def record_curve(problem: NetworkProblem, curve: Curve, summary: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """One curve into the summary and the arrays."""
    scan, up = curve.scan, curve.scan.up
    group = f"scan/{curve.label}"
    arrays[f"{group}/value"] = scan.values
    free = [n for n, T in up.temperatures.items() if np.ptp(T) > 0 and f"nodes.{n}.temperature" != scan.parameter]
    entry: dict[str, Any] = {
        "parameter": scan.parameter,
        "value": scan.values.tolist(),
        "ndtc_windows": [window_dict(window) for window in scan.windows],
        "hysteresis": list(scan.hysteresis) if scan.hysteresis else None,
        "states_at_ends": [len(scan.first), len(scan.last)],
    }
    sweeps = [("up", up)] if scan.down is up else [("up", up), ("down", scan.down)]
    for name, sweep in sweeps:
        entry[name] = {
            "T": {node: T.tolist() for node, T in sweep.temperatures.items()},
            "P": {link: P.tolist() for link, P in sweep.powers.items()},
            "stable": sweep.stable.tolist(),
        }
        for node, T in sweep.temperatures.items():
            arrays[f"{group}/{name}/T/{node}"] = T
        for link, P in sweep.powers.items():
            arrays[f"{group}/{name}/P/{link}"] = P
        arrays[f"{group}/{name}/stable"] = sweep.stable
    for name, values in scan.branch.items():
        arrays[f"{group}/branch/{name}"] = values
    for name, values in curve.observed.items():
        arrays[f"{group}/observed/{name}"] = values
        entry[name] = values.tolist()
    entry["largest_power"] = {link: float(P[np.argmax(np.abs(P))]) for link, P in up.powers.items()}
    entry["temperature_ranges"] = {node: [float(T.min()), float(T.max())] for node, T in up.temperatures.items()}
    if scan.parameter.endswith(".temperature"):
        for node in free:
            slope = np.gradient(up.temperatures[node], scan.values)
            arrays[f"{group}/responsivity/{node}"] = slope
            entry.setdefault("steepest_responsivity", {})[node] = float(slope.min())
    if scan.parameter.endswith(".heat"):
        for link, P in up.powers.items():
            gain = np.gradient(P, scan.values)
            arrays[f"{group}/gain/{link}"] = gain
            entry.setdefault("largest_gain", {})[link] = float(gain[np.argmax(np.abs(gain))])
    summary["scan"][curve.label] = entry
    summary["ndtc_windows"] += [{"curve": curve.label, **window_dict(window)} for window in scan.windows]


def record_transient(result: Transient, summary: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """A transient into the summary and the arrays."""
    arrays["transient/t"] = result.t
    for node, T in result.temperatures.items():
        arrays[f"transient/T/{node}"] = T
    for link, E in result.energies.items():
        arrays[f"transient/E/{link}"] = E
    summary["transient"] = {
        "t_end": float(result.t[-1]),
        "final": {node: float(T[-1]) for node, T in result.temperatures.items()},
        "crossings": [{"time": t, "node": node} for t, node in result.crossings],
        "energy_mismatch": result.energy_mismatch,
    }


def figures_of(problem: NetworkProblem, curves: list[Curve], result: Transient | None) -> tuple[str, ...]:
    """Names of the functions of plots_network that have something to show."""
    names = []
    if curves:
        scan = curves[0].scan
        held = scan.parameter.startswith("nodes.") and scan.parameter.endswith(".temperature")
        moving = [n for n, T in scan.up.temperatures.items() if np.ptp(T) > 0]
        if not held or len(moving) > 1:
            names.append("temperatures")
        names.append("powers")
        if curves[0].observed:
            names.append("observed")
        if held and len(moving) > 1:
            names.append("responsivity")
        if scan.parameter.endswith(".heat") and len(scan.up.temperatures) > 2:
            names.append("gain")
    if result is not None:
        names.append("transient")
    return tuple(names)


def state_dict(state: State, network: Network) -> dict[str, Any]:
    """For a summary."""
    return {
        "temperatures": {name: state.temperatures[name] for name in network.free},
        "stable": state.stable,
    }


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


def lookup(summary: Mapping[str, Any], path: str) -> Any:
    """The entry of a summary at a dotted path (list places by number); labels may hold dots."""
    here: Any = summary
    parts = path.split(".")
    while parts:
        for n in range(len(parts), 0, -1):
            key = ".".join(parts[:n])
            if isinstance(here, list) and key.isdigit() and int(key) < len(here):
                here, parts = here[int(key)], parts[n:]
                break
            if isinstance(here, Mapping) and key in here:
                here, parts = here[key], parts[n:]
                break
        else:
            raise InputError(f"{path!r} is not in the summary", key="expect", allowed="a dotted path into it")
    return here


def unmet(summary: Mapping[str, Any], expect: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Sentences on every expectation that the summary does not meet: value with rel or abs, or an exact
    one.
    """
    sentences = []
    for path, wanted in expect.items():
        found, value = lookup(summary, path), wanted["value"]
        if isinstance(value, str | bool) or isinstance(found, str | bool):
            met = found == value
        else:
            met = math.isclose(found, value, rel_tol=wanted.get("rel", 0.0), abs_tol=wanted.get("abs", 0.0))
        if not met:
            sentences.append(f"{path} is {found!r}, expected {value!r}")
    return sentences
