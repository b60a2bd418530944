"""Stopping keeps everything, going on computes nothing twice, and what cannot go on is refused in words."""

import hashlib
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from conftest import PROBLEMS
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError, Interrupted, SolverStopped
from femtdgl.files.checkpoint import read_checkpoint

run = CliRunner().invoke


def prints(where):
    """The files of a directory, each with what it holds."""
    files = (path for path in where.rglob("*") if path.is_file())
    return {path.relative_to(where): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def signalled_at(step, number=signal.SIGINT):
    """A watch that sends a signal at a step."""
    count = [0]

    def watch(progress):
        count[0] += 1
        if count[0] == step:
            signal.raise_signal(number)

    return watch


@pytest.fixture
def problem(filament):
    def build(t_end=3.0, **more):
        more = {"output": fg.Output(fields=0.25), "current": fg.Ramp(0, 1.5, over=0.5), **more}
        return filament(length=1.1, time=fg.Time(t_end=t_end, checkpoint=1.0), **more)

    return build


@pytest.fixture
def stopped(problem, tmp_path):
    """A run that was interrupted between two checkpoints."""
    with pytest.raises(Interrupted) as stop:
        fg.run(problem(), tmp_path / "run", watch=signalled_at(70))
    return tmp_path / "run", stop.value


def test_an_interrupted_run_has_a_checkpoint_where_it_stopped(stopped):
    where, stop = stopped
    reached = stop.result.probes["t"][-1]
    assert reached not in (1.0, 2.0, 3.0)
    assert stop.time == reached == read_checkpoint(where)["t"] == stop.result.summary["t_end"]
    assert stop.result.summary["stop_reason"] == "interrupted"
    assert f"femtdgl resume {where}" in str(stop)
    assert read_checkpoint(where, exact=True)["t"] == np.floor(reached)


def test_going_on_computes_nothing_twice(stopped):
    where, stop = stopped
    before = {name: stop.result.probes[name] for name in stop.result.probes}
    frames = stop.result.field("psi")
    times = []
    result = fg.resume(where, watch=lambda progress: times.append(progress.t))
    assert times[0] > stop.time
    assert result.summary["t_end"] == 3.0
    for name, values in before.items():
        np.testing.assert_array_equal(result.probes[name][: len(values)], values)
    np.testing.assert_array_equal(result.field("psi")[: len(frames)], frames)
    assert np.all(np.diff(result.probes["t"]) > 0)
    np.testing.assert_allclose(result.t, np.arange(13) * 0.25)


def test_going_on_is_near_the_uninterrupted_run_and_exactly_it_on_request(stopped, problem, tmp_path):
    where, _ = stopped
    shutil.copytree(where, tmp_path / "exact")
    whole, near, same = fg.run(problem()), fg.resume(where), fg.resume(tmp_path / "exact", exact=True)
    assert np.abs(near.field("psi")[-1] - whole.field("psi")[-1]).max() < 1e-4
    for name in whole.probes:
        np.testing.assert_array_equal(same.probes[name], whole.probes[name])
    np.testing.assert_array_equal(same.field("psi"), whole.field("psi"))
    assert same.summary["steps"] == whole.summary["steps"]


def test_stopped_twice_between_the_same_checkpoints(stopped, problem):
    where, first = stopped
    with pytest.raises(Interrupted) as second:
        fg.resume(where, watch=signalled_at(5))
    assert first.time < second.value.time < np.ceil(first.time)
    assert read_checkpoint(where, exact=True)["t"] == np.floor(first.time)
    result, whole = fg.resume(where, exact=True), fg.run(problem())
    np.testing.assert_array_equal(result.probes["voltage"], whole.probes["voltage"])


def test_without_a_directory_the_result_goes_with_the_exception(problem):
    with pytest.raises(KeyboardInterrupt) as stop:
        fg.run(problem(), watch=signalled_at(50))
    assert stop.value.result.probes["t"].size == 51
    assert "resume" not in str(stop.value)


def test_a_loop_is_ended_by_one_signal(tmp_path):
    code = f"""
import signal, femtdgl as fg
for k in range(4):
    fg.run({str(PROBLEMS / "psc_filament.toml")!r}, f"run{{k}}", mesh__elements=8, until=1.0,
           watch=lambda p: k == 1 and p.t > 0.5 and signal.raise_signal(signal.SIGINT))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert "KeyboardInterrupt" in done.stderr or "Interrupted" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"run0", "run1"}
    assert fg.Result(tmp_path / "run1").summary["stop_reason"] == "interrupted"


def test_a_signal_after_the_last_step_is_not_lost(problem, tmp_path):
    """The files are finished, and the loop around ends all the same."""
    with pytest.raises(Interrupted, match="come to its end"):
        fg.run(problem(0.3), tmp_path, watch=lambda p: p.t == 0.3 and signal.raise_signal(signal.SIGINT))
    assert fg.Result(tmp_path).summary["stop_reason"] == "t_end"
    assert fg.Result(tmp_path).parts is None


def test_handlers_of_signals_come_back(problem):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    fg.run(problem(0.1))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("where", ["ended", "stopped"])
def test_an_end_before_what_is_there_is_refused(problem, tmp_path, where):
    if where == "ended":
        fg.run(problem(2.3), tmp_path)
    else:
        with pytest.raises(Interrupted):
            fg.run(problem(), tmp_path, watch=signalled_at(70))
    before = prints(tmp_path)
    with pytest.raises(InputError, match=r"0\.5 lies before t = .*, which is there already"):
        fg.resume(tmp_path, until=0.5)
    assert prints(tmp_path) == before
    with pytest.raises(InputError, match=r"'abc' is not possible"):
        fg.resume(tmp_path, until="abc")


def test_what_has_ended_is_left_as_it_is(problem, tmp_path):
    fg.run(problem(2.3), tmp_path)
    before = prints(tmp_path)
    for end in (None, 2.3, 2.3 + 1e-12):
        assert fg.resume(tmp_path, until=end).summary["t_end"] == 2.3
    assert prints(tmp_path) == before


def test_a_longer_run_begins_where_the_first_ended(problem, tmp_path):
    """With exact=False also between two checkpoints; then it is not the longer run to the bit."""
    fg.run(problem(2.3), tmp_path)
    old, times = fg.Result(tmp_path).probes["t"], []
    result = fg.resume(tmp_path, until=3.0, exact=False, watch=lambda progress: times.append(progress.t))
    assert times[0] > 2.3
    np.testing.assert_array_equal(result.probes["t"][: old.size], old)
    assert result.parts is None
    assert "t_end = 3.0" in result.problem_text


def test_what_is_computed_again_takes_the_place_of_nothing(problem, tmp_path):
    """Stopped before it has come as far as what was there, a longer run leaves all as it was."""
    fg.run(problem(2.3), tmp_path)
    before = prints(tmp_path)
    with pytest.raises(Interrupted, match="left as it was"):
        fg.resume(tmp_path, until=3.0, watch=signalled_at(3))
    assert {name: hashed for name, hashed in prints(tmp_path).items() if "parts" not in name.parts} == before
    result, whole = fg.resume(tmp_path, until=3.0), fg.run(problem())
    for name in whole.probes:
        np.testing.assert_array_equal(result.probes[name], whole.probes[name])


def test_a_killed_merge_is_made_up_for(problem, tmp_path, monkeypatch):
    """The march was done, the parts were not put together."""
    from femtdgl.files.results import ResultWriter

    with monkeypatch.context() as patch:
        patch.setattr(ResultWriter, "finish", lambda self: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            fg.run(problem(2.3), tmp_path)
    times = []
    result = fg.resume(tmp_path, watch=lambda progress: times.append(progress.t))
    assert times == []
    assert result.parts is None and result.summary["stop_reason"] == "t_end"


# ---- what may change, and what may not ------------------------------------------------------------------------------


def test_parameters_that_change_in_the_middle(problem, tmp_path):
    fg.run(problem(1.0), tmp_path)
    before = prints(tmp_path)
    for key, value in (("film__delta", 2.0), ("drive__current", 1.0), ("mesh__elements", 9), ("output__fields", 0.1)):
        with pytest.raises(InputError, match=r"cannot change in the middle of a run.*initial\.file") as error:
            fg.resume(tmp_path, until=2.0, **{key: value})
        assert error.value.key == key.replace("__", ".")
    with pytest.raises(InputError, match=r"did you mean 'time\.rtol'"):
        fg.resume(tmp_path, until=2.0, time__rtoll=1e-3)
    with pytest.raises(InputError, match=r"time\.rtol"):
        fg.resume(tmp_path, until=2.0, time__rtol=-1.0)
    assert prints(tmp_path) == before
    result = fg.resume(tmp_path, until=2.0, time__rtol=1e-4, stop__steady=1e-7, title="on")
    assert (result.summary["rtol"], result.summary["title"]) == (1e-4, "on")
    assert "steady" in result.problem_text


def uniform(x, t):
    return np.full_like(x, 0.1), np.zeros_like(x)


def test_a_vector_potential_in_python_is_asked_for(problem, tmp_path):
    fg.run(problem(0.5, vector_potential=uniform), tmp_path)
    before = prints(tmp_path)
    with pytest.raises(InputError, match="vector potential in Python, which its files do not hold"):
        fg.resume(tmp_path, until=1.0)
    done = run(app, ["resume", str(tmp_path), "--until", "1.0"])
    assert done.exit_code == 2 and "vector_potential" in done.stderr
    assert prints(tmp_path) == before
    assert fg.resume(tmp_path, until=1.0, vector_potential=uniform).summary["t_end"] == 1.0


def test_a_vector_potential_that_was_not_there_is_refused(problem, tmp_path):
    fg.run(problem(0.5), tmp_path)
    with pytest.raises(InputError, match="was run without it"):
        fg.resume(tmp_path, until=1.0, vector_potential=uniform)


def test_a_mesh_that_has_changed_is_refused(tmp_path):
    mesh = tmp_path / "m.msh"
    make = ["mesh", str(PROBLEMS / "psc_filament.toml"), "--out", str(mesh), "--set"]
    assert run(app, [*make, "mesh.elements=8"]).exit_code == 0
    problem = fg.Problem(
        mesh=fg.mesh.read(mesh), film=fg.Film(), boundary={"left": fg.Bank(), "right": fg.Bank()},
        drive=fg.Drive(current=0.3), time=fg.Time(t_end=1.0),
    )  # fmt: skip
    fg.run(problem, tmp_path / "run")
    assert run(app, [*make, "mesh.elements=10"]).exit_code == 0
    with pytest.raises(InputError, match=r"unknowns|not the mesh of the run"):
        fg.resume(tmp_path / "run", until=2.0)
    assert run(app, [*make, "mesh.elements=8"]).exit_code == 0
    assert fg.resume(tmp_path / "run", until=2.0).summary["t_end"] == 2.0


def test_a_start_that_is_gone_is_not_missed(problem, tmp_path):
    fg.run(problem(0.5), tmp_path / "first")
    fg.run(problem(0.5, initial=fg.Initial(file=str(tmp_path / "first"))), tmp_path / "second")
    shutil.rmtree(tmp_path / "first")
    assert fg.resume(tmp_path / "second", until=1.0).summary["t_end"] == 1.0


# ---- the solver gives up --------------------------------------------------------------------------------------------

HOPELESS = {
    "the first step": ({"drive__current": {"ramp": [0.0, 1e12], "over": 1.0}}, "longer ramp"),
    "the first corner": ({"time__rtol": 1e-18}, "time.rtol"),
    "no start": ({"initial__noise": 1e90}, "singular"),
    "steps that never grow": ({"time__max_step": 1e-90}, "no progress in 1000 steps"),
    "a current of 1e90": ({"drive__current": {"table": [[0.0, 0.5], [0.3, 0.5], [0.3, 1e90]]}}, "singular|ramp"),
}


@pytest.mark.parametrize("name", HOPELESS)
def test_every_failure_of_the_solver_is_one_message(tmp_path, name):
    changes, said = HOPELESS[name]
    file = PROBLEMS / "psc_filament.toml"
    with pytest.raises(SolverStopped, match=said) as stop:
        fg.run(file, tmp_path / "run", mesh__elements=8, until=1.0, **changes)
    if name == "no start":
        assert "nothing is kept" in str(stop.value) and not (tmp_path / "run").exists()
        return
    assert stop.value.result.summary["stop_reason"].startswith("solver stopped: ")
    assert f"femtdgl resume {tmp_path / 'run'}" in str(stop.value)
    assert read_checkpoint(tmp_path / "run")["t"] == pytest.approx(stop.value.time)


def test_a_run_that_left_the_finite_stops(filament, monkeypatch):
    from femtdgl.solve.system import System

    residual = System.residual

    def blown(self, t, y, yp):
        return residual(self, t, y, yp) * (np.inf if t > 0.5 else 1.0)

    monkeypatch.setattr(System, "residual", blown)
    with pytest.raises(SolverStopped) as stop:
        fg.run(filament(time=fg.Time(t_end=1.0)))
    assert 0.4 < stop.value.time <= 0.5
    assert stop.value.result.summary["state"] is not None


def test_after_a_failure_a_gentler_tolerance_goes_on(tmp_path):
    """What the message says can be done."""
    file, ramp = PROBLEMS / "psc_filament.toml", {"ramp": [0.0, 1.5], "over": 1e-5, "at": 0.4}
    options = {"mesh__elements": 8, "until": 1.0, "drive__current": ramp}
    with pytest.raises(SolverStopped, match="resume"):
        fg.run(file, tmp_path, **options, time__rtol=1e-18)
    result = fg.resume(tmp_path, time__rtol=1e-6, time__atol=1e-6)
    assert result.summary["stop_reason"] == "t_end"


def test_on_the_command_line(tmp_path):
    where = tmp_path / "run"
    base = ["run", str(PROBLEMS / "psc_filament.toml"), "--out", str(where), "--set", "mesh.elements=8", "--quiet"]
    done = run(app, [*base, "--set", "time.t_end=1.0", "--set", "time.max_step=1e-90"])
    assert done.exit_code == 3
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("femtdgl: the solver stopped at t = ")
    done = run(app, ["resume", str(where), "--set", "time.max_step=0.1", "--quiet"])
    assert (done.exit_code, done.output) == (0, "")
    done = run(app, ["resume", str(where), "--until", "0.5"])
    assert done.exit_code == 2 and "lies before" in done.stderr
