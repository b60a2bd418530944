"""Switching and retrapping currents of synthetic sweeps whose answers are known."""

from functools import partial

import numpy as np
import pytest

from femtdgl.measure import hysteresis as measure_sweep
from femtdgl.measure.hysteresis import branches, windowed_mean

R = 6.0
switching_current, retrapping_current, window_of = (
    partial(function, fraction=0.5)
    for function in (measure_sweep.switching_current, measure_sweep.retrapping_current, measure_sweep.window_of)
)


def sweep(*, top=1.0, over=400.0, count=20001, jitter=0.0):
    rng = np.random.default_rng(3)
    t = np.linspace(0.0, 2 * over, count)
    t[1:-1] += jitter * rng.uniform(-0.5, 0.5, count - 2) * (t[1] - t[0])
    return t, top * (1 - np.abs(t / over - 1))


def hysteretic(t, J, up, down, *, share=0.9, pulses=1.0):
    """Normal above `up` on the way up, down to `down` on the way back; pulses of the slips around the mean."""
    half = t[-1] / 2
    normal = np.where(t < half, up < J, down < J)
    return normal * share * R * J * (1 + pulses * np.cos(2 * np.pi * t / 2.0))


@pytest.mark.parametrize("jitter", [0.0, 0.9])
@pytest.mark.parametrize(("up", "down"), [(0.8, 0.3), (0.6, 0.55)])
def test_both_currents_are_found(up, down, jitter):
    t, J = sweep(jitter=jitter)
    V = hysteretic(t, J, up, down)
    slope = 1 / 400
    assert switching_current(t, J, V, R, window=6.0) == pytest.approx(up, abs=6.0 * slope)
    assert retrapping_current(t, J, V, R, window=6.0) == pytest.approx(down, abs=6.0 * slope)
    assert switching_current(t, J, V, R) == pytest.approx(up, abs=15.0 * slope)  # the window is 800/60 then
    assert retrapping_current(t, J, V, R) == pytest.approx(down, abs=15.0 * slope)


def test_a_smooth_voltage_gives_the_crossing_itself():
    t, J = sweep()
    V = R * J**2  # above half of R J from J = 0.5 on
    assert switching_current(t, J, V, R, window=0.1) == pytest.approx(0.5, abs=1e-4)
    assert retrapping_current(t, J, V, R, window=0.1) == pytest.approx(0.5, abs=1e-4)
    assert switching_current(t, J, V, R, window=0.1, fraction=0.25) == pytest.approx(0.25, abs=1e-4)


def test_the_voltage_of_a_growing_supercurrent_is_no_switch():
    t, J = sweep()
    V = hysteretic(t, J, 0.8, 0.3) + R * np.gradient(J, t)
    assert switching_current(t, J, V, R, window=6.0) == pytest.approx(0.8, abs=0.02)
    assert retrapping_current(t, J, V, R, window=6.0) == pytest.approx(0.3, abs=0.02)


def test_none_where_it_does_not_happen():
    t, J = sweep()
    assert switching_current(t, J, 0 * J, R) is None and retrapping_current(t, J, 0 * J, R) is None
    assert switching_current(t, J, R * J, R) is None  # normal from the start
    assert retrapping_current(t, J, R * J, R) is None  # normal to the end
    latched = hysteretic(t, J, 0.8, -1.0)
    assert switching_current(t, J, latched, R) == pytest.approx(0.8, abs=0.05)
    assert retrapping_current(t, J, latched, R) is None


