"""Phonons that the filament emits itself and that stay for a time tau_es: `equations.phonon_balance` in the system.

`LocalBalance`: dN follows at once, and p = H(n) d_t n.  `SpectralBalance`: dN at the nodes and at some frequencies is
an unknown with the equation

    d_t dN - r [ (2 tau_eps/T) kappa(n) d_t n - R(n) dN ] + dN/tau_es = 0,      r = C0 Delta0/hbar,

of its own at each place, and p = sum_w F_w(n) dN_w with dN interpolated between the nodes as psi is.  `Spectrum` is
that in y: node by node behind all other unknowns, w fastest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.feedback_table import FeedbackTable, Frequencies
from femtdgl.equations.phonon_balance import emission, rate_of_coupling
from femtdgl.problem.excess import ExcessPhonons
from femtdgl.problem.film import Film
from femtdgl.solve.assembly import ArrayAssembly
from femtdgl.solve.covariant_arrays import Trials
from femtdgl.units import reduced_temperature

Array = NDArray[np.float64]
Index = NDArray[np.intp]

TAIL = 14.0
"""Temperatures beyond twice the largest gap at which the frequencies of an equation end."""
USUAL = 2.8
"""Frequency of the phonons that carry most energy, in temperatures."""
ONE = np.ones(1)


class Powers(NamedTuple):
    """Energy of dN, and what the filament emits, takes back, and what escapes, per volume, in the unit of (2.1)."""

    stored: Array
    emitted: Array
    reabsorbed: Array
    escaping: Array


@dataclass(frozen=True)
class Coupled:
    """What both balances know: tau_es in t0, r in 1/t0, and 2 tau_eps/T (T in Delta0, tau_eps in t0)."""

    tau_es: float
    rate: float
    drive: float
    response: float
    """1/(1/tau_es + 1/tau_pe) in t0 at a usual frequency: how long dN takes to follow."""
    axis: Frequencies
    energies: FeedbackTable
    """Emitted, and escaping in a local balance, per d_t n, in the unit of (2.1)."""

    @property
    def unit(self) -> float:
        """One of dN w^3 in the unit of energy of (2.1)."""
        return 1 / (self.rate * self.drive)

    def unknowns(self, nodes: int) -> int:
        """How many unknowns it needs."""
        return 0


@dataclass(frozen=True)
class LocalBalance(Coupled):
    """(3.2): H(n) of p = H d_t n."""

    friction: FeedbackTable

    def added(self, p: Array, by_n: Array, n: Array, n_t: Array) -> dict[str, Array]:
        """p and its slopes by n and d_t n, with those of others (p, by_n) added."""
        H, H_n = self.friction(n, ONE)
        return {"p": p + H * n_t, "by_n": by_n + H_n * n_t, "by_rate": H}

    def powers(self, n: Array, n_t: Array) -> Powers:
        """Of states of the points: all (...,)."""
        emitted, escaping = np.moveaxis(self.energies.each(n)[0] * n_t[..., None], -1, 0)
        return Powers(escaping * self.tau_es, emitted, emitted - escaping, escaping)


@dataclass(frozen=True)
class SpectralBalance(Coupled):
    """[PSC] (5) at each place: kappa and R of the frequencies, and p for a unit of dN at each."""

    kappa: FeedbackTable
    R: FeedbackTable
    pressure: FeedbackTable

    def unknowns(self, nodes: int) -> int:
        """dN at each node and frequency."""
        return nodes * self.axis.w.size

    def powers(self, n: Array, n_t: Array, dN: Array) -> Powers:
        """Of states of the points, dN (..., w): all (...,)."""
        energy = self.unit * self.axis.w**3 * self.axis.weight
        stored, taken = dN @ energy, self.rate * (self.R.each(n)[0] * dN) @ energy
        return Powers(stored, self.energies.each(n)[0][..., 0] * n_t, taken, stored / self.tau_es)

    def acting(self, n: Array, dN: Array) -> tuple[Array, Array, Array]:
        """p, dp/dn and dp/ddN (nq, w) for dN (nq, w)."""
        each, slope = self.pressure.each(n)
        return np.sum(each * dN, axis=-1), np.sum(slope * dN, axis=-1), each


def own_phonons(phonons: ExcessPhonons, film: Film, psi_max: float) -> LocalBalance | SpectralBalance | None:
    """The balance of the phonons that a film emits; None where they leave at once."""
    tau_es, escape = phonons.escapes_in(film), phonons.escape
    if tau_es == 0 or escape is None:
        return None
    T, gamma = reduced_temperature(film.eta), 1 / film.delta
    rate = rate_of_coupling(escape.coupling(film), film.eta, film.u)
    drive = 2 * film.delta * float(np.sqrt(film.eta * film.u)) / T
    factor = -phonons.strength_in(film) * film.delta / film.eta
    response = 1 / (1 / tau_es + rate * USUAL * T)  # R = w in a normal film
    if escape.balance == "local":
        made, a = emission(psi_max, gamma, T, phonons.form), tau_es * rate
        parts = made.energies(a), factor * drive * made.friction(a)
        energies, friction = (FeedbackTable(gamma, psi_max, part) for part in parts)
        return LocalBalance(tau_es, rate, drive, response, made.axis, energies, friction)
    made = emission(psi_max, gamma, T, phonons.form, escape.points, TAIL)
    pressure = factor * made.B * (made.axis.w**2 * made.axis.weight)
    columns = made.energies(tau_es * rate), made.kappa, made.R, pressure
    tables = (FeedbackTable(gamma, psi_max, part) for part in columns)
    return SpectralBalance(tau_es, rate, drive, response, made.axis, *tables)


class Spectrum:
    """dN at the nodes as unknowns of a system, in y from the place `first` on; see the module."""

    def __init__(self, balance: SpectralBalance, arrays: ArrayAssembly, first: int) -> None:
        self.balance, self.arrays, self.space = balance, arrays, arrays.space
        self.count = balance.axis.w.size
        self.place: Index = first + np.arange(arrays.space.N * self.count).reshape(-1, self.count)

    @property
    def axis(self) -> dict[str, Array]:
        """Frequencies `w`, and what integrates over them, `weight`; (w,) each."""
        return self.balance.axis._asdict()

    def nodal(self, y: Array) -> Array:
        """dN (..., N, w) from y (..., size)."""
        return y[..., self.place]

    def at_points(self, y: Array) -> Array:
        """dN (..., nq, w)."""
        nodal = np.moveaxis(self.nodal(y), -2, 0)
        at = self.space.evaluation @ nodal.reshape(self.space.N, -1)
        return np.moveaxis(at.reshape(self.space.nq, *nodal.shape[1:]), 0, -2)

    def add_rows(self, state: Array, y: Array, yp: Array, F: Array) -> None:
        """Adds the rows of dN to F."""
        a, b, _, a_t, b_t = state[self.arrays.reader.T]
        n, n_t = a * a + b * b, 2 * (a * a_t + b * b_t)
        how = self.balance
        emitted = how.drive * how.kappa.each(n)[0] * n_t[:, None]
        dN = self.nodal(y)
        F[self.place] += yp[self.place] - how.rate * (emitted - how.R.each(n)[0] * dN) + dN / how.tau_es

    def entries(self, columns: Index, rows: Index) -> tuple[Index, Index]:
        """Places in y (row, column) of the entries, in the order of `slopes`; -1: none.   As those of heat."""
        dofs = self.space.elements.dofs
        ne, local = dofs.shape
        held = np.where((self.arrays.bank >= 0)[:, None], -1, columns[:, :2])  # |psi| of a bank does not change
        pairs = [
            (self.place, self.place),
            *((self.place, np.broadcast_to(held[:, f, None], self.place.shape)) for f in range(2)),
        ]
        shape = (ne, local, 2, local, self.count)
        acting = (
            np.broadcast_to(rows[dofs][:, :, :2, None, None], shape),
            np.broadcast_to(self.place[dofs][:, None, None], shape),
        )
        pairs.append(acting)
        return np.concatenate([r.ravel() for r, _ in pairs]), np.concatenate([c.ravel() for _, c in pairs])

    def slopes(self, state: Array, y: Array, transport: Any, feedback: Any) -> tuple[Array, Array]:
        """d rows/dy and d rows/dy' at the entries of `entries`, and those of the rows of psi by dN."""
        how, dN = self.balance, self.nodal(y)
        a, b, _, a_t, b_t = (part[:, None] for part in state[self.arrays.reader.T])
        n, n_t = (a * a + b * b)[:, 0], 2 * (a * a_t + b * b_t)
        (kappa, kappa_n), (R, R_n) = how.kappa.each(n), how.R.each(n)
        by_n = how.rate * (R_n * dN - how.drive * kappa_n * n_t)
        by_rate = -how.rate * how.drive * kappa
        stay = [how.rate * R + 1 / how.tau_es, *(2 * (by_n * u + by_rate * u_t) for u, u_t in ((a, a_t), (b, b_t)))]
        rate = [np.ones_like(dN), *(2 * by_rate * u for u in (a, b))]
        acting = self._acting(state, transport, feedback.by_dN)
        stay.append(acting)
        rate.append(np.zeros_like(acting))
        return np.concatenate([part.ravel() for part in stay]), np.concatenate([part.ravel() for part in rate])

    def _acting(self, state: Array, transport: Any, by_dN: Array) -> Array:
        """-int w_i* psi (dp/ddN) v_j, (ne, local, 2, local, w)."""
        elements = self.space.elements
        psi = self.arrays.at(state, transport)[0, :2].reshape(2, *elements.weight.shape)
        push = -elements.weight[None, ..., None] * psi[..., None] * by_dN.reshape(*elements.weight.shape, -1)
        tests = np.einsum("gepk,pj->gepjk", push, elements.value)
        if transport is None:
            return np.einsum("pi,gepjk->eigjk", elements.value, tests, optimize=True)
        return np.einsum("cgepi,cepjk->eigjk", Trials.of(elements, transport).value, tests, optimize=True)
