"""The pointwise physics at all quadrature points, as loops compiled by numba.

The equations are not written again: the functions of `equations` are compiled as they stand and called at every
point.  The body of each loop takes the place `q` of a point; called from Python with q = slice(None) the same
body works on whole numpy arrays.  That is the test oracle of the compiled loop, and what complex-step checks use.

Fields come in as `at`, (1 + dim, nq, 5): at the nq points the values (first index 0) and the derivatives by
direction of a, b, phi, a_t, b_t.  `A` and `A_t` are (dim, nq), zero where there is no vector potential.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from femtdgl.equations import current, energy, order_parameter
from femtdgl.equations.current import (
    conductance_exact,
    conductance_log_fit,
    conductance_normal,
    current_density,
    interference_factor,
    supercurrent,
)
from femtdgl.equations.energy import dissipation_density, free_energy_density
from femtdgl.equations.order_parameter import relaxation

Array = NDArray[np.float64]

CONDUCTANCES = {"exact": 0, "log-fit": 1, "normal": 2}


class Constants(NamedTuple):
    """Numbers of the film that the loops need; `conductance` is one of CONDUCTANCES."""

    delta: float
    eta: float
    u: float
    c: float
    floor: float
    conductance: int


equation_residual, equation_derivatives = order_parameter.residual, order_parameter.derivatives
current_derivatives = current.derivatives
for function in (
    conductance_exact,
    conductance_log_fit,
    conductance_normal,
    current.elliptic_pair,
    current_density,
    current_derivatives,
    interference_factor,
    supercurrent,
    dissipation_density,
    free_energy_density,
    relaxation,
    equation_residual,
    equation_derivatives,
):
    register_jitable(function)


@register_jitable
def conductance(n: Any, k: Constants) -> Any:
    """(1.3) g and dg/dn of the variant in `k`."""
    if k.conductance == 0:
        return conductance_exact(n, k.delta, k.eta, k.u)
    if k.conductance == 1:
        return conductance_log_fit(n, k.delta, k.eta, k.u)
    return conductance_normal(n, k.delta, k.eta, k.u)


@register_jitable
def residual_point(q: Any, at: Any, A: Any, A_t: Any, eps: Any, k: Constants, out: Any) -> None:
    """Coefficients of the test functions, out (1 + dim, nq, 3): rows psi_re, psi_im, phi of F."""
    a, b, phi, a_t, b_t = at[0, q, 0], at[0, q, 1], at[0, q, 2], at[0, q, 3], at[0, q, 4]
    n = a * a + b * b
    factor = interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    g, _ = conductance(n, k)
    A_D_a, A_D_b = 0 * a, 0 * a
    for d in range(at.shape[0] - 1):
        D_a, D_b = at[1 + d, q, 0] + A[d, q] * b, at[1 + d, q, 1] - A[d, q] * a
        E = -at[1 + d, q, 2] - A_t[d, q]
        out[1 + d, q, 0], out[1 + d, q, 1] = D_a, D_b
        out[1 + d, q, 2] = -current_density(supercurrent(a, b, D_a, D_b), factor, g, E)
        A_D_a = A_D_a + A[d, q] * D_a
        A_D_b = A_D_b + A[d, q] * D_b
    growth = eps[q] - n
    out[0, q, 0], out[0, q, 1] = equation_residual(a, b, a_t, b_t, phi, growth, A_D_a, A_D_b, k.delta, k.u)
    out[0, q, 2] = 0 * a


@register_jitable
def jacobian_point(
    q: Any,
    at: Any,
    A: Any,
    A_t: Any,
    eps: Any,
    k: Constants,
    cj: float,
    value: Any,
    value_dot: Any,
    gradient: Any,
    mixed: Any,
    mixed_dot: Any,
) -> None:
    """Coefficients of the bilinear forms.

    value (nq, 6)        v_i v_j of (re,re), (re,im), (im,re), (im,im), (re,phi), (im,phi), by y + cj y'
    gradient (nq, 3)     grad v_i.grad v_j of (phi,re), (phi,im), (phi,phi)
    mixed (dim, nq, 2)   d_d v_i v_j of (phi,re), (phi,im), by y + cj y'
    value_dot (nq, 3)    v_i v_j of (re,re), (re,im) = (im,re), (im,im), by y' alone
    mixed_dot            as mixed, by y' alone
    """
    a, b, phi, a_t, b_t = at[0, q, 0], at[0, q, 1], at[0, q, 2], at[0, q, 3], at[0, q, 4]
    n = a * a + b * b
    factor = 1 + interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    g, g_n = conductance(n, k)
    A2 = 0 * a
    for d in range(at.shape[0] - 1):
        D_a, D_b = at[1 + d, q, 0] + A[d, q] * b, at[1 + d, q, 1] - A[d, q] * a
        E = -at[1 + d, q, 2] - A_t[d, q]
        j_q = supercurrent(a, b, D_a, D_b)
        j_a, j_b, j_at, j_bt = current_derivatives(a, b, a_t, b_t, j_q, D_a, D_b, E, A[d, q], g_n, k.c, k.floor)
        mixed[d, q, 0], mixed[d, q, 1] = -j_a - cj * j_at, -j_b - cj * j_bt
        mixed_dot[d, q, 0], mixed_dot[d, q, 1] = -j_at, -j_bt
        A2 = A2 + A[d, q] * A[d, q]
    gradient[q, 0], gradient[q, 1], gradient[q, 2] = factor * b, -factor * a, g
    aa, ab, ba, bb, a_phi, b_phi, aat, abt, bbt = equation_derivatives(
        a, b, a_t, b_t, phi, eps[q] - n, -1.0, A2, k.delta, k.u
    )
    value[q, 0], value[q, 1] = aa + cj * aat, ab + cj * abt
    value[q, 2], value[q, 3] = ba + cj * abt, bb + cj * bbt
    value[q, 4], value[q, 5] = a_phi, b_phi
    value_dot[q, 0], value_dot[q, 1], value_dot[q, 2] = aat, abt, bbt


@register_jitable
def observe_point(q: Any, at: Any, A: Any, A_t: Any, eps: Any, k: Constants, out: Any, vectors: Any) -> None:
    """Densities at the points.

    out (nq, 3): w, j.E and the integrand of F of (1.5); vectors (dim, nq, 3): j_s, j_int, j_n.
    """
    a, b, phi, a_t, b_t = at[0, q, 0], at[0, q, 1], at[0, q, 2], at[0, q, 3], at[0, q, 4]
    n = a * a + b * b
    factor = interference_factor(n, 2 * (a * a_t + b * b_t), k.c, k.floor)
    g, _ = conductance(n, k)
    D2, E_dot_j, E_dot_q = 0 * a, 0 * a, 0 * a
    for d in range(at.shape[0] - 1):
        D_a, D_b = at[1 + d, q, 0] + A[d, q] * b, at[1 + d, q, 1] - A[d, q] * a
        E = -at[1 + d, q, 2] - A_t[d, q]
        j_s = supercurrent(a, b, D_a, D_b)
        vectors[d, q, 0], vectors[d, q, 1], vectors[d, q, 2] = j_s, factor * j_s, g * E
        D2 = D2 + D_a * D_a + D_b * D_b
        E_dot_j = E_dot_j + E * current_density(j_s, factor, g, E)
        E_dot_q = E_dot_q + E * j_s
    nu = relaxation(n, k.delta, k.u)
    out[q, 0] = dissipation_density(a, b, a_t, b_t, phi, nu, k.delta, E_dot_j - E_dot_q)
    out[q, 1] = E_dot_j
    out[q, 2] = free_energy_density(n, D2, eps[q])


def _cache_directory() -> str:
    """Compiled loops lie beside the sources, under a name that changes with any of them (numba looks at one file)."""
    modules = [Path(module.__file__ or "") for module in (current, energy, order_parameter)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (*modules, Path(__file__)))).hexdigest()[:16]
    return str(Path(__file__).parent / "__pycache__" / f"kernels-{digest}")


def compiled(loop: Callable[..., None]) -> Callable[..., None]:
    """The loop compiled by numba, kept on disk between processes."""
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, _cache_directory()
    try:
        return numba.njit(cache=True, error_model="numpy")(loop)
    finally:
        settings.CACHE_DIR = before


@compiled
def residual_loop(at: Any, A: Any, A_t: Any, eps: Any, k: Constants, out: Any) -> None:
    """`residual_point` at every point."""
    for q in range(at.shape[1]):
        residual_point(q, at, A, A_t, eps, k, out)


@compiled
def jacobian_loop(
    at: Any,
    A: Any,
    A_t: Any,
    eps: Any,
    k: Constants,
    cj: float,
    value: Any,
    value_dot: Any,
    gradient: Any,
    mixed: Any,
    mixed_dot: Any,
) -> None:
    """`jacobian_point` at every point."""
    for q in range(at.shape[1]):
        jacobian_point(q, at, A, A_t, eps, k, cj, value, value_dot, gradient, mixed, mixed_dot)


@compiled
def observe_loop(at: Any, A: Any, A_t: Any, eps: Any, k: Constants, out: Any, vectors: Any) -> None:
    """`observe_point` at every point."""
    for q in range(at.shape[1]):
        observe_point(q, at, A, A_t, eps, k, out, vectors)
