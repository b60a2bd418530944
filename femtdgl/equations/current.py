"""(1.2)-(1.4) The current: supercurrent, interference current, normal current.

    j = q ( 1 - c d_t n / n ) + g(|psi|) E,    q = Im(psi* D psi),    E = -grad phi - d_t A            (1.2)
    g = 1 + (2/pi) sqrt(eta u) |psi| [K(k) - E(k)]/k,    k = delta |psi|/sqrt(1 + delta^2 n)           (1.3)
    div j = 0                                                                                          (1.4)

Weak form of (1.4): for every test function v,  -int j . grad v + oint (n.j) v = 0.  Sources: [PSC] eq. 2, A.2,
A.3, B.5-B.11; errata E1 (the coefficient c), E2 (a missing 1/(2T)), E3 (the fit to K - E).

The three parts j_s = q, j_int = -c q d_t n/n and j_n = g E are in units of j0.  Every function is pointwise,
as in `order_parameter`: scalars, or arrays of one shape; q, D psi and E stand for one component of the vector.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ellipe, ellipkm1

from femtdgl.equations.roots import square_root

Array = NDArray[np.float64]


def interference_coefficient(variant: str, delta: float, eta: float, u: float) -> float:
    """(1.2) The coefficient c.

    "published": 2 delta sqrt(eta/u), as [PSC] A.2, A.3 and B.9 print it; "consistent": 2 delta sqrt(eta u),
    which [PSC] eq. 2 gives with the paper's own clock t0 = xi^2/(uD) (E1); "off": 0.
    """
    if variant == "published":
        return 2 * delta * math.sqrt(eta / u)
    if variant == "consistent":
        return 2 * delta * math.sqrt(eta * u)
    return 0.0


def supercurrent(a: Array, b: Array, D_a: Array, D_b: Array) -> Array:
    """(1.2) q = Im[psi* D psi], one component, in j0.   psi = a + ib, D psi = D_a + i D_b."""
    return a * D_b - b * D_a


def interference_factor(n: Array, n_t: Array, c: float, floor: float) -> Array:
    """(1.2) -c d_t n/n: the interference current over the supercurrent; `floor` keeps 0/0 finite."""
    return -c * n_t / (n + floor)


def elliptic_sweeps(delta: float, n_max: float = 4.0) -> int:
    """Sweeps after which `elliptic_pair` is exact to rounding for every n up to n_max."""
    a, b = 1.0, 1 / math.sqrt(1 + delta**2 * n_max)
    sweeps = -1  # the first step is done before the sweeps
    while abs(a - b) > 1e-9:  # one more sweep squares the difference
        a, b, sweeps = (a + b) / 2, math.sqrt(a * b), sweeps + 1
    return max(sweeps, 0) + 1


def elliptic_pair(k1: Array, sweeps: int = 7) -> tuple[Array, Array]:
    """K(k) and (K(k) - E(k))/k^2 from the complementary modulus k1 = sqrt(1 - k^2), with no cancellation.

    Arithmetic-geometric mean: K = pi/(2 a_inf), K - E = K (k^2/2 + sum_j 2^(j-1) c_j^2), all terms positive;
    c_1 = k^2/(2 (1 + k1)), c_{j+1} = c_j^2/(4 a_{j+1}).  Seven sweeps are exact to rounding for k1 > 1e-8.
    Also right for complex arguments (complex-step checks).
    """
    a, b, c, c_over_k2, k2, series = elliptic_start(k1)
    weight = 2.0
    for _ in range(sweeps):
        a, b, c, c_over_k2, series = elliptic_sweep(a, b, c, c_over_k2, k2, series, weight)
        weight = 2 * weight
    return elliptic_end(a, series)


def elliptic_start(k1: Array) -> tuple[Array, ...]:
    """Means a and b, c, c/k^2, k^2 and the series of `elliptic_pair` after its first step."""
    c_over_k2 = 0.5 / (1 + k1)  # c_1/k^2
    c = 0.5 * (1 - k1)
    return (1 + k1) / 2, square_root(k1), c, c_over_k2, (1 - k1) * (1 + k1), 0.5 + c_over_k2 * c


def elliptic_sweep(
    a: Array, b: Array, c: Array, c_over_k2: Array, k2: Array, series: Array, weight: float
) -> tuple[Array, ...]:
    """The next of them, but for k^2; the weight doubles from 2 on."""
    mean = (a + b) / 2
    c_over_k2 = c_over_k2 * c / (4 * mean)
    c = c_over_k2 * k2
    return mean, square_root(a * b), c, c_over_k2, series + weight * c_over_k2 * c


def elliptic_end(a: Array, series: Array) -> tuple[Array, Array]:
    """K and (K - E)/k^2 from the last mean and the series."""
    K = 0.5 * math.pi / a
    return K, K * series


def complementary_modulus(n: Array, delta: float) -> Array:
    """k1 = sqrt(1 - k^2) of (1.3)."""
    return 1 / square_root(1 + delta**2 * n)


def conductance_exact(n: Array, delta: float, eta: float, u: float, sweeps: int = 7) -> tuple[Array, Array]:
    """(1.3) g and dg/dn with the elliptic functions."""
    k1 = complementary_modulus(n, delta)
    K, D = elliptic_pair(k1, sweeps)
    return conductance_of_pair(n, k1, K, D, delta, eta, u)


def conductance_of_pair(
    n: Array, k1: Array, K: Array, D: Array, delta: float, eta: float, u: float
) -> tuple[Array, Array]:
    """(1.3) g and dg/dn from K and D = (K - E)/k^2.

    |psi| (K - E)/k = n delta k1 D is analytic in n, and its derivative is delta k1 K/2.
    """
    factor = (2 / math.pi) * math.sqrt(eta * u) * delta * k1
    return 1 + factor * n * D, 0.5 * factor * K


def conductance_elliptic(n: Array, delta: float, eta: float, u: float) -> tuple[Array, Array]:
    """(1.3) The same by scipy's elliptic integrals: for real arrays, where it is several times faster.

    |psi|/k = 1/(delta k1), so that g needs K - E only to absolute precision: its cancellation does no harm.
    """
    k2 = delta**2 * n
    k1_2 = 1 / (1 + k2)
    K = ellipkm1(k1_2)
    factor = (2 / math.pi) * math.sqrt(eta * u)
    k1 = square_root(k1_2)
    return 1 + (factor / delta) * (K - ellipe(k2 * k1_2)) / k1, (0.5 * delta * factor) * k1 * K


def conductance_log_fit(n: Array, delta: float, eta: float, u: float) -> tuple[Array, Array]:
    """(1.3) with the paper's K - E = ln sqrt(1 - k^2) - k ln(1 - k) ([PSC] A.3, B.11); E3: off by -36 to +13 %.

    With x = delta |psi| and h = sqrt(1 + x^2):  delta |psi| (K - E)/k = x (ln h + asinh x) - h ln h.
    """
    x = delta * square_root(n + 1e-300)
    h = square_root(1 + x * x)
    log_h, log_sum = np.log(h), np.arcsinh(x)
    factor = (2 / math.pi) * math.sqrt(eta * u) / delta
    value = x * (log_h + log_sum) - h * log_h
    slope = log_h * (1 - x / h) + log_sum + (x / h) ** 2
    return 1 + factor * value, factor * slope * delta**2 / (2 * x)


def conductance_normal(n: Array, delta: float, eta: float, u: float) -> tuple[Array, Array]:
    """(1.3) replaced by g = 1: gapless, and Kramer and Watts-Tobin as pyTDGL has it."""
    return 1 + 0 * n, 0 * n


def current_density(q: Array, factor: Array, g: Array, E: Array) -> Array:
    """(1.2) j = q (1 + factor) + g E, one component, with factor from `interference_factor`."""
    return q * (1 + factor) + g * E


def derivatives(
    a: Array,
    b: Array,
    a_t: Array,
    b_t: Array,
    q: Array,
    D_a: Array,
    D_b: Array,
    E: Array,
    g_n: Array,
    c: float,
    floor: float,
) -> tuple[Array, Array, Array, Array]:
    """One component of j differentiated by a, b, a_t, b_t at fixed D psi and E."""
    n = a * a + b * b + floor
    n_t = 2 * (a * a_t + b * b_t)
    factor = 1 - c * n_t / n
    slope = 2 * c / n
    down = slope * n_t / n
    j_a = q * (down * a - slope * a_t) + 2 * E * g_n * a + factor * D_b
    j_b = q * (down * b - slope * b_t) + 2 * E * g_n * b - factor * D_a
    return j_a, j_b, -q * slope * a, -q * slope * b
