"""Periodic ends: a filament whose two ends are one point, a ring; a film that is repeated along its length.

With e the unit vector from an end to the other, L away, the flux Phi(t) through the ring (in flux quanta h/2e) and a
uniform field B normal to the plane enter by

    A(x, t) = e [ 2 pi Phi/L + B (x - x_0).(e x z) ],      oint A.dl = 2 pi Phi along the line through x_0,

which is the same at both ends, so that psi and phi are, too.  psi winds by a whole number n of turns round the ring,
and q = grad(arg psi) - A = 2 pi (n - Phi)/L in a uniform one.  Faraday: oint E.dl = -2 pi dPhi/dt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.problem.boundary import Bank, NormalContact, Periodic
from femtdgl.problem.drive import OFF, Drive
from femtdgl.problem.waveform import Waveform

Array = NDArray[np.float64]

ENDS = 'two boundaries with "periodic", such as left and right, or none'


@dataclass(frozen=True)
class Round:
    """A(x, t) round a film that is repeated after `step` (dim,); see the module.  `center` (dim,): x_0."""

    step: Array
    center: Array
    flux: Waveform = OFF
    field: Waveform = OFF

    def __call__(self, x: Array, t: float) -> tuple[Array, Array]:
        """A and d_t A at points (dim, n): two arrays (dim, n)."""
        length = float(np.linalg.norm(self.step))
        e = self.step / length
        across = np.zeros(x.shape[1:])
        if e.size == 2:
            across = np.tensordot([e[1], -e[0]], x - self.center.reshape(-1, *[1] * (x.ndim - 1)), 1)
        return tuple(  # type: ignore[return-value]
            e.reshape(-1, *[1] * (x.ndim - 1)) * (2 * np.pi * phi / length + B * across)
            for phi, B in ((self.flux(t), self.field(t)), (self.flux.slope(t), self.field.slope(t)))
        )

    @property
    def components(self) -> tuple[Waveform, ...]:
        """The field, where there is one."""
        return () if self.field is OFF else (self.field,)

    @property
    def steady(self) -> bool:
        """Whether neither flux nor field ever changes."""
        return all(wave.rests_from == -np.inf for wave in (self.flux, self.field))


def periodic_ends(boundary: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the boundaries that are periodic ends."""
    return tuple(name for name, condition in boundary.items() if isinstance(condition, Periodic))


def check_periodic(
    boundary: Mapping[str, Any], drive: Drive, dim: int, *, others: Mapping[str, Any], at_ends: Mapping[str, str]
) -> None:
    """Raises InputError for what does not go with periodic ends, and for a flux without them.

    others: what stands beside, by key, if anything; at_ends: names of boundaries used elsewhere, with the keys there.
    """
    ends = periodic_ends(boundary)
    if not ends:
        if drive.flux is not None:
            raise InputError("is the flux through a ring, which has periodic ends", key="drive.flux", allowed=ENDS)
        return
    if len(ends) != 2:
        raise InputError(f"has {len(ends)} periodic ends: {', '.join(ends)}", key="boundary", allowed=ENDS)
    if dim == 3:
        raise InputError(
            "are the periodic ends of a body",
            key="boundary",
            allowed="periodic ends of a line, or of a film in the plane",
        )
    contacts = [name for name, condition in boundary.items() if isinstance(condition, Bank | NormalContact)]
    if contacts:
        raise InputError(
            "is a terminal beside periodic ends: what goes round a ring has no terminals",
            key=f"boundary.{contacts[0]}",
            allowed='"insulating", or de Gennes; drive.flux drives the current round',
        )
    refused = {"drive.shunt": drive.shunt, "drive.magnets": drive.magnets, **others}
    for key, value in refused.items():
        if value is not None and value != {}:
            raise InputError(
                "does not go with periodic ends",
                key=key,
                allowed="none; what drives a ring is drive.flux, and in the plane a uniform drive.field",
            )
    for name, key in at_ends.items():
        if name in ends:
            raise InputError(
                f"{name!r} is a periodic end, which is no boundary",
                key=key,
                allowed="boundaries that are no periodic ends",
            )


def describe_ends(step: Array) -> str:
    """What is repeated, in words."""
    length = float(np.linalg.norm(step))
    named = [axis for axis, part in zip("xyz", step, strict=False) if abs(part) > (1 - 1e-9) * length]
    direction = named[0] if named else f"({', '.join(f'{part:.4g}' for part in step)})"
    return f"periodic along {direction}, {length:.6g} xi round"
