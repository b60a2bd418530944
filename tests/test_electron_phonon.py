"""(6.4), (6.5): sinks of normal metals and superconductors, BCS and Dynes, and the misprinted coth."""

import itertools
import math

import numpy as np
import pytest
from photonic_reference import REFERENCE
from scipy.integrate import quad

from femtdgl.errors import InputError
from femtdgl.thermal import ElectronPhonon, SuperconductorElectronPhonon
from femtdgl.thermal.electron_phonon import dynes_densities, dynes_spectral_function


@pytest.mark.parametrize("row", REFERENCE["superconductor_electron_phonon"])
def test_reference(row):
    link = SuperconductorElectronPhonon(Sigma=row["SigmaV"], volume=1.0, Tc=0.4, ratio=1.76)
    assert link.power(row["TS"], row["Tp"]) == pytest.approx(row["Q"], rel=1e-9, abs=0)
    if row["ratio_normal"] is not None:
        normal = ElectronPhonon(Sigma=row["SigmaV"], volume=1.0).power(row["TS"], row["Tp"])
        assert link.power(row["TS"], row["Tp"]) / normal == pytest.approx(row["ratio_normal"], rel=1e-9)


def test_becomes_normal_at_tc_continuously():
    link = SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=1.0)
    normal = ElectronPhonon(Sigma=1e9, volume=1e-20)
    assert link.power(1.0, 0.1) == normal.power(1.0, 0.1)
    assert link.power(1 - 1e-9, 0.1) == pytest.approx(normal.power(1, 0.1), rel=1e-6)
    assert link.power(0.97, 0.1) > normal.power(0.97, 0.1)


@pytest.mark.parametrize("exponent", [3.0, 5.0, 6.0])
def test_normal_metal(exponent):
    link = ElectronPhonon(Sigma=2e9, volume=1e-20, exponent=exponent)
    assert link.power(0.3, 0.2) == pytest.approx(2e-11 * (0.3**exponent - 0.2**exponent), rel=1e-13)
    by_a, by_b = link.slopes(0.3, 0.2)
    assert by_a == pytest.approx(2e-11 * exponent * 0.3 ** (exponent - 1))
    assert by_b == pytest.approx(-2e-11 * exponent * 0.2 ** (exponent - 1))


def test_dynes_tends_to_bcs():
    bcs = SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=1.2).power(0.5, 0.1)
    errors = [
        SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=1.2, dynes=g).power(0.5, 0.1) / bcs - 1
        for g in (1e-3, 1e-4, 1e-5)
    ]
    assert errors[0] > errors[1] > errors[2] > 0
    assert errors[2] < 2e-4


@pytest.mark.parametrize(("w", "T", "broadening"), [(0.5, 0.3, 0.05), (2.7, 0.3, 0.01), (1.0, 1.0, 0.2)])
def test_dynes_spectral_function_against_quad(w, T, broadening):
    """E15: N N' - M M', no pole at E = 0."""

    def integrand(E):
        N, M = dynes_densities(np.array([E, E + w]), 1.0, broadening)
        return (N[0] * N[1] - M[0] * M[1]) * (math.tanh((E + w) / (2 * T)) - math.tanh(E / (2 * T))) / 2

    edges = sorted([-w - 1 - 40 * T, -w - 1, -w + 1, -w / 2, -1.0, 1.0, 1 + 40 * T])
    total = sum(quad(integrand, a, b, epsabs=1e-12, epsrel=1e-11, limit=500)[0] for a, b in itertools.pairwise(edges))
    found = dynes_spectral_function(np.array([w]), T, 1.0, broadening)[0]
    assert found == pytest.approx(total, rel=1e-8)


def test_parity_of_the_densities():
    E = np.linspace(0.01, 3, 50)
    N, M = dynes_densities(E, 1.0, 0.1)
    N_, M_ = dynes_densities(-E, 1.0, 0.1)
    np.testing.assert_allclose(N, N_, rtol=1e-12)
    np.testing.assert_allclose(M, -M_, rtol=1e-12)


def test_coth_of_the_electron_energy_drives_heat_at_equal_temperatures():
    """E14: and, as its phonon integral diverges like the fifth power of its end, by any amount."""
    make = SuperconductorElectronPhonon
    derived = make(Sigma=3e8, volume=4e-21, Tc=1.2, dynes=1e-4)
    printed = make(Sigma=3e8, volume=4e-21, Tc=1.2, dynes=1e-4, form="coth_printed", cutoff=20.0)
    doubled = make(Sigma=3e8, volume=4e-21, Tc=1.2, dynes=1e-4, form="coth_printed", cutoff=40.0)
    assert derived.power(0.3, 0.3) == 0.0
    assert printed.power(0.3, 0.3) > 1e3 * derived.power(0.3, 0.01)
    assert doubled.power(0.3, 0.3) / printed.power(0.3, 0.3) == pytest.approx(32, rel=0.2)


def test_coth_of_the_phonon_energy_is_the_derived_form():
    """The writing of [NIS] with coth(w/2T_b) equals (6.5), here by a double quadrature at large
    broadening.
    """
    D, G, T, T_b, end = 1.0, 0.3, 0.6, 0.2, 30.0
    w = np.linspace(1e-6, end, 1201)
    E = np.linspace(-end - 12, 12, 4201)
    N, M = dynes_densities(E, D, G)
    inner = np.empty_like(w)
    for i, x in enumerate(w):
        N_, M_ = dynes_densities(E + x, D, G)
        t, t_ = np.tanh(E / (2 * T)), np.tanh((E + x) / (2 * T))
        bracket = t * t_ - 1 - (t - t_) / math.tanh(x / (2 * T_b))
        inner[i] = np.trapezoid((N * N_ - M * M_) * E * bracket, E)
    theirs = 2 * np.trapezoid(w * w * inner, w) / 96
    F = dynes_spectral_function(w, T, D, G)
    ours = np.trapezoid(w**3 * (1 / np.expm1(w / T) - 1 / np.expm1(w / T_b)) * F, w) / 24
    assert theirs == pytest.approx(ours, rel=2e-3)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: ElectronPhonon(Sigma=0.0, volume=1e-20), "Sigma"),
        (lambda: ElectronPhonon(Sigma=1e9, volume=-1e-20), "volume"),
        (lambda: SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=0.0), "Tc"),
        (lambda: SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=1.0, dynes=-1.0), "dynes"),
        (lambda: SuperconductorElectronPhonon(Sigma=1e9, volume=1e-20, Tc=1.0, form="x"), "form"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError) as error:
        make()
    assert error.value.key == key
