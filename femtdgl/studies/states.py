"""States that a problem was found in: which of them are the same, and how many starts came to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]


def told_apart(rows: Sequence[Row], entries: Mapping[str, float], alike: float) -> list[int]:
    """The number of the state of each row, from 1 on in the order in which they come up.

    Words and whole numbers must agree, other numbers to a relative difference `alike`, or to what is small for them.
    """

    def same(a: Row, b: Row, name: str) -> bool:
        x, y = a.get(name), b.get(name)
        if not (isinstance(x, float) and isinstance(y, float)):
            return bool(x == y)
        return abs(x - y) <= max(alike * max(abs(x), abs(y)), entries[name])

    first: list[Row] = []
    numbers = []
    for row in rows:
        known = (n for n, other in enumerate(first, start=1) if all(same(row, other, name) for name in entries))
        number = next(known, 0)
        if not number:
            first.append(row)
            number = len(first)
        numbers.append(number)
    return numbers


def counted(rows: Sequence[Row], keys: Sequence[str], start: str, entries: Mapping[str, float], alike: float
            ) -> list[dict[str, Any]]:  # fmt: skip
    """A row for each state at each combination of the keys: how many starts reached it, which, and its entries."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row["status"] == "solved":
            groups.setdefault(repr([row[key] for key in keys]), []).append(row)
    found = []
    for group in groups.values():
        numbers = told_apart(group, entries, alike)
        for number in range(1, max(numbers) + 1):
            members = [row for row, its in zip(group, numbers, strict=True) if its == number]
            found.append(
                {
                    **{key: members[0][key] for key in keys},
                    "number": number,
                    "starts": len(members),
                    "from": ", ".join(str(row[start]) for row in members),
                    "point": members[0]["point"],
                    **{name: members[0].get(name) for name in entries},
                }
            )
    return found


def changes(rows: Sequence[Row], key: str, entries: Sequence[str]) -> list[dict[str, Any]]:
    """Where, along rows that follow one another, an entry is no longer what it was: between which values of the key.

    `at` is the middle; `way` says whether the key rises or falls there.
    """
    solved = [row for row in rows if row["status"] == "solved"]
    found = []
    for last, here in pairwise(solved):
        if all(last.get(name) == here.get(name) for name in entries):
            continue
        a, b = last[key], here[key]
        numbers = all(isinstance(value, int | float) for value in (a, b))
        found.append(
            {
                "way": ("up" if b > a else "down" if b < a else "") if numbers else "",
                "at": 0.5 * (a + b) if numbers else None,
                "last": a,
                "first": b,
                "point": here["point"],
                **{
                    f"{name}_{when}": row.get(name)
                    for name in entries
                    for when, row in (("before", last), ("after", here))
                },
            }
        )
    return found
