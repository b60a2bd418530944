"""Whether a vector potential fits its problem: what a Python function returns, and how it lies on banks."""

from __future__ import annotations

import numpy as np

from femtdgl.equations.vector_potential import tangential
from femtdgl.errors import InputError
from femtdgl.problem.boundary import Bank
from femtdgl.problem.drive import Potential, UniformField
from femtdgl.problem.problem import Problem
from femtdgl.solve.space import Space


def check_potential(problem: Problem, space: Space, potential: Potential | UniformField | None) -> None:
    """Raises InputError where A(x, t) is no vector potential, or one that a bank cannot bear."""
    if potential is None:
        return
    t_end = problem.time.t_end
    times = (0.0, 0.37 * t_end, t_end, *(t for t in problem.corners if t < np.inf))
    if not isinstance(potential, UniformField):
        for t in times[:3]:
            _check_function(potential, space, t)
    if space.dim > 1:
        _check_banks(problem, space, potential, times)


def _check_function(potential: Potential, space: Space, t: float) -> None:
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


def _check_banks(problem: Problem, space: Space, potential: Potential | UniformField, times: tuple[float, ...]) -> None:
    """psi = exp(i theta) with one theta on a bank is right only without a tangential A there."""
    for name, condition in problem.boundary.items():
        if isinstance(condition, Bank):
            x, normal = (part.reshape(space.dim, -1) for part in space.boundary_normals(name))
            for t in times:
                A = potential(x, t)[0]
                if np.abs(tangential(A, normal)).max() > 1e-9 * (1 + np.abs(A).max()):
                    raise InputError(
                        "is a bank with a vector potential along its face, so that one phase does not serve it",
                        key=f"boundary.{name}",
                        allowed='a face across x with a field across x, or a "normal" contact',
                    )
