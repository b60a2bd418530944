"""The plan of a sweep: which keys of a problem take which values, and in which order.

[sweep]
mode = "product"                                          # "zip", "follow", "bisect", "starts"
"drive.current" = { from = 1.0, to = 1.6, count = 9 }     # or { from, to, step }
"film.interference" = ["published", "consistent", "off"]  # any list, also of ranges that follow one another

product   every value of one key with every value of the others, the last key fastest
zip       the first values of all keys, the second ones, ...
follow    as zip, one after the other, each point from the end of the one before it
bisect    one key with { from, to, tolerance }: where `until` begins to hold, for every product of the others
starts    every value of the keys with every way to begin of [sweep.starts]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from femtdgl.errors import InputError
from femtdgl.studies.bisection import Bisection
from femtdgl.studies.chain import Chain, Listed
from femtdgl.studies.order import Convergence
from femtdgl.studies.rule import ALLOWED, Rule
from femtdgl.studies.values import (
    BRACKET,
    FORMS,
    MOST,
    Bracket,
    bracket,
    flattened,
    in_numbers,
    is_bracket,
    unit_of,
    values,
)

MODES = ("product", "zip", "follow", "bisect", "starts")
START = "start"
"""The key under which a plan lists its ways to begin."""
WORDS: dict[str, tuple[str, ...]] = {
    "mode": MODES,
    "until": ("bisect",),
    "follow": ("bisect",),
    "starts": ("starts",),
    "alike": ("starts",),
    "convergence": ("product", "zip"),
    "expect": MODES,
}
"""Words of [sweep] that are no keys of the problem, and the modes that know them."""
ALIKE = 0.02
"""Relative difference of two voltages, ... of one state."""


@dataclass(frozen=True)
class Plan:
    """Keys (dotted) with the values of each in order, and what else a mode needs to know."""

    mode: str
    values: dict[str, tuple[Any, ...]]
    key: str = ""
    """The key that is bisected."""
    bracket: Bracket | None = None
    until: Rule | None = None
    follow: bool = False
    starts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Sections that say how a problem starts, by name."""
    alike: float = ALIKE
    convergence: Convergence | None = None
    expect: dict[str, Any] = field(default_factory=dict)
    """What is expected of the table, for tests."""

    @classmethod
    def read(cls, table: Any, *, file: str = "") -> Plan:
        """A [sweep] as it stands in a file.  Raises InputError, with the key."""
        if not isinstance(table, Mapping):
            raise InputError(f"{table!r} is no section", key="sweep", file=file, allowed=f"keys with {FORMS}")
        try:
            return cls._read(table)
        except InputError as error:
            raise InputError(error.message, key=error.key, file=file, allowed=error.allowed) from None

    @classmethod
    def _read(cls, table: Mapping[str, Any]) -> Plan:
        mode = table.get("mode", "product")
        if mode not in MODES:
            raise InputError(f"{mode!r} is not possible", key="sweep.mode", allowed=", ".join(MODES))
        for word in table.keys() & WORDS.keys():
            if mode not in WORDS[word]:
                modes = " or ".join(WORDS[word])
                raise InputError(f"means nothing in mode {mode!r}", key=f"sweep.{word}", allowed=f"mode {modes}")
        given = dict(flattened({key: value for key, value in table.items() if key not in WORDS}))
        if not given and mode != "starts":
            raise InputError("names no key", key="sweep", allowed=f"dotted keys of the problem with {FORMS}")
        brackets = {key: _of(key, bracket, value) for key, value in given.items() if is_bracket(value)}
        listed = {key: _of(key, values, value) for key, value in given.items() if key not in brackets}
        if len(brackets) != (mode == "bisect"):
            key = f'sweep."{[*brackets][-1]}"' if brackets else "sweep"
            words = f"{len(brackets)} keys have a tolerance"
            allowed = f"one key with {BRACKET}" if mode == "bisect" else 'mode = "bisect"'
            raise InputError(words, key=key, allowed=allowed)
        starts = _starts(table.get("starts", {})) if mode == "starts" else {}
        plan = cls(
            mode,
            {**listed, **({START: tuple(starts)} if starts else {})},
            next(iter(brackets), ""),
            next(iter(brackets.values()), None),
            _until(table) if mode == "bisect" else None,
            follow=_follow(table.get("follow", mode == "follow")),
            starts=starts,
            alike=_alike(table.get("alike", ALIKE)),
            convergence=Convergence.read(table["convergence"], listed) if "convergence" in table else None,
            expect=_section("expect", table.get("expect", {})),
        )
        plan._check()
        return plan

    def _check(self) -> None:
        lengths = {key: len(listed) for key, listed in self.values.items()}
        if self.mode in ("zip", "follow") and len(set(lengths.values())) > 1:
            counts = ", ".join(f"{key} {n}" for key, n in lengths.items())
            raise InputError(f"has lists of different lengths: {counts}", key="sweep", allowed="equal ones")
        if self._combinations > MOST:
            raise InputError(f"makes {self._combinations} points", key="sweep", allowed=f"at most {MOST}")

    @property
    def is_product(self) -> bool:
        """Whether every value of one key meets every value of the others."""
        return self.mode not in ("zip", "follow")

    @property
    def _combinations(self) -> int:
        lengths = [len(listed) for listed in self.values.values()]
        return math.prod(lengths) if self.is_product else lengths[0]

    @property
    def size(self) -> int:
        """Number of points; of a bisection that of one without a surprise."""
        return sum(chain.usual for chain in self.chains)

    @property
    def longest(self) -> int:
        """Points of the longest chain."""
        return max(chain.longest for chain in self.chains)

    @property
    def told(self) -> dict[str, list[str]]:
        """The values of each key as text, for files."""
        told = {key: [str(value) for value in listed] for key, listed in self.values.items()}
        if self.bracket is not None:
            told[self.key] = [str(self.bracket.said(end)) for end in self.bracket.ends]
        return told

    @property
    def numbers(self) -> dict[str, list[Any]]:
        """The values of each key as the table has them: those with units in SI."""
        return {key: [in_numbers(value) for value in listed] for key, listed in self.values.items()}

    def label(self, key: str) -> str:
        """A key with the SI unit of its values, if they have any."""
        unit = unit_of(self.values[key]) if key in self.values else self.bracket.unit if self.bracket else ""
        return f"{key} ({unit})" if unit else key

    @property
    def points(self) -> list[dict[str, Any]]:
        """The changes of each combination of the listed values."""
        combined = itertools.product if self.is_product else zip
        return [dict(zip(self.values, row, strict=True)) for row in combined(*self.values.values())]

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """What goes on by itself: every point; all points of `follow`; the bisection of each combination."""
        if self.mode == "follow":
            return (Listed(tuple(self.points), follow=True),)
        if self.bracket is None or self.until is None:
            return tuple(Listed((changes,)) for changes in self.points)
        return tuple(
            Bisection(self.key, self.bracket, self.until, changes, self.follow) for changes in self.points
        )  # fmt: skip


