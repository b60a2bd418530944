"""What a filament takes from phonons that are given: of I(N) = I(N0) - dN/tau_pe the second part, [PSC] (5).

In the unit of the spectrum (2.1), in which I(N0) is w^3 K d|psi|/dt, that is a power of

    int w^3 (T/(2 tau_eps)) R(w, |psi|) dN(w, x, t) dw          per volume, positive where phonons are taken.

It is of first order in dN and does not vanish over a cycle.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.feedback import phonon_relaxation_rate, thermal_excess
from femtdgl.equations.feedback_table import (
    CELLS_OF_SPECTRA,
    POINTS,
    FeedbackTable,
    Frequencies,
    equilibrium,
    frequencies,
    gaps,
    refined,
)
from femtdgl.equations.phonon_quadrature import Array
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.problem.excess import ExcessPhonons, Line, Source, Tabulated, ThermalExcess
from femtdgl.problem.film import Film
from femtdgl.solve.phonons import spectrum_of
from femtdgl.units import critical_temperature, reduced_temperature


def taken_power(phonons: ExcessPhonons, film: Film, x: Array, t: Array, psi_abs: Array) -> Array:
    """That of the given excesses at nodes x (dim, N) and times t (nt,), (nt, N).   psi_abs: (nt, N).

    Without that of the field T_p of the run, which [heat] exchanges by its coupling.
    """
    T0, gamma, psi_max = reduced_temperature(film.eta), 1 / film.delta, max(1e-3, float(psi_abs.max()))
    unit = T0 / (2 * relaxation_time(film.delta, film.eta))
    _, psi = gaps(psi_max, gamma, CELLS_OF_SPECTRA)
    total = np.zeros(psi_abs.shape)
    for source in phonons.sources.values():
        waves = np.array([source.amplitude(float(time)) for time in t])[:, None] * source.share(x)
        for axis, dN, nodes in _parts(source, film, x, psi_max):
            R = phonon_relaxation_rate(axis.w, psi[:, None], T0, gamma, equilibrium(T0), points=POINTS)
            values = refined(R @ (axis.w**3 * axis.weight * dN)[:, None], psi_max, gamma)
            rate = FeedbackTable(gamma, psi_max, values)(psi_abs[:, nodes] ** 2, np.ones(1))[0]
            total[:, nodes] += unit * waves[:, nodes] * rate
    return total


def _parts(
    source: Source, film: Film, x: Array, psi_max: float
) -> Iterator[tuple[Frequencies, Array, NDArray[np.intp]]]:
    """Frequencies, dN there, and the numbers of the nodes that have this spectrum."""
    everywhere = np.arange(x.shape[1])
    if isinstance(source, Line | Tabulated):
        yield *spectrum_of(source, 1 / film.delta), everywhere
    elif isinstance(source, ThermalExcess) and not source.follows_lattice:
        Tc, T0 = critical_temperature(film.eta), reduced_temperature(film.eta)
        T = Tc * (source.temperature(film) + sum((spot(x) for spot in source.profile), np.zeros(everywhere.size)))
        axis = frequencies(psi_max, 1 / film.delta, float(max(T0, T.max())))
        for one in np.unique(T):
            yield axis, thermal_excess(axis.w, float(one), T0), np.flatnonzero(one == T)
