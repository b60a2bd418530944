"""Quantities and claims: named computations whose values the docs print.

A quantity is a function of nothing that returns named values.  A claim is a quantity with a sentence of a paper, the
place where it stands, the sentence that says what is computed (a pattern filled from the values: no number in it is
typed), and a rule that makes a verdict of the values.

    @claim("psc-u", PSC, "App. A", "u = pi^4/(14 zeta(3)) = 5.798", say="u = {u:.5g}", rule=..., note="E0")
    def u() -> Values: ...

`slow`: needs minutes, not seconds; its values are those of the last complete run (values.json) unless it is asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from claims.wording import SENTENCE, agrees

Values = dict[str, Any]
Rule = Callable[[Values], "Verdict"]

PSC, SN, NIS = "PSC", "SN", "NIS"
STORE = Path(__file__).parent / "values.json"
DIGITS = 9
"""Significant digits that are stored: below, there is only noise to make differences between machines."""


class Verdict(StrEnum):
    """What became of a claim."""

    HOLDS = "holds"
    CORRECTED = "holds with a correction"
    FAILS = "does not hold"
    OPEN = "not checkable"


HOLDS, CORRECTED, FAILS, OPEN = Verdict


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A named computation."""

    name: str
    compute: Callable[[], Values]
    slow: bool = False
    command: str = ""

    def mismatches(self, old: Values, new: Values) -> Iterator[str]:
        """What of the stored values is not what is computed, for those that are printed nowhere else."""
        if set(old) != set(new):
            yield f"{self.name}: the values have other names; run python docs/validation.py"

    @property
    def shown_by(self) -> str:
        """The command that shows it."""
        return self.command or f"python docs/validation.py {self.name}"


@dataclass(frozen=True, kw_only=True)
class Claim(Quantity):
    """A sentence of a paper and what became of it."""

    paper: str
    place: str
    text: str
    say: str
    rule: Rule
    note: str = ""

    def said(self, values: Values) -> str:
        """What is computed, in words."""
        return SENTENCE.format(self.say, **values)

    def mismatches(self, old: Values, new: Values) -> Iterator[str]:
        """What the page prints from `old` and is not what `new` gives."""
        if set(old) != set(new):
            yield f"{self.name}: the values have other names"
            return
        for name, spec in SENTENCE.fields(self.say):
            before, after = (SENTENCE.get_field(name, (), values)[0] for values in (old, new))
            if not agrees(SENTENCE.format_field(before, spec), after, spec):
                yield f"{self.name}: {name} is {after!r} now, and {before!r} on the page"
        if self.rule(old) != self.rule(new):
            yield f"{self.name}: the verdict is {self.rule(new)} now, and {self.rule(old)} on the page"


REGISTRY: dict[str, Quantity] = {}


def quantity(name: str, *, slow: bool = False, command: str = "") -> Callable[[Callable[[], Values]], Quantity]:
    """Register a computation."""
    return lambda compute: _kept(Quantity(name=name, compute=compute, slow=slow, command=command))


def claim(
    name: str,
    paper: str,
    place: str,
    text: str,
    *,
    say: str,
    rule: Rule,
    note: str = "",
    slow: bool = False,
    command: str = "",
) -> Callable[[Callable[[], Values]], Claim]:
    """Register a claim of a paper."""

    def register(compute: Callable[[], Values]) -> Claim:
        made = Claim(
            name=name,
            compute=compute,
            slow=slow,
            command=command,
            paper=paper,
            place=place,
            text=text,
            say=say,
            rule=rule,
            note=note,
        )
        _kept(made)
        return made

    return register


def open_claim(name: str, paper: str, place: str, text: str, why: str) -> Claim:
    """Register a claim that cannot be checked, and why."""
    return claim(name, paper, place, text, say=why, rule=lambda v: OPEN)(dict)


def _kept(item: Any) -> Any:
    if item.name in REGISTRY:
        raise ValueError(f"{item.name!r} is there twice")
    REGISTRY[item.name] = item
    return item


def holds_if(test: Callable[[Values], bool], otherwise: Verdict = FAILS) -> Rule:
    """The rule that a claim holds if `test` is true of the values."""
    return lambda values: HOLDS if test(values) else otherwise


def corrected_if(test: Callable[[Values], bool]) -> Rule:
    """The rule that a claim holds once corrected if `test` is true of the values."""
    return lambda values: CORRECTED if test(values) else FAILS


def claims(paper: str) -> list[Claim]:
    """Those of a paper, in the order of the modules."""
    return [item for item in REGISTRY.values() if isinstance(item, Claim) and item.paper == paper]


@cache
def computed(name: str) -> Values:
    """The values of a quantity, computed once a process."""
    return {key: _rounded(value) for key, value in REGISTRY[name].compute().items()}


def stored() -> dict[str, Values]:
    """The values of the last complete run."""
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}


def store(values: dict[str, Values]) -> None:
    """Write them, sorted by name."""
    STORE.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else str(value)
    return value
