"""(7.1) to (7.3): junction resistance, closed form of the heat, expansions, the generalisations and the
misprints.
"""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from photonic_reference import REFERENCE
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from femtdgl.errors import InputError
from femtdgl.thermal import NISLink, bcs_gap
from femtdgl.thermal.photon_exchange import QUANTUM, bose_difference, panels
from femtdgl.thermal.photonic_nis import binet, matsubara_form, real_axis_form, resistance_ratio
from femtdgl.units import K_B


def junctions(**change):
    return NISLink(**({"chi": 2.0, "r0": 1e-11, "c": 0.05, "Tc": 1.2} | change))


@pytest.mark.parametrize("row", REFERENCE["nis_resistance_ratio"])
def test_resistance_ratio(row):
    assert resistance_ratio(row["t"], 1.0, row["Gamma_over_D0"]) == pytest.approx(float(row["v"]), rel=1e-10)


@pytest.mark.parametrize("t", [0.06, 0.15, 0.4, 0.9])
@pytest.mark.parametrize("dynes", [1e-3, 1e-2, 0.3])
def test_the_two_forms_of_the_resistance_agree(t, dynes):
    D, G = bcs_gap(t, 1.0) / K_B, dynes * 1.764
    assert matsubara_form(t, D, G) == pytest.approx(real_axis_form(t, D, G), rel=1e-9)


def test_resistance_is_continuous_where_the_forms_change():
    below, above = (resistance_ratio(0.05, 1.0, g) for g in (1.0039e-5, 1.0041e-5))
    assert below / above == pytest.approx(1.0041 / 1.0039, rel=1e-6)
    small = resistance_ratio(0.3, 1.0, 1e-13)
    assert small == pytest.approx(resistance_ratio(0.3, 1.0, 0.0), rel=1e-9)
    assert resistance_ratio(1.0, 1.0, 1e-4) == 1.0


@pytest.mark.parametrize("row", REFERENCE["photon_power_nis"])
def test_power(row):
    link = junctions(chi=row["chi"], c=row["c_F_m2"], r0=row["r0_ohm_m2"])
    assert link.power(row["TL"], row["TR"]) == pytest.approx(row["J"], rel=1e-10, abs=0)
    h = 1e-4 * row["TR"]
    kappa = -(link.power(row["TL"], row["TR"] + h) - link.power(row["TL"], row["TR"] - h)) / (2 * h)
    assert kappa == pytest.approx(row["kappa"], rel=max(row["rtol_kappa"], 1e-5))


@pytest.mark.parametrize(("T_L", "T_R"), [(0.5, 0.01), (0.5, 0.3), (0.2, 0.9), (0.05, 0.04)])
def test_closed_form_against_scaled_quadrature(T_L, T_R):
    link = junctions()
    hot = max(T_L, T_R)

    def integrand(x):
        w = np.array([x * hot])
        tau = link.transmission(w * K_B, T_L, T_R)
        return float(x * tau[0] * bose_difference(w, T_L, T_R)[0])

    G = link.conductances(T_L, T_R)
    cutoff = 1.054571817e-34 * sum(G) / sum(link.capacitances()) / K_B / hot
    edges = [0.0, *(c for c in (0.1 * cutoff, cutoff, 10 * cutoff, 100 * cutoff) if c < 40), 45.0]
    total = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-12, limit=200)[0] for a, b in itertools.pairwise(edges))
    assert link.power(T_L, T_R) == pytest.approx(QUANTUM * hot**2 * total, rel=1e-10)


@pytest.mark.parametrize("difference", [1e-10, 1e-7, 1e-5, 5e-4])
@pytest.mark.parametrize("T", [0.02, 0.3, 0.9])
def test_close_temperatures_against_forty_digits(difference, T):
    link = junctions()
    T_L, T_R = T + difference, T
    assert link.power(T, T) == 0.0
    with mp.workdps(40):
        G = [mp.mpf(g) for g in link.conductances(T_L, T_R)]
        hbar, kb = mp.mpf("6.62607015e-34") / (2 * mp.pi), mp.mpf("1.380649e-23")
        cutoff = (G[0] + G[1]) / mp.mpf(sum(link.capacitances()))
        tau0 = 4 * G[0] * G[1] / (G[0] + G[1]) ** 2

        def B(T):
            z = hbar * cutoff / (2 * mp.pi * kb * mp.mpf(T))
            return mp.log(z) - 1 / (2 * z) - mp.digamma(z)

        exact = float(hbar * tau0 * cutoff**2 / (4 * mp.pi) * (B(T_L) - B(T_R)))
    assert link.power(T_L, T_R) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("z", [1e-6, 0.3, 5.0, 11.99, 12.01, 31.0, 1e4])
