"""Phonons out of equilibrium: the excess dN(w, x, t) that acts back on the gap, (3.1).

    [phonons]
    strength = 1e-3
    thermal = { T = 0.95 }
    lines = [{ w = 2.5, area = 0.5, place = { at = 0.2, width = 0.3 } }]

Frequencies and temperatures of spectra are in Delta0, T_ph is in Tc as all temperatures of a problem file are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator

from femtdgl.errors import InputError
from femtdgl.input.numbers import not_negative, positive
from femtdgl.input.quantities import InXi
from femtdgl.input.section import Section
from femtdgl.problem.film import Film
from femtdgl.problem.presets import interface
from femtdgl.problem.regions import Spot
from femtdgl.problem.waveform import Constant, Course, Waveform, waveform
from femtdgl.thermal.kapitza import escape_time
from femtdgl.units import parse

Array = NDArray[np.float64]

ONE = Constant(1.0)
LATTICE = "T_p"
"""T_ph of a run with two temperatures: that of its own phonons."""
ELECTRON_MASS = 9.1093837e-31
"""kg."""
BETWEEN = 1001
"""Times of a run at which amplitudes are looked at."""


@dataclass(frozen=True, kw_only=True)
class Place(Section):
    """Where an excess is: exp(-|x - at|^2/(2 width^2)).  Lengths in xi."""

    at: InXi | tuple[InXi, ...] = 0.0
    """The middle; a number is a plane x = at."""
    width: InXi = 1.0
    """Standard deviation."""

    def __post_init__(self) -> None:
        positive("width", self.width)

    def __call__(self, x: Array) -> Array:
        """The share (n,) at points x (dim, n)."""
        return Spot(depth=1.0, at=self.at, width=self.width)(x)


@dataclass(frozen=True, kw_only=True)
class Source(Section):
    """An excess that is given: a spectrum, times a place, times a waveform."""

    place: Place | None = None
    """None: everywhere."""
    amplitude: Annotated[Waveform, PlainValidator(waveform), Course("number")] = ONE
    """A factor in time."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "amplitude", waveform(self.amplitude))

    def share(self, x: Array) -> Array:
        """The place at points x (dim, n): (n,)."""
        return np.ones(x.shape[1]) if self.place is None else self.place(x)


@dataclass(frozen=True, kw_only=True)
class ThermalExcess(Source):
    """Phonons at T_ph: dN = N(w/T_ph) - N(w/T0)."""

    T: float | str
    """T_ph in Tc, or "1.1 K" of a film with scales; "T_p": the phonons of a run with two temperatures, whose excess is
    that over the temperature of the electrons there."""
    profile: tuple[Spot, ...] = ()
    """Added to T: T_ph(x) = T + sum of these, in Tc."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.T == LATTICE and (self.profile or self.place is not None):
            raise InputError("is given beside the field T_p", key="profile" if self.profile else "place", allowed="one")
        if isinstance(self.T, float | int):
            positive("T", self.T, "a temperature > 0, in Tc")

    @property
    def follows_lattice(self) -> bool:
        """Whether T_ph is the field T_p of the run."""
        return self.T == LATTICE

    def temperature(self, film: Film) -> float:
        """T_ph in Tc of a film, without the profile."""
        try:
            T = parse(self.T, "temperature")
        except InputError as error:
            raise error.at(key="T") from None
        if isinstance(self.T, str):
            if film.scales is None:
                raise InputError(f"{self.T!r} needs the Tc of the film", key="T", allowed="a number in Tc, or a preset")
            T /= film.scales.Tc
        positive("T", T, "a temperature > 0, in Tc")
        return T


@dataclass(frozen=True, kw_only=True)
class Line(Source):
    """A spectral line, or an even band: dN of this area around w."""

    w: float
    """Frequency, or the middle of the band, in Delta0."""
    area: float
    """int dN dw in Delta0, times `amplitude` and `place`."""
    width: float = 0.0
    """Of the band, in Delta0; 0: a line."""

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("w", self.w, "a frequency > 0, in Delta0")
        not_negative("area", self.area)
        not_negative("width", self.width)
        if self.width >= 2 * self.w:
            raise InputError(f"{self.width!r} reaches below w = 0", key="width", allowed="less than 2 w")


@dataclass(frozen=True, kw_only=True)
class Tabulated(Source):
    """dN(w) by a table: straight between its points, none beyond its ends."""

    w: tuple[float, ...]
    """Rising frequencies, in Delta0."""
    dN: tuple[float, ...]
    """Values there."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.w) < 2 or self.w[0] <= 0 or any(b <= a for a, b in pairwise(self.w)):
            raise InputError(f"{list(self.w)!r} is not possible", key="w", allowed="two rising frequencies > 0 or more")
        if len(self.dN) != len(self.w):
            raise InputError(f"has {len(self.dN)} values", key="dN", allowed=f"{len(self.w)}, one for each w")

    def __call__(self, w: Array) -> Array:
        """dN at frequencies (n,)."""
        return np.interp(w, self.w, self.dN, left=0.0, right=0.0)


