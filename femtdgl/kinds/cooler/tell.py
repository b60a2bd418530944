"""What a cooler says to people: before it is solved, and at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from femtdgl.kinds.cooler.prepare import Prepared
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.kinds.filament.tell import number
from femtdgl.thermal.cooler import MODES


def described(prepared: Prepared) -> Iterator[str]:
    """What would be solved, line by line; the lines of a filament that is run stand below its name."""
    problem, cooler = prepared.problem, prepared.unpowered
    yield problem.title or "(no title)"
    yield f"  material    {problem.material.preset}, {cooler.leak.d * 1e9:.4g} nm thick, Tc {cooler.Tc:.5g} K"
    for name, table, side in (("top", problem.top, cooler.top), ("bottom", problem.bottom, cooler.bottom)):
        behind = f"{table.solid}, " if table.solid is not None else ""
        yield f"  {name:11} {behind}sigma_K {side.sigma_K:.4g} W/(m^2 K^4)"
    yield f"  bath        {cooler.T_bath:.5g} K"
    yield f"  path        {cooler.path}, {cooler.count} filament(s)"
    if cooler.leads is not None:
        kind = "superconducting" if cooler.leads.superconducting else "normal"
        yield f"  leads       {cooler.lead_count} {kind}, {cooler.leads.resistance:.4g} Ohm each in the normal state"
    yield f"  modes       {', '.join(cooler.modes)}"
    yield f"  filament    {prepared.name}"
    if isinstance(prepared.filament, FilamentJob):
        _, *lines = prepared.filament.describe()
        yield from (f"  {line}" for line in lines)
    if prepared.others:
        yield f"  variants    the same filament with interference {' and '.join(prepared.others)}"


def told(s: Mapping[str, Any], name: str) -> Iterator[str]:
    """The summary of a cooler, line by line; `name` stands for a title that is not there."""
    balance, filament = s["cooler"], s["filament"]
    yield s["title"] or name
    yield (
        f"  {s['material']}, {balance['count']} filament(s): P_J {balance['P_joule']:.4g} W, g_W {balance['g_W']:.4g}; "
        f"filament at {filament['temperature']:.4g} K, Tc {filament['Tc']:.4g} K"
    )
    yield (
        f"  for a plate at {balance['T_target']:.4g} K: P_leak {balance['P_leak_bare']:.4g} W through the film alone "
        f"(5.3), {balance['P_leak_series']:.4g} W with Kapitza resistance in series; (5.4) asks for "
        f"kappa > {balance['kappa_needed_bare']:.4g} and {balance['kappa_needed_series']:.4g}, Carnot allows "
        f"{balance['kappa_carnot']:.4g}"
    )
    if (leads := balance["leads"]) is not None:
        yield (
            f"  {leads['count']} leads bring {leads['heat']:.4g} W ({leads['conducted']:.4g} conducted, "
            f"{leads['joule']:.4g} of Joule heat); normal ones cannot bring less than {leads['least_heat']:.4g} W"
        )
    reached = [mode for mode in MODES if balance[mode] is not None and balance[mode]["reaches_target"]]
    yield (
        f"  path {balance['path']}: kappa > {balance['kappa_needed']:.4g} is needed; {balance['T_target']:.4g} K is "
        f"reached by: {', '.join(reached) or 'none'}"
    )
    for place, side in s["interfaces"].items():
        if "critical_angle" in side:
            yield f"  {place}: {reflection(side)}"
    if s["variants"] is not None:
        yield from (f"  {line}" for line in variant_lines(s))
    for line in s["verdict"]:
        yield f"  verdict: {line}"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"


def variant_lines(s: Mapping[str, Any]) -> Iterator[str]:
    """The cooler with each interference side by side: what its filament absorbs, and the plate in each mode.

    The plate is that of a filament below Tc: where P_J is too much for that, at the largest power that is not.
    """
    modes = [mode for mode in MODES if s["cooler"][mode] is not None]
    heads = ("interference", "g_W", "with w < 0", "g_rev", "(2.6)", "mean", "P_J (W)", "film (K)", *modes)
    yield "".join(f"{head:>12}" for head in heads)
    gentle = False
    for name, variant in s["variants"].items():
        cells = [name, *(f"{variant[key]:.3g}" for key in ("g_W", "g_W_with_negative_w", "g_rev"))]
        cells += [number(variant[key], ".2g") for key in ("gross_spectral_share", "mean_spectral_share")]
        cells += [f"{variant['P_joule']:.4g}", f"{variant['temperature']:.5g}"]
        normal = variant["stays_superconducting"] is False
        key, mark = ("T_cold_superconducting", "*") if normal else ("T_cold", "")
        cells += [number(variant[mode][key], ".5g") + mark for mode in modes]
        gentle |= normal
        yield "".join(f"{cell:>12}" for cell in cells)
    yield "g_W, g_rev: absorbed per Joule heat (with w < 0: g_W if negative w were heat that is absorbed)"
    yield "(2.6), mean: absorbed per emission of the populations, by x, t and frequency, and in the mean spectrum"
    yield "reciprocal, ideal, paper: the plate (K)" + ("; * at the largest P_J that leaves the film below Tc" * gentle)


def reflection(side: Mapping[str, Any]) -> str:
    """Where an interface reflects the phonons of the film, and whether [PSC] says so too (E9)."""
    angles = {"longitudinal": side["critical_angle"], "transverse": side["critical_angle_transverse"]}
    beyond = ", ".join(
        f"{branch} {'never' if angle is None else f'beyond {angle:.1f} degrees'}" for branch, angle in angles.items()
    )
    right = side["reflects_as_printed"] == (angles["longitudinal"] is not None)
    return (
        f"sigma_K {side['sigma_K']:.4g} W/(m^2 K^4); reflects the film's phonons totally: {beyond}"
        f"{'' if right else ' (longitudinal by rho s: the opposite, E9)'}"
    )
