"""Several states of one point, such as the steady states of a network: branches over a key, and where two of them end.

Near a fold two states come together as the square root of the distance to it: their distance squared, taken at the last
two points where both are there, is a straight line that meets zero at the fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, Any]


def listed(rows: Sequence[Row], keys: Sequence[str], entry: str) -> list[dict[str, Any]]:
    """A row for each state of each point: the keys, its number from 0 on, and what the table says of it."""
    found = []
    for row in rows:
        for number in range(int(row.get(entry) or 0)):
            before = f"{entry}.{number}."
            told = {name.removeprefix(before): value for name, value in row.items() if name.startswith(before)}
            found.append({"point": row["point"], **{key: row[key] for key in keys}, "number": number, **told})
    return found


def folds(rows: Sequence[Row], keys: Sequence[str], key: str, entry: str) -> list[dict[str, Any]]:
    """Where along a numeric key the number of states changes: the values on both sides, and an estimate of the fold."""
    others = [name for name in keys if name != key]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row["status"] == "solved" and isinstance(row[key], int | float):
            groups.setdefault(repr([row[name] for name in others]), []).append(row)
    found = []
    for group in groups.values():
        along = sorted(group, key=lambda row: row[key])
        for k, (a, b) in enumerate(pairwise(along)):
            if a.get(entry) == b.get(entry):
                continue
            more = along[k::-1] if (a.get(entry) or 0) > (b.get(entry) or 0) else along[k + 1 :]
            found.append(
                {
                    **{name: a[name] for name in others},
                    "from": a[key],
                    "to": b[key],
                    "estimate": _estimate(more, a[key], b[key], key, entry),
                    f"{entry}_below": a.get(entry),
                    f"{entry}_above": b.get(entry),
                }
            )
    return found


def _estimate(more: Sequence[Row], low: float, high: float, key: str, entry: str) -> float:
    """The fold between two values; `more`: rows on its side with more states, the nearest first."""
    middle = 0.5 * (low + high)
    if len(more) < 2 or more[0].get(entry) != more[1].get(entry):
        return middle
    near, far = _states(more[0], entry), _states(more[1], entry)
    gaps = [float(np.sum((b - a) ** 2)) for a, b in pairwise(near)]
    if not gaps:
        return middle
    pair = int(np.argmin(gaps))
    gap, gap_far = gaps[pair], float(np.sum((far[pair + 1] - far[pair]) ** 2))
    if gap >= gap_far:
        return middle
    x, x_far = more[0][key], more[1][key]
    return float(min(max(x + (x - x_far) * gap / (gap_far - gap), low), high))


def _states(row: Row, entry: str) -> list[NDArray[np.float64]]:
    """Logarithms of the positive numbers of each state."""
    return [
        np.log([
            value
            for name, value in row.items()
            if name.startswith(f"{entry}.{number}.") and isinstance(value, float) and value > 0
        ])
        for number in range(int(row[entry]))
    ]  # fmt: skip
