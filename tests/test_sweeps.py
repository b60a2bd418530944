"""ILU(0) of 2 x 2 blocks: L U is the matrix wherever it has entries, in slices too, and solving undoes it."""

import numpy as np
import pytest
import scipy.sparse as sp

from femtdgl.solve import sweeps, threads
from femtdgl.solve.sweeps import IncompleteLU


def grid(width, height, seed=0):
    """Diffusion on a grid, numbered along its short side, as random blocks: what a strip makes of psi, and one unknown
    more that is no pair."""
    rng = np.random.default_rng(seed)
    line = lambda n: sp.diags([np.ones(n - 1), np.ones(n), np.ones(n - 1)], [-1, 0, 1])  # noqa: E731
    graph = sp.kron(line(width), line(height)).tocsr()
    graph.sort_indices()
    pairs = sp.kron(graph, np.ones((2, 2))).tocoo()
    values = rng.uniform(-1, 1, pairs.nnz) + 20.0 * (pairs.row == pairs.col)
    matrix = sp.csr_matrix((values, (pairs.row, pairs.col)))
    whole = sp.bmat([[matrix, sp.csr_matrix(np.ones((matrix.shape[0], 1)))], [np.ones((1, matrix.shape[0])), [[1.0]]]])
    whole = sp.csr_matrix(whole)
    whole.sort_indices()
    return whole, matrix


@pytest.fixture
def in_slices(monkeypatch):
    """Slices of a few rows."""

    def use(rows):
        monkeypatch.setattr(threads, "LARGE", 10)
        monkeypatch.setattr(sweeps, "SLICE", rows)

    return use


def factors(inverse, size):
    """L and U, dense, in the order of the rows of the factorisation."""
    L, U = np.eye(size), np.zeros((size, size))
    start, column, diagonal = (part.astype(int) for part in (inverse._start, inverse._column, inverse._diagonal))
    for i in range(size // 2):
        for s in range(start[i], start[i + 1]):
            rows, columns = slice(2 * i, 2 * i + 2), slice(2 * column[s], 2 * column[s] + 2)
            if s < diagonal[i]:
                L[rows, columns] = inverse._block[s]
            else:
                U[rows, columns] = np.linalg.inv(inverse._block[s]) if s == diagonal[i] else inverse._block[s]
    return L, U


@pytest.mark.parametrize(("kind", "rounding"), [(np.float64, 1e-13), (np.float32, 1e-5)])
@pytest.mark.parametrize(("rows", "slices"), [(1000, 1), (40, 2), (25, 4), (20, 6)])
def test_the_product_of_the_factors_is_the_matrix_where_it_has_entries(in_slices, rows, slices, kind, rounding):
    """That is what ILU(0) means; none of the blocks is left out, as slices touch near ones only."""
    whole, matrix = grid(20, 6)
    size = matrix.shape[0]
    in_slices(rows)
    inverse = IncompleteLU(whole, np.arange(0, size, 2), kind)
    assert inverse._edges.size - 1 == slices
    assert inverse._column.size == matrix.nnz // 4
    inverse.factorise(whole.data)
    L, U = factors(inverse, size)
    order = (inverse.first[:, None] + np.arange(2)).ravel()
    there = matrix.toarray()[np.ix_(order, order)]
    np.testing.assert_allclose((L @ U)[there != 0], there[there != 0], rtol=0, atol=rounding)
    x, z = np.random.default_rng(1).standard_normal(size), np.zeros(size + 1)
    inverse.solve(inverse.take(np.append(x, 7.0)), z)
    np.testing.assert_allclose(L @ U @ z[order], x[order], rtol=0, atol=rounding)
    assert z[-1] == 0.0


@pytest.mark.parametrize("rows", [1000, 25])
def test_it_solves_a_chain_exactly(in_slices, rows):
    """Without slices there is no fill to leave out; with them it is small where the diagonal is large."""
    whole, matrix = grid(1, 120)
    in_slices(rows)
    inverse = IncompleteLU(whole, np.arange(0, 240, 2), np.float64)
    inverse.factorise(whole.data)
    x, z = np.random.default_rng(1).standard_normal(240), np.zeros(241)
    inverse.solve(inverse.take(np.append(x, 0.0)), z)
    limit = 1e-14 if rows == 1000 else 2e-2
    assert np.abs(matrix @ z[:240] - x).max() < limit


def test_slices_that_touch_far_ones_leave_that_out(in_slices):
    """A numbering without any order: the factors are those of what is left, and finite."""
    whole, matrix = grid(20, 6)
    in_slices(20)
    inverse = IncompleteLU(whole, 2 * np.random.default_rng(3).permutation(matrix.shape[0] // 2))
    assert inverse._column.size < matrix.nnz // 4
    inverse.factorise(whole.data)
    z = np.zeros(matrix.shape[0] + 1)
    inverse.solve(inverse.take(np.ones(z.size)), z)
    assert np.isfinite(z).all() and np.abs(matrix @ z[:-1] - 1).max() < 0.5
