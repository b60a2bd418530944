"""The pictures that a network makes, told from the table of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pictures(table: Mapping[str, Any]) -> list[str]:
    """Names of the figures: those that the file asks for, else those that there is something to show in."""
    if table.get("figures"):
        return list(table["figures"])
    named = ["temperatures", "powers", "..."] if "scan" in table else []
    return [*named, *(["transient"] if "transient" in table else [])]
