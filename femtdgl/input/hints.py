"""The types of a table: which one stands at a place, and what it is made of.

pydantic says where something is wrong by keys and, between them, names of the members of unions that it tried.  Which
of them a part is cannot be seen from its name, since a boundary may be called "line" and an expected value "float"; it
follows from where it stands.  So the type hints are walked along the location: a dataclass takes the name of a field, a
mapping a key, a tuple or list a number, and a union the name of one of its members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import Discriminator, PlainValidator, SkipValidation, Tag, TypeAdapter

UNIONS = (Union, UnionType)


class Place(NamedTuple):
    """The keys of a location, without the members of unions, and the type of what should stand there (None: any)."""

    keys: tuple[str, ...]
    hint: Any


def walk(root: Any, location: Sequence[str | int]) -> Place:
    """Where a location of pydantic leads, from a value of the type `root`."""
    keys, here = [], root
    for part in location:
        choices = members(here)
        if choices:
            here = choices.get(str(part))
        else:
            keys.append(str(part))
            here = within(here, part)
    return Place(tuple(keys), here)


def members(hint: Any) -> dict[str, Any]:
    """The members of a union by the names that pydantic gives them in a location; of what is no union, nothing."""
    hint, marks = bare(hint)
    if get_origin(hint) not in UNIONS:
        return {}
    key, found = discriminator(marks), {}
    for member in get_args(hint):
        tag = next((mark.tag for mark in bare(member)[1] if isinstance(mark, Tag)), None)
        if tag is not None:
            found[tag] = member
        elif key is not None:
            told = fields_of(member).get(key)
            found |= {str(value): member for value in (get_args(told.hint) if told else ())}
        elif member is not NoneType:
            found[str(TypeAdapter(member).validator.title)] = member
    return found


def names(section: Any) -> list[str]:
    """Names of the fields of a dataclass that a file may give."""
    return [name for name, (_, hint) in fields_of(section).items() if SkipValidation not in bare(hint)[1]]


def bare(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations, nor `| None`; and these annotations."""
    if get_origin(hint) is Annotated:
        inner, marks = bare(hint.__origin__)
        marks = (*marks, *hint.__metadata__)
        opaque = any(isinstance(mark, PlainValidator) or mark is SkipValidation for mark in marks)
        return (None if opaque else inner), marks  # pydantic gives no location within such a value
    if get_origin(hint) in UNIONS:
        others = [member for member in get_args(hint) if member is not NoneType]
        if len(others) == 1:
            return bare(others[0])
    return hint, ()


def discriminator(marks: Sequence[Any]) -> str | None:
    """The key that tells the members of a union apart, if it is one."""
    keys = (mark.discriminator for mark in marks if isinstance(mark, Discriminator))
    return next((key for key in keys if isinstance(key, str)), None)


class Field(NamedTuple):
    """What a dataclass says of one of its fields."""

    metadata: Mapping[str, Any]
    hint: Any


def fields_of(hint: Any) -> dict[str, Field]:
    """The fields of a dataclass by name; of any other type, nothing."""
    section = bare(hint)[0]
    return dict(_fields_of(section)) if isinstance(section, type) and is_dataclass(section) else {}


@cache
def _fields_of(section: type) -> dict[str, Field]:
    hints = get_type_hints(section, include_extras=True)
    return {field.name: Field(field.metadata, hints[field.name]) for field in fields(section)}


def within(hint: Any, part: str | int) -> Any:
    """The type of a field, or of an item; None: any."""
    inner = bare(hint)[0]
    origin, args = get_origin(inner), get_args(inner)
    if is_dataclass(inner):
        return next((field.hint for name, field in fields_of(inner).items() if name == part), None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[1]
    if origin is tuple and isinstance(part, int):
        return args[0] if args[-1] is Ellipsis else args[part]
    return args[0] if isinstance(part, int) and args else None
