"""The LU of a filament's Jacobian as a band, and the fields at the points that residual and Jacobian share."""

import numpy as np
import pytest
import scipy.sparse as sp
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.solve.band import WIDEST, BandLU

FILE = PROBLEMS / "psc_filament.toml"


def ring(size, rng):
    """A band of five diagonals with its ends joined, as by the gauge row or a shunt; rows in any order."""
    made = sp.diags(rng.normal(size=(5, size)), range(-2, 3), shape=(size, size)).tolil()
    made[0, -1], made[-1, 0], made[1, -2] = 1.0, -2.0, 0.5
    shuffled = rng.permutation(size)
    return made.tocsc()[shuffled][:, shuffled].tocsc()


def test_a_joined_band_is_solved():
    rng = np.random.default_rng(3)
    matrix = ring(200, rng)
    band, r = BandLU(matrix), rng.normal(size=200)
    assert band.fits and band.below <= 6
    for factor in (1.0, 3.0):  # again in the same place
        band.factorise(factor * matrix.data)
        np.testing.assert_allclose(factor * matrix @ band.solve(r), r, atol=1e-9)
    with pytest.raises(RuntimeError, match="singular"):
        band.factorise(0.0 * matrix.data)


def test_what_is_no_band_does_not_fit():
    size = 4 * WIDEST
    arrow = sp.eye(size, format="lil")
    arrow[0], arrow[:, 0] = 1.0, 1.0
    assert not BandLU(arrow.tocsc()).fits


@pytest.mark.parametrize("order", [1, 2])
def test_a_filament_is_a_narrow_band(order):
    system = fg.System(fg.load(FILE, {"mesh.order": order}))
    rng = np.random.default_rng(order)
    y, yp, r = rng.normal(size=(3, system.size))
    data = system.jacobian(0.5, y, yp, 30.0)
    newton = system.newton
    newton.setup(0.5, y, yp, r, 30.0)
    z, back = np.empty((2, system.size))
    newton.solve(0.5, y, yp, r, r, z, 30.0, 0.0)
    assert newton._band.fits and newton._band.below <= 16
    np.testing.assert_allclose(system.matrix(data) @ z, r, atol=1e-7)
    newton.times(0.5, y, yp, r, z, back, 30.0)  # GMRES: what is solved for after a product gives back the vector
    newton.solve(0.5, y, yp, r, back, found := np.empty_like(z), 30.0, 0.0)
    np.testing.assert_array_equal(found, z)
    newton.times(0.5, y, yp, r, z, back, 30.0)
    newton.solve(0.5, y, yp, r, r, found, 30.0, 0.0)  # another right side, and one without a product before it
    np.testing.assert_array_equal(found, z)
    newton.solve(0.5, y, yp, r, r, found, 30.0, 0.0)
    np.testing.assert_array_equal(found, z)


def test_fields_at_the_points_are_those_of_the_state_that_is_asked_for():
    """Also when another state came between, and for complex ones."""
    system, fresh = (fg.System(fg.load(FILE)) for _ in range(2))
    y, yp, other = np.random.default_rng(5).normal(size=(3, system.size))
    first = system.residual(0.5, y, yp)
    np.testing.assert_array_equal(system.jacobian(0.5, y, yp, 2.0), fresh.jacobian(0.5, y, yp, 2.0))
    assert np.abs(system.residual(0.5, other, yp) - first).max() > 0.1
    step = 1e-30 * other
    slope = np.imag(system.residual(0.5, y + 1j * step, yp.astype(complex))) / 1e-30
    np.testing.assert_allclose(slope, system.matrix(system.jacobian(0.5, y, yp, 0.0)) @ other, rtol=1e-9, atol=1e-7)
    np.testing.assert_array_equal(system.residual(0.5, y, yp), first)
