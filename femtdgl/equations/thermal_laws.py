"""Heat capacity and heat conductivity as functions of temperature, for (4.1) and (4.2).

Temperatures are tau = T/Tc, Tc that of the film; capacities are in 2 eta N(0) Delta0^2/Tc and conductivities in that
times xi^2/t0 (theory note, section 0).  A law is a power of the temperature, below Tc times a factor of the gap,

    v(tau) = value tau^exponent b(y),      y = Delta(T)/(kB T),      b = 1 at and above Tc,
    Delta(T) = 1.764 kB Tc tanh(1.74 sqrt(Tc/T - 1)).

Quasiparticles at a gap y, E = sqrt(x^2 + y^2) and f the Fermi function of E (energies in kB T):

    capacity      b = c(y) = (3/(2 pi^2)) int_0^inf E^2 sech^2(E/2) dx
    conductivity  b = h(y) = (3/(2 pi^2)) int_y^inf x^2 sech^2(x/2) dx     impurities: Bardeen, Rickayzen and Tewordt,
                                                                           Phys. Rev. 113, 982 (1959)

c is the capacity at FIXED gap, T dS/dT of the quasiparticles with the levels E held.  The textbook capacity has one
more term, proportional to d(Delta^2)/dT, which makes the jump at Tc: the heat that it takes to move the gap.  Here
|psi| has an equation of motion of its own, and what it costs to move it is counted there: w and F/2 of (1.5) hold what
|psi| dissipates and stores, and (s1/(2 eta)) d_t n of (2.7) what the quasiparticles exchange with it.  A capacity with
the jump would count that heat twice.  At fixed gap nothing jumps: c = 1 + (3/(2 pi^2)) y^2 - ... rises to 1.17 at
y = 1.68 and falls exponentially from there.  Delta(T) in c and h is that of the bulk at T, not |psi|, which may be
out of equilibrium: these are laws of temperature alone.

How they are evaluated.  y^2 is analytic in tau at Tc and c in y^2, so that tau^a c(y) is smooth on [0, 1]; h - 1 is
odd in y and holds (1 - tau)^(3/2), but is analytic in s = sqrt(1 - tau).  Each is a piecewise polynomial, of tau or
of s, interpolated in the Chebyshev points of each piece; the derivative and the integral returned are those of this
very polynomial, so that a ledger of energy closes to rounding.  Complex arguments are taken (complex step):
branches look at the real part.  So are arrays of another module that follow numpy's protocols, by a law whose `pieces`
are such arrays too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from femtdgl.equations.phonon_quadrature import double_exponential, sech2
from femtdgl.errors import InputError
from femtdgl.units import U

Values = NDArray[Any]  # of floats, or of complex numbers in a complex step
Suppression = Literal["none", "capacity", "conductivity"]

GAP_RATIO, GAP_SLOPE = 1.764, 1.74
COLDEST = 1e-6
"""Below this tau a law is constant: positive, with no slope, whatever a Newton iterate may ask for."""
RESIDUE = 1e-12
"""Added to c and h, times 1 - tau: they stay positive where they are exponentially small (7e-16 at Tc/25)."""
PIECES, DEGREE = 64, 9
QUADRATURE = 160
TAIL = 60.0


def gap_over_temperature(tau: ArrayLike) -> Values:
    """y = Delta/(kB T) of the bulk at T = tau Tc > 0; 0 at and above Tc."""
    tau = np.asarray(tau, float)
    return GAP_RATIO / tau * np.tanh(GAP_SLOPE * np.sqrt(np.maximum(1 / tau - 1, 0)))


def quasiparticle_capacity(y: ArrayLike) -> Values:
    """c(y) = (3/(2 pi^2)) int_0^inf E^2 sech^2(E/2) dx by quadrature: C_es/C_en at fixed gap; c(0) = 1."""
    y = np.asarray(y, float)[..., None]
    left, _, weight = double_exponential(QUADRATURE)
    E = np.hypot(TAIL * left, y)
    return 3 / (2 * math.pi**2) * TAIL * np.sum(weight * E**2 * sech2(E / 2), axis=-1)


def quasiparticle_conductivity(y: ArrayLike) -> Values:
    """h(y) = (3/(2 pi^2)) int_y^inf x^2 sech^2(x/2) dx by quadrature: k_es/k_en; h(0) = 1."""
    y = np.asarray(y, float)[..., None]
    left, _, weight = double_exponential(QUADRATURE)
    x = y + TAIL * left
    return 3 / (2 * math.pi**2) * TAIL * np.sum(weight * x**2 * sech2(x / 2), axis=-1)


@dataclass(frozen=True)
class Pieces:
    """A polynomial on each of PIECES equal parts of [0, 1], of the distance r from its left end in parts."""

    coefficients: NDArray[np.float64]  # (degree + 1, pieces)
    before: NDArray[np.float64]  # (pieces,), the integral from 0 to the left end

    @classmethod
    def through(cls, function: Any) -> Pieces:
        """Interpolates `function` in the Chebyshev points of each part."""
        left = np.arange(PIECES) / PIECES
        points = (chebyshev.chebpts1(DEGREE + 1) + 1) / 2
        values = function(left + points[:, None] / PIECES)
        series = np.linalg.solve(chebyshev.chebvander(2 * points - 1, DEGREE), values)
        shifted = np.zeros((DEGREE + 1, DEGREE + 1))  # T_k(2 r - 1) in powers of r
        for k in range(DEGREE + 1):
            term = np.polynomial.Polynomial(chebyshev.cheb2poly([0] * k + [1]))(np.polynomial.Polynomial([-1.0, 2.0]))
            shifted[: k + 1, k] = term.coef
        return cls.of(shifted @ series)

    @classmethod
    def of(cls, coefficients: NDArray[np.float64]) -> Pieces:
        """With the integrals up to each part added."""
        parts = np.sum(coefficients / np.arange(1, len(coefficients) + 1)[:, None], axis=0) / PIECES
        return cls(coefficients, np.concatenate([[0.0], np.cumsum(parts)[:-1]]))

    def _where(self, x: Values) -> tuple[Values, NDArray[np.intp], Values]:
        part = np.minimum((x.real * PIECES).astype(np.intp), PIECES - 1)
        return x * PIECES - part, part, np.take(self.coefficients, part, axis=1)

    def __call__(self, x: Values) -> tuple[Values, Values]:
        """Value and derivative at 0 <= x <= 1."""
        r, _, c = self._where(x)
        value, slope = c[-2] + r * c[-1], c[-1] + 0 * r
        for row in c[-3::-1]:
            slope *= r
            slope += value
            value *= r
            value += row
        slope *= PIECES
        return value, slope

    def integral(self, x: Values) -> Values:
        """int_0^x of the polynomials."""
        r, part, c = self._where(x)
        total = 0 * r
        for k in range(len(c) - 1, -1, -1):
            total = total * r + c[k] / (k + 1)
        return self.before[part] + total * r / PIECES


@lru_cache(maxsize=8)
def capacity_pieces(exponent: float) -> Pieces:
    """tau^exponent c(y(tau)), in pieces of tau."""
    return Pieces.through(lambda tau: tau**exponent * quasiparticle_capacity(gap_over_temperature(tau)))


@lru_cache(maxsize=1)
def conductivity_pieces() -> Pieces:
    """h(y(tau)), in pieces of s = sqrt(1 - tau).  h = 1 + O(s^3): known, and the slope in tau is P'(s)/(-2 s)."""
    pieces = Pieces.through(lambda s: quasiparticle_conductivity(gap_over_temperature(1 - s**2)))
    coefficients = pieces.coefficients.copy()
    coefficients[:3, 0] = 1.0, 0.0, 0.0
    return Pieces.of(coefficients)


