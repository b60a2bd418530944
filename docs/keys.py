"""The sections of problem files as tables: every key with what it takes, its unit, its default and its meaning.

Made from the dataclasses that files are checked against; `docs/tables.py` writes them into keys.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import PlainValidator, SkipValidation

from femtdgl.input.hints import UNIONS
from femtdgl.input.meanings import meanings
from femtdgl.input.quantities import Dimension, Reduced
from femtdgl.kinds import registry
from femtdgl.problem import drive, probe
from femtdgl.problem.film_units import REDUCED
from femtdgl.problem.waveform import Course, Waveform
from femtdgl.thermal import catalogue  # noqa: F401 - which links there are
from femtdgl.thermal.link import LINKS, Link

SI = {
    "length": "m", "time": "s", "temperature": "K", "current": "A", "potential": "V", "power": "W", "field": "T",
    "resistance": "Ohm", "frequency": "Hz", "inductance": "H", "capacitance": "F",
}  # fmt: skip
KNOWN_BY = ("kind", "shape")
WORDS = {float: "number", int: "whole number", bool: "true or false", str: "text", Any: "anything", dict: "table"}
OWN = (Waveform, Link, probe.ProbeDescription)
"""Sections that others may add to: each has a chapter of its own."""


def chapters() -> Iterator[str]:
    """The page: each kind of problem, then probes, waveforms and links."""
    written: list[type] = []
    for name in registry.names():
        top = registry.named(name).sections
        if top is not None:
            yield f'## kind = "{name}"'
            yield table(top)
            new = [cls for cls in reachable(top) if cls not in written]
            yield from (section(cls) for cls in new)
            written += new
    yield "## Probes"
    yield "`[[probes]]` of a filament, by its `kind`."
    yield from (section(cls) for _, cls in sorted(items(probe.PROBES)))
    yield "## Waveforms"
    yield (
        "For every current, voltage, field, temperature or power that may move: a number, an expression of t as text, "
        "or a table of one of these, known by its keys.  Examples: [waveforms.md](waveforms.md)."
    )
    yield from (section(cls) for cls in waveforms())
    yield "## Links"
    yield "`[links.<name>]` of a network, `[heat.links.<name>]` of a filament, by `kind`; `between = [a, b]` beside."
    yield from (section(cls) for _, cls in sorted(items(LINKS)))


def items(registered: Any) -> list[tuple[str, Any]]:
    """Names and classes of a registry, those of this program: others may have entered their own."""
    named = ((name, registered.named(name)) for name in registered)
    return [(name, cls) for name, cls in named if cls.__module__.startswith("femtdgl.")]


def waveforms() -> list[type]:
    """The classes of waveforms that problem files may have as tables; functions of Python are for Python."""
    named = (getattr(drive, name) for name in drive.__all__ if name != "Function")
    return [cls for cls in named if isinstance(cls, type) and issubclass(cls, Waveform) and is_dataclass(cls)]


def reachable(top: type, seen: list[type] | None = None) -> list[type]:
    """The sections within a section, in reading order, without those that have a chapter of their own."""
    seen = [] if seen is None else seen
    for hint in get_type_hints(top, include_extras=True).values():
        for cls in classes(hint):
            if cls not in seen and not issubclass(cls, OWN):
                seen.append(cls)
                reachable(cls, seen)
    return seen


def classes(hint: Any) -> Iterator[type]:
    """The dataclasses that a type speaks of."""
    if isinstance(hint, type) and is_dataclass(hint):
        yield hint
    elif SkipValidation not in get_args(hint):
        for part in get_args(hint):
            yield from classes(part)


def section(cls: Any) -> str:
    """Heading, what it is, and its table."""
    text = getattr(vars(cls).get("__doc__"), "text", cls.__doc__)
    said = " ".join(text.strip().split("\n\n")[0].split())
    return f"### {heading(cls)}\n\n{escaped(said)}\n\n{table(cls)}"


def heading(cls: type) -> str:
    """The name of a section's class, told from another one of the same name."""
    where = cls.__module__.split(".")[1]
    return {("Line", "mesh"): "Line (mesh)", ("Line", "problem"): "Line (phonons)"}.get(
        (cls.__name__, where), cls.__name__
    )


def table(cls: Any) -> str:
    """One row for each key."""
    hints, known = get_type_hints(cls, include_extras=True), meanings(cls)
    lines = ["| key | takes | unit | default | meaning |", "|---|---|---|---|---|"]
    for item in fields(cls):
        hint = hints[item.name]
        if item.init and SkipValidation not in get_args(hint):
            said = known.get(item.name) or ("What this section is known by." if item.name in KNOWN_BY else "")
            cells = [f"`{item.name}`", takes(hint), unit(hint), default(item), escaped(" ".join(said.split()))]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def takes(hint: Any) -> str:
    """What a file may have there, in words."""
    if get_origin(hint) is Annotated:
        inner = takes(hint.__origin__)
        course = any(isinstance(mark, PlainValidator) for mark in hint.__metadata__) and "Waveform" in inner
        return "number, text or [waveform](#waveforms)" if course else inner
    if get_origin(hint) in UNIONS:
        words = dict.fromkeys(takes(part) for part in get_args(hint) if part is not NoneType)
        return " or ".join(words)
    if get_origin(hint) is Literal:
        return ", ".join(f'`"{value}"`' if isinstance(value, str) else f"`{value}`" for value in get_args(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        return linked(hint)
    if isinstance(hint, type) and issubclass(hint, Waveform):
        return "Waveform"
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (tuple, list) or (isinstance(origin, type) and issubclass(origin, Sequence)):
        several = inside[1:] in ((), (Ellipsis,))
        return f"list of {takes(inside[0])}" if several else f"list of {len(inside)}: {takes(inside[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping | dict):
        return f"table of {takes(inside[1])}" if len(inside) == 2 else "table"
    return WORDS.get(hint, "a name")


def linked(cls: type) -> str:
    """The name of a section, leading to its table."""
    if cls is Link:
        return "[link](#links)"
    if cls is probe.ProbeDescription:
        return "[probe](#probes)"
    anchor = heading(cls).lower().replace(" ", "-").replace("(", "").replace(")", "")
    return f"[{heading(cls)}](#{anchor})"


def unit(hint: Any) -> str:
    """The unit of a number there; text may have any other unit of the same dimension."""
    for mark in getattr(hint, "__metadata__", ()):
        name = getattr(mark, "name", None)
        if isinstance(mark, Reduced):
            return REDUCED.get(str(name), "")
        if isinstance(mark, Dimension):
            return SI.get(str(name), "")
        if isinstance(mark, Course):
            return REDUCED.get(mark.dimension, "")
    found = (unit(part) for part in get_args(hint) if part is not NoneType)
    return next((text for text in found if text), "")


def default(item: Field[Any]) -> str:
    """What stands there if the file says nothing; a bold word where it must say something."""
    if item.default is MISSING:
        return "**needed**" if item.default_factory is MISSING else ""
    value = item.default
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float | str):
        return f"`{value!r}`".replace("'", '"')
    return ""


def escaped(text: str) -> str:
    """Text in the cell of a table."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("[", "\\[").replace("`", "")


def page() -> str:
    """All of it."""
    return "\n\n".join(chapters())
