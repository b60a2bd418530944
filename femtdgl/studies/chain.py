"""Chains: points that come one after the other, because what came out of one decides the next.

A plan is a set of chains that know nothing of each other, so that as many go on at once as there are processes.  What
comes next is a function of the rows so far and of nothing else: a sweep that was killed goes on as if it never was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Step:
    """A point of a chain: the keys that it changes, and which point of the chain it begins with the end of."""

    changes: dict[str, Any]
    begins: int | None = None


class Chain(ABC):
    """Points one after the other."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """The most points that it may have."""

    @property
    def usual(self) -> int:
        """How many there are if all goes well."""
        return self.longest

    @property
    @abstractmethod
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The changes between which all of it lies: what is looked at before anything is solved."""

    @property
    @abstractmethod
    def follows(self) -> bool:
        """Whether points begin with the ends of others."""

    @abstractmethod
    def following(self, rows: Rows) -> Step | None:
        """The point after those of the rows; None: it has come to its end."""


@dataclass(frozen=True)
class Listed(Chain):
    """Points that were known from the start; `follow`: each begins with the end of the last that could be solved."""

    changes: tuple[dict[str, Any], ...]
    follow: bool = False

    @property
    def follows(self) -> bool:
        """As it was asked for."""
        return self.follow

    @property
    def longest(self) -> int:
        """The number of points."""
        return len(self.changes)

    @property
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The first and the last."""
        return self.changes[0], self.changes[-1]

    def following(self, rows: Rows) -> Step | None:
        """The next of the list."""
        if len(rows) == len(self.changes):
            return None
        solved = [k for k, row in enumerate(rows) if row["status"] == "solved"]
        return Step(self.changes[len(rows)], solved[-1] if self.follow and solved else None)
