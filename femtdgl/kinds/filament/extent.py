"""How much a run would store: told before it begins, and refused where it cannot be."""

from __future__ import annotations

import math
from typing import NamedTuple

from femtdgl.errors import InputError
from femtdgl.input.limits import memory, size
from femtdgl.problem.problem import Problem

MOST = {"output.fields": 1e7, "output.probes": 1e8, "time.checkpoint": 1e6}
"""Rows of a series, and pieces of a run: with more of them no file can be worked with."""
LARGEST = 1e13
"""Bytes of a result."""
NUMBERS = 12
"""Probes of a typical run."""


class Extent(NamedTuple):
    """Stored times of the fields, bytes of them and of probes at an interval, and how much of that waits in memory."""

    frames: float
    stored: float
    waiting: float


def extent(problem: Problem, nodes: int) -> Extent:
    """Of a run to its end, on so many nodes.  Raises InputError where it is beyond any file, or this machine."""
    t_end, checkpoint = problem.time.t_end, problem.time.checkpoint
    probes = problem.output.probes
    if isinstance(probes, str):  # at every step
        probes = None
    intervals = {"output.fields": problem.output.fields, "time.checkpoint": checkpoint}
    if probes is not None:
        intervals["output.probes"] = probes
        if probes > t_end:
            words = f"{probes:g} is longer than the run, time.t_end = {t_end:g}"
            raise InputError(words, key="output.probes", allowed='an interval within it, or "every-step"')
    for key, interval in intervals.items():
        if t_end / interval > MOST[key]:
            raise InputError(
                f"{interval:g} fits {t_end / interval:.2g} times into time.t_end = {t_end:g}",
                key=key,
                allowed=f"an interval of {t_end / MOST[key]:.2g} or more",
            )
    frame = nodes * (16 + 16 + 8 + 4 * (3 * problem.mesh.dim + 1 + 2 * (problem.heat is not None)))
    rate = frame / problem.output.fields + (0.0 if probes is None else 8 * NUMBERS / probes)
    found = Extent(1 + math.floor(t_end / problem.output.fields), t_end * rate, min(t_end, checkpoint) * rate)
    if found.stored > LARGEST:
        raise InputError(
            f"{problem.output.fields:g} makes {found.frames:.2g} stored times of {nodes} nodes, {size(found.stored)}",
            key="output.fields",
            allowed=f"a result of at most {size(LARGEST)}",
        )
    if found.waiting > memory():
        raise InputError(
            f"{checkpoint:g} lets {size(found.waiting)} wait in memory between two checkpoints",
            key="time.checkpoint",
            allowed=f"less than the {size(memory())} of this machine: a shorter interval, or output.fields longer",
        )
    return found
