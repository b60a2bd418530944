"""(1.1) The finite-gap time-dependent Ginzburg-Landau equation.

Strong form ([PSC] eqs 1 and A.1), with n = |psi|^2, nu = u/sqrt(1 + delta^2 n),
D_t psi = (d_t + i phi) psi and D psi = (grad - iA) psi:

    nu ( D_t psi + (delta^2/2) psi d_t n ) = D^2 psi + ( eps - n + p ) psi                             (1.1)

Weak form: multiply by the conjugate of a test function w and integrate the second derivative by parts,

    int w* r0 + (D w)* . r1 = oint w* n.(D psi),
    r0 = nu ( D_t psi + (delta^2/2) psi d_t n ) - (eps - n + p) psi,      r1 = D psi.

A stands in D alone: no function here needs to know whether there is a vector potential (`solve.transport`).

The surface term vanishes at insulating edges (n.D psi = 0), is -psi/b at de Gennes edges, and is not needed
where psi is prescribed (banks, normal contacts).

psi = a + ib is handled as the real pair (a, b): (1.1) is not complex-analytic in psi, and with real pairs
every function here also takes complex-step perturbations.  All quantities are reduced (theory note, section 0).

Every function is pointwise: it takes scalars, or arrays of one shape (nq,) with a value for each quadrature
point, and is the same code for numpy and for the compiled loops of `solve.loops`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.roots import square_root

Array = NDArray[np.float64]


def relaxation(n: Array, delta: float, u: float) -> Array:
    """(1.1) nu = u/sqrt(1 + delta^2 n)."""
    return u / square_root(1 + delta**2 * n)


def motion(a: Array, b: Array, a_t: Array, b_t: Array, phi: Array, delta: float) -> tuple[Array, Array, Array]:
    """(1.1) What nu multiplies, D_t psi + (delta^2/2) psi d_t n, real and imaginary; and (delta^2/2) d_t n."""
    stretch = delta**2 * (a * a_t + b * b_t)
    return a_t - phi * b + stretch * a, b_t + phi * a + stretch * b, stretch


def residual(
    a: Array,
    b: Array,
    a_t: Array,
    b_t: Array,
    phi: Array,
    growth: Array,
    delta: float,
    u: float,
) -> tuple[Array, Array]:
    """(1.1) The value part r0 of the weak form, real and imaginary.   growth = eps - n + p."""
    nu = relaxation(a * a + b * b, delta, u)
    m_a, m_b, _ = motion(a, b, a_t, b_t, phi, delta)
    return nu * m_a - growth * a, nu * m_b - growth * b


def derivatives(
    a: Array,
    b: Array,
    a_t: Array,
    b_t: Array,
    phi: Array,
    growth: Array,
    growth_n: Array | float,
    growth_rate: Array | float,
    delta: float,
    u: float,
) -> tuple[Array, Array, Array, Array, Array, Array, Array, Array, Array]:
    """Derivatives of `residual`: r_a by a, b; r_b by a, b; by phi (r_a, r_b); r_a by a_t, b_t; r_b by b_t.

    growth_n = d growth/dn (-1 without feedback), growth_rate = d growth/d(d_t n) (0 without).
    d nu/dn = -(delta^2/2) nu/(1 + delta^2 n).  The block of the time derivatives is symmetric, nu (1 + delta^2 a^2),
    nu delta^2 a b, nu (1 + delta^2 b^2), as [PSC] B.4 has it; a growth that follows d_t n takes from delta^2.
    The gradient terms, linear in D psi, are left to the weak form.
    """
    n = a * a + b * b
    d2 = delta**2
    nu = relaxation(n, delta, u)
    m_a, m_b, stretch = motion(a, b, a_t, b_t, phi, delta)
    slope = -d2 * nu / (1 + d2 * n)  # d nu/da = slope a
    k_a, k_b = slope * m_a, slope * m_b
    diagonal = nu * stretch - growth
    nu_d2 = nu * d2 - 2 * growth_rate
    aa = k_a * a + nu_d2 * a * a_t + diagonal - 2 * growth_n * a * a
    ab = k_a * b - nu * phi + nu_d2 * a * b_t - 2 * growth_n * a * b
    ba = k_b * a + nu * phi + nu_d2 * b * a_t - 2 * growth_n * a * b
    bb = k_b * b + nu_d2 * b * b_t + diagonal - 2 * growth_n * b * b
    return aa, ab, ba, bb, -nu * b, nu * a, nu + nu_d2 * a * a, nu_d2 * a * b, nu + nu_d2 * b * b
