"""Multigrid for potentials and temperatures of solids, the sparsity pattern: against a complete LU and sorting."""

import numpy as np
import pytest
import scipy.sparse as sp
from conftest import PROBLEMS
from scipy.sparse.linalg import LinearOperator, gmres, splu

import femtdgl as fg
from femtdgl.input import toml as read
from femtdgl.kinds.filament.simulation import initial_psi
from femtdgl.problem import toml
from femtdgl.solve import linear
from femtdgl.solve.inverse import CompleteLU, FloatingMultigrid, HeatMultigrid
from femtdgl.solve.multigrid import Multigrid
from femtdgl.solve.pattern import pattern_of
from femtdgl.solve.products import Part
from femtdgl.solve.structure import _by_columns
from femtdgl.solve.system import System

WIRE = PROBLEMS / "wire_3d.toml"


def by_multigrid(monkeypatch):
    monkeypatch.setattr(linear, "LARGEST_LU", {2: 0, 3: 0})


def laplacian(*shape):
    """-div grad on a grid with insulating sides but for one end held."""
    total = sp.csr_matrix((int(np.prod(shape)),) * 2)
    for k, n in enumerate(shape):
        ends = np.full(n, 2.0)
        ends[-1] = 1.0
        ends[0] = 2.0 if k == 0 else 1.0
        line = sp.diags([np.full(n - 1, -1.0), ends, np.full(n - 1, -1.0)], [-1, 0, 1])
        parts = [sp.eye(m) for m in shape]
        parts[k] = line
        product = parts[0]
        for part in parts[1:]:
            product = sp.kron(product, part)
        total = total + product
    return total.tocsr()


def iterations(matrix, inverse, tolerance=1e-8):
    count = []
    b = np.random.default_rng(3).standard_normal(matrix.shape[0])
    operator = LinearOperator(matrix.shape, inverse, dtype=float)
    x, failed = gmres(matrix, b, M=operator, rtol=tolerance, restart=60, callback=count.append, callback_type="pr_norm")
    assert not failed
    assert np.linalg.norm(matrix @ x - b) < 10 * tolerance * np.linalg.norm(b)
    return len(count)


@pytest.mark.parametrize("shape", [(30, 30, 30), (1500, 4, 4), (160, 160)], ids=["cube", "wire", "square"])
@pytest.mark.parametrize("sign", [1, -1])
def test_iterations_hardly_depend_on_shape_and_sign(shape, sign):
    matrix = sign * laplacian(*shape)
    assert iterations(matrix, Multigrid(matrix).solve) <= 14


def test_the_inverse_is_linear_symmetric_and_the_same_each_time():
    matrix = laplacian(20, 12, 10)
    grids, again = Multigrid(matrix), Multigrid(matrix)
    a, b = np.random.default_rng(1).standard_normal((2, matrix.shape[0]))
    assert np.array_equal(grids.solve(a), again.solve(a))
    assert grids.solve(2 * a - 3 * b) == pytest.approx(2 * grids.solve(a) - 3 * grids.solve(b), abs=1e-11)
    assert b @ grids.solve(a) == pytest.approx(a @ grids.solve(b), rel=1e-10)


def test_the_global_random_numbers_are_left_alone():
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.rand()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    Multigrid(laplacian(12, 12, 12))
    assert np.random.rand() == expected  # noqa: NPY002


def potential_block(problem):
    """The block of phi of a system at its start, and its inverse by multigrid."""
    system = System(problem)
    solver = system.newton
    y, yp = system.consistent(0.0, system.initial(initial_psi(problem, system)))
    solver.setup(0.0, y, yp, y, 50.0)
    matrix = solver.phi_phi.fill(solver.entries).copy()
    return matrix, solver.phi_inverse


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"boundary.left": "normal", "boundary.right": "normal"},
        {"boundary.left": {"kind": "normal", "voltage": 0.3}, "boundary.right": {"kind": "bank", "voltage": 0.0}},
        {"drive.shunt": 2.0},
    ],
    ids=["banks", "contacts", "bias", "shunt"],
)  # fmt: skip
def test_gauge_and_bias_are_met_exactly(changes, monkeypatch):
    """GMRES with multigrid comes to what a complete LU gives, gauge and biased rows within rounding at once."""
    by_multigrid(monkeypatch)
    table = read.parse(WIRE.read_text())
    if "voltage" in str(changes):
        del table["drive"]
    read.override(table, {"mesh.h": 0.2, **changes})
    problem = toml.build(table, file=str(WIRE))
    matrix, grids = potential_block(problem)
    assert isinstance(grids, FloatingMultigrid)
    b = np.random.default_rng(3).standard_normal(matrix.shape[0])
    special = [grids._gauge_row, *grids._biased]
    assert (matrix @ grids.solve(b))[special] == pytest.approx(b[special], abs=1e-11)
    operator = LinearOperator(matrix.shape, grids.solve, dtype=float)
    x, failed = gmres(matrix, b, M=operator, rtol=1e-12, restart=40)
    assert not failed
    assert x == pytest.approx(splu(matrix.tocsc()).solve(b), abs=1e-8 * np.abs(x).max())


