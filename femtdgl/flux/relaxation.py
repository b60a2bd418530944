"""Beyond the linear flux: the populations relax along the recorded |psi|(x, t), `kinetics="relaxation"`.

A level xi keeps its number while the gap moves, its energy follows, e = e(xi, |psi|) (`level_energy`), and

    d_t n(xi, t) = -(n - n0)/tau_eps,      n0 = f(e(xi, |psi|(x, t))).

(2.2) is the first term of its solution for slow motion, since de/dPsi = R2/N1 at fixed xi.  Between two
stored times |psi| is a straight line, and the step is the exact one,

    n(t) = n(t_k) exp(-(t - t_k)/tau) + (1/tau) int_{t_k}^t exp(-(t - t')/tau) n0(t') dt',

with n0 of the line written as the polynomial through `STAGES` Lobatto points (its remainder is what
tests/test_relaxation.py measures).  n depends on its start linearly, through exp(-duration/tau): the periodic
state needs no transient, n(0) = n_from_zero(period)/(1 - exp(-period/tau)).

Two heats.  With E = int e n dxi, an integration over a closed cycle gives, exactly,

    work  (2/eta) int n (de/dt) dxi   =   loss  (2/(eta tau)) int e (n - n0) dxi,

both in the units of section 0 (4 N(0) over 2 eta N(0) Delta0^2), times in t0.  This energy reaches
the lattice.  (2.6) with the same n gives the SHAPE of the phonon spectrum; its energy integral is another
functional, because relaxation time and collision integral do not conserve energy together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import Array, double_exponential, fermi
from femtdgl.equations.phonons import level_energy
from femtdgl.errors import InputError
from femtdgl.flux.panels import Panels
from femtdgl.units import U

STAGES = np.array([0.0, (1 - np.sqrt(3 / 7)) / 2, 0.5, (1 + np.sqrt(3 / 7)) / 2, 1.0])
"""Lobatto points of a stored interval, and their weights."""
STAGE_WEIGHTS = np.array([1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20])

LONGEST_STEP = 0.5
"""In tau_eps.  A longer interval is done in pieces, to follow how n catches up after a corner of |psi|."""


class Relaxation(NamedTuple):
    """n(t, x, xi) and the heat of every stored interval, per unit length, in the units of section 0."""

    t: Array  # (nt,)
    levels: Panels  # of xi >= 0; n(-xi) = 1 - n(xi)
    n: Array  # (nt, nx, levels.size)
    loss: Array  # (nt - 1, nx)
    work: Array  # (nt - 1, nx)


def relaxation_time(delta: float, eta: float) -> float:
    """tau_eps in t0: delta sqrt(eta u)."""
    return float(delta * np.sqrt(eta * U))


def quasiparticle_levels(T: float, gamma: float, *, order: int = 8, per_octave: int = 1) -> Panels:
    """Panels in xi from 0 to 34 T, doubling in width from gamma/2 upwards."""
    if not (gamma > 0 and np.isfinite(gamma)):
        raise InputError(f"{gamma!r} is not possible", key="gamma", allowed="a positive number: gamma = 1/delta")
    first = min(gamma, T) / 2
    octaves = per_octave * int(np.ceil(np.log2(34 * T / first)))
    return Panels(np.concatenate([[0.0], np.geomspace(first, 34 * T, octaves + 1)]), order)


def relax(
    t: ArrayLike,
    psi_abs: Array,
    T: float,
    delta: float,
    eta: float,
    *,
    start: Array | None = None,
    levels: Panels | None = None,
) -> Relaxation:
    """Populations along |psi|(t, x).  t (nt,), psi_abs (nt, nx); T in Delta0, times in t0.

    Without `start` the record is one cycle (its last row repeats the first) and the periodic state is found,
    exactly.  With `start`, the populations (nx, nlevels) or (nlevels,) at t[0], an initial-value problem.
    Memory: nt x nx x nlevels; hand over the positions in blocks when that is much.
    """
    t, psi_abs = np.asarray(t, float), np.asarray(psi_abs, float)
    if psi_abs.ndim != 2 or len(t) != len(psi_abs) or len(t) < 2 or not np.all(np.diff(t) > 0):
        raise InputError(
            f"the shapes are {t.shape}, {psi_abs.shape}",
            key="t, psi_abs",
            allowed="(nt,), (nt, nx), t rising",
        )
    if not (np.all(np.isfinite(psi_abs)) and np.all(psi_abs >= 0)):
        raise InputError("|psi| must be finite and >= 0", key="psi_abs")
    if not (delta > 0 and 0 < eta < 1 and T > 0):
        raise InputError(
            f"delta = {delta!r}, eta = {eta!r}, T = {T!r}",
            key="film",
            allowed="delta > 0, 0 < eta < 1, T > 0; the gapless film has no levels to relax",
        )
    tau, gamma = relaxation_time(delta, eta), 1 / delta
    levels = levels or quasiparticle_levels(T, gamma)
    if start is None:
        gap = float(np.max(np.abs(psi_abs[-1] - psi_abs[0])))
        if gap > 0.05 * max(1e-12, float(np.max(psi_abs))):
            raise InputError(
                f"|psi| moves by {gap:.3g} over the record",
                key="psi_abs",
                allowed="one closed cycle, or a start",
            )
        empty = np.zeros((psi_abs.shape[1], levels.size))
        reached = _march(t, psi_abs, T, gamma, tau, eta, levels, empty).n[-1]
        start = reached / -np.expm1(-(t[-1] - t[0]) / tau)
    start = np.broadcast_to(np.asarray(start, float), (psi_abs.shape[1], levels.size))
    if np.min(start) < -1e-12 or np.max(start) > 1 + 1e-12:
        raise InputError(f"n = {start.min():.6g} to {start.max():.6g}", key="start", allowed="0 <= n <= 1")
    return _march(t, psi_abs, T, gamma, tau, eta, levels, start)


def level_rate(xi: Array, psi: Array, gamma: float) -> Array:
    """de/dPsi at fixed xi: R2/N1 = Psi xi/sqrt((xi^2 + gamma^2)(xi^2 + gamma^2 + Psi^2)).  Broadcasts."""
    inner = xi**2 + gamma**2
    return psi * xi / np.sqrt(inner * (inner + psi**2))


def _march(
    t: Array, psi: Array, T: float, gamma: float, tau: float, eta: float, levels: Panels, start: Array
) -> Relaxation:
    """All intervals, one after the other; n at the stages of an interval is (stages, nx, nlevels)."""
    xi, weights = levels.nodes, levels.weights
    n = np.empty((*psi.shape, levels.size))
    loss, work = np.empty((len(t) - 1, psi.shape[1])), np.empty((len(t) - 1, psi.shape[1]))
    n[0] = start
    for k, interval in enumerate(np.diff(t)):
        pieces = int(np.ceil(interval / (LONGEST_STEP * tau)))
        step, rise = interval / pieces, (psi[k + 1] - psi[k]) / pieces
        decay, gain = _exponential_step(round(float(step / tau), 14))
        in_time = step * STAGE_WEIGHTS
        now, loss[k], work[k] = n[k], 0.0, 0.0
        for piece in range(pieces):
            line = psi[k] + (piece + STAGES[:, None]) * rise
            energy = level_energy(xi, line[..., None], gamma)
            equilibrium = fermi(energy / T)
            inside = decay[:, None, None] * now + np.einsum("ij,jxl->ixl", gain, equilibrium)
            velocity = level_rate(xi, line[..., None], gamma) * rise[:, None] / step
            loss[k] += 2 / (eta * tau) * (in_time @ ((energy * (inside - equilibrium)) @ weights))
            work[k] += 2 / eta * (in_time @ ((inside * velocity) @ weights))
            now = inside[-1]
        n[k + 1] = now
    return Relaxation(t, levels, n, loss, work)


@lru_cache(maxsize=4096)
def _exponential_step(a: float) -> tuple[Array, Array]:
    """Of a step a = dt/tau: exp(-a c_i), and int_0^{c_i} a exp(-a (c_i - s)) l_j(s) ds for the stages c."""
    left, right, weight = double_exponential(80)
    lagrange = np.linalg.inv(np.vander(STAGES, increasing=True))
    gain = np.zeros((len(STAGES), len(STAGES)))
    for i, c in enumerate(STAGES):
        powers = np.vander(c * left, len(STAGES), increasing=True)
        gain[i] = (a * c * weight * np.exp(-a * c * right)) @ (powers @ lagrange)
    return np.exp(-a * STAGES), gain
