"""(4.1), (4.2) Heat of the electrons and of the phonons.

Strong form, T in Tc and the rest in the units of theory note, section 0:

    C_e d_t T_e = div(k_e grad T_e) + q - Sigma (T_e^m - T_p^m)                                        (4.1)
    C_p d_t T_p = div(k_p grad T_p) + Sigma (T_e^m - T_p^m) - sum of links                             (4.2)

with m = 5 for a clean metal; one temperature is (4.1) without the coupling, and with the links.  On psi T_e acts through

    eps = (Tc(x) - T_e)/(Tc - T0) = eps_0(x) - (T_e - T_0)/eta,      eps_0 = eps at T_e = T_0 = 1 - eta.

The source follows from the first law.  The free energy density of the order parameter is

    f = (1/2) [ |D psi|^2 - eps n + n^2/2 ],      with the entropy  s = -df/dT_e = -n/(2 eta)  at fixed psi,

so its energy is f + T_e s, and (1.5) says of it, in integrals and without p,

    d_t f = j.E - w - s d_t T_e,      hence      d_t (f + T_e s) = j.E - w + T_e d_t s = j.E - [ w + (T_e/(2 eta)) d_t n ].

What the order parameter gives up is what the electrons must receive:

    q = w - T_e d_t s = w + (T_e/(2 eta)) d_t n                                                        (4.3)

The second term is the heat that condensation gives back and pair breaking takes.  Its mean over a cycle is zero at
constant T_e, and is not where T_e moves with n.  With it the energy is

    U = int [ (1/2) ( |D psi|^2 + n^2/2 - (Tc(x)/(Tc - T0)) n ) + int_0^T C dT ] + that of the nodes,  (4.4)

with no T in the first part: eps + T_e/eta = Tc(x)/(Tc - T0).  Of two temperatures T_e is that of the electrons, which eps
holds.  Variants of q that do not follow: w of (1.5) alone, and q_ph = w + (s1/(2 eta)) d_t n of (2.7).

Weak form: multiply by a test function v and integrate the divergence by parts,

    int v [C d_t T - q + Sigma (T_e^m - T_p^m)] + int k grad T . grad v + oint v (n . flux) = 0.

The surface term vanishes at insulating boundaries, is the power density of a link where one is joined, and is not
needed where T is held; there the same integral with v = 1 on the boundary is the heat that leaves through it.

C and k are taken at fixed |psi|: what moving |psi| costs stands in w and in (4.3).

Ledger, the sum of (1.5) and of the weak form with v = 1, at every moment:

    electric work + what is brought to the nodes = Delta U + heat through links and held boundaries + unaccounted.

Unaccounted is nothing with (4.3); with q = w it is int (T_e/(2 eta)) d_t n, with q_ph int ((T_e - s1)/(2 eta)) d_t n.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def reduced_distance(eps_0: Any, T_e: Any, eta: float) -> Any:
    """eps at the temperature T_e (in Tc), from eps_0 at T_0 = 1 - eta."""
    return eps_0 - (T_e - (1 - eta)) / eta


def storage(C: Any, T_t: Any, q: Any, exchange: Any) -> Any:
    """The value part of the weak form, C d_t T - q + exchange: power density that v tests."""
    return C * T_t - q + exchange


def heat_flux(k: Any, grad_T: Any) -> Any:
    """k grad T, one component: the gradient part of the weak form."""
    return k * grad_T


def condensation_heat(n_t: Any, T_e: Any, eta: float) -> Any:
    """(4.3) -T d_t s = (T_e/(2 eta)) d_t n: heat that condensation gives back, per volume."""
    return 0.5 * T_e * n_t / eta


def entropy_heat(n: Any, T_e: Any, eta: float) -> Any:
    """(4.4) T s = -T_e n/(2 eta): the energy of the order parameter beyond its free energy, per volume."""
    return -0.5 * T_e * n / eta
