"""The cooler as a kind of problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.kinds.cooler.job import cooler_lines, describe_cooler, draw_cooler, solve_cooler
from femtdgl.kinds.cooler.tables import Prepared, prepare_cooler
from femtdgl.kinds.kind import Job, Kind, Watch


class CoolerJob(Job):
    """A cooler that was read."""

    def __init__(self, prepared: Prepared, text: str) -> None:
        self.prepared, self.text = prepared, text

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return describe_cooler(self.prepared)

    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """The filament into DIR/filament, then the plates, and the figures."""
        solve_cooler(self.prepared, self.text, directory, watch)


class KapitzaCooler(Kind):
    """kind = "cooler": a filament between two plates, as a heat pump."""

    name = "cooler"
    summary = dict
    draws_when_solved = True

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> CoolerJob:
        """A table as a cooler to solve."""
        return CoolerJob(prepare_cooler(table, file=file), text)

    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary in lines."""
        return cooler_lines(summary)

    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """The figures."""
        return draw_cooler(result.directory)


KIND = KapitzaCooler()
