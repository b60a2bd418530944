"""Where a run starts: dips and noise on top of a file, a start from another mesh, a profile of temperature."""

from dataclasses import dataclass

import numpy as np
import pytest
from test_planes import Brick, problem_on

import femtdgl as fg
from femtdgl.kinds.filament.start import Earlier, initial_psi
from femtdgl.problem.problem import describe
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.path import reading


def wire(elements=20, order=2, *, current=0.2, initial=None, time=None, **keys):
    return fg.Problem(
        mesh=fg.mesh.line(length=8.0, elements=elements, order=order),
        film=fg.Film(model="gapless", eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=current),
        initial=initial or fg.Initial(),
        time=time or fg.Time(t_end=4.0, rtol=1e-6),
        **keys,
    )


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    where = tmp_path_factory.mktemp("earlier") / "wire"
    fg.run(wire(), where)
    return where


def start_of(problem):
    return initial_psi(problem, fg.System(problem))


def test_dips_and_noise_on_top_of_a_file(earlier):
    file = str(earlier)
    plain = start_of(wire(initial=fg.Initial(file=file)))
    inside = np.abs(fg.Result(earlier).stored_nodes[0]) < 3.99  # banks keep |psi| = 1
    assert np.array_equal(plain[inside], fg.Result(earlier).last_psi()[inside])
    dip = fg.Spot(depth=1.0, at=0.5, width=0.7)
    dipped = start_of(wire(initial=fg.Initial(file=file, dips=(dip,))))
    x = fg.Result(earlier).stored_nodes
    assert np.allclose(dipped[inside], (plain * (1 - dip(x)))[inside], atol=1e-15)
    assert np.abs(dipped).min() < 0.05 and np.abs(plain).min() > 0.9
    noisy = start_of(wire(initial=fg.Initial(file=file, dips=(dip,), noise=0.01, seed=2)))
    assert 0.005 < np.std((noisy - dipped)[inside].real) < 0.02


@pytest.mark.parametrize(("elements", "order"), [(31, 2), (33, 1), (7, 2)])
def test_a_start_from_another_mesh_is_that_function(earlier, elements, order):
    """psi of the old elements at the new nodes: within the cells of a P2 function, and so of its shape functions."""
    problem = wire(elements, order, initial=fg.Initial(file=str(earlier)))
    psi, x = start_of(problem), fg.System(problem).space.nodes[0]
    old = fg.Result(earlier)
    there = np.argsort(old.stored_nodes[0])
    at, values = old.stored_nodes[0][there], old.last_psi()[there]
    for k in np.flatnonzero(np.abs(x) < 3.9):
        cell = min(int((x[k] + 4) / 0.4), 19)
        three = slice(2 * cell, 2 * cell + 3)
        s = (x[k] - at[three][0]) / 0.4
        shapes = np.array([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)])
        assert psi[k] == pytest.approx(shapes @ values[three], abs=1e-7)
    result = fg.run(problem, until=1.0)
    assert result.probes["voltage"][0] == pytest.approx(old.probes["voltage"][-1], rel=0.02)  # it goes on as it was


def test_a_node_outside_has_the_value_of_the_nearest(earlier):
    problem = wire(initial=fg.Initial(file=str(earlier)))
    longer = fg.Problem(**{**problem.__dict__, "mesh": fg.mesh.line(length=10.0, elements=30)})
    system = fg.System(longer)
    psi, x = Earlier(str(earlier), system).psi(), system.space.nodes[0]
    old = fg.Result(earlier)
    left = old.last_psi()[np.argmin(old.stored_nodes[0])]
    assert np.all(psi[x < -4.01] == left)


def test_a_mesh_of_another_dimension_is_refused(earlier):
    film = problem_on(Brick(sides=(2.0, 1.0), counts=(2, 2)), initial=fg.Initial(file=str(earlier)))
    with pytest.raises(fg.InputError, match=r"initial\.file: is of 1 dimensions, this mesh of 2"):
        start_of(film)


@dataclass(frozen=True, kw_only=True)
class Moved(Brick):
    """A brick about another point."""

    def build(self):
        return super().build().translated((0.6, 0.8))


