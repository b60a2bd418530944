"""Films that are repeated along x: the closed ring of large radius, vortices at the seam, drawn shapes."""

import numpy as np
import pytest
from ring_cases import EDGES, ENDS, SIDES, strip

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.kinds.filament.simulation import Simulation
from femtdgl.measure.vortices import vortices
from femtdgl.solve.observe import Snapshots
from femtdgl.solve.system import System

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
