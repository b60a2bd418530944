"""What a cooler takes from the run of its filament: the Joule heat, g_W, and what they belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.flux.emission import flux_ledger, last_cycle
from femtdgl.problem import toml
from femtdgl.problem.film import Interference
from femtdgl.problem.heat import of_electrons


@dataclass(frozen=True, kw_only=True)
class FilamentRun:
    """Numbers of a run, in reduced units."""

    delta: float
    eta: float
    length: float  # xi
    current: float  # j0
    joule: float  # <J V>, per cross-section
    interference: Interference
    g_W: float
    g_W_with_negative_w: float
    g_rev: float
    gross_spectral_share: float | None
    mean_spectral_share: float | None
    omega_tau_eps: float
    whole_periods: bool
    """Whether the means are those of a period between two slips."""
    temperature: tuple[float, float] | None
    """Mean and largest temperature of a heated run, Tc; None: it stayed at T0."""
    warnings: tuple[str, ...]
    """What its ledger cannot be used for."""


def read_run(result: Result, kernel: str) -> FilamentRun:
    """Of a stored result.  Raises InputError where there is nothing to pump with."""
    ledger = flux_ledger(result, kernel)
    current = float(result.summary["current"])
    if ledger.g_W is None or ledger.g_W_with_negative_w is None or ledger.g_rev is None:
        raise InputError("dissipates nothing: no phase-slip centre", key="filament", allowed="a current above critical")
    if current == 0:
        raise InputError("carries no current at its end", key="filament", allowed="a current that stays on")
    return FilamentRun(
        delta=float(result.attributes["delta"]),
        eta=float(result.attributes["eta"]),
        length=float(np.ptp(result.nodes[0])),
        current=current,
        joule=float(ledger.joule),
        interference=toml.build(toml.parse(result.problem_text)).film.interference,
        g_W=float(ledger.g_W),
        g_W_with_negative_w=float(ledger.g_W_with_negative_w),
        g_rev=float(ledger.g_rev),
        gross_spectral_share=ledger.gross_spectral_share,
        mean_spectral_share=ledger.mean_spectral_share,
        omega_tau_eps=ledger.omega_tau_eps,
        whole_periods=last_cycle(result)[1] is not None,
        temperature=electron_temperature(result),
        warnings=tuple(ledger.warnings),
    )


def electron_temperature(result: Result) -> tuple[float, float] | None:
    """Mean and largest temperature of a heated filament in its run, Tc; None where it stayed at T0."""
    heat = result.summary.get("heat")
    if heat is None:
        return None
    electrons = heat[of_electrons(heat)]
    return electrons["mean"], electrons["max"]
