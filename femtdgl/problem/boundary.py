"""Conditions at the boundaries of a filament: contacts that carry current, edges that do not, and ends that are one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, PlainValidator

from femtdgl.errors import InputError
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.problem.waveform import Course, Waveform, optional_waveform


@dataclass(frozen=True, kw_only=True)
class Terminal(Section):
    """A contact through which current enters or leaves.  With two of them and neither key, it is `drive.current`."""

    current: Annotated[Waveform | None, PlainValidator(optional_waveform), Course("current")] = None
    """Total current into the film here, in j0 xi^(d-1); those of all terminals add up to zero."""
    voltage: Annotated[Waveform | None, PlainValidator(optional_waveform), Course("potential")] = None
    """Voltage bias: the potential of the contact, an equipotential; the current is what it is."""

    def __post_init__(self) -> None:
        for name in ("current", "voltage"):
            object.__setattr__(self, name, optional_waveform(getattr(self, name)))
        if self.current is not None and self.voltage is not None:
            raise InputError("is given beside a current", key="voltage", allowed="current or voltage")


@dataclass(frozen=True, kw_only=True)
class Bank(Terminal):
    """Superconducting bank: psi = exp(i theta), d theta/dt = -phi, (A.7)-(A.9).  A terminal."""

    kind: Literal["bank"] = "bank"


@dataclass(frozen=True, kw_only=True)
class NormalContact(Terminal):
    """Normal contact: psi = 0, current injected with uniform density (or, biased, an equipotential).  A terminal."""

    kind: Literal["normal"] = "normal"


@dataclass(frozen=True, kw_only=True)
class Insulating(Section):
    """Insulating edge: n.(D psi) = 0, n.j = 0."""

    kind: Literal["insulating"] = "insulating"


@dataclass(frozen=True, kw_only=True)
class DeGennes(Section):
    """Edge with n.D psi = -psi/b, n.j = 0; b is the extrapolation length in xi."""

    b: InXi
    """Extrapolation length, xi; < 0 enhances superconductivity."""
    kind: Literal["de-gennes"] = "de-gennes"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.b) and self.b != 0):
            raise InputError(f"{self.b!r} is not possible", key="b", allowed="a length other than 0")


@dataclass(frozen=True, kw_only=True)
class Periodic(Section):
    """One of two ends that are one: the film goes on from the other, its translate.  There is no edge there."""

    kind: Literal["periodic"] = "periodic"


def _boundary(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Boundary = Annotated[
    Annotated[Bank | NormalContact | Insulating | DeGennes | Periodic, Discriminator("kind")],
    BeforeValidator(_boundary),
]
"""In a problem file: a name, such as "bank", or a table, such as { kind = "de-gennes", b = 5.0 }."""
