"""Which linear solver a system has, and which projection onto its nodes."""

from __future__ import annotations

from typing import Any

from femtdgl.solve.newton import CompleteSolver, Newton
from femtdgl.solve.space import Space


def solver_of(system: Any) -> Newton:
    """A complete LU in one dimension, else by blocks: these need numba, whose import small problems do without."""
    if not system.iterative:
        return CompleteSolver(system)
    from femtdgl.solve.linear import BlockSolver

    return BlockSolver(system)


def choose_projection(space: Space, compiled: bool) -> None:
    """Densities and currents at the nodes of a large space come by compiled loops in threads, if there may be such."""
    if compiled and not space.factorised:
        from femtdgl.solve.projection import Projection

        space.project = Projection(space)
