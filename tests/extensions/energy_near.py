"""A probe of one's own: the free energy of (1.5) within a radius of a point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

import femtdgl as fg


@fg.probe_kind
@dataclass(frozen=True, kw_only=True)
class EnergyNear(fg.ProbeDescription):
    """F of (1.5) within `radius` of `at`, in xi."""

    at: tuple[float, ...]
    radius: float
    kind: Literal["energy"] = "energy"

    def points(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        """The point."""
        yield "at", self.at


@fg.probe_of.register
def _(description: EnergyNear, space: Any) -> fg.Probe:
    near = np.linalg.norm(space.x - np.array(description.at)[:, None], axis=0) < description.radius
    if not near.any():
        raise fg.InputError("holds no point", key=f"probes.{description.name}", allowed="a place within the mesh")
    weights = np.where(near, space.weights, 0.0)
    return fg.Probe(description.name, "j0 V0 t0 xi^(d-1)/2", lambda s: s.free_energy @ weights)
