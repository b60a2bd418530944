"""Theory (2.6), (2.2) and S1 of (2.7)."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from femtdgl.equations.phonon_quadrature import fermi, sech2
from femtdgl.equations.phonons import (
    collision_integral,
    collision_rates,
    entropy_slope,
    level_velocity,
    pair_density,
    phonon_kernel,
    population_shift,
    reversible_heat,
)
from femtdgl.errors import InputError

T = 0.929093
W = np.array([0.05, 0.4, 1.3, 1.9999, 3.0, 8.0])


@pytest.mark.parametrize("gamma", [0.3, 0.01, 0.0])
@pytest.mark.parametrize("psi", [0.1, 1.0])
def test_detailed_balance(psi, gamma):
    """Equilibrium populations emit what they absorb, to rounding, though every process goes on."""
    emission, absorption = collision_rates(W, psi, T, gamma, lambda e: fermi(e / T))
    assert np.all(emission > 0)
    assert np.max(np.abs(emission - absorption) / emission) < 1e-12


@pytest.mark.parametrize("gamma", [0.3, 0.01, 0.0])
@pytest.mark.parametrize("psi", [0.1, 1.0])
def test_linear_limit_is_the_exact_kernel(psi, gamma):
    """(2.6) is quadratic in n, so a central difference is its derivative: 8 a K for delta n = a g."""
    a = 0.02

    def shift(e):
        return a * level_velocity(e, psi, gamma) * sech2(e / (2 * T))

    up = collision_integral(W, psi, T, gamma, lambda e: fermi(e / T) + shift(e))
    down = collision_integral(W, psi, T, gamma, lambda e: fermi(e / T) - shift(e))
    K = phonon_kernel(W, psi, T, gamma)
    np.testing.assert_allclose((up - down) / 2, 8 * a * K, rtol=1e-9)


def test_hot_populations_emit():
    assert np.all(collision_integral(W, 0.8, T, 0.3, lambda e: fermi(e / (1.5 * T))) > 0)
    assert np.all(collision_integral(W, 0.8, T, 0.3, lambda e: fermi(e / (0.7 * T))) < 0)


def test_population_shift():
    """(2.2) is odd, follows the sign of d|psi|/dt, and is the sharp Psi/e outside the gap."""
    e = np.array([-2.0, 0.3, 0.9, 2.0])
    shift = population_shift(e, 0.6, T, 0.0, 0.5, 2.0)
    expected = 2.0 * 0.5 / (4 * T) * np.array([-0.3, 0.5, 0.6 / 0.9, 0.3]) / np.cosh(e / (2 * T)) ** 2
    np.testing.assert_allclose(shift, expected, rtol=1e-13)
    np.testing.assert_allclose(
        population_shift(e, 0.6, T, 0.3, -0.5, 2.0)[[0]],
        -population_shift(e, 0.6, T, 0.3, -0.5, 2.0)[[3]],
        rtol=1e-14,
    )


@pytest.mark.parametrize(("psi", "gamma"), [(0.05, 0.3), (1.0, 0.3), (0.7, 0.01)])
def test_reversible_heat_against_its_definition(psi, gamma):
    def integrand(e):
        return e * float(pair_density(e, psi, gamma)) * float(sech2(e / (2 * T)))

    cuts = [0, psi - 3 * gamma, psi, psi + 3 * gamma, psi + 30 * gamma, 45 * T]
    cuts = sorted(c for c in cuts if 0 <= c <= 45 * T)
    direct = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=400)[0] for a, b in pairwise(cuts))
    assert reversible_heat(psi, T, gamma) == pytest.approx(direct, rel=1e-9)


def test_entropy_slope_limits():
    """s1 = 1 without gap and broadening; and 2 T Psi s1 -> S1 for any Psi."""
    assert entropy_slope(0.0, T, 0.0) == pytest.approx(1, rel=1e-12)
    assert entropy_slope(1e-7, T, 1e-9) == pytest.approx(1, rel=1e-6)
    psi = np.array([0.0, 0.4, 1.0])
    np.testing.assert_allclose(reversible_heat(psi, T, 0.3), 2 * T * psi * entropy_slope(psi, T, 0.3))
    assert np.all(np.diff(entropy_slope(psi, T, 0.3)) < 0)


def test_bad_input():
    with pytest.raises(InputError, match=r"n: .*allowed: 0 <= n <= 1"):
        collision_integral(1.0, 0.5, T, 0.3, lambda e: 1.2 * fermi(e / T))
    with pytest.raises(InputError, match="n: "):
        collision_integral(1.0, 0.5, T, 0.3, lambda e: fermi(e / T) - 0.01)
    with pytest.raises(InputError, match="n: "):
        collision_integral(1.0, 0.5, T, 0.3, lambda e: np.full_like(e, np.nan))
    with pytest.raises(InputError, match="whole axis"):
        collision_integral(1.0, 0.5, T, 0.3, lambda e: fermi(np.abs(e) / T))
    with pytest.raises(InputError, match="w: "):
        collision_integral(-1.0, 0.5, T, 0.3, lambda e: fermi(e / T))
    with pytest.raises(InputError, match="T: "):
        population_shift(1.0, 0.5, 0.0, 0.3, 1.0, 1.0)
