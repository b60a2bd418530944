"""A point of a study: one problem in a directory of its own, and the row that it adds to the table."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError, SolverStopped
from femtdgl.files.atomic import read_json, write_json
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.kinds.run import solve_into
from femtdgl.studies.values import in_numbers

ROW = "point.json"
"""Written last: a point that has it is finished."""
VOLATILE = ("cpu_seconds", "versions", "warnings", "title")
"""Entries of a summary that two equal runs do not share, or that are words for people."""


@dataclass(frozen=True, eq=False)
class Point:
    """A point: its number, the keys that it changes, the text of its problem, and where it is solved."""

    number: int
    changes: dict[str, Any]
    text: str
    file: str
    directory: Path

    @property
    def digest(self) -> str:
        """Of the text of the problem."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def read(self) -> Any:
        """The problem as something to solve.  Raises InputError for what is wrong with it."""
        table = toml.parse(self.text, file=self.file)
        return registry.of_table(table, file=self.file).read(table, self.text, file=self.file)

    def finished(self) -> dict[str, Any] | None:
        """The row of a point that was solved before; None if it was not, or was another one."""
        try:
            kept = read_json(self.directory / ROW)
        except InputError:
            return None
        return kept["row"] if kept.get("digest") == self.digest else None

    def solve(self) -> dict[str, Any]:
        """Solve it and write its row; a failure is a row too."""
        try:
            summary = solve_into(self.directory, self.read(), force=True).summary
        except (SolverStopped, InputError, MemoryError) as error:
            return self.write({**self._beginning(), "status": "failed", "reason": str(error) or "out of memory"})
        entries = {key: value for key, value in summary.items() if key not in VOLATILE}
        listed = registry.of_table(toml.parse(self.text)).listed
        row = {**self._beginning(), "status": "solved", "reason": ""}
        return self.write({**row, **{key: value for key, value in _flattened(entries, listed) if key not in row}})

    def killed(self, times: int) -> dict[str, Any]:
        """The row of a point whose process was killed again and again."""
        reason = f"its process was killed {times} times: it may need more memory than there is"
        return self.write({**self._beginning(), "status": "failed", "reason": reason})

    def _beginning(self) -> dict[str, Any]:
        return {"point": self.number, **{key: _cell(in_numbers(value)) for key, value in self.changes.items()}}

    def write(self, row: dict[str, Any]) -> dict[str, Any]:
        """Keep the row beside the result."""
        self.directory.mkdir(parents=True, exist_ok=True)
        write_json(self.directory / ROW, {"digest": self.digest, "row": row})
        return row


def _flattened(entries: Mapping[str, Any], listed: Sequence[str], before: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers, words and their absence by dotted names; of `listed` lists how many there are and each of them, others
    are left to the summaries.
    """
    for key, value in entries.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, listed, f"{before}{key}.")
        elif any(fnmatchcase(f"{before}{key}", pattern) for pattern in listed):
            yield f"{before}{key}", len(value)
            yield from _flattened({str(n): item for n, item in enumerate(value)}, listed, f"{before}{key}.")
        elif not isinstance(value, list | tuple):
            yield f"{before}{key}", _cell(value)


def _cell(value: Any) -> Any:
    """What JSON and a table can hold of a value."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)
