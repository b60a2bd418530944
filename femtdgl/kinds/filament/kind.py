"""The filament as a kind of problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.kinds.filament.describe import describe_problem
from femtdgl.kinds.filament.equations import equations
from femtdgl.kinds.filament.resume import resume
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.kinds.filament.solve import solve
from femtdgl.kinds.filament.summary import FilamentSummary
from femtdgl.kinds.filament.tell import lines
from femtdgl.kinds.kind import Job, Kind, Onward, Watch
from femtdgl.problem import toml
from femtdgl.problem.in_python import left_out
from femtdgl.problem.problem import Problem, describe
from femtdgl.web.html import Markup, Section

if TYPE_CHECKING:
    from femtdgl.web.scene import Scene

NO_VOLTAGE = 1e-3
"""Of a state at rest (V0)."""


class FilamentJob(Job):
    """A filament whose mesh, system and start are made."""

    def __init__(self, problem: Problem, text: str) -> None:
        self.problem, self.text = problem, text
        self.simulation = Simulation(problem)

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return describe_problem(self.problem, self.simulation.system, self.simulation.extent)

    def on(self, device: str) -> None:
        """March it on a device."""
        self.simulation.on(device)

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

    beginning = "initial"
    sources = ("PSC",)

    def distinguishing(self, entries: Sequence[str]) -> dict[str, float]:
        """What it does, where, how fast; and numbers of vortices and flux quanta."""
        counts = (name.removesuffix("_largest_jump") for name in entries if name.endswith("_largest_jump"))
        known = ("state", "phase_slip_centres", "slips_per_period", "mean_voltage", "vortices.at_end")
        told = (name for name in (*known, *(f"{name}_end" for name in counts)) if name in entries)
        return {name: NO_VOLTAGE if name == "mean_voltage" else 0.0 for name in told}

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> FilamentJob:
        """A table as a filament to solve."""
        problem = toml.build(table, file=file)
        if any("file" in field for field in table.get("map", {}).get("fields", {}).values()):  # is stored too
            text = tomli_w.dumps({**table, "map": describe(problem.map)})
        return FilamentJob(problem, text)

    def text_of(self, problem: Problem) -> str:
        """Raises InputError for what no file holds, functions in Python."""
        words = "is a Python function, which no point of a study could read"
        if problem.vector_potential is not None:
            raise InputError(words, key="vector_potential", allowed="drive.field, drive.source")
        for key in left_out(describe(problem)):
            raise InputError(words, key=key, allowed='what a file can hold, such as an expression, "0.4 + 0.1*sin(t)"')
        return toml.dump(problem)

    def problem_of(self, table: Mapping[str, Any], *, file: str = "") -> Problem:
        """A Problem."""
        return toml.build(table, file=file)

    def read_object(self, problem: Problem, changes: Mapping[str, Any]) -> FilamentJob:
        """A Problem as a filament to solve: by its text, so that a file and Python give the same."""
        return FilamentJob(*toml.build_again(problem, changes))

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

    def equations(self, result: Result) -> Iterator[Markup]:
        """(1.1) to (1.4) with their variants, boundaries, heat, and the units."""
        return equations(result)

    def report(self, result: Result) -> Iterator[Section]:
        """Fields over time, and the ledgers."""
        from femtdgl.kinds.filament.page import sections

        return sections(result)

    def view(self, result: Result) -> Scene:
        """The fields for the interactive view, also of a run that goes on."""
        from femtdgl.web.scene import Scene

        return Scene(result)


KIND = Filament()
