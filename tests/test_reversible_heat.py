"""The table of s1(n, T), (2.7): against its integral, its derivatives, beyond its range."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from femtdgl.equations.phonons import entropy_slope, pair_density
from femtdgl.equations.reversible_heat import EntropySlope, entropy_table
from femtdgl.errors import InputError
from femtdgl.units import reduced_temperature

GAMMAS = (0.0, 1e-4, 1e-2, 0.1, 0.3, 1.0, 10.0)
ETAS = (0.01, 0.1, 0.5)


def inside(eta, points=600):
    rng = np.random.default_rng(5)
    T = reduced_temperature(eta) * np.exp(rng.uniform(math.log(0.2), math.log(3), points))
    n = rng.uniform(0, 1.5, points)
    n[:80], n[80:100], n[100:120] = 10 ** rng.uniform(-14, -3, 80), 0, 1.5
    T[120:200] = reduced_temperature(eta) * rng.uniform(0.2, 0.25, 80)
    return n, T


@pytest.mark.parametrize("eta", ETAS)
@pytest.mark.parametrize("gamma", GAMMAS)
def test_table_against_the_integral(gamma, eta):
    n, T = inside(eta)
    s1, _, _ = entropy_table(gamma, eta)(n, T)
    np.testing.assert_allclose(s1, entropy_slope(np.sqrt(n), T, gamma, points=300), rtol=1e-8)
    assert np.all((s1 > 0) & (s1 < 1 + 1e-8))


@pytest.mark.parametrize(("n", "T", "gamma"), [(0.8, 0.93, 0.3), (0.3, 0.4, 0.3), (1.1, 1.5, 1.0), (0.5, 0.3, 0.1)])
def test_level_form_against_the_energy_form(n, T, gamma):
    """s1 = S1/(2 T Psi) with S1 = int e R2 sech^2(e/2T) de, the form of (2.7)."""
    psi = math.sqrt(n)
    integrand = lambda e: e * float(pair_density(e, psi, gamma)) / math.cosh(e / (2 * T)) ** 2  # noqa: E731
    S1 = quad(integrand, 0, psi + 50 * T, points=[psi], epsabs=1e-14, epsrel=1e-11, limit=500)[0]
    assert entropy_slope(psi, T, gamma) == pytest.approx(S1 / (2 * T * psi), rel=1e-9)
    assert EntropySlope(gamma, 0.2, 2.0)(n, T)[0] == pytest.approx(S1 / (2 * T * psi), rel=1e-8)


def test_sharp_limit():
    """gamma = 0: (1/2T) int sech^2(sqrt(xi^2 + n)/2T) dxi, and 1 at n = 0, where only T-independence is left."""
    table = entropy_table(0.0, 0.1)
    for n, T in ((0.7, 0.5), (1.2, 0.93), (0.01, 2.0)):
        value = quad(lambda x: 1 / math.cosh(math.sqrt(x * x + n) / (2 * T)) ** 2, 0, 60 * T, epsabs=0, epsrel=1e-11)  # noqa: B023
        assert table(n, T)[0] == pytest.approx(value[0] / (2 * T), rel=1e-8)
    s1, by_n, by_T = table(0.0, np.linspace(0.3, 2.5, 7))
    np.testing.assert_allclose(s1, 1, rtol=1e-8)
    np.testing.assert_allclose(by_T, 0, atol=1e-7)
    assert np.all(by_n < 0)


def test_small_gamma_reaches_the_sharp_limit():
    n, T = inside(0.1)
    n += 1e-3
    differences = [
        np.max(np.abs(entropy_table(g, 0.1)(n, T)[0] - entropy_table(0.0, 0.1)(n, T)[0])) for g in (1e-2, 1e-3, 1e-4)
    ]
    assert differences[0] < 0.1
    assert differences[1] < 0.2 * differences[0]
    assert differences[2] < 0.2 * differences[1]


@pytest.mark.parametrize("gamma", [1e-3, 0.3, 10.0])
def test_derivatives_in_and_out_of_the_range(gamma):
    table = entropy_table(gamma, 0.1)
    rng = np.random.default_rng(1)
    n, T = rng.uniform(-0.5, 3, 2000), table.T_max * rng.uniform(-1, 3, 2000)
    _, by_n, by_T = table(n, T)
    for derivative, stepped in ((by_n, table(n + 1e-30j, T)[0]), (by_T, table(n, T + 1e-30j)[0])):
        np.testing.assert_allclose(
            stepped.imag / 1e-30, derivative, rtol=1e-11, atol=1e-12 * np.max(np.abs(derivative))
        )


@pytest.mark.parametrize("gamma", [1e-3, 0.3, 3.0])
def test_derivatives_are_those_of_the_integral(gamma):
    n, T, h = np.array([0.05, 0.4, 0.9, 1.4]), np.array([0.8, 0.3, 0.93, 2.2]), 1e-3
    table = EntropySlope(gamma, 0.2, 3.0)

    def slope(f):
        return (f(-2) - 8 * f(-1) + 8 * f(1) - f(2)) / (12 * h)

    _, by_n, by_T = table(n, T)
    np.testing.assert_allclose(by_n, slope(lambda k: entropy_slope(np.sqrt(n + k * h), T, gamma)), rtol=1e-6)
    np.testing.assert_allclose(by_T, slope(lambda k: entropy_slope(np.sqrt(n), T + k * h, gamma)), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 10.0])
@pytest.mark.parametrize("eta", ETAS)
def test_beyond_the_range_smooth_positive_and_bounded(gamma, eta):
    table = entropy_table(gamma, eta)
    rng = np.random.default_rng(2)
    n, T = rng.uniform(0, 4, 4000), table.T_max * rng.uniform(-2, 3, 4000)
    s1, by_n, by_T = table(n, T)
    assert np.all(s1 > 0)
    assert np.all(s1 < 2)
    assert np.all(np.isfinite(by_n) & np.isfinite(by_T))
    step = 1e-9  # value and both slopes are continuous across each edge
    T_mid, edges = 1.01 * table.T_min, ((0.0, T) for T in (table.T_min, table.T_max))
    for n0, T0 in [*edges, (1.3, table.T_min), (1.3, table.T_max), (0.0, T_mid), (1.5, table.T_min)]:
        for dn, dT in ((step, 0), (0, step * table.T_min)):
            below, above = np.array(table(n0 - dn, T0 - dT)), np.array(table(n0 + dn, T0 + dT))
            scale = np.array([1.0, 1 / table.T_min**2, 1 / table.T_min])
            np.testing.assert_allclose(above / scale, below / scale, atol=1e-6)


def test_broadcast_and_shapes():
    table = entropy_table(0.3, 0.1)
    s1, by_n, by_T = table(np.linspace(0, 1, 5)[:, None], np.array([0.8, 0.9, 1.0]))
    assert s1.shape == by_n.shape == by_T.shape == (5, 3)
    assert s1[2, 1] == table(0.5, 0.9)[0]
    assert table is entropy_table(0.3, 0.1)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [((-0.1, 0.1, 1.0), "gamma"), ((0.3, 0.0, 1.0), "T"), ((0.3, 1.0, 0.5), "T"), ((0.3, 0.1, 1.0, 0.0), "n_max")],
)
def test_bad_ranges_die_at_birth(arguments, key):
    with pytest.raises(InputError) as error:
        EntropySlope(*arguments)
    assert error.value.key == key
