"""The energies of the phonons that a filament emits itself, from the recorded series of a run.

    d_t stored = emitted - reabsorbed - escaping

in the unit of the spectrum (2.1).  In a local balance nothing is stored for longer than tau_es, and d_t stored is left
out of it as (3.2) does.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from femtdgl.measure.series import Series

Array = NDArray[np.float64]


def phonon_ledger(probes: Mapping[str, Array], start: float, end: float) -> dict[str, float]:
    """Mean powers between two times, and what they leave over."""
    t = np.asarray(probes["t"])
    values = {name: np.asarray(probes[f"phonons_{name}"]) for name in ("stored", "emitted", "reabsorbed", "escaping")}
    series = {name: Series(t, part) for name, part in values.items()}
    mean = {name: series[name].mean(start, end) for name in ("emitted", "reabsorbed", "escaping")}
    gross = {name: Series(t, np.abs(values[name])).mean(start, end) for name in ("emitted", "escaping")}
    gained = float(np.diff(series["stored"].at(start, end))[0]) / (end - start)
    held = np.abs(series["stored"].within(start, end)).max()
    rest = mean["emitted"] - mean["reabsorbed"] - mean["escaping"] - gained
    size = max(gross["emitted"], 1e-300)
    return {
        "stored_max": float(held),
        **mean,
        "gross_emitted": gross["emitted"],
        "gross_escaping": gross["escaping"],
        "mismatch": abs(rest) / size,
    }
