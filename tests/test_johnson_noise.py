"""[SN] eq. 1 and the spectra above it: limits, what they integrate to, and that their difference is (6.1)."""

import itertools
import math

import numpy as np
import pytest
from scipy.constants import h, k
from scipy.integrate import quad

from femtdgl.errors import InputError
from femtdgl.thermal import (
    NISLink,
    ResistorLink,
    SNLink,
    current_noise,
    noise_spectra,
    one_way_power,
    power_noise,
    voltage_noise,
)
from femtdgl.thermal.johnson_noise import occupation

LINKS = {
    "resistors": ResistorLink(R_S=10.0, R_D=3.0),
    "resistors line": ResistorLink(R_S=10.0, R_D=3.0, line_inductance=1e-10, line_capacitance=1e-12),
    "sn": SNLink(R_D=3.0, R_0=100.0, Tc=0.4),
    "nis": NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2),
    "nis line": NISLink(chi=2.0, r0=1e-11, c=0.05, Tc=1.2, line_inductance=1e-9),
}
every_link = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)


@every_link
@pytest.mark.parametrize(("T_a", "T_b"), [(0.3, 0.1), (0.1, 0.35)])
def test_net_power_is_the_difference_of_the_one_way_powers(link, T_a, T_b):
    there = one_way_power(link, T_a, T_b, 5 * k)
    back = one_way_power(link, T_a, T_b, 5 * k, source="b")
    assert there.zero_point == back.zero_point > 0
    assert there.thermal - back.thermal == pytest.approx(link.power(T_a, T_b), rel=1e-9)
    assert there.total - back.total == pytest.approx(link.power(T_a, T_b), rel=1e-8)


@every_link
@pytest.mark.parametrize("source", ["a", "b"])
def test_spectra_integrate_to_the_one_way_power(link, source):
    """(1/h) int S_P dw by quad, to a cutoff, with the 1/2."""
    T_a, T_b, cutoff = 0.3, 0.12, 14.0
    edges = sorted({1e-6, 0.1, 0.5, 2.0, cutoff, *(e for e in link.edges(T_a, T_b) if e < cutoff)})

    def spectrum(w):
        return float(noise_spectra(link, w * k, T_a, T_b, source).power)

    total = sum(quad(spectrum, a, b, epsabs=0, epsrel=1e-7, limit=90)[0] for a, b in itertools.pairwise(edges))
    assert one_way_power(link, T_a, T_b, cutoff * k, source).total == pytest.approx(k / h * total, rel=1e-5)


@every_link
def test_spectra_hang_together(link):
    """S_I = S_V/|Z|^2, S_P = Re Z_D S_I, and S_P = w tau (n + 1/2) with the tau of (6.2)."""
    E = np.array([[0.05, 0.3], [1.1, 3.0]]) * k
    w = E.ravel() / k
    for source, T in (("a", 0.3), ("b", 0.1)):
        spectra = noise_spectra(link, E, 0.3, 0.1, source)
        Z = link.impedances(w, 0.3, 0.1)
        here, there = (z.real.reshape(E.shape) for z in (Z if source == "a" else Z[::-1]))
        np.testing.assert_allclose(spectra.voltage, voltage_noise(E, T, here), rtol=1e-14)
        total = link.total_impedance(w, 0.3, 0.1).reshape(E.shape)
        np.testing.assert_allclose(spectra.current, current_noise(spectra.voltage, total), rtol=1e-14)
        np.testing.assert_allclose(spectra.power, power_noise(spectra.current, there), rtol=1e-14)
        tau = link.transmission_between(w, 0.3, 0.1).reshape(E.shape)
        np.testing.assert_allclose(spectra.power, E * tau * (occupation(E, T) + 0.5), rtol=1e-12)
    assert noise_spectra(link, 0.2 * k, 0.3, 0.1).power.shape == ()


def test_johnson_and_quantum_limits():
    """4 kB T R for w << kB T, the zero-point 2 w R for w >> kB T."""
    assert float(voltage_noise(1e-5 * k, 0.3, 50.0)) == pytest.approx(4 * k * 0.3 * 50, rel=1e-8)
    assert float(voltage_noise(20 * k, 0.3, 50.0)) == pytest.approx(2 * 20 * k * 50, rel=1e-12)
    assert float(occupation(0.3 * math.log(2) * k, 0.3)) == pytest.approx(1.0)


def test_matched_resistors_send_the_black_body_power():
    """tau = 1: pi^2 kB^2 T^2/(6 h) each way, half of the one-dimensional Stefan constant of [SN]; zero point W^2/4h."""
    link = ResistorLink(R_S=2.0, R_D=2.0)
    sent = one_way_power(link, 0.3, 0.1, 2 * k)
    assert sent.thermal == pytest.approx(math.pi**2 * k**2 * 0.09 / (6 * h), rel=1e-11)
    assert sent.zero_point == pytest.approx((2 * k) ** 2 / (4 * h), rel=1e-12)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: one_way_power(LINKS["sn"], 0.3, 0.1, 0.0), "cutoff"),
        (lambda: one_way_power(LINKS["sn"], 0.3, 0.1, k, source="c"), "source"),
        (lambda: noise_spectra(LINKS["sn"], -1.0, 0.3, 0.1), "energy"),
        (lambda: voltage_noise(0.0, 0.3, 1.0), "energy"),
        (lambda: noise_spectra(LINKS["sn"], k, -0.3, 0.1), "T_a"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key
