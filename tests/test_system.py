"""The coupled system: Jacobian against complex step, two assemblies, covariance, consistent start."""

import itertools

import numpy as np
import pytest
from conftest import complex_step

import femtdgl as fg
from femtdgl.solve.layout import IM, PHI, RE
from femtdgl.solve.system import System

TERMINALS = [(fg.Bank(), fg.Bank()), (fg.NormalContact(), fg.Bank()), (fg.NormalContact(), fg.NormalContact())]
EDGES = [(fg.DeGennes(b=2.0), fg.Insulating())]


def swinging(x, t):
    """A(x, t) and its rate."""
    shape = 1 + x**2
    return 0.3 * np.sin(0.7 * t) * shape, 0.21 * np.cos(0.7 * t) * shape


def systems(problem):
    return System(problem, compiled=False), System(problem, compiled=True)


VARIANTS = list(
    itertools.product(["published", "consistent", "off"], ["exact", "log-fit", "normal"], [None, swinging], [None, 2.0])
)


@pytest.mark.parametrize(("interference", "conductance", "potential", "shunt"), VARIANTS)
@pytest.mark.parametrize(("left", "right"), TERMINALS + EDGES)
def test_jacobian_against_complex_step(filament, rng, left, right, interference, conductance, potential, shunt):
    film = fg.Film(delta=3.0, eta=0.1, interference=interference, conductance=conductance)
    current = 0.0 if left.kind == "de-gennes" else 1.2
    problem = filament(
        elements=4, left=left, right=right, film=film, current=current, shunt=shunt,
        vector_potential=potential, weak_spot=(fg.Spot(depth=0.5, at=0.3),),
    )  # fmt: skip
    arrays, compiled = systems(problem)
    y, yp = rng.normal(size=(2, arrays.size))
    reference = complex_step(arrays, 0.4, y, yp, 3.7)
    for system in (arrays, compiled):
        J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
        assert np.abs(J - reference).max() < 1e-12 * np.abs(reference).max()


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("delta", [0.0, 3.0])
def test_compiled_loops_against_arrays(filament, rng, order, delta):
    problem = filament(order=order, film=fg.Film(delta=delta, eta=0.1), vector_potential=swinging)
    arrays, compiled = systems(problem)
    y, yp = rng.normal(size=(2, 3, arrays.size))
    np.testing.assert_allclose(
        compiled.residual(0.1, y[0], yp[0]), arrays.residual(0.1, y[0], yp[0]), rtol=1e-12, atol=1e-12
    )
    t = np.array([0.1, 0.2, 0.3])
    for a, b in zip(compiled.observe(t, y, yp), arrays.observe(t, y, yp), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def turned(system, y, yp, chi, rate):
    """The state after psi -> psi exp(-i chi), phi -> phi + d chi/dt, with the bank phases following."""
    layout = system.layout
    z, zp = y.copy(), yp.copy()
    a, b = layout.gather[:, RE], layout.gather[:, IM]
    own = a < system.size
    psi, psi_t = y[a[own]] + 1j * y[b[own]], yp[a[own]] + 1j * yp[b[own]]
    turn = np.exp(-1j * chi)
    new, new_t = psi * turn, (psi_t - 1j * rate * psi) * turn
    z[a[own]], z[b[own]], zp[a[own]], zp[b[own]] = new.real, new.imag, new_t.real, new_t.imag
    phi = np.unique(layout.gather[:, PHI])
    z[phi] += rate
    z[layout.theta] -= chi
    zp[layout.theta] -= rate
    return z, zp


@pytest.mark.parametrize("interference", ["published", "consistent"])
def test_residual_is_gauge_covariant(filament, rng, interference):
    system = System(filament(film=fg.Film(delta=3.0, eta=0.1, interference=interference), shunt=1.5))
    y, yp = rng.normal(size=(2, system.size))
    chi, rate = 0.83, -1.7
    before = system.residual(0.0, y, yp)
    after = system.residual(0.0, *turned(system, y, yp, chi, rate))
    layout = system.layout
    own = layout.gather[:, RE] < system.size
    a, b = layout.gather[own, RE], layout.gather[own, IM]
    expected = (before[a] + 1j * before[b]) * np.exp(-1j * chi)
    scale = np.abs(before).max()
    assert np.abs(after[a] + 1j * after[b] - expected).max() < 1e-12 * scale
    phi = np.setdiff1d(layout.algebraic, [layout.gauge_row])
    assert np.abs(after[phi] - before[phi]).max() < 1e-12 * scale
    assert np.abs(after[layout.theta] - before[layout.theta]).max() < 1e-12 * scale


def test_residual_is_mirror_symmetric(filament, rng):
    """x -> -x, psi(x) -> psi(-x), phi -> -phi with the current from the other side: j and phi change sign.

    Equivalent, and free of a change of drive: psi -> conj psi(-x), phi -> -phi(-x), theta -> -theta exchanged.
    """
    system = System(filament(weak_spot=()))
    layout, space = system.layout, system.space
    mirror = np.array([np.argmin(np.abs(space.nodes[0] + x)) for x in space.nodes[0]])
    y, yp = rng.normal(size=(2, system.size))

    def reflect(v):
        w = np.empty(system.size + 1)
        for field, sign in ((RE, 1), (IM, -1), (PHI, -1)):
            places = layout.gather[:, field]
            w[places] = sign * np.append(v, 0.0)[layout.gather[mirror, field]]
        w = w[:-1]
        w[layout.theta] = -v[layout.theta[::-1]]
        return w

    F = system.residual(0.0, y, yp)
    G = system.residual(0.0, reflect(y), reflect(yp))
    expected = reflect(F)
    kept = np.setdiff1d(np.arange(system.size), layout.bank_phi)  # one row there is the gauge
    expected[layout.gather[:, PHI][layout.gather[:, PHI] < system.size]] *= 1.0
    assert np.abs(G[kept] - expected[kept]).max() < 1e-12 * np.abs(F).max()


@pytest.mark.parametrize(("left", "right"), TERMINALS)
@pytest.mark.parametrize("potential", [None, swinging])
def test_consistent_start(filament, left, right, potential):
    problem = filament(left=left, right=right, vector_potential=potential, shunt=3.0)
    system = System(problem)
    psi = (1 - 0.4 * np.exp(-(system.space.nodes[0] ** 2))) * np.exp(0.3j * system.space.nodes[0])
    for name in problem.terminals:
        if isinstance(problem.boundary[name], fg.NormalContact):
            psi[system.space.boundary_nodes(name)] = 0.0
        else:
            nodes = system.space.boundary_nodes(name)
            psi[nodes] /= np.abs(psi[nodes])
    y, yp = system.consistent(0.3, system.initial(psi))
    assert np.abs(system.residual(0.3, y, yp)).max() < 1e-11
    np.testing.assert_allclose(system.psi(y), psi, atol=1e-15)


def test_normal_state_is_ohmic(filament):
    """psi = 0 between normal contacts: V = J L to rounding, g = 1."""
    problem = filament(left=fg.NormalContact(), right=fg.NormalContact(), length=3.0, current=0.7)
    system = System(problem)
    y, _ = system.consistent(0.0, system.initial(np.zeros(system.space.N, dtype=complex)))
    assert system.voltage(0.0, y) == pytest.approx(0.7 * 3.0, rel=1e-12)


def test_shunt_takes_its_share(filament):
    """psi = 0, R = L: J = I R_s/(R_s + L)."""
    problem = filament(left=fg.NormalContact(), right=fg.NormalContact(), length=3.0, current=0.8, shunt=1.0)
    system = System(problem)
    y, _ = system.consistent(0.0, system.initial(np.zeros(system.space.N, dtype=complex)))
    assert system.current(0.0, y) == pytest.approx(0.8 / 4.0, rel=1e-12)


def test_gapless_model_is_the_limit(filament, rng):
    """(A.4), (A.5): delta -> 0 continuously gives nu = u, c = 0, g = 1."""
    limit = System(filament(film=fg.Film(model="gapless", delta=5.0, eta=0.1)))
    near = System(filament(film=fg.Film(delta=1e-9, eta=0.1)))
    y, yp = rng.normal(size=(2, limit.size))
    np.testing.assert_allclose(near.residual(0, y, yp), limit.residual(0, y, yp), atol=1e-7)
    assert limit.film.delta == 0.0
    assert limit.constants.c == 0.0
