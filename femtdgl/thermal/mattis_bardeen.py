"""Gap and complex conductivity of a BCS superconductor (Mattis and Bardeen), and its phonon spectral
function.

With E' = E + w, f the Fermi function, D the gap, sigma in units of the normal conductivity ([SN] eqs 4-6,
(6.3)):

    sigma1 = (2/w) int_D^inf (E E' + D^2)/(root root') [f(E) - f(E')] dE
           + (1/w) int_D^{w-D} (E (w-E) - D^2)/(root root') [1 - f(E) - f(w-E)] dE          (w > 2D only)
    sigma2 = (1/w) int_{max(-D, D-w)}^{D} (E E' + D^2)/(sqrt(D^2-E^2) sqrt(E'^2-D^2)) [1 - 2 f(E')] dE

and the spectral function of the electron-phonon power ([SN] eq. 9)

    F      = 2 int_D^inf (E E' - D^2)/(root root') [f(E) - f(E')] dE
           +   int_D^{w-D} (E (w-E) + D^2)/(root root') [1 - f(E) - f(w-E)] dE.

Every root singularity goes by a substitution; what is left is smooth and periodic, or smooth and dying, and
the
trapezoid rule converges exponentially.  With s = (E + E')/2, p = D + w/2, q = |D - w/2|, the product of the
four
roots is sqrt|(s^2 - p^2)(s^2 - q^2)| and E E' = s^2 - w^2/4, so that

    sigma2          s = p dn(u | m),  1 - m = (q/p)^2, u in [0, K]:    ds/roots = du/p
    pair breaking   s = q sn(u | m),      m = (q/p)^2, u in [-K, K]:   ds/roots = du/p
    scattering      E - D = w sinh^2 v for w < D (both roots at once), E = D cosh u for w >= D.

E11: [SN] eq. 5 prints |nu| where only the root is imaginary; E E' + D^2 itself changes sign for w > 2D.
The printed
integrand is kept as `sigma2="eq5_printed"`: its kink lies at s^2 = p q, which is exactly u = K/2.
E10: one copy of [SN] prints the gap as tanh(1.74 sqrt(Tc/T) - 1): kept as `gap_printed`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np

from femtdgl.errors import InputError
from femtdgl.thermal.quadrature import gauss_legendre
from femtdgl.units import K_B

GapLaw = Literal["tanh", "gap_printed"]
SigmaForm = Literal["derived", "eq5_printed"]

CUT = 40.0
"""Energies above the edge at which exp(-E/T) is dropped, in T: 4e-18."""
CLOSEST = 1e-18
"""Smallest |w/2 - D|/D that is told apart from 0."""


def bcs_gap(T: float, Tc: float, ratio: float = 1.764) -> float:
    """(6.3) Delta(T) = ratio kB Tc tanh(1.74 sqrt(Tc/T - 1)), 0 at Tc and above.   T, Tc in K; result in
    J.
    """
    if Tc <= T:
        return 0.0
    return ratio * K_B * Tc * math.tanh(1.74 * math.sqrt((Tc - T) / T))


def gap_printed(T: float, Tc: float, ratio: float = 1.764) -> float:
    """The gap with the root's bracket misplaced (E10): ratio kB Tc tanh(1.74 sqrt(Tc/T) - 1), 0 above Tc; J.

    It does not vanish at Tc: it jumps there from 0.629 of its zero-temperature value.
    """
    if Tc <= T:
        return 0.0
    return ratio * K_B * Tc * math.tanh(1.74 * math.sqrt(Tc / T) - 1)


GAP_LAWS = {"tanh": bcs_gap, "gap_printed": gap_printed}


def mattis_bardeen(
    energy: float | np.ndarray, T: float, gap: float, *, sigma2: SigmaForm = "derived", nodes: int = 160
) -> tuple[np.ndarray, np.ndarray]:
    """(6.3) sigma1, sigma2 in units of the normal conductivity.   energy (photon), gap in J; T in K; shapes
    as energy.

    1e-12 relative with the default number of nodes, down to |w - 2 D| = 1e-12 D; sigma1 = 1, sigma2 = 0 for gap = 0.
    Raises InputError for energies and temperatures that are not above 0, and a gap below it.
    """
    if not (math.isfinite(T) and T > 0):
        raise InputError(f"{T!r} K is no temperature", key="T", allowed="above 0 K")
    if not (math.isfinite(gap) and gap >= 0):
        raise InputError(f"{gap!r} J is no gap", key="gap", allowed="0 or above, in J")
    w = np.asarray(energy, dtype=float) / K_B
    if not np.all(np.isfinite(w) & (w > 0)):
        raise InputError("a photon energy is not positive", key="energy", allowed="above 0, in J")
    flat, D = np.atleast_1d(w).ravel(), gap / K_B
    one, two = conductivity(flat, flat - 2 * D, T, D, sigma2=sigma2, nodes=nodes)
    return one.reshape(w.shape)[()], two.reshape(w.shape)[()]


def conductivity(
    w: np.ndarray, excess: np.ndarray, T: float, D: float, *, sigma2: SigmaForm = "derived", nodes: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """(6.3) with w, excess = w - 2 D (given apart, so that it may be tiny), T and D in K; w: (nw,)."""
    if D == 0:
        return np.ones_like(w), np.zeros_like(w)
    breaking = np.zeros_like(w)
    above = excess > 0
    if above.any():
        breaking[above] = pair_breaking(w[above], excess[above], T, D, sign=-1, nodes=nodes)
    one = (2 * scattering(w, T, D, sign=+1, nodes=nodes) + breaking) / w
    return one, condensate(w, excess, T, D, form=sigma2, nodes=nodes) / w


def spectral_function(w: np.ndarray, excess: np.ndarray, T: float, D: float, *, nodes: int = 64) -> np.ndarray:
    """[SN] eq. 9: F(w, T) in K, of phonons of energy w; arguments as in `conductivity`.   F = w for D = 0."""
    if D == 0:
        return w.copy()
    F = 2 * scattering(w, T, D, sign=-1, nodes=nodes)
    above = excess > 0
    if above.any():
        F[above] += pair_breaking(w[above], excess[above], T, D, sign=+1, nodes=nodes)
    return F


def scattering(w: np.ndarray, T: float, D: float, *, sign: int, nodes: int) -> np.ndarray:
    """int_D^inf (E E' + sign D^2)/(root root') [f(E) - f(E')] dE; (nw,) in K."""
    result = np.empty_like(w)
    j = np.arange(nodes + 1) / nodes
    weight = np.full(nodes + 1, 1 / nodes)
    weight[0] = weight[-1] = 0.5 / nodes
    low = w < D
    if low.any():
        x = w[low, None]
        v_end = np.arcsinh(np.sqrt(CUT * T / x))
        E = D + x * np.sinh(v_end * j) ** 2
        integrand = 2 * (E * (E + x) + sign * D * D) / np.sqrt((E + D) * (E + x + D)) * occupation(E, x, T)
        if sign < 0:
            lift = E - D  # E E' - D^2 without the cancellation at small w
            integrand = 2 * (lift * (E + D) + x * E) / np.sqrt((E + D) * (E + x + D)) * occupation(E, x, T)
        result[low] = (integrand @ weight) * v_end[:, 0]
    high = ~low
    if high.any():
        x = w[high, None]
        u_end = math.acosh(1 + CUT * T / D)
        E = D * np.cosh(u_end * j)[None, :]
        root = np.sqrt((E + x - D) * (E + x + D))
        result[high] = ((E * (E + x) + sign * D * D) / root * occupation(E, x, T)) @ weight * u_end
    return result


def occupation(E: np.ndarray, w: np.ndarray, T: float) -> np.ndarray:
    """f(E) - f(E + w) = f(E) [1 - f(E + w)] [1 - exp(-w/T)] for E > 0: no cancellation, no overflow."""
    decay = np.exp(-E / T)
    return decay / (1 + decay) / (1 + decay * np.exp(-w / T)) * -np.expm1(-w / T)


def pair_breaking(w: np.ndarray, excess: np.ndarray, T: float, D: float, *, sign: int, nodes: int) -> np.ndarray:
    """int_D^{w-D} (E (w-E) + sign D^2)/(root root') [1 - f(E) - f(w-E)] dE for excess > 0; (nw,) in K."""
    p, q = D + w / 2, np.maximum(excess / 2, CLOSEST * D)
    sn, _, quarter = jacobi(np.sqrt(2 * w * D) / p, nodes)
    s = q[:, None] * sn
    # w^2/4 - s^2 + sign D^2, written with q cn so that it keeps its digits next to s = q
    product = (p * q)[:, None] - s * s if sign < 0 else (p * q)[:, None] - s * s + 2 * D * D
    filling = (np.tanh((w[:, None] / 2 + s) / (2 * T)) + np.tanh((w[:, None] / 2 - s) / (2 * T))) / 2
    return 2 * trapezoid(product * filling) * quarter / p


def condensate(w: np.ndarray, excess: np.ndarray, T: float, D: float, *, form: SigmaForm, nodes: int) -> np.ndarray:
    """w sigma2 in K; (nw,).  E11: `eq5_printed` takes the modulus of E E' + D^2 as well as of the root."""
    p, q = D + w / 2, np.maximum(np.abs(excess) / 2, CLOSEST * D)
    square = -(D + w / 2) * (excess / 2)  # D^2 - w^2/4
    if form == "derived":
        _, dn, quarter = jacobi(q / p, nodes)
        s = p[:, None] * dn
        return trapezoid((s * s + square[:, None]) * filled(s, w, T)) * quarter / p
    x, weight = gauss_legendre(nodes)
    total = np.zeros_like(w)
    for start in (0.0, 0.5):
        _, dn, quarter = jacobi(q / p, nodes, at=start + x / 2)
        s = p[:, None] * dn
        total += np.abs((s * s + square[:, None]) * filled(s, w, T)) @ weight / 2 * quarter / p
    return total


def filled(s: np.ndarray, w: np.ndarray, T: float) -> np.ndarray:
    """1 - 2 f(s + w/2)."""
    return np.tanh((s + w[:, None] / 2) / (2 * T))


def trapezoid(values: np.ndarray) -> np.ndarray:
    """Mean of (nw, nodes + 1) values over the last axis by the trapezoid rule."""
    return (values.sum(axis=1) - 0.5 * (values[:, 0] + values[:, -1])) / (values.shape[1] - 1)


def jacobi(k_prime: np.ndarray, nodes: int, at: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """sn and dn, (nw, nodes + 1), at u = K j/nodes (or u = K at), and the quarter period K (nw,).

    k_prime = sqrt(1 - m): (nw,).  Kept for the moduli it has seen: in units of the gap a table of photon
    energies is
    the same at many temperatures.
    """
    if at is None:
        return jacobi_kept(k_prime.tobytes(), nodes)
    return landen(k_prime, at)


@lru_cache(maxsize=256)
def jacobi_kept(k_prime: bytes, nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`landen` on the equidistant nodes, by the bytes of k_prime."""
    return landen(np.frombuffer(k_prime), np.arange(nodes + 1) / nodes)


def landen(k_prime: np.ndarray, fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """sn, dn at u = K fraction and K, by descending Landen steps on the arithmetic-geometric mean.

    Started from k' itself they keep all digits for m next to 1, which scipy's ellipj (it takes m) does not.
    """
    a, b, ratios = np.ones_like(k_prime), k_prime, []
    while True:
        a, b, c = (a + b) / 2, np.sqrt(a * b), (a - b) / 2
        ratios.append(c / a)
        if np.all(c <= 1e-8 * a):  # the next would be (c/a)^2/4
            break
    phi = np.broadcast_to(2.0 ** len(ratios) * (math.pi / 2) * fraction, (len(a), len(fraction)))
    for ratio in reversed(ratios):
        phi = (phi + np.arcsin(ratio[:, None] * np.sin(phi))) / 2
    sn, cn = np.sin(phi), np.cos(phi)
    return sn, np.sqrt(cn * cn + (k_prime[:, None] * sn) ** 2), math.pi / (2 * a)
