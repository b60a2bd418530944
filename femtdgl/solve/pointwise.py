"""The physics of one quadrature point: coefficients of the weak forms from the fields there.

The functions call those of `equations` and work on numbers (from the compiled loops of `loops`) and just as well on
numpy arrays that hold all points at once (from `assembly`), also complex ones (complex-step checks).

At a point, `at` (1 + dim, 5) holds a, b, phi, a_t, b_t (row 0), and by direction D a, D b and -E = grad phi + d_t A:
the derivatives where there is no vector potential, and else what `transport` makes of them.  For all points at once
there is a last axis (nq,).  g and g_n are the conductance (1.3) and its derivative there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from femtdgl.equations.current import (
    conductance_exact,
    conductance_log_fit,
    conductance_normal,
    current_density,
    interference_factor,
    supercurrent,
)
from femtdgl.equations.current import derivatives as current_derivatives
from femtdgl.equations.energy import dissipation_density, free_energy_density, relaxation_slopes
from femtdgl.equations.order_parameter import derivatives as equation_derivatives
from femtdgl.equations.order_parameter import relaxation
from femtdgl.equations.order_parameter import residual as equation_residual

CONDUCTANCES = {"exact": 0, "log-fit": 1, "normal": 2}


class Constants(NamedTuple):
    """Numbers of the film that the loops need; `conductance` is one of CONDUCTANCES, `sweeps` those of (1.3)."""

    delta: float
    eta: float
    u: float
    c: float
    floor: float
    conductance: int
    sweeps: int


def conductance(n: Any, k: Constants) -> Any:
    """(1.3) g and dg/dn of the variant in `k`."""
    if k.conductance == 0:
        return conductance_exact(n, k.delta, k.eta, k.u, k.sweeps)
    if k.conductance == 1:
        return conductance_log_fit(n, k.delta, k.eta, k.u)
    return conductance_normal(n, k.delta, k.eta, k.u)


def residual_point(at: Any, growth: Any, g: Any, k: Constants, out: Any) -> None:
    """Coefficients of the test functions, out (1 + dim, 3): rows psi_re, psi_im, phi of F.   growth: eps + p."""
    a, b, phi, a_t, b_t = at[0, 0], at[0, 1], at[0, 2], at[0, 3], at[0, 4]
    n = a * a + b * b
    factor = interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    for d in range(at.shape[0] - 1):
        D_a, D_b, E = at[1 + d, 0], at[1 + d, 1], -at[1 + d, 2]
        out[1 + d, 0], out[1 + d, 1] = D_a, D_b
        out[1 + d, 2] = -current_density(supercurrent(a, b, D_a, D_b), factor, g, E)
    r_a, r_b = equation_residual(a, b, a_t, b_t, phi, growth - n, k.delta, k.u)
    out[0, 0], out[0, 1], out[0, 2] = r_a, r_b, 0 * a


def jacobian_point(
    at: Any,
    growth: Any,
    growth_n: Any,
    growth_rate: Any,
    g: Any,
    g_n: Any,
    k: Constants,
    cj: float,
    value: Any,
    gradient: Any,
    mixed: Any,
    mixed_dot: Any,
) -> None:
    """Coefficients of the bilinear forms, by y + cj y' (and those named dot by y' alone).

    growth: eps + p, with growth_n = d(growth - n)/dn and growth_rate = dp/d(d_t n).

    value (9,)        v_i v_j of (re,re), (re,im), (im,re), (im,im), (re,phi), (im,phi); dot: (re,re), (re,im), (im,im)
    gradient (3,)     grad v_i.grad v_j of (phi,re), (phi,im), (phi,phi)
    mixed (dim, 2)    d_d v_i v_j of (phi,re), (phi,im);  mixed_dot the same
    """
    a, b, phi, a_t, b_t = at[0, 0], at[0, 1], at[0, 2], at[0, 3], at[0, 4]
    n = a * a + b * b
    factor = 1 + interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    for d in range(at.shape[0] - 1):
        D_a, D_b, E = at[1 + d, 0], at[1 + d, 1], -at[1 + d, 2]
        q = supercurrent(a, b, D_a, D_b)
        j_a, j_b, j_at, j_bt = current_derivatives(a, b, a_t, b_t, q, D_a, D_b, E, g_n, k.c, k.floor)
        mixed[d, 0], mixed[d, 1] = -j_a - cj * j_at, -j_b - cj * j_bt
        mixed_dot[d, 0], mixed_dot[d, 1] = -j_at, -j_bt
    gradient[0], gradient[1], gradient[2] = factor * b, -factor * a, g
    aa, ab, ba, bb, a_phi, b_phi, aat, abt, bbt = equation_derivatives(
        a, b, a_t, b_t, phi, growth - n, growth_n, growth_rate, k.delta, k.u
    )
    value[0], value[1], value[2], value[3] = aa + cj * aat, ab + cj * abt, ba + cj * abt, bb + cj * bbt
    value[4], value[5], value[6], value[7], value[8] = a_phi, b_phi, aat, abt, bbt


def observe_point(at: Any, eps: Any, g: Any, k: Constants, out: Any, vectors: Any) -> None:
    """Densities: out (3,) holds w, j.E and the integrand of F of (1.5); vectors (dim, 3) j_s, j_int, j_n."""
    a, b, phi, a_t, b_t = at[0, 0], at[0, 1], at[0, 2], at[0, 3], at[0, 4]
    n = a * a + b * b
    factor = interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    D2, E_dot_j, E_dot_q = 0 * a, 0 * a, 0 * a
    for d in range(at.shape[0] - 1):
        D_a, D_b, E = at[1 + d, 0], at[1 + d, 1], -at[1 + d, 2]
        j_s = supercurrent(a, b, D_a, D_b)
        vectors[d, 0], vectors[d, 1], vectors[d, 2] = j_s, factor * j_s, g * E
        D2 = D2 + D_a * D_a + D_b * D_b
        E_dot_j = E_dot_j + E * current_density(j_s, factor, g, E)
        E_dot_q = E_dot_q + E * j_s
    nu = relaxation(n, k.delta, k.u)
    out[0] = dissipation_density(a, b, a_t, b_t, phi, nu, k.delta, E_dot_j - E_dot_q)
    out[1], out[2] = E_dot_j, free_energy_density(n, D2, eps)


def dissipation_point(at: Any, g: Any, g_n: Any, k: Constants, value: Any, gradient: Any) -> None:
    """w of (1.5) differentiated: value (5,) by a, b, phi, a_t, b_t; gradient (dim, 3) by the gradients of a, b, phi."""
    a, b, phi, a_t, b_t = at[0, 0], at[0, 1], at[0, 2], at[0, 3], at[0, 4]
    n = a * a + b * b
    factor = interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    nu = relaxation(n, k.delta, k.u)
    value[0], value[1], value[2], value[3], value[4] = relaxation_slopes(a, b, a_t, b_t, phi, nu, k.delta)
    for d in range(at.shape[0] - 1):
        D_a, D_b, E = at[1 + d, 0], at[1 + d, 1], -at[1 + d, 2]
        q = supercurrent(a, b, D_a, D_b)
        j_a, j_b, j_at, j_bt = current_derivatives(a, b, a_t, b_t, q, D_a, D_b, E, g_n, k.c, k.floor)
        value[0] += E * (j_a - D_b)  # w has E.(j - q)
        value[1] += E * (j_b + D_a)
        value[3] += E * j_at
        value[4] += E * j_bt
        gradient[d, 0], gradient[d, 1] = -E * factor * b, E * factor * a
        gradient[d, 2] = -(factor * q + 2 * g * E)
