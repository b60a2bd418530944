"""The numeric layer of the linear flux: panels, kernel table, (2.1) of a record, the ledger."""

import time

import numpy as np
import pytest

from femtdgl.equations.phonon_quadrature import fermi
from femtdgl.equations.phonons import entropy_slope, phonon_kernel, population_shift, reversible_heat
from femtdgl.errors import InputError
from femtdgl.flux.ledger import ledger, population_range, reversible_power
from femtdgl.flux.linear import exchange, linear_flux, resolved_flux, spectral_prefactor
from femtdgl.flux.panels import Panels, adaptive
from femtdgl.flux.relaxation import relaxation_time
from femtdgl.flux.spectrum import spectral_shares
from femtdgl.flux.table import tabulate

T, DELTA, ETA = 0.929093, 10 / 3, 0.1
PERIOD = 11.9371


def record(nt, nx=9, period=PERIOD):
    """A closed cycle with the shape of a phase-slip centre: |psi| touches zero at x = 0."""
    t, x = np.linspace(0, period, nt), np.linspace(-0.55, 0.55, nx)
    core = np.exp(-((x / 0.35) ** 2))
    phase = 2 * np.pi * t / period
    psi = 0.95 - 0.95 * core * (0.5 + 0.5 * np.cos(phase + 0.3))[:, None]
    rate = 0.95 * core * (np.pi / period * np.sin(phase + 0.3))[:, None]
    weights = np.full(nx, x[1] - x[0])
    weights[[0, -1]] /= 2
    return t, weights, psi, rate


@pytest.fixture(scope="module")
def table():
    return tabulate(np.linspace(0, 6, 31), 1.0, T, 0.3)


@pytest.fixture(scope="module")
def exchanged():
    return exchange(1.0, T, 1 / DELTA)


def test_panels_are_exact_for_polynomials():
    panels = Panels(np.array([0.0, 0.3, 1.0]), 4)
    x = np.array([0.0, 0.1, 0.3, 0.77, 1.0])
    cubic = panels.nodes**3 - panels.nodes
    np.testing.assert_allclose(panels.gather(x, cubic[:, None])[:, 0], x**3 - x, atol=1e-14)
    np.testing.assert_allclose(panels.integrate(x, cubic[:, None])[:, 0], x**4 / 4 - x**2 / 2, atol=1e-14)
    assert panels.weights @ cubic == pytest.approx(-0.25)
    amount = np.arange(5.0)
    projected = panels.project(x[None], amount[None])[0] @ cubic
    assert projected == pytest.approx(amount @ (x**3 - x))


def test_panels_follow_a_step():
    panels, values, error = adaptive(lambda x: np.tanh(x[:, None] / 0.01), [-1.0, 1.0], 10, 1e-8, 1e-6)
    x = np.linspace(-1, 1, 999)
    assert error < 1e-8
    assert np.max(np.abs(panels.gather(x, values)[:, 0] - np.tanh(x / 0.01))) < 1e-7


@pytest.mark.parametrize("kernel", ["exact", "bose", "printed"])
@pytest.mark.parametrize("gamma", [0.3, 0.05, 0.0])
def test_table_against_the_kernel(kernel, gamma):
    """At most 1e-6 of the largest |K|, everywhere: the quadrature of the table included."""
    w = np.array([0.3, 0.8, 1.2, 1.9, 2.5, 5.0])
    made = tabulate(w, 1.05, T, gamma, kernel)
    psi = np.concatenate([np.random.default_rng(1).uniform(0, 1.05, 150), [0.0, 1.05], w[:4] / 2 + 1e-6])
    direct = phonon_kernel(w, psi[:, None], T, gamma, kernel)
    assert np.max(np.abs(made.at(psi) - direct)) < 1e-6 * np.max(np.abs(direct))
    assert made.error <= 2e-7


def test_table_primitive(table):
    psi = np.linspace(0, 1, 2001)
    K = table.at(psi)
    sums = np.concatenate([np.zeros((1, 31)), np.cumsum((K[1:] + K[:-1]) / 2 * (psi[1] - psi[0]), axis=0)])
    assert np.max(np.abs(table.primitive(psi) - sums)) < 1e-6 * np.max(np.abs(sums))


