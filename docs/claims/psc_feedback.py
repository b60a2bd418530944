"""[PSC], equations 3 to 6: phonons that act back on the gap."""

from __future__ import annotations

import numpy as np

from claims.psc_equations import T
from claims.registry import PSC, Values, claim, corrected_if, holds_if
from femtdgl.equations.feedback import escaping_excess, excess_generation, pair_breaking


@claim(
    "psc-feedback",
    PSC,
    "eq. 3",
    "P has Re [(eps + i gamma)^2 - |Delta|^2]^(-1/2) times Gamma(eps)",
    say="a line at 3 |Delta|, T = 0, gamma = 1e-1 ... 1e-4: {printed:.2f} as printed, which grows as ln(1/gamma); "
    "{derived:.4f} with Gamma/N1 for the populations",
    rule=corrected_if(lambda v: v["printed"][3] - v["printed"][2] > 1 and v["derived"][3] - v["derived"][2] < 0.01),
    note="E8",
)
def feedback() -> Values:
    """The bare integral of (3.1) with and without 1/N1."""
    gammas = np.array([1e-1, 1e-2, 1e-3, 1e-4])
    return {form: pair_breaking(3.0, 1.0, gammas, form=form).tolist() for form in ("derived", "printed")}


@claim(
    "psc-generation",
    PSC,
    "eq. 4",
    "Gamma has the coherence factors u u' + v v' of BCS and 1 - n - n'",
    say="the broadened ones of (3.1) go over into them for gamma -> 0, to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-4),
)
def generation() -> Values:
    """Gamma(e)/c of a line at w = 3 with nearly no broadening against eq. 4, T = 0."""
    psi, w, e = 1.0, 3.0, np.array([1.1, 1.4, 1.7])
    density = e * (w - e) / np.sqrt((e**2 - psi**2) * ((w - e) ** 2 - psi**2))
    printed = w**2 * density * (1 + psi**2 / (e * (w - e)))
    ours = excess_generation(e, psi, 1e-8, [w], [1.0], [1.0], lambda e: np.where(np.asarray(e) < 0, 1.0, 0.0))
    return {"off": float(np.abs(ours / printed - 1).max())}


@claim(
    "psc-escape",
    PSC,
    "eqs 5, 6",
    "if tau_es -> 0 the phonons tend to equilibrium, dN -> 0",
    say="dN is proportional to tau_es: a tenth of it gives {ratio:.4f} of dN",
    rule=holds_if(lambda v: abs(v["ratio"] - 0.1) < 1e-3),
)
def escape() -> Values:
    """(3.2) at two short escape times, populations 20 % hotter than the phonons."""

    def excess(escape: float) -> float:
        return float(escaping_excess(2.0, 0.8, T, 0.3, lambda e: 1 / (np.exp(e / (1.2 * T)) + 1), escape))

    return {"ratio": excess(1e-5) / excess(1e-4)}
