"""Problem files as tables: TOML in, dotted keys replaced, syntax errors in words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from femtdgl.errors import InputError
from femtdgl.input.nearest import nearest

SECOND_KEY = re.compile(r"\s[\w.]+\s*=")
"""What stands in the text after `=` where two keys were put into one --set."""


def read(path: Path | str, overrides: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], str]:
    """The table of a problem file with overrides (dotted key: value) applied, and its text.

    Without overrides the text is the file's own.  Raises InputError for a file that cannot be read or is no TOML.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be read: {reason}", file=str(path), allowed="a problem file") from None
    except UnicodeDecodeError:
        raise InputError("cannot be read: it is no text", file=str(path), allowed="a problem file") from None
    table = parse(text, file=str(path))
    for key, value in (overrides or {}).items():
        if callable(value):
            words = "is a Python function, which goes with a Problem"
            raise InputError(words, key=key, file=str(path), allowed=f'fg.run(fg.load("{path}"), ...)')
    if overrides:
        override(table, overrides)
    here = Path(path).parent
    moved = [_mesh_files(table.get("mesh"), here), _map_files(table.get("map"), here)]
    return table, tomli_w.dumps(table) if overrides or any(moved) else text


def _mesh_files(mesh: Any, folder: Path) -> bool:
    """Make the paths of mesh and STEP files absolute, so that a result knows them wherever it is resumed.

    Whether there were any.
    """
    if isinstance(mesh, list):
        return sum(_mesh_files(part, folder) for part in mesh) > 0
    if not isinstance(mesh, dict):
        return False
    moved = sum(_mesh_files(mesh.get(key), folder) for key in ("parts", "holes", "of")) > 0
    return _absolute(mesh, "path", folder) or moved


def _map_files(maps: Any, folder: Path) -> bool:
    """The same with the files of maps."""
    fields = maps.get("fields") if isinstance(maps, dict) else None
    named = fields.values() if isinstance(fields, dict) else ()
    return sum(_absolute(field, "file", folder) for field in named if isinstance(field, dict)) > 0


def _absolute(section: dict[str, Any], key: str, folder: Path) -> bool:
    """Make a relative path absolute; whether it was one."""
    path = section.get(key)
    if not isinstance(path, str) or Path(path).is_absolute():
        return False
    section[key] = str((folder / path).resolve())
    return True


def parse(text: str, *, file: str = "") -> dict[str, Any]:
    """TOML text to a table.  Raises InputError with the place of a syntax error."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is no TOML: {error}", file=file) from None


def parse_overrides(items: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE texts to dotted keys and values: VALUE as in TOML, a bare word is text."""
    parsed: dict[str, Any] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            raise InputError(f"{item!r} is no override", key="--set", allowed="KEY=VALUE, such as film.delta=10")
        try:
            parsed[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            if SECOND_KEY.search(value):
                raise InputError(f"{item!r} holds two keys", key="--set", allowed="one key, and --set again") from None
            parsed[key.strip()] = value.strip()
    return parsed


def override(table: dict[str, Any], overrides: Mapping[str, Any]) -> None:
    """Set dotted keys in a table; None leaves one out.  Raises InputError for one to leave out that is not there."""
    for key, value in overrides.items():
        *path, last = key.split(".")
        section = table
        for name in path:
            section = section.setdefault(name, {})
            if not isinstance(section, dict):
                raise InputError(f"{name!r} is not a section", key=key, allowed="a key of the problem file")
        if value is not None:
            section[last] = value
        elif section.pop(last, None) is None:
            there = ", ".join(section) or "nothing: the section is not there"
            raise InputError(f"is not set{nearest(last, section)}", key=key, allowed=there)
