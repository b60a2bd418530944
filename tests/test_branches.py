"""Convergence with the mesh, coexisting states of a network, and the studies that are shipped."""

import numpy as np
import pytest
from conftest import PROBLEMS
from hypothesis import given, settings
from hypothesis import strategies as st
from study_cases import drawn
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.kinds.expect import lookup
from femtdgl.studies import branches
from femtdgl.studies.order import fit
from femtdgl.studies.plan import Plan

# ---- convergence ------------------------------------------------------------------------------------------


@given(order=st.floats(0.4, 6.0), limit=st.floats(-10, 10), factor=st.floats(0.1, 10))
@settings(max_examples=100, deadline=None)
def test_the_order_of_a_power_is_found(order, limit, factor):
    h = np.array([0.4, 0.2, 0.1, 0.05])
    found, v0 = fit(h, limit + factor * h**order)
    assert found == pytest.approx(order, rel=1e-3)
    assert v0 == pytest.approx(limit, abs=1e-3 * factor)


@pytest.mark.slow
def test_order_of_linear_and_quadratic_elements(bridge, tmp_path):
    """|psi| in the middle of a bridge at rest, a node of every mesh: h^2 and h^4."""
    keys = {
        "mesh.order": [1, 2],
        "mesh.elements": [4, 6, 8, 12, 16],
        "convergence": {"over": "mesh.elements", "entries": ["psi_center_min"], "finer": "larger"},
    }
    changes = {"drive.current": 0.8, "time.rtol": 1e-9, "stop.steady": 1e-8}
    swept = fg.sweep(bridge, keys, tmp_path / "s", workers=1, changes=changes)
    first, second = swept.found["convergence"]
    assert first["order"] == pytest.approx(2.0, abs=0.1)
    assert second["order"] == pytest.approx(4.0, abs=0.4)
    assert first["limit"] == pytest.approx(second["limit"], abs=1e-3)
    assert drawn(swept) == ["sweep.png", "convergence.png"]
    assert second["error_of_finest"] < 0.1 * first["error_of_finest"]


def test_nothing_is_fitted_to_too_little():
    plan = Plan.read({"a": [1, 2, 3], "convergence": {"over": "a", "entries": ["v", "w"]}})
    rows = [{"a": a, "v": v, "w": 1.0} for a, v in zip((1, 2, 3), (0.5, None, 0.6), strict=True)]
    found = plan.convergence.found(rows, ["a"])
    assert [(f["entry"], f["order"], f["points"]) for f in found] == [("v", None, 2), ("w", None, 3)]


# ---- branches ---------------------------------------------------------------------------------------------


def test_branches_and_folds_of_a_network(memory, tmp_path):
    """All steady states over the heat; they end where the scan of thermal_memory falls, 7e-17 and 8.3e-16 W."""
    keys = {"nodes.gate.heat": {"from": 0.0, "to": 1e-15, "count": 21}}
    swept = fg.sweep(memory, keys, tmp_path / "s", workers=1)
    assert list(swept.table["roots"]) == [1] * 2 + [3] * 15 + [1] * 4
    assert len(swept.found["branches"]) == 1 * 6 + 3 * 15
    middle = [b for b in swept.found["branches"] if b["point"] == 9]
    assert [b["stable"] for b in middle] == [True, False, True]
    assert np.all(np.diff([b["temperatures.gate"] for b in middle]) > 0)
    assert drawn(swept) == ["sweep.png", "branches.png"]
    low, high = swept.found["folds"]
    assert (low["roots_below"], low["roots_above"], high["roots_above"]) == (1, 3, 1)
    exact = fg.sweep(
        memory, {"nodes.gate.heat": {"from": 4.5e-16, "to": 1e-15, "tolerance": 1e-19}}, mode="bisect",
        until="roots < 2", workers=1,
    ).found["thresholds"][0]["threshold"]  # fmt: skip
    assert exact == pytest.approx(8.28e-16, rel=1e-3)
    assert high["estimate"] == pytest.approx(exact, rel=3e-3)
    assert high["from"] <= high["estimate"] <= high["to"]


@given(fold=st.floats(0.55, 0.95), scale=st.floats(0.05, 0.5))
@settings(max_examples=50, deadline=None)
def test_a_fold_is_estimated_from_a_square_root(fold, scale):
    """Two states 1 -+ c sqrt(fold - x) on a grid of 0.1, and a third far away."""
    rows = []
    for k in range(11):
        x, names = k / 10, [3.0]
        if x < fold:
            c = scale * np.sqrt(fold - x)
            names = [*np.exp([-c, c]), 3.0]
        told = {f"roots.{n}.temperatures.gate": float(T) for n, T in enumerate(names)}
        rows.append({"point": k, "status": "solved", "x": x, "roots": len(names), **told})
    (found,) = branches.folds(rows, ["x"], "x", "roots")
    assert found["estimate"] == pytest.approx(fold, abs=1e-6)


def test_folds_of_a_scan_and_windows_of_it_are_in_the_table(memory):
    """A scan over the heat for two sizes of the sink: where each falls, up and down; with the larger sink nowhere."""
    scan = {"scan.parameter": "nodes.gate.heat", "scan.start": 0.0, "scan.stop": 1.5e-15, "scan.points": 31}
    swept = fg.sweep(memory, {"links.sink.volume": [1.2e-20, 1.6e-20]}, workers=1, changes=scan)
    up, down = "scan.scan.up.falls", "scan.scan.down.falls"
    assert list(swept.table[up]) == [1, 0]
    assert swept.table[f"{up}.0"][0] == pytest.approx(8.5e-16)
    assert swept.table[f"{down}.0"][0] == pytest.approx(5e-17)
    for k in range(2):
        assert swept.table["ndtc_windows"][k] == len(swept.result(k).summary["ndtc_windows"])


# ---- shipped files ----------------------------------------------------------------------------------------

SHIPPED = (
    "critical_current", "critical_width", "ic_b", "iv_long_filament", "long_filament_states", "mesh_study",
    "slip_centre_lost",
)  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_studies_can_be_read(name):
    done = CliRunner().invoke(app, ["check", str(PROBLEMS / f"{name}.toml")])
    assert done.exit_code == 0, done.output


@pytest.mark.slow
def test_a_down_sweep_in_steps_loses_the_slip_centre_at_0_326(tmp_path):
    swept = fg.sweep(
        PROBLEMS / "slip_centre_lost.toml", {"drive.current": [0.329, 0.328, 0.327, 0.326]}, tmp_path, mode="follow"
    )
    (lost,) = swept.found["changes"]
    assert (lost["way"], lost["first"]) == ("down", pytest.approx(0.326, abs=5e-4))
    assert (lost["state_before"], lost["state_after"]) == ("periodic", "stationary")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_study(name, tmp_path):
    swept = fg.sweep(PROBLEMS / f"{name}.toml", out=tmp_path)
    assert swept.plan.expect, "a shipped study says what comes out"
    assert {row["status"] for row in swept.rows} == {"solved"}
    for key, expected in swept.plan.expect.items():
        wanted, found = expected if isinstance(expected, dict) else {"value": expected}, lookup(swept.summary, key)
        if isinstance(wanted["value"], str):
            assert found == wanted["value"], key
        else:
            assert found == pytest.approx(wanted["value"], rel=wanted.get("rel", 0), abs=wanted.get("abs", 0)), key
