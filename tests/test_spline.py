"""The cubic spline of recorded series: exact for cubics, of fourth order, as scipy.interpolate has it."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from femtdgl.measure.spline import Spline


def uneven(count, seed=1):
    return np.cumsum(np.random.default_rng(seed).uniform(0.01, 1.0, count))


@pytest.mark.parametrize("count", [4, 5, 9])
def test_a_cubic_and_its_integral_are_exact(count):
    cubic = np.polynomial.Polynomial([0.3, -1.2, 0.7, 0.4])
    x = uneven(count)
    spline, inside = Spline(x, cubic(x)), np.linspace(x[0], x[-1], 101)
    assert spline(inside) == pytest.approx(cubic(inside), rel=1e-11, abs=1e-11)
    whole = cubic.integ(lbnd=x[0])
    assert spline.integral(inside) == pytest.approx(whole(inside), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("count", [2, 3])
def test_few_points_are_joined_by_straight_lines(count):
    x, y = np.array([0.0, 1.0, 3.0])[:count], np.array([1.0, 2.0, -2.0])[:count]
    spline, inside = Spline(x, y), np.linspace(0.0, x[-1], 61)
    assert spline(inside) == pytest.approx(np.interp(inside, x, y), abs=1e-14)
    assert spline.integral(x) == pytest.approx(np.array([0.0, 1.5, 1.5])[:count], abs=1e-14)


def test_it_is_that_of_scipy():
    x = uneven(300)
    y = np.random.default_rng(2).normal(size=x.size)
    ours, theirs = Spline(x, y), CubicSpline(x, y)
    inside = np.concatenate([x, np.linspace(x[0], x[-1], 1000)])
    assert ours(inside) == pytest.approx(theirs(inside), rel=1e-11, abs=1e-11)
    assert ours.integral(inside) == pytest.approx(theirs.antiderivative()(inside), rel=1e-11, abs=1e-11)


def test_its_error_falls_with_the_fourth_power_of_the_step():
    def error(count):
        x, inside = np.linspace(0.0, 3.0, count), np.linspace(0.0, 3.0, 9999)
        return np.abs(Spline(x, np.sin(x))(inside) - np.sin(inside)).max()

    assert error(161) / error(321) == pytest.approx(16.0, rel=0.1)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        Spline(np.arange(5.0), np.array([0.0, 1.0, value, 1.0, 0.0]))
