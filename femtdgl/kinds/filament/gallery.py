"""The pictures that a run of a filament makes, told from the table of its file."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

SPACE = {"wire": 3, "solid": 3, "line": 1}
"""Dimensions of shapes; others lie in the plane."""
COUNTED = ("fluxoid", "vortices")


def pictures(table: Mapping[str, Any]) -> list[str]:
    """Names of the figures, in the order in which they are drawn."""
    dim = SPACE.get(table.get("mesh", {}).get("shape", ""), 2)
    drive, probes = table.get("drive", {}), table.get("probes", [])
    swept = _moves(drive.get("current"), table)
    named = ["fig1", "space_time"] if dim == 1 else []
    flux_moves = _moves(drive.get("flux"), table)
    if dim > 1 or probes or swept or flux_moves:
        named.append("voltage")
    if "heat" in table:
        named += ["temperature_map", "temperature_profiles"] if dim == 1 else ["temperatures"]
        named.append("energy_ledger")
    if "phonons" in table and dim == 1:
        named.append("phonon_feedback")
    if swept:
        named.append("current_voltage")
    if _moves(drive.get("field"), table) and any(probe.get("kind") in COUNTED for probe in probes):
        named.append("counts_in_field")
    if flux_moves:
        named.append("round_against_flux")
    if dim > 1:
        named.append("space_time")
        flat = [] if dim == 3 else ["fields_phase", "fields_current"]
        heated = ["fields_T"] if "heat" in table else []
        named += ["fields_psi", *flat, *heated, "paraview/fields.pvd"]
    return named


def _moves(wave: Any, table: Mapping[str, Any]) -> bool:
    """Whether a drive moves for a good part of the run."""
    if not isinstance(wave, Mapping):
        return False
    t_end = table.get("time", {}).get("t_end", 100.0)
    if "table" in wave:
        rows = wave["table"]
        moving = sum(b[0] - a[0] for a, b in pairwise(rows) if a[1] != b[1])
        return bool(moving > 0.25 * t_end)
    return isinstance(wave.get("over"), int | float) and wave["over"] > 0.25 * t_end
