"""What splits the two sides of a threshold: a sentence about an entry of the summaries.

until = "slips_in_all > 0"          a number on one side of another
until = "state == periodic"         a word, or true or false
until = "phase_slip_centres"        whatever it is at the beginning, it is something else beyond the threshold
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from femtdgl.errors import InputError

ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
EQUAL = {"==": True, "!=": False}
SENTENCE = re.compile(r"^\s*(?P<entry>[^<>=!]+?)\s*(?:(?P<how>>=|<=|==|!=|>|<)\s*(?P<value>[^<>=!]+?))?\s*$")
ALLOWED = 'an entry of the summaries and its bound, "slips_in_all > 0" or "state == periodic", or an entry that changes'


@dataclass(frozen=True)
class Rule:
    """An entry and what it must be for a point to lie beyond the threshold; `how` "": other than at the beginning."""

    text: str
    entry: str
    how: str
    value: Any

    @classmethod
    def read(cls, text: Any) -> Rule:
        """A sentence as it stands in a file.  Raises InputError."""
        found = SENTENCE.match(text) if isinstance(text, str) else None
        if found is None:
            raise InputError(f"{text!r} is no rule", key="sweep.until", allowed=ALLOWED)
        how, value = found["how"] or "", _value(found["value"] or "")
        if how in ORDERED and (isinstance(value, bool) or not isinstance(value, float)):
            raise InputError(f"{text!r} compares with no number", key="sweep.until", allowed=ALLOWED)
        return cls(str(text).strip(), found["entry"], how, value)

    def holds(self, row: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
        """Whether a row lies beyond the threshold; `first`: that of the beginning.  Raises InputError without the
        entry."""
        if self.entry not in row:
            near = get_close_matches(self.entry, [str(name) for name in row], 3)
            raise InputError(f"{self.entry!r} is no entry of the table", key="sweep.until", allowed=", ".join(near))
        found = row[self.entry]
        if self.how in ORDERED:
            if isinstance(found, str):
                raise InputError(f"{self.entry} is {found!r}, no number", key="sweep.until", allowed=ALLOWED)
            return found is not None and bool(ORDERED[self.how](found, self.value))
        if not self.how:
            return bool(found != first.get(self.entry))
        return (found == self.value) is EQUAL[self.how]


def _value(text: str) -> Any:
    """A number, true or false, or a word with or without quotes."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text.strip("\"'")