def _of(key: str, read: Any, given: Any) -> Any:
    """What stands under a key, read.  Raises InputError with the key."""
    try:
        return read(given)
    except InputError as error:
        raise InputError(error.message, key=f'sweep."{key}"', allowed=error.allowed) from None


def _until(table: Mapping[str, Any]) -> Rule:
    if "until" not in table:
        raise InputError("is missing", key="sweep.until", allowed=ALLOWED)
    return Rule.read(table["until"])


def _follow(given: Any) -> bool:
    if not isinstance(given, bool):
        raise InputError(f"{given!r} is not possible", key="sweep.follow", allowed="true or false")
    return given


def _alike(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1:
        raise InputError(f"{given!r} is not possible", key="sweep.alike", allowed="a number from 0 to 1")
    return float(given)


def _section(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InputError(f"{given!r} is no section", key=f"sweep.{name}", allowed="a table")
    return dict(given)


def _starts(given: Any) -> dict[str, dict[str, Any]]:
    """Ways to begin by name; one with a list of seeds is as many, each with its seed behind the name."""
    found: dict[str, dict[str, Any]] = {}
    for name, start in _section("starts", given).items():
        if not isinstance(start, Mapping):
            raise InputError(f"{start!r} is no section", key=f"sweep.starts.{name}", allowed="what [initial] may hold")
        seeds = start.get("seed")
        if isinstance(seeds, list | tuple | Mapping):
            for seed in _of(f"starts.{name}.seed", values, seeds):
                whole = isinstance(seed, float) and seed.is_integer()
                found[f"{name} {int(seed) if whole else seed}"] = {**start, "seed": int(seed) if whole else seed}
        else:
            found[name] = dict(start)
    if not found:
        raise InputError("names no start", key="sweep.starts", allowed="tables by name, each what [initial] may hold")
    return found
