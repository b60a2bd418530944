"""Probes asked for many times a step: what is linear in the unknowns is exact, densities are read off a parabola."""

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.files import results
from femtdgl.measure import record
from femtdgl.measure.record import GAUSS, WEIGHTS, lagrange
from femtdgl.solve.observe import Snapshots

FILE = PROBLEMS / "vortex_strip.toml"
STRIP = {"mesh__length": 20.0, "mesh__width": 6.0, "mesh__h": 0.7, "time__checkpoint": 4.0, "output__probes": 0.02}
DENSITIES = (
    "work",
    "dissipation",
    "dissipation_negative",
    "dissipation_min",
    "free_energy",
    "rate_max",
    "through_middle",
)


def sampled(monkeypatch, points_at_once, *where, until=8.0, **changes):
    monkeypatch.setattr(record, "POINTS_AT_ONCE", points_at_once)
    return fg.run(FILE, *where, until=until, **{**STRIP, **changes})


@pytest.fixture(scope="module")
def both():
    """The same run, each state observed as a whole, and as in large problems."""
    with pytest.MonkeyPatch.context() as patch:
        return sampled(patch, 20_000), sampled(patch, 1)


def test_a_parabola_is_read_exactly():
    x = np.linspace(-1, 1, 7)
    at = GAUSS[3]
    np.testing.assert_allclose(lagrange(at, x) @ (at**2 - 2 * at), x**2 - 2 * x, atol=1e-14)


@pytest.mark.parametrize("count", [2, 3])
def test_integrals_over_a_step_are_exact_to_the_degree_of_gauss(count):
    for degree in range(2 * count):
        over = WEIGHTS[count] @ GAUSS[count] ** degree
        assert over == pytest.approx((1 - (-1) ** (degree + 1)) / (degree + 1), abs=1e-14)


def test_what_is_read_off_the_unknowns_is_the_same(both):
    whole, large = (result.probes for result in both)
    assert set(whole) == set(large)
    np.testing.assert_array_equal(whole["t"], large["t"])
    np.testing.assert_allclose(np.diff(large["t"]), 0.02, rtol=1e-9)
    assert large["t"].size > 3 * both[0].summary["steps"]  # many within a step
    for name in set(whole) - {*DENSITIES, "t"}:
        assert large[name].dtype == whole[name].dtype, name
        np.testing.assert_allclose(large[name], whole[name], rtol=1e-9, atol=1e-11, err_msg=name)


def test_densities_are_read_more_precisely_than_they_are_solved_for(both):
    """The dissipation, with the rates in it, jumps by a percent from step to step."""
    whole, large = (result.probes for result in both)
    late = whole["t"] > 2.0
    bounds = {"work": 1e-4, "dissipation": 2e-3, "free_energy": 1e-4, "through_middle": 1e-4}
    for name, bound in bounds.items():
        wrong = np.abs(large[name] - whole[name])[late].max() / np.abs(whole[name][late]).max()
        assert 0 < wrong < bound, (name, wrong)
    for key in ("energy_balance", "mean_dissipation", "mean_joule"):
        assert both[1].summary[key] == pytest.approx(both[0].summary[key], abs=1e-5), key


def test_resumed_it_is_the_same_to_the_bit(monkeypatch, tmp_path):
    sampled(monkeypatch, 1, tmp_path / "whole")
    sampled(monkeypatch, 1, tmp_path / "half", until=5.3)
    fg.resume(tmp_path / "half", until=8.0)
    with h5py.File(tmp_path / "whole" / "result.h5") as one, h5py.File(tmp_path / "half" / "result.h5") as two:
        for group in ("probes", "integrals"):
            for name in one[group]:
                np.testing.assert_array_equal(one[group][name][:], two[group][name][:], err_msg=f"{group}/{name}")


def test_a_current_through_a_cut_needs_its_elements_alone():
    system = fg.System(fg.load(FILE, {"mesh.h": 0.7, "drive.field": {"ramp": [0.0, 0.2], "over": 1.0}}))
    y, yp = np.random.default_rng(1).normal(size=(2, 3, system.size))
    at = Snapshots(system, np.array([0.2, 0.2, 0.7]), y, yp)
    for cut in system.terminal_cuts:
        np.testing.assert_allclose(at.flux(cut), cut(at._observed[1][..., cut.points]), rtol=1e-12)


def test_a_finished_run_is_compressed_where_it_is_large(monkeypatch, tmp_path):
    files = {}
    for bytes_from in (0, 2**26):
        monkeypatch.setattr(results, "COMPRESSED", bytes_from)
        run = fg.run(FILE, tmp_path / str(bytes_from), until=0.2, **{**STRIP, "mesh__h": 1.5})
        files[bytes_from] = run.file
    with h5py.File(files[0]) as large, h5py.File(files[2**26]) as small:
        assert large["fields/psi"].compression == "gzip" and small["fields/psi"].compression is None
        assert large["fields/psi"].fletcher32 and small["fields/psi"].fletcher32
        np.testing.assert_array_equal(large["fields/psi"][:], small["fields/psi"][:])


def test_taken_further_a_large_run_goes_on_at_its_own_interval(monkeypatch, tmp_path):
    """By default probes of large problems are kept every 0.1 t0, and more often in a run shorter than one t0."""
    monkeypatch.setattr(record, "LARGE", 100)
    short = {key: value for key, value in STRIP.items() if key not in ("output__probes", "time__checkpoint")}
    fg.run(FILE, tmp_path / "run", until=0.5, **short)
    assert np.diff(fg.resume(tmp_path / "run", until=0.8).probes["t"]) == pytest.approx(np.full(16, 0.05))
