"""`femtdgl flux`: the phonon flux of a stored run, its files, its figure and its lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from femtdgl.figures import flux as figures
from femtdgl.files.reader import Result
from femtdgl.flux import emission
from femtdgl.kinds.filament.tell import number


def write_flux(
    result: Result, kernel: str = "exact", kinetics: str = "linear", *, full: bool = False,
    w: np.ndarray = emission.FREQUENCIES,
) -> dict[str, Any]:  # fmt: skip
    """Compute the flux of a run, write flux.h5, flux.json and the figure beside it; returns what flux.json holds."""
    written = emission.write_flux(result, kernel, kinetics, w=w, full=full)
    figures.write_figures(result, *written[1:])
    return written.summary


def flux_lines(s: dict[str, Any]) -> Iterator[str]:
    """The ledger of a flux for people."""
    yield f"phonon flux, kernel {s['kernel']}, kinetics {s['kinetics']}"
    yield f"  Omega tau_eps {number(s['omega_tau_eps'], '.3g')}"
    yield (
        f"  gross emission {number(s['gross_emission'])}, absorption {number(s['gross_absorption'])}, "
        f"net {number(s['net_linear'], '.2e')} (sampled {number(s['net_sampled'], '.2e')})"
    )
    yield (
        f"  Joule heat {number(s['joule'])}, irreversible {number(s['irreversible'])}, "
        f"reversible exchange {number(s['reversible_heat'])}, absorbed net of w {number(s['heat_absorbed'])}"
    )
    yield (
        f"  absorbed per Joule heat: g_W {number(s['g_W'], '.4g')} at each x and t, "
        f"g_rev {number(s['g_rev'], '.4g')} of the reversible exchange by itself"
    )
    yield (
        f"  absorbed per emission in the spectrum (2.6): {number(s['gross_spectral_share'], '.3g')} by x, t and "
        f"frequency, {number(s['mean_spectral_share'], '.3g')} of its mean"
    )
    if s["energy_ratio"] is not None:
        yield f"  energy of (2.1) in SI: {number(s['energy_ratio'], '.3g')} of the reversible exchange"
    if s["relaxation_loss"] is not None:
        yield f"  relaxation loss {number(s['relaxation_loss'])}, its work {number(s['relaxation_work'])}"
    yield f"  populations from {number(s['n_min'], '.3g')} to {number(s['n_max'], '.3g')}"
    if s["escaping_share"] is not None:
        yield f"  of the gross emission {number(s['escaping_share'], '.4g')} leaves"
    if s["taken_from_excess"] is not None:
        yield f"  taken from given phonons {number(s['taken_from_excess'])}"
    for warning in s["warnings"]:
        yield f"  warning: {warning}"
