"""Dipoles, loops and wires: their fields in closed form, and films in them."""

import math

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.problem.drive import Magnets


def curl(magnet, point, h=1e-4):
    """B (3,) of a magnet of strength one at a point (3,), by differences of the fourth order."""
    A = Magnets([magnet])
    slope = np.zeros((3, 3))
    for d in range(3):
        for step, share in ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12)):
            x = np.array(point, dtype=float)
            x[d] += step * h
            slope[d] += share / h * A(x[:, None], 0.0)[0][:, 0]
    return np.array([slope[1, 2] - slope[2, 1], slope[2, 0] - slope[0, 2], slope[0, 1] - slope[1, 0]])


def biot_savart(path, closed, point):
    """mu0/(4 pi) oint dl x r/r^3 along a polygon (3, n)."""
    ends = np.roll(path, -1, axis=1) if closed else path[:, 1:]
    starts = path if closed else path[:, :-1]
    r = np.array(point)[:, None] - 0.5 * (starts + ends)
    return np.sum(np.cross(ends - starts, r, axis=0) / np.linalg.norm(r, axis=0) ** 3, axis=1) / (4 * np.pi)


POINTS = [(0.3, -0.2, 0.0), (1.5, 0.7, 0.1), (0.0, 0.0, 0.0), (2.6, 0.0, -1.0), (1e-4, 0.0, 0.0)]


@pytest.mark.parametrize("point", POINTS)
def test_the_field_of_a_dipole(point):
    m = np.array([1.0, 2.0, 2.0]) / 3
    magnet = fg.Dipole(at=(0.5, 0.0, 1.2), axis=(1.0, 2.0, 2.0), moment=1.0)
    r = np.array(point) - np.array([0.5, 0.0, 1.2])
    d = np.linalg.norm(r)
    exact = (3 * r * (m @ r) / d**5 - m / d**3) / (4 * np.pi)
    assert curl(magnet, point) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (0.0, 1.0, 1.0)])
def test_the_field_of_a_loop(point, axis):
    magnet = fg.Loop(at=(0.0, 0.0, 0.8), radius=1.7, axis=axis, current=1.0)
    n = magnet.direction
    u = np.cross(n, [1.0, 0.0, 0.0])
    v = np.cross(n, u)
    angle = np.linspace(0, 2 * np.pi, 4001)[:-1]
    path = np.array([[0.0], [0.0], [0.8]]) + 1.7 * (u[:, None] * np.cos(angle) + v[:, None] * np.sin(angle))
    assert curl(magnet, point) == pytest.approx(biot_savart(path, True, point), abs=1e-5)


def test_the_field_on_the_axis_of_a_loop():
    magnet = fg.Loop(at=(0.0, 0.0, 0.0), radius=2.0, current=1.0)
    for z in (0.0, 0.5, 3.0):
        assert curl(magnet, (0.0, 0.0, z))[2] == pytest.approx(4.0 / (2 * (4.0 + z * z) ** 1.5), rel=1e-8)
    assert curl(magnet, (0.0, 0.0, 0.0))[2] == pytest.approx(1 / (2 * 2.0))


def test_the_two_forms_of_the_loop_meet():
    """On both sides of the point where one takes over, and on the axis."""
    magnet = fg.Loop(at=(0.0, 0.0, 0.3), radius=1.0, current=1.0)
    rho = np.linspace(1e-6, 0.9, 3000)
    A = Magnets([magnet])(np.stack([rho, 0 * rho, 0 * rho]), 0.0)[0][1]
    assert np.abs(np.diff(A / rho, n=3)).max() < 1e-7 and np.isfinite(A).all()


@pytest.mark.parametrize("point", POINTS[:4])
def test_the_field_of_a_wire(point):
    magnet = fg.StraightWire(at=(0.2, 0.1, 0.9), axis=(0.0, 2.0, 0.0), current=1.0)
    d = np.array([point[0] - 0.2, 0.0, point[2] - 0.9])
    exact = np.cross([0.0, 1.0, 0.0], d) / (2 * np.pi * (d @ d))
    assert curl(magnet, point) == pytest.approx(exact, abs=1e-9)


