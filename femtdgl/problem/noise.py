"""Thermal noise: how much of it, and the fixed steps that it is integrated with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from femtdgl.errors import InputError
from femtdgl.input.numbers import not_negative, positive
from femtdgl.input.quantities import InT0
from femtdgl.input.section import Section
from femtdgl.problem.film import Film
from femtdgl.units import K_B, Scales, parse

SOURCES = ("kT", "temperature", "floor")


@dataclass(frozen=True, kw_only=True)
class Noise(Section):
    """(10.1), (10.2): thermal noise, in steps of one length.  One of kT, temperature and floor says how much of it."""

    kT: float | None = None
    """In units of E0 = 2 eta N(0) Delta0^2 x (xi^d, times thickness or cross-section).  0 is no noise: a run in fixed
    steps."""
    temperature: float | str | None = None
    """K, or text ("1.06 K"), of a film in SI whose cross-section (1D) or thickness (2D) is known: kT from it."""
    floor: float | None = None
    """For those who only want a filament that was driven normal to come back: |psi| that noise keeps up in a normal
    volume of xi^d.  The same as kT = floor^2/2 with current = false: <|psi|^2> = 2 kT at |eps| = 1, k = 0, V = 1."""
    seed: int = 0
    """The noise is a function of the seed and of time alone: other seeds are other members of an ensemble."""
    step: InT0 = 0.02
    """Length of the steps, t0."""
    current: bool | None = None
    """Whether Johnson's current is there, (10.2); None: yes, but for a floor."""
    method: Literal["midpoint", "euler"] = "midpoint"
    """"midpoint": right at rest, of order 2 without noise.  "euler" (implicit), for kT = 0 and for a floor: damps what
    the step does not resolve; it weighs states wrongly where noise is more than a seed."""

    def __post_init__(self) -> None:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            words = f"{' and '.join(given)} are given" if given else "says not how much noise there is"
            raise InputError(words, key=given[0] if given else "kT", allowed="one of kT, temperature and floor")
        not_negative(given[0], self.kelvin if given[0] == "temperature" else getattr(self, given[0]))
        positive("step", self.step)
        if self.method == "euler" and self.floor is None and (self.kT or self.kelvin):
            raise InputError(
                "weighs the states of a noisy filament wrongly: its friction follows the noise all of the way",
                key="method",
                allowed='"midpoint"; "euler" for kT = 0 and for a floor',
            )
        if not 0 <= self.seed < 2**63:
            raise InputError(f"{self.seed!r} is not possible", key="seed", allowed="a whole number >= 0, below 2^63")

    @property
    def kelvin(self) -> float:
        """The temperature in K; 0 without one."""
        try:
            return parse(self.temperature or 0.0, "temperature")
        except InputError as error:
            raise error.at(key="temperature") from None

    @property
    def has_current(self) -> bool:
        """Whether Johnson's current is there."""
        return self.floor is None if self.current is None else self.current

    def energy(self, film: Film, dim: int) -> float:
        """kT in E0, of a film on a mesh of so many dimensions.  Raises InputError where it cannot be known."""
        if self.kT is not None:
            return self.kT
        if self.floor is not None:
            return 0.5 * self.floor**2
        if film.scales is None:
            raise InputError(
                f"{self.temperature!r} needs a film in SI",
                key="noise.temperature",
                allowed='kT in units of E0, or a film with preset = "..."',
            )
        return K_B * self.kelvin / energy_unit(film, film.scales, dim)


def energy_unit(film: Film, scales: Scales, dim: int) -> float:
    """E0 in J: 2 eta N(0) Delta0^2 times xi cross-section (1D), xi^2 thickness (2D), xi^3 (3D)."""
    xi, across = scales.length, 1.0
    if dim == 1:
        if film.width is not None and film.thickness is not None:
            across = film.width * film.thickness
        elif film.phonons is not None:
            across = film.phonons.cross_section
        else:
            words = "needs the cross-section of the filament"
            raise InputError(words, key="noise.temperature", allowed="film.width and film.thickness, or cross_section")
    elif dim == 2:
        if film.thickness is None:
            words = "needs the thickness of the film"
            raise InputError(words, key="noise.temperature", allowed="film.thickness")
        across = film.thickness
    return scales.heat_capacity * scales.Tc * across * xi ** (1 if dim == 1 else dim)
