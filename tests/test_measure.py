"""The numbers of the summary, from series made by hand."""

import numpy as np
import pytest
from scipy.integrate import quad

import femtdgl as fg
from femtdgl.measure.cycle import Slips, trains
from femtdgl.measure.measured import Circuit, Recorded, measure
from femtdgl.measure.series import Series

T, START, END = 3.0, 0.0, 60.0


def series(**changes):
    t = np.sort(np.concatenate([np.linspace(START, END, 4001), [10.0, 20.0]]))
    V = 2 * np.pi / T * (1 + 0.8 * np.cos(2 * np.pi * t / T))
    base = {
        "t": t, "voltage": V, "current": np.full_like(t, 0.5), "work": 0.5 * V, "dissipation": 0.5 * V,
        "dissipation_negative": -0.05 * V, "dissipation_min": -0.1 * V, "psi_center": 0.5 + 0.3 * np.cos(t),
        "free_energy": np.zeros_like(t), "psi_min": 0 * t, "psi_max": 1 + 0 * t, "psi_max_free": 1 + 0 * t,
        "rate_max": 1e-6 + 0 * t, "gamma": 0 * t,
    }  # fmt: skip
    return {**base, **changes}


def run(slip_t, slip_x=None, start=10.0, josephson="voltage", winding=None, driven=False, **changes):
    slip_t = np.asarray(slip_t, float)
    slip_x = np.zeros_like(slip_t) if slip_x is None else np.asarray(slip_x, float)
    winding = np.ones(slip_t.size, dtype=int) if winding is None else winding
    record = Recorded(series(**changes), Slips(slip_t, slip_x, winding), start, driven=driven)
    return measure(record, fg.Film(delta=2.0, eta=0.1, u=5.79), Circuit(josephson=josephson))


def test_periodic_run():
    s = run(np.arange(1.0, END, T))
    assert s["state"] == "periodic"
    assert s["period"] == pytest.approx(T)
    assert s["slips"] == 17
    assert s["mean_voltage"] == pytest.approx(2 * np.pi / T, rel=1e-6)
    assert s["josephson_mismatch"] < 1e-6
    assert s["energy_mismatch"] < 1e-12
    assert s["w_negative_share"] == pytest.approx(0.05 / (0.5 + 0.05))
    assert s["omega_tau_eps"] == pytest.approx(2 * np.pi / T * 2.0 * np.sqrt(0.1 * 5.79))


def test_mismatches_see_a_wrong_voltage_and_a_wrong_heat():
    t = series()["t"]
    V = series()["voltage"]
    assert run(np.arange(1.0, END, T), voltage=1.01 * V)["josephson_mismatch"] == pytest.approx(0.01, rel=1e-3)
    assert run(np.arange(1.0, END, T), dissipation=0.49 * V + 0 * t)["energy_mismatch"] == pytest.approx(0.02, rel=1e-6)


def test_stationary_run_has_no_period():
    s = run([])
    assert s["state"] == "stationary"
    assert s["slips"] == 0
    assert s["period"] is s["josephson_mismatch"] is s["energy_mismatch"] is s["omega_tau_eps"] is None


def test_irregular_and_normal():
    rng = np.random.default_rng(1)
    slips = np.sort(rng.uniform(10, END, 15))
    s = run(slips)
    assert s["state"] == "irregular"
    assert s["mean_voltage_spread"] >= 0
    assert len(s["mean_voltage_windows"]) == 5
    assert run([], psi_max_free=0.01 + 0 * series()["t"])["state"] == "normal"


def test_three_centres_share_a_period():
    times = np.concatenate([np.arange(1.0, END, T) + shift for shift in (0.0, 0.5, 1.0)])
    places = np.repeat([-9.0, 0.0, 9.0], len(np.arange(1.0, END, T)))
    s = run(times, places, voltage=3 * series()["voltage"])
    assert s["phase_slip_centres"] == 3
    assert s["period"] == pytest.approx(T)
    assert s["josephson_mismatch"] < 1e-6


def test_trains_are_split_by_place():
    groups = trains(np.array([3.0, 1.0, 2.0, 4.0]), np.array([0.0, 0.01, 5.0, 0.02]))
    assert [g.tolist() for g in groups] == [[1.0, 3.0, 4.0], [2.0]]


def test_spline_integral_is_of_fourth_order():
    exact = quad(lambda t: np.exp(np.sin(3 * t)), 0.3, 1.7, epsabs=1e-13)[0]
    errors = []
    for n in (21, 41, 81, 161):
        t = np.linspace(0, 2, n) + 0.2 / n * np.sin(np.arange(n))
        errors.append(abs(Series(t, np.exp(np.sin(3 * t))).integral(0.3, 1.7) - exact))
    assert -np.polyfit(np.log([21, 41, 81, 161]), np.log(errors), 1)[0] > 3.5


@pytest.mark.parametrize("last", [5e-3, 5e-4, 5e-5, 5e-6])
def test_a_tiny_jump_at_a_cut_is_no_slope(last):
    """The integrator ends on a short step, at the cut, and starts anew with 1e-6: potentials jump by the tolerance."""
    before = np.append(np.arange(50) * 0.02 - last, 1.0 - last)
    t = np.concatenate([before, [1.0], 1.0 + 1e-6 * 2.0 ** np.arange(14)])
    smooth = np.exp(-t)
    found = Series(t, smooth + 1.5e-5 * (t > 1.0)).integral(t[0], 1.0)
    assert found == pytest.approx(np.exp(-t[0]) - np.exp(-1.0), abs=1e-7)
