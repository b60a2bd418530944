"""Sums of some parts into each place, in an order that is always the same: what a scatter with atomic adds is not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.machine import Machine
from femtdgl.solve.pattern import by_row

LONGEST = 256
"""Parts of a sum that one thread adds up; longer sums, into the rows of banks, are made of pieces."""


class Sums:
    """out[k] = sum of all parts whose target is k."""

    def __init__(self, machine: Machine, targets: NDArray[np.int32], count: int) -> None:
        """targets: a place (0 ... count - 1) for each part, in the order of the parts in memory; -1 for none."""
        self.machine, self.count, up = machine, count, machine.up
        start, order = by_row(count, np.ascontiguousarray(targets.ravel(), dtype=np.int32))
        first, last = start[:-1], start[1:]
        self.order, self.first, self.last = up(order), up(first), up(last)
        self.long = np.flatnonzero(last - first > LONGEST)
        if self.long.size:
            cuts = [np.append(np.arange(first[k], last[k], LONGEST), last[k]) for k in self.long]
            pieces = np.cumsum([0] + [cut.size - 1 for cut in cuts])
            self._places = up(self.long)
            self._piece_first = up(np.concatenate([cut[:-1] for cut in cuts]), np.int32)
            self._piece_last = up(np.concatenate([cut[1:] for cut in cuts]), np.int32)
            self._long_first, self._long_last = up(pieces[:-1], np.int32), up(pieces[1:], np.int32)
            self._middle = up(np.zeros(int(pieces[-1])))
            self._one_by_one = up(np.arange(pieces[-1]), np.int32)
            self._totals = up(np.zeros(self.long.size))

    def __call__(self, parts: Any, out: Any) -> None:
        """Write the sums of the parts (flat) to `out` (count,)."""
        sums = self.machine.kernels.sums
        sums(self.first, self.last, LONGEST, self.order, parts, out)
        if self.long.size:
            sums(self._piece_first, self._piece_last, LONGEST, self.order, parts, self._middle)
            most = int(self._middle.size)
            sums(self._long_first, self._long_last, most, self._one_by_one, self._middle, self._totals)
            out[self._places] = self._totals

    def of(self, parts: Any) -> Any:
        """The sums of the parts (flat) in an array of their own, (count,)."""
        out = self.machine.xp.empty(self.count)
        self(parts, out)
        return out
