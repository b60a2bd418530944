"""Units: SI multipliers, and `Scales`, the only converter between SI and reduced units.

Inside the TDGL core everything is reduced (dimensionless); SI lives at the border.  Theory note, section 0:
with eta = 1 - T0/Tc and u = pi^4/(14 zeta(3)), at hbar = kB = e = 1 restored,

    length            xi     = sqrt(pi hbar D / (8 kB Tc eta))
    time              t0     = xi^2/(u D) = pi hbar / (8 u kB Tc eta)
    order parameter   Delta0 = pi kB Tc sqrt(8 eta / (7 zeta(3)))
    potential         V0     = hbar / (2 e t0)
    current density   j0     = sigma_n V0 / xi
    field             B0     = hbar / (2 e xi^2) = Bc2(T0)

and, with psi = Delta/Delta0 and j = |psi|^2 (grad theta - A) of (1.4) in j0,

    penetration depth lambda = sqrt(hbar / (2 e mu0 j0 xi)) = sqrt(t0 / (mu0 sigma_n)),
                      which is the dirty limit 1/lambda^2 = pi mu0 sigma_n Delta0^2/(2 hbar kB Tc)
    depairing         j_d    = 2/(3 sqrt(3)) j0, the most that (1 - k^2) k carries
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from femtdgl.errors import InputError
from femtdgl.input.numbers import SI, not_negative, positive
from femtdgl.input.quantities import Current as Current
from femtdgl.input.quantities import Field as Field
from femtdgl.input.quantities import Frequency as Frequency
from femtdgl.input.quantities import Length as Length
from femtdgl.input.quantities import Potential as Potential
from femtdgl.input.quantities import Power as Power
from femtdgl.input.quantities import Resistance as Resistance
from femtdgl.input.quantities import Temperature as Temperature
from femtdgl.input.quantities import Time as Time
from femtdgl.input.quantities import parse as parse
from femtdgl.input.section import Section

HBAR = 6.62607015e-34 / (2 * math.pi)  # J s   (h is exact; nine digits of hbar would err by 6e-10)
K_B = 1.380649e-23  # J/K            (exact)
E_CHARGE = 1.602176634e-19  # C      (exact)
MU_0 = 1.25663706127e-6  # N/A^2     (CODATA 2022)
FLUX_QUANTUM = math.pi * HBAR / E_CHARGE  # Wb, h/2e
ZETA_3 = 1.2020569031595942

U = math.pi**4 / (14 * ZETA_3)
"""u = 5.7882..., ratio of the relaxation times of psi and of the current (E0: [PSC] prints 5.798)."""

DEPAIRING = 2 / (3 * math.sqrt(3))
"""Depairing current density of a long wire in j0."""

BCS_GAP_RATIO = math.pi * math.sqrt(8 / (7 * ZETA_3))
"""Delta0/(kB Tc sqrt(eta)) near Tc."""

nm, um, mm = 1e-9, 1e-6, 1e-3
ps, ns, us = 1e-12, 1e-9, 1e-6
mK, uA, mA, mV, uV = 1e-3, 1e-6, 1e-3, 1e-3, 1e-6


@dataclass(frozen=True, kw_only=True)
class Scales(Section):
    """The reduced units of a film in SI (theory note, section 0).

    All arguments in SI; `tau_eps` may be 0 (gapless).
    """

    Tc: float
    """K."""
    T0: float
    """K, temperature of the bath at which the units are taken."""
    D: float
    """m^2/s, diffusion coefficient."""
    sigma_n: float
    """S/m, normal conductivity."""
    tau_eps: float = 0.0
    """s, inelastic electron-phonon time; 0: gapless."""
    N0: float | None = None
    """1/(J m^3), density of states per spin; None: that of free electrons, sigma_n/(2 e^2 D)."""

    def __post_init__(self) -> None:
        for name in ("Tc", "T0", "D", "sigma_n"):
            positive(name, getattr(self, name), SI)
        not_negative("tau_eps", self.tau_eps, "a time >= 0")
        if self.N0 is not None:
            derived = self.sigma_n / (2 * E_CHARGE**2 * self.D)
            if not abs(self.N0 - derived) <= 1e-6 * derived:
                raise InputError(
                    f"{self.N0!r} does not fit sigma_n and D",
                    key="N0",
                    allowed=f"sigma_n/(2 e^2 D) = {derived:.6g}: Einstein's relation, or leave it out",
                )
        if self.Tc <= self.T0:
            raise InputError(f"{self.T0!r} K is not below Tc = {self.Tc} K", key="T0", allowed="0 < T0 < Tc")

    @property
    def eta(self) -> float:
        """eta = 1 - T0/Tc."""
        return 1 - self.T0 / self.Tc

    @property
    def length(self) -> float:
        """xi(T0), m."""
        return math.sqrt(math.pi * HBAR * self.D / (8 * K_B * self.Tc * self.eta))

    @property
    def time(self) -> float:
        """t0 = xi^2/(u D), s.  The other clock of the literature, tau_GL = xi^2/D, is u t0."""
        return math.pi * HBAR / (8 * U * K_B * self.Tc * self.eta)

    @property
    def gap(self) -> float:
        """Delta0, J."""
        return BCS_GAP_RATIO * K_B * self.Tc * math.sqrt(self.eta)

    @property
    def potential(self) -> float:
        """V0 = hbar/(2 e t0), V."""
        return HBAR / (2 * E_CHARGE * self.time)

    @property
    def current_density(self) -> float:
        """j0 = sigma_n V0/xi, A/m^2."""
        return self.sigma_n * self.potential / self.length

    @property
    def field(self) -> float:
        """hbar/(2 e xi^2) = Bc2(T0), T."""
        return HBAR / (2 * E_CHARGE * self.length**2)

    @property
    def penetration_depth(self) -> float:
        """lambda(T0) = sqrt(t0/(mu0 sigma_n)), m; of a film of thickness d a field reaches over 2 lambda^2/d."""
        return math.sqrt(self.time / (MU_0 * self.sigma_n))

    @property
    def depairing(self) -> float:
        """Depairing current density at T0, A/m^2."""
        return DEPAIRING * self.current_density

    @property
    def vector_potential(self) -> float:
        """hbar/(2 e xi), T m."""
        return HBAR / (2 * E_CHARGE * self.length)

    @property
    def density_of_states(self) -> float:
        """N(0) per spin, 1/(J m^3): as given, or from sigma_n = 2 e^2 N(0) D."""
        return self.N0 if self.N0 is not None else self.sigma_n / (2 * E_CHARGE**2 * self.D)

    @property
    def power_density(self) -> float:
        """j0 V0/xi, W/m^3; the energy density over t0."""
        return self.current_density * self.potential / self.length

    @property
    def heat_capacity(self) -> float:
        """Unit of volumetric heat capacity, 2 eta N(0) Delta0^2/Tc, J/(m^3 K)."""
        return 2 * self.eta * self.density_of_states * self.gap**2 / self.Tc

    @property
    def delta(self) -> float:
        """delta = 2 tau_eps Delta0/hbar."""
        return 2 * self.tau_eps * self.gap / HBAR

    def resistance(self, cross_section: float) -> float:
        """Unit of resistance for a filament of a cross_section S in m^2: xi/(sigma_n S), Ohm."""
        return self.length / (self.sigma_n * cross_section)


def critical_temperature(eta: float) -> float:
    """Tc/Delta0 = 1/(pi sqrt(8 eta/(7 zeta(3))))."""
    return 1 / (BCS_GAP_RATIO * math.sqrt(eta))


def reduced_temperature(eta: float) -> float:
    """T0/Delta0 = (1 - eta)/(pi sqrt(8 eta/(7 zeta(3)))): 0.929093 at eta = 0.1."""
    return (1 - eta) * critical_temperature(eta)


def told(value: float, unit: str, form: str = ".4g") -> str:
    """A value in an SI unit for people, with a prefix: "12.3 uA"; form: a format of Python."""
    for prefix, size in (("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9)):
        if abs(value) >= size * (1 - 1e-9):
            return f"{value / size:{form}} {prefix}{unit}"
    prefix, size = ("p", 1e-12) if abs(value) >= 1e-12 else ("f", 1e-15)
    return f"{value / size:{form}} {prefix}{unit}" if value else f"0 {unit}"
