"""(2.6) for populations that are known on the levels xi, and its average over a cycle.

With n = f + d the braces of (2.6) are, exactly,

    (N+1) n n' - N (1-n) (1-n') = d [N + f'] + d' [N + f] + d d',       n' = n(w - e),

because equilibrium cancels; nothing is lost to rounding however small d is.  d is odd in e.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.equations.phonon_quadrature import Array, Nodes, bose, fermi, half_axis
from femtdgl.equations.phonons import level, level_energy
from femtdgl.errors import InputError
from femtdgl.flux.panels import Panels
from femtdgl.flux.relaxation import relax

GRID = 512
"""Points of the even grid in asinh(xi/gamma) to which d is brought before the energy integrals."""
BEYOND_EDGE = np.array([2.5, 5.0, 9.0, 14.0, 20.0])
"""Edges of the panels in w for `spectral_shares`, in T above 2 |psi|_max; below it there are five."""


class SpectralShares(NamedTuple):
    """Of the spectrum (2.6) in a cycle: energy absorbed over energy emitted, both by frequency."""

    gross: float  # of w^3 I(t, x, w): resolved in time and place too
    mean: float  # of its mean over x and t


class RelaxationFlux(NamedTuple):
    """A cycle of the relaxing populations.  w in Delta0, t in t0, heats in the units of section 0."""

    w: Array
    average: Array  # (nw,): w^3 <int I/C0 dx>, the shape of the cycle-averaged spectrum
    positions: Array  # (npos, nw): w^3 <I/C0> there
    loss: Array  # (nt - 1,): relaxation loss of the filament in each interval
    work: Array  # (nt - 1,)
    n_min: float
    n_max: float


def level_collision_integral(
    w: ArrayLike, psi: Array, n: Array, levels: Panels, T: float, gamma: float, *, points: int = 64
) -> Array:
    """(2.6) I(w)/C0 for states psi (m,), n (m, levels.size): result (m, nw).

    `points` per piece of the energy axis: 64 leaves 1e-5 of the maximum at gamma = 0.3, 96 leaves 1e-8.
    """
    w, psi = np.asarray(w, float), np.asarray(psi, float)
    if not np.all(np.isfinite(w)) or np.any(w <= 0):
        raise InputError("frequencies must be positive", key="w", allowed="numbers > 0, in Delta0")
    deviation = n - fermi(level_energy(levels.nodes, psi[:, None], gamma) / T)
    top = np.arcsinh(levels.edges[-1] / gamma)
    even = gamma * np.sinh(np.linspace(0, top, GRID))
    rows = levels.gather(even, deviation.T).T
    rows[:, 0] = 0.0
    result = np.empty((len(psi), len(w)))
    step = max(1, 40_000 // (points * len(w)))
    for first in range(0, len(psi), step):
        some = psi[first : first + step]
        block, grid_psi = len(some), np.repeat(some, len(w))
        grid_w = np.tile(w, block)
        row = np.repeat(np.arange(first, first + block), len(w))[:, None]
        temperature, broadening = np.full(grid_w.shape, T), np.full(grid_w.shape, gamma)
        total = np.zeros(grid_w.shape)
        for nodes in half_axis(grid_w, grid_psi, temperature, broadening, points):
            total += _net(nodes, grid_w[:, None], grid_psi[:, None], T, gamma, rows, row, top)
        result[first : first + step] = total.reshape(block, len(w))
    return result


def relaxation_flux(
    t: ArrayLike,
    x_weights: ArrayLike,
    psi_abs: Array,
    w: ArrayLike,
    T: float,
    delta: float,
    eta: float,
    *,
    positions: ArrayLike = (),
    every: int = 1,
    x_chunk: int = 16,
    points: int = 64,
) -> RelaxationFlux:
    """Cycle average of (2.6) over one stored cycle |psi|(t, x), and the heats of its intervals.

    Arguments as `linear_flux`; the last time closes the cycle.  The populations use every stored time, the
    spectrum every `every`-th interval (the time average is the trapezoid rule: exact enough on a cycle).
    `x_chunk` positions are in memory at once.
    """
    t, x_weights, w = np.asarray(t, float), np.asarray(x_weights, float), np.asarray(w, float)
    places = np.asarray(positions, int)
    used, share = _thinned(t, every)
    average, local = np.zeros(len(w)), np.zeros((len(places), len(w)))
    loss, work = np.zeros(len(t) - 1), np.zeros(len(t) - 1)
    n_min, n_max = 1.0, 0.0
    for first in range(0, len(x_weights), x_chunk):
        here = slice(first, min(first + x_chunk, len(x_weights)))
        psi = np.asarray(psi_abs[:, here], float)
        relaxed = relax(t, psi, T, delta, eta)
        loss += relaxed.loss @ x_weights[here]
        work += relaxed.work @ x_weights[here]
        n_min, n_max = min(n_min, float(relaxed.n.min())), max(n_max, float(relaxed.n.max()))
        states, populations = psi[used], relaxed.n[used]
        rates = level_collision_integral(
            w,
            states.ravel(),
            populations.reshape(-1, relaxed.levels.size),
            relaxed.levels,
            T,
            1 / delta,
            points=points,
        ).reshape(*states.shape, len(w))
        mean = np.einsum("t,txw->xw", share, rates)
        average += x_weights[here] @ mean
        for i, place in enumerate(places):
            if here.start <= place < here.stop:
                local[i] = mean[place - here.start]
    return RelaxationFlux(w, w**3 * average, w**3 * local, loss, work, n_min, n_max)


def spectral_shares(
    t: ArrayLike, x_weights: ArrayLike, psi_abs: Array, T: float, delta: float, eta: float, *, times: int = 24
) -> SpectralShares:
    """How much of what the relaxing populations emit they absorb elsewhere, arguments as `relaxation_flux`.

    With `times` of the cycle and 30 frequencies, good to 2e-3.
    """
    t, x_weights, psi_abs = np.asarray(t, float), np.asarray(x_weights, float), np.asarray(psi_abs, float)
    used, share = _thinned(t, max(1, len(t) // times))
    edge = 2 * np.max(psi_abs)
    w = Panels(np.concatenate([np.linspace(0, edge + T, 6), edge + T * BEYOND_EDGE]), 3)
    relaxed = relax(t, psi_abs, T, delta, eta)
    states = psi_abs[used]
    rates = level_collision_integral(
        w.nodes, states.ravel(), relaxed.n[used].reshape(-1, relaxed.levels.size), relaxed.levels, T, 1 / delta,
        points=40,
    ).reshape(*states.shape, w.size)  # fmt: skip
    spectrum = w.nodes**3 * rates
    emitted, absorbed = (np.einsum("t,x,txw->w", share, x_weights, np.maximum(s * spectrum, 0)) for s in (1, -1))
    mean = emitted - absorbed
    gross, net = absorbed @ w.weights, np.maximum(-mean, 0) @ w.weights
    return SpectralShares(
        gross=float(gross / (emitted @ w.weights)), mean=float(net / (np.maximum(mean, 0) @ w.weights))
    )


def _thinned(t: Array, every: int) -> tuple[NDArray[np.intp], Array]:
    """Every `every`-th time and the last, and the weights of the trapezoid rule there that make a mean."""
    used = np.unique(np.append(np.arange(0, len(t), every), len(t) - 1))
    share = np.zeros(len(used))
    share[:-1] += np.diff(t[used]) / 2
    share[1:] += np.diff(t[used]) / 2
    return used, share / (t[-1] - t[0])


def _net(nodes: Nodes, w: Array, psi: Array, T: float, gamma: float, rows: Array, row: np.ndarray, top: float) -> Array:
    """Contribution of one piece of the half axis to (2.6): P at e, and Q at -e."""
    e, difference, beyond = nodes.e, w - nodes.e, w + nodes.e
    N = bose(w / T)
    d_e, d_beyond = (_deviation(x, psi, gamma, rows, row, top) for x in (e, beyond))
    d_difference = np.sign(difference) * _deviation(np.abs(difference), psi, gamma, rows, row, top)
    N1, R2 = 1 + nodes.at_e.excess, nodes.at_e.R2
    P = N1 * (1 + nodes.at_difference.excess) + R2 * nodes.at_difference.R2
    Q = N1 * (1 + nodes.at_sum.excess) - R2 * nodes.at_sum.R2
    pair = d_e * (N + fermi(difference / T)) + d_difference * (N + fermi(e / T)) + d_e * d_difference
    fold = -d_e * (N + fermi(beyond / T)) + d_beyond * (N + fermi(-e / T)) - d_e * d_beyond
    return np.einsum("ij,ij->i", P * pair + Q * fold, nodes.weight)


def _deviation(e: Array, psi: Array, gamma: float, rows: Array, row: np.ndarray, top: float) -> Array:
    """d at the energies e >= 0 by the cubic through four points of the even grid; 0 beyond its end."""
    place = np.arcsinh(level(e, psi, gamma) / gamma) * ((GRID - 1) / top)
    i = np.clip(place.astype(int), 1, GRID - 3)
    f = np.minimum(place, GRID - 1) - i
    a, b, c, d = (rows[row, i + k] for k in (-1, 0, 1, 2))
    cubic = b + f * (c - b) + f * (f - 1) / 2 * ((c - 2 * b + a) + (f + 1) / 3 * (d - 3 * c + 3 * b - a))
    return np.where(place < GRID - 1, cubic, 0.0)
