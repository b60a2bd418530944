"""Sources of heat in the filament: what comes in from outside, at its quadrature points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.input.expression import Expression
from femtdgl.problem.heat import Heat, Units
from femtdgl.problem.heat_course import HeatSource
from femtdgl.problem.map_fields import AXES
from femtdgl.problem.regions import Spot
from femtdgl.problem.waveform import Waveform
from femtdgl.solve.space import Space

Array = NDArray[np.float64]


class Deposited(NamedTuple):
    """One source: its power in time (reduced, after `size`), where it goes (nq,) with int = 1, and to which field."""

    wave: Waveform
    size: float
    share: Array
    field: int

    def power(self, t: Array) -> Array:
        """Power (m,) at m times."""
        return self.size * np.array([self.wave(float(one)) for one in np.atleast_1d(t)])


def deposits(heat: Heat, space: Space, units: Units) -> tuple[Deposited, ...]:
    """One for each source.  Raises InputError, with the key, for a place that is none of the mesh."""
    made = []
    for name, source in heat.sources.items():
        try:
            shape = _shape(source, space)
            total = float(shape @ space.weights)
            if not (np.isfinite(total) and total > 0 and shape.min() >= 0):
                words = f"goes from {shape.min():.3g} to {shape.max():.3g} on the mesh"
                raise InputError(
                    words, key="profile" if source.profile else "at", allowed="at no place negative, not 0"
                )
        except InputError as error:
            raise error.at(key=f"heat.sources.{name}.{error.key or 'profile'}") from None
        if source.energy is None:
            size = 1 / units.power
        else:
            size = source.energy / (units.power * units.time)
        field = 1 if source.of == "phonons" and heat.temperatures == "two" else 0
        made.append(Deposited(source.wave, size, shape / total, field))
    return tuple(made)


def _shape(source: HeatSource, space: Space) -> Array:
    """How a source is spread over the points (nq,), without its size."""
    if source.profile is not None:
        read = Expression(source.profile, AXES[: space.dim])
        value = read(**dict(zip(AXES, space.x, strict=False)))
        return np.array(np.broadcast_to(np.asarray(value, dtype=float), (space.nq,)))
    if source.at is None or source.width is None:
        return np.ones(space.nq)
    if isinstance(source.at, tuple) and len(source.at) != space.dim:
        raise InputError(f"has {len(source.at)} coordinates", key="at", allowed=f"{space.dim}, or a plane x = at")
    return Spot(depth=1.0, at=source.at, width=source.width)(space.x)
