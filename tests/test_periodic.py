"""Periodic ends: fluxoid states in closed form, flux and slips, the system of equations."""

import numpy as np
import pytest
from conftest import complex_step
from ring_cases import ring, strip, warm

import femtdgl as fg
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.problem.periodic import Round
from femtdgl.solve.crossings import Rim
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.path import plane_cut
from femtdgl.solve.system import System

# ---- closed form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(4))
@pytest.mark.parametrize("flux", [None, 0.3])
def test_fluxoid_states_of_a_ring_are_those_of_the_closed_form(n, flux):
    """q = 2 pi (n - flux)/L, f^2 = 1 - q^2, j = f^2 q, energy density -f^4/2."""
    length = 40.0
    found = fg.run(
        ring(flux=flux, elements=160, initial={"winding": n}, t_end=120.0, rtol=1e-9, output={"fields": 60.0})
    )
    q = 2 * np.pi * (n - (flux or 0.0)) / length
    f2 = 1 - q * q
    psi = found.psi(found.t[-1])
    np.testing.assert_allclose(np.abs(psi) ** 2, f2, rtol=1e-6)
    np.testing.assert_allclose(psi / psi[0], np.exp(2j * np.pi * n * (found.nodes[0] / length + 0.5)), atol=2e-6)
    assert found.probes["current"][-1] == pytest.approx(f2 * q, rel=1e-6, abs=1e-12)
    assert 0.5 * found.probes["free_energy"][-1] / length == pytest.approx(-(f2**2) / 4, rel=1e-6)
    assert set(found.probes["fluxoid"]) == {n}
    assert found.summary["fluxoid_end"] == n and not found.summary["slips"]
    assert found.summary["warnings"] == []


def test_the_order_of_the_elements_is_that_of_the_energy():
    """A fluxoid state with quadratic elements: the energy misses the closed form by h^4."""
    missed = []
    for elements in (20, 40):
        system = System(ring(elements=elements, initial={"winding": 3}))
        q = 2 * np.pi * 3 / 40.0
        psi = np.sqrt(1 - q * q) * np.exp(1j * q * (system.space.nodes[0] + 20.0))
        y, yp = system.consistent(0.0, system.initial(psi))
        missed.append(Snapshots(system, np.array(0.0), y, yp).integrals[0, 2] / 40 + (1 - q * q) ** 2 / 2)
    assert missed[0] / missed[1] == pytest.approx(16, rel=0.1)


@pytest.mark.parametrize("film", [ring, strip])
def test_a_quantum_more_of_flux_and_of_winding_is_the_same_ring(film):
    """Flux + 3 and n + 3: the same to rounding, since the elements follow a linear change of gauge exactly."""
    parts = {"t_end": 5.0, "output": {"fields": 5.0}}
    if film is strip:
        parts |= {"h": 0.7, "field": 0.3, "rtol": 1e-8}
    else:
        parts |= {"length": 12.0, "elements": 12, "weak_spot": (fg.Spot(at=2.0, depth=0.5),), "rtol": 1e-8}
    one, other = film(flux=0.3, **parts), film(flux=3.3, initial={"winding": 3}, **parts)
    a, b = System(one, compiled=False), System(other, compiled=False)
    turn = np.exp(6j * np.pi * a.space.seam.share(a.space.nodes))
    psi = 0.7 + 0.2 * np.cos(2 * np.pi * a.space.seam.share(a.space.nodes)) + 0.1j
    (y, yp), (z, zp) = a.consistent(0.0, a.initial(psi)), b.consistent(0.0, b.initial(psi * turn))
    (n, n_t), (m, m_t) = ((now.n, now.n_t) for now in (snapshot(a, y, yp), snapshot(b, z, zp)))
    np.testing.assert_allclose(m, n, rtol=1e-12)
    np.testing.assert_allclose(m_t, n_t, atol=1e-9 * np.abs(n_t).max())
    found, again = fg.run(one), fg.run(other)
    for name in ("psi_min", "current", "free_energy"):
        assert again.probes[name][-1] == pytest.approx(found.probes[name][-1], rel=1e-5, abs=1e-7)
    assert again.probes["fluxoid"][-1] - found.probes["fluxoid"][-1] == 3


def snapshot(system, y, yp):
    return Snapshots(system, np.array(0.0), y, yp)


# ---- flux and slips ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [5.0, -10.0])
def test_a_flux_beyond_the_limit_takes_quanta_in_by_phase_slips(at):
    """One slip a quantum, also of a weak spot at the seam, and the Josephson relation round the ring."""
    spot = (fg.Spot(at=at, depth=0.1, width=1.0),)
    drive = {"ramp": [0.0, 4.0], "over": 200.0}
    found = fg.run(ring(length=20.0, elements=50, flux=drive, t_end=220.0, weak_spot=spot))
    n, flux, slips = found.probes["fluxoid"], found.probes["flux"], found.read("slips/winding")
    assert n[0] == 0 and 2 <= n[-1] <= 4
    assert slips.size == n[-1] == -slips.sum()  # V < 0 in a rising flux, and so are the windings
    assert set(np.diff(n)) == {0, 1}
    assert found.summary["fluxoid_jump_times"] == pytest.approx(found.summary["slip_times"], abs=0.5)
    first = flux[np.flatnonzero(np.diff(n))[0]]
    assert 1.5 < first < 20.0 / (2 * np.pi * np.sqrt(3)) + 1.0  # of |q| = 1/sqrt(3), where a long ring becomes unstable
    assert found.summary["josephson_mismatch"] < 1e-9
    assert found.summary["energy_balance"] < 1e-4


