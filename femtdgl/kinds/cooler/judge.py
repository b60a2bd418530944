"""What stands in the summary in sentences: the verdict, and what the numbers cannot be used for."""

from __future__ import annotations

from collections.abc import Iterator

from femtdgl.kinds.cooler.summary import BalanceSummary, FilamentSummary, RunTemperatures, VariantsSummary

CAUTION = "hypothetical: one-way interfaces without work, which no passive interface is"
UNSETTLED = 0.05
"""Of the rise above the bath: how far a heated run may be from its steady state."""
SUFFIX = {"reciprocal": "", "ideal": " (one-way mirrors)", "paper": " (hypothetical)"}


def cautions(balance: BalanceSummary, filament: FilamentSummary) -> Iterator[str]:
    """Sentences about what the numbers cannot be used for."""
    if not filament.whole_periods:
        yield "the run of the filament has no whole period, or several centres: g_W and <J V> are means over a window."
    if abs(filament.delta / filament.material_delta - 1) > 0.1:
        yield (
            f"the filament has delta = {filament.delta:.4g}, the material {filament.material_delta:.4g} at "
            f"{filament.T0:.4g} K: they do not belong together, g_W and <J V> are those of the filament."
        )
    if abs(filament.eta - filament.material_eta) > 1e-3:
        yield f"eta is {filament.eta:.4g} in the filament and {filament.material_eta:.4g} by material.T0."
    if abs(filament.T0 / balance.T_bath - 1) > 1e-3:
        yield f"the filament is computed at {filament.T0:.4g} K, not at the bath's {balance.T_bath:.4g} K."
    if filament.stays_superconducting is False:
        yield (
            f"self-heating: with phonons alone the filament would be at {filament.temperature:.4g} K, above Tc = "
            f"{filament.Tc:.4g} K, and would have no phase-slip centre "
            f"({filament.temperature_with_cold_banks:.4g} K if its banks stay at the bath's temperature and the "
            "film conducts as normal metal)."
        )
    elif filament.of_run is not None:
        yield from heated_cautions(balance.T_bath, filament, filament.of_run)
    elif filament.eps < 0.9:
        yield (
            f"self-heating: with phonons alone the filament would be at {filament.temperature:.5g} K, where eps of "
            f"(1.1) is {filament.eps:.3g}; its run, and so g_W and <J V>, is at eps = 1."
        )


def heated_cautions(T_bath: float, filament: FilamentSummary, run: RunTemperatures) -> Iterator[str]:
    """Those of a filament whose run had its own heat."""
    T_f = filament.temperature
    if abs(run.mean - T_f) > UNSETTLED * abs(T_f - T_bath):
        yield (
            f"the filament is at {run.mean:.6g} K in the mean of its run, and would be at {T_f:.6g} K by its power: "
            "the run is too short for it to settle."
        )
    if run.max > filament.Tc:
        yield f"the filament passes Tc = {filament.Tc:.4g} K in its run ({run.max:.5g} K)."


def verdict(balance: BalanceSummary, filament: FilamentSummary) -> list[str]:
    """Cools or not, in which mode, by how much, what limits it."""
    T_bath, physical = balance.T_bath, balance.reciprocal
    lines = [
        f"physically, with passive interfaces: it {answer(physical.cools)}; bath {T_bath:.5g} K, "
        f"plate {physical.T_cold:.5g} K, filament {filament.temperature:.5g} K"
    ]
    for name, mode in balance.modes.items():
        change = (mode.T_cold - T_bath) * 1e3
        normal = filament.stays_superconducting is False and mode.T_cold < T_bath
        no_pump = "its filament would be normal and no pump, else " if normal else ""
        lines.append(
            f"{name}{SUFFIX[name]} {answer(mode.cools)}: {no_pump}kappa {mode.kappa:+.4g}, plate at "
            f"{mode.T_cold:.5g} K ({change:+.4g} mK); limit: {mode.limit}"
        )
    if filament.stays_superconducting is False:
        allowed = {name: mode.T_cold_superconducting for name, mode in balance.modes.items()}
        parts = ", ".join(
            f"{name} {T:.5g} K ({(T - T_bath) * 1e3:+.4g} mK)" for name, T in allowed.items() if T is not None
        )
        lines.append(
            f"none of it with this filament, which heats itself above Tc; at the largest power below Tc: {parts}"
        )
    return lines


def over_variants(variants: VariantsSummary | None) -> Iterator[str]:
    """Whether the verdict depends on the coefficient c of (1.2)."""
    if variants is None:
        return
    answers = {
        name: " and ".join(mode for mode, outcome in variant.modes.items() if outcome.cools) or "none"
        for name, variant in variants.by_name.items()
    }
    told = "; ".join(f"{name} {found}" for name, found in answers.items())
    same = "does not depend" if len(set(answers.values())) == 1 else "depends"
    yield f"in which modes it cools {same} on the interference (E1): {told}"


def answer(cools: bool) -> str:
    """Cools or not, in words."""
    return "cools" if cools else "does not cool"
