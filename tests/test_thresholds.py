"""Chains of points: bisections, branches that are followed, several starts."""

import csv
import os
import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_cases import BRIDGE, CRITICAL, SLIPS, drawn, files
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError
from femtdgl.measure.cycle import Cycle, Slips
from femtdgl.studies import states
from femtdgl.studies.bisection import Bisection
from femtdgl.studies.point import Point
from femtdgl.studies.rule import Rule
from femtdgl.studies.values import Bracket

# ---- bisection --------------------------------------------------------------------------------------------


def searched(chain, beyond):
    """All rows of a chain whose points lie `beyond(value, value it begins with)`."""
    rows = []
    while (step := chain.following(rows)) is not None:
        value = step.changes[chain.key]
        begun = None if step.begins is None else rows[step.begins]["x"]
        rows.append({"point": len(rows), "status": "solved", "x": value, "v": float(beyond(value, begun))})
        assert len(rows) <= chain.longest
    return rows, chain.found(rows)


@given(start=st.floats(-5, 5), width=st.floats(0.1, 5), share=st.floats(0.001, 0.999), sign=st.sampled_from([-1, 1]),
       tolerance=st.floats(1e-6, 0.3), follow=st.booleans())  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_bisection_brackets_what_it_looks_for(start, width, share, sign, tolerance, follow):
    at, stop = start + sign * share * width, start + sign * width
    chain = Bisection("x", Bracket(start, stop, tolerance), Rule.read("v > 0"), follow=follow)
    rows, found = searched(chain, lambda value, begun: sign * (value - at) > 0)
    assert found["status"] == "solved"
    assert abs(found["after"] - found["before"]) <= tolerance * (1 + 1e-6)
    assert min(found["before"], found["after"]) <= at <= max(found["before"], found["after"])
    assert (rows[found["point_before"]]["x"], rows[found["point_after"]]["x"]) == (found["before"], found["after"])
    if not follow:
        assert len(rows) == chain.longest


@given(share=st.floats(0.05, 0.95), reach=st.floats(0.05, 0.5))
@settings(max_examples=100, deadline=None)
def test_a_state_that_long_steps_lose_is_followed_to_its_end(share, reach):
    """It lives down to 1 - share, and is lost when it is taken there in one step longer than `reach`."""
    chain = Bisection("x", Bracket(1.0, 0.0, 1e-3), Rule.read("v > 0"), follow=True)
    _, found = searched(chain, lambda x, begun: begun is not None and (x < 1 - share or begun - x > reach))
    assert found["status"] == "solved"
    assert found["after"] <= 1 - share <= found["before"] + 1e-12
    assert found["before"] - found["after"] <= 1.001e-3


def test_a_bisection_that_can_find_nothing_says_why():
    chain = Bisection("x", Bracket(0.0, 1.0, 0.1), Rule.read("v > 0"))
    rows, found = searched(chain, lambda x, begun: True)
    assert (len(rows), found["status"], found["threshold"]) == (1, "failed", None)
    assert "already at the beginning" in found["reason"]
    rows, found = searched(chain, lambda x, begun: False)
    assert len(rows) == 2
    assert "not even at the end" in found["reason"]
    failed = [{"point": 5, "status": "failed", "reason": "too hot"}]
    assert chain.following(failed) is None
    assert chain.found(failed)["reason"] == "point 5: too hot"
    unknown = Bisection("x", Bracket(0.0, 1.0, 0.1), Rule.read("w > 0"))
    assert "no entry" in searched(unknown, lambda x, begun: False)[1]["reason"]
    erratic = Bisection("x", Bracket(1.0, 0.0, 1e-3), Rule.read("v > 0"), follow=True)
    slow = searched(erratic, lambda x, begun: begun is not None and (x < 0.01 or begun - x > 0.0015))[1]
    assert (slow["status"], slow["evaluations"]) == ("failed", erratic.longest)
    assert "is not found" in slow["reason"]


