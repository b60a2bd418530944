"""Heat in the coupled system: Jacobian against complex step, conservation by the links, consistent start."""

import itertools

import numpy as np
import pytest
from conftest import complex_step

import femtdgl as fg
from femtdgl.problem.heat import Carriers, Heat, Join
from femtdgl.solve.system import System
from femtdgl.thermal import ElectronPhonon, Kapitza, Leak, Node

FILM = fg.Film(delta=3.0, eta=0.1)
LAWS = {
    "electrons": Carriers(capacity=3.0, conductivity=2.0),
    "phonons": Carriers(capacity=1.5, conductivity=0.7, capacity_exponent=3.0, conductivity_exponent=2.0),
}
NODES = {"bath": Node(temperature=0.9), "plate": Node(capacity=2.0, capacity_exponent=3.0, heat=0.1)}
LINKS = {
    "surface": Join(between=("surface", "plate"), link=Kapitza(area=1.0, sigma_K=0.8), per_size=True),
    "end": Join(between=("plate", "right"), link=Kapitza(area=2.0, sigma_K=0.3, p_backward=0.4)),
    "mean": Join(between=("volume", "bath"), link=ElectronPhonon(Sigma=0.6, volume=1.0), spread="mean", per_size=True),
    "edge": Join(between=("bath", "left"), link=Leak(k=0.4, S=1.0, d=2.0), spread="mean", of="electrons"),
    "drain": Join(between=("plate", "bath"), link=Leak(k=0.5, S=1.0, d=1.0)),
}


def heat(temperatures="two", source="w", **keys):
    keys = {"nodes": NODES, "links": LINKS, **LAWS, **keys}
    if temperatures == "two":
        keys.setdefault("coupling", 0.9)
    return Heat(temperatures=temperatures, source=source, **keys)


def state(system, rng):
    """A random state with temperatures around Tc."""
    y, yp = rng.normal(size=(2, system.size))
    place = system.heat.temperatures.place
    place = place[place >= 0]
    y[place] = 2 * rng.random(place.size)  # T from T0 to T0 + 2 eta
    return y, yp


def swinging(x, t):
    shape = 1 + x**2
    return 0.3 * np.sin(0.7 * t) * shape, 0.21 * np.cos(0.7 * t) * shape


VARIANTS = list(itertools.product(["one", "two"], ["w", "q_ph"], [None, swinging], [None, ()], [1, 2]))


@pytest.mark.parametrize(("temperatures", "source", "potential", "hold", "order"), VARIANTS)
def test_coupled_jacobian_against_complex_step(filament, rng, temperatures, source, potential, hold, order):
    problem = filament(
        elements=4, film=FILM, right=fg.NormalContact(), vector_potential=potential, shunt=2.0, order=order,
        heat=heat(temperatures, source, hold=hold),
    )  # fmt: skip
    systems = System(problem, compiled=False), System(problem, compiled=True)
    y, yp = state(systems[0], rng)
    reference = complex_step(systems[0], 0.4, y, yp, 3.7)
    for system in systems:
        J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
        assert np.abs(J - reference).max() < 1e-12 * np.abs(reference).max()


@pytest.mark.parametrize(("temperatures", "source"), [("one", "q_ph"), ("two", "w")])
@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("field", [None, fg.Ramp(0.0, 0.5, over=1.0)])
def test_jacobian_and_start_in_planes_and_space(rng, dim, temperatures, source, field):
    """The iterative path: both parts of the Jacobian, and a consistent start by GMRES; also in a rising field."""
    mesh = fg.mesh.strip(length=1.5, width=1.0, h=0.5) if dim == 2 else fg.mesh.wire(length=1.0, width=0.6, h=0.5)
    walls = [name for name in mesh.boundaries if name not in ("left", "right")]
    links = {**LINKS, "surface": Join(between=(walls[0], "plate"), link=Kapitza(area=1.0, sigma_K=0.8), per_size=True)}
    problem = fg.Problem(
        mesh=mesh, film=FILM, heat=heat(temperatures, source, links=links),
        drive=fg.Drive(current=0.5, field=field if dim == 2 or field is None else (0.0, field, 0.4)),
        boundary={"left": fg.Bank(), "right": fg.NormalContact(), **dict.fromkeys(walls, fg.Insulating())},
    )  # fmt: skip
    system = System(problem)
    y, yp = state(system, rng)
    reference = complex_step(system, 0.4, y, yp, 3.7)
    data, rate = np.empty(system.nnz), np.empty(system.nnz)
    system.jacobian_parts(0.4, y, yp, data, rate)
    J = system.matrix(data + 3.7 * rate).toarray()
    assert np.abs(J - reference).max() < 1e-12 * np.abs(reference).max()
    psi = np.where(system.space.nodes[0] < system.space.nodes[0].max(), 1.0 + 0.2j * system.space.nodes[0], 0.0)
    psi[system.space.boundary_nodes("left")] = 1.0
    y, yp = system.consistent(0.3, system.initial(psi))
    assert np.abs(system.residual(0.3, y, yp)).max() < 1e-10


def test_heat_starts_from_the_temperatures_of_an_earlier_run(filament, tmp_path):
    warm = Heat(temperatures="two", coupling=0.9, **LAWS)
    first = fg.run(filament(heat=warm, time=fg.Time(t_end=4.0)), tmp_path / "first")
    again = filament(heat=warm, initial=fg.Initial(file=str(tmp_path / "first")), time=fg.Time(t_end=1.0))
    second = fg.run(again, tmp_path / "second")
    for name in ("T_e", "T_p"):
        assert np.ptp(first.field(name)[-1]) > 1e-3
        np.testing.assert_allclose(second.field(name)[0], first.field(name)[-1], rtol=1e-14)


def test_only_the_electrons_follow_the_normal_conductivity_of_a_region():
    """A strip of two regions, psi = 0, one temperature with phonons: k = sigma k_e + k_p."""
    carriers = {"electrons": Carriers(capacity=1.0, conductivity=2.0, conductivity_exponent=0.0),
                "phonons": Carriers(capacity=1.0, conductivity=3.0, conductivity_exponent=0.0)}  # fmt: skip
    problem = fg.Problem(
        mesh=fg.mesh.line(length=1.0, elements=2), film=FILM, heat=Heat(hold=(), **carriers),
        boundary={"left": fg.NormalContact(), "right": fg.NormalContact()},
    )  # fmt: skip
    system = System(problem)
    heat = system.heat
    heat.arrays.sigma = np.full(system.space.nq, 5.0)
    k, slope = heat._conductivity(0, np.full(system.space.nq, 0.9))
    np.testing.assert_allclose(k, 5.0 * 2.0 + 3.0)
    np.testing.assert_allclose(slope, 0.0)
