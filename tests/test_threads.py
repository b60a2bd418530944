"""Threads: pieces that do not meet, sums that do not depend on who was first, the same bits for any number of them."""

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.solve import division, threads
from femtdgl.solve.compiled_assembly import CompiledAssembly
from femtdgl.solve.pattern import places_of
from femtdgl.solve.products import Rows
from femtdgl.solve.projection import Projection
from femtdgl.solve.regions import space_of
from femtdgl.solve.space import Space
from femtdgl.solve.system import System


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    """Divide what is small too; and leave the number of threads as it was."""
    for module in (division, threads):
        monkeypatch.setattr(module, "LARGE", 50)
    yield
    threads.use(None)


def wire(**more):
    return fg.Problem(
        mesh=fg.mesh.wire(length=4.0, width=1.0, h=0.25), film=fg.Film(delta=3.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.NormalContact(), "side": fg.Insulating()},
        drive=fg.Drive(current=0.4), **more,
    )  # fmt: skip


def strip(**more):
    return fg.Problem(
        mesh=fg.mesh.strip(length=8.0, width=3.0, h=0.3, order=2), film=fg.Film(delta=3.0, eta=0.1),
        boundary={"left": fg.Bank(), "right": fg.Bank(), "top": fg.Insulating(), "bottom": fg.DeGennes(b=2.0)},
        drive=fg.Drive(current=0.4, field=0.3), **more,
    )  # fmt: skip


def everything(system, rng):
    """Residual, Jacobian, factors applied, product and observation at a state."""
    y, yp, v = rng.normal(size=(3, system.size))
    F, J = system.residual(0.3, y, yp), system.jacobian(0.3, y, yp, 7.0)
    system.newton.setup(0.3, y, yp, F, 7.0)
    z, Jv = np.empty(system.size), np.empty(system.size)
    system.newton.apply(v, z)
    system.newton.times(0.3, y, yp, F, v, Jv, 7.0)
    return [F, J, z, Jv, *system.observe(np.array([0.3]), y[None], yp[None])]


@pytest.mark.parametrize("problem", [wire, strip])
def test_the_same_bits_for_any_number_of_threads(problem):
    made = []
    for count in (1, 2, 3):
        threads.use(count)
        made.append(everything(System(problem()), np.random.default_rng(1)))
    for other in made[1:]:
        for a, b in zip(made[0], other, strict=True):
            assert np.array_equal(a, b)


@pytest.mark.parametrize("problem", [wire, strip])
def test_pieces_are_all_the_elements_and_do_not_meet(problem, rng):
    system = System(problem())
    assert isinstance(system.assembly, CompiledAssembly)
    colours = system.assembly._colours
    assert len(colours) > 1 and max(map(len, colours)) > 2
    numbers = np.concatenate([piece for pieces in colours for piece in pieces])
    assert np.array_equal(np.sort(numbers), np.arange(system.space.elements.dofs.shape[0]))
    for pieces in colours:
        met = [np.unique(system.assembly.writer[system.space.elements.dofs[piece]]) for piece in pieces]
        unknowns = np.concatenate([rows[rows >= 0] for rows in met])
        assert np.unique(unknowns).size == unknowns.size
    y, yp = rng.normal(size=(2, system.size))
    plain = np.zeros(system.size)
    system.arrays.residual(system.state(y, yp), system.transport(0.3), system.landscape.eps, plain)
    divided = np.zeros(system.size)
    system.assembly.residual(system.state(y, yp), system.transport(0.3), system.landscape.eps, divided)
    assert np.abs(plain - divided).max() < 1e-13 * np.abs(plain).max()


@pytest.mark.parametrize("problem", [wire, strip])
def test_entries_go_where_sorting_says(problem):
    """`places_of` against places found by sorting, at contacts and gauge too."""
    system = System(problem())
    structure, dofs = system.structure, system.space.elements.dofs
    places = places_of(dofs, *structure.fields, structure.pattern.indptr, structure.pattern.indices, True)
    slots = structure.slots(dofs)
    e, i, j = np.nonzero(places.offset >= 0)
    assert e.size > 0.5 * places.offset.size
    for f in range(3):
        for g in range(3):
            found = places.start[places.rows[dofs[e, i], f]] + places.offset[e, i, j] + g
            assert np.array_equal(found, slots[e, 3 * i + f, 3 * j + g])


def test_rows_of_a_matrix_times_a_vector(rng):
    import scipy.sparse as sp

    A = sp.random(400, 300, 0.05, rng=rng, format="csr")
    x, chosen = rng.normal(size=300), rng.permutation(400)[:150]
    np.testing.assert_allclose(Rows(A).times(x), A @ x, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(Rows(A, chosen).times(x), (A @ x)[chosen], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", ["MeshTet", "MeshHex", "MeshTri"])
def test_densities_are_projected_as_by_the_space_and_the_same_on_any_number_of_threads(kind, order, rng):
    import skfem

    space = Space(getattr(skfem, kind)().refined(2), order)
    values = np.stack([rng.normal(size=space.nq), np.zeros(space.nq), 1 + space.x[0]])
    made = []
    for count in (1, 2, 3):
        threads.use(count)
        made.append(Projection(space)(values))
    assert np.array_equal(made[0], made[1]) and np.array_equal(made[0], made[2])
    right = space.project(values)
    assert np.abs(made[0] - right).max() < 1e-8 * np.abs(right).max()
    np.testing.assert_allclose(Projection(space).loads(values[0]), space.loads(values)[0], rtol=1e-12, atol=1e-14)


def test_densities_round_a_ring_are_one_at_the_two_nodes_of_a_pair(rng):
    problem = fg.Problem(
        mesh=fg.mesh.strip(length=4.0, width=2.0, h=0.3), film=fg.Film(delta=3.0, eta=0.1),
        boundary={"left": fg.Periodic(), "right": fg.Periodic(), "top": fg.Insulating(), "bottom": fg.Insulating()},
    )  # fmt: skip
    space = space_of(problem)
    values = rng.normal(size=(2, space.nq))
    right, made = space.project(values), Projection(space)(values)
    assert np.abs(made - right).max() < 1e-8 * np.abs(right).max()
    assert np.array_equal(made[:, space.seam.first], made[:, space.seam.second])


def test_a_run_on_two_threads_taken_up_on_three(tmp_path):
    time = fg.Time(t_end=4.0, checkpoint=2.0, rtol=1e-4)
    threads.use(1)
    whole = fg.run(wire(time=time), tmp_path / "whole")
    threads.use(2)
    fg.run(wire(time=time), tmp_path / "parts", until=2.0)
    threads.use(3)
    parts = fg.resume(tmp_path / "parts", until=4.0)
    for name in ("voltage", "free_energy"):
        assert np.array_equal(whole.probes[name], parts.probes[name])


def test_no_thread_at_all_is_refused():
    with pytest.raises(fg.InputError, match="threads"):
        threads.use(0)
