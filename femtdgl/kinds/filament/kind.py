"""The filament as a kind of problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.kinds.filament.describe import describe_problem
from femtdgl.kinds.filament.resume import resume
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.solve import solve
from femtdgl.kinds.filament.summary import FilamentSummary
from femtdgl.kinds.filament.tell import lines
from femtdgl.kinds.kind import Job, Kind, Onward, Watch
from femtdgl.problem import toml
from femtdgl.problem.problem import Problem


class FilamentJob(Job):
    """A filament whose mesh, system and start are made."""

    def __init__(self, problem: Problem, text: str) -> None:
        self.problem, self.text = problem, text
        self.simulation = Simulation(problem)

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return describe_problem(self.problem, self.simulation.system, self.simulation.extent)

    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """March it through time."""
        solve(self.simulation, self.text, directory, watch=watch)


class Filament(Kind):
    """kind = "filament": the finite-gap equations in a mesh."""

    name = "filament"
    summary = FilamentSummary
    described_by = Problem
    sections = Problem
    studied = (
        "state",
        "mean_voltage",
        "period",
        "phase_slip_centres",
        "mean_joule",
        "psi_center_min",
        "heat.T.max",
        "noise.rate",
    )

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> FilamentJob:
        """A table as a filament to solve."""
        return FilamentJob(toml.build(table, file=file), text)

    def text_of(self, problem: Problem) -> str:
        """Raises InputError for what no file holds, a vector potential in Python."""
        if problem.vector_potential is not None:
            words = "is a Python function, which no point of a study could read"
            raise InputError(words, key="vector_potential", allowed="drive.field")
        return toml.dump(problem)

    def read_object(self, problem: Problem, changes: Mapping[str, Any]) -> FilamentJob:
        """A Problem as a filament to solve: by its text, so that a file and Python give the same."""
        table = toml.parse(toml.dump(problem))
        toml.override(table, changes)
        again = replace(toml.build(table), vector_potential=problem.vector_potential)
        return FilamentJob(again, tomli_w.dumps(table))

    def resume(self, result: Result, onward: Onward, watch: Watch | None = None) -> None:
        """Go on from where it stands."""
        resume(result, onward, watch)

    def flux(
        self, result: Result, kernel: str = "exact", kinetics: str = "linear", *, full: bool = False
    ) -> Iterator[str]:
        """flux.h5, flux.json and their figure; tells the ledger."""
        from femtdgl.kinds.filament.flux import flux_lines, write_flux

        return flux_lines(write_flux(result, kernel, kinetics, full=full))

    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary in lines."""
        return lines(summary, name)

    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """The figures; in two and three dimensions also paraview/fields.pvd, and a GIF on request."""
        from femtdgl.figures import filament, heat, phonons, sweep, traces

        if result.nodes.shape[0] == 1:
            families = (filament, traces, heat, phonons, sweep)
            return [written for family in families for written in family.write_figures(result)]
        from femtdgl.figures import fields, path
        from femtdgl.files import paraview

        return [
            paraview.export(result),
            *traces.write_figures(result),  # first what needs no OpenGL
            *heat.write_figures(result),
            *sweep.write_figures(result),
            *path.write_figures(result),
            *fields.write_figures(result, times=times),
            *self._animation(result, animation),
        ]

    def _animation(self, result: Result, wanted: bool) -> list[Path]:
        if not wanted:
            return []
        from femtdgl.figures import movie

        return movie.write_figures(result)

    def picture(self, result: Result, name: str, *, times: Sequence[float] | None = None) -> list[Path]:
        """DIR/figures/space_time_<field>.png along a line, fields_<field>.png in the plane and in space."""
        from femtdgl.figures import alone

        return alone.write(result, name, times)

    def movie(self, result: Result, name: str, path: Path | None, *, fps: float, most: int,
              watch: Callable[[int, int], Any] | None = None) -> Path:  # fmt: skip
        """A movie of a field; see `figures.movie`."""
        from femtdgl.figures import movie

        return movie.write(result, name, path, fps=fps, most=most, watch=watch)


KIND = Filament()
