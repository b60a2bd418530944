"""Probes that count: flux quanta through a hole, vortices inside a film; by closed forms, in a run, and refused."""

import numpy as np
import pytest
import skfem
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.input.toml import parse
from femtdgl.measure.cycle import Slips
from femtdgl.measure.measured import Circuit, Recorded, measure
from femtdgl.measure.probes import STANDARD
from femtdgl.measure.series import Counts
from femtdgl.measure.vortices import Vorticity, closed_line, vortices
from femtdgl.problem import toml
from femtdgl.solve.observe import Snapshots

CELLS = [("triangle", 1), ("triangle", 2), ("quad", 1), ("quad", 2)]
QUANTA = fg.FluxoidProbe(name="quanta", boundary="inner")
NET = fg.VorticesProbe(name="net")


def ring(*, cells="triangle", order=1, inner=2.0, outer=4.0, h=0.4, **kw):
    return fg.Problem(
        mesh=fg.mesh.ring(inner=inner, outer=outer, h=h, cells=cells, order=order),
        film=fg.Film(delta=1.0, eta=0.1),
        boundary={"inner": fg.Insulating(), "outer": fg.Insulating()},
        probes=kw.pop("probes", (QUANTA, NET)),
        **kw,
    )


def strip(**kw):
    mesh = fg.mesh.strip(length=6.0, width=4.0, h=0.5, order=kw.pop("order", 1))
    normal = {"left": fg.NormalContact(), "right": fg.NormalContact()}
    return fg.Problem(
        mesh=mesh,
        film=fg.Film(delta=1.0, eta=0.1),
        boundary={"bottom": fg.Insulating(), "top": fg.Insulating(), **normal},
        probes=kw.pop("probes", (NET,)),
        **kw,
    )


def seen(problem, *states):
    """What the probes of a problem say of nodal psi, functions of the complex coordinate."""
    system = fg.System(problem)
    z = system.space.nodes[0] + 1j * system.space.nodes[1]
    y = np.stack([system.initial(psi(z)) for psi in states])
    snapshots = Snapshots(system, np.zeros(len(states)), y, 0 * y)
    return {p.name: fg.probe_of(p, system.space)(snapshots) for p in problem.probes}


@pytest.mark.parametrize(("cells", "order"), CELLS)
def test_flux_quanta_are_the_turns_around_the_hole(cells, order):
    """psi = z^n/|z|^n winds n times around the hole, whatever smooth phase and size it has beside."""
    turns = (-3, -1, 0, 2, 5)
    rough = lambda z: (1.2 + 0.5 * np.sin(z.real)) * np.exp(1j * (0.3 * z.real**2 + np.cos(z.imag)))  # noqa: E731
    states = [lambda z, n=n: (z / abs(z)) ** n * rough(z) for n in turns]
    found = seen(ring(cells=cells, order=order), *states)
    assert found["quanta"].tolist() == list(turns)
    assert found["quanta"].dtype.kind == "i"
    assert found["net"].tolist() == [0] * len(turns)


@pytest.mark.parametrize(("cells", "order"), CELLS)
def test_a_vortex_in_the_film_is_not_in_the_hole(cells, order):
    """Zeros of z - a inside the film count as vortices, those in the hole as quanta; an antivortex by its conjugate."""
    film = lambda z: (z - 3.05 - 0.1j) * (z + 3.1j) * (z + 2.9).conj()  # noqa: E731
    hole = lambda z: (z - 0.2) * (z + 1.1j)  # noqa: E731
    found = seen(ring(cells=cells, order=order), film, hole, lambda z: film(z) * hole(z).conj())
    assert found["net"].tolist() == [1, 0, 1]
    assert found["quanta"].tolist() == [0, 2, -2]


@pytest.mark.parametrize("order", [1, 2])
def test_zeros_on_contacts_do_not_count(rng, order):
    """psi is 0 on the contacts; what it is beside them, however rough, makes no vortex there."""
    wild = rng.normal(size=2000) + 1j * rng.normal(size=2000)
    one = lambda z: (z - 0.1 - 0.2j) * np.ones_like(z)  # noqa: E731
    rough = lambda z: np.where(np.abs(z.real) > 2.7, wild[: z.size], one(z))  # noqa: E731
    assert seen(strip(order=order), one, lambda z: one(z).conj(), rough)["net"].tolist() == [1, -1, 1]
    dead = seen(strip(order=order, time=fg.Time(t_end=1.0, atol=1e-6)), lambda z: 1e-6 * one(z))
    assert dead["net"].tolist() == [0]


@pytest.mark.parametrize("kind", [skfem.MeshTri, skfem.MeshQuad])
def test_the_count_is_that_of_the_places(rng, kind):
    """For any field at all, with dark patches and dark contacts, the sum of `vortices`."""
    mesh = kind.init_tensor(np.linspace(0, 5, 14), np.linspace(0, 3, 9))
    count = Vorticity(mesh)
    held = (mesh.p[0] == 0) | (mesh.p[0] == 5)
    psi = rng.normal(size=(6, held.size)) + 1j * rng.normal(size=(6, held.size))
    psi[2:, held] = 0.0
    psi[4:, np.hypot(mesh.p[0] - 2.5, mesh.p[1] - 1.5) < 1.0] *= 1e-9
    psi[5] *= 1e-9
    found = count(psi, held=held, noise=1e-6)
    assert found.tolist() == [vortices(mesh, p, held=held, noise=1e-6).winding.sum() for p in psi]
    assert np.ptp(found) > 0 and found[5] == 0


