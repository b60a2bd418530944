"""[PSC], equations 1 and 2 and the appendices: constants, coefficients, the fit to K - E, the COMSOL forms."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ellipe, ellipk

from claims import runs
from claims.registry import (
    PSC,
    Values,
    claim,
    corrected_if,
    holds_if,
    open_claim,
)
from femtdgl import Scales
from femtdgl.equations import current, order_parameter
from femtdgl.units import BCS_GAP_RATIO, K_B, ZETA_3, U, reduced_temperature

ETA, DELTA = 0.1, 1 / 0.3
"""Of the figures: T = 0.9 Tc and gamma = 0.3 (Fig. 2)."""
T = reduced_temperature(ETA)
FILM = Scales(Tc=1.2, T0=1.08, D=5e-3, sigma_n=1e7, tau_eps=1e-10)
"""Any film, for identities between the units."""


def period_command(*settings: str) -> str:
    """The run of psc_filament with some keys set."""
    return " ".join(["femtdgl run problems/psc_filament.toml", *(f"--set {s}" for s in settings)])


@claim(
    "psc-u",
    PSC,
    "App. A, after (A.1)",
    "u = pi^4/[14 zeta(3)] is about 5.798",
    say="{u:.5g}, {error:.2%} less",
    rule=corrected_if(lambda v: abs(v["error"]) < 0.01),
    note="E0",
)
def u() -> Values:
    """u."""
    return {"u": U, "error": 5.798 / U - 1}


@claim(
    "psc-zeta",
    PSC,
    "App. A, after (A.1)",
    "zeta(3) is about 1.2",
    say="{zeta:.6g}",
    rule=holds_if(lambda v: round(v["zeta"], 1) == 1.2),
)
def zeta() -> Values:
    """zeta(3) by its series."""
    k = np.arange(1, 200_001, dtype=float)
    return {"zeta": float(np.sum(1 / k**3)) + 0.5 / (2e5 + 0.5) ** 2}


@claim(
    "psc-clock",
    PSC,
    "App. A, after (A.1)",
    "t0 = xi^2/(Du) = pi/[8u(Tc - T)] with xi = sqrt(pi D/[8(Tc - T)])",
    say="the two agree to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def clock() -> Values:
    """t0 of a film both ways."""
    return {"off": abs(FILM.time / (FILM.length**2 / (FILM.D * U)) - 1)}


@claim(
    "psc-gap",
    PSC,
    "App. A, after (A.1)",
    "Delta0 = {8 pi^2 Tc^2 eta/[7 zeta(3)]}^(1/2)",
    say="it makes |psi| = 1 the equilibrium of eq. 1, to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def gap() -> Values:
    """(Tc - T)/Tc = 7 zeta(3) Delta0^2/(8 (pi Tc)^2) of eq. 1."""
    Delta0 = BCS_GAP_RATIO * math.sqrt(ETA)
    return {"off": abs(7 * ZETA_3 * Delta0**2 / (8 * math.pi**2) / ETA - 1)}


@claim(
    "psc-current-unit",
    PSC,
    "App. A, after (A.2)",
    "j0 = 4u sigma_n (Tc - T)/[xi(T) pi]",
    say="equal to sigma_n V0/xi, V0 = hbar/(2 e t0), to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def current_unit() -> Values:
    """j0 of a film both ways, hbar = e = kB = 1 restored."""
    printed = 4 * U * FILM.sigma_n * K_B * (FILM.Tc - FILM.T0) / (FILM.length * math.pi * 1.602176634e-19)
    return {"off": abs(FILM.current_density / printed - 1)}


@claim(
    "psc-gapless-limit",
    PSC,
    "eqs 1, 2; A.4, A.5",
    "for tau_eps -> 0 the equations become the gapless ones",
    say="nu/u, g and c differ from 1, 1, 0 by {off:bound} at delta = {delta:.0e}, and the difference falls with delta",
    rule=holds_if(lambda v: v["off"] < 10 * v["delta"] and v["order"] > 0.9),
)
def gapless_limit() -> Values:
    """The coefficients of (1.1)-(1.3) at two small delta, n = 1."""

    def worst(delta: float) -> float:
        n = np.array([1.0])
        nu = float(order_parameter.relaxation(n, delta, U)[0]) / U
        g = float(current.conductance_exact(n, delta, ETA, U)[0][0])
        return max(abs(nu - 1), abs(g - 1), current.interference_coefficient("consistent", delta, ETA, U))

    return {"delta": 1e-4, "off": worst(1e-4), "order": math.log10(worst(1e-3) / worst(1e-4))}


@claim(
    "psc-small-k",
    PSC,
    "after eq. 2",
    "[K(x) - E(x)]/x -> 0 at x -> 0",
    say="{small:.2g} at x = 1e-3, as pi x/4",
    rule=holds_if(lambda v: abs(v["small"]) < 1e-3),
)
def small_k() -> Values:
    """(K - E)/k at k = 1e-3."""
    k = 1e-3
    return {"small": float(ellipk(k * k) - ellipe(k * k)) / k}


@claim(
    "psc-eq2-energy",
    PSC,
    "eq. 2",
    "the E-term of the current has |Delta| (K - E)/k in its braces, without 1/(2T)",
    say="the braces of A.2 have (2/pi) sqrt(eta u) = {of_A2:.6f} = Delta0/(2Tc), a pure number; eq. 2 has an energy",
    rule=corrected_if(lambda v: abs(v["of_A2"] / v["reduced"] - 1) < 1e-12),
    note="E2",
)
def eq2_energy() -> Values:
    """The factor of |psi| (K - E)/k in A.2, and Delta0/(2 Tc)."""
    return {"of_A2": 2 / math.pi * math.sqrt(ETA * U), "reduced": BCS_GAP_RATIO * math.sqrt(ETA) / 2}


@claim(
    "psc-interference-clock",
    PSC,
    "A.2, A.3, B.9",
    "the interference current has 2 delta sqrt(eta/u) d|Psi|^2/dtau",
    say="2 tau_eps/t0 of eq. 2 is {ratio:.5g} times that: 2 delta sqrt(eta u)",
    rule=corrected_if(lambda v: abs(v["ratio"] / v["u"] - 1) < 1e-12),
    note="E1",
)
def interference_clock() -> Values:
    """2 tau_eps/t0 of a film over what is printed."""
    printed = 2 * FILM.delta * math.sqrt(FILM.eta / U)
    return {"ratio": 2 * FILM.tau_eps / FILM.time / printed, "u": U}


@claim(
    "psc-interference",
    PSC,
    "A.2, A.3, B.9",
    "the same, by what it does to the period of Fig. 1",
    say="period {published:.5g} t0 as printed, {consistent:.4g} corrected, {off:.5g} without interference; "
    "least w {w_min_published:.2g} as printed, {w_min_consistent:.2g} corrected",
    rule=corrected_if(lambda v: v["consistent"] / v["published"] > 1.5),
    note="E1",
    slow=True,
    command=period_command("film.interference=consistent"),
)
def interference() -> Values:
    """Periods of psc_filament with the three coefficients."""
    found = {c: runs.summary("psc_filament", {"film.interference": c}) for c in ("published", "consistent", "off")}
    return {
        **{name: s["period"] for name, s in found.items()},
        "w_min_published": found["published"]["w_min"],
        "w_min_consistent": found["consistent"]["w_min"],
        "negative_consistent": abs(found["consistent"]["w_negative_share"]),
    }


@claim(
    "psc-interference-B9",
    PSC,
    "B.9",
    "coeff1 = 4 delta sqrt(eta/u)/(u1^2 + u2^2), times u1 u1t + u2 u2t, is A.2's term",
    say="equal to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def coefficient_B9() -> Values:
    """B.9 and A.2 at one point."""
    a, b, a_t, b_t = 0.7, -0.4, 0.3, 1.1
    n = a * a + b * b
    theirs = 4 / n * DELTA * math.sqrt(ETA / U) * (a * a_t + b * b_t)
    c = current.interference_coefficient("published", DELTA, ETA, U)
    ours = -current.interference_factor(np.array(n), np.array(2 * (a * a_t + b * b_t)), c, 0.0)
    return {"off": abs(float(ours) / theirs - 1)}


def printed_difference(k: np.ndarray) -> np.ndarray:
    """K - E as the paper has it."""
    return np.log(np.sqrt((1 - k) * (1 + k))) - k * np.log1p(-k)


@claim(
    "psc-fit",
    PSC,
    "App. A, before (A.3)",
    "K(x) - E(x) is ln sqrt(1-x^2) - x ln(1-x) with high-enough accuracy",
    say="off by {low:.0%} at x -> 0 and {high:+.0%} at x = {k_high:.2f}",
    rule=holds_if(lambda v: max(abs(v["low"]), v["high"]) < 0.02),
    note="E3",
)
def fit() -> Values:
    """Relative errors of the fit over 0 < k < 1."""
    k = np.linspace(1e-3, 0.9999, 20_000)
    error = printed_difference(k) / (ellipk(k * k) - ellipe(k * k)) - 1
    return {"low": 2 / math.pi - 1, "high": float(error.max()), "k_high": float(k[error.argmax()])}


@claim(
    "psc-fit-period",
    PSC,
    "App. A, before (A.3)",
    "the same, by what it does to the period of Fig. 1",
    say="{fit:.5g} against {exact:.5g} t0, {change:+.1%}",
    rule=holds_if(lambda v: abs(v["change"]) < 0.01),
    note="E3",
    slow=True,
    command="femtdgl run problems/psc_paper_fit.toml",
)
def fit_period() -> Values:
    """Periods with the fit and with the integrals."""
    fit, exact = (runs.summary(name)["period"] for name in ("psc_paper_fit", "psc_filament"))
    return {"fit": fit, "exact": exact, "change": fit / exact - 1}


@claim(
    "psc-fit-forms",
    PSC,
    "App. A, before (A.3)",
    "[ln(1+x) - ln(1-x)]/2 + (1-x) ln(1-x) is identical to ln sqrt(1-x^2) - x ln(1-x)",
    say="equal to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def fit_forms() -> Values:
    """The largest difference on (0, 1)."""
    k = np.linspace(0.01, 0.99, 500)
    long = (np.log(1 + k) - np.log(1 - k)) / 2 + (1 - k) * np.log(1 - k)
    return {"off": float(np.abs(long - printed_difference(k)).max())}


@claim(
    "psc-fit-A3",
    PSC,
    "A.3, B.5 to B.7, B.11",
    "the denominator of A.3 and 1 + coeff2 Z(z) of B.5 are the same fit",
    say='equal to {between:bound}, and to the program\'s "log-fit" to {off:bound}',
    rule=holds_if(lambda v: max(v["off"], v["between"]) < 1e-12),
)
def fit_A3() -> Values:
    """A.3, B.11 and `conductance_log_fit` at many |psi|."""
    psi = np.linspace(0.05, 1.2, 200)
    x = psi * DELTA
    root, k = np.sqrt(x * x + 1), x / np.sqrt(x * x + 1)
    A3 = 1 + 2 / math.pi * math.sqrt(ETA * U) * psi * (-root / (2 * x) * np.log(x * x + 1) - np.log(1 - k))
    Z = np.log(1 - k * k) / (2 * k) - np.log(1 - k)
    B5 = 1 + 2 / math.pi * np.sqrt(ETA * U * psi**2) * Z
    ours = current.conductance_log_fit(psi**2, DELTA, ETA, U)[0]
    return {"between": float(np.abs(A3 / B5 - 1).max()), "off": float(np.abs(ours / A3 - 1).max())}


@claim(
    "psc-comsol",
    PSC,
    "B.1 to B.4, B.10",
    "da, Gamma and f of the COMSOL form are those of (A.1)",
    say="residual equal to the program's to {off:bound}",
    rule=holds_if(lambda v: v["off"] < 1e-12),
)
def comsol() -> Values:
    """d_a u_t - f of B.3, B.4 against (1.1) at random points, without the gradient term."""
    a, b, a_t, b_t, phi = np.random.default_rng(1).normal(size=(5, 200))
    n = a * a + b * b
    nu = U / np.sqrt(1 + DELTA**2 * n)
    re = (1 + DELTA**2 * a**2) * nu * a_t + DELTA**2 * a * b * nu * b_t - (a * (1 - n) + phi * b * nu)
    im = DELTA**2 * a * b * nu * a_t + (1 + DELTA**2 * b**2) * nu * b_t - (b * (1 - n) - phi * a * nu)
    ours = order_parameter.residual(a, b, a_t, b_t, phi, 1 - n, 0.0, 0.0, DELTA, U)
    size = np.hypot(re, im).max()
    return {"off": float(max(np.abs(ours[0] - re).max(), np.abs(ours[1] - im).max()) / size)}


@claim(
    "psc-degrees",
    PSC,
    "App. B",
    "fewer than 1000 degrees of freedom suffice (COMSOL's extremely fine mesh)",
    say="{unknowns:d} unknowns; half of the elements move the period by {change:bound}",
    rule=holds_if(lambda v: v["unknowns"] < 1000 and v["change"] < 1e-3),
    slow=True,
    command=period_command("mesh.elements=50"),
)
def degrees() -> Values:
    """The period with 100 and with 50 elements."""
    fine, coarse = runs.summary("psc_filament"), runs.summary("psc_filament", {"mesh.elements": 50})
    return {"unknowns": fine["unknowns"], "change": abs(coarse["period"] / fine["period"] - 1)}


@claim(
    "psc-gauge",
    PSC,
    "App. A, after (A.6)",
    "phi cannot be gauge-transformed by an arbitrary constant",
    say="phi + 2 throughout, with the bank phases following, moves the period by {change:bound}: nothing depends on it",
    rule=holds_if(lambda v: v["change"] > 1e-3),
    slow=True,
    command=period_command("time.gauge_shift=2.0"),
)
def gauge() -> Values:
    """The period in a shifted gauge."""
    shifted = runs.summary("psc_filament", {"time.gauge_shift": 2.0})["period"]
    return {"change": abs(shifted / runs.summary("psc_filament")["period"] - 1)}


@claim(
    "psc-phase-equation",
    PSC,
    "A.7 to A.9, B.12",
    "at a bank dtheta/dt = -phi and psi = exp(i theta)",
    say="with it V x period = 2 pi holds to {mismatch:bound}, V and slips taken independently",
    rule=holds_if(lambda v: v["mismatch"] < 1e-4),
    command="femtdgl run problems/psc_filament.toml",
)
def phase_equation() -> Values:
    """The Josephson mismatch of psc_filament."""
    return {"mismatch": runs.summary("psc_filament")["josephson_mismatch"]}


open_claim(
    "psc-derivation",
    PSC,
    "eqs 1, 2, refs 22 to 33",
    "eqs 1 and 2 are the most complete form and quantitative for finite-gap superconductors",
    "taken as they stand, with E1 and E2; branch imbalance is left out there too",
)
