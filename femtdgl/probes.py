"""Probes: numbers recorded at every accepted step.  Each has a name, a unit and is called with snapshots.

Snapshots of m states offer `voltage` (m,), `current` (m,), `n` (m, N), `dissipation` (m, nq), `integrals` (m, 3)
and the `system` they belong to; a probe makes m numbers of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Probe:
    """A named number of a state; `unit` is one of the reduced units of theory note, section 0."""

    name: str
    unit: str
    measure: Callable[[Any], Array]

    def __call__(self, snapshots: Any) -> Array:
        """The numbers (m,) of these snapshots."""
        return self.measure(snapshots)


def _negative(s: Any) -> Array:
    return np.minimum(s.dissipation, 0.0) @ s.system.space.weights


def center_probe(center: int) -> Probe:
    """|psi| at a node."""
    return Probe("psi_center", "Delta0", lambda s: np.sqrt(s.n[:, center]))


STANDARD = (
    Probe("voltage", "V0", lambda s: s.voltage),
    Probe("current", "j0", lambda s: s.current),
    Probe("psi_max", "Delta0", lambda s: np.sqrt(s.n.max(axis=1))),
    Probe("psi_min", "Delta0", lambda s: np.sqrt(s.n.min(axis=1))),
    Probe("work", "j0 V0 xi^(d-1)", lambda s: s.integrals[:, 1]),
    Probe("dissipation", "j0 V0 xi^(d-1)", lambda s: s.integrals[:, 0]),
    Probe("dissipation_negative", "j0 V0 xi^(d-1)", _negative),
    Probe("dissipation_min", "j0 V0/xi", lambda s: s.dissipation.min(axis=1)),
    Probe("free_energy", "2 j0 V0 t0 xi^(d-1)", lambda s: s.integrals[:, 2]),
)
"""Recorded in every run: `work` is int j.E, `dissipation` int w, `free_energy` F of (1.5)."""
