"""Periods and balances of whole runs, against values computed independently at high accuracy."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg

FILE = PROBLEMS / "psc_filament.toml"
OTHER = {
    "mesh__length": 2.0, "film__delta": 1.0, "film__eta": 0.05, "time__t_end": 60.0,
    "drive__current": {"ramp": [0.0, 1.2], "over": 1.0},
}  # fmt: skip


def check(summary, period, rel=1e-4):
    assert summary["state"] == "periodic"
    assert summary["period"] == pytest.approx(period, rel=rel)
    assert summary["josephson_mismatch"] < 1e-4
    assert summary["energy_mismatch"] < 1e-4


@pytest.mark.parametrize(("interference", "period"), [("published", 11.9371), ("off", 10.2745)])
def test_published_interference_and_none(interference, period):
    """E1: three variants of one coefficient, from 10.27 to 20.87; the default is that of the clock t0."""
    summary = fg.run(FILE, film__interference=interference, until=80.0).summary
    check(summary, period)
    assert summary["interference"] == interference
    assert summary["w_negative_share"] == 0 and summary["w_min"] >= -1e-6


def test_consistent_interference():
    """20.873 to 5e-4: the slips themselves jitter by 1e-3.  w is negative in places there, and is reported."""
    summary = fg.run(FILE, film__interference="consistent").summary
    check(summary, 20.873, rel=5e-4)
    assert summary["w_min"] < 0
    assert summary["w_negative_share"] == pytest.approx(0.10, abs=0.02)
    assert any("negative" in warning for warning in summary["warnings"])


def test_kramer_and_watts_tobin():
    check(fg.run(FILE, film__interference="off", film__conductance="normal", until=80.0).summary, 7.01246)


@pytest.mark.parametrize(("interference", "period"), [("published", 4.61156), ("consistent", 5.0997)])
def test_longer_filament(interference, period):
    check(fg.run(FILE, film__interference=interference, **OTHER).summary, period)


def test_energy_mismatch_falls_at_second_order_with_linear_elements():
    mismatch = []
    for elements in (25, 50, 100):
        summary = fg.run(
            FILE, until=60.0, mesh__elements=elements, mesh__order=1, time__rtol=1e-7, output__fields=1.0
        ).summary
        mismatch.append(summary["energy_mismatch"])
    assert mismatch[-1] < 2e-5
    assert -np.polyfit(np.log([25, 50, 100]), np.log(mismatch), 1)[0] == pytest.approx(2.0, abs=0.15)


def test_energy_balance_holds_at_every_moment():
    """(1.5): 1/2 dF/dt + int w = int j.E, not only in the mean.  Sampled densely: a trapezoid over steps errs more."""
    result = fg.run(FILE, until=20.0, output__fields=1.0, output__probes=0.01)
    p = result.probes
    t = p["t"]
    for start, stop in ((2.0, 5.0), (5.0, 11.0), (11.0, 13.0), (13.0, 20.0)):
        inside = (t >= start) & (t <= stop)
        s, F = t[inside], p["free_energy"][inside]
        work = np.trapezoid(p["work"][inside] - p["dissipation"][inside], s)
        assert work == pytest.approx(0.5 * (F[-1] - F[0]), abs=2e-4)


def test_work_is_current_times_voltage():
    result = fg.run(FILE, until=15.0, output__fields=1.0)
    p = result.probes
    np.testing.assert_allclose(p["work"], p["current"] * p["voltage"], atol=2e-5)


def test_current_components_add_up_to_the_current_without_boundary_artefacts():
    """At the banks always; inside, once the peak of j_int, of width a/b at a slip, is wider than an element."""
    result = fg.run(FILE, until=20.0, output__fields=0.1, time__rtol=1e-7)
    order = np.argsort(result.nodes[0])
    J = np.interp(result.t, result.probes["t"], result.probes["current"])
    total = sum(result.field(name)[:, 0] for name in ("j_s", "j_int", "j_n"))[:, order]
    error = np.abs(total - J[:, None])
    far = np.abs(result.t - result.summary["slip_times"][0]) > 1.0
    assert error[:, [0, 1, 2, -3, -2, -1]].max() < 5e-4
    assert error[far].max() < 1e-3
    assert error.max() < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("shift", [1.0, -1.0])
def test_period_does_not_depend_on_the_gauge(shift):
    tight = {"time__rtol": 1e-8, "time__t_end": 100.0, "output__fields": 1.0}
    reference = fg.run(FILE, **tight).summary["period"]
    assert fg.run(FILE, **tight, time__gauge_shift=shift).summary["period"] == pytest.approx(reference, rel=1e-6)


@pytest.mark.slow
def test_period_does_not_depend_on_the_side():
    tight = {"time__rtol": 1e-8, "time__t_end": 100.0, "output__fields": 1.0}
    left, right = (
        fg.run(FILE, **tight, weak_spot=[{"depth": 0.2, "at": at, "width": 0.2}]).summary for at in (-0.1, 0.1)
    )
    assert left["period"] == pytest.approx(right["period"], rel=1e-6)
    assert left["slip_positions"][0] == pytest.approx(-right["slip_positions"][0], abs=1e-5)
    assert left["slip_positions"][0] < -1e-3


@pytest.mark.slow
def test_halving_the_floor_changes_nothing():
    tight = {"time__rtol": 1e-7, "time__t_end": 100.0, "output__fields": 1.0}
    one, half = (fg.run(FILE, **tight, film__floor=floor).summary["period"] for floor in (1e-12, 5e-13))
    assert half == pytest.approx(one, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dips", "voltage", "centres"),
    [((), 0.0, 0), ((0.0,), 0.619, 1), ((-9.0, 0.0, 9.0), 1.814, 3)],
)
def test_long_filament_keeps_what_it_started_from(dips, voltage, centres):
    dips = [{"depth": 0.9, "at": at, "width": 1.0} for at in dips]
    summary = fg.run(PROBLEMS / "psc_long_filament.toml", initial__dips=dips).summary
    assert summary["phase_slip_centres"] == centres
    assert summary["mean_voltage"] == pytest.approx(voltage, rel=0.01, abs=1e-3)


@pytest.mark.slow
def test_a_shallow_dip_heals():
    summary = fg.run(PROBLEMS / "psc_long_filament.toml", initial__dips=[{"depth": 0.5, "at": 0.0}]).summary
    assert summary["state"] == "stationary"
