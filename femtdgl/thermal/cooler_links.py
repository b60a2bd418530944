"""Parts of a cooler as links: layers in a row, links side by side, the filament as a pump.

row         one power through every layer: Kapitza T^4 -> T^4 - P/(A sigma), leak T -> T - P/G
pump        takes min(kappa, T_c/(T_b - T_c)) P_J from the plate and delivers that and P_J to the bath
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import scipy

from femtdgl.errors import InputError
from femtdgl.thermal.kapitza import Kapitza, Leak
from femtdgl.thermal.link import Link, require_positive, require_temperatures


def carnot_bound(T_cold: float, T_bath: float) -> float:
    """Largest kappa at these temperatures, T_c/(T_b - T_c); infinite where nothing is lifted."""
    return T_cold / (T_bath - T_cold) if T_cold < T_bath else math.inf


def carnot_floor(kappa: float, T_bath: float) -> float:
    """The coldest plate at which kappa is within Carnot's bound, T_b kappa/(1 + kappa); 0 for a pump that heats."""
    return T_bath * kappa / (1 + kappa) if kappa > 0 else 0.0


def signed_root(x: float) -> float:
    """x^(1/4), odd."""
    return math.copysign(abs(x) ** 0.25, x)


@dataclass(frozen=True, kw_only=True)
class Stack(Link):
    """Layers in a row, from a to b: the power that passes all of them; no closed form beyond two."""

    layers: tuple[Kapitza | Leak, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError("is empty", key="layers", allowed="one layer or more")
        for layer in self.layers:
            if isinstance(layer, Kapitza) and layer.p_forward != layer.p_backward:
                raise InputError("a layer in a row is passive", key="layers", allowed="p_forward = p_backward")

    def end(self, T_a: float, power: float) -> float:
        """T behind the last layer when `power` enters at T_a; negative where no temperature could carry it."""
        T = T_a
        for layer in self.layers:
            if isinstance(layer, Leak):
                T -= power / layer.conductance
            else:
                T = signed_root(math.copysign(T**4, T) - power / (layer.area * layer.sigma_K * layer.p_forward))
        return T

    def power(self, T_a: float, T_b: float) -> float:
        """Root of end(T_a, P) = T_b, which lies between 0 and the least that one layer alone would pass."""
        require_temperatures(T_a, T_b)
        most = min((layer.power(T_a, T_b) for layer in self.layers), key=abs)
        if most == 0 or len(self.layers) == 1:
            return most
        low, high = sorted((0.0, most * (1 + 1e-12)))
        return float(
            scipy.optimize.brentq(lambda P: self.end(T_a, P) - T_b, low, high, xtol=1e-300, rtol=1e-14, maxiter=500)
        )

    def conductance(self, T: float) -> float:
        """1/G = d/(k S) + sum 1/(A h_K): W/K at a small difference."""
        return 1 / sum(
            1 / (layer.conductance if isinstance(layer, Leak) else layer.p_forward * layer.conductance(T))
            for layer in self.layers
        )


@dataclass(frozen=True, kw_only=True)
class Bundle(Link):
    """Links side by side."""

    links: tuple[Link, ...]

    def power(self, T_a: float, T_b: float) -> float:
        """Sum of the powers, W."""
        return sum(link.power(T_a, T_b) for link in self.links)

    def work(self, T_a: float, T_b: float) -> float:
        """Sum of the works, W."""
        return sum(link.work(T_a, T_b) for link in self.links)


@dataclass(frozen=True, kw_only=True)
class Pump(Link):
    """The filament seen from the plate: takes kappa P_J from a, the plate, and delivers that and P_J to b, the bath."""

    kappa: float
    P_joule: float  # W

    def __post_init__(self) -> None:
        require_positive(self, "P_joule")
        if not math.isfinite(self.kappa):
            raise InputError(f"{self.kappa!r} is not possible", key="kappa", allowed="a finite number")

    def power(self, T_a: float, T_b: float) -> float:
        """min(kappa, Carnot) P_J, W; negative for a pump that heats."""
        return min(self.kappa, carnot_bound(T_a, T_b)) * self.P_joule

    def work(self, T_a: float, T_b: float) -> float:
        """P_J."""
        return self.P_joule


@dataclass(frozen=True, kw_only=True)
class Several(Link):
    """`count` equal links side by side."""

    link: Link
    count: int

    def power(self, T_a: float, T_b: float) -> float:
        """count times the power of one, W."""
        return self.count * self.link.power(T_a, T_b)

    def work(self, T_a: float, T_b: float) -> float:
        """count times the work of one, W."""
        return self.count * self.link.work(T_a, T_b)


def arriving(link: Link, T_a: float, T_b: float) -> float:
    """What end b of a link receives, W."""
    return link.power(T_a, T_b) + link.work(T_a, T_b)


def scaled(link: Link, count: int) -> Link:
    """`count` of them."""
    return link if count == 1 else Several(link=link, count=count)


@dataclass(frozen=True, kw_only=True)
class OneWay:
    """Mode "paper": factors by which each interface is said to pass phonons each way.  Hypothetical."""

    top_in: float = 1.0
    """From plate to film."""
    top_out: float = 1.0
    """From film to plate."""
    bottom_in: float = 1.0
    """From bath to film."""
    bottom_out: float = 1.0
    """From film to bath."""

    def __post_init__(self) -> None:
        for name in ("top_in", "top_out", "bottom_in", "bottom_out"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise InputError(f"{value!r} is not possible", key=name, allowed="0 <= p <= 1")
        for pair in (("top_in", "bottom_in"), ("top_out", "bottom_out")):
            if all(getattr(self, name) == 0 for name in pair):
                raise InputError(
                    "no phonon passes either interface", key=pair[0], allowed=f"{pair[0]} or {pair[1]} > 0"
                )
