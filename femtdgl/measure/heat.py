"""The energy ledger of a heated run, (4.4): the first law from the recorded series.

    int j.E + brought + by_sources + by_phonons
        = Delta [energy of psi + U + U_nodes] + through held boundaries + to lumped baths

Left: electric work, what is brought to the nodes from outside (with the work of links that do work), and by sources.
There is no term that is no reservoir; everything is computed by itself, so that what is `unaccounted` measures mesh,
steps and quadrature with the source of (4.3), and what is lost with "w" and "q_ph".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.cycle import Cycle
from femtdgl.measure.series import Series

Array = NDArray[np.float64]

GAINS = {"work": "work", "heat_brought": "brought", "heat_sources": "by_sources", "phonon_work": "by_phonons"}
LOSSES = {"heat_held": "through_held", "heat_to_baths": "to_baths"}
STORES = {"condensate_energy": "condensate", "thermal_energy": "thermal", "node_energy": "nodes"}
"""Probes of the terms, and their names in the ledger."""
NEGLIGIBLE = 1e-2
"""Share of the mean work below which a power is not asked for its drift."""
FLOWS = {"heat_held": "held", "heat_held_phonons": "held_phonons", "heat_to_phonons": "electrons_to_phonons"}
"""Mean powers beside those of the links: through held boundaries, and between the two temperatures."""


def ledger(probes: Mapping[str, Array], start: float, end: float) -> dict[str, float]:
    """Energies between two times, in j0 V0 t0 xi^(d-1); `mismatch` is what is unaccounted over int |j.E|,
    with what comes from sources.
    """
    series = _series(probes)
    gained = {GAINS[name]: series[name].integral(start, end) for name in GAINS if name in series}
    lost = {LOSSES[name]: series[name].integral(start, end) for name in LOSSES if name in series}
    for name, label in STORES.items():
        if name in series:
            lost[label] = float(np.diff(series[name].at(start, end))[0])
    came = [np.abs(np.asarray(probes[name])) for name in ("work", "heat_sources") if name in probes]
    turned = Series(np.asarray(probes["t"]), np.sum(came, axis=0)).integral(start, end)
    rest = sum(gained.values()) - sum(lost.values())
    return {**gained, **lost, "unaccounted": rest, "mismatch": abs(rest) / turned if turned > 0 else 0.0}


def _series(probes: Mapping[str, Array]) -> dict[str, Series]:
    """The recorded series of the terms."""
    t = np.asarray(probes["t"])
    return {name: Series(t, np.asarray(probes[name])) for name in (*GAINS, *LOSSES, *STORES) if name in probes}


def ledger_series(probes: Mapping[str, Array]) -> dict[str, Array]:
    """The terms of the ledger since the start of the record, at the times of the probes (for figures)."""
    series = _series(probes)
    made = {"t": series["work"].t}
    for name, label in {**GAINS, **LOSSES}.items():
        if name in series:
            made[label] = series[name].running()
    for name, label in STORES.items():
        if name in series:
            made[label] = series[name].values - series[name].values[0]
    gained = sum(made[label] for label in GAINS.values() if label in made)
    lost = [*LOSSES.values(), *STORES.values()]
    made["unaccounted"] = gained - sum(made[label] for label in lost if label in made)
    return made


def measure_heat(
    probes: Mapping[str, Array], fields: tuple[str, ...], cycle: Cycle, kelvin: float | None
) -> dict[str, Any]:
    """The entry `heat` of the summary: temperatures (in Tc; K where the film has scales), powers, the ledger.

    All of it over the same part of the run as the means of V and of the work: whole periods where there are any.
    """
    t = np.asarray(probes["t"])
    start, end = cycle.first, cycle.last
    kept = (t >= start) & (t <= end)
    summary: dict[str, Any] = {}
    for name in fields:
        summary[name] = {
            "max": float(np.max(probes[f"{name}_max"][kept])),
            "min": float(np.min(probes[f"{name}_min"][kept])),
            "mean": Series(t, np.asarray(probes[f"{name}_mean"])).mean(start, end),
            "max_of_run": float(np.max(probes[f"{name}_max"])),
        }
    nodes = {}
    for probe in (name for name in probes if name.startswith("T_node_")):
        T = np.asarray(probes[probe])
        nodes[probe.removeprefix("T_node_")] = {
            "mean": Series(t, T).mean(start, end),
            "min": float(T[kept].min()),
            "max": float(T[kept].max()),
            "end": float(T[-1]),
        }
    powers = {name.removeprefix("power_"): name for name in probes if name.startswith("power_")}
    flows = {label: name for name, label in FLOWS.items() if name in probes}
    summary["nodes"] = nodes
    for key, named in (("powers", powers), ("flows", flows)):
        summary[key] = {n: Series(t, np.asarray(probes[probe])).mean(start, end) for n, probe in named.items()}
    summary["drift"] = drifts(probes, {**powers, **flows}, cycle)
    if kelvin is not None:
        summary["kelvin"] = {name: _times(kelvin, summary[name]) for name in fields}
        summary["kelvin"]["nodes"] = {name: _times(kelvin, T) for name, T in nodes.items()}
    summary["ledger"] = ledger(probes, start, end)
    summary["ledger_of_run"] = ledger(probes, float(t[0]), float(t[-1]))
    return summary


def drifts(probes: Mapping[str, Array], names: Mapping[str, str], cycle: Cycle) -> dict[str, float]:
    """How much the mean of each power changes from the first half of the measured part to the second, over its mean
    size; 0 for one that is negligible beside the work.
    """
    t, (early, late) = np.asarray(probes["t"]), cycle.halves
    work = Series(t, np.abs(np.asarray(probes["work"]))).mean(cycle.first, cycle.last)
    found = {}
    for label, name in names.items():
        series = Series(t, np.asarray(probes[name]))
        before, after = series.mean(*early), series.mean(*late)
        size = 0.5 * (abs(before) + abs(after))
        found[label] = (after - before) / size if size > NEGLIGIBLE * work else 0.0
    return found


def _times(factor: float, values: Mapping[str, float]) -> dict[str, float]:
    return {key: factor * value for key, value in values.items()}