def test_a_boundary_in_two_pieces_is_no_hole():
    mesh = skfem.MeshTri.init_tensor(np.linspace(-4, 4, 17), np.linspace(-4, 4, 17))
    at = mesh.p[:, mesh.t].mean(axis=1)
    holes = [np.abs(at - np.array([[x], [0.0]])).max(axis=0) < 0.9 for x in (-2.0, 2.0)]
    mesh = mesh.remove_elements(np.flatnonzero(holes[0] | holes[1]))
    inside = np.abs(mesh.p[:, mesh.facets].mean(axis=1)).max(axis=0) < 3.9
    facets = np.intersect1d(mesh.boundary_facets(), np.flatnonzero(inside))
    left = facets[mesh.p[0, mesh.facets[0, facets]] < 0]
    line = closed_line(mesh, left)
    assert line.size == left.size
    x, y = mesh.p[:, line]
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0  # anticlockwise
    with pytest.raises(fg.InputError, match="is no closed line"):
        closed_line(mesh, facets)


def test_a_run_records_whole_numbers(tmp_path):
    """A small ring in a strong field: at every step an integer, at the stored times what the result says of them."""
    problem = ring(
        order=2, inner=1.5, outer=2.5, h=0.5, time=fg.Time(t_end=40.0, rtol=1e-4), output=fg.Output(fields=2.0),
        drive=fg.Drive(field=fg.Table((0.0, 40.0), (0.0, 2.0))), measure=fg.Measure(discard=0.0),
        weak_spot=(fg.Spot(depth=0.3, at=(2.0, 0.0), width=0.7),),
    )  # fmt: skip
    assert toml.build(parse(toml.dump(problem))) == problem
    result = fg.run(problem)
    quanta, net, t = (result.probes[name] for name in ("quanta", "net", "t"))
    assert quanta.dtype.kind == net.dtype.kind == "i"
    assert quanta.size == t.size
    assert quanta[0] == 0 and quanta[-1] > 0
    for time in result.t:
        row = np.argmin(np.abs(t - time))
        if np.ptp(quanta[max(row - 1, 0) : row + 2]) == 0:
            assert result.fluxoid(time, "inner") == quanta[row]
        if np.ptp(net[max(row - 1, 0) : row + 2]) == 0:
            assert result.vortices(time).winding.sum() == net[row]
    s = result.summary
    assert s["quanta_end"] == quanta[-1]
    assert len(s["quanta_jump_times"]) == np.count_nonzero(np.diff(quanta))
    assert s["quanta_largest_jump"] == np.abs(np.diff(quanta)).max()
    assert s["vortices"]["gained"] - s["vortices"]["lost"] == net[-1]  # through both edges, the hole's too
    assert s["mean_quanta"] == pytest.approx(quanta[:-1] @ np.diff(t) / (t[-1] - t[0]), rel=1e-12)


def test_means_of_counts_have_no_ripples():
    """0, then 3 from t = 4 on: the mean over [0, 10] is that of the step, and so is every part of it."""
    t = np.array([0.0, 1.0, 3.9, 4.0, 7.0, 10.0])
    counts = Counts(t, np.array([0, 0, 0, 3, 3, 2]))
    assert counts.mean(0.0, 10.0) == pytest.approx(1.8)
    assert counts.mean(2.0, 5.0) == pytest.approx(1.0)
    assert counts.mean(5.0, 9.0) == pytest.approx(3.0)
    when, by = counts.jumps(0.0, 10.0)
    assert (when.tolist(), by.tolist()) == ([4.0, 10.0], [3, -1])
    probes = {p.name: np.ones(t.size) for p in STANDARD}
    probes |= {"psi_center": probes["gamma"], "psi_max_free": probes["gamma"], "t": t, "quanta": counts.values}
    none = Slips(np.empty(0), np.empty(0), np.empty(0, int))
    found = measure(Recorded(probes, none, 5.0), fg.Film(delta=1.0, eta=0.1), Circuit(named=("quanta",)))["of_probes"]
    assert found["mean_quanta"] == pytest.approx(3.0)
    assert found["quanta_jump_times"] == [10.0]
    assert (found["quanta_end"], found["quanta_largest_jump"]) == (2, 1)


@pytest.mark.parametrize(
    ("build", "probe", "key", "says"),
    [
        (ring, fg.FluxoidProbe(name="q", boundary="iner"), "probes.q.boundary", "did you mean 'inner'"),
        (strip, fg.FluxoidProbe(name="q", boundary="left"), "probes.q.boundary", "normal contact"),
        (strip, fg.FluxoidProbe(name="q", boundary="top"), "probes.q.boundary", "is no closed line"),
    ],
)
def test_what_has_no_flux_is_refused(build, probe, key, says):
    with pytest.raises(fg.InputError, match=says) as caught:
        fg.run(build(probes=(probe,)))
    assert caught.value.key == key


@pytest.mark.parametrize("probe", [fg.FluxoidProbe(name="q", boundary="left"), NET])
def test_a_line_has_neither(filament, probe):
    with pytest.raises(fg.InputError, match="cannot be in 1 dimensions") as caught:
        filament(probes=(probe,))
    assert caught.value.key == f"probes.{probe.name}"


@pytest.mark.slow
def test_a_weak_ring_takes_a_quantum_for_each_quantum_of_flux():
    """Where a spot of the ring is weak, slips follow each other by dB = 2/r^2: one quantum through the mean circle."""
    weak = {"depth": 0.1, "at": [3.5, 0.0], "width": 1.0}
    s = fg.run(PROBLEMS / "ring.toml", weak_spot=[weak], output__fields=50.0).summary
    B = np.array(s["quanta_jump_times"]) * 0.8 / 1500.0
    assert s["quanta_largest_jump"] == 1 and B.size == 3
    np.testing.assert_allclose(np.diff(B), 2 / 3.5**2, rtol=1e-2)
    assert B[0] == pytest.approx(0.3233, abs=3e-3)
