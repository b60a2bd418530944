"""Quantities that the pages print and that no paper claims: constants of the units, limits, reference states."""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar

from claims.circuits import nis_balance
from claims.registry import Values, quantity
from femtdgl import phonon_kernel
from femtdgl.equations.phonons import reversible_heat
from femtdgl.thermal import SuperconductorElectronPhonon
from femtdgl.units import BCS_GAP_RATIO, U, reduced_temperature

T, GAMMA = reduced_temperature(0.1), 0.3
"""Temperature and broadening of [PSC] Fig. 2, in Delta0."""


@quantity("constants")
def constants() -> Values:
    """Section 0: u, Delta0/(kB Tc sqrt(eta)), T0/Delta0 at eta = 0.1, and free electrons' heat in reduced units."""
    return {
        "u": U,
        "gap_ratio": BCS_GAP_RATIO,
        "temperature": T,
        "depairing": 2 / (3 * math.sqrt(3)),
        "capacity": math.pi**2 / 3 / BCS_GAP_RATIO**2,
        "conductivity": math.pi**2 / 3 * (math.pi / (4 * U)) ** 2,
    }


def half_length(n0: float, J2: float) -> float:
    """Half the length of a stationary filament between banks whose least n is n0, at J^2: int_n0^1 dn/n'."""

    def integrand(s: float) -> float:
        n = n0 + (1 - n0) * s * s
        return math.sqrt(2 * (1 - n0) / (n * n + (n0 - 2) * n + 2 * J2 / n0))

    return quad(integrand, 0, 1, epsabs=0, epsrel=1e-12)[0]


def current_squared(n0: float, length: float) -> float:
    """J^2 of the stationary filament of that length with the least n = n0."""
    # below `least` the radicand is negative between n0 and 1; there the filament would be infinitely long
    least = n0 * (2 - n0) ** 2 / 8 if n0 < 2 / 3 else n0**2 * (1 - n0)
    ends = least * (1 + 1e-6), 1e3
    return brentq(lambda J2: half_length(n0, J2) - length / 2, *ends, xtol=1e-15, rtol=1e-14)


def static_limit(length: float) -> float:
    """Largest stationary current of a filament of that length (xi) between banks, in j0."""
    best = minimize_scalar(
        lambda n0: -current_squared(n0, length), bounds=(0.3, 0.9), method="bounded", options={"xatol": 1e-10}
    )
    return math.sqrt(-best.fun)


@quantity("static-limits")
def static_limits() -> Values:
    """What a filament between banks carries, by its length."""
    return {f"{length:g}": static_limit(length) for length in (1.0, 1.1, 1.5, 2.0, 3.0)}


def area(psi: float, kernel: str, gamma: float = GAMMA) -> tuple[float, float]:
    """int w^3 K dw over S1: its positive part, and its negative part as a positive number."""
    edges = np.sort(np.r_[np.geomspace(1e-3, 2 * psi, 24), np.linspace(2 * psi, 2 * psi + 32 * T, 64)[1:]])
    x, weight = np.polynomial.legendre.leggauss(8)
    span = np.diff(edges)[:, None] / 2
    w = (edges[:-1, None] + span * (1 + x)).ravel()
    density = w**3 * phonon_kernel(w, psi, T, gamma, kernel) * (span * weight).ravel()
    S1 = float(reversible_heat(psi, T, gamma))
    return float(np.maximum(density, 0).sum()) / S1, float(-np.minimum(density, 0).sum()) / S1


def net(psi: float, kernel: str, gamma: float = GAMMA) -> float:
    """int w^3 K dw over S1."""
    positive, negative = area(psi, kernel, gamma)
    return positive - negative


@quantity("kernel-energy")
def kernel_energy() -> Values:
    """Energy of the shape (2.3) over that of (2.7)."""
    return {"at_small": net(0.2, "exact"), "at_unity": net(1.0, "exact")}


@quantity("kernel-areas")
def kernel_areas() -> Values:
    """Areas and negative shares of the kernels, for the table of flux.md."""
    values: Values = {}
    for psi in (0.2, 0.6, 1.0):
        for name, kernel, gamma in (
            ("bose", "bose", 0.3),
            ("exact", "exact", 0.3),
            ("exact_0.1", "exact", 0.1),
            ("exact_sharp", "exact", 1e-4),
        ):
            positive, negative = area(psi, kernel, gamma)
            values[f"{name}_at_{psi:g}"] = positive - negative
            values[f"{name}_share_at_{psi:g}"] = abs(negative / positive)
    return values


@quantity("nis-three-states")
def three_states() -> Values:
    """Roots of the balance of [NIS] for silver, T_R = 0.6 K, 0.1 fW, bath 10 mK."""
    roots = nis_balance("silver", 0.1e-15, 0.6).roots()
    return {"T": [state.temperatures["left"] for state in roots], "stable": [state.stable for state in roots]}


@quantity("nis-dynes")
def dynes() -> Values:
    """Effect of Gamma = 1e-4 D on the electron-phonon power of aluminium at 0.5 K (E15)."""
    bcs, dynes = (SuperconductorElectronPhonon(Sigma=3e8, volume=4e-21, Tc=1.2, dynes=g) for g in (0.0, 1e-4))
    return {"effect": dynes.power(0.5, 0.01) / bcs.power(0.5, 0.01) - 1}
