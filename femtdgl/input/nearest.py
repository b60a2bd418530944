"""The known name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: object, known: Iterable[str]) -> str:
    """The words "; did you mean ...?" for a name that is nearly one of the known ones, else nothing."""
    names = {each.casefold(): each for each in known}
    near = get_close_matches(str(name).casefold(), list(names), 1)
    return f"; did you mean {names[near[0]]!r}?" if near else ""
