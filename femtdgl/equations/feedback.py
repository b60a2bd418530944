"""Phonons that are out of equilibrium act back on the gap: theory section 3, [PSC] eqs 3 to 6.

An excess dN(w) breaks pairs; the populations it makes enter (1.1) as p = P/eta,

    (3.1)  P = -2 tau_eps int_0^inf Gamma(e) Re[1/s(e)]/N1(e) de,
           Gamma(e) = c int w^2 dw [N1(e) N1(w-e) + R2(e) R2(w-e)]_{e < w} (1 - n(e) - n(w-e)) dN(w),

c = pi lambda/(2 (s_ph p_F)^2), with the broadened coherence factors of section 2 ([PSC] (4) writes the sharp
ones).  Exchanging the integrals, every frequency has one number,

    P = -2 tau_eps c int w^2 dN(w) B(w) dw,
    B(w) = int_0^w [N1 N1' + R2 R2'] (1 - n - n') (Re[1/s]/N1) de.

E8: [PSC] (3) prints Re[1/s] without 1/N1.  Then the integrand has N1 (~ 1/sqrt at both edges) times another
1/sqrt at e = Psi, and B diverges as log(1/gamma); a population is Gamma/N1.  With 1/N1 the factor is
Re[1/s]/N1 = (R2/N1)/Psi = e/(e^2 + (Im s)^2), finite everywhere.

Only pair breaking is kept, as in [PSC] (4); scattering by the excess phonons is left out.

For a finite escape time tau_es of the phonons, the local steady state of [PSC] (5) with (6) is

    (3.2)  dN = tau_es I(N0)/(1 + tau_es/tau_pe),     1/tau_pe(w) = C0 int P(e) [1 - n(e) - n(w-e)] de.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import Array, Nodes, bose
from femtdgl.equations.phonons import (
    POINTS,
    Populations,
    causal_functions,
    checked,
    collision_integral,
    half_axis_integral,
    pair_factor,
    positive,
    whole_axis,
)
from femtdgl.errors import InputError

FORMS = ("derived", "printed")
SMALLEST_GAP = 1e-100


def empty(e: Array) -> Array:
    """n(e) at T = 0: levels below zero are full."""
    return np.where(np.asarray(e) < 0, 1.0, 0.0)


def unblocked(n: Populations, e: Array, other: Array) -> Array:
    """1 - n(e) - n(e'): pairs broken less pairs formed."""
    return 1 - n(e) - n(other)


def pair_breaking(
    w: ArrayLike,
    psi: ArrayLike,
    gamma: ArrayLike,
    n: Populations = empty,
    form: str = "derived",
    *,
    points: int = POINTS,
) -> Array:
    """B(w) of (3.1): what a phonon of energy w does to the gap, a number.  Broadcasts; energies in Delta0.

    `form="printed"` leaves out 1/N1 as [PSC] (3) does (E8), and then gamma > 0 is needed.
    """
    if form not in FORMS:
        raise InputError(f"{form!r} is no form of (3.1)", key="form", allowed=", ".join(FORMS))
    if form == "printed" and np.any(np.asarray(gamma) == 0):
        raise InputError("the printed form diverges at gamma = 0", key="gamma", allowed="a positive number")
    w = positive("w", w)
    gap = np.asarray(np.maximum(np.asarray(psi, float), SMALLEST_GAP), float)

    def integrand(nodes: Nodes, w: Array, _: Array) -> Array:
        pair = pair_factor(nodes.at_e, nodes.at_difference)
        factor = nodes.at_e.ratio if form == "derived" else nodes.at_e.R2
        return np.where(nodes.below, pair * factor * unblocked(n, nodes.e, w - nodes.e), 0.0)

    return half_axis_integral(integrand, w, gap, w, gamma, points) / gap


def excess_generation(
    e: ArrayLike,
    psi: float,
    gamma: float,
    w: ArrayLike,
    w_weights: ArrayLike,
    excess: ArrayLike,
    n: Populations = empty,
) -> Array:
    """(3.1) Gamma(e)/c for an excess dN (nw,) at frequencies w with quadrature weights; e of any shape.

    A spectral line of area A is one frequency with w_weights = [A] and excess = [1].
    """
    e = np.asarray(e, float)[..., None]
    w, strength = _spectrum(w, w_weights, excess)
    factor = pair_factor(causal_functions(e, psi, gamma), causal_functions(w - e, psi, gamma))
    return np.sum(np.where(e < w, w**2 * factor * unblocked(n, e, w - e), 0.0) * strength, axis=-1)


def gap_feedback(
    psi: ArrayLike,
    gamma: float,
    w: ArrayLike,
    w_weights: ArrayLike,
    excess: ArrayLike,
    n: Populations = empty,
    form: str = "derived",
) -> Array:
    """(3.1) P/(2 tau_eps c) for |psi| of any shape; negative for an excess of phonons.  p of (1.1) is P/eta.

    w, w_weights, excess as in `excess_generation`.
    """
    w, strength = _spectrum(w, w_weights, excess)
    psi = np.asarray(psi, float)[..., None]
    return -np.sum(w**2 * strength * pair_breaking(w, psi, gamma, n, form), axis=-1)


def thermal_excess(w: ArrayLike, T_phonons: float, T: float) -> Array:
    """dN(w) of phonons at another temperature: N(w/T_phonons) - N(w/T)."""
    w = positive("w", w)
    return bose(w / positive("T_phonons", T_phonons)) - bose(w / positive("T", T))


def phonon_relaxation_rate(
    w: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, n: Populations, *, points: int = POINTS
) -> Array:
    """(3.2) 1/(C0 tau_pe) = int P(e) [1 - n(e) - n(w-e)] de, in Delta0; w in a normal metal.  Broadcasts."""

    def integrand(nodes: Nodes, w: Array, _: Array) -> Array:
        return whole_axis(lambda factor, e, other: factor * unblocked(n, e, other), nodes, w)

    return half_axis_integral(integrand, w, *checked(psi=psi, T=T, gamma=gamma), points)


def escaping_excess(
    w: ArrayLike, psi: ArrayLike, T: ArrayLike, gamma: ArrayLike, n: Populations, escape: ArrayLike
) -> Array:
    """(3.2) dN for populations n and the escape time `escape` = C0 tau_es (1/Delta0).  Broadcasts."""
    escape = positive("escape", escape)
    rate = phonon_relaxation_rate(w, psi, T, gamma, n)
    return escape * collision_integral(w, psi, T, gamma, n) / (1 + escape * rate)


def _spectrum(w: ArrayLike, w_weights: ArrayLike, excess: ArrayLike) -> tuple[Array, Array]:
    w = positive("w", w)
    strength = np.asarray(w_weights, float) * np.asarray(excess, float)
    if w.ndim != 1 or strength.shape != w.shape:
        raise InputError(f"the shapes are {w.shape}, {strength.shape}", key="excess", allowed="one list of frequencies")
    return w, strength
