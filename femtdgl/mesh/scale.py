"""Lengths of a mesh that is not drawn in xi: by a factor, or by a unit, once the film says what xi is."""

from __future__ import annotations

from typing import Literal

Unit = Literal["m", "mm", "um", "nm"]
METRES: dict[Unit, float] = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "nm": 1e-9}


def in_xi(scale: float, unit: Unit, xi: float) -> float:
    """The factor that makes lengths in xi of those in `unit` times `scale`; xi in m."""
    return scale * (METRES[unit] / xi)