@pytest.mark.parametrize("follow", [False, True])
def test_critical_current_of_a_bridge(bridge, tmp_path, follow):
    """0.98044 for L = 1.1, 1.06517 for L = 1; a bracket for each length."""
    keys = {**CRITICAL, "mesh.length": [1.1, 1.0], "follow": follow}
    swept = fg.sweep(bridge, keys, tmp_path / "s", mode="bisect", until=SLIPS, workers=1)
    for row, limit in zip(swept.found["thresholds"], (0.98044, 1.06517), strict=True):
        assert row["before"] < limit < row["after"]
        assert row["after"] - row["before"] <= 0.02
        before, after = (swept.result(row[name]).summary for name in ("point_before", "point_after"))
        assert (before["current"], before["stop_reason"]) == (row["before"], "steady")
        assert (after["current"], after["stop_reason"], after["slips_in_all"]) == (row["after"], "slips", 1)
    with (tmp_path / "s" / "thresholds.csv").open() as file:
        assert [float(r["threshold"]) for r in csv.DictReader(file)] == [
            r["threshold"] for r in swept.found["thresholds"]
        ]
    with h5py.File(tmp_path / "s" / "sweep.h5") as file:
        assert list(file["thresholds/mesh.length"]) == [1.1, 1.0]
    assert swept.to_pandas().shape[0] == len(swept.rows) if "pandas" in sys.modules else True


@pytest.mark.slow
def test_bisections_on_two_processes_and_after_a_break_are_the_same_to_the_bit(bridge, tmp_path, monkeypatch):
    keys = {**CRITICAL, "mesh.length": [1.1, 1.0], "follow": True}
    how = {"mode": "bisect", "until": SLIPS}
    whole = fg.sweep(bridge, keys, tmp_path / "whole", workers=1, **how)
    fg.sweep(bridge, keys, tmp_path / "two", workers=2, **how)
    solve, count = Point.solve, []

    def interrupted(self):
        count.append(self.number)
        if len(count) == 4:
            raise KeyboardInterrupt
        return solve(self)

    monkeypatch.setattr(Point, "solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fg.sweep(bridge, keys, tmp_path / "cut", workers=1, **how)
    fg.sweep(bridge, keys, tmp_path / "cut", workers=1, **how)
    assert count[:5] == [0, 1, 2, 3, 3]
    assert len(count) == len(whole.rows) + 1
    assert files(tmp_path / "two", "thresholds.csv") == files(tmp_path / "whole", "thresholds.csv")
    assert files(tmp_path / "cut", "thresholds.csv") == files(tmp_path / "whole", "thresholds.csv")


@pytest.mark.slow
def test_a_killed_bisection_goes_on(bridge, tmp_path):
    def command(out):
        return [sys.executable, "-m", "femtdgl", "sweep", str(bridge), "--out", str(out), "--mode", "bisect", "--until",
                SLIPS, "--over", "drive.current={from=0.6,to=1.2,tolerance=1e-3}", "--over", "mesh.length=[1.0,1.1]",
                "--over", "follow=true", "--workers", "2"]  # fmt: skip

    subprocess.run([*command(tmp_path / "whole"), "--quiet"], check=True)
    child = subprocess.Popen(command(tmp_path / "cut"), stdout=subprocess.PIPE, start_new_session=True)
    for _ in range(4):
        assert child.stdout.readline()
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "cut" / "points").glob("*/point.json")}
    assert len(times) >= 4
    subprocess.run([*command(tmp_path / "cut"), "--quiet"], check=True)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert files(tmp_path / "cut", "thresholds.csv") == files(tmp_path / "whole", "thresholds.csv")


def test_a_changed_rule_is_another_sweep(bridge, tmp_path):
    keys = {"drive.current": {"from": 0.9, "to": 1.2, "tolerance": 0.2}}
    fg.sweep(bridge, keys, tmp_path / "s", mode="bisect", until=SLIPS, workers=1)
    for changed in ({"until": "mean_voltage > 0.01"}, {"until": SLIPS, "changes": {"film.eta": 0.2}}):
        with pytest.raises(InputError, match="another sweep"):
            fg.sweep(bridge, keys, tmp_path / "s", mode="bisect", workers=1, **changed)