def test_branches_of_sweeps_only():
    t, J = sweep(count=101)
    up, down, sign = branches(t, J)
    assert sign == 1
    assert (up, down) == (slice(0, 51), slice(50, 101))
    held = np.minimum(J, 0.8)  # a plateau at the top belongs to neither
    up, down, _ = branches(t, held)
    assert J[up].max() == pytest.approx(0.8) and t[up].max() < t[down].min()
    ramp = np.minimum(t / 10, 1.0)
    pulse = np.where((t > 100) & (t < 600), 1.0, 0.2)
    for other in (ramp, pulse, 0 * t, 0 * t + 1, np.sin(t / 50), J * (1 + 0.1 * np.cos(t))):
        assert branches(t, other) is None
    assert switching_current(t, ramp, ramp, R) is None and retrapping_current(t, pulse, pulse, R) is None
    assert branches(t[:2], J[:2]) is None


def test_the_mean_over_a_window_of_uneven_steps():
    t, _ = sweep(count=4001, jitter=0.9)
    assert windowed_mean(t, 3.0 + 0 * t, 7.0) == pytest.approx(3.0)
    middle = (t > 10) & (t < t[-1] - 10)
    np.testing.assert_allclose(windowed_mean(t, 2 * t, 7.0)[middle], 2 * t[middle], atol=0.05)


def test_windows_hold_two_slips_or_are_a_small_part_of_the_record():
    t, J = sweep()
    windows = window_of(t, J, R)
    assert windows.min() == pytest.approx(800 / 60) and windows.max() == pytest.approx(800 / 20)
    at = np.argmin(np.abs(J - 0.2))
    assert windows[at] == pytest.approx(4 * np.pi / (0.5 * R * J[at]), rel=1e-12)


def test_a_late_single_slip_is_no_switch():
    t, J = sweep()
    V = hysteretic(t, J, 0.8, 0.4)
    V[np.argmin(np.abs(t - 640.0))] += 2 * np.pi / (t[1] - t[0])  # at J = 0.4 of the 0.8 that two slips would need
    assert retrapping_current(t, J, V, R) == pytest.approx(0.4, abs=0.04)


def test_negative_sweeps_are_sweeps():
    t, J = sweep()
    V = hysteretic(t, J, 0.8, 0.3)
    assert branches(t, -J) == (*branches(t, J)[:2], -1)
    assert switching_current(t, -J, -V, R) == -switching_current(t, J, V, R)
    assert retrapping_current(t, -J, -V, R) == -retrapping_current(t, J, V, R)


def test_sweeps_of_one_branch_and_through_zero():
    t, J = sweep()
    half = t.size // 2 + 1
    V = hysteretic(t, J, 0.8, 0.3)
    assert switching_current(t[:half], J[:half], V[:half], R, window=6.0) == pytest.approx(0.8, abs=0.02)
    assert retrapping_current(t[:half], J[:half], V[:half], R) is None
    assert switching_current(t[half:], J[half:], V[half:], R) is None
    assert retrapping_current(t[half:], J[half:], V[half:], R, window=6.0) == pytest.approx(0.3, abs=0.02)
    shifted = J - 0.5  # from -0.5 through zero to 0.5: the part of one sign counts
    up, down, sign = branches(t, shifted * 1.001)
    assert sign == 1 and shifted[up].min() >= 0 and shifted[down].min() >= 0


def test_normal_contacts_do_not_count():
    """A third of the resistance is that of the contacts: above a fifth from the start, and yet it switches."""
    t, J = sweep()
    contact = R / 3
    V = contact * J + hysteretic(t, J, 0.8, 0.3, share=2 / 3, pulses=0.0)
    found = measure_sweep.contact_resistance(t, J, V, R)
    assert found == pytest.approx(contact, rel=0.02)
    for function, expected in ((measure_sweep.switching_current, 0.8), (measure_sweep.retrapping_current, 0.3)):
        assert function(t, J, V, R, window=6.0, contact=found) == pytest.approx(expected, abs=0.02)
    assert measure_sweep.switching_current(t, J, V, R) is None


@pytest.mark.parametrize("current", [-0.5, 0.0, 0.5])
def test_a_current_at_rest_is_no_sweep(current):
    t = np.linspace(0.0, 1.0, 50)
    assert branches(t, current + 0 * t) is None
