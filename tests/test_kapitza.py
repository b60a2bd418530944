"""(5.1) to (5.3): interfaces and leaks; reciprocity; no diode without work."""

import math

import pytest

from femtdgl.errors import InputError
from femtdgl.thermal import Kapitza, Leak, Solid, acoustic_mismatch
from femtdgl.thermal.kapitza import mean_transmission, transmission
from femtdgl.units import HBAR, K_B

# density, longitudinal and transverse speed: textbook values for polycrystals, [100] for silicon
SILICON = Solid(density=2330, longitudinal=8433, transverse=5843)
TIN = Solid(density=7310, longitudinal=3320, transverse=1670)
ALUMINIUM = Solid(density=2700, longitudinal=6420, transverse=3040)
SAPPHIRE = Solid(density=3980, longitudinal=11100, transverse=6040)


@pytest.mark.parametrize(
    ("one", "two", "forward", "backward"),
    [(SILICON, TIN, 0.94644, 0.14669), (ALUMINIUM, SAPPHIRE, 0.22226, 0.66441)],
)
def test_known_transmissions_and_reciprocity(one, two, forward, backward):
    s1, s2 = one.longitudinal, two.longitudinal
    there = mean_transmission(one.density, s1, two.density, s2)
    back = mean_transmission(two.density, s2, one.density, s1)
    assert there == pytest.approx(forward, rel=2e-2)
    assert back == pytest.approx(backward, rel=2e-2)
    assert there / s1**2 == pytest.approx(back / s2**2, rel=1e-12)
    assert acoustic_mismatch(one, two) == pytest.approx(acoustic_mismatch(two, one), rel=1e-12)


def test_alpha_is_symmetric_and_limits():
    assert mean_transmission(1000, 3000, 1000, 3000) == pytest.approx(1, rel=1e-12)
    assert mean_transmission(1000, 3000, 2000, 3000) == pytest.approx(8 / 9, rel=1e-12)
    assert transmission(1.0, 1000, 3000, 5000, 4000) == pytest.approx(4 * 3 * 20 / (23**2), rel=1e-12)


def test_total_reflection_is_decided_by_the_speeds():
    """E9: side 2 has the smaller rho s but the larger s: beyond the critical angle nothing passes from 1 to
    2.
    """
    critical = math.sqrt(1 - (3000 / 5000) ** 2)
    assert transmission(critical - 1e-3, 9000, 3000, 1000, 5000) == 0
    assert transmission(critical + 1e-3, 9000, 3000, 1000, 5000) > 0
    assert transmission(1e-3, 1000, 5000, 9000, 3000) > 0


def test_sigma_of_identical_solids_is_the_debye_radiation():
    solid = Solid(density=1000, longitudinal=5000, transverse=3000)
    black = math.pi**2 * K_B**4 / (120 * HBAR**3) * (1 / 5000**2 + 2 / 3000**2)
    assert acoustic_mismatch(solid, solid) == pytest.approx(black, rel=1e-12)


def test_power():
    link = Kapitza(area=2.0, sigma_K=3.0, p_forward=0.5, p_backward=0.25)
    assert link.power(2.0, 1.0) == pytest.approx(2 * 3 * 0.5 * 15)
    assert link.power(1.0, 2.0) == pytest.approx(-2 * 3 * 0.25 * 15)
    assert Kapitza(area=2.0, sigma_K=3.0).conductance(2.0) == 4 * 6 * 8
    assert Leak(k=2.0, S=3.0, d=4.0).power(2.0, 1.0) == 1.5


def test_the_form_that_pumps_for_nothing_is_refused():
    with pytest.raises(InputError) as error:
        Kapitza.from_one_way_powers(area=1.0, sigma_K=1.0, p_forward=1.0, p_backward=0.5)
    assert error.value.key == "p_backward"
    same = Kapitza.from_one_way_powers(area=1.0, sigma_K=1.0, p_forward=1.0, p_backward=1.0)
    assert same == Kapitza(area=1.0, sigma_K=1.0)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Kapitza(area=0.0, sigma_K=1.0), "area"),
        (lambda: Kapitza(area=1.0, sigma_K=math.nan), "sigma_K"),
        (lambda: Kapitza(area=1.0, sigma_K=1.0, p_backward=-1.0), "p_backward"),
        (lambda: Leak(k=1.0, S=1.0, d=0.0), "d"),
        (lambda: Solid(density=1.0, longitudinal=0.0, transverse=1.0), "longitudinal"),
        (lambda: Leak(k=1.0, S=1.0, d=1.0).power(0.0, 1.0), "T_a"),
        (lambda: Kapitza(area=1.0, sigma_K=1.0).power(1.0, -1.0), "T_b"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key