def test_flux_against_direct_evaluation(table):
    t, weights, psi, rate = record(20)
    flux = linear_flux(t, weights, psi, rate, table.w, T, 0.3, chunk=7, positions=[4, 0], table=table)
    K = np.zeros((*psi.shape, 31))
    K[..., 1:] = phonon_kernel(table.w[1:], psi[..., None], T, 0.3)
    full = K * rate[..., None] * table.w**3
    largest = np.max(np.abs(full))
    assert np.max(np.abs(flux.positions - full[:, [4, 0]])) < 1e-6 * largest
    assert np.max(np.abs(flux.filament - np.einsum("x,txw->tw", weights, full))) < 1e-6 * largest
    for first, block in resolved_flux(psi, rate, table, chunk=16):
        assert np.max(np.abs(block - full[first : first + 16])) < 1e-6 * largest
    other = linear_flux(t, weights, psi, rate, table.w, T, 0.3, chunk=100, table=table)
    np.testing.assert_allclose(other.filament, flux.filament, rtol=1e-12, atol=1e-15)


def test_interval_means_are_exact(table):
    """Without d|psi|/dt: the mean of (2.1) over each stored interval, whatever the interval."""
    t, weights, psi, _ = record(30)
    means = linear_flux(t, weights, psi, None, table.w, T, 0.3, positions=[4], chunk=8, table=table)
    fine_t, _, fine_psi, fine_rate = record(30 * 64 - 63)
    fine = linear_flux(fine_t, weights, fine_psi, fine_rate, table.w, T, 0.3, positions=[4], table=table)
    for mean, rate in ((means.filament, fine.filament), (means.positions[:, 0], fine.positions[:, 0])):
        blocks = np.stack([rate[64 * k : 64 * k + 65] for k in range(29)])
        trapezoid = (blocks.sum(axis=1) - (blocks[:, 0] + blocks[:, -1]) / 2) / 64
        assert np.max(np.abs(mean - trapezoid)) < 2e-5 * np.max(np.abs(mean))


def test_net_of_a_cycle_is_zero(table):
    """E7: exactly zero at every w from the means, and to the output interval from the rates."""
    t, weights, psi, _ = record(41)
    means = linear_flux(t, weights, psi, None, table.w, T, 0.3, table=table)
    gross = np.sum(np.abs(means.filament), axis=0)[1:]
    assert np.max(np.abs(np.sum(means.filament, axis=0)[1:]) / gross) < 1e-12


def test_exchange_against_direct_quadrature():
    for gamma, kernel in ((0.3, "exact"), (0.3, "bose")):
        made = exchange(1.0, T, gamma, kernel)
        w = np.linspace(1e-3, 36, 4001)
        for psi in (0.4, 0.97):
            spectrum = phonon_kernel(w, psi, T, gamma, kernel, points=90) * w**3
            up, down = (np.trapezoid(np.maximum(sign * spectrum, 0), w) for sign in (1, -1))
            assert np.interp(psi, made.psi, made.up) == pytest.approx(up, rel=2e-5)
            assert np.interp(psi, made.psi, made.down) == pytest.approx(down, rel=5e-4, abs=2e-5 * up)


def test_gross_emission_against_direct_quadrature(exchanged):
    """So that a zero net is not the only thing that is tested."""
    t, weights, psi, rate = record(101)
    table = ledger(
        t, weights, psi, rate, np.ones_like(psi), 1.0, T, DELTA, ETA, 2 * np.pi / PERIOD, exchanged=exchanged
    )
    w = np.linspace(0.005, 36, 500)
    fine = linear_flux(t, weights, psi, rate, w, T, 1 / DELTA).table
    emitted = absorbed = 0.0
    for first, block in resolved_flux(psi, rate, fine, chunk=50):
        over_w = np.stack([np.trapezoid(np.maximum(s * block, 0), w, axis=-1) for s in (1, -1)]) @ weights
        ends = np.ones(over_w.shape[1])
        ends[0] -= 0.5 if first == 0 else 0
        ends[-1] -= 0.5 if first + len(ends) == len(t) else 0
        emitted, absorbed = emitted + over_w[0] @ ends, absorbed + over_w[1] @ ends
    step = (t[1] - t[0]) / PERIOD
    assert table.gross_emission == pytest.approx(emitted * step, rel=1e-3)
    assert table.gross_absorption == pytest.approx(absorbed * step, rel=1e-3)
    assert abs(table.net_linear) < 1e-12 * table.gross_emission
    assert abs(table.net_sampled) < 1e-3 * table.gross_emission