@pytest.mark.parametrize("field", [None, pytest.param(0.3, marks=pytest.mark.slow)])
def test_a_wire_is_the_same_by_multigrid(monkeypatch, field):
    changes = {"until": 3.0, "mesh__h": 0.2, "measure__discard": 0.0, "time__rtol": 1e-6, "output__probes": 0.1}
    if field is not None:
        changes["drive__field"] = [0.0, field, 0.0]
    complete = fg.run(WIRE, **changes)
    by_multigrid(monkeypatch)
    grids = fg.run(WIRE, **changes)
    V = [result.probes["voltage"] for result in (complete, grids)]
    assert V[1] == pytest.approx(V[0], abs=2e-4)
    assert grids.summary["steps"] <= 1.15 * complete.summary["steps"]


def test_temperatures_too(monkeypatch):
    """A heated wire whose surface is joined to a plate with a capacity: two fields, a lumped node."""
    heat = {
        "temperatures": "two",
        "phonons": {"capacity": 20.0, "conductivity": 5.0},
        "coupling": 2.0,
        "nodes": {"plate": {"capacity": 5.0, "initial": 0.9}},
        "links": {"interface": {"kind": "Kapitza", "between": ["side", "plate"], "sigma_K": 0.5}},
    }
    changes = {
        "until": 2.0,
        "mesh__h": 0.25,
        "measure__discard": 0.0,
        "time__rtol": 1e-6,
        "output__probes": 0.5,
        "heat": heat,
    }
    complete = fg.run(WIRE, **changes)
    by_multigrid(monkeypatch)
    made = []
    monkeypatch.setattr(linear, "HeatMultigrid", lambda *args: made.append(HeatMultigrid(*args)) or made[-1])
    grids = fg.run(WIRE, **changes)
    assert made
    for name in ("T_e_max", "T_p_max", "T_node_plate", "voltage"):
        a, b = (np.interp(2.0, r.probes["t"], r.probes[name]) for r in (complete, grids))
        assert b == pytest.approx(a, abs=2e-5), name


@pytest.mark.slow
@pytest.mark.parametrize("length", [3.0, 300.0])
def test_iterations_of_a_step_do_not_grow_with_the_length(monkeypatch, length):
    """At most 8 iterations of GMRES a Newton iteration, the same steps as with a complete LU."""
    table = read.parse(WIRE.read_text())
    table["mesh"] = {"shape": "wire", "length": length, "width": 1.0, "h": 1 / 3}
    changes = {"time.t_end": 4.0, "measure.discard": 0.0, "initial.dips": [{"depth": 0.5}]}
    read.override(table, changes)
    problem = toml.build(table, file=str(WIRE))
    made, steps = [], []
    init = linear.BlockSolver.__init__
    monkeypatch.setattr(linear.BlockSolver, "__init__", lambda self, system: made.append(self) or init(self, system))
    for sizes in ({2: 0, 3: 10**9}, {2: 0, 3: 0}):
        monkeypatch.setattr(linear, "LARGEST_LU", sizes)
        steps.append(fg.run(problem).summary["steps"])
    assert steps[1] <= 1.2 * steps[0]
    assert made[-1].counts["times"] <= 8 * steps[1]


def test_the_pattern_is_that_of_sorting():
    """Random cells, rows that are no unknowns, shared rows and further entries: by rows = by columns, transposed."""
    rng = np.random.default_rng(7)
    size = 40
    row, column = rng.integers(-1, size, (2, 60, 6))
    more = rng.integers(0, size, (2, 25))
    start, index, places = pattern_of(size, row, column, *more)
    start_t, index_t, places_t = _by_columns(size, column, row, more[1], more[0])
    assert np.array_equal(start, start_t)
    assert np.array_equal(index, index_t)
    assert np.array_equal(places, places_t)


@pytest.mark.parametrize(
    "length, scale, least, most",
    [
        (30, 1.0, 1e-9, 1e-3),
        (30, 1e-20, 1e-9, 1e-3),
        (30, 1e-60, 0, 1e-12),
        (30, 1e45, 0, 1e-12),
        (20_000, 1.0, 0, 1e-6),
    ],
)
def test_a_complete_lu_in_single_precision_where_that_will_do(length, scale, least, most):
    """In double where the factors are too small or too large for single precision, or the matrix nearly singular."""
    skew = np.full(3 * length - 1, 1e-3)
    whole = (laplacian(length, 3) + sp.diags([skew, -skew], [1, -1])).tocsr()
    everything = np.arange(3 * length)
    inverse = CompleteLU()
    assert inverse.follow(Part(whole.copy(), everything, everything), scale * whole.data)
    b = np.random.default_rng(5).standard_normal(3 * length)
    right = splu(whole.tocsc()).solve(b)
    assert least <= np.linalg.norm(inverse.solve(scale * b) - right) / np.linalg.norm(right) < most


def test_nothing_is_solved_for_where_nothing_happens(monkeypatch):
    """psi = 1 without a current is at rest, but for rounding."""
    by_multigrid(monkeypatch)
    system = System(toml.build(read.parse(WIRE.read_text())))
    y, yp = system.consistent(0.0, system.initial(np.ones(system.space.N, dtype=complex)))
    assert np.array_equal(yp, np.zeros(system.size))
    assert np.array_equal(y[system.algebraic], np.zeros(system.algebraic.size))
    assert np.any(system.consistent(1.0, y)[1])  # with a current there is something to solve for
