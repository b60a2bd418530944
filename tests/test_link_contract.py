"""The contract of every link: zero at equal temperatures, sign, continuity, second law, slopes, finite when
cold.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from femtdgl.errors import InputError
from femtdgl.thermal import (
    ElectronPhonon,
    Kapitza,
    Lead,
    Leak,
    NISLink,
    ResistanceStepLink,
    ResistorLink,
    SNLink,
    SuperconductorElectronPhonon,
)
from femtdgl.thermal.link import Link

ALL_LINKS = {
    "kapitza": Kapitza(area=1e-12, sigma_K=50.0),
    "kapitza diode": Kapitza(area=1e-12, sigma_K=50.0, p_forward=1.0, p_backward=0.3),
    "leak": Leak(k=1.0, S=1e-12, d=1e-7),
    "lead": Lead(resistivity=1e-8, length=1e-3, cross_section=1e-12),
    "electron-phonon": ElectronPhonon(Sigma=2e9, volume=1e-20),
    "electron-phonon 6": ElectronPhonon(Sigma=3e7, volume=1e-20, exponent=6.0),
    "superconductor": SuperconductorElectronPhonon(Sigma=1e9, volume=1e-19, Tc=0.4),
    "superconductor dynes": SuperconductorElectronPhonon(Sigma=1e9, volume=1e-19, Tc=0.8, dynes=1e-2),
    "sn": SNLink(R_D=3.0, R_0=100.0, Tc=0.4),
    "sn line": SNLink(R_D=3.0, R_0=30.0, Tc=0.4, line_inductance=1e-10, line_capacitance=1e-12),
    "nis": NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2),
    "nis dissimilar": NISLink(chi=0.5, r0=1e-11, c=0.05, Tc=1.2, Tc_right=0.6, r0_right=3e-11),
    "nis normal": NISLink(chi=1.0, r0=1e-11, c=0.05, Tc=1.2, Tc_right=0.0, c_right=0.0),
    "nis line": NISLink(chi=1.0, r0=1e-11, c=0.05, Tc=1.2, line_inductance=1e-10),
    "resistors": ResistorLink(R_S=10.0, R_D=3.0),
    "resistors line": ResistorLink(R_S=10.0, R_D=3.0, line_inductance=1e-10, line_capacitance=1e-12),
    "resistance step": ResistanceStepLink(R_below=3.0, R_above=111.0, R_D=3.0, Tc=0.4, width=5e-3),
}
every_link = pytest.mark.parametrize("link", ALL_LINKS.values(), ids=ALL_LINKS)
temperatures = st.floats(min_value=math.log(0.02), max_value=math.log(0.59)).map(math.exp)
few = settings(max_examples=25, deadline=None, derandomize=True)


@every_link
@few
@given(T=temperatures)
def test_no_heat_at_equal_temperatures(link, T):
    assert link.power(T, T) == 0.0
    assert link.work(T, T) == 0.0


@every_link
@few
@given(T_a=temperatures, T_b=temperatures)
def test_heat_leaves_the_hotter_end(link, T_a, T_b):
    """Sign, and with it the second law: P (1/T_b - 1/T_a) >= 0 for a passive link."""
    power = link.power(T_a, T_b)
    assert math.isfinite(power)
    assert power * (1 / T_b - 1 / T_a) >= 0
    if abs(T_a / T_b - 1) > 1e-9:
        assert (power > 0) == (T_a > T_b)


@every_link
@few
@given(T_a=temperatures, T_b=temperatures)
def test_continuity(link, T_a, T_b):
    """A relative step of 1e-6 moves the power by no more than a thousandth of its size there."""
    power = link.power(T_a, T_b)
    scale = max(abs(power), abs(link.power(T_a, 0.9 * T_b)), abs(link.power(0.9 * T_a, T_b)))
    for a, b in ((T_a * (1 + 1e-6), T_b), (T_a, T_b * (1 + 1e-6))):
        assert abs(link.power(a, b) - power) <= 1e-3 * scale


@every_link
@few
@given(T_a=temperatures, T_b=temperatures)
def test_slopes_are_those_of_the_power(link, T_a, T_b):
    corners_a, corners_b = link.corners
    if any(abs(T_a / c - 1) < 1e-2 for c in corners_a if c) or any(abs(T_b / c - 1) < 1e-2 for c in corners_b):
        return
    if abs(T_a / T_b - 1) < 1e-2:
        return
    by_a, by_b = link.slopes(T_a, T_b)
    h = 1e-4
    scale = max(abs(link.power(T_a, T_b)) / max(T_a, T_b), 1e-300)
    difference_a = (link.power(T_a * (1 + h), T_b) - link.power(T_a * (1 - h), T_b)) / (2 * h * T_a)
    difference_b = (link.power(T_a, T_b * (1 + h)) - link.power(T_a, T_b * (1 - h))) / (2 * h * T_b)
    assert by_a == pytest.approx(difference_a, rel=1e-3, abs=1e-3 * scale)
    assert by_b == pytest.approx(difference_b, rel=1e-3, abs=1e-3 * scale)


@every_link
def test_finite_when_cold(link):
    for T in (1e-3, 1e-2):
        assert 0 < link.power(0.3, T) < math.inf
        assert 0 >= link.power(T, 0.3) > -math.inf


@every_link
@pytest.mark.parametrize("T", [0.0, -0.1, math.nan, math.inf])
def test_no_such_temperature(link, T):
    with pytest.raises(InputError) as error:
        link.power(T, 0.1)
    assert error.value.key == "T_a"
    with pytest.raises(InputError) as error:
        link.power(0.1, T)
    assert error.value.key == "T_b"


@every_link
def test_frozen_and_hashable(link):
    assert isinstance(link, Link)
    assert hash(link) == hash(replace(link))
    with pytest.raises(AttributeError):
        link.area = 1.0


@every_link
def test_arrays_of_pairs_agree_with_single_ones(link):
    """What links joined to fields use: powers and gradients of many pairs are those of each."""
    T_a, T_b = np.array([0.05, 0.3, 0.31, 0.59]), np.array([0.2, 0.1, 0.31, 0.05])
    pairs = list(zip(T_a, T_b, strict=True))
    np.testing.assert_allclose(link.powers(T_a, T_b), [link.power(a, b) for a, b in pairs], rtol=1e-13)
    slopes = np.array([link.slopes(a, b) for a, b in pairs])
    by_a, by_b = link.gradients(T_a, T_b)
    np.testing.assert_allclose(by_a, slopes[:, 0], rtol=1e-13)
    np.testing.assert_allclose(by_b, slopes[:, 1], rtol=1e-13)


@every_link
def test_rectification_is_the_ratio_of_both_ways(link):
    there, back = link.power(0.4, 0.1), link.power(0.1, 0.4)
    assert link.rectification(0.4, 0.1) == pytest.approx(-there / back, rel=1e-13)
    assert link.rectification(0.1, 0.4) == pytest.approx(-back / there, rel=1e-13)
    assert link.rectification(0.2, 0.2) == 1.0


@every_link
def test_observables_are_methods_with_units(link):
    for name, unit in link.observables.items():
        assert math.isfinite(getattr(link, name)(0.3, 0.1)) and isinstance(unit, str)
