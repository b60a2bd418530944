"""kinetics="relaxation": populations along a record, their two heats, and the cycle-averaged spectrum."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from femtdgl.equations.phonon_quadrature import fermi
from femtdgl.equations.phonons import collision_integral, level, level_energy, population_shift
from femtdgl.errors import InputError
from femtdgl.flux.ledger import ledger, reversible_power
from femtdgl.flux.relaxation import quasiparticle_levels, relax, relaxation_time
from femtdgl.flux.spectrum import level_collision_integral, relaxation_flux
from femtdgl.units import U

T, DELTA, ETA = 0.929093, 10 / 3, 0.1
GAMMA = 1 / DELTA
PERIOD = 11.9371


def breathing(nt, period=PERIOD, amplitude=0.4):
    t = np.linspace(0, period, nt)
    return t, (0.5 + amplitude * np.sin(2 * np.pi * t / period))[:, None]


@pytest.mark.parametrize("nt", [21, 201])
@pytest.mark.parametrize("delta", [0.5, 10 / 3, 30])
def test_loss_is_work_over_a_cycle(nt, delta):
    t = np.linspace(0, PERIOD, nt)
    slip = np.abs(np.sin(np.pi * t / PERIOD))  # touches zero with a corner
    psi = np.stack([breathing(nt)[1][:, 0], 0.3 * slip, slip], axis=1)
    made = relax(t, psi, T, delta, ETA)
    loss, work = made.loss.sum(axis=0), made.work.sum(axis=0)
    assert np.all(loss > 0)
    assert np.max(np.abs(loss / work - 1)) < 1e-6
    assert made.n.min() >= 0 and made.n.max() <= 1


def test_periodic_state_needs_no_transient():
    t, psi = breathing(41)
    made = relax(t, psi, T, DELTA, ETA)
    np.testing.assert_allclose(made.n[-1], made.n[0], atol=1e-14)
    n = fermi(level_energy(made.levels.nodes, psi[0, 0], GAMMA) / T)
    for _ in range(8):  # exp(-8 period/tau) = 1e-16
        n = relax(t, psi, T, DELTA, ETA, start=n).n[-1]
    np.testing.assert_allclose(n, made.n[0], atol=1e-13)


def test_step_is_exact_along_a_straight_line():
    t, psi = np.array([0.0, 2.5]), np.array([[0.9], [0.1]])
    start = np.linspace(0.5, 0, quasiparticle_levels(T, GAMMA).size)
    tau = relaxation_time(DELTA, ETA)

    def rate(time, n):
        e = level_energy(quasiparticle_levels(T, GAMMA).nodes, 0.9 - 0.32 * time, GAMMA)
        return -(n - fermi(e / T)) / tau

    solved = solve_ivp(rate, (0, 2.5), start, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    one = relax(t, psi, T, DELTA, ETA, start=start).n[-1, 0]
    assert np.max(np.abs(one - solved)) < 2e-6
    times = np.linspace(0, 2.5, 11)
    ten = relax(times, (0.9 - 0.32 * times)[:, None], T, DELTA, ETA, start=start).n[-1, 0]
    assert np.max(np.abs(ten - solved)) < 1e-10


def test_rest_is_equilibrium():
    t, psi = np.linspace(0, 5, 6), np.full((6, 2), 0.7)
    made = relax(t, psi, T, DELTA, ETA)
    np.testing.assert_allclose(
        made.n,
        np.broadcast_to(fermi(level_energy(made.levels.nodes, 0.7, GAMMA) / T), made.n.shape),
        atol=1e-13,
    )
    assert np.max(np.abs(made.work)) == 0


def test_slow_motion_is_the_linear_theory():
    """n -> f + (2.2) and loss -> (s1/(2 eta)) d_t n, with an error of the next order in Omega tau."""
    errors = []
    for period in (1000.0, 2000.0):
        t, psi = breathing(2001, period)
        made = relax(t, psi, T, DELTA, ETA)
        rate = 0.4 * 2 * np.pi / period * np.cos(2 * np.pi * t / period)
        k = 300
        e = level_energy(made.levels.nodes, psi[k, 0], GAMMA)
        shift = population_shift(e, psi[k, 0], T, GAMMA, rate[k], relaxation_time(DELTA, ETA))
        errors.append(np.max(np.abs(made.n[k, 0] - fermi(e / T) - shift)) / np.max(np.abs(shift)))
        middle, middle_rate = (psi[k] + psi[k + 1])[None] / 2, np.diff(psi, axis=0)[[k]] / (t[1] - t[0])
        power = reversible_power(middle, middle_rate, T, DELTA, ETA)[0, 0]
        errors.append(abs(made.loss[k, 0] / (t[1] - t[0]) / power - 1))
    assert errors[0] < 0.05 and errors[2] == pytest.approx(errors[0] / 2, rel=0.1)
    assert errors[1] < 0.05 and errors[3] == pytest.approx(errors[1] / 2, rel=0.15)


@pytest.mark.parametrize("delta", [1.0, 10 / 3, 20.0])
def test_slow_loss_is_the_finite_gap_part_of_the_dissipation(delta):
    """Near Tc the mean loss is u [sqrt(1 + delta^2 n) - 1] (d|psi|/dt)^2: what w of (1.5) has beyond gapless.

    From int (R2/N1)^2 dxi = (pi/2) [sqrt(gamma^2 + Psi^2) - gamma] and Delta0/(2 kB Tc) = (2/pi) sqrt(eta u).
    """
    eta = 1e-8
    hot = np.pi / (4 * np.sqrt(eta * U))  # kB Tc in Delta0
    period = 3000 * relaxation_time(delta, eta)
    t, psi = breathing(401, period)
    work = relax(t, psi, hot, delta, eta).work.sum()  # = loss; the loss sums levels up to 34 T >> Psi
    rate = 0.4 * 2 * np.pi / period * np.cos(2 * np.pi * t / period)
    expected = np.trapezoid(U * (np.sqrt(1 + (delta * psi[:, 0]) ** 2) - 1) * rate**2, t)
    assert work == pytest.approx(expected, rel=4e-3)


def test_spectrum_from_levels_against_the_collision_integral():
    t, psi = breathing(61)
    made = relax(t, psi, T, DELTA, ETA)
    w, k = np.linspace(0.2, 6, 12), 20
    equilibrium = fermi(level_energy(made.levels.nodes, psi[k, 0], GAMMA) / T)

    def n(e):
        xi = level(e, psi[k, 0], GAMMA)
        inside = np.minimum(np.abs(xi), made.levels.edges[-1])
        deviation = made.levels.gather(inside, (made.n[k, 0] - equilibrium)[:, None])[..., 0]
        return np.clip(fermi(e / T) + np.sign(e) * deviation, 0, 1)

    direct = collision_integral(w, psi[k, 0], T, GAMMA, n)
    found = level_collision_integral(w, psi[k], made.n[k], made.levels, T, GAMMA, points=120)[0]
    assert np.max(np.abs(found - direct)) < 1e-5 * np.max(np.abs(direct))


def test_cycle_average_is_a_phonon_deficit_and_an_emission():
    """Negative below about 2 Psi_max = 1.8, positive above, unlike the linear flux, whose average is zero."""
    t, psi = breathing(121)
    w = np.linspace(0.1, 8, 40)
    made = relaxation_flux(t, [1.0], psi, w, T, DELTA, ETA, positions=[0], every=4)
    change = w[np.flatnonzero(np.diff(np.sign(made.average)))]
    assert len(change) == 1 and 0.75 < change[0] / 1.8 < 1.15
    assert np.all(made.average[w < change[0]] < 0) and np.all(made.average[w > change[0] + 0.3] > 0)
    np.testing.assert_allclose(made.positions[0], made.average, rtol=1e-12)
    assert made.loss.sum() == pytest.approx(made.work.sum(), rel=1e-6)
    dense = relaxation_flux(t, [1.0], psi, w[::8], T, DELTA, ETA, every=1, points=120)
    assert np.max(np.abs(dense.average - made.average[::8])) < 1e-4 * np.max(np.abs(made.average))


def test_positions_in_blocks_and_the_ledger():
    t, psi = breathing(41)
    psi = psi * np.array([0.2, 0.6, 1.0])
    weights, w = np.array([0.5, 1.0, 0.5]), np.array([1.0, 3.0])
    whole = relaxation_flux(t, weights, psi, w, T, DELTA, ETA, every=8)
    blocks = relaxation_flux(t, weights, psi, w, T, DELTA, ETA, every=8, x_chunk=2)
    np.testing.assert_allclose(blocks.average, whole.average, rtol=1e-12)
    rate = np.gradient(psi, t, axis=0)
    made = ledger(t, weights, psi, rate, np.ones_like(psi), 1.0, T, DELTA, ETA, 0.5, relaxed=whole)
    assert made.kinetics == "relaxation"
    assert made.relaxation_loss == pytest.approx(made.relaxation_work, rel=1e-6)
    assert 0 <= made.n_min <= made.n_max <= 1


def test_bad_input():
    t, psi = breathing(21)
    with pytest.raises(InputError, match="closed cycle"):
        relax(t[:8], psi[:8], T, DELTA, ETA)
    with pytest.raises(InputError, match="gapless"):
        relax(t, psi, T, 0.0, ETA)
    with pytest.raises(InputError, match="start"):
        relax(t, psi, T, DELTA, ETA, start=np.full(quasiparticle_levels(T, GAMMA).size, 1.5))
    with pytest.raises(InputError, match="psi_abs"):
        relax(t, -psi, T, DELTA, ETA)
    with pytest.raises(InputError, match="psi_abs"):
        relax(t, psi[:-1], T, DELTA, ETA)
    with pytest.raises(InputError, match="w: "):
        relaxation_flux(t, [1.0], psi, [-1.0], T, DELTA, ETA)
