"""The thermal network as a kind of problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.kinds.kind import Job, Kind, Watch
from femtdgl.kinds.network.job import check_network, draw_network, network_lines, solve_network
from femtdgl.kinds.network.outcome import run_network


class NetworkJob(Job):
    """A network that was read."""

    def __init__(self, table: Mapping[str, Any], text: str, file: str) -> None:
        self.table, self.text = table, text
        self._lines = list(check_network(table, file=file))

    def describe(self) -> Iterator[str]:
        """What would be solved."""
        return iter(self._lines)

    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """Steady states, scan, transient and their figures."""
        solve_network(self.table, self.text, directory)


class ThermalNetwork(Kind):
    """kind = "network": lumped temperatures and the links between them."""

    name = "network"
    summary = dict
    draws_when_solved = True

    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> NetworkJob:
        """A table as a network to solve."""
        return NetworkJob(table, text, file)

    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary in lines."""
        return network_lines(summary)

    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """The figures."""
        table = toml.parse(result.problem_text, file=str(result.directory))
        return draw_network(run_network(table), result.directory)


KIND = ThermalNetwork()
