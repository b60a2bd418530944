"""Bisection: where along a key something begins to hold.

The two ends of the bracket, then its middle again and again.  With `follow` each point begins with the end of the last
one before the threshold, along the branch that ends there.  A state may then be lost because the step to it was long,
not because it has ended: a value beyond the threshold that was reached by a longer step than the tolerance is tried
again from nearby; where the state lives there it is followed on, in steps as long as it survives.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from femtdgl.errors import InputError
from femtdgl.studies.chain import Chain, Row, Rows, Step
from femtdgl.studies.rule import Rule
from femtdgl.studies.values import Bracket

AGAIN = 8
"""Times the points of a plain bisection that one which follows may take."""
ROUNDING = 1e-9
"""Part of the tolerance by which a bracket may be wider."""


@dataclass(frozen=True)
class Tried:
    """A value of the key, the number of its point, and how far the state was taken to it."""

    value: float
    point: int
    step: float


@dataclass
class Search:
    """What is left of a bracket: the last value before the threshold, and those beyond it, the nearest last."""

    bracket: Bracket
    follow: bool
    before: Tried
    beyond: list[Tried]
    safe: float = 0.0
    """The longest step that a state survived, once one was lost where it lives."""
    growing: bool = True
    """Whether longer ones are still to be tried."""

    @property
    def width(self) -> float:
        """Of the bracket, with the sign of its direction."""
        return self.beyond[-1].value - self.before.value

    def next_value(self) -> float | None:
        """What to try next; None: it is as narrow as it has to be."""
        last, width, slack = self.beyond[-1], abs(self.width), 1 + ROUNDING
        from_afar = self.follow and last.step > slack * max(width, self.bracket.tolerance)
        if width <= slack * self.bracket.tolerance:
            return last.value if from_afar else None
        if not self.safe or not from_afar:
            return self.before.value + 0.5 * self.width
        reach = self.safe * (2 if self.growing else 1)
        return last.value if width <= reach else self.before.value + math.copysign(reach, self.width)

    def take(self, value: float, point: int, beyond: bool) -> None:
        """What came out of it."""
        tried = Tried(value, point, abs(value - self.before.value))
        again = value == self.beyond[-1].value
        if again:
            self.beyond.pop()
        if beyond:
            self.beyond.append(tried)
            self.growing = self.growing and not (self.safe and tried.step > self.safe)
            return
        if again or self.safe:
            self.safe = max(self.safe, tried.step)
        self.before = tried


@dataclass(frozen=True)
class Bisection(Chain):
    """Where `rule` begins to hold along a key of a problem, with the other keys as they are."""

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
    def usual(self) -> int:
        """Both ends and every halving."""
        return 2 + self.bracket.halvings

    @property
    def longest(self) -> int:
        """More, where states are tried again."""
        return self.usual * (AGAIN if self.follow else 1)

    @property
    def ends(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Those of the bracket."""
        return self._at(self.bracket.start), self._at(self.bracket.stop)

    def _at(self, value: float) -> dict[str, Any]:
        return {**self.others, self.key: self.bracket.said(value)}

    def following(self, rows: Rows) -> Step | None:
        """The ends, then what is left to be tried."""
        if len(rows) < 2:
            return (
                None if any(self._wrong(rows)) else Step(self._at(self.bracket.ends[len(rows)]), self._begin(0, rows))
            )
        search, reason = self._search(rows)
        value = None if reason else search.next_value()
        return None if value is None else Step(self._at(value), self._begin(search.before.point, rows))

    def _begin(self, point: int, rows: Rows) -> int | None:
        return point if self.follow and rows else None

    def found(self, rows: Rows) -> dict[str, Any]:
        """What is known after these rows: the bracket, its middle, the points at its ends, and what went wrong.

        "point_before" and "point_after" count within the chain.
        """
        search, reason = self._search(rows)
        before, after = search.before, (search.beyond or [Tried(self.bracket.stop, 1, 0.0)])[-1]
        return {
            "status": "failed" if reason else "solved",
            "reason": reason,
            "threshold": None if reason else 0.5 * (before.value + after.value),
            "before": before.value,
            "after": after.value,
            "point_before": before.point,
            "point_after": after.point,
            "evaluations": len(rows),
        }

    def _search(self, rows: Rows) -> tuple[Search, str]:
        """The search after these rows, and what is wrong with it."""
        start, stop = self.bracket.ends
        search = Search(self.bracket, self.follow, Tried(start, 0, 0.0), [Tried(stop, 1, abs(stop - start))])
        reason = next(self._wrong(rows), "")
        for point, row in enumerate(rows[2:], start=2):
            value = search.next_value()
            if reason or value is None:
                break
            beyond, reason = self._judged(row, rows[0])
            if not reason:
                search.take(value, point, beyond)
            if not search.beyond:
                reason = f"{self.rule.text!r} holds not even at the end, {self.key} = {stop!r}"
        if not reason and len(rows) == self.longest and search.next_value() is not None:
            reason = f"is not found in {self.longest} points: the state is lost here and there, not beyond one value"
        return search, reason

    def _wrong(self, rows: Rows) -> Iterator[str]:
        """What is wrong with the ends of the bracket."""
        for k, (row, value) in enumerate(zip(rows, self.bracket.ends, strict=False)):
            beyond, reason = self._judged(row, rows[0])
            if reason:
                yield reason
            elif beyond is not (k == 1):
                where = "already at the beginning" if beyond else "not even at the end"
                yield f"{self.rule.text!r} holds {where}, {self.key} = {value!r}"

    def _judged(self, row: Row, first: Row) -> tuple[bool, str]:
        """Whether a row lies beyond the threshold, or why that cannot be said."""
        if row["status"] != "solved":
            return False, f"point {row['point']}: {row['reason']}"
        try:
            return self.rule.holds(row, first), ""
        except InputError as error:
            return False, f"point {row['point']}: {error}"
