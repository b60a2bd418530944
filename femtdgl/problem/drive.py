"""What drives a filament, made of waveforms of time.

In a problem file a waveform is a number, an expression of t as text, or a table with `ramp`, `pulse`, `pulses`,
`table` or `sine` (or the key of a form of your own, problem/waveform.py):

    current = 1.5
    current = { ramp = [0.0, 1.5], over = 1.0 }
    current = { pulse = [0.2, 0.6], start = 10.0, width = 5.0, rise = 0.1 }
    current = { table = [[0.0, 0.0], [1.0, 1.5], [50.0, 1.2]] }
    current = { sine = { offset = 1.3, amplitude = 0.3, frequency = 0.2 } }
    current = "1.3 + 0.3*sin(2*pi*0.2*t)"
    field = { ramp = [0.0, 0.2], over = 5.0 }
    field = [0.0, 0.0, 0.2]
    flux = { ramp = [0.0, 5.0], over = 100.0 }
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator

from femtdgl.equations.vector_potential import unit_fields
from femtdgl.errors import InputError
from femtdgl.input.quantities import Reduced
from femtdgl.input.section import Section
from femtdgl.problem.magnets import AnyMagnet, Dipole, Loop, Magnets, StraightWire, read_magnet
from femtdgl.problem.straight import Pulse, Pulses, Ramp, Table
from femtdgl.problem.waveform import (
    Constant,
    Course,
    Formula,
    Function,
    Waveform,
    finite,
    form,
    optional_waveform,
    waveform,
)
from femtdgl.problem.waves import Sine

__all__ = [
    "Constant",
    "Dipole",
    "Drive",
    "Formula",
    "Function",
    "Loop",
    "Magnets",
    "Pulse",
    "Pulses",
    "Ramp",
    "Sine",
    "StraightWire",
    "Table",
    "UniformField",
    "VectorPotential",
    "Waveform",
    "form",
    "optional_waveform",
    "waveform",
]


OFF = Constant(0.0)
Field = Waveform | tuple[Waveform, Waveform, Waveform]


def field_waveforms(value: Any) -> Field | None:
    """A waveform, or three of them in a list; None stays None."""
    if isinstance(value, list | tuple):
        if len(value) != 3:
            raise InputError(f"has {len(value)} components", allowed="a waveform (2D), or a list of three (3D)")
        x, y, z = (waveform(component) for component in value)
        return x, y, z
    return optional_waveform(value)


Array = NDArray[np.float64]
Potential = Callable[[Array, float], tuple[Array, Array]]
"""A(x, t) and d_t A: from points (dim, nq) and a time to two arrays (dim, nq)."""


@dataclass(frozen=True)
class VectorPotential:
    """A(x, t) as a Python function, with the times (t0) at which it or its rate jumps.

    The integrator starts anew there.  Without them it must look for each jump with ever smaller steps, and may give up.
    """

    function: Potential
    """x, (dim, points) in xi, and t in t0 to A and d_t A, each like x, in hbar/(2 e xi) and that over t0."""
    corners: tuple[float, ...] = ()
    """Times at which A or its slope jumps, t0."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "corners", tuple(map(float, self.corners)))
        finite("corners", *self.corners)

    def __call__(self, x: Array, t: float) -> tuple[Array, Array]:
        """A and d_t A at points (dim, n): two arrays (dim, n)."""
        return self.function(x, t)


@dataclass(frozen=True)
class UniformField:
    """A(x, t) of a uniform field, for points measured from `center` (dim,).  See `equations.vector_potential`."""

    components: tuple[Waveform, ...]
    """B along z, or along x, y and z, in Bc2."""
    center: Array
    """(dim,) in xi: where A is 0."""

    def __call__(self, x: Array, t: float) -> tuple[Array, Array]:
        """A and d_t A at points (dim, n): two arrays (dim, n)."""
        units = unit_fields(x - self.center.reshape(-1, *[1] * (x.ndim - 1)))
        B, slope = (np.array([getattr(c, name)(t) for c in self.components]) for name in ("__call__", "slope"))
        return np.tensordot(B, units, 1), np.tensordot(slope, units, 1)

    @property
    def steady(self) -> bool:
        """Whether the field never changes."""
        return all(component.rests_from == -math.inf for component in self.components)


@dataclass(frozen=True, kw_only=True)
class Drive(Section):
    """The current through the filament, in j0, and what stands beside it.

    `shunt` is a resistance R_s in parallel with the filament, in units of xi/(sigma_n S): then `current` is the
    total current I and the filament carries J = I - V/R_s.
    """

    current: Annotated[Waveform, PlainValidator(waveform), Course("current density")] = OFF
    """Density, in j0, into the first terminal and out of the second."""
    shunt: Annotated[float, Reduced("resistance")] | None = None
    """Resistance in parallel with the filament, in xi/(sigma_n S); None: none."""
    field: Annotated[Field | None, PlainValidator(field_waveforms), Course("field")] = None
    """Uniform magnetic field in Bc2(T0): a waveform, normal to the plane (2D), or three of them (3D)."""
    flux: Annotated[Waveform | None, PlainValidator(optional_waveform), Course("magnetic flux")] = None
    """Through the ring that periodic ends make, in flux quanta h/2e: oint A.dl = 2 pi flux; a waveform."""
    magnets: Mapping[str, AnyMagnet] = dataclass_field(default_factory=dict)
    """Dipoles, loops and wires, whose fields are added to it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "current", waveform(self.current))
        object.__setattr__(self, "field", field_waveforms(self.field))
        object.__setattr__(self, "flux", optional_waveform(self.flux))
        object.__setattr__(self, "magnets", {name: read_magnet(one) for name, one in self.magnets.items()})
        if self.shunt is not None and not (math.isfinite(self.shunt) and self.shunt > 0):
            raise InputError(f"{self.shunt!r} is not possible", key="shunt", allowed="a resistance > 0")
