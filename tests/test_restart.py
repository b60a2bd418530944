"""A restart is not a new run: kill -9 and resume, and run(T) + resume(2T), equal the uninterrupted run to the bit."""

import os
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.files.checkpoint import read_checkpoint
from femtdgl.files.reader import Result

FILE = PROBLEMS / "psc_filament.toml"
SET = {"mesh__elements": 30, "time__t_end": 30.0, "time__checkpoint": 4.0}


def assert_same(a, b):
    with h5py.File(a / "result.h5") as one, h5py.File(b / "result.h5") as two:
        for group in ("fields", "probes", "slips"):
            assert set(one[group]) == set(two[group])
            for name in one[group]:
                np.testing.assert_array_equal(one[group][name][:], two[group][name][:], err_msg=f"{group}/{name}")
    first, second = Result(a).summary, Result(b).summary
    for key in ("period", "mean_voltage", "slip_times", "steps", "energy_mismatch", "psi_center_min"):
        assert first[key] == second[key], key


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    where = tmp_path_factory.mktemp("whole") / "run"
    fg.run(FILE, where, **SET)
    return where


@pytest.mark.parametrize("first", [12.0, 13.7])
def test_run_and_resume_is_the_longer_run(whole, tmp_path, first):
    """Also when the first end is no checkpoint: then the tail is computed again."""
    fg.run(FILE, tmp_path / "half", **{**SET, "time__t_end": first})
    fg.resume(tmp_path / "half", until=30.0)
    assert_same(whole, tmp_path / "half")


def test_kill_and_resume(whole, tmp_path):
    code = f"import femtdgl as fg; fg.run({str(FILE)!r}, 'run', **{SET!r})"
    where = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=os.environ)
    deadline = time.monotonic() + 120
    while not (where / "parts" / "00003.h5").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    with h5py.File(where / "result.h5") as file:  # readable after the kill
        assert file["fields/t"][-1] >= 4.0
        assert np.isfinite(file["fields/psi"][:]).all()
    fg.resume(where)
    assert_same(whole, where)


def test_kill_between_checkpoint_and_index(whole, tmp_path):
    """A part that was written after the last checkpoint, and an old index, do no harm."""
    fg.run(FILE, tmp_path / "run", **{**SET, "time__t_end": 12.0})
    where = tmp_path / "run"
    (where / "parts").mkdir()
    shutil.copy(whole / "checkpoint.npz", tmp_path / "later.npz")
    (where / "parts" / "00007.h5").write_bytes(b"half a file")
    assert read_checkpoint(where)["t"] == 12.0
    fg.resume(where, until=30.0)
    assert_same(whole, where)


def test_python_problem_resumes_too(tmp_path, filament):
    problem = filament(time=fg.Time(t_end=2.0, checkpoint=1.0), current=fg.Ramp(0, 1.0, over=0.5))
    fg.run(problem, tmp_path / "a")
    result = fg.resume(tmp_path / "a", until=3.0)
    assert result.t[-1] == 3.0