def test_binet_function(z):
    with mp.workdps(40):
        exact = float(mp.log(z) - 1 / (2 * mp.mpf(z)) - mp.digamma(z))
    assert binet(z) == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize(("chi", "J", "T"), [(1, 19.4709, 0.3893), (2, 23.0311, 0.3741), (5, 21.8619, 0.3506)])
def test_known_maxima(chi, J, T):
    link = junctions(chi=float(chi))
    best = minimize_scalar(lambda x: -link.power(0.5, x) * 1e15, bounds=(0.3, 0.45), method="bounded")
    assert -best.fun == pytest.approx(J, abs=6e-5)
    assert best.x == pytest.approx(T, abs=1e-4)


def test_best_area_mismatch():
    def largest(chi):
        link = junctions(chi=chi)
        return minimize_scalar(lambda x: -link.power(0.5, x) * 1e15, bounds=(0.3, 0.45), method="bounded").fun

    assert minimize_scalar(largest, bounds=(1.5, 4), method="bounded").x == pytest.approx(2.69, abs=0.01)


def test_c_printed_is_a_thousandfold_capacitance():
    """E16: 0.0359 fW instead of 23."""
    printed = junctions(variant="c_printed")
    assert printed.power(0.5, 0.3) == junctions(c=50.0).power(0.5, 0.3)
    best = minimize_scalar(lambda x: -printed.power(0.5, x) * 1e15, bounds=(0.3, 0.45), method="bounded")
    assert -best.fun == pytest.approx(0.0359, abs=5e-5)


def test_does_not_depend_on_area_and_reverses_with_the_ends():
    link = junctions()
    assert junctions(area=1e-12).power(0.5, 0.3) == link.power(0.5, 0.3)
    # the same pair seen from the right: chi inverted, power per A_L alike
    assert junctions(chi=0.5).power(0.3, 0.5) == pytest.approx(-link.power(0.5, 0.3), rel=1e-12)


def test_a_dissimilar_pair_is_a_diode():
    link = junctions(Tc_right=0.6, chi=1.0)
    assert abs(link.power(0.5, 0.2) / link.power(0.2, 0.5) + 1) > 0.1
    same = junctions(chi=1.0)
    assert same.power(0.5, 0.2) == pytest.approx(-same.power(0.2, 0.5), rel=1e-12)


def test_normal_resistor_on_the_right():
    """NIS against a resistor: right side constant, no capacitance; integrated directly."""
    link = junctions(Tc_right=0.0, c_right=0.0, r0_right=3e-10)
    w, weight = panels([0.0, 0.5, 25.0], 200)
    G_L, G_R = 1 / (1e-11 * link.resistance_ratio(0.5)), 2.0 / 3e-10
    x = w * K_B / 1.054571817646e-34 * 0.05 / (G_L + G_R)
    tau = 4 * G_L * G_R / (G_L + G_R) ** 2 / (1 + x * x)
    direct = QUANTUM * float(np.sum(weight * w * tau * bose_difference(w, 0.5, 0.1)))
    assert link.power(0.5, 0.1) == pytest.approx(direct, rel=1e-8)
    assert link.resistance_ratio_right(0.5, 0.1) == 1.0


def test_line_reactance():
    bare, tiny = junctions(), junctions(line_inductance=1e-18)
    assert tiny.power(0.5, 0.3) == pytest.approx(bare.power(0.5, 0.3), rel=1e-6)
    coil = junctions(line_inductance=2e-8)
    tau = coil.transmission(np.geomspace(1e-3, 3, 400) * K_B, 0.5, 0.3)
    assert np.all((tau > 0) & (tau <= 1))
    assert abs(coil.power(0.5, 0.3) / bare.power(0.5, 0.3) - 1) > 1e-3


def test_voltage_fluctuation_is_thermal_noise_on_the_capacitance():
    link = junctions(c=5e4)  # slow circuit: classical
    expected = math.sqrt(K_B * 0.5 / (5e4 * 3 * 1e-13))
    assert link.voltage_fluctuation(0.5, 0.5) == pytest.approx(expected, rel=1e-3)
    assert junctions().voltage_fluctuation(0.5, 0.3) < K_B * 0.5 / 1.602e-19


def test_above_tc():
    """The lines are of the same superconductor: forbidden unless they are declared ideal."""
    with pytest.raises(InputError) as error:
        junctions().power(1.3, 0.2)
    assert error.value.key == "T_a"
    assert "Tc" in str(error.value)
    assert junctions(lines="ideal").power(1.3, 0.2) > 0


@pytest.mark.parametrize(
    ("change", "key"),
    [({"chi": 0.0}, "chi"), ({"r0": -1.0}, "r0"), ({"c": math.inf}, "c"), ({"dynes": -1e-4}, "dynes")],
)
def test_bad_input(change, key):
    with pytest.raises(InputError) as error:
        junctions(**change)
    assert error.value.key == key
