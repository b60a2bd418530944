"""The cooler as a kind of problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.figures import cooler as figures
from femtdgl.files.reader import Result
from femtdgl.kinds.cooler import page
from femtdgl.kinds.cooler.prepare import Prepared, prepare
from femtdgl.kinds.cooler.sections import CoolerProblem
from femtdgl.kinds.cooler.solve import solve
from femtdgl.kinds.cooler.summary import CoolerSummary
from femtdgl.kinds.cooler.tell import described, told
from femtdgl.kinds.kind import Job, Kind, Watch
from femtdgl.web.html import Markup, Section


class CoolerJob(Job):
    """A cooler that was read, with the mesh and the system of its filament."""

    def __init__(self, prepared: Prepared, text: str) -> None:
        self.prepared, self.text = prepared, text

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return described(self.prepared)

    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """The filament into DIR/filament, then the plates, and the figures."""
        solve(self.prepared, self.text, directory, watch)


class KapitzaCooler(Kind):
    """kind = "cooler": a filament between two plates, as a heat pump."""

    name = "cooler"
    summary = CoolerSummary
    sections = CoolerProblem
    draws_when_solved = True
    sources = ("PSC",)

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> CoolerJob:
        """A table as a cooler to solve."""
        return CoolerJob(prepare(table, file=file), text)

    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary in lines."""
        return told(summary, name)

    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """The figures."""
        return figures.write_figures(result)

    def equations(self, result: Result) -> Iterator[Markup]:
        """The balance of the plate."""
        return page.equations(result)

    def report(self, result: Result) -> Iterator[Section]:
        """The modes side by side, and the verdict."""
        return page.sections(result)


KIND = KapitzaCooler()
