"""Which pictures a problem file makes, told from its table alone: nothing is read, and nothing heavy imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def told(table: Mapping[str, Any]) -> list[str]:
    """Names of the figures; none for a kind of problem without a module `gallery`."""
    if "sweep" in table:
        return ["curves over the swept keys (femtdgl sweep)"]
    try:
        room = import_module(f"femtdgl.kinds.{table.get('kind', 'filament')}.gallery")
    except ModuleNotFoundError:
        return []
    named: list[str] = room.pictures(table)
    return named
