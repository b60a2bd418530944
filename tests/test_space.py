"""Densities on the nodes: what is positive stays so, and integrals stay what they are."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.solve.space import Space


def meshes():
    import skfem

    return {
        "line": skfem.MeshLine(np.linspace(0.0, 2.0, 13)),
        "triangles": skfem.MeshTri().refined(3),
        "quads": skfem.MeshQuad().refined(3),
        "tetrahedra": skfem.MeshTet().refined(2),
    }


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("shape", ["line", "triangles", "quads", "tetrahedra"])
def test_a_density_with_sharp_peaks_stays_positive_and_keeps_its_integral(shape, order):
    space = Space(meshes()[shape], order)
    peak = np.exp(-((space.x - 0.4) ** 2).sum(axis=0) / 0.05**2)
    values = np.stack([peak, np.maximum(space.x[0] - 0.5, 0.0), 3.0 * (space.x[0] > 0.7)])
    plain, nodal = space.project(values), space.density(values)
    assert plain.min() < -1e-2
    assert nodal.min() >= 0.0
    sums = np.asarray(space.mass.sum(axis=1)).ravel()
    assert nodal @ sums == pytest.approx(values @ space.weights, rel=1e-9)
    size = np.abs(plain).max(axis=1, keepdims=True)
    assert np.abs(nodal - np.maximum(plain, 0.0)).max() < 0.2 * size.max()


@pytest.mark.parametrize("shape", ["line", "triangles", "quads", "tetrahedra"])
def test_a_smooth_density_is_its_projection(shape):
    space = Space(meshes()[shape], 2)
    values = np.stack([1 + space.x[0] ** 2, -2 - space.x[-1]])
    assert space.density(values) == pytest.approx(space.project(values), abs=1e-12)


def test_where_a_density_is_negative_it_stays_as_it_is():
    """Two signs in one field: the nodes about which all points are positive give what is added among them."""
    space = Space(meshes()["triangles"], 2)
    values = np.where(space.x[:1] > 0.5, np.exp(-((space.x[:1] - 0.8) ** 2) / 1e-3), -1.0)
    plain, nodal = space.project(values), space.density(values)
    left = space.nodes[0] < 0.45
    assert np.array_equal(nodal[:, left], plain[:, left])
    assert nodal[:, space.nodes[0] > 0.6].min() >= 0.0
    sums = np.asarray(space.mass.sum(axis=1)).ravel()
    assert nodal @ sums == pytest.approx(values @ space.weights, abs=1e-12)


def test_dissipation_that_is_a_sum_of_squares_is_stored_without_a_negative_part():
    """Vortices cross a strip without an interference current: w > 0 at each point, and so on each node."""
    result = fg.run(PROBLEMS / "vortex_strip.toml", until=12.0, mesh__h=0.5, output__fields=2.0)
    w = result.field("w")
    assert w.max() > 0.1
    assert w.min() >= 0.0


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("shape", ["triangles", "quads"])
def test_large_planes_are_projected_by_conjugate_gradients(monkeypatch, shape, order):
    rng = np.random.default_rng(4)
    complete = Space(meshes()[shape], order)
    values = np.stack([rng.normal(size=complete.nq), np.zeros(complete.nq)])
    right = complete.project(values)
    monkeypatch.setattr("femtdgl.solve.space.LARGEST_FACTORISED", 0)
    found = Space(meshes()[shape], order).project(values)
    assert 0 < np.abs(found - right).max() < 1e-8 * np.abs(right).max()
