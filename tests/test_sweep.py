"""Sweeps: plans, tables that are the same however they come about, and what goes wrong on the way."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError
from femtdgl.studies import point as studies_point
from femtdgl.studies import pool
from femtdgl.studies import sweep as studies_sweep
from femtdgl.studies.plan import Plan
from femtdgl.studies.point import Point

SMALL = """
title = "A short filament"
kind = "filament"
[mesh]
shape = "line"
length = 1.0
elements = 8
order = 1
[film]
model = "gapless"
eta = 0.1
[boundary]
left = "bank"
right = "bank"
[time]
t_end = 3.0
rtol = 1e-5
[output]
fields = 1.0
[measure]
discard = 0.0
"""
CURRENTS = {"drive.current": [0.5, 0.8, 1.1, 1.4]}


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def tables(directory):
    return [(directory / name).read_bytes() for name in ("sweep.csv", "sweep.h5")]


# ---- plans ------------------------------------------------------------------------------------------------


def test_ranges_and_lists():
    plan = Plan.read(
        {"a.x": {"from": 1.0, "to": 1.6, "count": 4}, "a": {"y": {"from": 0, "to": -1, "step": -0.25}}, "b": ["u", 2]}
    )
    assert plan.values["a.x"] == pytest.approx((1.0, 1.2, 1.4, 1.6), abs=1e-15)
    assert plan.values["a.x"][-1] == 1.6
    assert plan.values["a.y"] == (0.0, -0.25, -0.5, -0.75, -1.0)
    assert plan.values["b"] == ("u", 2)
    assert plan.size == len(plan.points) == 4 * 5 * 2
    assert plan.points[1] == {"a.x": 1.0, "a.y": 0.0, "b": 2}, "the last key is the fastest"


def test_zip_and_follow_take_one_of_each():
    for mode in ("zip", "follow"):
        plan = Plan.read({"mode": mode, "a": [1, 2, 3], "b": [4, 5, 6]})
        assert plan.points == [{"a": 1, "b": 4}, {"a": 2, "b": 5}, {"a": 3, "b": 6}]


@given(start=st.floats(-10, 10), stop=st.floats(-10, 10), count=st.integers(2, 50))
@settings(max_examples=50, deadline=None)
def test_a_range_begins_and_ends_where_it_says(start, stop, count):
    (values,) = Plan.read({"a": {"from": start, "to": stop, "count": count}}).values.values()
    assert (values[0], values[-1], len(values)) == (start, stop, count)
    assert np.allclose(np.diff(values), (stop - start) / (count - 1), atol=1e-13)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (3, "sweep"),
        ({}, "sweep"),
        ({"mode": "product"}, "sweep"),
        ({"mode": "all", "a": [1]}, "sweep.mode"),
        ({"a": []}, 'sweep."a"'),
        ({"a": 3}, 'sweep."a"'),
        ({"a": [1.0, float("nan")]}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "count": 3, "step": 1}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "count": 2.5}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "count": 1}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "count": 10**9}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "step": -0.1}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "step": 0}}, 'sweep."a"'),
        ({"a": {"from": 0, "to": 1, "stop": 3}}, 'sweep."a"'),
        ({"a": {"from": True, "to": 1, "count": 3}}, 'sweep."a"'),
        ({"mode": "zip", "a": [1], "b": [1, 2]}, "sweep"),
        ({"a": {"from": 0, "to": 1, "count": 1000}, "b": {"from": 0, "to": 1, "count": 1000}}, "sweep"),
    ],
)
def test_plans_that_are_none(table, key):
    with pytest.raises(InputError) as caught:
        Plan.read(table, file="x.toml")
    assert (caught.value.key, caught.value.file) == (key, "x.toml")
    assert caught.value.allowed


# ---- sweeps -----------------------------------------------------------------------------------------------


def test_a_point_is_the_run_of_its_problem(small, tmp_path):
    swept = fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    alone = fg.run(small, drive__current=1.1)
    assert swept.table["mean_voltage"][2] == alone.summary["mean_voltage"]
    assert np.array_equal(swept.result(2).probes["voltage"], alone.probes["voltage"])
    assert list(swept.table["drive.current"]) == CURRENTS["drive.current"]
    assert set(swept.table["status"]) == {"solved"}


def test_two_processes_give_the_table_of_one_to_the_bit(small, tmp_path):
    keys = {**CURRENTS, "film.interference": ["published", "off"], "film.model": ["finite-gap"]}
    for workers in (1, 2):
        fg.sweep(small, keys, tmp_path / str(workers), workers=workers, changes={"film.delta": 2.0})
    assert tables(tmp_path / "1") == tables(tmp_path / "2")


def test_the_table_is_what_csv_and_hdf5_hold(small, tmp_path):
    swept = fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    with (tmp_path / "s" / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    with h5py.File(tmp_path / "s" / "sweep.h5") as file:
        stored = file["mean_voltage"][()]
        assert json.loads(file.attrs["values"]) == {"drive.current": ["0.5", "0.8", "1.1", "1.4"]}
    assert [float(row["mean_voltage"]) for row in rows] == list(swept.table["mean_voltage"]) == list(stored)
    assert "cpu_seconds" not in rows[0]


def test_a_point_that_fails_is_kept_with_its_reason_and_stops_nothing(small, tmp_path):
    swept = fg.sweep(small, {"film.eta": [0.1, 2.0, 0.2]}, tmp_path / "s", workers=1)
    assert list(swept.table["status"]) == ["solved", "failed", "solved"]
    assert "film.eta" in swept.table["reason"][1]
    assert np.isnan(swept.table["mean_voltage"][1])


def test_following_begins_with_the_end_of_the_point_before(small, tmp_path):
    """Gapless, stationary at each current: psi of the next point begins where the last one ended."""
    swept = fg.sweep(small, {"drive.current": [0.2, 0.4, 0.6]}, tmp_path / "s", mode="follow")
    for k in (1, 2):
        end, begin = swept.result(k - 1).field("psi")[-1], swept.result(k).field("psi")[0]
        assert begin == pytest.approx(end, abs=1e-12)
    assert not np.allclose(swept.result(0).field("psi")[0], swept.result(1).field("psi")[0], atol=1e-4)


def test_the_same_command_again_solves_nothing(small, tmp_path, monkeypatch):
    fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    before = tables(tmp_path / "s")
    monkeypatch.setattr(Point, "solve", lambda self: pytest.fail("it was solved"))
    fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    assert tables(tmp_path / "s") == before


@pytest.mark.parametrize("mode", ["product", "follow"])
def test_a_sweep_cut_short_comes_to_the_same_table(small, tmp_path, monkeypatch, mode):
    whole = fg.sweep(small, CURRENTS, tmp_path / "whole", workers=1, mode=mode)
    solve, count = Point.solve, []

    def interrupted(self):
        count.append(self.number)
        if len(count) == 3:
            raise KeyboardInterrupt
        return solve(self)

    monkeypatch.setattr(Point, "solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fg.sweep(small, CURRENTS, tmp_path / "cut", workers=1, mode=mode)
    again = fg.sweep(small, CURRENTS, tmp_path / "cut", workers=1, mode=mode)
    assert count == [0, 1, 2, 2, 3]
    assert again.rows == whole.rows
    assert tables(tmp_path / "cut") == tables(tmp_path / "whole")


def test_another_sweep_is_not_mixed_in(small, tmp_path):
    fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    small.write_text(SMALL.replace("eta = 0.1", "eta = 0.2"))
    with pytest.raises(InputError, match="another sweep"):
        fg.sweep(small, CURRENTS, tmp_path / "s", workers=1)
    mine = tmp_path / "s" / "points" / "notes.txt"
    mine.write_text("mine")
    fg.sweep(small, {"drive.current": [0.5]}, tmp_path / "s", workers=1, force=True)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "s" / "points" / "0003").exists()


def test_wrong_keys_are_refused_before_anything_is_written(small, tmp_path):
    for keys in ({"drive.curent": [1.0, 2.0]}, {"film.eta": [0.1, "x"]}):
        with pytest.raises(InputError):
            fg.sweep(small, keys, tmp_path / "s", workers=1)
    with pytest.raises(InputError):
        fg.sweep(small, CURRENTS, tmp_path / "s", workers=0)
    assert not (tmp_path / "s").exists()


def test_networks_are_swept_too(tmp_path):
    swept = fg.sweep(
        PROBLEMS / "sn_balance.toml", {"nodes.source.heat": ["1 pW", "2 pW"]}, tmp_path / "s", workers=1
    )  # fmt: skip
    left = swept.table["nodes.source"]
    assert left[1] > left[0] > 0


def test_problems_made_in_python(small):
    problem = fg.load(small)
    swept = fg.sweep(problem, CURRENTS, workers=1)
    assert swept.table["mean_voltage"].shape == (4,)
    with pytest.raises(TypeError):
        fg.sweep(3, CURRENTS)  # type: ignore[arg-type]


# ---- kills and commands -----------------------------------------------------------------------------------


def command(small, out, *more):
    return [sys.executable, "-m", "femtdgl", "sweep", str(small), "--out", str(out), "--over",
            "drive.current=[0.5,0.8,1.1,1.4]", "--workers", "2", *more]  # fmt: skip


def test_a_killed_worker_costs_nothing(small, tmp_path):
    whole = fg.sweep(small, CURRENTS, tmp_path / "whole", workers=1)
    points = [Point(k, changes, whole.result(k).problem_text, str(small), tmp_path / "k" / f"{k:04d}")
              for k, changes in enumerate(whole.plan.points)]  # fmt: skip
    rows = {}
    for row in pool.solved(points, 2):
        if not rows:
            for child in pool.multiprocessing.active_children():
                child.kill()
        rows[row["point"]] = row
    assert [rows[k] for k in sorted(rows)] == whole.rows


@pytest.mark.slow
def test_a_killed_parent_costs_at_most_the_points_under_way(small, tmp_path):
    subprocess.run(command(small, tmp_path / "whole", "--quiet"), check=True)
    slow = ["--set", "time.t_end=3.0"]
    child = subprocess.Popen(command(small, tmp_path / "cut", *slow), stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout.readline()
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    done = list((tmp_path / "cut" / "points").glob("*/point.json"))
    assert done
    times = {path: path.stat().st_mtime_ns for path in done}
    time.sleep(0.05)
    subprocess.run(command(small, tmp_path / "cut", *slow, "--quiet"), check=True)
    assert {path: path.stat().st_mtime_ns for path in done} == times
    assert tables(tmp_path / "cut") == tables(tmp_path / "whole")


def test_the_command_tells_each_point_and_draws(small, tmp_path):
    text = SMALL + '\n[sweep]\n"drive.current" = { from = 0.5, to = 1.4, count = 3 }\n"film.eta" = [0.1, 0.2]\n'
    small.write_text(text)
    runner = CliRunner()
    told = runner.invoke(app, ["check", str(small)])
    assert told.exit_code == 0
    assert "a sweep of 6 points" in told.output
    refused = runner.invoke(app, ["run", str(small), "--out", str(tmp_path / "r")])
    assert refused.exit_code == 2
    assert "femtdgl sweep" in refused.output + refused.stderr
    done = runner.invoke(app, ["sweep", str(small), "--out", str(tmp_path / "s"), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "6 of 6 points solved" in done.output
    assert "drive.current 0.95" in done.output
    assert (tmp_path / "s" / "figures" / "sweep.png").stat().st_size > 10_000


@pytest.mark.slow
def test_iv_filament():
    """V = 2 pi over the period of each interference current at J = 1.5, and none below the critical current."""
    table = fg.sweep(PROBLEMS / "iv_filament.toml").table
    J, V, form = table["drive.current"], table["mean_voltage"], table["film.interference"]
    for name, period in (("published", 11.9371), ("consistent", 20.873), ("off", 10.2745)):
        at = (form == name) & (J == 1.5)
        assert V[at] == pytest.approx(2 * np.pi / period, rel=2e-3), name
        assert np.abs(V[(form == name) & (J < 0.98)]).max() < 1e-3, name
        assert np.all(np.diff(V[form == name]) > -1e-3), name


@pytest.mark.parametrize("where", ["table", "point"])
def test_a_full_disk_stops_in_words_and_leaves_a_table_to_go_on_with(small, tmp_path, monkeypatch, where):
    """The disk is full at the third writing of the table, or of a point; with room again the same command goes on."""
    module, name = {"table": (studies_sweep, "write_csv"), "point": (studies_point, "write_json")}[where]
    write, written = getattr(module, name), []

    def until_full(*arguments):
        written.append(arguments)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(*arguments)

    monkeypatch.setattr(module, name, until_full)
    over = ["--over", "drive.current=[0.5, 0.8, 1.1, 1.4]", "--workers", "1", "--quiet"]
    words = ["sweep", str(small), *over, "--out", str(tmp_path / "s")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code not in (0, 1)
    assert "No space left" in done.output
    with (tmp_path / "s" / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["solved"] * 2
    monkeypatch.setattr(module, name, write)
    solve, solved = Point.solve, []
    monkeypatch.setattr(Point, "solve", lambda self: solved.append(self.number) or solve(self))
    assert CliRunner().invoke(app, words).exit_code == 0
    assert solved == ([3] if where == "table" else [2, 3])
    fg.sweep(small, CURRENTS, tmp_path / "whole", workers=1)
    assert tables(tmp_path / "s") == tables(tmp_path / "whole")