@dataclass(frozen=True, kw_only=True)
class Law:
    """v(tau) = value tau^exponent b(tau): a capacity, a conductivity or a coupling; positive at every tau if value is.

    Below tau = COLDEST, and at the negative temperatures of a Newton iterate, v is what it is at COLDEST, with slope 0;
    b of a superconductor has RESIDUE (1 - tau) added.
    """

    value: float
    """At Tc."""
    exponent: float = 1.0
    """1 for electrons, 3 for phonons."""
    bcs: Suppression = "none"
    """Factor of the gap below Tc: none, c(y) of a capacity, h(y) of a conductivity."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value >= 0):
            raise InputError(f"{self.value!r} is not possible", key="value", allowed="a number >= 0")
        if not (math.isfinite(self.exponent) and self.exponent >= 0):
            raise InputError(f"{self.exponent!r} is not possible", key="exponent", allowed="a number >= 0")
        if self.bcs not in ("none", "capacity", "conductivity"):
            raise InputError(f"{self.bcs!r} is unknown", key="bcs", allowed="none, capacity, conductivity")

    def __call__(self, tau: ArrayLike) -> tuple[Values, Values]:
        """v and dv/dtau.  tau: any shape, real or complex."""
        given, tau, cold = _warmed(tau)
        v, slope = _power(tau, self.exponent)
        below = tau.real < 1
        if self.bcs != "none" and below.any():
            inside = tau[below]
            if self.bcs == "capacity":
                v[below], slope[below] = self._gapped_capacity(inside)
            else:
                b, b_slope = self._conductivity_factor(inside)
                slope[below] = slope[below] * b + v[below] * b_slope
                v[below] *= b
        v *= self.value
        slope *= self.value
        if cold is not None:
            slope[cold] = 0
        return v.reshape(given), slope.reshape(given)

    def integral(self, tau: ArrayLike) -> Values:
        """int_0^tau v dtau', the thermal energy of a capacity.  tau: any shape, real or complex."""
        if self.bcs == "conductivity":
            raise InputError("a conductivity has no thermal energy", key="bcs", allowed="none, capacity")
        original = np.ravel(_numbers(tau))
        given, tau, cold = _warmed(tau)
        total = self._antiderivative(tau)
        coldest = np.array([COLDEST])
        (level,), (start,) = self(coldest)[0], self.value * self._antiderivative(coldest)
        total = self.value * total + (level * COLDEST - start)
        if cold is not None:
            total[cold] = level * original[cold]
        return total.reshape(given)

    @property
    def pieces(self) -> Pieces:
        """The polynomials of a law with a factor of the gap."""
        return capacity_pieces(self.exponent) if self.bcs == "capacity" else conductivity_pieces()

    def _gapped_capacity(self, tau: Values) -> tuple[Values, Values]:
        v, slope = self.pieces(tau)
        return v + RESIDUE * (1 - tau), slope - RESIDUE

    def _conductivity_factor(self, tau: Values) -> tuple[Values, Values]:
        s = np.sqrt(1 - tau)
        b, b_slope = self.pieces(s)
        return b + RESIDUE * (1 - tau), b_slope / (-2 * s) - RESIDUE

    def _antiderivative(self, tau: Values) -> Values:
        """Over `value`, without what the constant below COLDEST adds."""
        total = tau * _power(tau, self.exponent)[0] / (self.exponent + 1)
        if self.bcs == "none":
            return total
        below = tau.real < 1
        pieces = self.pieces
        total[~below] += pieces.integral(np.ones(1)) + RESIDUE / 2 - 1 / (self.exponent + 1)
        inside = tau[below]
        total[below] = pieces.integral(inside) + RESIDUE * inside * (1 - inside / 2)
        return total


