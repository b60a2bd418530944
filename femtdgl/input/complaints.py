"""Complaints of pydantic in our words: the key, the value and what is allowed."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from femtdgl.errors import InputError
from femtdgl.input.hints import bare, discriminator, fields_of, members, names, walk
from femtdgl.input.nearest import nearest
from femtdgl.input.quantities import QUANTITY

TOML_WORDS = {
    "a dictionary or an instance of": "a table",
    "a valid dictionary": "a table",
    "a valid tuple": "a list",
    "a valid list": "a list",
    "a valid string": "text",
    "a valid number": "a number",
    "a valid integer": "a whole number",
    "a valid boolean": "true or false",
}
"""How what pydantic wants begins, and what a file calls that."""


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
    section, told_by = walk(root, first["loc"][:-1]).hint, discriminator(bare(hint)[1]) or ""
    match first["type"]:
        case "unexpected_keyword_argument":
            known = names(section)
            return InputError(f"unknown key{nearest(keys[-1], known)}", key=key, allowed=", ".join(known))
        case "missing":
            field = fields_of(section).get(keys[-1])
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
    allowed = {_ours(item["msg"].removeprefix("Input should be ")) for place, item in same if place.keys == keys}
    return InputError(f"{value!r} is not possible", key=key, allowed=" or ".join(sorted(allowed)))


def _ours(said: str) -> str:
    """What is allowed, in the words of TOML in place of pydantic's."""
    return next((words for theirs, words in TOML_WORDS.items() if said.startswith(theirs)), said)


def _cause(item: ErrorDetails) -> Exception | None:
    """The error that was raised while a value was made, if there was one."""
    return item.get("ctx", {}).get("error")


def _tags(hint: Any) -> str:
    return ", ".join(f'"{name}"' for name in members(hint))


def _dotted(*parts: str) -> str:
    return ".".join(part for part in parts if part)
