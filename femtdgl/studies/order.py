"""Convergence: the order in which entries of a table approach their limit as a mesh, or a tolerance, becomes finer.

convergence = { over = "mesh.h", entries = ["mean_voltage"] }
convergence = { over = "mesh.elements", entries = ["period"], finer = "larger" }

v(h) = v_0 + C h^p is fitted to all values by least squares, h the key or, where larger is finer, one over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from femtdgl.errors import InputError

Array = NDArray[np.float64]

FINER = ("smaller", "larger")
ORDERS = np.linspace(0.25, 8.0, 32)
"""Orders among which the best is looked for, before it is refined."""
FEWEST = 3
"""Values that a limit, a factor and an order need."""
FORM = '{ over = KEY, entries = ["mean_voltage", ...] }, and finer = "larger" for a number of elements'


@dataclass(frozen=True)
class Convergence:
    """Over which key, and of which entries."""

    over: str
    entries: tuple[str, ...]
    finer: str = "smaller"

    @classmethod
    def read(cls, given: Any, values: Mapping[str, Sequence[Any]]) -> Convergence:
        """`sweep.convergence` of a plan with these values.  Raises InputError."""
        key = "sweep.convergence"
        if not isinstance(given, Mapping) or not {"over", "entries"} <= given.keys() <= {"over", "entries", "finer"}:
            raise InputError(f"{given!r} is not possible", key=key, allowed=FORM)
        over, entries, finer = given["over"], given["entries"], given.get("finer", "smaller")
        if over not in values:
            raise InputError(f"{over!r} is not swept", key=f"{key}.over", allowed=", ".join(values))
        numbers = [v for v in values[over] if isinstance(v, int | float) and not isinstance(v, bool) and v > 0]
        if len(set(numbers)) < max(FEWEST, len(values[over])):
            raise InputError(f"{over} has too few values", key=f"{key}.over", allowed="three different ones or more")
        if not isinstance(entries, list | tuple) or not entries or not all(isinstance(e, str) for e in entries):
            raise InputError(f"{entries!r} is not possible", key=f"{key}.entries", allowed="names of entries")
        if finer not in FINER:
            raise InputError(f"{finer!r} is not possible", key=f"{key}.finer", allowed=", ".join(FINER))
        return cls(over, tuple(entries), finer)

    def sizes(self, values: Sequence[float]) -> Array:
        """h of values of the key."""
        x = np.asarray(values, dtype=float)
        return 1 / x if self.finer == "larger" else x

    def found(self, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
        """A row for each entry and each combination of the other keys: order, limit, and how far the finest is off."""
        others = [key for key in keys if key != self.over]
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            groups.setdefault(repr([row[key] for key in others]), []).append(row)
        return [
            {**{key: group[0][key] for key in others}, "entry": entry, **self._fitted(group, entry)}
            for group in groups.values()
            for entry in self.entries
        ]

    def _fitted(self, group: Sequence[Mapping[str, Any]], entry: str) -> dict[str, Any]:
        """The fit of one curve."""
        seen = [row for row in group if isinstance(row.get(entry), int | float)]
        h, v = self.sizes([row[self.over] for row in seen]), np.array([float(row[entry]) for row in seen])
        finest = None if not seen else float(v[h.argmin()])
        nothing = {"order": None, "limit": None, "finest": finest, "error_of_finest": None, "points": len(seen)}
        if len(seen) < FEWEST or np.ptp(v) <= 1e-12 * np.abs(v).max():
            return nothing
        order, limit = fit(h, v)
        if not ORDERS[0] < order < ORDERS[-1]:
            return nothing
        return {**nothing, "order": order, "limit": limit, "error_of_finest": abs(float(v[h.argmin()]) - limit)}


def fit(h: Array, v: Array) -> tuple[float, float]:
    """p and v_0 of v = v_0 + C h^p, by least squares.   h, v: (n,), n >= 3."""

    def solved(p: float) -> tuple[float, float]:
        powers = np.column_stack([np.ones_like(h), (h / h.max()) ** p])
        c = np.linalg.lstsq(powers, v, rcond=None)[0]
        return float(np.sum((powers @ c - v) ** 2)), float(c[0])

    best = ORDERS[int(np.argmin([solved(p)[0] for p in ORDERS]))]
    step = float(ORDERS[1] - ORDERS[0])
    bounds = (max(best - step, float(ORDERS[0])), min(best + step, float(ORDERS[-1])))
    scale = max(float(np.ptp(v)) ** 2, 1e-300)
    p = float(minimize_scalar(lambda q: solved(q)[0] / scale, bounds=bounds, method="bounded").x)
    return p, solved(p)[1]
