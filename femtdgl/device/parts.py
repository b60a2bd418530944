"""Where a thread puts what belongs to its element, and what a sum does with it.

Neighbouring elements lie side by side in `parts`, the last axis: neighbouring threads write to neighbouring places.
"""

from __future__ import annotations

from typing import Any

from numba.extending import register_jitable


@register_jitable
def write_vector(e: int, total: Any, parts: Any) -> None:
    """The vector of element e, total (nodes, 3), into parts (3 nodes, ne)."""
    for i in range(total.shape[0]):
        for f in range(3):
            parts[3 * i + f, e] = total[i, f]


@register_jitable
def write_matrix(e: int, J: Any, dot: Any, rates: bool, parts: Any) -> None:
    """The matrix of element e, J (3 nodes, 3 nodes), into parts (9 nodes^2, ne); or that of rates, from dot."""
    width = J.shape[0]
    for r in range(width):
        for j in range(width // 3):
            for f in range(3):
                entry = J[r, 3 * j + f]
                if rates:
                    entry = 0.0
                    if f < 2:
                        entry = dot[r, 2 * j + f]
                parts[width * r + 3 * j + f, e] = entry


@register_jitable
def sum_of(parts: Any, order: Any, first: int, last: int) -> float:
    """The parts order[first], ... order[last - 1] added up, in this order."""
    total = 0.0
    for s in range(first, last):
        total += parts[order[s]]
    return total
