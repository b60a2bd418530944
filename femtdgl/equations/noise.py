"""(10.1), (10.2) Thermal noise: the forces that friction and resistance bring with them.

(1.1) is a balance of forces: with F of (1.5), friction on the left and minus the slope of the energy F/2 on the right.
Written for the pair (a, b) of psi = a + ib, the friction is a matrix,

    Gamma D_t (a, b) = D^2 (a, b) + (eps - n + p) (a, b) + R,
    Gamma = nu [[1 + delta^2 a^2, delta^2 a b], [delta^2 a b, 1 + delta^2 b^2]]

as nu (D_t psi + (delta^2/2) psi d_t n) with d_t n = 2 (a D_t a + b D_t b).  What friction takes out of the motion comes
back as noise, with kT in units of E0 = 2 eta N(0) Delta0^2 x (volume of xi^d, times thickness or cross-section),

    <R_i(x, t) R_j(x', t')> = 2 kT Gamma_ij delta(x - x') delta(t - t')                                (10.1)

and what resistance takes out of the current (E.g E in the power of (1.5)) comes back as Johnson's current,

    j = q (1 - c d_t n/n) + g E + j_fluct,    <j_fluct j_fluct> = 2 kT g delta(x - x') delta(t - t')   (10.2)

for each component.  Then exp(-F/(2 kT)) is the distribution at rest: a mode k of the normal state (eps = -|eps|, psi
small) in a volume V has <|psi_k|^2> = 2 kT/(V (|eps| + k^2)) whatever the friction, its correlation decays as
exp(-(|eps| + k^2) t/u), and a normal wire of length L has the voltage noise of Nyquist.  The interference current, c,
has no partner in (1.1), and no noise: (10.1) and (10.2) are exact at rest, where q = 0, or for c = 0.

**Weak form.**  The rows of (1.1) are tested as they stand, with v; those of (1.4) with grad v.  Over a step dt

    int v_i R,  covariance 2 kT int Gamma v_i v_j/dt;      int j_fluct.grad v_i,  2 kT int g grad v_i.grad v_j/dt.

No matrix is factorised for it.  At the points of the quadrature, of weights w, independent forces of covariance
2 kT Gamma/(w dt) and currents of 2 kT g/(w dt) a component, integrated with the test functions by that quadrature,

    load_i = sum_points w v_i R,    <load_i load_j> = sum_points w^2 v_i v_j 2 kT Gamma/(w dt),

have exactly that covariance, with the integral by the same quadrature as that of the friction.  With a vector potential
the force of a point stands in the phase of that point, and the test functions carry it back to the nodes, as they do
with every other term: turned by a phase its law is the same, so that no gauge matters.

**The root of Gamma** is known in closed form, and smooth where psi = 0: with h = sqrt(1 + delta^2 n),

    Gamma = nu S S,    S = 1 + delta^2/(1 + h) psi psi^T,    S xi = xi + delta^2/(1 + h) psi (psi.xi).

**Calculus.**  Gamma moves with psi, and white noise feels when it is looked at.  dx = M (f dt + noise), M = Gamma^-1,
has exp(-F/(2 kT)) at rest if, beside the noise taken at the start of a step (Ito), x drifts by kT div M.  A step that
takes the force of the noise at its start and the friction at its middle does that by itself: the friction it meets has
followed the noise half of the way, and <delta M delta x> = kT div M dt.  (Friction at the end of the step, implicit
Euler, makes twice of it; friction at the start, Ito, none.)  The drift counts as kT delta^2 over the volume of a cell.
The potential of Johnson's current turns psi by white noise, and that too keeps |psi| only if taken in the middle.

Every function is pointwise, as in `order_parameter`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.order_parameter import relaxation

Array = NDArray[np.float64]


def friction(a: Array, b: Array, delta: float, u: float) -> tuple[Array, Array, Array]:
    """(1.1) Gamma: its entries by (a, a), (a, b) and (b, b)."""
    nu, d2 = relaxation(a * a + b * b, delta, u), delta**2
    return nu * (1 + d2 * a * a), nu * d2 * a * b, nu * (1 + d2 * b * b)


def order_parameter_force(
    a: Array, b: Array, xi_a: Array, xi_b: Array, kT: float, delta: float, u: float
) -> tuple[Array, Array]:
    """(10.1) R = sqrt(2 kT nu) S xi, of covariance 2 kT Gamma <xi xi>, real and imaginary."""
    n = a * a + b * b
    along = delta**2 / (1 + np.sqrt(1 + delta**2 * n)) * (a * xi_a + b * xi_b)
    size = np.sqrt(2 * kT * relaxation(n, delta, u))
    return size * (xi_a + along * a), size * (xi_b + along * b)


def fluctuation_current(g: Array, xi: Array, kT: float) -> Array:
    """(10.2) One component of j_fluct = sqrt(2 kT g) xi, of covariance 2 kT g <xi xi>."""
    return np.sqrt(2 * kT * g) * xi


def heat_of_noise(
    a: Array, b: Array, a_t: Array, b_t: Array, phi: Array, R_a: Array, R_b: Array, E_dot_j: Array
) -> Array:
    """What the heat q of (4.3) has beside that of friction and resistance, -R.D_t psi + j_fluct.E.

    The noise is the heat bath at work: what it does on psi comes out of the heat, as w has all of the friction.
    """
    return E_dot_j - R_a * (a_t - phi * b) - R_b * (b_t + phi * a)
