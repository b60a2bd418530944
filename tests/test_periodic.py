"""Periodic ends: fluxoid states of a ring in closed form, flux and slips, a seam that is none, what is refused."""

import numpy as np
import pytest
from conftest import complex_step
from skfem import MeshTri

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.kinds.filament.describe import describe_problem
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.measure.sampling import brought_back
from femtdgl.measure.vortices import vortices
from femtdgl.mesh.curved import located
from femtdgl.problem.heat import Carriers, Heat
from femtdgl.problem.periodic import Round
from femtdgl.solve.crossings import Rim
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.path import plane_cut
from femtdgl.solve.system import System
from femtdgl.units import FLUX_QUANTUM

ENDS = {"left": fg.Periodic(), "right": fg.Periodic()}
SIDES = ("left", "right", "bottom", "top")
EDGES = {"bottom": fg.Insulating(), "top": fg.Insulating()}


def ring(*, length=40.0, elements=20, order=2, flux=None, t_end=10.0, rtol=1e-6, delta=2.0, **parts):
    return fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements, order=order), film=fg.Film(delta=delta, eta=0.1),
        boundary=ENDS, drive=fg.Drive(flux=flux),
        time=fg.Time(t_end=t_end, rtol=rtol, checkpoint=parts.pop("checkpoint", 50.0)), **parts,
    )  # fmt: skip


def strip(*, length=6.0, width=2.0, h=0.5, order=2, flux=None, field=None, edges=EDGES, t_end=10.0, rtol=1e-6, **parts):
    return fg.Problem(
        mesh=fg.mesh.strip(length=length, width=width, h=h, order=order, cells=parts.pop("cells", "triangle")),
        film=fg.Film(delta=parts.pop("delta", 2.0), eta=0.1), boundary={**ENDS, **edges},
        drive=fg.Drive(flux=flux, field=field),
        time=fg.Time(t_end=t_end, rtol=rtol, checkpoint=parts.pop("checkpoint", 50.0)), **parts,
    )  # fmt: skip


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


def warm(temperatures, **more):
    laws = {"electrons": Carriers(capacity=3.0, conductivity=2.0), "phonons": Carriers(capacity=1.5, conductivity=0.7)}
    return Heat(temperatures=temperatures, **laws, **({"coupling": 0.9} if temperatures == "two" else {}), **more)


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
    rim, y = Rim(system.space, system.layout.held), system.space.nodes[1]
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


# ---- a film -----------------------------------------------------------------------------------------------


def test_a_periodic_film_is_a_closed_ring_of_large_radius():
    """|psi|, current and energy a length of a winding of n turns: the difference falls as (W/R)^2."""
    width, q = 1.0, 0.4
    missed = []
    for n in (2, 4):
        radius = n / q
        disc = fg.Problem(
            mesh=fg.mesh.ring(inner=radius - width / 2, outer=radius + width / 2, h=0.25, order=2),
            film=fg.Film(delta=0.0, eta=0.1), boundary={"inner": "insulating", "outer": "insulating"},
            initial={"winding": n}, time={"t_end": 30.0, "rtol": 1e-7}, output={"fields": 30.0},
            probes=[{"kind": "fluxoid", "name": "turns", "boundary": "inner"},
                    {"kind": "current", "name": "round", "at": [0.0, radius], "normal": [-1.0, 0.0], "radius": width}],
        )  # fmt: skip
        closed, length = fg.run(disc), 2 * np.pi * radius
        assert set(closed.probes["turns"]) == {n}
        missed.append([
            closed.probes["free_energy"][-1] / (length * width) + 0.5 * (1 - q * q) ** 2,
            closed.probes["round"][-1] / width - q * (1 - q * q),
        ])  # fmt: skip
    film = fg.run(
        strip(
            length=2 * np.pi * 2 / q,
            width=width,
            h=0.4,
            delta=0.0,
            initial={"winding": 2},
            t_end=30.0,
            rtol=1e-7,
            output={"fields": 30.0},
        )
    )
    f2 = 1 - q * q
    np.testing.assert_allclose(np.abs(film.psi(30.0)) ** 2, f2, rtol=1e-4)
    assert film.probes["free_energy"][-1] / (film.summary["length"] * width) == pytest.approx(-0.5 * f2**2, rel=1e-4)
    assert film.probes["current"][-1] == pytest.approx(q * f2, rel=1e-4)
    assert film.summary["fluxoid_end"] == 2
    ratios = np.array(missed[0]) / missed[1]
    assert np.all((ratios > 3.3) & (ratios < 4.7)), (missed, ratios)


def test_a_winding_about_the_middle_of_a_film_is_a_vortex():
    open_film = fg.Problem(
        mesh=fg.mesh.strip(length=6.0, width=6.0, h=0.5), film=fg.Film(delta=0.0, eta=0.1),
        boundary=dict.fromkeys(SIDES, "insulating"), initial={"winding": -1},
        time={"t_end": 1.0},
    )  # fmt: skip
    found = fg.run(open_film).vortices(0.0)
    assert found.winding.tolist() == [-1] and np.abs(found.x).max() < 0.3


