"""Curves of a network: scans with the case and the member of a family that they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.network.balance import Balance, State
from femtdgl.thermal.network.scan import Scan
from femtdgl.thermal.network.transient import Transient


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One scan: which case, which value of the family's parameter."""

    label: str  # of no other curve
    case: str
    member: float | None
    member_unit: str = ""  # SI; "" where its field declares none
    scan: Scan
    observed: dict[str, np.ndarray]  # (values,) each, by "<link>.<quantity>"; see `observe`
    observed_units: dict[str, str] = field(default_factory=dict)

    @property
    def responsivities(self) -> dict[str, np.ndarray]:
        """dT/d(parameter) of each node that moves along a temperature, (values,), on the sweep up."""
        curve = self.scan.response_up
        if curve is None or self.scan.quantity != "temperature":
            return {}
        return {name: curve.at_values(curve.temperatures[name]) for name in self.scan.moving}

    @property
    def gains(self) -> dict[str, np.ndarray]:
        """d(power)/d(parameter) of each link along a heat, (values,), on the sweep up."""
        curve = self.scan.response_up
        if curve is None or self.scan.quantity != "heat":
            return {}
        return {link: curve.at_values(P) for link, P in curve.powers.items()}


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What is known of a network: its steady states, curves, and its way in time."""

    states: tuple[State, ...] = ()
    """All steady states that were found, coldest first."""
    curves: tuple[Curve, ...] = ()
    """A scan for each case and each value of the family."""
    transient: Transient | None = None
    """Its way in time, if that was asked for."""


def observe(balance: Balance, scan: Scan, link: str, quantity: str) -> np.ndarray:
    """A link's own quantity, such as its resistance ratio, along the upward sweep, (values,)."""
    require_observable(balance, link, quantity)
    a, b, _ = balance.links[link]
    T = scan.up.temperatures
    values = []
    for i, value in enumerate(scan.values):
        there = balance.with_value(scan.parameter, float(value)).links[link][2]
        values.append(getattr(there, quantity)(float(T[a][i]), float(T[b][i])))
    return np.array(values)


def require_observable(balance: Balance, link: str, quantity: str) -> None:
    """Die, naming the key, unless the network has that link and the link that quantity."""
    if link not in balance.links:
        raise InputError(f"{link!r} is no link", key="observe.link", allowed=", ".join(balance.links))
    known = balance.links[link][2].observables
    if quantity not in known:
        raise InputError(f"{quantity!r} is unknown", key="observe.quantity", allowed=", ".join(known))
