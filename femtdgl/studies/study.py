"""A study: a plan, the problem whose keys it changes, and the points that come of both, wherever they are solved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from femtdgl.input import toml
from femtdgl.studies.chain import Step
from femtdgl.studies.plan import START, Plan
from femtdgl.studies.point import Point


@dataclass(frozen=True)
class Study:
    """The plan, the table of the problem without it, the name of its file, where results go, and the section of the
    problem that says how it starts.

    Points are numbered chain by chain, each chain as if it were as long as the longest.
    """

    plan: Plan
    table: Mapping[str, Any]
    file: str
    directory: Path
    beginning: str

    @property
    def digest(self) -> str:
        """Of all that decides what is solved."""
        plan = self.plan
        words = [plan.mode, plan.until and plan.until.text, plan.follow, plan.starts, plan.bracket]
        asked = json.dumps([words, plan.key, plan.values], default=str)
        return hashlib.sha256(f"{asked}\n{tomli_w.dumps(self.table)}".encode()).hexdigest()

    def chain_of(self, point: int) -> int:
        """The number of the chain that a point belongs to."""
        return point // self.plan.longest

    def following(self, chain: int, rows: Sequence[Mapping[str, Any]]) -> Point | None:
        """The point of a chain after those of its rows; None: the chain has come to its end."""
        step = self.plan.chains[chain].following(rows)
        return None if step is None else self._point(chain, len(rows), step)

    def resumed(self, chain: int, rows: list[dict[str, Any]]) -> Point | None:
        """The same, after the points that were solved before, whose rows are added; what comes after a point that was
        not is solved again with it.
        """
        while (point := self.following(chain, rows)) is not None:
            row = point.finished()
            if row is None:
                return point
            rows.append(row)
        return None

    def samples(self) -> Iterator[Point]:
        """Points that must be right before anything is solved: both ends of the first and the last chain, and each way
        to begin.
        """
        chains = self.plan.chains
        numbers = dict.fromkeys((0, len(chains) - 1, *range(min(len(chains), len(self.plan.starts)))))
        for number in numbers:
            for changes in chains[number].ends:
                yield self._point(number, 0, Step(changes))

    def _point(self, chain: int, place: int, step: Step) -> Point:
        """A point with the text of its problem."""
        first = chain * self.plan.longest
        own = toml.parse(tomli_w.dumps(self.table))
        toml.override(own, {key: value for key, value in step.changes.items() if key != START})
        if START in step.changes:
            own[self.beginning] = dict(self.plan.starts[step.changes[START]])
        if step.begins is not None:
            own[self.beginning] = {"file": str(place_of(self.directory, first + step.begins).resolve())}
        number = first + place
        return Point(number, step.changes, tomli_w.dumps(own), self.file, place_of(self.directory, number))


def place_of(directory: Path, number: int) -> Path:
    """The directory of a point."""
    return directory / "points" / f"{number:04d}"
