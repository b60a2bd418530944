"""What a run says at its end: a few lines of text, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femtdgl.figures.network import power_unit
from femtdgl.files.reader import Result
from femtdgl.kinds.cooler.job import check_cooler, cooler_lines, draw_cooler
from femtdgl.kinds.network.job import check_network, draw_network, network_lines
from femtdgl.kinds.network.outcome import run_network
from femtdgl.problem import config
from femtdgl.problem.heat import TEMPERATURES
from femtdgl.problem.problem import Problem

if TYPE_CHECKING:
    from femtdgl.solve.heat.terms import HeatTerms


def number(value: Any, form: str = ".6g") -> str:
    """A number as text; a dash for None."""
    return "-" if value is None else format(value, form)


def lines(result: Result) -> Iterator[str]:
    """The summary of a run for people."""
    s = result.summary
    if s.get("kind") == "network":
        yield from network_lines(s)
        yield f"  written to {result.directory}"
        return
    if s.get("kind") == "cooler":
        yield from cooler_lines(s)
        yield f"  written to {result.directory}"
        return
    yield s["title"] or str(result.directory)
    yield f"  {s['state']}, stopped by {s['stop_reason']} at t = {number(s['t_end'])} t0"
    yield f"  model {s['model']}, interference {s['interference']}, conductance {s['conductance']}"
    yield (
        f"  mean voltage {number(s['mean_voltage'])} V0, period {number(s['period'])} t0, "
        f"{s['slips']} slips in the measured part"
    )
    yield (
        f"  Josephson mismatch {number(s['josephson_mismatch'], '.1e')}, "
        f"energy mismatch {number(s['energy_mismatch'], '.1e')}, Omega tau_eps {number(s['omega_tau_eps'], '.3g')}"
    )
    if "heat" in s:
        yield from heat_lines(s["heat"])
    yield f"  {s['unknowns']} unknowns, {s['steps']} steps, {s['cpu_seconds']:.2f} CPU s"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"
    yield f"  written to {result.directory}"


GOES = {
    "free_energy": "free energy", "thermal_energy": "thermal energy", "nodes": "nodes", "condensation": "condensation",
    "through_held": "held boundaries", "to_baths": "lumped baths",
}  # fmt: skip
"""Where the work goes: entries of the ledger, and their words."""
COMES = {"reversible": "reversible exchange", "brought": "brought to nodes"}
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
    if work > 0:
        shares = {key: 100 * value / work for key, value in ledger.items()}
        goes = [f"{word} {shares[key]:.3g} %" for key, word in GOES.items() if abs(shares.get(key, 0.0)) > LEAST]
        comes = [f"{word} {shares[key]:.3g} %" for key, word in COMES.items() if abs(shares.get(key, 0.0)) > LEAST]
        yield f"  of the work goes to: {', '.join(goes)}" + (f"; beside it came: {', '.join(comes)}" if comes else "")
    yield f"  ledger mismatch {number(ledger['mismatch'], '.1e')}"


def flux_lines(s: dict[str, Any]) -> Iterator[str]:
    """The ledger of a flux for people."""
    yield f"phonon flux, kernel {s['kernel']}, kinetics {s['kinetics']}"
    yield f"  Omega tau_eps {number(s['omega_tau_eps'], '.3g')}"
    yield (
        f"  gross emission {number(s['gross_emission'])}, absorption {number(s['gross_absorption'])}, "
        f"net {number(s['net_linear'], '.2e')} (sampled {number(s['net_sampled'], '.2e')})"
    )
    yield (
        f"  Joule heat {number(s['joule'])}, irreversible {number(s['irreversible'])}, "
        f"absorbed in a cycle {number(s['heat_absorbed'])}: g_W = {number(s['g_W'], '.4g')}"
    )
    if s["relaxation_loss"] is not None:
        yield f"  relaxation loss {number(s['relaxation_loss'])}, its work {number(s['relaxation_work'])}"
    yield f"  populations from {number(s['n_min'], '.3g')} to {number(s['n_max'], '.3g')}"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"


def describe_file(path: str, overrides: Sequence[str]) -> Iterator[str]:
    """What would be solved, for a problem file of any kind."""
    changes = config.parse_overrides(overrides)
    table, _ = config.read(path, changes)
    if table.get("kind") == "network":
        yield from check_network(table, file=path)
    elif table.get("kind") == "cooler":
        yield from check_cooler(table, file=path)
    else:
        yield from describe_problem(config.build(table, file=path))


def describe_problem(problem: Problem) -> Iterator[str]:
    """What would be solved."""
    from femtdgl.solve.system import System

    system = System(problem)
    film = problem.film
    yield problem.title or "(no title)"
    yield f"  mesh        {problem.mesh.shape}, {system.space.N} nodes, order {problem.mesh.order}"
    yield f"  film        delta {film.delta:g}, eta {film.eta:g}, u {film.u:.6g}"
    yield f"  model       {film.model}, {film.conductance} conductance"
    yield f"  current     {film.interference} interference, c = {system.constants.c:.6g}"
    yield f"  boundary    {', '.join(f'{name}: {condition.kind}' for name, condition in problem.boundary.items())}"
    if system.heat is not None:
        yield from describe_heat(problem, system.heat)
    yield f"  unknowns    {system.size}, Jacobian entries {system.nnz}"
    yield f"  time        to {problem.time.t_end:g} t0, rtol {problem.time.rtol:g}"


def describe_heat(problem: Problem, terms: HeatTerms) -> Iterator[str]:
    """What would be solved beside psi: laws, what is held, nodes and links."""
    heat, laws = terms.heat, terms.laws
    Tc = None if problem.film.scales is None else problem.film.scales.Tc
    bath = heat.bath_temperature(problem.film)
    held, *phonons = (", ".join(names) or "nowhere" for names in heat.held(problem.banks))
    if phonons and phonons[0] != held:
        held += f" (phonons: {phonons[0]})"
    kelvin = "" if Tc is None else f" ({bath * Tc:.5g} K)"
    count = "two temperatures" if heat.temperatures == "two" else "one temperature"
    yield f"  heat        {count}, source {heat.source}, bath {bath:.5g} Tc{kelvin}, held at: {held}"
    words = ["electrons", "phonons"] if len(laws.capacity) == 2 or len(laws.capacity[0]) == 2 else ["electrons"]
    parts = [
        (law, k)
        for laws_C, laws_k in zip(laws.capacity, laws.conductivity, strict=True)
        for law, k in zip(laws_C, laws_k, strict=True)
    ]
    for word, (C, k) in zip(words, parts, strict=True):
        gap = ", less below Tc by the gap" if C.bcs != "none" else ""
        yield f"  {word:11} C = {C.value:.5g} (T/Tc)^{C.exponent:g}, k = {k.value:.5g} (T/Tc)^{k.exponent:g}{gap}"
    if laws.coupling is not None:
        m = f"{laws.coupling.exponent:g}"
        yield f"  coupling    {laws.coupling.value:.5g} (T_e^{m} - T_p^{m})"
    unit = "Tc" if Tc is None else "K"
    for name, node in heat.nodes.items():
        if node.temperature is not None:
            state = f"held at {node.temperature:g} {unit}"
        else:
            start = f" from {node.initial:g} {unit}" if node.initial is not None else ""
            state = f"free{start}" + (f", heat {node.heat:g}" if node.heat else "")
        yield f"  node        {name}: {state}"
    for name, join in heat.links.items():
        yield f"  link        {name}: {type(join.link).__name__} between {' and '.join(join.between)}"


def figures(result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
    """Write the figures of a run to figures/; in two and three dimensions also paraview/fields.pvd."""
    if result.summary.get("kind") == "network":
        table = config.parse(result.problem_text, file=str(result.directory))
        return draw_network(run_network(table), result.directory)
    if result.summary.get("kind") == "cooler":
        return draw_cooler(result.directory)
    if result.nodes.shape[0] == 1:
        from femtdgl.figures import filament as plots
        from femtdgl.figures import heat as plots_heat

        return [*plots.write_figures(result), *plots_heat.write_figures(result)]
    from femtdgl.figures import fields as plots_fields
    from femtdgl.figures import heat as plots_heat
    from femtdgl.files import paraview

    return [
        paraview.export(result),
        *plots_heat.write_figures(result),  # first: it needs no OpenGL
        *plots_fields.write_figures(result, times=times, animation=animation),
    ]
