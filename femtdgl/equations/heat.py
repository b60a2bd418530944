"""(4.1), (4.2) Heat of the electrons and of the phonons.

Strong form, T in Tc and the rest in the units of theory note, section 0:

    C_e d_t T_e = div(k_e grad T_e) + q - Sigma (T_e^m - T_p^m)                                        (4.1)
    C_p d_t T_p = div(k_p grad T_p) + Sigma (T_e^m - T_p^m) - sum of links                             (4.2)

with m = 5 for a clean metal; one temperature is (4.1) without the coupling, and with the links.  Back on psi T_e acts
through

    eps = (Tc(x) - T_e)/(Tc - T0) = eps_0(x) - (T_e - T_0)/eta,      eps_0 = eps at T_e = T_0 = 1 - eta.

**The source follows from the first law.**  The free energy density is f = (1/2)[|D psi|^2 - eps n + n^2/2]; at fixed
psi its entropy is s = -df/dT = -n/(2 eta), and (1.5) reads d_t f = j.E - w - s d_t T.  The energy f + T s + int C dT
is conserved only if

    q = w - T d_t s = w + (T/(2 eta)) d_t n                                                            (4.3)

The second term is the heat that condensation gives back and pair breaking takes; over a cycle it averages to zero at
constant T, and not where T moves with n.  Then the internal energy holds no T in its part of psi,

    U = int (1/2)[|D psi|^2 + n^2/2 - eps_00(x) n] + int dx int_0^T C dT,    eps_00 = Tc(x)/(Tc - T0),      (4.4)

and int j.E dt = Delta U + heat through links and held boundaries, at every moment.  Variants: "w", q = w alone, and
"q_ph", q = w + (s1/(2 eta)) d_t n of (2.7); their ledger does not close, and says by how much.

Weak form: multiply by a test function v and integrate the divergence by parts,

    int v [C d_t T - q + Sigma (T_e^m - T_p^m)] + int k grad T . grad v + oint v (n . flux) = 0.

The surface term vanishes at insulating boundaries, is the power density of a link where one is joined, and is not
needed where T is held; there the same integral with v = 1 on the boundary is the heat that leaves through it.

C and k are taken at fixed |psi|: what moving |psi| costs stands in w, in (4.3) and in the first part of U.
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


def entropy_heat(T_e: Any, eta: float) -> tuple[Any, Any]:
    """(4.3) What d_t n is multiplied by in q, T/(2 eta) with T in Tc, and its slope by T."""
    return T_e / (2 * eta), 1 / (2 * eta)


def entropy_energy(n: Any, T_e: Any, eta: float) -> Any:
    """(4.4) T s = -n T/(2 eta), per volume: with F/2 it makes the energy of psi."""
    return -0.5 * n * T_e / eta


def condensation_power(n: Any, T_t: Any, eta: float) -> Any:
    """(1.5) (1/2) n d_t eps = -n d_t T/(2 eta): what heating takes from the condensate, per volume."""
    return -0.5 * n * T_t / eta
