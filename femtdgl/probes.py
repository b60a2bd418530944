"""Probes: numbers recorded at every accepted step.  Each has a name, a unit and is called with a snapshot.

A snapshot offers `voltage`, `current`, `n`, `dissipation`, `integrals` and the system it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Probe:
    """A named number of a snapshot; `unit` is one of the reduced units of theory note, section 0."""

    name: str
    unit: str
    measure: Callable[[Any], float]

    def __call__(self, snapshot: Any) -> float:
        """The number, of this snapshot."""
        return float(self.measure(snapshot))


def _negative(snapshot: Any) -> float:
    w = snapshot.dissipation
    return snapshot.system.space.weights @ np.minimum(w, 0.0)


def center_probe(center: int) -> Probe:
    """|psi| at a node."""
    return Probe("psi_center", "Delta0", lambda s: np.sqrt(s.n[center]))


STANDARD = (
    Probe("voltage", "V0", lambda s: s.voltage),
    Probe("current", "j0", lambda s: s.current),
    Probe("psi_max", "Delta0", lambda s: np.sqrt(s.n.max())),
    Probe("psi_min", "Delta0", lambda s: np.sqrt(s.n.min())),
    Probe("work", "j0 V0 xi^(d-1)", lambda s: s.integrals[1]),
    Probe("dissipation", "j0 V0 xi^(d-1)", lambda s: s.integrals[0]),
    Probe("dissipation_negative", "j0 V0 xi^(d-1)", _negative),
    Probe("dissipation_min", "j0 V0/xi", lambda s: s.dissipation.min()),
    Probe("free_energy", "2 j0 V0 t0 xi^(d-1)", lambda s: s.integrals[2]),
)
"""Recorded in every run: `work` is int j.E, `dissipation` int w, `free_energy` F of (1.5)."""
