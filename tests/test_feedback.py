"""Theory section 3: phonons out of equilibrium act back on the gap."""

import numpy as np
import pytest
from scipy.integrate import quad

from femtdgl.equations.feedback import (
    escaping_excess,
    excess_generation,
    gap_feedback,
    pair_breaking,
    phonon_relaxation_rate,
    thermal_excess,
)
from femtdgl.equations.phonon_quadrature import bose, fermi
from femtdgl.equations.phonons import collision_integral, level_velocity
from femtdgl.errors import InputError

T = 0.929093


@pytest.mark.parametrize(
    ("gamma", "derived", "printed"),
    [(1e-1, 2.5026, 3.43), (1e-2, 2.7717, 5.55), (1e-3, 2.7991, 7.56), (1e-4, 2.8019, 9.56)],
)
def test_a_line_at_three_gaps(gamma, derived, printed):
    """E8: converges with 1/N1, diverges logarithmically without."""
    assert pair_breaking(3.0, 1.0, gamma) == pytest.approx(derived, abs=5.1e-5)
    assert pair_breaking(3.0, 1.0, gamma, form="printed") == pytest.approx(printed, abs=5.1e-3)


def test_sharp_limit_is_reached():
    assert pair_breaking(3.0, 1.0, 0.0) == pytest.approx(pair_breaking(3.0, 1.0, 1e-6), abs=1e-5)
    assert pair_breaking(1.9, 1.0, 0.0) == pytest.approx(0, abs=1e-15)  # no pair can be broken


def test_gap_feedback_is_the_integral_of_its_generation():
    """The exchange of the two integrals in (3.1), for a thermal excess."""
    w = np.linspace(0.5, 4, 6)
    weights, psi, gamma = np.full(6, 0.7), 0.6, 0.3
    excess = thermal_excess(w, 1.1 * T, T)

    def n(e):
        return fermi(np.asarray(e) / T)

    def integrand(e):
        generation = excess_generation(e, psi, gamma, w, weights, excess, n)
        return float(generation * level_velocity(e, psi, gamma) / psi)

    cuts = np.concatenate([[0.0], w])  # Gamma(e) stops at each w
    direct = -sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-10)[0] for a, b in zip(cuts, w, strict=False))
    found = gap_feedback(np.array([psi, 0.0]), gamma, w, weights, excess, n)
    assert found[0] == pytest.approx(direct, rel=1e-8)
    assert np.all(found < 0)


def test_normal_metal_absorbs_in_proportion_to_the_frequency():
    """Psi = 0: P = 1 and int [1 - f(e) - f(w-e)] de = w at any temperature."""
    w = np.array([0.01, 1.0, 7.0])
    rate = phonon_relaxation_rate(w, 0.0, T, 0.3, lambda e: fermi(e / T))
    np.testing.assert_allclose(rate, w, rtol=1e-10)


def test_escaping_excess():
    """No excess in equilibrium; for slow escape, hot populations impose their own temperature."""
    w = np.array([0.5, 2.0, 5.0])
    hot = 1.2 * T
    assert np.max(np.abs(escaping_excess(w, 0.8, T, 0.3, lambda e: fermi(e / T), 10.0))) < 1e-12
    slow = escaping_excess(w, 0.8, T, 0.3, lambda e: fermi(e / hot), 1e9)
    np.testing.assert_allclose(slow, bose(w / hot) - bose(w / T), rtol=1e-7)
    fast = escaping_excess(w, 0.8, T, 0.3, lambda e: fermi(e / hot), 1e-9)
    rate = collision_integral(w, 0.8, T, 0.3, lambda e: fermi(e / hot))
    np.testing.assert_allclose(fast, 1e-9 * rate, rtol=1e-7)


def test_bad_input():
    with pytest.raises(InputError, match="form"):
        pair_breaking(1.0, 0.5, 0.3, form="sharp")
    with pytest.raises(InputError, match="gamma"):
        pair_breaking(3.0, 1.0, 0.0, form="printed")
    with pytest.raises(InputError, match="w: "):
        pair_breaking(-1.0, 0.5, 0.3)
    with pytest.raises(InputError, match="excess"):
        gap_feedback(0.5, 0.3, [1.0, 2.0], [1.0], [1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="T_phonons"):
        thermal_excess([1.0], 0.0, T)
