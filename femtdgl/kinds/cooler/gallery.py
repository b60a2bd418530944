"""The pictures that a cooler makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def pictures(table: Mapping[str, Any]) -> list[str]:
    """Names of the figures."""
    return ["kappa", "thickness", "transient", "cross_section"]