def test_faraday_round_the_ring():
    """oint E.dl = -2 pi dPhi/dt, of the field at the points of the quadrature, also where it is not uniform."""
    flux = fg.Sine(amplitude=1.0, frequency=0.05)
    system = System(ring(length=20.0, flux=flux, weak_spot=(fg.Spot(at=3.0, depth=0.5, width=1.0),)))
    psi = 0.8 + 0.1 * np.cos(2 * np.pi * system.space.nodes[0] / 20.0)
    for t in (0.0, 3.0, 8.0):
        y, yp = system.consistent(t, system.initial(psi.astype(complex)))
        E = -system.arrays.at(system.state(y, yp), system.transport(t))[1, 2]
        assert np.ptp(E) > 1e-3
        assert system.space.weights @ E == pytest.approx(-2 * np.pi * flux.slope(t), rel=1e-12)
        assert Snapshots(system, np.array(t), y, yp).voltage[0] == pytest.approx(-2 * np.pi * flux.slope(t), rel=1e-12)


def test_faraday_along_any_line_of_a_film(rng):
    """From an end to the same point of the other, in a film with a flux and a field that rise."""
    problem = strip(flux=fg.Ramp(0.0, 2.0, over=10.0), field=fg.Ramp(0.0, 0.5, over=10.0))
    system = System(problem)
    y, yp = system.consistent(3.0, system.initial(np.exp(0.1j * rng.normal(size=system.space.N))))
    assert Snapshots(system, np.array(3.0), y, yp).voltage[0] == pytest.approx(-2 * np.pi * 0.2, rel=1e-12)
    for height in (-0.5, 1.0):  # the flux through the strip between there and the middle is added
        ends = np.array([[-3.0, 3.0], [height, height]])
        assert system.emf_between(ends, 3.0) == pytest.approx(2 * np.pi * 0.2 - 0.05 * height * 6.0, rel=1e-12)
    cut = [Snapshots(system, np.array(3.0), y, yp).flux(system_cut(system, x))[0] for x in (-2.9, 0.1, 2.9)]
    np.testing.assert_allclose(cut, 2.0 * Snapshots(system, np.array(3.0), y, yp).current[0], rtol=1e-8)


def system_cut(system, x):
    return plane_cut(system.space, np.array([x, 0.0]), np.array([1.0, 0.0]), None)


def test_the_energy_balance_of_a_film_in_a_rising_flux_and_field():
    """(1.5) has no term at the ends, which are none."""
    parts = {"flux": fg.Ramp(0.0, 1.0, over=20.0), "field": fg.Ramp(0.0, 0.4, over=20.0), "measure": {"discard": 0.0}}
    found = fg.run(strip(h=0.4, t_end=20.0, **parts))
    assert found.summary["energy_balance"] < 1e-3
    assert found.summary["mean_voltage"] == pytest.approx(-2 * np.pi / 20.0, rel=1e-9)


# ---- the system -------------------------------------------------------------------------------------------


