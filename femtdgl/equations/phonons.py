"""Phonon emission of a superconductor whose gap moves: theory section 2, [PSC] eqs 7 to 13.

Energies are in Delta0.  With z = e + i gamma and the causal root s = sqrt(z^2 - Psi^2), Im s >= 0,

    N1 = Re z/s  (even),     R2 = Re Psi/s  (odd),     P(e) = N1(e) N1(w-e) + R2(e) R2(w-e).

A gap that moves at fixed levels takes the populations out of equilibrium, (2.2)

    delta n(e) = (tau_eps/4T) (R2/N1) cosh^-2(e/2T) d|Delta|/dt,

and the phonons that answer are (2.6), the collision integral of [PSC] eq. (8).  On the whole axis, with
n(-e) = 1 - n(e), pair breaking, recombination and scattering are one integral:

    (2.6)  I(w)/C0 = int P(e) { (N+1) n(e) n(w-e) - N [1-n(e)] [1-n(w-e)] } de.

(2.6) linearised.  With n = f + delta n the braces are, to first order, delta n(e) [N + f(w-e)] and the same
with e and w - e exchanged, since (N+1) f' + N (1-f') = N + f'.  P is symmetric under that exchange, so
I/C0 = 2 int P delta n(e) [N + f(w-e)] de: with (2.2), (2 tau_eps/T) d|Delta|/dt K, and

    (2.3)  K = 1/4 int P(e) [N(w) + f(w-e)] g(e) de,     g = (R2/N1) cosh^-2(e/2T)       kernel "exact"
    (2.4)  K = N(w) eta1,  eta1 = 1/4 int P g de                                         kernel "bose"
    (2.5)  K = N(w)/4 [ int_0^w P g de + int_0^inf Q g de ]                              kernel "printed"

"bose" drops f next to N, as the paper does.  "printed" is [PSC] eq. (13) to the letter: as int_w^inf P g =
int_0^inf Q(e) g(e+w), its first integral (to infinity) and its minus sign cancel the g(e+w) term and turn the
sign of the last one, so that nothing negative is left (E4).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import (
    SMALLEST_PIECE,
    Array,
    Causal,
    Nodes,
    bose,
    causal,
    double_exponential,
    fermi,
    half_axis,
    sech2,
)
from femtdgl.errors import InputError

KERNELS = ("exact", "bose", "printed")
POINTS = 240
"""Points per piece of the energy axis: the kernel to 1e-9 at any gamma, see benchmarks/phonons.py."""

CHUNK = 40_000
"""Points that are in memory at once, so that the work arrays stay in the cache."""

Populations = Callable[[Array], Array]
"""n(e) for an array of energies of either sign (in Delta0): 0 <= n <= 1, without branch imbalance n(-e) = 1 - n(e)."""


def causal_functions(e: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Causal:
    """N1 - 1 (even), R2 and R2/N1 (odd) at energies of either sign.  Broadcasts; energies in Delta0."""
    psi, gamma = _not_negative("psi", psi), _not_negative("gamma", gamma)
    x, psi, gamma = np.broadcast_arrays(np.asarray(e, float), psi, gamma)
    at, sign = causal(np.abs(x), _over_edge(x, psi), psi, gamma), np.sign(x)
    return Causal(at.excess, sign * at.R2, sign * at.ratio)


def density_of_states(e: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Array:
    """N1(e) = Re z/s, even in e.  Broadcasts; energies in Delta0."""
    return 1 + causal_functions(e, psi, gamma).excess


def pair_density(e: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Array:
    """R2(e) = Re Psi/s, odd in e.  Broadcasts; energies in Delta0."""
    return causal_functions(e, psi, gamma).R2


def level_velocity(e: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Array:
    """R2/N1 = de/dPsi at a fixed level xi = Re s, odd in e, between -1 and 1.  Broadcasts."""
    return causal_functions(e, psi, gamma).ratio


def level(e: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Array:
    """xi = Re s(e), the number of the quasiparticle level: dxi/de = N1.  Odd in e; broadcasts."""
    e, psi, gamma = np.broadcast_arrays(*(np.asarray(value, float) for value in (e, psi, gamma)))
    real, imag = (np.abs(e) - psi) * (np.abs(e) + psi) - gamma**2, 2 * gamma * np.abs(e)
    larger = np.sqrt((np.hypot(real, imag) + np.abs(real)) / 2)
    smaller = imag / np.where(larger > 0, 2 * larger, 1.0)
    return np.sign(e) * np.where(real >= 0, larger, smaller)


def level_energy(xi: ArrayLike, psi: ArrayLike, gamma: ArrayLike) -> Array:
    """e of the level xi, the inverse of `level`: e^2 = xi^2 [1 + Psi^2/(xi^2 + gamma^2)].  Broadcasts.

    From s^2 = z^2 - Psi^2 with s = xi + i e gamma/xi.
    """
    xi, psi, gamma = (np.asarray(value, float) for value in (xi, psi, gamma))
    return np.sign(xi) * np.hypot(xi, psi * np.abs(xi) / np.hypot(xi, np.where(gamma > 0, gamma, 1e-30)))


def population_shift(
    e: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, dpsi_dt: ArrayLike, tau_eps: ArrayLike
) -> Array:
    """(2.2) delta n(e), odd in e.  tau_eps and dpsi_dt in one unit of time, energies in Delta0.  Broadcasts.

    E5: [PSC] eq. (11) prints alpha = (1/2T)..., which is no pure number; tau_eps/4T is what makes its (12).
    """
    e, T = np.asarray(e, float), positive("T", T)
    return (
        np.asarray(tau_eps, float)
        / (4 * T)
        * level_velocity(e, psi, gamma)
        * sech2(e / (2 * T))
        * np.asarray(dpsi_dt, float)
    )


def phonon_kernel(
    w: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, kernel: str = "exact", *, points: int = POINTS
) -> Array:
    """(2.3)-(2.5) K(w; Psi, T, gamma), the spectrum per d|psi|/dt without the phonon density w^3.

    w > 0, psi >= 0, T > 0, gamma >= 0, all in Delta0; they broadcast.  gamma = 0 is the sharp limit, where K
    jumps at w = 2 psi (the value there is that from above).  `kernel`: "exact", "bose" or "printed".  `points` per
    piece of the axis; the default is good to 1e-9 of K.  Result in Delta0.  Raises InputError else, and for
    an unknown kernel.
    """
    if kernel not in KERNELS:
        raise InputError(f"{kernel!r} is no phonon kernel", key="kernel", allowed=", ".join(KERNELS))

    def integrand(nodes: Nodes, w: Array, T: Array) -> Array:
        N, g = bose(w / T), nodes.at_e.ratio * sech2(nodes.e / (2 * T))
        if kernel == "bose":
            return N * g * _pair_minus_fold(nodes)
        P, Q = both_factors(nodes)
        if kernel == "printed":
            return N * g * (np.where(nodes.below, P, 0.0) + Q)
        f_difference, f_sum = fermi((w - nodes.e) / T), fermi((w + nodes.e) / T)
        return g * (N * _pair_minus_fold(nodes) + P * f_difference - Q * f_sum)

    return half_axis_integral(integrand, w, psi, T, gamma, points) / 4


def collision_rates(
    w: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, n: Populations, *, points: int = POINTS
) -> tuple[Array, Array]:
    """Gross emission and gross absorption of (2.6)/C0: int P (N+1) n n' de and int P N (1-n) (1-n') de.

    Arguments and unit as `collision_integral`.
    """

    def population(e: Array) -> Array:
        value = np.asarray(n(e), float)
        if not np.all((value >= -1e-12) & (value <= 1 + 1e-12)):
            raise InputError(
                f"n(e) runs from {np.min(value):.6g} to {np.max(value):.6g}",
                key="n",
                allowed="0 <= n <= 1",
            )
        return value

    far = -float(np.max(w) + np.max(psi) + 42 * np.max(T))
    if float(population(np.array([far]))[0]) < 0.5:
        raise InputError(f"n({far:.4g}) < 1/2", key="n", allowed="n(e) on the whole axis: n(-e) = 1 - n(e), not n(|e|)")

    def full_and_empty(factor: Array, e: Array, other: Array) -> Array:
        here, there = population(e), population(other)
        return np.stack([factor * here * there, factor * (1 - here) * (1 - there)])

    def both(nodes: Nodes, w: Array, T: Array) -> Array:
        N, (full, empty) = bose(w / T), whole_axis(full_and_empty, nodes, w)
        return np.stack([(N + 1) * full, N * empty])

    emission, absorption = half_axis_integral(both, w, psi, T, gamma, points)
    return emission, absorption


def collision_integral(
    w: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, n: Populations, *, points: int = POINTS
) -> Array:
    """(2.6) I(w)/C0 for any populations n(e), C0 = pi lambda omega_D/(2 eps_F); positive for emission.

    `n` as in `Populations`; phonons are at the temperature T; w, psi, gamma and points as for `phonon_kernel`.  Zero
    for n = f. Raises InputError where n leaves [0, 1].
    """
    emission, absorption = collision_rates(w, psi, T, gamma, n, points=points)
    return emission - absorption


def reversible_heat(psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, *, points: int = POINTS) -> Array:
    """(2.7) S1(Psi, T, gamma) = int_0^inf e R2 cosh^-2(e/2T) de, in Delta0^2; it is 2 T Psi s1.  Broadcasts.

    With the level xi as variable, R2 de = (R2/N1) dxi and e R2/N1 = Psi xi^2/(xi^2 + gamma^2), there are no
    edges left, sharp or not.  The quasiparticles give the lattice (N(0)/T) S1 d|Delta|/dt: -T dS/dt.
    """
    psi, T, gamma = np.broadcast_arrays(*checked(psi=psi, T=T, gamma=gamma))
    return 2 * T * psi * entropy_slope(psi, T, gamma, points=points)


def entropy_slope(psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, *, points: int = POINTS) -> Array:
    """(2.7) s1 = S1/(2 T Psi) = (1/2T) int_0^inf xi^2/(xi^2 + gamma^2) cosh^-2(e/2T) dxi, a number in [0, 1].

    q_ph = w + (s1/(2 eta)) d_t |psi|^2.  Broadcasts; s1 = 1 at Psi = gamma = 0.
    """
    psi, T, gamma = np.broadcast_arrays(*checked(psi=psi, T=T, gamma=gamma))
    psi, T, gamma = (value[..., None] for value in (psi, T, gamma))
    left, _, weight = double_exponential(points)
    cut = np.maximum(gamma, SMALLEST_LEVEL)
    total = np.zeros(psi.shape[:-1])
    for a, b in ((0.0, cut), (cut, cut + TAIL_OF_LEVELS * T)):
        xi = a + (b - a) * left
        share = xi**2 / (xi**2 + gamma**2)
        total = total + np.sum((b - a) * weight * share * sech2(level_energy(xi, psi, gamma) / (2 * T)), axis=-1)
    return total / (2 * T[..., 0])


SMALLEST_LEVEL = 1e-12
TAIL_OF_LEVELS = 42.0


def pair_factor(one: Causal, other: Causal) -> Array:
    """N1 N1' + R2 R2' of two energies: P(e) with those at e and w - e."""
    return (1 + one.excess) * (1 + other.excess) + one.R2 * other.R2


def both_factors(nodes: Nodes) -> tuple[Array, Array]:
    """P(e), and Q(e) = P(-e) = N1(e) N1(w+e) - R2(e) R2(w+e)."""
    e, far = nodes.at_e, nodes.at_sum
    return pair_factor(e, nodes.at_difference), (1 + e.excess) * (1 + far.excess) - e.R2 * far.R2


def whole_axis(x: Callable[[Array, Array, Array], Array], nodes: Nodes, w: Array) -> Array:
    """Integrand on the half axis of int P(e) x(e) de over the whole: P x(e) + Q x(-e).

    x(P, e, w - e) multiplies the factor by the populations at the two energies.
    """
    P, Q = both_factors(nodes)
    return x(P, nodes.e, w - nodes.e) + x(Q, -nodes.e, w + nodes.e)


def _pair_minus_fold(nodes: Nodes) -> Array:
    """P - Q with the ones taken out first."""
    return (1 + nodes.at_e.excess) * (nodes.at_difference.excess - nodes.at_sum.excess) + nodes.at_e.R2 * (
        nodes.at_difference.R2 + nodes.at_sum.R2
    )


def half_axis_integral(
    integrand: Callable[[Nodes, Array, Array], Array],
    w: ArrayLike,
    psi: ArrayLike,
    T: ArrayLike,
    gamma: ArrayLike,
    points: int,
) -> Array:
    """Integrals over the half axis, in chunks.  The integrand may carry leading axes of its own."""
    grids = np.broadcast_arrays(positive("w", w), *checked(psi=psi, T=T, gamma=gamma))
    shape, flat = grids[0].shape, [np.ravel(grid) for grid in grids]
    step = max(1, CHUNK // points)
    parts = []
    for first in range(0, flat[0].size, step):
        w_, psi_, T_, gamma_ = (value[first : first + step] for value in flat)
        parts.append(
            sum(
                np.einsum("...ij,ij->...i", integrand(nodes, w_[:, None], T_[:, None]), nodes.weight)
                for nodes in half_axis(w_, psi_, T_, gamma_, points)
            )
        )
    total = np.concatenate(parts, axis=-1) if parts else np.zeros(0)
    return total.reshape(total.shape[:-1] + shape)


def _over_edge(e: Array, psi: Array) -> Array:
    """|e| - Psi; at the edge itself the functions are taken just outside: finite in the sharp limit too."""
    difference = np.abs(e) - psi
    return np.where(difference == 0, SMALLEST_PIECE, difference)


def checked(*, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike) -> tuple[Array, Array, Array]:
    """The three as arrays; InputError when one is out of range."""
    return _not_negative("psi", psi), positive("T", T), _not_negative("gamma", gamma)


def positive(key: str, value: ArrayLike) -> Array:
    """The value as an array; InputError, naming `key`, when it is not positive."""
    array = np.asarray(value, float)
    if not (np.all(np.isfinite(array)) and np.all(array > 0)):
        raise InputError(f"{_worst(array)} is not possible", key=key, allowed="positive numbers, in Delta0")
    return array


def _not_negative(key: str, value: ArrayLike) -> Array:
    array = np.asarray(value, float)
    if not (np.all(np.isfinite(array)) and np.all(array >= 0)):
        raise InputError(f"{_worst(array)} is not possible", key=key, allowed="numbers >= 0, in Delta0")
    return array


def _worst(array: Array) -> str:
    bad = array[~np.isfinite(array)] if not np.all(np.isfinite(array)) else array
    return f"{np.min(bad) if np.all(np.isfinite(bad)) else bad.flat[0]:.6g}"
