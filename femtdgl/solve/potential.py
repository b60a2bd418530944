"""Whether a vector potential given from Python is one: what the function returns."""

from __future__ import annotations

import numpy as np

from femtdgl.errors import InputError
from femtdgl.problem.drive import Potential
from femtdgl.solve.space import Space


def check_function(potential: Potential, space: Space, t_end: float) -> None:
    """Raises InputError where A(x, t) is no function, does not give A and d_t A at the points, or is not finite."""
    for t in (0.0, 0.37 * t_end, t_end):
        _check_at(potential, space, t)


def _check_at(potential: Potential, space: Space, t: float) -> None:
    """A Python function gives A and d_t A at the points."""
    x, allowed = space.x, f"a function A(x, t) that returns A and d_t A, both of the shape of x: ({space.dim}, points)"
    if not callable(potential):
        raise InputError(f"{potential!r} is no function", key="vector_potential", allowed=allowed)
    try:
        parts = [np.asarray(part, dtype=float) for part in potential(x, t)]
    except (TypeError, ValueError) as error:
        raise InputError(f"does not work at t = {t:g}: {error}", key="vector_potential", allowed=allowed) from error
    shapes = ", ".join(str(part.shape) for part in parts)
    if [part.shape for part in parts] != [x.shape, x.shape]:
        raise InputError(f"returns {shapes or 'nothing'} for {x.shape}", key="vector_potential", allowed=allowed)
    if not all(np.isfinite(part).all() for part in parts):
        raise InputError(f"is not finite at t = {t:g}", key="vector_potential", allowed=allowed)
