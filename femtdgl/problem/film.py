"""What a filament is made of.  `Film` holds the numbers that enter (1.1)-(1.3), reduced (theory note, section 0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

from femtdgl.errors import InputError
from femtdgl.input.numbers import SI, not_negative, positive
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.units import Scales, U

Model = Literal["finite-gap", "gapless"]
Interference = Literal["published", "consistent", "off"]
ConductanceName = Literal["exact", "log-fit", "normal"]


@dataclass(frozen=True, kw_only=True)
class Phonons(Section):
    """What the phonon flux of a real filament needs for SI units, (2.1)."""

    coupling: float
    """lambda, the dimensionless electron-phonon coupling."""
    sound_speed: float
    """m/s."""
    debye_over_fermi: float
    """hbar omega_D/eps_F."""
    cross_section: float
    """m^2: a filament of length L xi has the volume L xi S."""
    fermi_energy: float | None = None
    """J: for the strength with which phonons act back, (3.1)."""

    def __post_init__(self) -> None:
        for name in ("coupling", "sound_speed", "debye_over_fermi", "cross_section"):
            positive(name, getattr(self, name), SI)
        if self.fermi_energy is not None:
            positive("fermi_energy", self.fermi_energy, SI)


@dataclass(frozen=True, kw_only=True)
class Lattice(Section):
    """Phonons of a real film at T = Tc, and their coupling to the electrons, for (4.1) and (4.2); SI."""

    capacity: float
    """J/(m^3 K); as T^3."""
    conductivity: float
    """W/(m K); as T^3."""
    Sigma: float
    """W/(m^3 K^5)."""


WORDS: list[Callable[[Mapping[str, Any]], Mapping[str, Any]]] = []
"""What makes fields of a Film of the other words that stand for them in [film], such as a preset: see `problem`."""

T = TypeVar("T")


def _fields_of(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields of a Film from all the words that stand for them."""
    for fields_of in WORDS:
        words = fields_of(words)
    return words


def in_words(cls: type[T]) -> type[T]:
    """Class decorator: it is made of all words that WORDS knows."""
    by_fields: Any = vars(cls)["__init__"]

    @wraps(by_fields)
    def __init__(self: Any, **words: Any) -> None:
        by_fields(self, **_fields_of(words))

    type.__setattr__(cls, "__init__", __init__)
    return cls


@in_words
@dataclass(frozen=True, kw_only=True)
class Film(Section):
    """A superconducting film in reduced units, with the variants of the equations that it is computed with.

    In place of delta and eta also the words of a preset, as in a problem file: Film(preset="niobium", T0="8 K").
    """

    delta: float = 0.0
    """2 tau_eps Delta0/hbar (the gamma of Kramer and Watts-Tobin); 0 is the gapless limit."""
    eta: float = 0.1
    """1 - T0/Tc."""
    model: Model = "finite-gap"
    """"gapless" is delta = 0: nu = u, c = 0, g = 1 ([PSC] A.4, A.5)."""
    interference: Interference = "consistent"
    """The coefficient c of (1.2), erratum E1.  "consistent" is 2 delta sqrt(eta u), what (1.2) has with the clock
    t0 = xi^2/(u D) that everything here is in.  "published" is 2 delta sqrt(eta/u), as [PSC] prints it: that belongs to
    the clock xi^2/D and is u times smaller; the problem files that remake the figures of [PSC] say it.  "off" is c = 0,
    with conductance = "normal" the model of Kramer and Watts-Tobin."""
    conductance: ConductanceName = "exact"
    """The function g of (1.3), erratum E3."""
    u: float = U
    """Ratio of relaxation times; pi^4/(14 zeta(3)) follows from the theory (E0)."""
    floor: float = 1e-12
    """Added to n in the denominator of (1.2), so that the very point of a slip is no 0/0.  One of 1e-6 moves the
    period of the reference problem by 2e-6; this one is far below every other error."""
    scales: Scales | None = None
    """The reduced units in SI, when the film is a real one: then delta and eta are those of the material."""
    phonons: Phonons | None = None
    """For the phonon flux in SI units."""
    lattice: Lattice | None = None
    """For heat: what a preset knows of the phonons."""
    width: float | None = None
    """m, of a real filament: for links joined to its surface."""
    thickness: float | None = None
    """m, of a real film."""

    @property
    def cross_section(self) -> float | None:
        """m^2, of a filament whose width and thickness are known, or that of its phonons; None: it is not known."""
        if self.width is not None and self.thickness is not None:
            return self.width * self.thickness
        return None if self.phonons is None else self.phonons.cross_section

    def section_of(self, dim: int) -> float | None:
        """m^2 of one xi^(d-1) of a terminal on a mesh of that dimension; None: it is not known."""
        if self.scales is None:
            return None
        thickness, xi = self.thickness, self.scales.length
        return {1: self.cross_section, 2: None if thickness is None else thickness * xi, 3: xi * xi}[dim]

    def __post_init__(self) -> None:
        if self.scales is not None:
            object.__setattr__(self, "delta", self.scales.delta)
            object.__setattr__(self, "eta", self.scales.eta)
        not_negative("delta", self.delta)
        if not 0 < self.eta < 1:
            raise InputError(f"{self.eta!r} is not possible", key="eta", allowed="0 < eta < 1")
        positive("u", self.u)
        if not 0 < self.floor <= 1e-3:
            raise InputError(f"{self.floor!r} is not possible", key="floor", allowed="0 < floor <= 1e-3")
        for name in ("width", "thickness"):
            if getattr(self, name) is not None:
                positive(name, getattr(self, name), "a length > 0, in m")
        if self.model == "gapless":
            object.__setattr__(self, "delta", 0.0)


def film_of(words: Mapping[str, Any]) -> Film:
    """The film of a table [film].  Raises InputError."""
    film: Film = validated(Film, dict(_fields_of(words)), "film")
    return film