def test_the_command_tells_thresholds_and_draws_them(bridge, tmp_path):
    text = BRIDGE + (
        '\n[sweep]\nmode = "bisect"\nuntil = "slips_in_all > 0"\n"mesh.length" = [1.0, 1.1]\n'
        '"drive.current" = { from = 0.9, to = 1.2, tolerance = 0.1 }\n'
    )
    bridge.write_text(text)
    told = CliRunner().invoke(app, ["check", str(bridge)])
    assert "a sweep of about 8 points (bisect)" in told.output, told.output
    assert "until slips_in_all > 0" in told.output
    done = CliRunner().invoke(app, ["sweep", str(bridge), "--out", str(tmp_path / "s"), "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "thresholds: 2" in done.output
    assert (tmp_path / "s" / "figures" / "thresholds.png").stat().st_size > 10_000


# ---- following --------------------------------------------------------------------------------------------


def test_up_and_down_tells_where_the_state_changes(bridge, tmp_path):
    """A short bridge has no hysteresis: it switches and comes back between the same two currents."""
    keys = {"drive.current": [{"from": 0.8, "to": 1.2, "step": 0.2}, {"from": 1.2, "to": 0.8, "step": -0.2}]}
    changes = {"stop.periodic": 1e-2, "stop.slips": 1000}
    swept = fg.sweep(bridge, keys, tmp_path / "s", mode="follow", changes=changes)
    assert list(swept.table["state"]) == ["stationary", "periodic", "periodic", "periodic", "stationary"]
    up, down = swept.found["changes"]
    assert (up["way"], up["last"], up["first"], up["state_before"], up["state_after"]) == (
        "up", 0.8, 1.0, "stationary", "periodic",
    )  # fmt: skip
    assert drawn(swept) == ["sweep.png"]
    assert (down["way"], down["at"], down["state_after"]) == ("down", pytest.approx(0.9), "stationary")


def test_a_point_that_fails_in_the_middle_leaves_the_others(bridge, tmp_path):
    """The next one begins with the end of the last that could be solved."""
    keys = {"film.eta": [0.1, 2.0, 0.2], "drive.current": [0.5, 0.6, 0.7]}
    swept = fg.sweep(bridge, keys, tmp_path / "s", mode="follow")
    assert list(swept.table["status"]) == ["solved", "failed", "solved"]
    assert not np.allclose(swept.result(2).field("psi")[0], 1.0, atol=1e-3)
    assert swept.result(2).read("fields/psi", 0) == pytest.approx(swept.result(0).end("psi"), abs=1e-12)


def test_only_what_has_a_start_is_followed(memory, tmp_path):
    heats = {"nodes.gate.heat": {"from": 0.0, "to": 1e-15, "tolerance": 1e-16}}
    for keys, mode in (
        ({"nodes.gate.heat": [0.0, 1e-16]}, "follow"),
        ({"starts": {"one": {}}}, "starts"),
        ({**heats, "follow": True, "until": "roots > 1"}, "bisect"),
    ):
        with pytest.raises(InputError, match="do not depend on a start"):
            fg.sweep(memory, keys, tmp_path / "s", mode=mode)
    assert not (tmp_path / "s").exists()


def test_a_run_that_a_rule_ended_is_followed_from_its_end_not_from_its_last_frame(bridge, tmp_path):
    """Fields are stored every 500 t0; the run rests long before.  Without a checkpoint there is only that frame."""
    ended = fg.run(bridge, tmp_path / "one", drive__current=0.9)
    assert ended.summary["t_end"] < 500.0
    assert len(ended.t) == 1
    then = fg.run(bridge, drive__current=0.9, initial__file=str(tmp_path / "one"))
    assert then.read("fields/psi", 0) == pytest.approx(ended.end("psi"), abs=1e-12)
    assert np.abs(then.field("psi")[0] - ended.field("psi")[-1]).max() > 0.1
    (tmp_path / "one" / "checkpoint.npz").unlink()
    assert np.array_equal(fg.Result(tmp_path / "one").end("psi"), ended.read("fields/psi", -1))


# ---- starts -----------------------------------------------------------------------------------------------


def row(point, state, voltage, centres=0):
    return {"point": point, "start": f"s{point}", "status": "solved", "state": state, "mean_voltage": voltage,
            "phase_slip_centres": centres}  # fmt: skip


def test_states_are_told_apart_and_counted():
    rows = [
        row(0, "stationary", 1e-6), row(1, "periodic", 0.6137, 1), row(2, "stationary", -2e-5),
        row(3, "periodic", 0.6150, 1), row(4, "periodic", 1.826, 3), row(5, "periodic", 0.7, 1),
        {"point": 6, "start": "s6", "status": "failed"},
    ]  # fmt: skip
    found = states.counted(rows, [], "start", {"state": 0.0, "phase_slip_centres": 0.0, "mean_voltage": 1e-3}, 0.02)
    assert [(s["starts"], s["from"], s["point"]) for s in found] == [
        (2, "s0, s2", 0), (2, "s1, s3", 1), (1, "s4", 4), (1, "s5", 5),
    ]  # fmt: skip
    assert found[2]["mean_voltage"] == 1.826


def test_starts_that_heal_come_to_one_state(bridge, tmp_path):
    dip = {"dips": [{"depth": 0.5, "at": 0.0, "width": 0.3}]}
    starts = {"flat": {}, "dip": dip, "noise": {"noise": 0.05, "seed": [1, 2]}}
    keys = {"starts": starts, "drive.current": [0.5, 0.9]}
    swept = fg.sweep(bridge, keys, tmp_path / "s", mode="starts", workers=1)
    assert len(swept.rows) == 8
    assert [(s["drive.current"], s["starts"]) for s in swept.found["states"]] == [(0.5, 4), (0.9, 4)]
    assert swept.found["states"][0]["from"] == "flat, dip, noise 1, noise 2"
    again = fg.sweep(
        bridge, {"starts": {"earlier": {"file": str(tmp_path / "s" / "points" / "0000")}}}, mode="starts", workers=1
    )
    assert again.result(0).read("fields/psi", 0) == pytest.approx(swept.result(0).end("psi"), abs=1e-12)


def test_wrong_starts_are_refused_before_anything_is_written(bridge, tmp_path):
    for start in ({"dip": []}, {"noise": -1.0}, {"file": str(tmp_path / "nowhere")}):
        with pytest.raises(InputError):
            fg.sweep(bridge, {"starts": {"flat": {}, "bad": start}}, tmp_path / "s", mode="starts")
    assert not (tmp_path / "s").exists()


# ---- what a rule measures ---------------------------------------------------------------------------------


def cycle(intervals):
    t = np.cumsum([1.0, *intervals])
    slips = Slips(t, np.zeros(t.size), np.ones(t.size, dtype=int))
    return Cycle.of(np.linspace(0.0, t[-1] + 0.5, 100), slips, 0.0)


def test_period_doubling_is_seen_in_the_intervals_between_slips():
    assert cycle([2.0] * 12).slips_per_period == 1
    assert cycle([2.0, 2.5] * 6).slips_per_period == 2
    assert cycle([2.0, 2.5, 2.0, 2.7] * 4).slips_per_period == 4
    assert cycle([2.0, 2.5] * 2).slips_per_period is None, "too few"
    assert cycle(list(2.0 + np.random.default_rng(1).uniform(0, 1, 30))).slips_per_period is None
    assert cycle([]).slips_per_period is None


def test_what_a_rule_looked_at_is_what_is_measured(bridge):
    """The way to a state is no part of it: slips at the start of a run that comes to rest are not in its state."""
    rest = fg.run(bridge, stop__slips=1000, drive__current={"table": [[0.0, 1.5], [40.0, 1.5], [41.0, 0.5]]})
    assert rest.summary["stop_reason"] == "steady"
    assert rest.summary["slips_in_all"] > 3
    assert (rest.summary["state"], rest.summary["slips"]) == ("stationary", 0)
    assert rest.summary["measured_to"] - rest.summary["measured_from"] == pytest.approx(5.0)
    moving = fg.run(bridge, stop__slips=1000, stop__periodic=1e-2, drive__current=1.5, measure__discard=500.0)
    assert (moving.summary["state"], moving.summary["slips"]) == ("periodic", 7)
    assert not any("discard" in sentence for sentence in moving.summary["warnings"])


def test_stop_after_so_many_slips(bridge):
    summary = fg.run(bridge, drive__current=1.5, stop__slips=3).summary
    assert (summary["stop_reason"], summary["slips_in_all"]) == ("slips", 3)
    for wrong in (0, 1.5, "many"):
        with pytest.raises(InputError, match="slips"):
            fg.run(bridge, stop__slips=wrong)
