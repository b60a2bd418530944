"""Networks of lumped temperatures.

A network may have no steady state, one or several; the methods say which:

    steady(guess)            one of them by Newton in ln T, with the others it knows of
    roots(bounds)            all of them in a bracket, with their stability
    scan(parameter, values)  followed up and down, through corners and folds
    transient(t_end)         in time
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from femtdgl.thermal.network.balance import Balance, State
from femtdgl.thermal.network.node import Node
from femtdgl.thermal.network.scan import Scan, scan
from femtdgl.thermal.network.solve import coldest_stable, newton, roots
from femtdgl.thermal.network.transient import Event, Pulse, Transient, transient

__all__ = ["Network", "Node", "SeveralSteadyStates", "State"]


class SeveralSteadyStates(UserWarning):
    """`steady` returns one state of several: the message lists the others."""


@dataclass(frozen=True)
class Network(Balance):
    """Nodes by name, and links by name as (node a, node b, link).

    Temperatures in K, powers in W.  Raises InputError for links to nodes that are not there, and for a network without
    a bath.
    """

    def steady(self, guess: Mapping[str, float] | None = None, *, alone: bool = False) -> State:
        """One steady state: the nearest to the guess by Newton in ln T, or the only one.

        Unless `alone`, all states are searched for as well: when there are more, the result carries them in `others`,
        and a SeveralSteadyStates warning says so.  Without a guess the coldest stable one is returned.
        """
        known: tuple[State, ...] = ()
        if guess is None:
            known = self.roots()
            chosen = coldest_stable(known)
        else:
            start = [guess.get(name, self.default_guess()) for name in self.free]
            chosen = self.state(newton(self, np.log(start)))
            if not alone:
                known = self.roots(self.default_bounds())
        others = tuple(s for s in known if not same_state(self, s, chosen))
        if others and not alone:
            listed = "; ".join(describe(self, s) for s in others)
            warnings.warn(
                f"{len(others) + 1} steady states: returned {describe(self, chosen)}; also {listed}",
                SeveralSteadyStates,
                stacklevel=2,
            )
        return replace(chosen, others=others)

    def roots(self, bounds: tuple[float, float] | None = None) -> tuple[State, ...]:
        """All steady states whose free temperatures lie in bounds (K), coldest first; see solve.py.

        Raises InputError when there is none, unless bounds were given.
        """
        return roots(self, bounds)

    def scan(self, parameter: str, values: Sequence[float] | np.ndarray, **options: Any) -> Scan:
        """Steady states along the values of a parameter such as "nodes.source.heat"; options: as in scan.py."""
        return scan(self, parameter, np.asarray(values, dtype=float), **options)

    def transient(
        self, t_end: float, *, pulses: Sequence[Pulse] = (), events: Sequence[Event] = (), **options: Any
    ) -> Transient:
        """The network in time from its nodes' initial temperatures until t_end (s), with pulses and events.

        options: as in transient.py.  Raises SolverStopped where it cannot go on.
        """
        return transient(self, t_end, pulses=pulses, events=events, **options)


def same_state(network: Network, one: State, other: State) -> bool:
    """Equal to 1e-6 in every free temperature."""
    return all(abs(math.log(one.temperatures[name] / other.temperatures[name])) < 1e-6 for name in network.free)


def describe(network: Network, state: State) -> str:
    """Temperatures of the free nodes and the stability, in words."""
    T = ", ".join(f"{name} {state.temperatures[name]:.8g} K" for name in network.free)
    return f"{T} ({'stable' if state.stable else 'unstable'})"