PROBLEMS = {
    "line": lambda: ring(length=4.0, elements=4, flux=fg.Ramp(0.1, 0.9, over=1.0)),
    "line, no flux": lambda: ring(length=4.0, elements=5, order=1),
    "strip": lambda: strip(length=3.0, h=1.0, flux=fg.Ramp(0.1, 0.9, over=1.0), field=fg.Ramp(0.2, 0.5, over=1.0)),
    "strip, quads": lambda: strip(length=3.0, h=1.0, cells="quad", order=1, flux=0.3, field=0.4),
    "strip, de Gennes": lambda: strip(length=3.0, h=1.0, edges={"bottom": fg.DeGennes(b=2.0), "top": fg.Insulating()}),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_jacobian_against_complex_step_and_compiled_loops_against_arrays(rng, name):
    arrays, compiled = (System(PROBLEMS[name](), compiled=c) for c in (False, True))
    y, yp = rng.normal(size=(2, arrays.size))
    reference = complex_step(arrays, 0.4, y, yp, 3.7)
    for system in (arrays, compiled):
        J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
        assert np.abs(J - reference).max() < 1e-12 * np.abs(reference).max()
    F = arrays.residual(0.4, y, yp)
    assert np.abs(compiled.residual(0.4, y, yp) - F).max() < 1e-13 * np.abs(F).max()
    one, other = (s.jacobian(0.4, y, yp, 3.7) for s in (arrays, compiled))
    assert np.abs(one - other).max() < 1e-13 * np.abs(one).max()


@pytest.mark.parametrize("temperatures", ["one", "two"])
@pytest.mark.parametrize("dim", [1, 2])
def test_jacobian_with_temperatures(rng, temperatures, dim):
    part = {"flux": fg.Ramp(0.1, 0.9, over=1.0), "heat": warm(temperatures)}
    problem = ring(length=4.0, elements=4, **part) if dim == 1 else strip(length=2.0, h=1.0, order=1, **part)
    system = System(problem)
    y, yp = rng.normal(size=(2, system.size))
    place = system.heat.temperatures.place
    y[place] = rng.random(place.size)
    reference = complex_step(system, 0.4, y, yp, 3.7)
    J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
    assert np.abs(J - reference).max() < 1e-12 * np.abs(reference).max()
    psi = 1.0 + 0.1 * np.cos(np.pi * system.space.nodes[0])
    y, yp = system.consistent(0.3, system.initial(psi.astype(complex)))
    assert np.abs(system.residual(0.3, y, yp)).max() < 1e-10


@pytest.mark.parametrize("name", ["line", "strip", "strip, quads"])
def test_the_seam_is_like_any_other_place(rng, name):
    """A state that is moved by some cells round has the residual moved as far: no place stands out."""
    system = System(PROBLEMS[name](), compiled=False)
    space, seam = system.space, system.space.seam
    place, cell = seam.place(space.N), seam.step[0] / round(seam.step[0])
    x = space.nodes[:, np.unique(place, return_index=True)[1]]
    moved = x.copy()
    moved[0] = (moved[0] - x[0].min() + cell + 1e-9) % seam.step[0] - 1e-9 + x[0].min()
    to = np.linalg.norm(x[:, :, None] - moved[:, None], axis=0).argmin(axis=0)
    assert np.array_equal(np.sort(to), np.arange(x.shape[1]))
    unknowns = system.layout.gather[np.unique(place, return_index=True)[1]]
    y, yp = rng.normal(size=(2, system.size))
    z, zp = np.empty_like(y), np.empty_like(y)
    z[unknowns[to]], zp[unknowns[to]] = y[unknowns], yp[unknowns]
    F, G = system.residual(0.4, y, yp), system.residual(0.4, z, zp)
    own = (unknowns != system.layout.gauge_row) & (unknowns[to] != system.layout.gauge_row)
    np.testing.assert_allclose(G[unknowns[to]][own], F[unknowns][own], atol=1e-12 * np.abs(F).max())


def test_spots_and_dips_reach_across_the_seam():
    """At the seam as half a round further on."""
    at_seam, inside = (
        Simulation(ring(length=20.0, weak_spot=(spot,), initial=fg.Initial(dips=(spot,))))
        for spot in (fg.Spot(at=at, depth=0.4, width=1.0) for at in (-9.5, 0.5))
    )
    half = at_seam.system.eps.size // 2
    np.testing.assert_allclose(np.roll(at_seam.system.eps, half), inside.system.eps, atol=1e-12)
    x = inside.system.space.nodes[0]
    psi = [np.abs(each.system.psi(each.y)) for each in (at_seam, inside)]
    order = np.argsort(x[:-1]) if x[-1] == 10.0 else np.argsort(x)[:-1]
    np.testing.assert_allclose(np.roll(psi[0][order], order.size // 2), psi[1][order], atol=1e-12)


def test_nodes_of_both_ends_have_the_same_unknowns():
    system = System(strip())
    gather, seam = system.layout.gather, system.space.seam
    assert np.array_equal(gather[seam.first], gather[seam.second])
    assert system.size == 3 * (system.space.N - seam.first.size)
    np.testing.assert_allclose(
        system.space.nodes[:, seam.second] - system.space.nodes[:, seam.first],
        [[6.0], [0.0]] * np.ones(seam.first.size),
        atol=1e-12,
    )
    rim = Rim(system.space, system.layout.held)
    y = system.space.nodes[1, rim.nodes]
    assert np.allclose(np.abs(y[rim.first]), 1.0) and np.allclose(np.abs(y[rim.second]), 1.0)  # the ends are no edges


def test_the_vector_potential_is_that_of_flux_and_field(rng):
    """Along any direction of the plane: curl A = B, oint A.dl = 2 pi flux, and the same at both ends."""
    step, x = np.array([3.0, 4.0]), rng.normal(size=(2, 9))
    A = Round(step, np.array([0.3, -0.2]), fg.Ramp(0.0, 2.0, over=4.0), fg.Ramp(0.0, 0.8, over=4.0))
    np.testing.assert_allclose(A(x + step[:, None], 1.0)[0], A(x, 1.0)[0], atol=1e-13)
    h = 1e-4
    slope = [(A(x + h * e[:, None], 1.0)[0] - A(x - h * e[:, None], 1.0)[0]) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(slope[0][1] - slope[1][0], 0.2, rtol=1e-9)
    middle = np.array([[0.3], [-0.2]])
    assert step @ A(middle, 1.0)[0][:, 0] == pytest.approx(2 * np.pi * 0.5)
    np.testing.assert_allclose(A(x, 1.0)[1], A(x, 1.0)[0], rtol=1e-12)  # both ramps are t times their rate
