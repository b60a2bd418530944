"""Complaints of pydantic in our words: the key, the value and what is allowed.

The location that pydantic gives holds keys and, between them, names of the members of unions that it tried.  Which of
them a part is cannot be seen from its name, since a boundary may be called "line" and an expected value "float"; it
follows from where it stands.  So the type hints are walked along the location: a dataclass takes the name of a field, a
mapping a key, a tuple or list a number, and a union the name of one of its members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import Discriminator, PlainValidator, SkipValidation, Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest
from femtdgl.input.quantities import QUANTITY

UNIONS = (Union, UnionType)


def complaint(error: ValidationError, root: Any, where: str = "") -> InputError:
    """The first complaint about a value that should have been a `root`, a dataclass or any other type.

    `where`: the dotted key at which that value stands.  Of the members of a union, the one that got furthest is heard.
    An InputError that was raised on the way, as by __post_init__, keeps its words; its key is one below the place where
    it was raised.
    """
    items = [(walk(root, item["loc"]), item) for item in error.errors(include_url=False)]
    start = items[0][0].keys
    same = [found for found in items if found[0].keys[: len(start)] == start]
    (keys, hint), first = max(same, key=lambda found: (len(found[0].keys), isinstance(_cause(found[1]), InputError)))
    key, value, cause = _dotted(where, *keys), first["input"], _cause(first)
    if isinstance(cause, InputError):
        return cause.at(key=_dotted(key, cause.key))
    section, told_by = walk(root, first["loc"][:-1]).hint, _discriminator(_bare(hint)[1]) or ""
    match first["type"]:
        case "unexpected_keyword_argument":
            known = names(section)
            return InputError(f"unknown key{nearest(keys[-1], known)}", key=key, allowed=", ".join(known))
        case "missing":
            field = _fields(section).get(keys[-1])
            wanted = field.metadata.get("wanted", f"a value for {keys[-1]}") if field else "one more item"
            return InputError("is missing", key=key, allowed=wanted)
        case "union_tag_not_found":
            return InputError("is missing", key=_dotted(key, told_by), allowed=_tags(hint))
        case "union_tag_invalid":
            return InputError(f"{first['ctx']['tag']!r} is not possible", key=key, allowed=_tags(hint))
        case "model_attributes_type":
            return InputError(f"{value!r} is not possible", key=key, allowed=f"a table with {told_by} = {_tags(hint)}")
        case "float_parsing" if (quantity := QUANTITY.fullmatch(str(value))) and quantity[2]:
            return InputError(f"{value!r} has a unit", key=key, allowed="a number")
    allowed = {item["msg"].removeprefix("Input should be ") for place, item in same if place.keys == keys}
    return InputError(f"{value!r} is not possible", key=key, allowed=" or ".join(sorted(allowed)))


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
            here = _within(here, part)
    return Place(tuple(keys), here)


def members(hint: Any) -> dict[str, Any]:
    """The members of a union by the names that pydantic gives them in a location; of what is no union, nothing."""
    hint, marks = _bare(hint)
    if get_origin(hint) not in UNIONS:
        return {}
    key, found = _discriminator(marks), {}
    for member in get_args(hint):
        tag = next((mark.tag for mark in _bare(member)[1] if isinstance(mark, Tag)), None)
        if tag is not None:
            found[tag] = member
        elif key is not None:
            told = _fields(member).get(key)
            found |= {str(value): member for value in (get_args(told.hint) if told else ())}
        elif member is not NoneType:
            found[str(TypeAdapter(member).validator.title)] = member
    return found


def names(section: Any) -> list[str]:
    """Names of the fields of a dataclass that a file may give."""
    return [name for name, (_, hint) in _fields(section).items() if SkipValidation not in _bare(hint)[1]]


def _bare(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its annotations, nor `| None`; and these annotations."""
    if get_origin(hint) is Annotated:
        inner, marks = _bare(hint.__origin__)
        marks = (*marks, *hint.__metadata__)
        opaque = any(isinstance(mark, PlainValidator) or mark is SkipValidation for mark in marks)
        return (None if opaque else inner), marks  # pydantic gives no location within such a value
    if get_origin(hint) in UNIONS:
        others = [member for member in get_args(hint) if member is not NoneType]
        if len(others) == 1:
            return _bare(others[0])
    return hint, ()


def _discriminator(marks: Sequence[Any]) -> str | None:
    """The key that tells the members of a union apart, if it is one."""
    keys = (mark.discriminator for mark in marks if isinstance(mark, Discriminator))
    return next((key for key in keys if isinstance(key, str)), None)


class _Field(NamedTuple):
    metadata: Mapping[str, Any]
    hint: Any


def _fields(hint: Any) -> dict[str, _Field]:
    """The fields of a dataclass by name; of any other type, nothing."""
    section = _bare(hint)[0]
    if not is_dataclass(section):
        return {}
    hints = get_type_hints(section, include_extras=True)
    return {field.name: _Field(field.metadata, hints[field.name]) for field in fields(section)}


def _within(hint: Any, part: str | int) -> Any:
    """The type of a field, or of an item; None: any."""
    bare = _bare(hint)[0]
    origin, args = get_origin(bare), get_args(bare)
    if is_dataclass(bare):
        return next((field.hint for name, field in _fields(bare).items() if name == part), None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[1]
    if origin is tuple and isinstance(part, int):
        return args[0] if args[-1] is Ellipsis else args[part]
    return args[0] if isinstance(part, int) and args else None


def _cause(item: ErrorDetails) -> Exception | None:
    """The error that was raised while a value was made, if there was one."""
    return item.get("ctx", {}).get("error")


def _tags(hint: Any) -> str:
    return ", ".join(f'"{name}"' for name in members(hint))


def _dotted(*parts: str) -> str:
    return ".".join(part for part in parts if part)
