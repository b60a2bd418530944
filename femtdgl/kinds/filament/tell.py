"""What a run of a filament says at its end, in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from femtdgl.figures.network import power_unit
from femtdgl.kinds.filament.in_si import si_line
from femtdgl.problem.heat import TEMPERATURES
from femtdgl.units import told


def number(value: Any, form: str = ".6g") -> str:
    """A number as text; a dash for None."""
    return "-" if value is None else format(value, form)


def both(si: float | None, unit: str, reduced: Any, own: str) -> str:
    """A number in SI with the reduced one behind it; where there is no SI the reduced one alone."""
    alone = f"{number(reduced)} {own}"
    return alone if si is None else f"{told(si, unit)} ({alone})"


CHECKS = {
    "Josephson mismatch": ("josephson_mismatch", ".1e"),
    "energy mismatch": ("energy_mismatch", ".1e"),
    "energy balance": ("energy_balance", ".1e"),
    "Omega tau_eps": ("omega_tau_eps", ".3g"),
}
"""Entries of a summary that are told where the run has them, and how they are written."""


def lines(s: Mapping[str, Any], name: str) -> Iterator[str]:
    """The summary of a run for people; `name` stands for a title that is not there."""
    yield s["title"] or name
    si = s.get("si") or {}
    yield f"  {s['state']}, stopped by {s['stop_reason']} at t = {both(si.get('t_end'), 's', s['t_end'], 't0')}"
    yield f"  model {s['model']}, interference {s['interference']}, conductance {s['conductance']}"
    period = [] if s["period"] is None else [f"period {both(si.get('period'), 's', s['period'], 't0')}"]
    voltage = both(si.get("mean_voltage"), "V", s["mean_voltage"], "V0")
    parts = [f"mean voltage {voltage}", *period, f"{s['slips']} slips in the measured part"]
    yield f"  {', '.join(parts)}"
    if si:
        yield from si_line(si)
    if s.get("sweep"):
        found = [f"{name} {number(s['sweep'][f'{name}_current'], '.4g')} j0" for name in ("switching", "retrapping")]
        yield f"  currents: {', '.join(found)}"
    checked = [f"{name} {number(s[key], form)}" for name, (key, form) in CHECKS.items() if s[key] is not None]
    if checked:
        yield f"  {', '.join(checked)}"
    if (mesh := s["resolution"]) is not None:  # null where the record could not be worked out
        apart, turn = f"{mesh['spacing']:.3g}", f"{mesh['phase_turn']:.2g}"
        yield f"  nodes up to {apart} xi apart, phase turns by {turn} between them at most"
    if "phonons" in s:
        yield from phonon_lines(s["phonons"])
    if "noise" in s:
        yield noise_line(s["noise"])
    if "heat" in s:
        yield from heat_lines(s["heat"])
    yield f"  {s['unknowns']} unknowns, {s['steps']} steps, {s['cpu_seconds']:.2f} CPU s"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"


def noise_line(noise: Mapping[str, Any]) -> str:
    """Slips as chance events, for people."""
    waiting = f"waiting times {number(noise['waiting_mean'], '.4g')} +- {number(noise['waiting_std'], '.4g')} t0"
    rate = f"{number(noise['rate'], '.4g')} +- {number(noise['rate_error'], '.2g')} / t0"
    slips = f"{noise['forward']} slips forward, {noise['backward']} backward"
    return f"  noise kT {number(noise['kT'], '.4g')}, seed {noise['seed']}: {slips}, rate {rate}, {waiting}"


def phonon_lines(phonons: Mapping[str, Any]) -> Iterator[str]:
    """Phonons that act back, for people."""
    least, largest, work = (number(phonons[key], ".4g") for key in ("p_min", "p_max", "work"))
    sources = ", ".join(phonons["sources"])
    yield f"  phonons ({sources}; {phonons['form']} form): p from {least} to {largest}, mean work {work}"


GOES = {
    "condensate": "energy of psi", "thermal": "thermal energy", "nodes": "nodes", "through_held": "held boundaries",
    "to_baths": "lumped baths", "unaccounted": "unaccounted",
}  # fmt: skip
"""Where the work goes: entries of the ledger, and their words."""
COMES = {"brought": "brought to nodes", "by_sources": "from sources", "by_phonons": "work of phonons"}
LEAST = 1e-3
"""Percent of the work; what is less is not told."""


def heat_lines(heat: dict[str, Any]) -> Iterator[str]:
    """Temperatures, powers and the ledger of a heated run for people; of the measured part."""
    Tc = heat["units"]["temperature"] if "kelvin" in heat else None

    def degrees(T: float) -> str:
        return f"{T:.5g} Tc" + (f" ({T * Tc:.5g} K)" if Tc else "")

    for name in TEMPERATURES:
        if name in heat:
            T = heat[name]
            line = f"  {name}: mean {degrees(T['mean'])}, largest {degrees(T['max'])}"
            yield line + (f", of the run {degrees(T['max_of_run'])}" if T["max_of_run"] > T["max"] else "")
    if heat["nodes"]:
        yield "  nodes, mean: " + ", ".join(f"{name} {degrees(T['mean'])}" for name, T in heat["nodes"].items())
    if heat["powers"]:
        watts = np.array(list(heat["powers"].values())) * heat["units"]["power"]
        unit, factor = power_unit(watts) if Tc else ("", 1.0)
        parts = [f"{name} {P * factor:.4g} {unit}".rstrip() for name, P in zip(heat["powers"], watts, strict=True)]
        yield f"  mean powers from the first end of each link: {', '.join(parts)}"
    ledger = heat["ledger"]
    work = ledger["work"]
    if work is not None and work > 0:
        shares = {key: 100 * value / work for key, value in ledger.items() if value is not None}
        goes = [f"{word} {shares[key]:.3g} %" for key, word in GOES.items() if abs(shares.get(key, 0.0)) > LEAST]
        comes = [f"{word} {shares[key]:.3g} %" for key, word in COMES.items() if abs(shares.get(key, 0.0)) > LEAST]
        yield f"  of the work goes to: {', '.join(goes)}" + (f"; beside it came: {', '.join(comes)}" if comes else "")
    yield f"  ledger mismatch {number(ledger['mismatch'], '.1e')}"