def electron_capacity(eta: float, u: float = U) -> float:
    """C_e(Tc) of free electrons, (2 pi^2/3) N(0) kB^2 Tc, in units of section 0: (pi^2/3) (kB Tc/Delta0)^2/eta.

    With Delta0/(2 kB Tc) = (2/pi) sqrt(eta u) it is (pi^2/3) u (pi/(4 u eta))^2, which keeps k_e/C_e = D, that is 1/u,
    for a film with another u too: the unit of energy is then that of the power, j0 V0/xi, times t0.
    """
    return u * electron_conductivity(eta, u)


def electron_conductivity(eta: float, u: float = U) -> float:
    """k_e(Tc) of Wiedemann and Franz, L0 sigma_n Tc, in units of section 0: (pi^2/3) (kB Tc/(e V0))^2.

    V0 = (4 u eta/pi) kB Tc/e.
    """
    return math.pi**2 / 3 * (math.pi / (4 * u * eta)) ** 2


def _numbers(tau: ArrayLike) -> Values:
    array: Any = tau if hasattr(tau, "__array_function__") else np.asarray(tau)
    return array if array.dtype.kind == "c" else array.astype(float, copy=False)


def _warmed(tau: ArrayLike) -> tuple[tuple[int, ...], Values, NDArray[np.bool_] | None]:
    """Shape of the argument; the argument flat, COLDEST where it is colder; and where that is, if anywhere."""
    array = _numbers(tau)
    flat = np.ravel(array)
    cold = ~(flat.real >= COLDEST)
    if not cold.any():
        return array.shape, flat, None
    return array.shape, np.where(cold, COLDEST, flat), cold


def _power(tau: Values, exponent: float) -> tuple[Values, Values]:
    """tau^exponent and its derivative; products for the exponents that are met, which are 20 times faster."""
    if exponent == 0:
        return np.ones_like(tau), np.zeros_like(tau)
    if exponent == 1:
        return tau.copy(), np.ones_like(tau)
    if exponent == 2:
        return tau * tau, 2 * tau
    if exponent == 3:
        square = tau * tau
        return square * tau, 3 * square
    power = tau ** (exponent - 1)
    return power * tau, exponent * power
