"""Chains: points that come one after the other, because what came out of one decides the next.

A plan is a set of chains that know nothing of each other, so that as many go on at once as there are processes.  What
comes next is a function of the rows so far and of nothing else: a sweep that was killed goes on as if it never was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from femtdgl.errors import InputError
from femtdgl.studies.rule import Rule
from femtdgl.studies.values import Bracket

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


@dataclass(frozen=True)
class Bisection(Chain):
    """The two ends of a bracket, then its middle again and again; `rule` holds beyond the threshold.

    follow: each point begins with the end of the last one before the threshold, along the branch that ends there.
    """

    key: str
    bracket: Bracket
    rule: Rule
    others: dict[str, Any] = field(default_factory=dict)
    follow: bool = False

    @property
    def follows(self) -> bool:
        """As it was asked for."""
        return self.follow

    @property
    def longest(self) -> int:
        """Both ends and every halving."""
        return 2 + self.bracket.halvings

    @property
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Those of the bracket."""
        return self._at(self.bracket.start), self._at(self.bracket.stop)

    def _at(self, value: float) -> dict[str, Any]:
        return {**self.others, self.key: value}

    def following(self, rows: Rows) -> Step | None:
        """The ends, then the middle of what is left of the bracket."""
        found = self.found(rows)
        if found["reason"] or len(rows) == self.longest:
            return None
        if not rows:
            return Step(self._at(self.bracket.start))
        begins = int(found["point_before"]) if self.follow else None
        return Step(self._at(self.bracket.stop if len(rows) == 1 else found["threshold"]), begins)

    def found(self, rows: Rows) -> dict[str, Any]:
        """What is known after these rows: the bracket, its middle, the points at its ends, and what went wrong.

        "point_before" and "point_after" count within the chain.
        """
        before, after = self.bracket.start, self.bracket.stop
        points, reason = [0, 1], ""
        for k, row in enumerate(rows):
            at = row.get("point", k)
            beyond, reason = self._judged(row, rows[0])
            if not reason and k < 2 and beyond is not (k == 1):
                where = "already at the beginning" if beyond else "not even at the end"
                reason = f"{self.rule.text!r} holds {where}, {self.key} = {(before, after)[k]!r}"
            if reason:
                reason = reason if k < 2 and beyond is not None else f"point {at}: {reason}"
                break
            if k >= 2:
                middle = 0.5 * (before + after)
                before, after = (before, middle) if beyond else (middle, after)
                points[int(bool(beyond))] = k
        return {
            "status": "failed" if reason else "solved",
            "reason": reason,
            "threshold": None if reason else 0.5 * (before + after),
            "before": before,
            "after": after,
            "point_before": points[0],
            "point_after": points[1],
            "evaluations": len(rows),
        }

    def _judged(self, row: Row, first: Row) -> tuple[bool | None, str]:
        """Whether a row lies beyond the threshold, or why that cannot be said."""
        if row["status"] != "solved":
            return None, str(row["reason"])
        try:
            return self.rule.holds(row, first), ""
        except InputError as error:
            return None, str(error)
