"""What escapes of the phonons of a run that has an equation for them, from its stored dN: w^3 dN/tau_es.

In the unit of the spectrum (2.1), linear between stored frames, a cubic spline over the frequencies of the run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from femtdgl.equations.phonon_balance import rate_of_coupling
from femtdgl.equations.phonon_quadrature import Array
from femtdgl.files.frames import interval
from femtdgl.files.reader import Result
from femtdgl.flux.linear import LinearFlux
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.flux.table import KernelTable
from femtdgl.problem.problem import Problem
from femtdgl.units import reduced_temperature


@dataclass(frozen=True)
class Escaping:
    """w^3 dN/tau_es at times and nodes: t (nt,), own frequencies and weights (nw,), density (nt, nw, N)."""

    t: Array
    w: Array
    weight: Array
    density: Array

    def powers(self) -> tuple[Array, Array]:
        """What leaves and what comes back at each point, by frequency: (nt, N) each, both positive."""
        up, down = (np.einsum("k,tkx->tx", self.weight, np.maximum(sign * self.density, 0)) for sign in (1, -1))
        return up, down

    def at(self, w: Array, part: Array) -> Array:
        """A part of the density (nt, nw, ...) at other frequencies, on the second axis; none above the last."""
        own, edge = np.concatenate([[0.0], self.w]), np.zeros_like(part[:, :1])
        values = CubicSpline(own, np.concatenate([edge, part], axis=1), axis=1)(w)
        values[:, w > self.w[-1]] = 0.0
        return np.asarray(values)

    def linear(self, w: Array, weights: Array, positions: list[int], table: KernelTable) -> LinearFlux:
        """As `linear_flux` has it."""
        filament = self.at(w, self.density @ weights)
        local = np.moveaxis(self.at(w, self.density[..., positions]), 1, 2)
        return LinearFlux(self.t, w, filament, local, table)


def stored_escape(result: Result, problem: Problem, t: Array) -> Escaping | None:
    """That of a run at times t (nt,); None where its phonons have no equation."""
    phonons, film = problem.phonons, problem.film
    if phonons is None or phonons.escape is None or "dN" not in result.field_names:
        return None
    rate = rate_of_coupling(phonons.escape.coupling(film), film.eta, film.u)
    drive = 2 * relaxation_time(film.delta, film.eta) / reduced_temperature(film.eta)
    w, weight = result.read("phonons/w"), result.read("phonons/weight")
    i, share = interval(result.t, t)
    frames, share = result.read("fields/dN"), share[:, None, None]
    dN = (1 - share) * frames[i] + share * frames[i + 1]
    return Escaping(t, w, weight, dN * (w**3 / (phonons.escapes_in(film) * rate * drive))[:, None])