@dataclass(frozen=True, kw_only=True)
class Escape(Section):
    """A finite escape time: what the filament emits stays for a while, and acts back."""

    time: float | str | None = None
    """tau_es in t0, or "20 ps" of a film with scales; 0: phonons leave at once."""
    solids: tuple[str, str] | None = None
    """In place of time: film and plate by name, such as ["aluminium", "sapphire"]; 4 d/(s Gamma) of acoustic mismatch
    with the thickness d of the film."""
    emission: float | None = None
    """C0 = pi lambda omega_D/(2 eps_F); None: that of the film's preset."""
    balance: Literal["local", "equation"] = "local"
    """"local": dN follows at once, (3.2).  "equation": d_t dN of [PSC] (5) at every node, in one dimension."""
    points: int = 3
    """Of "equation": frequencies in a panel of w; 3 leaves 2e-4 of p."""

    def __post_init__(self) -> None:
        if (self.time is None) == (self.solids is None):
            raise InputError("needs one of time and solids", key="time", allowed="one of them")
        if isinstance(self.time, float | int):
            not_negative("time", self.time, "a time >= 0, in t0")
        if self.emission is not None:
            not_negative("emission", self.emission)
        if not 1 <= self.points <= 16:
            raise InputError(f"{self.points!r} is not possible", key="points", allowed="1 to 16")

    def coupling(self, film: Film) -> float:
        """C0 of a film."""
        if self.emission is not None:
            return self.emission
        if film.phonons is None:
            raise InputError("is missing", key="emission", allowed="a number >= 0, or a film from a preset")
        return math.pi * film.phonons.coupling * film.phonons.debye_over_fermi / 2

    def tau_es(self, film: Film) -> float:
        """tau_es in t0, of a film."""
        if self.solids is not None:
            if film.scales is None or film.thickness is None:
                raise InputError("needs a film in SI", key="solids", allowed="a film preset with a thickness")
            try:
                pair = interface(*self.solids)
            except InputError as error:
                raise error.at(key="solids") from None
            return escape_time(pair.film, pair.plate, film.thickness) / film.scales.time
        assert self.time is not None
        if not isinstance(self.time, str):
            return self.time
        try:
            seconds = parse(self.time, "time")
        except InputError as error:
            raise error.at(key="time") from None
        if film.scales is None:
            raise InputError(
                f"{self.time!r} needs the t0 of the film", key="time", allowed="a number in t0, or a preset"
            )
        not_negative("time", seconds, "a time >= 0")
        return seconds / film.scales.time


