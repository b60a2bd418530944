"""Slips as zeros of psi in space-time: exact counting, location in time and in space."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from femtdgl.solve.slips import find_slips, winding, without_zeros


def vortex(x, t, x0, t0, sense):
    """A simple zero of psi at (x0, t0)."""
    return (t - t0) + 1j * sense * (x - x0)


def march(psi, t_end=1.0, steps=25):
    """Slips of psi(t) over [0, t_end], step by step."""
    slips, old = [], psi(0.0)
    for a, b in pairwise(np.linspace(0.0, t_end, steps + 1)):
        new = without_zeros(psi(b), old)
        slips += find_slips(a, old, b, new, psi)
        old = new
    return slips


@example(x0=5e-324, t0=0.36, sense=1, turn=0.0, nodes=9)
@example(x0=0.0, t0=0.52, sense=-1, turn=0.0, nodes=9)
@given(
    x0=st.floats(-0.9, 0.9),
    t0=st.floats(0.05, 0.95),
    sense=st.sampled_from([-1, 1]),
    turn=st.floats(-10, 10),
    nodes=st.integers(8, 60),
)
def test_one_zero_is_one_slip(x0, t0, sense, turn, nodes):
    x = np.linspace(-1, 1, nodes)
    slips = march(lambda t: vortex(x, t, x0, t0, sense) * np.exp(1j * turn * t))
    assert [slip.winding for slip in slips] == [sense]
    assert slips[0].t == pytest.approx(t0, abs=1e-9)
    assert np.interp(slips[0].place, np.arange(nodes), x) == pytest.approx(x0, abs=1e-6)


@pytest.mark.parametrize("t0", [0.4, 0.25, 0.5])
def test_zero_at_a_node_counts_once(t0):
    """Also when a step, or its middle, falls on the slip itself."""
    x = np.linspace(-1, 1, 21)
    slips = march(lambda t: vortex(x, t, 0.0, t0, 1), steps=7)
    assert [slip.winding for slip in slips] == [1]
    assert slips[0].place == pytest.approx(10.0, abs=1e-6)
    assert slips[0].t == pytest.approx(t0, abs=1e-12)


def test_two_slips_in_one_step():
    x = np.linspace(-1, 1, 401)
    slips = march(lambda t: vortex(x, t, -0.5, 0.512, 1) * vortex(x, t, 0.5, 0.523, -1))
    assert [round(slip.t, 6) for slip in slips] == [0.512, 0.523]
    assert [slip.winding for slip in slips] == [1, -1]


@given(st.integers(0, 2**32 - 1))
def test_winding_telescopes(seed):
    """Over the whole path, winding is the change of the unwrapped phase difference less the turn of the ends."""
    rng = np.random.default_rng(seed)
    old, new = np.exp(1j * rng.uniform(-np.pi, np.pi, (2, 12)))
    wrapped = lambda p: np.sum(np.angle(p[1:] * p[:-1].conj()))  # noqa: E731
    ends = np.angle(new * old.conj())
    total = (wrapped(new) - wrapped(old) - ends[-1] + ends[0]) / (2 * np.pi)
    assert winding(old, new).sum() == round(total)


def test_no_slip_in_a_deep_superconductor():
    psi = np.exp(1j * np.linspace(0, 3, 50))
    assert find_slips(0.0, psi, 1.0, psi * np.exp(0.4j), lambda t: psi) == []
