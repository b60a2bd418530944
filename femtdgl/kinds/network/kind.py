"""The thermal network as a kind of problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from femtdgl.errors import InputError, SolverStopped
from femtdgl.figures.network import write_figures
from femtdgl.files.atomic import write_json
from femtdgl.files.hdf5 import created, seal, store
from femtdgl.files.reader import Result
from femtdgl.files.versions import version_attributes
from femtdgl.input import toml
from femtdgl.kinds.kind import Job, Kind, Watch
from femtdgl.kinds.network import page
from femtdgl.kinds.network.read import Prepared, prepare
from femtdgl.kinds.network.solve import solve
from femtdgl.kinds.network.summary import NetworkSummary
from femtdgl.kinds.network.tables import NetworkProblem
from femtdgl.kinds.network.tell import describe, lines
from femtdgl.web.html import Markup, Section


class NetworkJob(Job):
    """A network that was read."""

    def __init__(self, prepared: Prepared, text: str) -> None:
        self.prepared, self.text = prepared, text

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return describe(self.prepared)

    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """Steady states, curves, transient and their figures."""
        try:
            with np.errstate(all="ignore"):
                outcome = solve(self.prepared)
        except (InputError, ArithmeticError, MemoryError) as error:  # nothing in the file is wrong: it has no solution
            raise SolverStopped(f"{error}", time=0.0, kept="nothing is kept") from error
        with created(directory / "result.h5") as file:
            seal(file, {"format": "femtdgl network 1", **version_attributes()}, self.text)
            for name, array in outcome.arrays.items():
                store(file, name, array)
        write_json(directory / "summary.json", outcome.summary)
        write_figures(outcome, outcome.entries.title, directory / "figures", outcome.figures)


class ThermalNetwork(Kind):
    """kind = "network": lumped temperatures and the links between them."""

    name = "network"
    summary = NetworkSummary
    listed = ("roots", "ndtc_windows", "scan.*.falls")
    coexisting = "roots"
    sections = NetworkProblem
    draws_when_solved = True
    sources = ("SN", "NIS")

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> NetworkJob:
        """A table as a network to solve."""
        return NetworkJob(prepare(table, file=file), text)

    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary in lines."""
        return lines(summary, name)

    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """The figures, of the problem solved again: a stored result does not hold all of a scan."""
        where = str(result.directory)
        outcome = solve(prepare(toml.parse(result.problem_text, file=where), file=where))
        return write_figures(outcome, outcome.entries.title, result.directory / "figures", outcome.figures)

    def equations(self, result: Result) -> Iterator[Markup]:
        """The balance of the nodes and the laws of the links."""
        return page.equations(result)

    def report(self, result: Result) -> Iterator[Section]:
        """All steady states, and NDTC windows."""
        return page.sections(result)


KIND = ThermalNetwork()