@dataclass(frozen=True, kw_only=True)
class ExcessPhonons(Section):
    """[phonons]: what makes the excess, and how strongly it acts."""

    strength: float | None = None
    """C = (pi lambda/2) (Delta0/(s_ph p_F))^2: p = -(delta C/eta) int w^2 dN B dw.  None: that of the film's preset."""
    form: Literal["derived", "printed"] = "derived"
    """Of (3.1): with 1/N1, or as [PSC] (3) prints it (E8)."""
    thermal: ThermalExcess | None = None
    """Phonons at a temperature of their own; None: none."""
    lines: tuple[Line, ...] = ()
    """Spectral lines and bands."""
    tables: tuple[Tabulated, ...] = ()
    """Spectra as tables."""
    escape: Escape | None = None
    """What the filament emits itself; None: it leaves at once."""

    def __post_init__(self) -> None:
        if self.strength is not None:
            not_negative("strength", self.strength)

    def strength_in(self, film: Film) -> float:
        """C of a film; p_F is that of free electrons of its Fermi energy."""
        known = film.phonons
        if self.strength is not None:
            return self.strength
        if film.scales is None or known is None or known.fermi_energy is None:
            raise InputError("is missing", key="phonons.strength", allowed="a number >= 0, or a film from a preset")
        p_F = math.sqrt(2 * ELECTRON_MASS * known.fermi_energy)
        return math.pi * known.coupling / 2 * (film.scales.gap / (known.sound_speed * p_F)) ** 2

    @property
    def sources(self) -> dict[str, Source]:
        """What is given, by its key."""
        named: dict[str, Source] = {} if self.thermal is None else {"thermal": self.thermal}
        named |= {f"lines.{k}": line for k, line in enumerate(self.lines)}
        return named | {f"tables.{k}": table for k, table in enumerate(self.tables)}

    @property
    def names(self) -> list[str]:
        """Keys of what makes the excess."""
        return [*self.sources, *([] if self.escape is None else ["escape"])]

    def escapes_in(self, film: Film) -> float:
        """tau_es in t0 of a film; 0 where nothing that is emitted stays."""
        return 0.0 if self.escape is None or self.escape.coupling(film) == 0 else self.escape.tau_es(film)

    def acts(self, film: Film) -> bool:
        """Whether there is anything that could act on a film."""
        return self.strength_in(film) > 0 and (bool(self.sources) or self.escapes_in(film) > 0)

    @property
    def follows_lattice(self) -> bool:
        """Whether part of it is that of the run's own T_p."""
        return self.strength != 0 and self.thermal is not None and self.thermal.follows_lattice

    def check(self, film: Film, T0: float, t_end: float, *, two_temperatures: bool, dim: int) -> None:
        """Raises InputError, with the key, where it does not fit the film (T0 in Delta0), the end of the run t_end
        (t0), its temperatures (two_temperatures: of electrons and of phonons) or its dimension dim.
        """
        if film.delta == 0:
            raise InputError(
                "need the gap of a film: pair breaking is an expansion in tau_eps, which a gapless film does not have",
                key="phonons",
                allowed="film.delta > 0, or no phonons",
            )
        self.strength_in(film)
        if self.thermal is not None:
            if not self.thermal.follows_lattice:
                try:
                    self.thermal.temperature(film)
                except InputError as error:
                    raise error.at(key="phonons.thermal.T") from None
            elif not two_temperatures:
                raise InputError(
                    f"{LATTICE!r} is of a run with two temperatures",
                    key="phonons.thermal.T",
                    allowed='a number, or heat.temperatures = "two"',
                )
        if self.escape is not None:
            try:
                self.escapes_in(film)
            except InputError as error:
                raise error.at(key=f"phonons.escape.{error.key}") from None
            if self.escape.balance == "equation" and dim > 1:
                raise InputError(
                    f'"equation" on a mesh of {dim} dimensions', key="phonons.escape.balance", allowed='"local" there'
                )
        for name, source in self.sources.items():
            least = _least(source.amplitude, t_end)
            if least < 0:
                raise InputError(f"falls to {least:g}", key=f"phonons.{name}.amplitude", allowed="at no time below 0")
        for k, table in enumerate(self.tables):
            for w, dN in zip(table.w, table.dN, strict=True):
                if dN < -1 / math.expm1(w / T0):
                    raise InputError(
                        f"{dN:g} at w = {w:g} leaves fewer phonons than none",
                        key=f"phonons.tables.{k}.dN",
                        allowed=f"above -N = {-1 / math.expm1(w / T0):.4g} there",
                    )


def _least(wave: Waveform, t_end: float) -> float:
    """Smallest value of a waveform in a run, to the samples."""
    corners = [t for t in wave.corners if t <= t_end]
    around: list[Any] = [math.nextafter(t, side) for t in corners for side in (-math.inf, math.inf)]
    return min(wave(float(t)) for t in (*np.linspace(0.0, t_end, BETWEEN), *corners, *around))
