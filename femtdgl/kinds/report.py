"""What any run says at its end, and what any problem file says before it: each kind in its own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from femtdgl.files.reader import Result
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.kinds.run import read_file


def lines(result: Result) -> Iterator[str]:
    """The summary of a run for people."""
    yield from registry.of_result(result).tell(result.summary, str(result.directory))
    yield f"  written to {result.directory}"


def describe_file(path: str | Path, overrides: Sequence[str] = ()) -> Iterator[str]:
    """What would be solved, for a problem file of any kind; overrides as KEY=VALUE."""
    return read_file(path, toml.parse_overrides(overrides)).describe()


def figures(result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
    """Make the figures of a run again, and return the files."""
    return registry.of_result(result).draw(result, times=times, animation=animation)
