"""Work in threads, with results that are the same to the bit for any number of them.

Large pieces of work are divided once, by the problem alone; threads take the pieces as they come.  Pieces that run at
the same time write to different places, so that no sum depends on who was first.  The loops themselves are compiled and
let go of the interpreter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError

PIECES = 16
"""Into how many pieces large work is divided: rows of matrices, and elements of each colour at most."""
LARGE = 20_000
"""Unknowns, rows or elements from which on work is divided at all."""
MANY = 1_000_000
"""Numbers from which on whole-array work on them is divided."""

_chosen: int | None = None
_pool: tuple[int, ThreadPoolExecutor] | None = None


def use(count: int | None) -> None:
    """Work with so many threads from now on; None: as many as there are cores.  Raises InputError."""
    global _chosen
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise InputError(f"{count!r} is not possible", key="threads", allowed="a whole number from 1 on")
    _chosen = count


@contextmanager
def using(count: int | None) -> Iterator[None]:
    """Work with so many threads for a while; None: as before."""
    before = _chosen
    use(before if count is None else count)
    try:
        yield
    finally:
        use(before)


def count() -> int:
    """How many threads large work is done by."""
    return _chosen if _chosen is not None else cores()


@cache
def cores() -> int:
    """Cores that this process may use."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def each(work: Callable[[int], None], pieces: int) -> None:
    """work(0), work(1), ... work(pieces - 1), in any order and at the same time."""
    global _pool
    threads = min(count(), pieces) if pieces > 1 else 1
    if threads == 1:
        for piece in range(pieces):
            work(piece)
        return
    if _pool is None or _pool[0] != count():
        _pool = (count(), ThreadPoolExecutor(count(), thread_name_prefix="femtdgl"))
    left = iter(range(pieces))  # which hands out each number once, to whoever asks

    def take() -> None:
        for piece in left:
            work(piece)

    others = [_pool[1].submit(take) for _ in range(threads - 1)]
    try:
        take()
    finally:
        wait(others)
    for other in others:
        other.result()


def slices(size: int) -> list[slice]:
    """Of so many numbers, all of them in one if they are few: for whole-array work in threads."""
    edges = np.linspace(0, size, PIECES + 1).astype(np.int64) if size > MANY else [0, size]
    return [slice(a, b) for a, b in pairwise(edges)]


def clear(numbers: NDArray[Any]) -> None:
    """Sets numbers (n,) to zero, many of them in threads."""
    parts = slices(numbers.size)
    each(lambda k: numbers[parts[k]].fill(0.0), len(parts))


def ranges(weights: NDArray[Any], pieces: int = PIECES) -> NDArray[np.int64]:
    """Edges of ranges of about the same weight, of which the running sum is given (rows + 1,): (pieces + 1,)."""
    rows = weights.size - 1
    if rows < LARGE:
        return np.array([0, rows], dtype=np.int64)
    aims = np.linspace(0, int(weights[-1]), pieces + 1)
    edges = np.searchsorted(weights, aims).astype(np.int64)
    edges[0], edges[-1] = 0, rows
    return edges
