"""Johnson-Nyquist noise of the ends of a photonic link, and the power that it carries one way ([SN] above eq. 1).

With the photon energy w, n Bose, X the reactance of the line, for the end S at T_S in a loop with the end D:

    S_V(w) = 4 w Re Z_S [n(w, T_S) + 1/2]            V^2/Hz; 4 kB T_S Re Z_S for w << kB T_S
    S_I(w) = S_V/|Z_S + Z_D + i X|^2                 A^2/Hz: the current that it drives
    S_P(w) = Re Z_D S_I = w tau [n(w, T_S) + 1/2]    W/Hz: what that leaves in D
    Q_{S->D} = (1/h) int_0^inf S_P dw                [SN] eq. 1

The net power (6.1) is Q_{S->D} - Q_{D->S}.  The 1/2 is zero-point motion: the same both ways, so it drops out of the
difference, but Q_{S->D} itself grows with the upper end of the integral (as its square, where tau stays) and is told
in two parts, the second up to an energy that must be said.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.link import require_temperatures
from femtdgl.thermal.photon_exchange import QUANTUM, REACH, PhotonicLink
from femtdgl.units import K_B

End = Literal["a", "b"]


class Spectra(NamedTuple):
    """Noise spectra, each in the shape of the photon energies."""

    voltage: np.ndarray  # S_V, V^2/Hz
    current: np.ndarray  # S_I, A^2/Hz
    power: np.ndarray  # S_P, W/Hz


class OneWayPower(NamedTuple):
    """The two parts of [SN] eq. 1, W."""

    thermal: float  # that of n
    zero_point: float  # that of the 1/2, up to the cutoff

    @property
    def total(self) -> float:
        """[SN] eq. 1 up to the cutoff."""
        return self.thermal + self.zero_point


def voltage_noise(energy: float | np.ndarray, T: float, resistance: float | np.ndarray) -> np.ndarray:
    """S_V = 4 w Re Z [n + 1/2], V^2/Hz, at photon energies (energy, J); T in K, Re Z the resistance in Ohm.
    Broadcasts.
    """
    return 4 * _positive(energy) * np.asarray(resistance) * (occupation(energy, T) + 0.5)


def current_noise(voltage: np.ndarray, total_impedance: complex | np.ndarray) -> np.ndarray:
    """S_I = S_V/|Z_tot|^2, A^2/Hz: of a voltage noise in V^2/Hz and a total_impedance in Ohm.  Broadcasts."""
    return np.asarray(voltage / np.abs(total_impedance) ** 2)


def power_noise(current: np.ndarray, resistance: float | np.ndarray) -> np.ndarray:
    """S_P = Re Z S_I, W/Hz, of a current noise in A^2/Hz in the resistance (Ohm) that takes it.  Broadcasts."""
    return np.asarray(resistance * current)


def occupation(energy: float | np.ndarray, T: float) -> np.ndarray:
    """Bose's n(w, T) at photon energies in J."""
    require_temperatures(T, T)
    x = _positive(energy) / (K_B * T)
    return np.exp(-x) / -np.expm1(-x)


def noise_spectra(link: PhotonicLink, energy: float | np.ndarray, T_a: float, T_b: float, source: End = "a") -> Spectra:
    """Noise of one end (`source`) of a link and what it leaves in the other; T_a, T_b in K.

    energy: of photons, J; any shape.
    """
    require_temperatures(T_a, T_b)
    E = _positive(energy)
    w = np.atleast_1d(E).ravel() / K_B
    R_a, R_b = (Z.real.reshape(E.shape) for Z in link.impedances(w, T_a, T_b))
    here, there, T = (R_a, R_b, T_a) if _is_a(source) else (R_b, R_a, T_b)
    S_V = voltage_noise(E, T, here)
    S_I = current_noise(S_V, link.total_impedance(w, T_a, T_b).reshape(E.shape))
    return Spectra(S_V, S_I, power_noise(S_I, there))


def one_way_power(link: PhotonicLink, T_a: float, T_b: float, cutoff: float, source: End = "a") -> OneWayPower:
    """[SN] eq. 1 from one end (`source`) of a link to the other, W; the zero-point part up to energies `cutoff` (J).

    T_a, T_b in K.  Raises InputError for a cutoff or temperatures that are not above 0.

    one_way_power(..., source="a").total - one_way_power(..., source="b").total is the net power (6.1).
    """
    require_temperatures(T_a, T_b)
    if not cutoff > 0:
        raise InputError(f"{cutoff!r} is not possible", key="cutoff", allowed="a photon energy above 0, in J")
    T = T_a if _is_a(source) else T_b
    w, weight = link.nodes(REACH * T, T_a, T_b)
    tau = link.transmission_between(w, T_a, T_b)
    thermal = QUANTUM * float(np.sum(weight * w * tau * np.exp(-w / T) / -np.expm1(-w / T)))
    w, weight = link.nodes(cutoff / K_B, T_a, T_b)
    return OneWayPower(thermal, QUANTUM * float(np.sum(weight * w * link.transmission_between(w, T_a, T_b))) / 2)


def _is_a(source: str) -> bool:
    """Whether the end is a.  Raises InputError where it is neither."""
    if source not in ("a", "b"):
        raise InputError(f"{source!r} is no end", key="source", allowed="a, b")
    return source == "a"


def _positive(energy: float | np.ndarray) -> np.ndarray:
    """The photon energies as an array.  Raises InputError unless all are above 0."""
    E = np.asarray(energy, dtype=float)
    if not np.all(E > 0):
        raise InputError("a photon energy is not positive", key="energy", allowed="above 0, in J")
    return E