def test_sampled_net_falls_with_the_output_interval(exchanged):
    nets = []
    for nt in (21, 41, 81):
        t, weights, psi, rate = record(nt)
        t, psi, rate = t + 0.1 * np.sin(2 * np.pi * t / PERIOD), psi, rate  # uneven times
        rate = rate / (1 + 0.2 * np.pi / PERIOD * np.cos(2 * np.pi * record(nt)[0] / PERIOD))[:, None]
        w = np.ones_like(psi)
        made = ledger(t, weights, psi, rate, w, 1.0, T, DELTA, ETA, 0.1, exchanged=exchanged)
        nets.append(abs(made.net_sampled) / made.gross_emission)
    assert nets[2] < nets[1] / 3 < nets[0] / 9


def test_ledger_by_hand(exchanged):
    """g_W and the reversible heat of one point, against the closed integral of s1 d_t n."""
    t = np.linspace(0, 4, 4001)
    psi = (0.6 + 0.3 * np.cos(2 * np.pi * t / 4))[:, None]
    rate = (-0.15 * np.pi * np.sin(2 * np.pi * t / 4))[:, None]
    made = ledger(t, [1.0], psi, rate, np.zeros_like(psi), 2.0, T, DELTA, ETA, 2 * np.pi / 4, exchanged=exchanged)
    gap = np.linspace(0.3, 0.9, 4001)
    lent = np.trapezoid(reversible_heat(gap, T, 1 / DELTA) / (2 * ETA * T), gap) / 4
    assert made.reversible_heat == pytest.approx(lent, rel=1e-5)
    assert made.heat_absorbed == pytest.approx(lent, rel=1e-5)
    assert made.g_W == pytest.approx(lent / 2, rel=1e-5)
    assert made.omega_tau_eps == pytest.approx(np.pi / 2 * relaxation_time(DELTA, ETA))
    assert (made.kernel, made.kinetics, made.joule, made.irreversible) == ("exact", "linear", 2.0, 0.0)
    assert len(made.warnings) == 1 and "Omega tau_eps" in made.warnings[0]
    assert "gross_emission" in made.as_dict()


def test_negative_w_counts_in_neither_g_and_g_rev_is_the_larger(exchanged):
    """One point: w = +1 while the gap grows and -1 while it shrinks; by hand, from the closed integral of s1 d_t n."""
    t = np.linspace(0, 4, 4001)
    psi = (0.6 + 0.3 * np.cos(2 * np.pi * t / 4))[:, None]
    rate = (-0.15 * np.pi * np.sin(2 * np.pi * t / 4))[:, None]
    gap = np.linspace(0.3, 0.9, 4001)
    lent = np.trapezoid(reversible_heat(gap, T, 1 / DELTA) / (2 * ETA * T), gap) / 4

    def book(w):
        return ledger(t, [1.0], psi, rate, w, 2.0, T, DELTA, ETA, 0.01, exchanged=exchanged)

    made = book(np.where(rate < 0, -1.0, 1.0))
    assert made.g_W == pytest.approx(lent / 2, rel=1e-4) == made.g_rev
    assert made.w_negative == pytest.approx(0.5, rel=1e-3)
    assert made.g_W_with_negative_w == pytest.approx((lent + 0.5) / 2, rel=1e-3)
    assert any("would be" in warning for warning in made.warnings)
    emitting = book(np.full_like(psi, 0.3))
    assert emitting.g_W < emitting.g_rev == pytest.approx(lent / 2, rel=1e-4)
    assert emitting.g_W == emitting.g_W_with_negative_w


