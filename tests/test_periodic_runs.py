"""Runs with periodic ends: going on, heat, noise, phonons, units, words, and what is refused."""

import numpy as np
import pytest
from conftest import complex_step
from ring_cases import EDGES, ENDS, SIDES, ring, strip, warm
from skfem import MeshTri

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.kinds.filament.describe import describe_problem
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.measure.sampling import brought_back
from femtdgl.mesh.curved import located
from femtdgl.solve.system import System
from femtdgl.units import FLUX_QUANTUM

# ---- what goes on beside ----------------------------------------------------------------------------------


@pytest.mark.parametrize("film", [ring, strip])
def test_a_resumed_ring_is_the_longer_run_to_the_bit(tmp_path, film):
    parts = {"flux": fg.Ramp(0.0, 2.0, over=15.0), "initial": {"noise": 0.01}, "checkpoint": 5.0}
    parts |= {"length": 12.0} if film is ring else {"field": 0.2, "h": 0.7}
    whole = fg.run(film(t_end=20.0, **parts), tmp_path / "whole")
    fg.run(film(t_end=10.0, **parts), tmp_path / "part")
    again = fg.resume(tmp_path / "part", until=20.0)
    for name in ("psi", "phi", "j_n"):
        assert np.array_equal(whole.field(name), again.field(name))
    for name in whole.probes:
        assert np.array_equal(whole.probes[name], again.probes[name]), name
    assert np.array_equal(whole.read("slips/t"), again.read("slips/t"))


def test_temperatures_go_round_too():
    """A hot place at the seam cools to both sides alike, and no heat is lost there."""
    heat = warm("one")
    start = {"temperature": "0.9 + 0.03*exp(-min(x + 5, 5 - x)**2)"}
    found = fg.run(
        ring(length=10.0, elements=40, flux=0.2, heat=heat, initial=start, t_end=5.0, output={"fields": 1.0})
    )
    T, x = found.field("T"), found.nodes[0]
    np.testing.assert_allclose(T, T[:, ::-1], atol=2e-6)
    assert np.array_equal(T[:, 0], T[:, -1])
    assert np.argmax(T[-1]) in (0, x.size - 1) and np.ptp(T[-1]) < 0.8 * np.ptp(T[0])
    whole = found.probes["thermal_energy"] + found.probes["condensate_energy"]
    assert np.ptp(whole) < 1e-5 * np.ptp(found.probes["thermal_energy"])


def test_noise_goes_round():
    noisy = fg.run(ring(length=8.0, flux=0.3, noise={"kT": 0.01, "seed": 3, "step": 0.05}, t_end=2.0))
    psi = noisy.field("psi")
    assert np.array_equal(psi[:, 0], psi[:, -1]) and np.ptp(np.abs(psi[-1])) > 1e-3


