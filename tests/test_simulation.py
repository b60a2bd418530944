"""The march through time: where it starts, when it stops, what it keeps."""

import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.kinds.filament.start import initial_psi
from femtdgl.solve.system import System

FILE = PROBLEMS / "psc_filament.toml"
SMALL = {"mesh__elements": 20, "output__fields": 0.5}


def test_stops_when_steady():
    result = fg.run(FILE, **SMALL, drive__current={"ramp": [0.0, 0.5], "over": 1.0}, stop__steady=1e-7)
    assert result.summary["stop_reason"] == "steady"
    assert result.summary["state"] == "stationary"
    assert result.summary["t_end"] < 150
    assert abs(result.summary["mean_voltage"]) < 1e-3


def test_stops_when_periodic():
    result = fg.run(FILE, **SMALL, stop__periodic=1e-3)
    assert result.summary["stop_reason"] == "periodic"
    assert result.summary["slips_in_all"] == 7
    assert result.summary["t_end"] < 90


def test_stops_when_normal():
    """Far above the depairing current a filament between normal contacts goes normal."""
    problem = fg.Problem(
        mesh=fg.mesh.line(length=10, elements=40),
        film=fg.Film(model="gapless"),
        boundary={"left": fg.NormalContact(), "right": fg.NormalContact()},
        drive=fg.Drive(current=fg.Ramp(0, 3.0, over=1.0)),
        time=fg.Time(t_end=100.0),
        stop=fg.Stop(normal=1e-4),
    )
    result = fg.run(problem)
    assert result.summary["stop_reason"] == "normal"
    assert result.probes["voltage"][-1] == pytest.approx(30.0, rel=1e-3)


def test_probes_at_an_interval():
    result = fg.run(FILE, **SMALL, until=3.0, output__probes=0.25)
    np.testing.assert_allclose(result.probes["t"], np.arange(13) * 0.25, atol=1e-15)


def test_start_has_dips_noise_and_contacts(filament):
    problem = filament(
        length=20.0, elements=80, right=fg.NormalContact(),
        initial=fg.Initial(dips=(fg.Spot(depth=0.9, at=2.0),), noise=1e-3, seed=5),
    )  # fmt: skip
    system = System(problem)
    psi, again = initial_psi(problem, system), initial_psi(problem, system)
    x = system.space.nodes[0]
    np.testing.assert_array_equal(psi, again)
    assert np.abs(psi[np.argmin(np.abs(x - 2.0))]) == pytest.approx(0.1, abs=0.01)
    assert psi[np.argmax(x)] == 0
    assert np.abs(psi[np.argmin(x)]) == pytest.approx(1.0)
    assert 5e-4 < np.std(psi[np.abs(x + 5) < 2].imag) < 2e-3


def test_start_from_another_run(tmp_path):
    first = fg.run(FILE, tmp_path / "first", **SMALL, until=5.0)
    second = fg.run(FILE, **SMALL, until=1.0, initial__file=str(tmp_path / "first"), drive__current=1.5)
    np.testing.assert_allclose(np.abs(second.field("psi")[0]), np.abs(first.field("psi")[-1]), atol=1e-12)
    coarser = fg.run(FILE, **{**SMALL, "mesh__elements": 10}, until=1.0, initial__file=str(tmp_path / "first"))
    order, known = np.argsort(coarser.nodes[0]), np.argsort(first.nodes[0])  # every other node of the first mesh
    np.testing.assert_allclose(coarser.nodes[0][order], first.nodes[0][known][::2], atol=1e-12)
    there = np.abs(first.field("psi")[-1])[known][::2]
    np.testing.assert_allclose(np.abs(coarser.field("psi")[0])[order], there, atol=1e-7)


def test_results_interpolate_between_frames():
    coarse = fg.run(FILE, **{**SMALL, "output__fields": 0.5}, until=10.0)
    fine = fg.run(FILE, **{**SMALL, "output__fields": 0.1}, until=10.0)
    for t in (3.3, 7.2, 9.9):
        assert np.abs(coarse.psi(t) - fine.psi(t)).max() < 2e-4
        assert np.abs(coarse.phi(t) - fine.phi(t)).max() < 1e-2
    with pytest.raises(ValueError, match="outside"):
        fine.psi(11.0)
    with pytest.raises(KeyError, match="voltage"):
        fine.probes["volts"]
    assert fine.mesh.t.shape == (2, 20)


def test_shunt_lowers_the_current_and_the_period_grows():
    plain = fg.run(FILE, **SMALL, until=60.0).summary
    shunted = fg.run(FILE, **SMALL, until=60.0, drive__shunt=5.0)
    p = shunted.probes
    np.testing.assert_allclose(p["current"], np.interp(p["t"], [0, 1], [0, 1.5]) - p["voltage"] / 5.0, atol=1e-9)
    assert shunted.summary["period"] > plain["period"]
    assert shunted.summary["josephson_mismatch"] < 1e-4
    assert shunted.summary["energy_mismatch"] < 1e-4


def test_no_result_no_reading(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Result(tmp_path)
