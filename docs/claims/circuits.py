"""The circuits of [SN] and [NIS] with the numbers of their figures."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from femtdgl.thermal import ElectronPhonon, Network, NISLink, Node, SNLink, SuperconductorElectronPhonon

R_D, R_0 = 3e-8 * 2e-6 / (700e-9 * 30e-9), 30e-8 * 6e-6 / (700e-9 * 25e-9)
"""[SN] Fig. 3: resistances of copper and titanium from rho l/A, Ohm."""
COPPER, TITANIUM = 2e-6 * 700e-9 * 30e-9, 6e-6 * 700e-9 * 25e-9
"""Their volumes, m^3."""
Tc_Ti, Tc_Al = 0.4, 1.2

NORMAL = {
    "silver": {"Sigma": 5e8, "volume": 2 * 1.3e-6 * 0.2e-6 * 0.01e-6, "exponent": 5.0},
    "InAsOI": {"Sigma": 3e7, "volume": 2 * 1.3e-6 * 0.2e-6 * 0.1e-6, "exponent": 6.0},
}
ALUMINIUM = {"silver": 2e-6 * 0.2e-6 * 0.01e-6, "InAsOI": 2e-6 * 0.2e-6 * 0.02e-6}
"""[NIS] Fig. 3: the normal parts and the aluminium of the left reservoir."""


def sn(r: float, **changes: Any) -> SNLink:
    """The link of [SN] with R_0/R_D = r."""
    return SNLink(R_D=1.0, R_0=r, Tc=Tc_Ti, **changes)


def sn_balance(power: float, Sigma_Cu: float) -> Network:
    """[SN] Fig. 3a: `power` (W) into the source, phonons at 30 mK."""
    copper = ElectronPhonon(Sigma=Sigma_Cu, volume=COPPER)
    titanium = SuperconductorElectronPhonon(Sigma=1.3e9, volume=TITANIUM, Tc=Tc_Ti, ratio=1.76)
    return Network(
        {"source": Node(heat=power), "drain": Node(), "phonons": Node(temperature=0.03)},
        {
            "photons": ("source", "drain", SNLink(R_D=R_D, R_0=R_0, Tc=Tc_Ti)),
            "source_copper": ("source", "phonons", copper),
            "source_titanium": ("source", "phonons", titanium),
            "drain_copper": ("drain", "phonons", copper),
        },
    )


def nis(**changes: Any) -> NISLink:
    """The link of [NIS]: R0 A = 10 Ohm um^2, 50 fF/um^2, chi = 2."""
    numbers: dict[str, Any] = {"chi": 2.0, "r0": 1e-11, "c": 0.05, "Tc": Tc_Al, **changes}
    return NISLink(**numbers)


def nis_balance(device: str, power: float, T_R: float, bath: float = 0.01, **changes: Any) -> Network:
    """[NIS] Fig. 3a (the right side at T_R) with `power` (W) into the left reservoir."""
    return Network(
        {"left": Node(heat=power), "right": Node(temperature=T_R), "bath": Node(temperature=bath)},
        {
            "photons": ("left", "right", nis(**changes)),
            "normal": ("left", "bath", ElectronPhonon(**NORMAL[device])),
            "aluminium": ("left", "bath", SuperconductorElectronPhonon(Sigma=3e8, volume=ALUMINIUM[device], Tc=Tc_Al)),
        },
    )


T_RIGHT = np.concatenate([[0.01], np.linspace(0.05, 0.6, 56)])
"""Temperatures of the right side at which [NIS] Figs 3 and 4 are taken, K."""


class Left:
    """The left reservoir of [NIS]: T_L and its slope as functions of T_R; set-up 2 has the bath at T_R too."""

    def __init__(self, device: str, power: float, setup: int = 1, dynes: float = 1e-4) -> None:
        self.power, self.setup, self.photons = power, setup, nis(dynes=dynes)
        aluminium = SuperconductorElectronPhonon(Sigma=3e8, volume=ALUMINIUM[device], Tc=Tc_Al)
        self.sinks = (ElectronPhonon(**NORMAL[device]), aluminium)

    def bath(self, T_R: float) -> float:
        """Temperature of the phonons."""
        return 0.01 if self.setup == 1 else T_R

    def surplus(self, T_L: float, T_R: float) -> float:
        """Heat that leaves less the heat that is put in, W."""
        return self.photons.power(T_L, T_R) + sum(s.power(T_L, self.bath(T_R)) for s in self.sinks) - self.power

    def temperature(self, T_R: float, near: float | None = None) -> float:
        """T_L, K; the root next to `near` where it is given."""
        low, high, step = (0.012, 1.19, 0.0) if near is None else (near, near, 1e-3)
        while step and self.surplus(low, T_R) > 0:
            low -= step
        while step and self.surplus(high, T_R) < 0:
            high += step
        return low if low == high else brentq(self.surplus, low, high, args=(T_R,), xtol=1e-13)

    def slope(self, T_L: float, T_R: float) -> float:
        """dT_L/dT_R on the branch."""
        by_left, by_right = self.photons.slopes(T_L, T_R)
        sinks = [s.slopes(T_L, self.bath(T_R)) for s in self.sinks]
        if self.setup == 2:
            by_right += sum(b for _, b in sinks)
        return -by_right / (by_left + sum(a for a, _ in sinks))


@cache
def left_temperatures(device: str, power: float, setup: int = 1, dynes: float = 1e-4) -> tuple[np.ndarray, np.ndarray]:
    """T_L and dT_L/dT_R at `T_RIGHT`, followed from the cold end.   Each (57,)."""
    left = Left(device, power, setup, dynes)
    T_L: list[float] = []
    for T_R in T_RIGHT:
        T_L.append(left.temperature(float(T_R), T_L[-1] if T_L else None))
    return np.array(T_L), np.array([left.slope(a, float(b)) for a, b in zip(T_L, T_RIGHT, strict=True)])


def fall(device: str, power: float, setup: int = 1, dynes: float = 1e-4) -> float:
    """delta T of [NIS] Figs 3 and 4 (d, e), mK: T_L at T_R = 10 mK less the least T_L."""
    T = left_temperatures(device, power, setup, dynes)[0]
    return 1e3 * (float(T[0]) - least(T))


def responsivity(device: str, power: float, setup: int = 1) -> float:
    """The most negative dT_L/dT_R of [NIS] Figs 3 and 4 (f, g)."""
    return least(left_temperatures(device, power, setup)[1])


def least(values: np.ndarray) -> float:
    """The minimum of values at `T_RIGHT`: of the parabola through the lowest three, where it lies inside."""
    i = int(values.argmin())
    if not 1 < i < values.size - 1:
        return float(values[i])
    a, b = (values[i + 1] + values[i - 1] - 2 * values[i]) / 2, (values[i + 1] - values[i - 1]) / 2
    return float(values[i] - b * b / (4 * a))


def falling_from(device: str, power: float, setup: int = 1) -> float:
    """T_R (mK) from which T_L falls; inf where it does not."""
    slope = left_temperatures(device, power, setup)[1]
    negative = np.flatnonzero(slope < 0)
    if negative.size == 0:
        return math.inf
    i = int(negative[0])
    share = slope[i - 1] / (slope[i - 1] - slope[i])
    return 1e3 * float(T_RIGHT[i - 1] + share * (T_RIGHT[i] - T_RIGHT[i - 1]))


def bcs_gap(t: float) -> float:
    """Delta(T)/Delta(0) at t = T/Tc from the equation of BCS, ln(Delta(0)/Delta) = 2 int f(E)/E."""
    ratio = math.pi / math.exp(np.euler_gamma)  # Delta(0)/(kB Tc)

    def equation(d: float) -> float:
        def thermal(y: float) -> float:
            E = math.hypot(y, d * ratio / t)
            return 2 * math.exp(-E) / (E * (1 + math.exp(-E)))

        return math.log(d) + quad(thermal, 0, 60, epsabs=1e-12, limit=200, points=(d * ratio / t,))[0]

    return brentq(equation, 1e-6, 1.0)
