"""What a network problem gives: its solution as numbers for summary.json, arrays for result.h5, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from femtdgl.figures.network import shown
from femtdgl.kinds.network.summary import NetworkSummary
from femtdgl.measure.entry import as_json
from femtdgl.thermal.network.curve import Curve, Solution
from femtdgl.thermal.network.transient import Transient


@dataclass(frozen=True, kw_only=True)
class NetworkOutcome(Solution):
    """A solved network problem: `states`, `curves`, `transient`, and what is written and drawn of them (`entries`)."""

    entries: NetworkSummary
    """What summary.json says."""
    wanted: tuple[str, ...] = ()
    """Names of the figures to draw; (): all."""

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The entries as summary.json has them."""
        return as_json(self.entries)

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The datasets of result.h5 by their paths."""
        arrays: dict[str, np.ndarray] = {}
        for curve in self.curves:
            arrays |= curve_arrays(curve)
        return arrays if self.transient is None else arrays | transient_arrays(self.transient)

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that are wanted and have something to show."""
        return tuple(name for name in shown(self) if not self.wanted or name in self.wanted)


def curve_arrays(curve: Curve) -> dict[str, np.ndarray]:
    """The datasets of one curve."""
    scan, group = curve.scan, f"scan/{curve.label}"
    arrays = {f"{group}/value": scan.values}
    for name, sweep in [("up", scan.up)] if scan.down is scan.up else [("up", scan.up), ("down", scan.down)]:
        arrays |= {f"{group}/{name}/T/{node}": T for node, T in sweep.temperatures.items()}
        arrays |= {f"{group}/{name}/P/{link}": P for link, P in sweep.powers.items()}
        arrays[f"{group}/{name}/stable"] = sweep.stable
    arrays |= {f"{group}/branch/{name}": values for name, values in scan.branch.items()}
    arrays |= {f"{group}/observed/{name}": values for name, values in curve.observed.items()}
    arrays |= {f"{group}/responsivity/{node}": slope for node, slope in curve.responsivities.items()}
    return arrays | {f"{group}/gain/{link}": gain for link, gain in curve.gains.items()}


def transient_arrays(transient: Transient) -> dict[str, np.ndarray]:
    """The datasets of a transient."""
    arrays = {"transient/t": transient.t}
    arrays |= {f"transient/T/{node}": T for node, T in transient.temperatures.items()}
    return arrays | {f"transient/E/{link}": E for link, E in transient.energies.items()}
