"""Text with units in a table, wherever the types say what is measured there, to reduced numbers.

A field says it by a mark of its type (`input.quantities`): `length: InXi`, or `Annotated[..., Reduced("field")]` of
whatever stands there.  What a function of its own reads, such as a waveform or a probe, has a mark that knows how to
go on: one that is `Within`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, Protocol, get_args, get_origin, runtime_checkable

from femtdgl.errors import InputError
from femtdgl.input.hints import UNIONS, bare, within
from femtdgl.input.lookalikes import of_list, of_table
from femtdgl.input.quantities import Reduced, has_unit

Convert = Callable[[str, str], float]
"""Text with a unit, and the dimension of the place where it stands, to a reduced number.  Raises InputError."""


@runtime_checkable
class Within(Protocol):
    """A mark of a type that is read by a function of its own."""

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """The value with its text that has a unit replaced.  Raises InputError, with the key."""


class ByKind(NamedTuple):
    """A mark: a table whose key `kind` says of which class it is."""

    class_of: Callable[[Any], Any]

    def reduced(self, value: Any, convert: Convert, key: str) -> Any:
        """The fields of its class; of a kind that is not known, the table as it is."""
        if not isinstance(value, Mapping):
            return value
        try:
            cls = self.class_of(value.get("kind"))
        except InputError:
            return value  # that is told by who reads it
        return reduced(cls, value, convert, key)


def reduced(hint: Any, value: Any, convert: Convert, key: str = "") -> Any:
    """A value of that type with its text that has a unit replaced.

    Raises InputError, with the key, for a unit that does not fit.
    """
    marks = marks_of(hint)
    reads = next((mark for mark in marks if isinstance(mark, Within)), None)
    if reads is not None:
        return reads.reduced(value, convert, key)
    if isinstance(value, str):
        return converted(value, measured(hint), convert, key)
    if isinstance(value, Mapping):
        chosen = of_table(hint, value)
        return {
            name: reduced(within(chosen, name), item, convert, f"{key}.{name}".removeprefix("."))
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        chosen = of_list(hint)
        one = measured(Annotated[object, *marks]) if marks else None
        items = (_item(chosen, place) if chosen is not None or one is None else hint for place in range(len(value)))
        return [
            reduced(inside, item, convert, f"{key}.{place}")
            for place, (inside, item) in enumerate(zip(items, value, strict=True))
        ]
    return value


def converted(text: str, dimension: str | None, convert: Convert, key: str) -> Any:
    """Text with a unit as a number; any other, and that of a place with no dimension, as it is."""
    if dimension is None or not has_unit(text):
        return text
    try:
        return convert(text, dimension)
    except InputError as error:
        raise error.at(key=error.key or key) from None


def measured(hint: Any) -> str | None:
    """What the numbers of a type measure, also of one within `InXi | None` or `tuple[InXi, ...]`."""
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, Reduced):
            return mark.name
    return next((found for part in get_args(hint) if (found := measured(part)) is not None), None)


def _item(hint: Any, place: int) -> Any:
    try:
        return within(hint, place)
    except IndexError:  # more items than there should be: that is said later
        return None


def marks_of(hint: Any) -> tuple[Any, ...]:
    """All annotations of a type, also of the one beside None."""
    if get_origin(hint) is Annotated:
        return (*marks_of(hint.__origin__), *hint.__metadata__)
    if get_origin(hint) in UNIONS:
        others = [member for member in get_args(hint) if member is not type(None)]
        return marks_of(others[0]) if len(others) == 1 else ()
    return bare(hint)[1]
