"""Theory (2.3)-(2.5): the kernels against arbitrary-precision values, their limits and their signs."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from femtdgl.equations.phonon_quadrature import bose, sech2
from femtdgl.equations.phonons import (
    KERNELS,
    density_of_states,
    level,
    level_energy,
    level_velocity,
    pair_density,
    phonon_kernel,
    reversible_heat,
)
from femtdgl.errors import InputError

DATA = Path(__file__).parent / "data"
REFERENCE = json.loads((DATA / "phonons.json").read_text())["eta1"]
MPMATH = json.loads((DATA / "phonon_points.json").read_text())["points"]
T = 0.929093


def arguments(point):
    return [float(point[name]) for name in ("w", "Psi", "T")] + [float(point.get("gamma", 0))]


@pytest.mark.parametrize("point", REFERENCE["points"] + REFERENCE["sharp_limit"])
def test_reference_table(point):
    at = arguments(point)
    eta1 = phonon_kernel(*at, "bose") / bose(at[0] / at[2])
    assert eta1 == pytest.approx(float(point.get("eta1_derived", point.get("derived"))), rel=1e-9)
    exact = float(point.get("N_eta1_exact_numpy", point.get("Nexact")))
    assert phonon_kernel(*at, "exact") == pytest.approx(exact, rel=1e-9)
    if "eta1_printed_odd" in point:
        printed = phonon_kernel(*at, "printed") / bose(at[0] / at[2])
        assert printed == pytest.approx(float(point["eta1_printed_odd"]), rel=1e-9)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("point", MPMATH)
def test_forty_digits_on_the_whole_axis(point, kernel):
    assert phonon_kernel(*arguments(point), kernel) == pytest.approx(float(point[kernel]), rel=1e-9)


def test_quadrature_has_converged_everywhere():
    """240 points against 700 at 300 random arguments, a third of them next to w = 2 Psi."""
    rng = np.random.default_rng(3)
    m = 300
    psi, Ts = 10 ** rng.uniform(-3, 0.2, m), 10 ** rng.uniform(-1, 0.5, m)
    w = np.where(
        rng.random(m) < 0.3,
        2 * psi * (1 + rng.choice([-1, 1], m) * 10 ** rng.uniform(-6, -1, m)),
        10 ** rng.uniform(-3, 1.2, m),
    )
    gamma = np.where(rng.random(m) < 0.25, 0, 10 ** rng.uniform(-4, 0.5, m))
    for kernel in KERNELS:
        fine = phonon_kernel(w, psi, Ts, gamma, kernel, points=700)
        np.testing.assert_allclose(phonon_kernel(w, psi, Ts, gamma, kernel), fine, rtol=1e-9)


def test_broadcasts():
    w, psi = np.linspace(0.1, 5, 7), np.array([0.2, 0.9])
    table = phonon_kernel(w, psi[:, None], T, [[[0.3]], [[0.0]], [[0.1]]])
    assert table.shape == (3, 2, 7)
    assert table[1, 1, 4] == pytest.approx(phonon_kernel(w[4], 0.9, T, 0.0), rel=1e-12)
    assert phonon_kernel(1.0, 0.5, T, 0.3).shape == ()


def test_causal_functions():
    e = np.linspace(-3, 3, 61)
    for gamma in (0.3, 1e-3):
        z = e + 1j * gamma
        s = np.sqrt(z - 0.7) * np.sqrt(z + 0.7)
        assert np.all(s.imag >= 0)
        np.testing.assert_allclose(density_of_states(e, 0.7, gamma), (z / s).real, rtol=1e-9)
        np.testing.assert_allclose(pair_density(e, 0.7, gamma), (0.7 / s).real, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(level(e, 0.7, gamma), s.real, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(
            level_velocity(e, 0.7, gamma) * density_of_states(e, 0.7, gamma),
            pair_density(e, 0.7, gamma),
            rtol=1e-9,
            atol=1e-15,
        )


def test_levels_follow_the_gap():
    """dxi/de = N1 and, at fixed xi, de/dPsi = R2/N1: what makes (2.2) the slow limit of the relaxation."""
    psi, gamma, h = 0.6, 0.2, 1e-5
    e = np.linspace(0.05, 3, 40)
    np.testing.assert_allclose(level_energy(level(e, psi, gamma), psi, gamma), e, rtol=1e-13)
    slope = (level(e + h, psi, gamma) - level(e - h, psi, gamma)) / (2 * h)
    np.testing.assert_allclose(slope, density_of_states(e, psi, gamma), rtol=1e-8)
    xi = level(e, psi, gamma)
    motion = (level_energy(xi, psi + h, gamma) - level_energy(xi, psi - h, gamma)) / (2 * h)
    np.testing.assert_allclose(motion, level_velocity(e, psi, gamma), rtol=1e-8)


@pytest.mark.parametrize("psi", [0.2, 0.6, 1.0])
def test_sharp_jump_at_twice_the_gap(psi):
    """eta1 jumps by pi Psi/(4 cosh^2(Psi/2T)); both sides are linear in w - 2 Psi next to it."""
    eps = 2 * psi * 1e-7

    def eta1(w):
        return phonon_kernel(w, psi, T, 0.0, "bose") / bose(w / T)

    above = 2 * eta1(2 * psi + eps) - eta1(2 * psi + 2 * eps)
    below = 2 * eta1(2 * psi - eps) - eta1(2 * psi - 2 * eps)
    assert above - below == pytest.approx(np.pi * psi / 4 * sech2(psi / (2 * T)), rel=1e-8)


@pytest.mark.parametrize("psi", [0.2, 0.6, 1.0])
def test_sharp_limit_at_small_frequency(psi):
    """eta1 -> -(w/4)/cosh^2(Psi/2T)."""
    w = np.array([1e-3, 1e-4, 1e-5])
    ratio = phonon_kernel(w, psi, T, 0.0, "bose") / bose(w / T) / (-w / 4 * sech2(psi / (2 * T)))
    assert np.all(np.diff(np.abs(ratio - 1)) < 0)
    assert ratio[-1] == pytest.approx(1, abs=1e-4)


def test_small_gap_laws():
    """At fixed gamma bose ~ Psi^3 and exact ~ Psi; sharp, eta1 -> pi Psi^2/(4 w) for w >> Psi."""
    psi = np.array([1e-3, 1e-4])
    for w in (0.4, 2.0):
        power = np.diff(np.log(np.abs(phonon_kernel(w, psi, T, 0.3, "bose")))) / np.diff(np.log(psi))
        assert power == pytest.approx(3, abs=1e-5)
        power = np.diff(np.log(np.abs(phonon_kernel(w, psi, T, 0.3, "exact")))) / np.diff(np.log(psi))
        assert power == pytest.approx(1, abs=1e-5)
    for w in (0.4, 1.0, 4.0):
        sharp = phonon_kernel(w, psi, T, 0.0, "bose") / bose(w / T) / (np.pi * psi**2 / (4 * w))
        assert np.all(np.abs(sharp - 1) < psi)


def test_sharp_limit_is_the_limit():
    w, psi = np.array([0.4, 1.1, 1.9, 3.0]), 0.7
    for kernel in KERNELS:
        sharp = phonon_kernel(w, psi, T, 0.0, kernel)
        gaps = [np.max(np.abs(phonon_kernel(w, psi, T, g, kernel) - sharp)) for g in (1e-3, 1e-4, 1e-5)]
        assert gaps[1] < 0.2 * gaps[0] and gaps[2] < 0.2 * gaps[1]


@pytest.mark.parametrize(("psi", "exact", "bose_area"), [(0.2, 3.64, 0.0374), (0.6, 4.15, 0.171), (1.0, 4.66, 0.217)])
def test_spectrum_and_heat_are_two_functionals(psi, exact, bose_area):
    """int w^3 K dw is not S1 of (2.7), but 3.6 to 4.7 of it; without the Fermi function most is lost (E6)."""
    w = np.linspace(0.002, 45, 4000)
    for kernel, area in (("exact", exact), ("bose", bose_area)):
        spectrum = phonon_kernel(w, psi, T, 0.3, kernel, points=90) * w**3
        assert np.trapezoid(spectrum, w) / reversible_heat(psi, T, 0.3) == pytest.approx(area, rel=5e-3)


def test_no_gap_no_flux():
    for gamma in (0.3, 0.0):
        assert np.all(phonon_kernel(np.array([0.1, 2.0]), 0.0, T, gamma) == 0)


def test_printed_formula_is_positive():
    """E4: nothing negative is left of [PSC] Fig. 2(b) when eq. (13) is taken literally."""
    w, psi = np.geomspace(1e-3, 20, 60), np.linspace(0.02, 1.1, 12)[:, None]
    for gamma in (0.3, 0.05, 0.0):
        assert np.all(phonon_kernel(w, psi, T, gamma, "printed", points=120) > 0)


@pytest.mark.parametrize(("psi", "ratio"), [(0.2, 1.6932), (0.4, 1.1437), (0.6, 1.0028), (0.8, 0.9444), (1.0, 0.9138)])
def test_sign_changes_of_the_papers_kernel(psi, ratio):
    """Fig. 2(b): negative below and positive above about 2 Psi, and 2 Psi itself only for gamma -> 0."""
    root = brentq(lambda w: float(phonon_kernel(w, psi, T, 0.3, "bose")), psi, 4 * psi, xtol=1e-12)
    assert root / (2 * psi) == pytest.approx(ratio, abs=5.1e-5)
    assert phonon_kernel(0.5 * root, psi, T, 0.3, "bose") < 0 < phonon_kernel(2 * root, psi, T, 0.3, "bose")


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        ({"w": -1.0}, "w"),
        ({"w": 0.0}, "w"),
        ({"w": np.nan}, "w"),
        ({"T": 0.0}, "T"),
        ({"T": -0.5}, "T"),
        ({"psi": -0.1}, "psi"),
        ({"gamma": -0.1}, "gamma"),
        ({"kernel": "exct"}, "kernel"),
    ],
)
def test_bad_input(bad, key):
    good = {"w": 1.0, "psi": 0.5, "T": T, "gamma": 0.3, "kernel": "exact"}
    with pytest.raises(InputError, match=key):
        phonon_kernel(**(good | bad))