def test_several_with_their_waveforms_and_a_uniform_field():
    dipole = fg.Dipole(at=(0.0, 0.0, 2.0), moment="3*sin(t)")
    wire = fg.StraightWire(at=(0.0, 0.0, 1.0), axis=(1.0, 0.0, 0.0), current={"ramp": [0.0, 1.0], "over": 2.0})
    problem = film(drive=fg.Drive(field="0.1*t", magnets={"tip": dipole, "line": wire}))
    A = problem.potential(np.zeros(2))
    x = np.random.default_rng(1).normal(size=(2, 7))
    whole, rate = A(x, 1.3)
    sum_of = 3 * math.sin(1.3) * Magnets([fg.Dipole(at=dipole.at, moment=1.0)])(x, 0.0)[0]
    sum_of += 0.65 * Magnets([fg.StraightWire(at=wire.at, axis=wire.axis, current=1.0)])(x, 0.0)[0]
    sum_of[0] -= 0.13 * x[1]
    assert np.allclose(whole, sum_of, atol=1e-14)
    later, before = A(x.copy(), 1.3 + 1e-6)[0], A(x.copy(), 1.3 - 1e-6)[0]
    assert np.allclose(rate, (later - before) / 2e-6, atol=1e-8)
    assert problem.corners[:2] == (0.0, 2.0)


def film(h=1.0, **keys):
    edge = fg.Insulating()
    return fg.Problem(**{
        "mesh": fg.mesh.strip(length=6.0, width=6.0, h=h, order=2),
        "film": fg.Film(model="gapless", eta=0.1),
        "boundary": dict.fromkeys(("left", "right", "top", "bottom"), edge),
        "time": fg.Time(t_end=6.0, rtol=1e-5, checkpoint=3.0),
        **keys,
    })  # fmt: skip


TIP = fg.Dipole(at=(0.3, 0.0, 1.5), moment={"sine": {"amplitude": 8.0, "period": 20.0}})


@pytest.mark.slow
def test_a_film_under_a_dipole_is_that_with_the_same_function():
    def A(x, t):
        r = np.stack([x[0] - 0.3, x[1], np.full(x.shape[1:], -1.5)])
        shape = np.stack([-r[1], r[0]]) / (4 * np.pi * np.sum(r**2, axis=0) ** 1.5)
        w = 2 * np.pi / 20
        return 8 * np.sin(w * t) * shape, 8 * w * np.cos(w * t) * shape

    # a function has a checkpoint's small first step, magnets have not: the two agree as their tolerance has it
    time = fg.Time(t_end=6.0, rtol=1e-8, checkpoint=3.0)
    magnets = fg.run(film(drive=fg.Drive(magnets={"tip": TIP}), time=time))
    function = fg.run(film(vector_potential=A, time=time))
    assert np.abs(magnets.last_psi() - function.last_psi()).max() < 1e-7
    assert np.abs(magnets.read("fields/j_s", -1)).max() > 0.05  # it screens


def test_a_run_with_magnets_is_stored_and_resumes_to_the_bit(tmp_path):
    problem = film(drive=fg.Drive(magnets={"tip": TIP}))
    assert toml.build(toml.parse(toml.dump(problem))) == problem
    fg.run(problem, tmp_path / "whole")
    fg.run(problem, tmp_path / "half", until=3.0)
    again = fg.resume(tmp_path / "half", until=6.0)
    assert np.array_equal(again.last_psi(), fg.Result(tmp_path / "whole").last_psi())


def test_what_is_wrong_is_said():
    near = fg.Dipole(at=(0.0, 0.0, 0.01), moment=1.0)
    with pytest.raises(fg.InputError, match=r"drive\.magnets\.tip\.at: lies 0\.0\d+ xi from the mesh"):
        fg.System(film(drive=fg.Drive(magnets={"tip": near})))
    with pytest.raises(fg.InputError, match=r"drive\.magnets: is given beside a vector potential"):
        film(drive=fg.Drive(magnets={"tip": TIP}), vector_potential=lambda x, t: (x, x))
    with pytest.raises(fg.InputError, match=r"drive\.magnets: needs a mesh of two"):
        line = {"left": fg.Bank(), "right": fg.Bank()}
        film(mesh=fg.mesh.line(length=2.0, elements=4), boundary=line, drive=fg.Drive(magnets={"tip": TIP}))
    with pytest.raises(fg.InputError, match="a direction other than 0"):
        fg.Dipole(at=(0.0, 0.0, 1.0), axis=(0.0, 0.0, 0.0), moment=1.0)
    table = toml.parse(toml.dump(film(drive=fg.Drive(magnets={"tip": TIP}))))
    table["drive"]["magnets"]["tip"]["kind"] = "monopole"
    with pytest.raises(fg.InputError, match=r"drive\.magnets\.tip") as error:
        toml.build(table)
    assert "dipole" in str(error.value)


def test_a_table_in_python_is_that_of_a_file():
    drive = fg.Drive(magnets={"tip": {"kind": "dipole", "at": [0.0, 0.0, 2.0], "moment": "sin(t)"}})
    assert drive.magnets["tip"] == fg.Dipole(at=(0.0, 0.0, 2.0), moment="sin(t)")
