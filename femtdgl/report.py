"""What a run says at its end: a few lines of text, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.problem import Problem


def number(value: Any, form: str = ".6g") -> str:
    """A number as text; a dash for None."""
    return "-" if value is None else format(value, form)


def lines(result: Result) -> Iterator[str]:
    """The summary of a filament for people."""
    s = result.summary
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
    if result.nodes.shape[0] == 1:
        from femtdgl import plots

        return plots.write_figures(result)
    from femtdgl import plots_fields
    from femtdgl.files import paraview

    return [paraview.export(result), *plots_fields.write_figures(result, times=times, animation=animation)]