@pytest.mark.slow
def test_a_start_in_a_field_keeps_its_currents(tmp_path):
    """From the middle of a strip to a mesh about another point: gauge-covariant, so that j_s stays what it was."""
    B = 0.3
    edge = fg.Insulating()
    strip = fg.Problem(
        mesh=fg.mesh.strip(length=6.0, width=5.0, h=0.5, order=2),
        film=fg.Film(model="gapless", eta=0.1),
        boundary=dict.fromkeys(("left", "right", "top", "bottom"), edge),
        drive=fg.Drive(field=B),
        initial=fg.Initial(noise=0.02, seed=1),
        time=fg.Time(t_end=10.0, rtol=1e-5),
    )
    old = fg.run(strip, tmp_path / "strip")
    piece = problem_on(Moved(sides=(2.0, 1.6), counts=(7, 6), order=2), edge, edge, drive=fg.Drive(field=B))
    system = fg.System(piece)
    psi = Earlier(str(tmp_path / "strip"), system).psi()
    y, yp = system.consistent(0.0, system.initial(psi))
    j_s = Snapshots(system, np.zeros(1), y, yp).currents[0, 0]
    old_space = fg.System(strip).space
    matrix, inside = reading(old_space, system.space.nodes)
    expected = np.stack([matrix @ part for part in old.read("fields/j_s", -1)])
    assert inside.all()
    assert np.abs(expected).max() > 0.1
    assert np.abs(j_s - expected).max() < 0.02


HOT = {"electrons": fg.Carriers(capacity=2.0, capacity_exponent=0.0, conductivity=0.5, conductivity_exponent=0.0)}


def test_a_profile_of_temperature(earlier):
    text = "0.9 + 0.08*exp(-(x - 1)**2)"
    problem = wire(heat=fg.Heat(**HOT), initial=fg.Initial(temperature=text), time=fg.Time(t_end=0.5, rtol=1e-6))
    result = fg.run(problem)
    x, T = result.stored_nodes[0], result.read("fields/T", 0)
    inside = np.abs(x) < 3.99
    assert np.allclose(T[inside], (0.9 + 0.08 * np.exp(-((x - 1) ** 2)))[inside], atol=1e-7)
    assert 0.9 < result.probes["T_max"][-1] < 0.98  # it spreads
    uniform = wire(heat=fg.Heat(**HOT), initial=fg.Initial(temperature=0.95), time=fg.Time(t_end=0.5, rtol=1e-6))
    assert np.allclose(fg.run(uniform).read("fields/T", 0)[inside], 0.95)


def test_temperatures_from_another_mesh(tmp_path):
    hot = wire(heat=fg.Heat(**HOT), initial=fg.Initial(temperature="0.9 + 0.05*exp(-x**2)"))
    old = fg.run(hot, tmp_path / "hot", until=0.5)
    finer = wire(50, heat=fg.Heat(**HOT), initial=fg.Initial(file=str(tmp_path / "hot")))
    new = fg.run(finer, until=0.1)
    there = np.argsort(old.stored_nodes[0])
    T = np.interp(0.3, old.stored_nodes[0][there], old.read("fields/T", -1)[there])
    at = np.argsort(new.stored_nodes[0])
    assert np.interp(0.3, new.stored_nodes[0][at], new.read("fields/T", 0)[at]) == pytest.approx(T, abs=1e-3)
    assert new.read("fields/T", 0).max() > 0.903


@pytest.mark.parametrize(
    ("initial", "heat", "says"),
    [
        (fg.Initial(temperature=0.9), None, "needs \\[heat\\]"),
        (fg.Initial(temperature="x"), fg.Heat(**HOT), "falls to -4"),
        (fg.Initial(temperature="1/x"), fg.Heat(**HOT), "is not finite at"),
        (fg.Initial(temperature="y"), fg.Heat(**HOT), "'y' is not known"),
    ],
)
def test_what_is_wrong_is_said(initial, heat, says):
    with pytest.raises(fg.InputError, match=rf"initial\.temperature: .*{says}"):
        fg.run(wire(initial=initial, heat=heat))


def test_a_temperature_is_an_expression_of_place():
    with pytest.raises(fg.InputError, match="'t' is not known"):
        fg.Initial(temperature="0.9 + t")
    assert describe(fg.Initial(temperature="0.9 + 0.1*x"))["temperature"] == "0.9 + 0.1*x"
