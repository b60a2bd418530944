"""Multigrid on a machine: its cycles are the host's, and its hierarchy follows the matrix."""

import numpy as np
import pytest
import scipy.sparse as sp

from femtdgl.device.machine import Machine
from femtdgl.device.matrix import Matrix
from femtdgl.device.multigrid import Grids
from femtdgl.solve.multigrid import Multigrid


def laplacian(conductances, across=24, along=40):
    """Of a network of across x along nodes, with its first node grounded; some conductances are zero."""
    number = np.arange(across * along).reshape(across, along)
    pairs = [(number[1:], number[:-1]), (number[:, 1:], number[:, :-1]), (number[1:, 1:], number[:-1, :-1])]
    first, second = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    values = conductances.random(first.size) + 0.5
    values[-pairs[2][0].size :] = 0.0  # the third sides of right-angled triangles
    rows, columns = np.concatenate((first, second, first, second)), np.concatenate((second, first, first, second))
    A = sp.csr_matrix((np.concatenate((-values, -values, values, values)), (rows, columns)))
    A[0, 0] += 1.0
    A.sort_indices()
    return A


@pytest.mark.parametrize("settings", [(1, 0.2), (2, 0.1), (3, 1e-3)])
def test_cycles_are_those_of_the_host(rng, monkeypatch, settings):
    """With one visit and with several to coarser levels, and few cycles or many."""
    for kind in (Multigrid, Grids):
        monkeypatch.setattr(kind, "visits", settings[0])
        monkeypatch.setattr(kind, "leaves", settings[1])
    monkeypatch.setattr("femtdgl.solve.multigrid.COARSEST", 30)
    A, b = laplacian(rng), rng.normal(size=24 * 40)
    host, there = Multigrid(A), Grids(Machine(), Matrix.of(Machine(), A))
    assert len(host.levels) == len(there.levels) >= 2 and host.cycles == there.cycles
    np.testing.assert_allclose(there.solve(b), host.solve(b), rtol=0, atol=1e-11 * np.abs(host.solve(b)).max())


def test_a_hierarchy_follows_its_matrix_where_entries_were_zero_too(rng):
    A = laplacian(rng)
    there = Grids(Machine(), Matrix.of(Machine(), A))
    now = A.copy()
    now.data = np.where(now.data == 0, -0.3, now.data)
    now.setdiag(now.diagonal() + 2.0)
    there.renew(Matrix.of(Machine(), now))
    level, (_, coarse) = there.levels[0], there._products[0]
    expected = (level.R.down() @ now @ level.P.down()).toarray()
    np.testing.assert_allclose(coarse.down().toarray(), expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    b = rng.normal(size=A.shape[0])
    assert np.linalg.norm(b - now @ there.solve(b)) < 0.2 * np.linalg.norm(b)
