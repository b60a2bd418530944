"""What looks like a number and is none: true and false, which Python counts as 1 and 0, nan and inf, and 1e300."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from femtdgl.errors import InputError
from femtdgl.input.hints import UNIONS, bare, discriminator, members, within

LARGEST = 1e100
"""Numbers of a problem lie between 1/LARGEST and LARGEST in size, or are zero: their squares can be computed with."""


def refuse_lookalikes(hint: Any, value: Any, key: str = "") -> None:
    """Raises InputError, with the key, for true or false where the type asks for none of them, for nan, inf, 1e300.

    hint: the type of the value; None where it is not known, as of what is read by a function of its own.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{value!r} is not possible", key=key, allowed="a finite number")
    if isinstance(value, int | float) and value and not 1 / LARGEST <= abs(value) <= LARGEST:
        words = f"{value!r} is" if isinstance(value, float) else "a whole number of hundreds of digits is"
        allowed = f"a number between {1 / LARGEST:g} and {LARGEST:g} in size"
        raise InputError(f"{words} beyond what can be computed with", key=key, allowed=allowed)
    if isinstance(value, bool):
        if not _may_be_bool(hint):
            raise InputError(f"{str(value).lower()} is not possible", key=key, allowed=_asked_for(hint))
    elif isinstance(value, Mapping):
        chosen = of_table(hint, value)
        for name, item in value.items():
            refuse_lookalikes(within(chosen, name), item, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list | tuple):
        chosen = of_list(hint)
        for place, item in enumerate(value):
            try:
                inside = within(chosen, place)
            except IndexError:  # more items than there should be: that is said later
                inside = None
            refuse_lookalikes(inside, item, f"{key}.{place}")


def _choices(hint: Any) -> list[Any]:
    """The members of a union; a type that is none is its only one."""
    inner = bare(hint)[0]
    return list(get_args(inner)) if get_origin(inner) in UNIONS else [inner]


def _may_be_bool(hint: Any) -> bool:
    """Whether true and false are among the values of a type, or nothing is known of it."""
    for choice in _choices(hint):
        inner = bare(choice)[0]
        if inner in (None, Any, bool, object):
            return choice is not NoneType
        if get_origin(inner) is Literal and any(isinstance(value, bool) for value in get_args(inner)):
            return True
    return False


def _asked_for(hint: Any) -> str:
    """A type in words."""
    kinds = [bare(choice)[0] for choice in _choices(hint)]
    words = {float: "a number", int: "a whole number", str: "text"}
    found = list(dict.fromkeys(words[kind] for kind in kinds if kind in words))
    return " or ".join(found) or "another kind of value"


def of_table(hint: Any, table: Mapping[str, Any]) -> Any:
    """The member of a union that a table belongs to; None: not known."""
    told_by = discriminator(bare(hint)[1])
    if told_by is not None:
        tag = table.get(told_by)
        return members(hint).get(tag) if isinstance(tag, str) else None
    fitting = [choice for choice in _choices(hint) if bare(choice)[0] not in (None, NoneType, float, int, str, bool)]
    return fitting[0] if len(fitting) == 1 else None


def of_list(hint: Any) -> Any:
    """The member of a union that a list belongs to; None: not known."""
    fitting = [choice for choice in _choices(hint) if get_origin(bare(choice)[0]) in (tuple, list, Sequence)]
    return fitting[0] if len(fitting) == 1 else None
