"""Phonons that act back, in the coupled system: p = P/eta of (1.1) at the quadrature points, with its derivatives.

What is given of dN(w, x, t) is a sum of shapes in w with amplitudes in x and t, `equations.feedback_table`; p and its
slopes are whole numpy arrays.  p stands beside eps - n in the growth of psi, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.feedback import thermal_excess
from femtdgl.equations.feedback_table import (
    Breaking,
    FeedbackTable,
    Frequencies,
    Warm,
    at_frequencies,
    breaking,
    gaps,
    panels,
    warm,
)
from femtdgl.errors import InputError
from femtdgl.problem.excess import ExcessPhonons, Line, Source, Tabulated, ThermalExcess
from femtdgl.problem.film import Film
from femtdgl.problem.problem import Problem
from femtdgl.solve.assembly import Assembly, Growth
from femtdgl.solve.covariant_arrays import values
from femtdgl.solve.own_phonons import LocalBalance, SpectralBalance, own_phonons
from femtdgl.solve.space import Space
from femtdgl.solve.transport import Transport
from femtdgl.units import critical_temperature, reduced_temperature

Array = NDArray[np.float64]

BEYOND = 1.3
"""Largest |psi| of the tables, over sqrt(eps) where eps is largest."""
FINE = 64
"""Panels of a band or of a table in w, at most as wide as 2 gamma."""
PROBED = 7
"""|psi| at which the table is checked."""
NARROWEST = 1.001
"""Least ratio of the ends of a range of temperatures."""
RANGE = (0.25, 1.75)
"""T of the tables of a run whose T_p and T_e are fields, in T0; beyond, their ends hold."""


class Feedback(NamedTuple):
    """p, and its slopes by n, by d_t n, by the temperatures (fields, nq) and by dN (nq, w), at the points (nq,)."""

    p: Array
    by_n: Array
    by_rate: Array | float = 0.0
    by_T: Array | None = None
    by_dN: Array | None = None

    def growth(self, eps: Array) -> Growth:
        """That of psi."""
        return Growth(eps + self.p, self.by_n - 1.0, self.by_rate + np.zeros_like(eps))


class Squares(NamedTuple):
    """n = |psi|^2 and d_t n at the points, (nq,), or (m, nq) of m states."""

    n: Array
    n_t: Array

    @classmethod
    def of(cls, a: Array, b: Array, a_t: Array, b_t: Array) -> Squares:
        """Those of psi = a + ib."""
        return cls(a * a + b * b, 2 * (a * a_t + b * b_t))


def squares(assembly: Assembly, state: Array, transport: Transport | Iterable[Transport] | None) -> Squares:
    """Those of a state (width,), or of m of them with as many transports."""
    space, nodal = assembly.space, state[..., assembly.reader[:, [0, 1, 3, 4]]]  # (..., N, 4)
    if transport is None:
        flat = np.moveaxis(nodal, -2, 0).reshape(space.N, -1)
        at = (space.evaluation @ flat).reshape(space.nq, *nodal.shape[:-2], 4)
        a, b, a_t, b_t = np.moveaxis(np.moveaxis(at, 0, -2), -1, 0)
    elif isinstance(transport, Transport):
        a, b, a_t, b_t = _carried(space, nodal, transport)
    else:
        pairs = zip(nodal, transport, strict=True)
        a, b, a_t, b_t = np.stack([_carried(space, one, how) for one, how in pairs], axis=1)
    return Squares.of(a, b, a_t, b_t)


def _carried(space: Space, nodal: Array, transport: Transport) -> Array:
    """a, b, a_t, b_t at the points (4, nq) with gauge-covariant elements."""
    return values(nodal[space.elements.dofs], space.elements, transport)


def phonon_feedback(problem: Problem, space: Space, eps_max: float) -> PhononFeedback | None:
    """The phonons of a problem that act back; None where there are none, or none that could act.

    eps_max: the largest eps of the run at T = T0.
    """
    given, film = problem.phonons, problem.film
    if given is None or not given.acts(film):
        return None
    coldest = 1.0 if problem.heat is None else (1 - problem.heat.coldest_bath(film, problem.time.t_end)) / film.eta
    return PhononFeedback(given, film, space, float(max(eps_max, coldest)))


class PhononFeedback:
    """p at the points of a space, for the phonons of a problem: those that are given, and those that are its own."""

    def __init__(self, phonons: ExcessPhonons, film: Film, space: Space, eps_max: float) -> None:
        self.phonons, self.film, self.x = phonons, film, space.x
        self.compiled = False
        """Whether p is worked out in compiled loops: the System says so where it has them."""
        self.gamma, self.psi_max = 1 / film.delta, BEYOND * max(1.0, eps_max) ** 0.5
        self.Tc, self.T0 = critical_temperature(film.eta), reduced_temperature(film.eta)  # in Delta0
        self.factor = -phonons.strength_in(film) * film.delta / film.eta
        self._warm: Warm | None = None
        self._thermal_parts: dict[int, tuple[Breaking, float, Warm | None]] = {}
        self.own = own_phonons(phonons, film, self.psi_max)
        channels, shares = [np.zeros((gaps(self.psi_max, self.gamma)[0].size, 0))], [np.zeros((space.nq, 0))]
        for k, (name, source) in enumerate(phonons.sources.items()):
            try:
                values, share = self._channels(k, source)
            except InputError as error:
                raise error.at(key=f"phonons.{name}.{error.key}") from None
            channels.append(values)
            shares.append(share)
        self.table = FeedbackTable(self.gamma, self.psi_max, self.factor * np.concatenate(channels, axis=1))
        self._shares = np.concatenate(shares, axis=1)  # (nq, channels)
        if self._shares.shape[1] and np.all(self._shares == self._shares[0]):
            self._shares = self._shares[0]
        self._owners = np.repeat(np.arange(len(channels) - 1), [part.shape[1] for part in channels[1:]])
        self._waves = [source.amplitude for source in phonons.sources.values()]
        self.steady = all(wave.rests_from == -np.inf for wave in self._waves)
        self._fixed = self._amplitude(0.0)

    @property
    def follows_lattice(self) -> bool:
        """Whether p depends on the temperatures of the run."""
        return self._warm is not None

    def _channels(self, k: int, source: Source) -> tuple[Array, Array]:
        """int w^2 dN_c B dw of a source over the gaps, (gaps, channels), and its amplitudes (nq, channels)."""
        share = source.share(self.x)[:, None]
        if isinstance(source, ThermalExcess):
            return self._thermal(k, source, share)
        assert isinstance(source, Line | Tabulated)
        return self._spectrum(source, gaps(self.psi_max, self.gamma)[1]), share

    def _spectrum(self, source: Line | Tabulated, psi: Array) -> Array:
        """int w^2 dN B dw at gaps (psi, 1)."""
        axis, shape = spectrum_of(source, self.gamma)
        B = at_frequencies(axis.w, psi, self.gamma, self.T0, self.phonons.form)
        return B @ (axis.w**2 * axis.weight * shape)[:, None]

    def _thermal(self, k: int, source: ThermalExcess, share: Array) -> tuple[Array, Array]:
        if source.follows_lattice:
            low, high = RANGE[0] * self.T0, RANGE[1] * self.T0
            made = breaking(self.psi_max, self.gamma, self.T0, high, self.phonons.form)
            self._warm = warm(made, low, high)
            self._thermal_parts[k] = made, 1.1 * self.T0, self._warm
            return self._warm.coefficients, np.ones((share.shape[0], self._warm.coefficients.shape[1]))
        T = self.Tc * (
            source.temperature(self.film) + sum((spot(self.x) for spot in source.profile), np.zeros(share.size))
        )
        if np.min(T) <= 0:
            raise InputError(f"makes T_ph {np.min(T) / self.Tc:.4g} Tc", key="profile", allowed="T_ph > 0 everywhere")
        made = breaking(self.psi_max, self.gamma, self.T0, float(max(self.T0, np.max(T))), self.phonons.form)
        self._thermal_parts[k] = made, float(np.max(T)), None
        if not source.profile:
            return made.of(thermal_excess(made.axis.w, float(T[0]), self.T0)[:, None]), share
        low, high = min(self.T0, float(np.min(T))), max(self.T0, float(np.max(T)))
        table = warm(made, low, max(high, NARROWEST * low))
        self._thermal_parts[k] = made, float(np.max(T)), table
        return table.coefficients, share * (table.basis(T)[0] - table.basis(np.array([self.T0]))[0])

    def _amplitude(self, t: float) -> Array:
        """Amplitudes of the channels at a time, (nq, channels), or (channels,) where they are the same everywhere."""
        return self._shares * np.array([wave(t) for wave in self._waves], dtype=float)[self._owners]

    def error(self) -> float:
        """Of p of the given phonons between the points of the table, over its largest value: with B anew there."""
        psi = self.psi_max * (np.arange(PROBED) + 0.382) / PROBED
        largest, worst = 1e-300, 0.0
        for k, source in enumerate(self.phonons.sources.values()):
            amplitude = (self._owners == k).astype(float)
            if isinstance(source, Line | Tabulated):
                exact = self._spectrum(source, psi)[:, 0]
            else:
                made, T, polynomial = self._thermal_parts[k]
                if polynomial is not None:
                    hot, cold = polynomial.basis(np.array([T, self.T0]))[0]
                    amplitude[self._owners == k] = hot - cold
                B = at_frequencies(made.axis.w, psi, self.gamma, self.T0, self.phonons.form)
                exact = B @ (made.axis.w**2 * made.axis.weight * thermal_excess(made.axis.w, T, self.T0))
            exact = self.factor * exact
            worst = max(worst, float(np.abs(exact - self.table(psi**2, amplitude)[0]).max()))
            largest = max(largest, float(np.abs(exact).max()))
        return worst / largest

    def amplitude(self, t: float) -> Array:
        """As `_amplitude`; made once where nothing moves."""
        return self._fixed if self.steady else self._amplitude(t)

    def __call__(self, t: float, at: Squares, T: Array | None = None, dN: Array | None = None) -> Feedback:
        """p at a time.   T (fields, nq): temperatures of the run in Tc, where there are two; dN (nq, w): of its own
        phonons, where they have an equation.
        """
        if not self._owners.size:
            given = Feedback(np.zeros_like(at.n), np.zeros_like(at.n))
        elif self._warm is None or T is None:
            given = Feedback(*self._found(at.n, self.amplitude(t)))
        else:
            given = self._of_lattice(t, at, T)
        if isinstance(self.own, LocalBalance):
            return given._replace(**self.own.added(given.p, given.by_n, at.n, at.n_t))
        if isinstance(self.own, SpectralBalance) and dN is not None:
            p, by_n, by_dN = self.own.acting(at.n, dN)
            return given._replace(p=given.p + p, by_n=given.by_n + by_n, by_dN=by_dN)
        return given

    def _of_lattice(self, t: float, at: Squares, T: Array) -> Feedback:
        """p where the thermal excess, the first of the sources, is N(w/T_p) - N(w/T_e) of the run."""
        assert self._warm is not None
        (own, own_T), (other, other_T) = (self._held(self.Tc * part) for part in T)  # of electrons and of phonons
        mine = slice(0, other.shape[-1])
        size = np.array(np.broadcast_to(self.amplitude(t), (*T.shape[1:], self._owners.size)), dtype=other.dtype)
        thermal = size[..., mine].copy()

        def found(part: Array) -> tuple[Array, Array]:
            size[..., mine] = thermal * part
            return self._found(at.n, size)

        p, by_n = found(other - own)
        size[:] = 0.0
        return Feedback(p, by_n, 0.0, self.Tc * np.stack([-found(own_T)[0], found(other_T)[0]]))

    def _found(self, n: Array, amplitude: Array) -> tuple[Array, Array]:
        """p and dp/dn from the table."""
        if not self.compiled or n.ndim > 1 or np.iscomplexobj(n) or np.iscomplexobj(amplitude):
            return self.table(n, amplitude)
        from femtdgl.solve.loops import feedback_loop

        table, p, by_n = self.table, np.empty(n.size), np.empty(n.size)
        feedback_loop(n, table.gamma, table.first, table.step, table.cells, np.atleast_2d(amplitude), p, by_n)
        return p, by_n

    def _held(self, T: Array) -> tuple[Array, Array]:
        """`Warm.basis` at temperatures in Delta0, which hold at the ends of the table."""
        assert self._warm is not None
        low, high = self._warm.T_min, self._warm.T_max
        inside = (T.real > low) & (T.real < high)
        value, slope = self._warm.basis(np.where(inside, T, np.clip(T.real, low, high)))
        return value, slope * inside[..., None]


def spectrum_of(source: Line | Tabulated, gamma: float) -> tuple[Frequencies, Array]:
    """Frequencies that resolve the spectrum of a source, and dN there, without its place and amplitude."""
    if isinstance(source, Line):
        return _line(source, gamma)
    axis = _panels(np.array(source.w), gamma)
    return axis, source(axis.w)


def _line(line: Line, gamma: float) -> tuple[Frequencies, Array]:
    if line.width == 0:
        return Frequencies(np.array([line.w]), np.ones(1)), np.array([line.area])
    axis = _panels(line.w + line.width * np.array([-0.5, 0.5]), gamma)
    return axis, np.full(axis.w.size, line.area / line.width)


def _panels(edges: Array, gamma: float) -> Frequencies:
    """Panels between these frequencies, cut where they are wider than 2 gamma."""
    counts = [min(FINE, int(np.ceil((b - a) / (2 * gamma)))) for a, b in pairwise(edges)]
    cut = [np.linspace(a, b, count + 1)[:-1] for (a, b), count in zip(pairwise(edges), counts, strict=True)]
    return panels(np.append(np.concatenate(cut), edges[-1]))
