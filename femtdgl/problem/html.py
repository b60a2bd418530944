"""Short tables of HTML, as notebooks show them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any


def table(title: str, entries: Mapping[str, Any]) -> str:
    """A table: names and what they are, under a title."""
    left = "style='text-align:left'"
    rows = "".join(
        f"<tr><th {left}>{escape(name)}</th><td {left}>{escape(str(value))}</td></tr>"
        for name, value in entries.items()
    )
    return f"<table><caption>{escape(title)}</caption>{rows}</table>"
