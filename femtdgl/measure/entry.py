"""Entries of a summary: each has its unit and its meaning beside it, once.

A summary is a frozen dataclass made by `@summary` whose fields are `entry(unit, meaning)`.  From it come summary.json
(`as_json`), the table in the docs (`markdown`) and what `help()` shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, dataclass_transform, get_args, get_type_hints

S = TypeVar("S")


class _Absent:
    """Stands for an entry that a run does not have; it is left out of summary.json."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


def entry(unit: str, meaning: str, *, optional: str = "", spread: str = "", default: Any = MISSING) -> Any:
    """An entry: `unit` ("" for a pure number or text) and `meaning`.

    `optional`: which runs have it; the others leave it out.  `spread`: a mapping whose items are entries of their own,
    by this pattern.
    """
    given = ABSENT if optional and default is MISSING else default
    notes = {"unit": unit, "meaning": meaning, "optional": optional, "spread": spread}
    return field(metadata=notes) if given is MISSING else field(default=given, metadata=notes)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(entry,))
def summary(cls: type[S]) -> type[S]:
    """A frozen dataclass of entries, whose docstring lists them."""
    made = dataclass(frozen=True, kw_only=True)(cls)
    made.__doc__ = _Listed(cls.__doc__ or "")  # type: ignore[assignment]
    return made


class _Listed:
    """The docstring of a summary, made when somebody asks for it: a text, and its entries below."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __get__(self, instance: Any, owner: type) -> str:
        listed = [f"    {name:24} {meaning}{f' [{unit}]' if unit else ''}" for name, unit, meaning in rows(owner)]
        return "\n".join([self.text.strip(), "", *listed])


def rows(cls: type, within: str = "") -> Iterator[tuple[str, str, str]]:
    """Name, unit and meaning of each entry, those of parts after their whole, with a dot between."""
    hints = get_type_hints(cls)
    for item in fields(cls):
        notes = item.metadata
        name = within + (notes["spread"] or item.name)
        meaning = notes["meaning"] + (f" ({notes['optional']})" if notes["optional"] else "")
        yield name, notes["unit"], meaning
        hint = hints[item.name]
        parts = [hint, *get_args(hint)]
        part = next((p for p in parts if isinstance(p, type) and is_dataclass(p)), None)
        if part is not None:
            yield from rows(part, f"{name}.")


def as_json(value: Any) -> Any:
    """A summary as what JSON holds: parts as tables, absent entries left out, null for what is no finite number."""
    if is_dataclass(value) and not isinstance(value, type):
        table: dict[str, Any] = {}
        for item in fields(value):
            content = getattr(value, item.name)
            if content is ABSENT:
                continue
            if item.metadata.get("spread"):
                table.update(as_json(content))
            else:
                table[item.name] = as_json(content)
        return table
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def markdown(cls: type) -> str:
    """The table of a summary for a docs page."""
    lines = ["| key | unit | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {unit.replace('|', chr(92) + '|')} | {meaning.replace('|', chr(92) + '|')} |"
              for name, unit, meaning in rows(cls)]  # fmt: skip
    return "\n".join(lines)
