"""What a run says at its end: a few lines of text, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from femtdgl import config
from femtdgl.cooler_job import check_cooler, cooler_lines, draw_cooler
from femtdgl.files.reader import Result
from femtdgl.network_job import check_network, draw_network, network_lines
from femtdgl.problem import Problem
from femtdgl.thermal.network_problem import run_network


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
    yield f"  {s['unknowns']} unknowns, {s['steps']} steps, {s['cpu_seconds']:.2f} CPU s"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"
    yield f"  written to {result.directory}"


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
    yield f"  unknowns    {system.size}, Jacobian entries {system.nnz}"
    yield f"  time        to {problem.time.t_end:g} t0, rtol {problem.time.rtol:g}"


def figures(result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
    """Write the figures of a run to figures/; in two and three dimensions also paraview/fields.pvd."""
    if result.summary.get("kind") == "network":
        table = config.parse(result.problem_text, file=str(result.directory))
        return draw_network(run_network(table), result.directory)
    if result.summary.get("kind") == "cooler":
        return draw_cooler(result.directory)
    if result.nodes.shape[0] == 1:
        from femtdgl import plots

        return plots.write_figures(result)
    from femtdgl import plots_fields
    from femtdgl.files import paraview

    return [paraview.export(result), *plots_fields.write_figures(result, times=times, animation=animation)]