@pytest.mark.parametrize("at", [-3.0, -2.99, 2.99, 3.0, 0.0])
def test_vortices_near_the_seam_are_counted_once(at):
    """psi = sin(2 pi (x - at)/L) + i y has a vortex at `at` and an antivortex half a round on."""
    problem = strip(probes=[{"kind": "vortices", "name": "net"}], t_end=1e-3, flux=0.2, field=0.1, h=0.4)
    simulation = Simulation(problem)
    system = simulation.system
    x, y = system.space.nodes
    psi = np.sin(2 * np.pi * (x - at + 1e-3) / 6.0) + 1j * (y - 0.013)
    now = Snapshots(system, np.array(0.0), *system.consistent(0.0, system.initial(psi)))
    net = next(probe for probe in simulation.record.probes if probe.name == "net")
    assert net(now)[0] == 0
    vertices = system.space.basis.nodal_dofs[0]
    A = now.vector_potential[0][:, vertices]
    found = vortices(system.space.mesh, now.psi[0, vertices], A)
    assert sorted(found.winding) == [-1, 1]
    where = found.x[found.winding == 1][0]
    assert abs((where[0] - at + 3.0) % 6.0 - 3.0) < 0.05 and abs(where[1]) < 0.1


def test_vortices_come_in_at_free_edges_alone():
    """A field above the first entry: what came in at the edges is what is inside, and the ends let nothing in."""
    problem = strip(
        length=8.0, width=6.0, h=0.6, field=fg.Ramp(0.0, 0.7, over=10.0), delta=0.0, t_end=40.0, rtol=1e-4,
        probes=[{"kind": "vortices", "name": "net"}, *({"kind": "fluxoid", "name": e, "boundary": e} for e in EDGES)],
        weak_spot=(fg.Spot(at=(-3.8, 3.0), depth=1.0, width=0.8),),
    )  # fmt: skip
    found = fg.run(problem)
    integrals = {name: found.read(f"integrals/{name}") for name in ("vortices_gained", "vortices_lost")}
    net = found.probes["net"]
    assert net[-1] > 0
    assert integrals["vortices_gained"][-1] - integrals["vortices_lost"][-1] == net[-1] - net[0]
    assert found.vortices(found.t[-1]).winding.sum() == net[-1]
    assert np.array_equal(found.probes["bottom"] - found.probes["top"], net)  # turns along the edges, round the film
    assert [found.fluxoid(found.t[-1], edge) for edge in EDGES] == [found.probes[edge][-1] for edge in EDGES]


def test_a_drawn_film_with_a_hole():
    """Netgen's mesh of a rectangle with a hole, cells of one size at both ends; a path that goes round the hole."""
    problem = fg.Problem(
        mesh=fg.mesh.plane(
            parts=[fg.mesh.Rectangle(size=(8.0, 3.0))], holes=[fg.mesh.Disc(radius=0.7)], h=0.5, order=2,
            edges={"left": {"at": [-4.0, 0.0]}, "right": {"at": [4.0, 0.0]}, "hole": {"at": [0.7, 0.0]}},
        ),
        film=fg.Film(delta=0.0, eta=0.1), boundary=ENDS, drive=fg.Drive(flux=0.4), time={"t_end": 2.0},
        probes=[{"kind": "fluxoid", "name": "in_hole", "boundary": "hole"}], initial={"winding": 1},
    )  # fmt: skip
    system = System(problem)
    assert system.path.closed and system.path.whole
    found = fg.run(problem)
    assert set(found.probes["fluxoid"]) == {1} and set(found.probes["in_hole"]) == {0}
    assert found.probes["current"][-1] > 0


def test_ends_of_a_drawn_film_are_divided_alike():
    """A hole near one end makes smaller cells there: alone they do not fit, alike they do."""
    words = {
        "parts": [fg.mesh.Rectangle(size=(8.0, 3.0))], "holes": [fg.mesh.Disc(radius=0.7, at=(-3.2, 0.2))], "h": 0.5,
        "edges": {"left": {"at": [-4.0, 0.0]}, "right": {"at": [4.0, 0.0]}, "top": {"at": [0.0, 1.5]}},
    }  # fmt: skip
    film = fg.Film(delta=0.0, eta=0.1)
    with pytest.raises(InputError, match="not translates of each other: they have"):
        System(fg.Problem(mesh=fg.mesh.plane(**words), film=film, boundary=ENDS))
    for order in (1, 2):
        mesh = fg.mesh.plane(**words, order=order, alike=("left", "right"))
        seam = System(fg.Problem(mesh=mesh, film=film, boundary=ENDS)).space.seam
        np.testing.assert_allclose(seam.step, [8.0, 0.0], atol=1e-12)
    with pytest.raises(InputError, match="one is not the other, moved"):
        fg.mesh.plane(**words, alike=("left", "top")).build()
    with pytest.raises(InputError) as refused:
        fg.mesh.plane(**words, alike=("left", "rihgt"))
    assert refused.value.key == "alike" and "right" in str(refused.value)


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
