"""Two and three dimensions: Jacobian, gauge, normal state, cuts, terminals, problem files, bad input."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import skfem
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.solve.integrate import Integrator
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.path import plane_cut
from femtdgl.solve.system import System

SIDES = {2: ("bottom", "top"), 3: ("side",)}
MESHES = ["triangle", "quad", "tetrahedron", "hexahedron"]


@dataclass(frozen=True, kw_only=True)
class Brick:
    """A box [0, a] x [0, b] (x [0, c]) with a tensor grid: a mesh that needs no recipe."""

    sides: tuple[float, ...]
    counts: tuple[int, ...]
    cells: str = "triangle"
    order: int = 1
    offset: float = 0.0
    shape: ClassVar[str] = "brick"

    @property
    def dim(self):
        return len(self.sides)

    @property
    def boundaries(self):
        return ("left", "right", *SIDES[self.dim])

    def build(self):
        kinds = (skfem.MeshTri, skfem.MeshQuad, skfem.MeshTet, skfem.MeshHex)
        kind = dict(zip(MESHES, kinds, strict=True))[self.cells]
        mesh = kind.init_tensor(
            *(np.linspace(0, a, n + 1) - a / 2 for a, n in zip(self.sides, self.counts, strict=True))
        )
        a, b = self.sides[0] / 2, self.sides[1] / 2
        named = {"left": lambda x: x[0] < -a + 1e-9, "right": lambda x: x[0] > a - 1e-9}
        if self.dim == 2:
            named |= {"bottom": lambda x: x[1] < -b + 1e-9, "top": lambda x: x[1] > b - 1e-9}
        mesh = mesh.with_boundaries(named)
        if self.dim == 3:
            ends = np.concatenate([mesh.boundaries["left"], mesh.boundaries["right"]])
            mesh = mesh.with_boundaries({"side": np.setdiff1d(mesh.boundary_facets(), ends)})
        return mesh.with_subdomains({"half": lambda x: x[0] > 0})


def brick(cells, counts=None, sides=None, order=1):
    dim = 2 if cells in ("triangle", "quad") else 3
    sides = (2.0, 1.0, 0.8)[:dim] if sides is None else sides
    return Brick(sides=sides, counts=counts or (4, 2, 2)[:dim], cells=cells, order=order)


def problem_on(mesh, left=None, right=None, sides=None, **kw):
    boundary = {"left": left or fg.Bank(), "right": right or fg.Bank()}
    boundary |= {name: sides or fg.Insulating() for name in mesh.boundaries[2:]}
    drive = kw.pop("drive", fg.Drive(current=kw.pop("current", 0.8)))
    film = kw.pop("film", fg.Film(delta=3.0, eta=0.1))
    time = kw.pop("time", fg.Time(t_end=1.0))
    return fg.Problem(mesh=mesh, film=film, boundary=boundary, drive=drive, time=time, **kw)


def swinging(x, t):
    """A(x, t) along x, of every coordinate, and its rate."""
    A = np.zeros_like(x)
    A[0] = 1 + np.sum(x**2, axis=0)
    return 0.3 * np.sin(0.7 * t) * A, 0.21 * np.cos(0.7 * t) * A


TERMINALS = [
    (fg.Bank(), fg.Bank()),
    (fg.NormalContact(), fg.Bank()),
    (fg.NormalContact(), fg.NormalContact()),
    (fg.Bank(voltage=0.4), fg.NormalContact(voltage=-0.2)),
    (fg.NormalContact(voltage=0.3), fg.Bank(current=0.2)),
]


@pytest.mark.parametrize("cells", MESHES)
@pytest.mark.parametrize(("left", "right"), TERMINALS)
@pytest.mark.parametrize("potential", [None, swinging])
def test_jacobian_against_complex_step(rng, cells, left, right, potential):
    own = left.voltage is not None
    problem = problem_on(
        brick(cells, counts=(2, 1, 1)[: 2 if cells in ("triangle", "quad") else 3]), left, right,
        sides=fg.DeGennes(b=2.0), vector_potential=potential, current=0.0 if own else 0.8,
        region={"half": fg.Region(eps=0.5, conductivity=2.0)}, weak_spot=(fg.Spot(depth=0.5, at=0.3),),
    )  # fmt: skip
    system = System(problem)
    y, yp = rng.normal(size=(2, system.size))
    t, cj, h = 0.4, 3.7, 1e-30
    reference = np.zeros((system.size, system.size))
    for k in range(system.size):
        step = np.zeros(system.size, dtype=complex)
        step[k] = 1j * h
        reference[:, k] = system.residual(t, y + step, yp + cj * step).imag / h
    scale = np.abs(reference).max()
    whole = system.matrix(system.jacobian(t, y, yp, cj)).toarray()
    assert np.abs(whole - reference).max() < 1e-12 * scale
    data, rate = np.zeros(system.nnz), np.zeros(system.nnz)
    system.jacobian_parts(t, y, yp, data, rate)
    assert np.abs(system.matrix(data + cj * rate).toarray() - reference).max() < 1e-12 * scale
    blocks = system.newton
    blocks.setup(t, y, yp, y, cj)
    product = np.empty_like(y)
    expected = system.matrix(data + 2.0 * rate) @ yp
    blocks.refresh(t, y, yp, y, 2.0)  # at another cj by the rates, which are of single precision
    blocks.times(t, y, yp, y, yp, product, 2.0)
    np.testing.assert_allclose(product, expected, rtol=1e-6, atol=1e-6 * scale)
    blocks.restart()
    blocks.refresh(t, y, yp, y, 2.0)  # made anew
    blocks.times(t, y, yp, y, yp, product, 2.0)
    np.testing.assert_allclose(product, expected, rtol=1e-10, atol=1e-10 * scale)


@pytest.mark.parametrize("cells", MESHES)
@pytest.mark.parametrize("order", [1, 2])
def test_normal_state_is_ohmic(cells, order):
    """psi = 0 between normal contacts, g = 1: V = J L, through every cut, with J for each unit of area."""
    problem = problem_on(brick(cells, order=order), fg.NormalContact(), fg.NormalContact(), current=0.7)
    system = System(problem)
    y, yp = system.consistent(0.0, system.initial(np.zeros(system.space.N, dtype=complex)))
    assert system.voltage(0.0, y) == pytest.approx(0.7 * 2.0, rel=1e-8)
    at = Snapshots(system, np.zeros(1), y, yp)
    area = system.layout.areas[0]
    for x in (-0.9, -0.37, 0.01, 0.6):
        cut = plane_cut(system.space, np.array([x, *[0.0] * (system.space.dim - 1)]), np.eye(system.space.dim)[0], None)
        assert at.flux(cut)[0] == pytest.approx(0.7 * area, rel=1e-8)
    assert at.flux(system.terminal_cuts[1])[0] == pytest.approx(-0.7 * area, rel=1e-8)


def test_conductors_in_series():
    """Two halves of conductivity 1 and 2 in series: V = J (L/2)(1 + 1/2); twice the thickness carries the same."""
    problem = problem_on(
        brick("quad"), fg.NormalContact(), fg.NormalContact(), current=0.7,
        region={"half": fg.Region(conductivity=2.0)},
    )  # fmt: skip
    system = System(problem)
    y, _ = system.consistent(0.0, system.initial(np.zeros(system.space.N, dtype=complex)))
    assert system.voltage(0.0, y) == pytest.approx(0.7 * 1.5, rel=1e-8)
    thick = problem_on(
        brick("quad"), fg.NormalContact(), fg.NormalContact(), current=0.7, region={"half": fg.Region(thickness=2.0)}
    )
    system = System(thick)
    y, _ = system.consistent(0.0, system.initial(np.zeros(system.space.N, dtype=complex)))
    assert system.voltage(0.0, y) == pytest.approx(0.7 * 1.5, rel=1e-8)


@pytest.mark.parametrize("kind", [fg.Bank, fg.NormalContact])
def test_voltage_bias_drives_the_ohmic_current(kind):
    """A bias of 1.4 over 2 xi, psi = 0 (normal contacts) or 1 (banks): the current follows, V is held."""
    problem = problem_on(brick("quad"), kind(voltage=1.0), kind(voltage=-0.4), current=0.0)
    system = System(problem)
    psi = np.zeros(system.space.N, dtype=complex)
    y, yp = system.consistent(0.0, system.initial(psi if kind is fg.NormalContact else psi + 1.0))
    assert system.voltage(0.0, y) == pytest.approx(1.4, rel=1e-10)
    at = Snapshots(system, np.zeros(1), y, yp)
    into, out = (at.flux(cut)[0] for cut in system.terminal_cuts)
    assert into == pytest.approx(-out, rel=1e-8)
    if kind is fg.NormalContact:
        assert at.current[0] == pytest.approx(0.7, rel=1e-8)


def test_three_terminals_share_the_current():
    """Currents 1, -0.25, -0.75 arrive where they are told, whatever flows inside."""
    mesh = brick("quad", counts=(8, 4))
    boundary = {
        "left": fg.Bank(current=1.0), "right": fg.NormalContact(current=-0.25), "bottom": fg.Insulating(),
        "top": fg.NormalContact(current=-0.75),
    }  # fmt: skip
    problem = fg.Problem(mesh=mesh, film=fg.Film(delta=3.0, eta=0.1), boundary=boundary)
    system = System(problem)
    psi = np.ones(system.space.N, dtype=complex)
    for name in ("right", "top"):
        psi[system.space.boundary_nodes(name)] = 0.0
    psi[system.space.boundary_nodes("left")] = 1.0
    y, yp = system.consistent(0.0, system.initial(psi))
    at = Snapshots(system, np.zeros(1), y, yp)
    fluxes = dict(zip(problem.terminals, (at.flux(cut)[0] for cut in system.terminal_cuts), strict=True))
    assert fluxes["left"] == pytest.approx(1.0, rel=1e-8)  # the bank wins the corner it shares with `top`


@pytest.mark.parametrize("cells", ["triangle", "quad"])
@pytest.mark.parametrize("order", [1, 2])
def test_gauge_covariance_of_a_run(cells, order):
    """A + grad chi with chi = k x y and psi exp(i chi): |psi| and j are the same, to what the integrator may err."""
    runs = []
    for k in (0.0, 5.0):
        mesh = brick(cells, counts=(12, 6), sides=(4.0, 2.0), order=order)

        def potential(x, t, k=k):
            chi_x, chi_y = k * x[1], k * x[0]
            return np.stack([-0.4 * x[1] + chi_x, chi_y]), np.zeros_like(x)

        problem = problem_on(
            mesh, fg.NormalContact(), fg.NormalContact(), current=0.1, vector_potential=potential,
            film=fg.Film(delta=3.0, eta=0.1, interference="off", conductance="normal"),
            time=fg.Time(t_end=0.5, rtol=1e-8),
        )  # fmt: skip
        system = System(problem)
        x = system.space.nodes
        psi = np.cos(np.pi * x[0] / 4) ** 2 * np.exp(1j * k * x[0] * x[1])
        for name in ("left", "right"):
            psi[system.space.boundary_nodes(name)] = 0.0
        y, yp = system.consistent(0.0, system.initial(psi.astype(complex)))
        integrator = Integrator(system)
        integrator.start(0.0, y, yp)
        *_, last = integrator.steps(0.5)
        runs.append((system, last))
    first, second = (np.abs(system.psi(last.y)) for system, last in runs)
    np.testing.assert_allclose(second, first, atol=1e-6)
    j, turned = (
        system.observe(np.array([last.t]), last.y[None], last.yp[None])[1][0].sum(axis=1) for system, last in runs
    )
    np.testing.assert_allclose(turned, j, atol=1e-5)


@pytest.mark.parametrize(
    ("cells", "h", "order"),
    [
        ("triangle", 0.11, 2),
        ("quad", 0.11, 2),
        pytest.param("tetrahedron", 0.2, 2, marks=pytest.mark.slow),
        pytest.param("hexahedron", 0.2, 2, marks=pytest.mark.slow),
    ],
)
def test_strip_between_banks_has_the_period_of_the_filament(cells, h, order):
    """psc_filament with natural sides: one-dimensional physics, period 11.9371."""
    changes = {"film.delta": 10 / 3, "time.rtol": 3e-5, "output.fields": 5.0}
    sides = {"bottom": "insulating", "top": "insulating"} if cells in ("triangle", "quad") else {"side": "insulating"}
    mesh = {"shape": "strip" if "bottom" in sides else "wire", "length": 1.1, "width": 1.0, "h": h, "cells": cells}
    problem, _ = toml.load(
        PROBLEMS / "psc_filament.toml",
        changes | {"mesh": mesh | {"order": order}, "boundary": {"left": "bank", "right": "bank"} | sides},
    )
    summary = fg.run(problem, until=36.0).summary
    assert summary["period"] is None  # one interval makes no series
    assert np.diff(summary["slip_times"]) == pytest.approx([11.9371], rel=1e-3)
    assert summary["josephson_mismatch"] < 1e-3


def test_period_does_not_depend_on_a_swinging_potential():
    """A = 0.3 sin(0.7 t) along x, which has no field: phi changes, V holds the EMF, the period stays."""
    problem, _ = toml.load(PROBLEMS / "psc_filament.toml", {"time.rtol": 1e-6})
    from dataclasses import replace

    def uniform(x, t):
        A = np.zeros_like(x)
        A[0] = 1.0
        return 0.3 * np.sin(0.7 * t) * A, 0.21 * np.cos(0.7 * t) * A

    summary = fg.run(replace(problem, vector_potential=uniform), until=50.0).summary
    assert summary["state"] == "driven"  # by A, which moves for ever
    assert np.diff(summary["slip_times"]) == pytest.approx(11.9371, rel=1e-4)
    assert summary["josephson_mismatch"] < 1e-4
    assert summary["energy_balance"] < 1e-3


def test_current_is_the_same_through_every_cut():
    """A running strip with vortices: the flux through cuts equals the current imposed, to 10 rtol."""
    rtol = 1e-4
    probes = tuple(
        fg.CurrentProbe(name=f"cut{k}", at=(x, 0.0), normal=(1.0, 0.0)) for k, x in enumerate((-3.1, 0.1, 2.2))
    )
    problem = fg.Problem(
        mesh=fg.mesh.strip(length=8.0, width=4.0, h=0.4),
        film=fg.Film(delta=3.0, eta=0.1, interference="published"),
        boundary=dict.fromkeys(("left", "right"), fg.NormalContact())
        | dict.fromkeys(("bottom", "top"), fg.Insulating()),
        drive=fg.Drive(current=0.2, field=fg.Ramp(0.0, 0.3, over=5.0)),
        time=fg.Time(t_end=10.0, rtol=rtol),
        probes=probes,
    )  # fmt: skip
    result = fg.run(problem)
    imposed = result.probes["current"] * 4.0
    for probe in probes:
        assert np.abs(result.probes[probe.name] / imposed - 1).max() < 10 * rtol


def test_rising_field_drives_an_eddy_current():
    """psi = 0 without terminals in dB/dt = 0.2: E turns round the middle, int E.dl = -area dB/dt along the rim."""
    mesh = fg.mesh.strip(length=2.0, width=2.0, h=0.25, order=2)
    problem = fg.Problem(
        mesh=mesh,
        film=fg.Film(delta=0.0, eta=0.1),
        boundary=dict.fromkeys(mesh.boundaries, fg.Insulating()),
        drive=fg.Drive(field=fg.Ramp(0.0, 0.2, over=1.0)),
    )
    system = System(problem)
    y, yp = system.consistent(0.3, system.initial(np.zeros(system.space.N, dtype=complex)))
    work = Snapshots(system, np.array([0.3]), y, yp).integrals[0, 1]
    # j = E, curl E = -0.2: the torsion problem of a square of side 2, whose torsion constant is 0.1405770 x 2^4
    assert work == pytest.approx(0.04 * 0.1405770 * 16 / 4, rel=2e-3)


def probe(kind, name, **where):
    return {"measure.josephson": name, "probes": [{"kind": kind, "name": name, **where}]}


BAD = {
    "a field in one dimension": ("psc_filament", {"drive.field": 0.1}, "drive.field"),
    "three components in the plane": ("vortex_strip", {"drive.field": [0.0, 0.0, 0.2]}, "drive.field"),
    "currents that do not add up": (
        "vortex_strip",
        {"drive.current": 0.0, "boundary.left": {"kind": "normal", "current": 1.0},
         "boundary.right": {"kind": "normal", "current": -0.9}},
        "boundary",
    ),
    "one terminal with a current of its own": (
        "vortex_strip", {"drive.current": 0.0, "boundary.left": {"kind": "normal", "current": 1.0}}, "boundary",
    ),
    "current and voltage": (
        "vortex_strip", {"boundary.left": {"kind": "bank", "current": 1.0, "voltage": 0.1}}, "boundary",
    ),
    "three terminals and one current": ("vortex_strip", {"boundary.top": "bank"}, "boundary"),
    "a probe outside": ("vortex_strip", probe("voltage", "far", between=[[0.0, 0.0], [90.0, 0.0]]), "probes"),
    "a probe with one coordinate": ("vortex_strip", probe("voltage", "far", between=[[0.0], [1.0]]), "probes"),
    "a probe with a name in use": (
        "vortex_strip", probe("current", "voltage", at=[0.0, 0.0], normal=[1.0, 0.0]), "probes",
    ),
    "an unknown probe for the Josephson check": ("vortex_strip", {"measure.josephson": "outer"}, "measure.josephson"),
    "an unknown region": ("vortex_strip", {"region": {"core": {"eps": 0.5}}}, "region"),
    "a negative conductivity": ("vortex_strip", {"region": {"core": {"conductivity": -1.0}}}, "conductivity"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case):
    name, changes, key = BAD[case]
    with pytest.raises(fg.InputError) as refused:
        prepared(toml.load(PROBLEMS / f"{name}.toml", changes)[0])
    assert key in (refused.value.key or "")


def prepared(problem):
    from femtdgl.measure.probes import named_probes

    named_probes(problem, System(problem).space)


def test_bank_with_a_tangential_potential_is_refused():
    def symmetric(x, t):
        return 0.1 * np.stack([-x[1], x[0]]), np.zeros_like(x)

    with pytest.raises(fg.InputError, match="bank"):
        System(problem_on(brick("quad"), vector_potential=symmetric))
    System(problem_on(brick("quad"), drive=fg.Drive(current=0.5, field=0.2)))
    System(problem_on(brick("quad"), fg.NormalContact(), fg.NormalContact(), vector_potential=symmetric))
    with pytest.raises(fg.InputError, match="bank"):  # a field along the wire
        System(problem_on(brick("hexahedron"), drive=fg.Drive(current=0.5, field=(0.2, 0.0, 0.0))))


def test_vortices_are_found_where_they_are():
    from femtdgl.measure.vortices import vortices

    mesh = fg.mesh.strip(length=6.0, width=4.0, h=0.31).build()
    z = mesh.p[0] + 1j * mesh.p[1]
    places = np.array([1.03 + 0.52j, -1.7 - 0.6j, 0.4 - 1.1j])
    found = vortices(mesh, (z - places[0]) * (z - places[1]) * (z - places[2]).conj())
    got = found.x[:, 0] + 1j * found.x[:, 1]
    for place, winding in zip(places, (1, 1, -1), strict=True):
        nearest = np.argmin(np.abs(got - place))
        assert abs(got[nearest] - place) < 0.1
        assert found.winding[nearest] == winding
    assert got.size == 3


def test_fluxoid_of_a_ring():
    from femtdgl.measure.vortices import fluxoid

    mesh = fg.mesh.ring(inner=2.0, outer=3.0, h=0.4).build()
    angle = np.arctan2(mesh.p[1], mesh.p[0])
    for turns in (-2, 0, 1):
        assert fluxoid(mesh, np.exp(1j * turns * angle), mesh.boundaries["inner"]) == turns


def test_resumed_run_is_the_uninterrupted_one_to_the_bit(tmp_path):
    changes = {"mesh.h": 0.5, "time.checkpoint": 2.0, "time.rtol": 1e-3, "output.fields": 0.5}
    changes["drive.field"] = {"ramp": [0.0, 0.2], "over": 3.0}
    for name, until in (("whole", 6.0), ("parts", 3.0)):
        problem, _ = toml.load(PROBLEMS / "vortex_strip.toml", changes)
        fg.run(problem, tmp_path / name, until=until)
    fg.resume(tmp_path / "parts", until=6.0)
    whole, parts = (fg.Result(tmp_path / name) for name in ("whole", "parts"))
    np.testing.assert_array_equal(whole.t, parts.t)
    for t in whole.t:
        np.testing.assert_array_equal(whole.psi(t), parts.psi(t))
    for name in ("inner", "through_middle"):
        np.testing.assert_array_equal(whole.probes[name], parts.probes[name])