def test_spectral_shares_tend_to_one_as_the_cycle_slows():
    """(2.6): what is emitted and not absorbed is of second order, so that 1 - share falls as 1/period; the mean keeps
    its shape.
    """
    t, weights, psi, _ = record(401, 5)
    ten, thirty = (spectral_shares(t * factor, weights, psi, T, DELTA, ETA) for factor in (10.0, 30.0))
    assert 0.95 < ten.gross < thirty.gross < 1
    assert (1 - ten.gross) / (1 - thirty.gross) == pytest.approx(3.0, rel=0.05)
    assert 0 < ten.mean == pytest.approx(thirty.mean, rel=0.05)
    finer = spectral_shares(t * 10, weights, psi, T, DELTA, ETA, times=80)
    assert ten.gross == pytest.approx(finer.gross, abs=2e-3)


def test_reversible_power():
    psi, rate = np.array([[0.1, 0.8]]), np.array([[0.5, -0.2]])
    direct = entropy_slope(psi, T, 1 / DELTA) / (2 * ETA) * 2 * psi * rate
    np.testing.assert_allclose(reversible_power(psi, rate, T, DELTA, ETA), direct, rtol=1e-5)


def test_population_range_and_its_warning():
    rng = np.random.default_rng(0)
    psi, rate = rng.uniform(0, 1, (50, 7)), rng.normal(0, 1.5, (50, 7))
    e = np.linspace(0, 8, 2000)
    n = fermi(e / T) + population_shift(e, psi[..., None], T, 1 / DELTA, rate[..., None], relaxation_time(DELTA, ETA))
    assert population_range(psi, rate, T, DELTA, ETA) == pytest.approx((n.min(), n.max()), abs=2e-3)
    w = np.where(rate > 2, -0.1, 1.0)
    made = ledger(np.arange(50.0), np.ones(7), psi, rate, w, 1.0, T, DELTA, ETA, 0.1, "printed")
    words = " ".join(made.warnings)
    assert "outside 0 to 1" in words and "w is negative" in words and "E4" in words


def test_prefactor_in_SI():
    """Doubling an argument moves (2.1) by its power; the value is that of the formula."""
    given = {
        "coupling": 0.4,
        "tau_eps": 1e-8,
        "volume": 1e-21,
        "sound_speed": 5000.0,
        "temperature": 1.6e-23,
        "debye_over_fermi": 3e-3,
        "gap": 1e-23,
        "time": 1e-11,
    }
    value = spectral_prefactor(**given)
    expected = 0.4 * 1e-8 * 1e-21 / (2 * np.pi * 1.054571817e-34**4 * 5000.0**3 * 1.6e-23) * 3e-3 * 1e-115 / 1e-11
    assert value == pytest.approx(expected)
    with pytest.raises(InputError, match="volume"):
        spectral_prefactor(**(given | {"volume": -1.0}))


def test_a_long_record_in_ten_seconds():
    """2,000 times x 200 positions x 300 frequencies, table included."""
    t, weights, psi, rate = record(2000, 200)
    start = time.process_time()
    flux = linear_flux(t, weights, psi, rate, np.linspace(0.02, 6, 300), T, 0.3, positions=[0, 100])
    assert time.process_time() - start < 10
    assert flux.filament.shape == (2000, 300)


def test_bad_input(table):
    t, weights, psi, rate = record(11)
    with pytest.raises(InputError, match="w: "):
        linear_flux(t, weights, psi, rate, [-0.1, 1.0], T, 0.3)
    with pytest.raises(InputError, match="T: "):
        linear_flux(t, weights, psi, rate, [1.0], 0.0, 0.3)
    with pytest.raises(InputError, match="psi_abs"):
        linear_flux(t, weights, psi[:, :3], rate, [1.0], T, 0.3)
    with pytest.raises(InputError, match="t: "):
        linear_flux(t[::-1], weights, psi, rate, [1.0], T, 0.3)
    with pytest.raises(InputError, match="table"):
        linear_flux(t, weights, psi, rate, [1.0], T, 0.3, table=table)
    with pytest.raises(InputError, match="psi_abs"):
        table.at([1.2])
    with pytest.raises(InputError, match="dissipation"):
        ledger(t, weights, psi, rate, psi[1:], 1.0, T, DELTA, ETA, 0.1)
