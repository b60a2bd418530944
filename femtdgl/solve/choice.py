"""Which linear solver a system has."""

from __future__ import annotations

from typing import Any

from femtdgl.solve.newton import CompleteSolver, Newton


def solver_of(system: Any) -> Newton:
    """A complete LU in one dimension, else by blocks: these need numba, whose import small problems do without."""
    if not system.iterative:
        return CompleteSolver(system)
    from femtdgl.solve.linear import BlockSolver

    return BlockSolver(system)
