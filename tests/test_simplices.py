"""Linear simplices many at a time: the same numbers as whole arrays make, entry by entry, and the same physics."""

import numpy as np
import pytest
from scipy.special import ellipe, ellipk

import femtdgl as fg
from femtdgl.equations.current import conductance_exact
from femtdgl.solve import division, threads
from femtdgl.solve.assembly import Growth
from femtdgl.solve.system import System

FILMS = {
    "exact": fg.Film(delta=3.0, eta=0.1),
    "log-fit": fg.Film(delta=10.0, eta=0.2, interference="off", conductance="log-fit"),
    "normal": fg.Film(delta=3.0, eta=0.1, conductance="normal"),
}
FIELDS = {"none": None, "still": 0.3, "ramped": fg.Ramp(0, 0.4, over=2.0)}


def plane(film, field):
    """A bank, a contact and an edge, and triangles in no multiple of those at hand."""
    sides = {"left": fg.Bank(), "right": fg.NormalContact(), "top": fg.Insulating(), "bottom": fg.DeGennes(b=2.0)}
    mesh = fg.mesh.strip(length=5.0, width=2.5, h=0.4)
    return fg.Problem(mesh=mesh, film=film, boundary=sides, drive=fg.Drive(current=0.4, field=field))


def solid(film, field):
    left = fg.Bank() if field is None else fg.NormalContact()
    sides = {"left": left, "right": fg.NormalContact(), "side": fg.Insulating()}
    mesh = fg.mesh.wire(length=2.0, width=1.0, h=0.4)
    field = None if field is None else [0.1, 0.2, field]
    return fg.Problem(mesh=mesh, film=film, boundary=sides, drive=fg.Drive(current=0.4, field=field))


CASES = [(dim, film, field) for dim in (plane, solid) for film in FILMS for field in FIELDS]


@pytest.fixture(params=CASES, ids=[f"{dim.__name__}-{film}-{field}" for dim, film, field in CASES])
def system(request):
    make, film, field = request.param
    return System(make(FILMS[film], FIELDS[field]))


def close(a, b):
    return np.abs(a - b).max() <= 1e-13 * np.abs(b).max()


def test_against_whole_arrays(system, rng):
    """Residual, Jacobian with its rates, densities and currents, everywhere and in some elements."""
    state = system.state(*rng.normal(size=(2, system.size)))
    transport, growth = system.transport(0.7), rng.normal(size=(3, system.space.nq))
    many, arrays = system.assembly, system.arrays
    F = np.zeros((2, system.size))
    made = np.zeros((2, system.nnz)), np.zeros((2, system.nnz), dtype=np.float32)
    for k, assembly in enumerate((many, arrays)):
        assembly.residual(state, transport, growth[0], F[k])
        assembly.jacobian(state, transport, Growth(*growth), 7.0, made[0][k], made[1][k])
    assert close(*F)
    assert close(*made[0])
    np.testing.assert_allclose(made[1][0], made[1][1], rtol=1e-5, atol=1e-6 * np.abs(made[1]).max())
    transports = None if transport is None else [transport]
    seen, expected = (each.observe(state[None], transports, growth[:1]) for each in (many, arrays))
    assert all(close(a, b) for a, b in zip(seen, expected, strict=True))
    some = np.array([2, 3, 50, 41])
    seen, expected = (each.observe(state[None], transports, growth[:1], some) for each in (many, arrays))
    assert all(close(a, b) for a, b in zip(seen, expected, strict=True))
    assert close(many.observe(state[None], transports, growth[:1], currents=False)[0], arrays.observe(
        state[None], transports, growth[:1])[0])  # fmt: skip


@pytest.mark.parametrize("make", [plane, solid])
@pytest.mark.parametrize("field", FIELDS)
def test_the_same_bits_for_any_number_of_threads(make, field, rng, monkeypatch):
    for module in (division, threads):
        monkeypatch.setattr(module, "LARGE", 50)
    problem, made = make(FILMS["exact"], FIELDS[field]), []
    state = None
    try:
        for count in (1, 2, 3):
            threads.use(count)
            system = System(problem)
            state = rng.normal(size=(2, system.size)) if state is None else state
            made.append((system.residual(0.3, *state), system.jacobian(0.3, *state, 7.0)))
    finally:
        threads.use(None)
    assert all(np.array_equal(a, b) for other in made[1:] for a, b in zip(made[0], other, strict=True))


def test_the_conductance_against_elliptic_integrals():
    n, delta, eta, u = np.linspace(0.01, 2.0, 50), 10.0, 0.1, 5.7882
    k2 = delta**2 * n / (1 + delta**2 * n)
    g, g_n = conductance_exact(n, delta, eta, u)
    expected = 1 + 2 / np.pi * np.sqrt(eta * u * n) * (ellipk(k2) - ellipe(k2)) / np.sqrt(k2)
    np.testing.assert_allclose(g, expected, rtol=1e-13)
    step = 1e-30
    np.testing.assert_allclose(g_n, conductance_exact(n + 1j * step, delta, eta, u)[0].imag / step, rtol=1e-12)


def test_densities_that_somebody_has_stay_as_they_are(rng):
    """The place of those that nobody has is used again."""
    system = System(solid(FILMS["exact"], None))
    states = system.state(*rng.normal(size=(2, 3, 1, system.size)))

    def seen(k):
        return system.assembly.observe(states[k], None, np.ones((1, system.space.nq)), currents=False)[0]

    had = seen(0)[:, 0]  # a view of them
    before = had.copy()
    place = seen(1).__array_interface__["data"]
    assert np.array_equal(had, before)
    assert seen(2).__array_interface__["data"] == place
