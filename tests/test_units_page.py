"""Every block of docs/units.md runs: problems are built and sweeps planned, Python is executed block after block."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import femtdgl as fg
from femtdgl.problem import toml
from femtdgl.studies import report
from femtdgl.studies.sweep import study_of

PAGE = (Path(__file__).parent.parent / "docs" / "units.md").read_text()
PROBLEMS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_page_has_them():
    assert len(PROBLEMS) == 2 and len(PYTHON) == 3


def test_the_problem_is_built_and_solved(tmp_path):
    table = tomllib.loads(PROBLEMS[0])
    problem = toml.build(table)
    s = problem.film.scales
    assert problem.mesh.length * s.length == pytest.approx(200e-9, rel=1e-12)
    assert problem.boundary["top"].b * s.length == pytest.approx(300e-9, rel=1e-12)
    assert problem.time.t_end * s.time == pytest.approx(1e-9, rel=1e-12)
    ampere = s.current_density * 100e-9 * 5e-9
    assert problem.drive.current(1e9) * ampere == pytest.approx(5e-6, rel=1e-12)
    result = fg.run(problem, until="3 ps")
    assert result.summary["si"]["current"] == pytest.approx(3e-6, rel=1e-9)
    assert result.summary["si"]["field"] == pytest.approx(20e-3, rel=1e-12)


def test_the_sweep_is_planned(tmp_path):
    path = tmp_path / "sweep.toml"
    path.write_text(PROBLEMS[1])
    study = study_of(path)
    np.testing.assert_allclose(study.plan.numbers["drive.current"], [1e-6, 10e-6, 20e-6, 30e-6])
    for point in study.samples():
        point.read()
    assert any("1 uA, 10.0 uA, 20.0 uA, 30.0 uA" in line for line in report.describe(str(path)))


def test_python_runs_block_after_block(tmp_path, monkeypatch):
    pytest.importorskip("pandas")
    pytest.importorskip("xarray")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in PYTHON:
        exec(block, names)
    result, si = names["result"], names["si"]
    assert si.unit("|psi|") == "J" and si.probes.units["current"] == "A"
    assert si.t[-1] == pytest.approx(10e-12) and si.scales["temperature"] == 9.0
    assert names["frame"].attrs["units"]["voltage"] == "V"
    assert result.to_pandas().attrs["units"]["voltage"] == "V0"
    assert si.to_xarray()["j_s"].attrs["units"] == "A/m^2"
    assert names["left"].get_xlabel() == "$t$ (ps)" and names["right"].get_xlabel() == "$t/t_0$"
    assert (tmp_path / "voltage.png").exists()
