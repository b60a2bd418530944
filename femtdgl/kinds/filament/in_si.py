"""The main numbers of a run of a filament in SI, by the scales of its film."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.kinds.filament.summary import InSI, SIScales, Sweep
from femtdgl.measure.entry import ABSENT
from femtdgl.problem.film import Film
from femtdgl.problem.problem import Problem
from femtdgl.units import DEPAIRING, Scales, told


def si_scales(scales: Scales) -> SIScales:
    """The reduced units in SI."""
    return SIScales(
        length=scales.length, time=scales.time, potential=scales.potential, current_density=scales.current_density,
        gap=scales.gap, field=scales.field, penetration_depth=scales.penetration_depth,
    )  # fmt: skip


def in_si(
    problem: Problem, measured: Mapping[str, Any], swept: Sweep | None, *, length: float, reached: float,
    current: float, area: float | None,
) -> InSI | None:  # fmt: skip
    """The main numbers; None for a film without scales.

    length: xi; reached: t0; current: density at the terminal, j0; area: of the terminal, xi^(d-1); None: there is none.
    """
    film, scales = problem.film, problem.film.scales
    if scales is None:
        return None
    one = film.section_of(problem.mesh.dim)
    amperes = None if one is None or area is None else scales.current_density * one * area
    watts = None if one is None else scales.power_density * scales.length * one
    magnetic = problem.drive.field
    components = magnetic if isinstance(magnetic, tuple) else (magnetic,)
    return InSI(
        length=length * scales.length,
        t_end=reached * scales.time,
        mean_voltage=measured["mean_voltage"] * scales.potential,
        period=_times(measured["period"], scales.time),
        slip_rate=_times(measured["slip_rate"], 1 / scales.time),
        current_density=current * scales.current_density,
        current=_times(current, amperes),
        depairing_current=_times(DEPAIRING, amperes),
        mean_joule=_times(measured["mean_joule"], watts),
        field=math.hypot(*(wave(reached) for wave in components if wave)) * scales.field if magnetic else ABSENT,
        switching_current=ABSENT if swept is None else _times(swept.switching_current, amperes),
        retrapping_current=ABSENT if swept is None else _times(swept.retrapping_current, amperes),
    )


def _times(value: float | None, unit: float | None) -> float | None:
    return None if value is None or unit is None else value * unit


TOLD = {
    "current": ("current", "A"),
    "mean_joule": ("mean power", "W"),
    "field": ("field", "T"),
    "switching_current": ("switching", "A"),
    "retrapping_current": ("retrapping", "A"),
}
"""Entries that are told at the end of a run, their words and units."""


def si_line(si: Mapping[str, Any]) -> Iterator[str]:
    """More numbers of a summary for people, if there are any."""
    parts = [f"{words} {told(si[key], unit)}" for key, (words, unit) in TOLD.items() if si.get(key) is not None]
    if parts:
        yield f"  {', '.join(parts)}"


def describe_scales(film: Film, scales: Scales, dim: int, area: float | None) -> Iterator[str]:
    """The reduced units, and what the film carries and bears; area: of the terminal, xi^(d-1), if any."""
    yield (
        f"  scales      xi {told(scales.length, 'm')}, t0 {told(scales.time, 's')}, V0 {told(scales.potential, 'V')}, "
        f"j0 {scales.current_density:.4g} A/m^2"
    )
    one = film.section_of(dim)
    total = "" if one is None or area is None else f"{told(scales.depairing * one * area, 'A')}, "
    depth = told(scales.penetration_depth, "m")
    yield f"  depairing   {total}{scales.depairing:.4g} A/m^2; Bc2 {told(scales.field, 'T')}, lambda {depth}"
