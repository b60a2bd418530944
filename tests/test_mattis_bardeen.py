"""(6.3): conductivity and spectral function against 30-digit values, direct quadrature, limits, and the
misprints.
"""

import math

import numpy as np
import pytest
from photonic_reference import REFERENCE
from scipy.integrate import quad

from femtdgl.errors import InputError
from femtdgl.thermal import bcs_gap, gap_printed, mattis_bardeen
from femtdgl.thermal.mattis_bardeen import spectral_function
from femtdgl.units import K_B


@pytest.mark.parametrize("row", REFERENCE["mattis_bardeen"])
def test_reference(row):
    one, two = mattis_bardeen(row["w"] * K_B, row["T"], row["D"] * K_B)
    assert one == pytest.approx(float(row["sigma1"]), rel=1e-10)
    assert two == pytest.approx(float(row["sigma2"]), rel=1e-10)
    w = np.array([row["w"]])
    F = spectral_function(w, w - 2 * row["D"], row["T"], row["D"], nodes=96)
    assert F[0] == pytest.approx(row["F"], rel=1e-10)


@pytest.mark.parametrize("w", [0.3, 1.0, 1.7, 2.5, 6.0])
@pytest.mark.parametrize("T", [0.1, 0.5, 3.0])
def test_direct_quadrature_of_sigma2(w, T):
    """The printed integral with E = D - x^2 and E = -D + x^2 halves, so that quad sees no roots."""

    def nu(E):
        return (
            (E * (E + w) + 1)
            / (math.sqrt(1 - E) * math.sqrt(1 + E) * math.sqrt((E + w - 1) * (E + w + 1)))
            * math.tanh((E + w) / (2 * T))
        )

    low = max(-1.0, 1 - w)
    total = quad(
        lambda a: nu(low + (1 - low) * math.sin(a) ** 2) * (1 - low) * math.sin(2 * a),
        1e-9,
        math.pi / 2 - 1e-9,
        limit=400,
        epsabs=1e-12,
        epsrel=1e-10,
    )[0]
    _, two = mattis_bardeen(w * K_B, T, K_B)
    assert two == pytest.approx(total / w, rel=1e-6)


@pytest.mark.parametrize("offset", [1e-6, -1e-6, 1e-9, -1e-9])
@pytest.mark.parametrize("T", [0.02, 0.2, 0.39, 0.4 - 1e-7])
def test_next_to_twice_the_gap(offset, T):
    """Twice the nodes change nothing there."""
    gap = bcs_gap(T, 0.4)
    once = mattis_bardeen(2 * gap * (1 + offset), T, gap)
    twice = mattis_bardeen(2 * gap * (1 + offset), T, gap, nodes=480)
    assert once == pytest.approx(twice, rel=1e-10)


def test_normal_state_and_extreme_gap():
    assert mattis_bardeen(K_B, 0.5, 0.0) == (1.0, 0.0)
    one, two = mattis_bardeen(1e6 * K_B, 0.5, K_B)
    assert one == pytest.approx(1, abs=1e-5)
    assert two == pytest.approx(0, abs=1e-5)


def test_zero_temperature_sigma2_at_low_energy():
    """sigma2 -> pi D/w tanh(D/2T)."""
    w = 1e-6  # the next term is of relative size w
    _, two = mattis_bardeen(w * K_B, 0.3, K_B)
    assert two == pytest.approx(math.pi / w * math.tanh(1 / 0.6), rel=1e-6)


def test_spectral_function_jumps_at_twice_the_gap_by_pi_D_tanh():
    D, T = 1.0, 0.4
    w = np.array([2.0, 2.0])
    below, above = spectral_function(w, np.array([-1e-12, 1e-12]), T, D, nodes=96)
    assert above - below == pytest.approx(math.pi * D * math.tanh(D / (2 * T)), rel=1e-9)


def test_shapes_and_floats():
    energies = np.array([[0.5, 1.0], [2.0, 3.0]]) * K_B
    one, two = mattis_bardeen(energies, 0.3, K_B)
    assert one.shape == two.shape == (2, 2)
    assert float(mattis_bardeen(energies[1, 0], 0.3, K_B)[0]) == pytest.approx(one[1, 0], rel=1e-14)


def test_printed_eq5_agrees_below_and_differs_above_twice_the_gap():
    """E11: 0.800 instead of 0.55804094 at T -> 0, w = 2.5 D."""
    _, derived = mattis_bardeen(2.5 * K_B, 0.01, K_B)
    _, printed = mattis_bardeen(2.5 * K_B, 0.01, K_B, sigma2="eq5_printed")
    assert derived == pytest.approx(0.55804094, abs=5e-9)
    assert printed == pytest.approx(0.8, abs=1e-8)
    below = [mattis_bardeen(1.5 * K_B, 0.2, K_B, sigma2=form)[1] for form in ("derived", "eq5_printed")]
    assert below[0] == pytest.approx(below[1], rel=1e-12)


def test_gap_laws():
    """E10: the misprinted gap jumps at Tc, and is above the gap everywhere below it but at T -> 0."""
    Tc, full = 0.4, 1.764 * K_B * 0.4
    assert bcs_gap(0.4, Tc) == gap_printed(0.4, Tc) == 0
    assert bcs_gap(1e-3, Tc) == pytest.approx(full, rel=1e-12)
    assert bcs_gap(Tc * (1 - 1e-9), Tc) == pytest.approx(full * 1.74 * math.sqrt(1e-9), rel=1e-6)
    assert gap_printed(Tc * (1 - 1e-9), Tc) == pytest.approx(full * math.tanh(0.74), rel=1e-6)


@pytest.mark.parametrize(
    ("energy", "T", "gap", "key"),
    [(0.0, 0.1, 1e-24, "energy"), (1e-24, 0.0, 1e-24, "T"), (1e-24, 0.1, -1e-24, "gap")],
)
def test_bad_input(energy, T, gap, key):
    with pytest.raises(InputError) as error:
        mattis_bardeen(energy, T, gap)
    assert error.value.key == key
