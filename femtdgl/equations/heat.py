"""(4.1), (4.2) Heat of the electrons and of the phonons.

Strong form, T in Tc and the rest in the units of theory note, section 0:

    C_e d_t T_e = div(k_e grad T_e) + q - Sigma (T_e^m - T_p^m)                                        (4.1)
    C_p d_t T_p = div(k_p grad T_p) + Sigma (T_e^m - T_p^m) - sum of links                             (4.2)

with m = 5 for a clean metal; one temperature is (4.1) without the coupling, and with the links.  q is w of (1.5), or
q_ph = w + (s1/(2 eta)) d_t n of (2.7).  Back on psi T_e acts through

    eps = (Tc(x) - T_e)/(Tc - T0) = eps_0(x) - (T_e - T_0)/eta,      eps_0 = eps at T_e = T_0 = 1 - eta.

Weak form: multiply by a test function v and integrate the divergence by parts,

    int v [C d_t T - q + Sigma (T_e^m - T_p^m)] + int k grad T . grad v + oint v (n . flux) = 0.

The surface term vanishes at insulating boundaries, is the power density of a link where one is joined, and is not
needed where T is held; there the same integral with v = 1 on the boundary is the heat that leaves through it.

C and k are taken at fixed |psi|: what moving |psi| costs stands in w, in F and in the term of s1.

Ledger, the sum of (1.5) and of the weak form with v = 1, exact for every variant:

    int j.E dt = Delta [U + F/2] + int (1/2) int n d_t eps dt - int (s1/(2 eta)) d_t n dt + heat through links and held
    boundaries,       U = int dx int_0^T C dT;  the term of s1 with source q_ph only.
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


def condensation_power(n: Any, T_t: Any, eta: float) -> Any:
    """(1.5) (1/2) n d_t eps = -n d_t T/(2 eta): what heating takes from the condensate, per volume."""
    return -0.5 * n * T_t / eta
