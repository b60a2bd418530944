"""Heat capacities and conductivities as functions of temperature: values, derivatives, integrals, limits."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from femtdgl.equations import thermal_laws
from femtdgl.equations.thermal_laws import (
    COLDEST,
    Law,
    electron_capacity,
    electron_conductivity,
    gap_over_temperature,
    quasiparticle_capacity,
    quasiparticle_conductivity,
)
from femtdgl.errors import InputError
from femtdgl.units import BCS_GAP_RATIO, E_CHARGE, HBAR, K_B, Scales, U

EXPONENTS = (0.0, 0.5, 1.0, 2.0, 3.0)
LAWS = [Law(value=2.5, exponent=a, bcs=bcs) for a in EXPONENTS for bcs in ("none", "capacity", "conductivity")]
CAPACITIES = [law for law in LAWS if law.bcs != "conductivity"]
NEAR_TC = 1 - np.logspace(-15, -1, 60)
TAU = np.concatenate([np.linspace(0.003, 2.5, 1501), NEAR_TC, 2 - NEAR_TC])


def sech2(x):
    return 1 / math.cosh(min(x, 300)) ** 2


def capacity_factor(y):
    value = quad(lambda x: (x * x + y * y) * sech2(math.hypot(x, y) / 2), 0, 100, epsabs=1e-14, epsrel=1e-12, limit=200)
    return 3 / (2 * math.pi**2) * value[0]


def conductivity_factor(y):
    value = quad(lambda x: x * x * sech2(x / 2), y, y + 100, epsabs=1e-14, epsrel=1e-12, limit=200)
    return 3 / (2 * math.pi**2) * value[0]


@pytest.mark.parametrize("y", [0.0, 0.05, 0.4, 1.0, 2.5, 6.0, 15.0])
def test_quadratures_of_both_factors(y):
    assert quasiparticle_capacity(y) == pytest.approx(capacity_factor(y), rel=1e-11)
    assert quasiparticle_conductivity(y) == pytest.approx(conductivity_factor(y), rel=1e-11)


def test_factors_near_and_far():
    """Far: h -> (6/pi^2) exp(-y) (y^2 + 2 y + 2), c -> (6/pi^2) y^2 sqrt(pi y/2) exp(-y)."""
    y = np.array([0.01, 0.02])
    np.testing.assert_allclose(1 - quasiparticle_conductivity(y), y**3 / (2 * math.pi**2), rtol=1e-3)
    y = 40.0
    assert quasiparticle_conductivity(y) == pytest.approx(6 / math.pi**2 * math.exp(-y) * (y * y + 2 * y + 2), rel=1e-9)
    far = 6 / math.pi**2 * y**2 * math.sqrt(math.pi * y / 2) * math.exp(-y)
    assert quasiparticle_capacity(y) == pytest.approx(far, rel=5 / y)
    assert quasiparticle_capacity(0.0) == pytest.approx(1, rel=1e-13)
    y = np.linspace(0, 6, 601)
    c = quasiparticle_capacity(y)
    assert y[np.argmax(c)] == pytest.approx(1.68)
    assert np.max(c) == pytest.approx(1.1692, abs=1e-4)


@pytest.mark.parametrize("tau", [0.05, 0.21, 0.5, 0.77, 0.9, 0.99, 1 - 1e-6])
def test_suppressed_laws_against_quad(tau):
    y = 1.764 * math.tanh(1.74 * math.sqrt(1 / tau - 1)) / tau
    assert gap_over_temperature(tau) == pytest.approx(y, rel=1e-14)
    for law in LAWS:
        factor = {"none": lambda y: 1.0, "capacity": capacity_factor, "conductivity": conductivity_factor}[law.bcs](y)
        assert law(tau)[0] / 2.5 == pytest.approx(tau**law.exponent * factor, abs=1e-10), law


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_derivative_is_that_of_the_value(law):
    value, slope = law(TAU)
    stepped = law(TAU + 1e-30j)[0]
    np.testing.assert_allclose(stepped.imag / 1e-30, slope, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(stepped.real, value, rtol=1e-14)
    for tau in (0.31, 0.62, 0.93, 1.4):  # and not only of its polynomial
        h = 1e-4
        four = [law(tau + k * h)[0] for k in (-2, -1, 1, 2)]
        assert (four[0] - 8 * four[1] + 8 * four[2] - four[3]) / (12 * h) == pytest.approx(law(tau)[1], rel=1e-8)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_positive_everywhere_and_the_power_law_from_Tc_on(law):
    tau = np.concatenate([np.linspace(-2, 3, 5001), [0.0, 1e-9, COLDEST, 1e-3]])
    value, slope = law(tau)
    assert np.all(value > 0)
    assert np.all(np.isfinite(slope))
    np.testing.assert_array_equal(slope[tau < COLDEST], 0)
    np.testing.assert_array_equal(value[tau < COLDEST], law(COLDEST)[0])
    above = tau[tau >= 1]
    np.testing.assert_allclose(law(above)[0], 2.5 * above**law.exponent, rtol=1e-14)
    np.testing.assert_allclose(law(1 - 1e-14)[0], 2.5, rtol=1e-12)


def test_slopes_at_Tc():
    """h = 1 - y^3/(2 pi^2) and c = 1 + (3/(2 pi^2)) y^2, with y^2 = (1.764 1.74)^2 (1 - tau)."""
    just_below = 1 - 1e-12
    for tau in (just_below, 1 - 2.0**-53):
        flat = Law(value=1.0, exponent=0.0, bcs="conductivity")(tau)[1]
        assert flat == pytest.approx(3 / (4 * math.pi**2) * (1.764 * 1.74) ** 3 * math.sqrt(1 - tau), rel=1e-4)
    sloped = Law(value=1.0, exponent=0.0, bcs="capacity")(just_below)[1]
    assert sloped == pytest.approx(-3 / (2 * math.pi**2) * (1.764 * 1.74) ** 2, rel=1e-9)


@pytest.mark.parametrize("law", CAPACITIES, ids=str)
def test_energy_is_the_integral_of_the_capacity(law):
    tau = np.concatenate([TAU, [-0.3, 0.0, COLDEST / 2]])
    np.testing.assert_allclose(law.integral(tau + 1e-30j).imag / 1e-30, law(tau)[0], rtol=1e-12)
    assert law.integral(0.0) == 0
    assert law.integral(1.0) - law.integral(1 - 2.0**-50) == pytest.approx(2.5 * 2.0**-50, abs=2e-14)
    assert law.integral(COLDEST * (1 - 1e-9)) == pytest.approx(law.integral(COLDEST), rel=1e-8)
    for end in (0.3, 0.95, 1.0, 1.8):
        value = quad(lambda t: float(law(t)[0]), 0, end, points=[min(end, 1)], epsabs=1e-14, epsrel=1e-12, limit=200)
        assert law.integral(end) == pytest.approx(value[0], rel=1e-8 if law.bcs == "none" else 1e-10)


def test_energy_of_a_superconductor_is_below_that_of_the_normal_state():
    """int_0^1 c tau dtau < 1/2, although c > 1 near Tc; the deficit does not change above Tc."""
    gapped, normal = (Law(value=1.0, bcs=bcs) for bcs in ("capacity", "none"))
    deficit = normal.integral(np.array([1.0, 1.5, 2.0])) - gapped.integral(np.array([1.0, 1.5, 2.0]))
    assert deficit[0] > 0.01
    np.testing.assert_allclose(deficit, deficit[0], rtol=1e-12)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_shapes(law):
    tau = np.linspace(-0.1, 1.3, 24).reshape(2, 3, 4)
    value, slope = law(tau)
    assert value.shape == slope.shape == tau.shape
    assert value[1, 2, 0] == law(tau[1, 2, 0])[0]
    assert np.shape(law(0.5)[0]) == ()
    kept = tau.copy()
    if law.bcs != "conductivity":
        assert law.integral(tau).shape == tau.shape
    np.testing.assert_array_equal(tau, kept)


@pytest.mark.parametrize("eta", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("u", [U, 5.79, 1.0])
def test_electrons_diffuse_with_D(eta, u):
    """D = xi^2/(u t0): k_e = C_e/u in reduced units."""
    assert electron_conductivity(eta, u) / electron_capacity(eta, u) == pytest.approx(1 / u, rel=1e-14)


@pytest.mark.parametrize("eta", [0.02, 0.1, 0.4])
def test_defaults_against_SI(eta):
    scales = Scales(Tc=1.2, T0=1.2 * (1 - eta), D=7e-3, sigma_n=1e8)
    capacity = 2 * math.pi**2 / 3 * scales.density_of_states * K_B**2 * scales.Tc
    assert electron_capacity(eta) == pytest.approx(capacity / scales.heat_capacity, rel=1e-9)
    assert electron_capacity(eta) == pytest.approx(math.pi**2 / 3 / (BCS_GAP_RATIO**2 * eta) / eta, rel=1e-12)
    conductivity = (math.pi * K_B / E_CHARGE) ** 2 / 3 * scales.sigma_n * scales.Tc
    unit = scales.heat_capacity * scales.length**2 / scales.time
    assert electron_conductivity(eta) == pytest.approx(conductivity / unit, rel=1e-9)
    power_unit = 2 * eta * scales.density_of_states * scales.gap**2 / scales.time
    assert scales.power_density == pytest.approx(power_unit, rel=1e-9)
    assert scales.gap * scales.time / HBAR == pytest.approx(1 / (2 * math.sqrt(U * eta)), rel=1e-9)


@pytest.mark.parametrize(("key", "value"), [("value", -1.0), ("value", math.nan), ("exponent", -0.5), ("bcs", "dwave")])
def test_bad_laws_die_at_birth(key, value):
    with pytest.raises(InputError) as error:
        Law(**{"value": 1.0, key: value})
    assert error.value.key == key


def test_a_conductivity_has_no_energy():
    with pytest.raises(InputError):
        Law(value=1.0, bcs="conductivity").integral(0.5)


def test_tables_are_built_once():
    Law(value=1.0, bcs="capacity")(0.5)
    assert thermal_laws.capacity_pieces(1.0) is thermal_laws.capacity_pieces(1.0)
    assert thermal_laws.conductivity_pieces() is thermal_laws.conductivity_pieces()


@pytest.mark.parametrize("bcs", ["none", "capacity", "conductivity"])
def test_a_law_of_nothing_is_zero_everywhere(bcs):
    """No conduction, or no coupling."""
    v, slope = Law(value=0.0, bcs=bcs)(np.linspace(-0.1, 1.5, 50))
    assert not v.any() and not slope.any()