@pytest.mark.parametrize("balance", ["local", "equation"])
def test_phonons_that_act_back_go_round(rng, balance):
    escape = fg.Escape(time=2.0, emission=0.3, balance=balance, points=1)
    problem = ring(length=4.0, elements=4, flux=fg.Ramp(0.1, 0.9, over=1.0),
                   phonons=fg.ExcessPhonons(strength=0.5, escape=escape))  # fmt: skip
    system = System(problem)
    y, yp = 0.6 * rng.normal(size=(2, system.size))
    reference = complex_step(system, 0.4, y, yp, 3.7)
    J = system.matrix(system.jacobian(0.4, y, yp, 3.7)).toarray()
    assert np.abs(J - reference).max() < 1e-10 * np.abs(reference).max()
    parts = {"phonons": problem.phonons, "initial": {"dips": [{"at": 6.0, "depth": 0.5, "width": 0.5}]}}
    found = fg.run(ring(length=12.0, elements=24, flux=0.3, t_end=2.0, **parts))
    for name in ("psi", "p"):
        values = found.field(name)
        np.testing.assert_allclose(values[..., 0], values[..., -1], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(np.abs(values), np.abs(values[..., ::-1]), rtol=1e-4, atol=1e-6)
    assert np.abs(found.field("p")).max() > 1e-4


def test_points_beyond_the_ends_are_those_of_the_round_before(tmp_path):
    found = fg.run(
        ring(length=8.0, flux=0.3, initial={"winding": 1, "noise": 0.05, "seed": 2}, t_end=2.0), tmp_path / "line"
    )
    across = found.line(3.0, 5.0, 41)
    np.testing.assert_allclose(
        across.values, found.at([x - 8.0 * (x > 4.0) for x in across.x[:, 0]], found.t[-1]), atol=1e-9
    )
    assert across.x[-1, 0] == 5.0 and np.isfinite(across.values).all()
    film = fg.run(strip(flux=0.3, field=0.2, initial={"noise": 0.05, "seed": 2}, t_end=1.0))
    there, back = film.at([[3.5, 0.4], [-9.1, -0.9]]), film.at([[-2.5, 0.4], [2.9, -0.9]])
    np.testing.assert_allclose(there, back, rtol=1e-9)
    assert film.space_time([2.0, 0.1], [4.0, 0.1], 11).values.shape == (film.t.size, 11)
    assert np.isnan(film.at([[0.0, 1.5]], 0.0)).all()
    currents = film.currents(1.0).total
    left, right = (np.flatnonzero(np.abs(film.nodes[0] - x) < 1e-9) for x in (-3.0, 3.0))
    left, right = (ends[np.argsort(film.nodes[1, ends])] for ends in (left, right))
    assert np.array_equal(currents[:, left], currents[:, right])


def test_ends_that_are_not_straight_bring_points_back_too():
    mesh = MeshTri.init_tensor(np.linspace(0, 4, 9), np.linspace(0, 2, 5))
    bent = MeshTri(mesh.p + np.array([0.5, 0.0])[:, None] * np.sin(np.pi * mesh.p[1]), mesh.t)
    points = np.array([[0.2, 4.3, 8.2, -0.2], [0.5, 1.5, 0.5, 1.5]])
    moved = brought_back(bent, points, np.array([4.0, 0.0]))
    assert np.all(located(bent, moved)[0] >= 0)
    np.testing.assert_allclose((moved - points) % np.array([[4.0], [1.0]]) % 4.0 % 1.0, 0.0, atol=1e-12)


def test_a_flux_in_webers(tmp_path):
    file = tmp_path / "ring.toml"
    file.write_text(
        '[mesh]\nshape = "line"\nlength = 10.0\n[film]\ndelta = 1.0\neta = 0.1\n[boundary]\nleft = "periodic"\n'
        'right = "periodic"\n[drive]\nflux = { ramp = ["0 Wb", "4.135667696923859e-15 Wb"], over = 10.0 }\n'
    )
    flux = fg.load(file).drive.flux
    assert (
        flux(10.0) == pytest.approx(2.0, rel=1e-12) and pytest.approx(2.067833848461929e-15, rel=1e-12) == FLUX_QUANTUM
    )


def test_a_ring_in_si():
    film = {"preset": "aluminium", "T0": "1.06 K", "width": "100 nm", "thickness": "20 nm"}
    mesh, drive = {"shape": "line", "length": "3 um", "elements": 20}, {"flux": "2.067833848 fWb"}
    found = fg.run(ring_with(film=film, mesh=mesh, drive=drive, initial={"winding": 2}, time={"t_end": "1 ps"}))
    si, density = found.summary["si"], found.scales.current_density
    assert found.probes["flux"][0] == pytest.approx(1.0, rel=1e-9)
    assert si["current"] == pytest.approx(found.summary["current"] * density * 100e-9 * 20e-9, rel=1e-9)


def test_check_tells_the_ring(tmp_path):
    lines = list(told(strip(flux=0.3)))
    assert "  ring        periodic along x, 6 xi round, flux 0.3 h/2e at t = 0" in lines
    assert "  boundary    left: periodic, right: periodic, bottom: insulating, top: insulating" in lines
    assert not any("magnetic" in line for line in lines)  # a flux through the ring is no field in it
    assert any("magnetic 1.58 xi" in line for line in told(strip(field=fg.Ramp(0.0, 0.4, over=5.0))))


def told(problem):
    simulation = Simulation(problem)
    return describe_problem(problem, simulation.system, simulation.extent)


# ---- what is refused --------------------------------------------------------------------------------------

REFUSED = {
    "boundary": [
        lambda: ring_with(boundary={"left": "periodic", "right": "insulating"}),
        lambda: strip(edges={"bottom": fg.Periodic(), "top": fg.Insulating()}),
        lambda: strip(edges={"bottom": fg.Periodic(), "top": fg.Periodic()}),
        lambda: fg.Problem(
            mesh=fg.mesh.wire(length=2.0, width=1.0, h=0.5), film=fg.Film(delta=1.0, eta=0.1),
            boundary={**ENDS, "side": "insulating"},
        ),
        lambda: System(strip_with(dict(zip(SIDES, ("periodic", "insulating", "insulating", "periodic"), strict=True)))),
    ],
    "boundary.bottom": [lambda: strip(edges={"bottom": fg.NormalContact(), "top": fg.Bank()})],
    "drive.current": [lambda: ring_with(drive={"current": 0.1})],
    "drive.shunt": [lambda: ring_with(drive={"shunt": 1.0})],
    "drive.flux": [
        lambda: ring_with(boundary={"left": "bank", "right": "bank"}, drive={"flux": 1.0}),
        lambda: ring_with(drive={"flux": "1/t"}),
    ],
    "drive.field": [lambda: ring_with(drive={"field": 1.0})],
    "drive.magnets": [
        lambda: strip_with({**ENDS, **EDGES}, drive={"magnets": {"m": fg.Dipole(at=(0.0, 0.0, 3.0), moment=1.0)}})
    ],
    "vector_potential": [lambda: ring_with(vector_potential=lambda x, t: (0 * x, 0 * x))],
    "heat.hold": [lambda: ring_with(heat=warm("one", hold=("left",)))],
    "probes.m": [lambda: strip(probes=[{"kind": "moment", "name": "m"}])],
    "measure.path": [lambda: System(strip(measure={"path": [[-2.0, 0.0], [2.0, 0.0]]})).path],
    "initial.winding": [
        lambda: Simulation(ring_with(boundary={"left": "insulating", "right": "insulating"}, initial={"winding": 1}))
    ],
}  # fmt: skip


def ring_with(**parts):
    usual = {"boundary": ENDS, "mesh": fg.mesh.line(length=4.0), "film": fg.Film(delta=1.0, eta=0.1)}
    return fg.Problem(**{**usual, **parts})


def strip_with(boundary, **parts):
    mesh = fg.mesh.strip(length=4.0, width=2.0, h=0.5)
    return fg.Problem(mesh=mesh, film=fg.Film(delta=1.0, eta=0.1), boundary=boundary, **parts)


@pytest.mark.parametrize(("key", "make"), [(key, make) for key, makes in REFUSED.items() for make in makes])
def test_what_does_not_go_with_periodic_ends_is_refused_in_words(key, make):
    with pytest.raises(InputError) as refused:
        make()
    assert refused.value.key == key and refused.value.allowed


def test_ends_that_are_no_translates_say_so():
    plane = fg.mesh.plane(
        parts=[fg.mesh.Polygon(points=((0.0, 0.0), (6.0, 0.0), (6.0, 3.0), (0.0, 2.0)))], h=0.5,
        edges={"left": {"at": [0.0, 1.0]}, "right": {"at": [6.0, 1.0]}},
    )  # fmt: skip
    with pytest.raises(InputError, match="not translates of each other"):
        System(fg.Problem(mesh=plane, film=fg.Film(delta=1.0, eta=0.1), boundary=ENDS))


def test_a_start_in_the_gauge_of_other_ends_is_refused(tmp_path):
    boundary = dict.fromkeys(SIDES, "insulating")
    fg.run(strip_with(boundary, drive={"field": 0.1}, time={"t_end": 1.0}), tmp_path / "open")
    with pytest.raises(InputError, match="in a field without periodic ends"):
        Simulation(strip_with({**ENDS, **EDGES}, initial={"file": str(tmp_path / "open")}))
