"""The gauge in which a problem is solved: that of its vector potential, measured from its value in mid-mesh.

Results do not depend on it; the number of steps does.  Where A in the middle is a(t), psi turns by exp(i a(t).x), and
the integrator has to follow.  So A(x, t) - A(middle, t) is solved for: psi exp(i chi) and phi - d_t chi with
chi = -a(t).(x - middle).  A uniform field is measured from there anyway.

With periodic ends A is the same at both, which leaves no choice: see `problem.periodic`.

On a bank psi = exp(i theta) has one theta, which is right without a tangential A there.  Where A meets that as given
and not as measured from the middle, it is taken as given; where it does in neither way the problem is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.vector_potential import tangential
from femtdgl.errors import InputError
from femtdgl.problem.boundary import Bank
from femtdgl.problem.drive import OFF, Magnets, UniformField
from femtdgl.problem.periodic import Round
from femtdgl.problem.problem import Potential, Problem
from femtdgl.solve.path import centre
from femtdgl.solve.potential import check_function
from femtdgl.solve.seam import Seam
from femtdgl.solve.space import Space

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""Part of A along a face that is none."""


@dataclass(frozen=True)
class Centred:
    """A(x, t) less its value in the middle (dim,) of the mesh, and the rate of it."""

    potential: Potential
    middle: Array

    def __call__(self, x: Array, t: float) -> tuple[Array, Array]:
        """A and d_t A at points (dim, ...)."""
        there = self.potential(x, t)
        at_middle = self.potential(self.middle.reshape(-1, *[1] * (x.ndim - 1)), t)
        return there[0] - at_middle[0], there[1] - at_middle[1]


APART = 0.5
"""Least distance of a magnet from the nodes of a mesh, over the size of its cells."""


def _cell(space: Space) -> float:
    """A length of the cells."""
    return float(np.median(space.elements.weight.sum(axis=1)) ** (1 / space.dim))


def choose_gauge(problem: Problem, space: Space) -> Potential | UniformField | None:
    """A(x, t) that is solved for.  Raises InputError where a bank has a part of it along its face."""
    middle = centre(space)
    if space.seam is not None:
        return round_the_ring(problem, space.seam, middle)
    given = problem.potential(middle)
    if given is None or isinstance(given, UniformField):
        choices: list[Potential | UniformField | None] = [given]
    else:
        if isinstance(given, Magnets):
            given.require_apart(space.nodes, list(problem.drive.magnets), APART * _cell(space))
        check_function(given, space, problem.time.t_end)
        choices = [Centred(given, middle), given]
    along = [bank_along(problem, space, potential) for potential in choices]
    for potential, bank in zip(choices, along, strict=True):
        if bank is None:
            return potential
    raise InputError(
        "is a bank with a vector potential along its face, so that one phase does not serve it",
        key=f"boundary.{along[-1]}",
        allowed='a face across x with a field across x, or a "normal" contact',
    )


def round_the_ring(problem: Problem, seam: Seam, middle: Array) -> Round | None:
    """A of a flux through a ring and of a field across it: the same at both ends, and taken as it is."""
    flux, field = problem.drive.flux, problem.drive.field
    if flux is None and field is None:
        return None
    assert not isinstance(field, tuple)
    return Round(seam.step, middle, OFF if flux is None else flux, OFF if field is None else field)


def bank_along(problem: Problem, space: Space, potential: Potential | UniformField | None) -> str | None:
    """Name of the first bank with a part of A along its face; None if there is none."""
    if potential is None or space.dim == 1:
        return None
    t_end = problem.time.t_end
    times = (0.0, 0.37 * t_end, t_end, *(t for t in problem.corners if t < np.inf))
    for name, condition in problem.boundary.items():
        if isinstance(condition, Bank):
            x, normal = (part.reshape(space.dim, -1) for part in space.boundary_normals(name))
            for t in times:
                A = potential(x, t)[0]
                if np.abs(tangential(A, normal)).max() > ROUNDING * (1 + np.abs(A).max()):
                    return name
    return None
