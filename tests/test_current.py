"""(1.2), (1.3): the coefficient c, the conductance and its variants."""

import math

import numpy as np
import pytest
from scipy.special import ellipe, ellipk, ellipkm1, elliprd

from femtdgl.equations import current
from femtdgl.units import U

DELTAS = [0.01, 0.3, 1.0, 10 / 3, 10.0, 300.0]


@pytest.mark.parametrize("delta", DELTAS)
def test_elliptic_pair_is_carlson_rd(delta):
    n = np.linspace(0.0, 4.0, 400)
    k1 = 1 / np.sqrt(1 + delta**2 * n)
    K, D = current.elliptic_pair(k1, current.elliptic_sweeps(delta))
    np.testing.assert_allclose(K, ellipkm1(k1**2), rtol=1e-14)
    np.testing.assert_allclose(D, elliprd(0, k1**2, 1) / 3, rtol=2e-15 * 4)


@pytest.mark.parametrize("delta", DELTAS)
def test_conductance_is_the_printed_one(delta):
    """(1.3) literally, where K - E does not cancel."""
    eta, n = 0.1, np.linspace(0.01, 2.0, 100)
    k = delta * np.sqrt(n) / np.sqrt(1 + delta**2 * n)
    literal = 1 + 2 / math.pi * math.sqrt(eta * U) * np.sqrt(n) * (ellipk(k**2) - ellipe(k**2)) / k
    for function in (current.conductance_exact, current.conductance_elliptic):
        np.testing.assert_allclose(function(n, delta, eta, U)[0], literal, rtol=1e-11)


@pytest.mark.parametrize("name", ["conductance_exact", "conductance_log_fit", "conductance_normal"])
@pytest.mark.parametrize("delta", [0.3, 10 / 3, 30.0])
def test_slope_of_conductance_by_complex_step(name, delta):
    function = getattr(current, name)
    n = np.array([1e-8, 1e-3, 0.1, 0.7, 1.3])
    slope = np.imag(function(n + 1e-30j, delta, 0.1, U)[0]) / 1e-30
    np.testing.assert_allclose(function(n, delta, 0.1, U)[1], slope, rtol=1e-10, atol=1e-15)


def test_conductance_at_zero_is_one_and_smooth():
    for function in (current.conductance_exact, current.conductance_elliptic, current.conductance_log_fit):
        g, slope = function(np.array([0.0]), 3.0, 0.1, U)
        assert g[0] == 1.0
        assert np.isfinite(slope).all()
    # dg/dn at 0 is (2/pi) sqrt(eta u) delta pi/4
    assert current.conductance_exact(np.array([0.0]), 3.0, 0.1, U)[1][0] == pytest.approx(
        0.5 * math.sqrt(0.1 * U) * 3.0, rel=1e-14
    )


def test_paper_fit_is_off_as_E3_says():
    """The fit to K - E: -36 % at k -> 0, +13 % at k = 0.95."""

    def ratio(k):
        delta = 1.0
        n = np.array([k**2 / (1 - k**2)])
        fit = current.conductance_log_fit(n, delta, 0.1, U)[0] - 1
        return float((fit / (current.conductance_exact(n, delta, 0.1, U)[0] - 1))[0])

    assert ratio(1e-3) - 1 == pytest.approx(2 / math.pi - 1, abs=1e-3)  # -0.363
    assert ratio(0.95) - 1 == pytest.approx(0.13, abs=0.005)


def test_interference_coefficient_E1():
    published = current.interference_coefficient("published", 2.0, 0.1, U)
    assert published == pytest.approx(4 * math.sqrt(0.1 / U))
    assert current.interference_coefficient("consistent", 2.0, 0.1, U) / published == pytest.approx(U)
    assert current.interference_coefficient("off", 2.0, 0.1, U) == 0.0
    assert current.interference_coefficient("published", 0.0, 0.1, U) == 0.0
