"""(1.5) The energy balance, exact for any eps(x, t), p, A(x, t) and interference coefficient c.

    1/2 dF/dt + int w = int j.E + 1/2 int p d_t n - 1/2 int n d_t eps + oint Re[(n.D psi)* D_t psi],
    F = int |D psi|^2 - eps n + n^2/2,
    w = nu [ |D_t psi|^2 + (delta^2/4) (d_t n)^2 ] + E.(j - q).

Derivation: multiply (1.1) by the conjugate of D_t psi, take the real part and integrate; add (1.2) dotted with E.
F/2 is the free energy in the units of section 0.  Over a period of the plain problem  <int w> = <int j.E> = <J V>.

w need not be positive: -c q.E d_t n/n has no partner in (1.1).  It is never clipped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def free_energy_density(n: Array, D2: Array, eps: Array | float) -> Array:
    """(1.5) The integrand of F.   D2 = |D psi|^2."""
    return D2 - eps * n + 0.5 * n * n


def dissipation_density(
    a: Array, b: Array, a_t: Array, b_t: Array, phi: Array, nu: Array, delta: float, E_dot_rest: Array
) -> Array:
    """(1.5) w, the power that leaves the electron system as heat, per volume, in j0 V0/xi.  E_dot_rest = E.(j - q)."""
    D_t2 = (a_t - phi * b) ** 2 + (b_t + phi * a) ** 2
    return nu * (D_t2 + (delta * (a * a_t + b * b_t)) ** 2) + E_dot_rest


def relaxation_slopes(
    a: Array, b: Array, a_t: Array, b_t: Array, phi: Array, nu: Array, delta: float
) -> tuple[Array, Array, Array, Array, Array]:
    """The term of nu in `dissipation_density` differentiated by a, b, phi, a_t, b_t.

    d nu/da = -delta^2 nu a/(1 + delta^2 n).
    """
    X_a, X_b, s = a_t - phi * b, b_t + phi * a, delta**2 * (a * a_t + b * b_t)
    K = X_a**2 + X_b**2 + s * (a * a_t + b * b_t)
    slope = -(delta**2) * nu / (1 + delta**2 * (a * a + b * b)) * K
    by_a = slope * a + 2 * nu * (phi * X_b + s * a_t)
    by_b = slope * b + 2 * nu * (s * b_t - phi * X_a)
    return by_a, by_b, 2 * nu * (a * X_b - b * X_a), 2 * nu * (X_a + s * a), 2 * nu * (X_b + s * b)
