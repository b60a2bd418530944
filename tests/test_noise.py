"""Thermal noise (10.1), (10.2): its covariance, the path of the noise, equilibrium, and the fixed steps it needs."""

from itertools import pairwise

import numpy as np
import pytest
from noise_cases import NORMAL, U, history, march, ones, slipping, strip, wire

import femtdgl as fg
from femtdgl.equations import noise as equations
from femtdgl.solve.fixed_step import FixedStep
from femtdgl.solve.fluctuations import Fluctuations
from femtdgl.solve.integrate import StepInterrupted
from femtdgl.solve.march import March
from femtdgl.solve.system import System
from femtdgl.solve.wiener import WienerPath

# ---- the force and its path -------------------------------------------------------------------------------


def test_the_root_of_the_friction(rng):
    """sqrt(nu) S, applied to the two unit vectors, has the square Gamma."""
    a, b = rng.normal(size=(2, 50))
    for delta in (0.0, 0.3, 10.0):
        columns = [equations.order_parameter_force(a, b, x, y, 0.5, delta, U) for x, y in ((1.0, 0.0), (0.0, 1.0))]
        (aa, ba), (ab, bb) = columns
        found = aa * aa + ab * ab, aa * ba + ab * bb, ba * ba + bb * bb
        for one, other in zip(found, equations.friction(a, b, delta, U), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


class OneByOne(WienerPath):
    """In place of a path: one of its components at a time."""

    component = 0

    def between(self, since, until):
        return np.eye(1, self.size, self.component).ravel() * np.sqrt(until - since)


LOADS = {
    "gapless": lambda: wire(delta=0.0, length=3.0, elements=3, order=2),
    "finite gap": lambda: wire(delta=4.0, length=3.0, elements=3, order=2, film={"interference": "off"}),
    "banks": lambda: wire(delta=4.0, length=3.0, elements=4, eps=1.0, end="bank"),
    "contacts": lambda: wire(delta=4.0, length=3.0, elements=4, eps=1.0, end="normal"),
    "plane": strip,
    "plane of order 2": lambda: strip(order=2),
    "field": lambda: strip(field=0.6),
    "space": lambda: fg.Problem(
        mesh=fg.mesh.wire(length=2.0, width=1.0, h=0.5),
        film=fg.Film(delta=3.0, eta=0.1, interference="off"),
        boundary={"left": fg.Bank(), "right": fg.Bank(), "side": fg.Insulating()},
    ),
}


@pytest.mark.parametrize("name", LOADS)
def test_the_covariance_of_the_load_is_that_of_friction_and_conductance(name, rng):
    """Exactly 2 kT/dt times the block of d_t psi of the Jacobian, and the block of phi in the rows of (1.4)."""
    system = System(LOADS[name]())
    kT, dt = 0.3, 0.07
    size = Fluctuations.numbers(system, current=True)
    noise = Fluctuations(system, kT, OneByOne(0, size, dt), current=True)
    y = system.initial(np.exp(0.3j * rng.normal(size=system.space.N)) * rng.uniform(0.2, 1.2, system.space.N))
    loads = np.empty((size, system.size))
    for noise.path.component in range(size):
        loads[noise.path.component] = noise.load(noise.forces(0.0, dt, y, system.transport(0.0)), system.transport(0.0))
    found = loads.T @ loads
    zero = np.zeros_like(y)
    stay = system.matrix(system.jacobian(0.0, y, zero, 0.0)).toarray()
    rate = system.matrix(system.jacobian(0.0, y, zero, 1.0)).toarray() - stay
    layout = system.layout
    psi = np.unique(layout.gather[:, :2])
    psi = psi[psi < system.size]
    phi = np.setdiff1d(layout.algebraic, [layout.gauge_row])
    for rows, wanted in ((psi, rate), (phi, stay)):
        block = np.ix_(rows, rows)
        np.testing.assert_allclose(found[block], 2 * kT / dt * wanted[block], atol=1e-12 * np.abs(found).max())
    assert np.abs(found[np.ix_(psi, phi)]).max() == 0.0
    assert np.abs(found[layout.theta]).max(initial=0.0) == 0.0 == np.abs(found[layout.gauge_row]).max()


def test_a_path_does_not_depend_on_the_steps_through_it(rng):
    path = WienerPath(3, 1000, 0.1)
    whole = path.between(0.1, 0.5)
    np.testing.assert_allclose(whole, sum(path.increment(k) for k in range(1, 5)), rtol=1e-14)
    times = np.sort([0.1, *rng.uniform(0.1, 0.5, 7), 0.2, 0.3 + 1e-12, 0.5])
    parts = [path.between(a, b) for a, b in pairwise(times)]
    np.testing.assert_allclose(sum(parts), whole, atol=1e-12)
    assert np.array_equal(path.between(0.1, 0.234), WienerPath(3, 1000, 0.1).between(0.1, 0.234))
    assert not np.allclose(whole, WienerPath(4, 1000, 0.1).between(0.1, 0.5))


def test_increments_of_a_path_are_independent_and_of_the_right_size():
    path, times = WienerPath(5, 40_000, 0.5), [1.0, 1.1, 1.3125, 1.5, 1.75, 2.0, 3.5]
    moved = np.array([path.between(a, b) for a, b in pairwise(times)])
    covariance = moved @ moved.T / path.size
    np.testing.assert_allclose(covariance, np.diag(np.diff(times)), atol=0.03)
    np.testing.assert_allclose(np.diag(covariance), np.diff(times), rtol=0.03)
    assert abs(moved.mean(axis=1)).max() < 0.02


# ---- equilibrium ------------------------------------------------------------------------------------------


def test_the_uniform_mode_has_its_closed_form():
    """<|psi_0|^2> = 2 kT/(V |eps|) whatever the step; per step it decays by (1 - z)/(1 + z), z = |eps| dt/(2 u)."""
    kT, eps, length, z = 1e-3, 2.0, 0.5, 0.5
    step = 2 * U * z / eps
    _, t, psi = history(wire(fg.Noise(kT=kT, step=step, seed=1), eps=-eps, length=length), 6000 * step)
    mode = psi.mean(axis=1)[50:]
    assert t.size == 6000
    assert np.mean(np.abs(mode) ** 2) == pytest.approx(2 * kT / (length * eps), rel=0.03)
    decay = np.vdot(mode[:-1], mode[1:]).real / np.vdot(mode, mode).real
    assert decay == pytest.approx((1 - z) / (1 + z), abs=0.02)


@pytest.fixture(scope="module")
def long_wire():
    """Modes of a long normal wire at every step, without the noise of the current: kT, step, length, waves, modes."""
    kT, step, length = 1e-3, 1.0, 120.0
    noise = fg.Noise(kT=kT, step=step, seed=2, current=False)
    system, _, psi = history(wire(noise, length=length, elements=60, order=2), 2000.0)
    waves = np.pi * np.arange(20) / length
    shapes = np.cos(waves[:, None] * (system.space.nodes[0] - system.space.nodes[0].min()))
    weighted = shapes @ system.space.mass
    modes = psi[40:] @ weighted.T / np.sum(weighted * shapes, axis=1)  # (steps, waves)
    return kT, step, length, waves, modes


def test_modes_have_their_closed_forms(long_wire):
    """<|psi_k|^2> = 2 kT/(V (|eps| + k^2)), V/2 for the cosines: all of 20 to 3 %, each to what chance leaves."""
    kT, _, length, waves, modes = long_wire
    volume = np.where(waves == 0, length, length / 2)
    ratio = np.mean(np.abs(modes) ** 2, axis=0) * volume * (1 + waves**2) / (2 * kT)
    assert ratio.mean() == pytest.approx(1.0, abs=0.03)
    assert np.abs(ratio - 1).max() < 0.25


def test_correlations_decay_as_they_must(long_wire):
    """exp(-(|eps| + k^2) t/u): the rates of 20 modes, over the closed form, to 3 %; and over a time of u.

    Without the noise of the current: its potential turns the phase of psi, here and there in other ways.
    """
    _, step, _, waves, modes = long_wire
    rates = (1 + waves**2) / U
    product = np.sum(modes[1:] * modes[:-1].conj(), axis=0).real / np.sum(np.abs(modes[:-1]) ** 2, axis=0)
    assert np.mean(-np.log(product) / (rates * step)) == pytest.approx(1.0, abs=0.03)
    lag = 6
    later = np.sum(modes[lag:] * modes[:-lag].conj(), axis=0).real / np.sum(np.abs(modes[:-lag]) ** 2, axis=0)
    assert np.mean(later / np.exp(-rates * lag * step)) == pytest.approx(1.0, abs=0.1)


def variance_ratio(problem, until, integrator=None):
    """Mean |psi|^2 of all nodes over that of exp(-F/(2 kT)) for the discrete F."""
    system, t, psi = history(problem, until, integrator=integrator)
    zero = np.zeros(system.size)
    gather = system.layout.gather[:, :2].ravel()
    slope = system.matrix(system.jacobian(0.0, zero, zero, 0.0)).toarray()[np.ix_(gather, gather)]
    kT = problem.noise.energy(problem.film, system.space.dim)
    wanted = kT * np.trace(np.linalg.inv(slope)) / system.space.N
    return np.mean(np.abs(psi[t > 0.05 * until]) ** 2) / wanted


def with_euler(system):
    """Implicit Euler with the noise of the problem."""
    midpoint = FixedStep.of(system)
    return FixedStep(system, midpoint.step, "euler", midpoint.fluctuations)


@pytest.mark.parametrize(
    "film", [{**NORMAL}, {"interference": "off", "conductance": "exact"}, {"interference": "consistent"}]
)
def test_equipartition_with_a_finite_gap(film):
    """delta^2 n is about a half: friction moves with psi, and the distribution at rest is that of the energy."""
    problem = wire(fg.Noise(kT=2e-3, step=0.2, seed=3), delta=15.0, film=film, length=80.0, elements=80)
    assert variance_ratio(problem, 240.0) == pytest.approx(1.0, abs=0.03)


@pytest.mark.slow
def test_friction_at_the_end_of_the_step_would_be_wrong():
    """Implicit Euler: with a finite gap, and with the noise of the current, it makes psi too small for every step."""
    for step, current, delta in ((0.2, False, 15.0), (0.05, False, 15.0), (0.2, True, 0.0)):
        problem = wire(fg.Noise(kT=1e-2, step=step, current=current), delta=delta, length=60.0, elements=60)
        assert variance_ratio(problem, 60.0, with_euler) < 0.75


@pytest.mark.parametrize("field", [None, 0.5])
@pytest.mark.slow
def test_equipartition_in_a_strip(field):
    """Also with a magnetic field, whose eigenvalues come in place of k^2."""
    problem = strip(fg.Noise(kT=1e-2, step=1.0, seed=4), field=field)
    assert variance_ratio(problem, 700.0) == pytest.approx(1.0, abs=0.06)


def test_voltage_noise_of_a_normal_wire():
    """Nyquist: <V> = J L, <(V - J L)^2> = 2 kT L/dt over steps of dt, and no correlation from step to step."""
    kT, length, J, step = 1e-3, 3.0, 0.2, 0.1
    noise = fg.Noise(kT=kT, step=step, seed=5)
    problem = wire(noise, length=length, elements=3, eps=-3.0, end="normal", drive=fg.Drive(current=J))
    system, steps = march(problem, 6000 * step)
    V = np.array([system.voltage(s.t, s.y) for s in steps]) - J * length
    assert np.mean(V**2) == pytest.approx(2 * kT * length / step, rel=0.03)
    assert abs(V.mean()) < 4 * np.sqrt(2 * kT * length / step / V.size)
    assert abs(np.mean(V[1:] * V[:-1])) < 0.05 * np.mean(V**2)


def test_noise_and_heat_keep_the_energy():
    """What noise does on psi comes out of the heat: an insulated wire has the energy (4.4) that it began with."""
    problem = wire(
        fg.Noise(kT=1e-3, step=0.05), delta=3.0, length=5.0, elements=10, order=2, eps=1.0, heat=fg.Heat(),
        film={"interference": "off"},
    )  # fmt: skip
    system, steps = march(problem, 15.0, psi=lambda x: np.ones(x.shape[1], complex))
    laws, weights = system.heat.laws.capacity[0], system.space.weights

    def energies(step):
        at = system.arrays.at(system.state(step.y, step.yp))
        n, D2, T = at[0, 0] ** 2 + at[0, 1] ** 2, at[1, 0] ** 2 + at[1, 1] ** 2, system.heat.at_points(step.y)[0]
        thermal = sum(law.value * T ** (1 + law.exponent) / (1 + law.exponent) for law in laws)
        return weights @ (0.5 * (D2 + n * n / 2 - n / problem.film.eta)), weights @ thermal

    psi, thermal = np.array([energies(step) for step in steps]).T
    assert np.ptp(psi) > 0.03, "energy does go to and fro"
    assert np.ptp(psi + thermal) < 0.05 * np.ptp(psi)


# ---- fixed steps ------------------------------------------------------------------------------------------


def test_without_noise_a_run_is_the_deterministic_one_to_the_bit():
    """Whatever the seed, and also when the noise is worked out, with kT = 0."""

    def worked_out(system):
        size = Fluctuations.numbers(system, current=True)
        return FixedStep(system, 0.1, "midpoint", Fluctuations(system, 0.0, WienerPath(1, size, 0.1), current=True))

    def bare(system):
        return FixedStep(system, 0.1)

    runs = [march(slipping(fg.Noise(kT=0.0, step=0.1, seed=seed)), 4.0, psi=ones)[1] for seed in (0, 9)]
    runs += [
        march(slipping(fg.Noise(kT=1e-3, step=0.1)), 4.0, psi=ones, integrator=how)[1] for how in (worked_out, bare)
    ]
    noisy = march(slipping(fg.Noise(kT=1e-3, step=0.1)), 4.0, psi=ones)[1]
    for other in runs[1:]:
        for one, two in zip(runs[0], other, strict=True):
            assert one.t == two.t and np.array_equal(one.y, two.y) and np.array_equal(one.yp, two.yp)
    assert not np.allclose(noisy[-1].y, runs[0][-1].y, atol=1e-4)


@pytest.mark.parametrize(("method", "order"), [("midpoint", 2), ("euler", 1)])
def test_order_of_the_steps_without_noise(method, order):
    """Against IDA, through a slip: the error at the end falls as step^order."""
    exact = march(slipping(), 4.0, psi=ones)
    last = exact[0].psi(exact[1][-1].y)
    errors = []
    for step in (0.04, 0.02, 0.01):
        system, steps = march(slipping(fg.Noise(kT=0.0, step=step, method=method)), 4.0, psi=ones)
        errors.append(np.abs(system.psi(steps[-1].y) - last).max())
    slope = np.log2(np.array(errors[:-1]) / errors[1:])
    assert slope == pytest.approx(order, abs=0.15), errors


def test_strong_order_of_the_noise_on_a_linear_mode():
    """On one path, in coarse and in fine steps, the states at the end differ by an error of first order."""
    finest, until = 0.05, 12.8
    problem = wire(fg.Noise(kT=1e-8, step=finest, current=False), length=40.0, elements=20, eps=-4.0)

    def end(step):
        def integrator(system):
            path = WienerPath(6, Fluctuations.numbers(system, current=False), finest)
            return FixedStep(system, step, "midpoint", Fluctuations(system, 1e-8, path, current=False))

        system, _, psi = history(problem, until, integrator=integrator)
        weights = np.asarray(system.space.mass.sum(axis=0)).ravel()
        waves = np.pi * np.arange(8) / 40.0
        return (np.cos(waves[:, None] * (system.space.nodes[0] + 20.0)) * weights) @ psi[-1]

    exact = end(finest)
    errors = [np.sqrt(np.mean(np.abs(end(step) - exact) ** 2)) for step in (0.4, 0.8, 1.6)]
    order = np.polyfit(np.log([0.4, 0.8, 1.6]), np.log(errors), 1)[0]
    assert order == pytest.approx(1.0, abs=0.2), errors


def test_a_cut_off_the_grid_changes_no_noise():
    """A corner of the drive between two times of the grid that changes nothing: psi is nearly the same after it."""
    noise = fg.Noise(kT=1e-2, step=0.1, seed=7)
    level = fg.Drive(current=fg.Table((0.0, 20.0), (0.5, 0.5)))
    corner = fg.Drive(current=fg.Table((0.0, 1.2345, 20.0), (0.5, 0.5, 0.5)))

    def psi_at_end(drive, noise):
        problem = wire(noise, length=2.0, elements=8, eps=1.0, end="bank", drive=drive, t_end=3.0)
        return fg.run(problem).last_psi()

    one, two = (psi_at_end(drive, noise) for drive in (level, corner))
    other = psi_at_end(level, fg.Noise(kT=1e-2, step=0.1, seed=8))
    assert 0 < np.abs(one - two).max() < 0.1 * np.abs(one - other).max()


def test_an_interrupted_step_leaves_the_last_one():
    """A signal in the middle of a step ends it; what was accepted stands."""
    system = System(slipping(fg.Noise(kT=1e-2, step=0.1)))
    m = March(system)
    m.integrator.start(0.0, *m.consistent(0.0, system.initial(ones(system.space.nodes))))
    steps = m.integrator.steps(4.0)
    taken = [next(steps) for _ in range(3)]
    m.integrator.interrupted = True
    with pytest.raises(StepInterrupted):
        next(steps)
    assert (m.integrator.t, m.integrator.step_count) == (taken[-1].t, 3)
    y, _ = m.integrator.dense(0.25)
    moving = np.setdiff1d(np.arange(system.size), system.layout.algebraic)
    np.testing.assert_allclose(y[moving], 0.5 * (taken[-2].y + taken[-1].y)[moving], atol=1e-14)


def test_a_step_that_is_too_long_is_halved():
    """Noise so strong that Newton's iteration fails over a whole step; the grid is met all the same."""
    problem = slipping(fg.Noise(kT=3.0, step=1.0))
    _, steps = march(problem, 4.0, psi=ones)
    times = np.array([s.t for s in steps])
    assert times.size > 4 and {1.0, 2.0, 3.0, 4.0} <= set(times), times
    assert np.isfinite(steps[-1].y).all()
