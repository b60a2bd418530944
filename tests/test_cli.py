"""The command line: exit codes, one message, nothing written on bad input, interruption, figures."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import h5py
import pytest
from conftest import PROBLEMS

FILE = PROBLEMS / "psc_filament.toml"
QUICK = ["--set", "mesh.elements=10", "--set", "time.t_end=6.0", "--set", "time.checkpoint=2.0"]


def femtdgl(*args, cwd, check=None):
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=300
    )
    if check is not None:
        assert done.returncode == check, done.stderr + done.stdout
    return done


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    where = tmp_path_factory.mktemp("runs")
    done = femtdgl("run", FILE, *QUICK, cwd=where, check=0)
    return where / "results" / "psc_filament", done


def test_run_writes_what_the_contract_says(finished):
    where, done = finished
    assert {p.name for p in where.iterdir()} == {"result.h5", "summary.json", "checkpoint.npz", "figures"}
    assert {p.name for p in (where / "figures").iterdir()} == {"fig1.png", "space_time.png"}
    summary = json.loads((where / "summary.json").read_text())
    for key in (
        "model", "interference", "conductance", "delta", "eta", "length", "current", "t_end", "clock", "mean_voltage",
        "period", "slips", "slip_times", "slip_positions", "josephson_mismatch", "energy_mismatch", "psi_center_max",
        "psi_center_min", "omega_tau_eps", "unknowns", "steps", "cpu_seconds", "stop_reason", "state", "w_min",
        "w_negative_share",
    ):  # fmt: skip
        assert key in summary
    assert summary["stop_reason"] == "t_end"
    assert "published" in done.stdout
    with h5py.File(where / "result.h5") as file:
        frames = file["fields/t"].shape[0]
        assert frames == 121
        nodes = file["mesh/nodes"].shape[1]
        assert file["fields/psi"].shape == (frames, nodes)
        assert file["fields/psi"].dtype.kind == "c"
        assert file["fields/phi"].shape == (frames, nodes)
        assert file["probes/voltage"].shape == file["probes/t"].shape
        assert b"interference" in file["problem"][()]
        assert file.attrs["interference"] == "published"


def test_a_result_is_not_overwritten(finished):
    where, _ = finished
    before = (where / "summary.json").read_bytes()
    done = femtdgl("run", FILE, *QUICK, "--out", where, cwd=where.parent, check=2)
    assert "holds a result already" in done.stderr
    assert (where / "summary.json").read_bytes() == before


def test_plot_and_check_and_list(finished, tmp_path):
    where, _ = finished
    assert "fig1.png" in femtdgl("plot", where, cwd=tmp_path, check=0).stdout
    assert "unknowns" in femtdgl("check", FILE, cwd=tmp_path, check=0).stdout
    assert "psc_filament" in femtdgl("list", cwd=tmp_path, check=0).stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("mesh.lenght=1", "did you mean 'length'"),
        ("mesh.length=-1", "mesh.length: -1"),
        ("mesh.length=nan", "nan"),
        ("mesh.elements=0", "mesh.elements: 0"),
        ("film.eta=1.5", "0 < eta < 1"),
    ],
)
def test_bad_input_is_exit_2_and_writes_nothing(tmp_path, change, said):
    done = femtdgl("run", FILE, "--set", change, cwd=tmp_path, check=2)
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", [None, "[mesh\nlength=1", "title = 'no boundary'\n[mesh]\nshape='line'\nlength=1.0\n[film]\n"]
)
def test_bad_files_are_exit_2(tmp_path, text):
    path = tmp_path / "problem.toml"
    if text is not None:
        path.write_text(text)
    done = femtdgl("run", path, cwd=tmp_path, check=2)
    assert "problem.toml" in done.stderr
    assert not (tmp_path / "results").exists()


def test_plot_of_nothing_is_exit_2(tmp_path):
    assert "cannot be read" in femtdgl("plot", tmp_path, cwd=tmp_path, check=2).stderr
    femtdgl("resume", tmp_path / "nowhere", cwd=tmp_path, check=2)


def test_solver_failure_is_exit_3_and_keeps_what_was_computed(tmp_path):
    """A current that explodes: the integrator gives up, the first part stays."""
    blow = "drive.current={table=[[0.0, 0.5], [3.0, 0.5], [3.0, 1e90]]}"
    done = femtdgl("run", FILE, *QUICK, "--set", blow, cwd=tmp_path, check=3)
    assert "stopped at t = 3" in done.stderr
    assert "checkpoint" in done.stderr
    where = tmp_path / "results" / "psc_filament"
    assert json.loads((where / "summary.json").read_text())["stop_reason"].startswith("solver stopped")
    with h5py.File(where / "result.h5") as file:
        assert file["fields/t"][-1] == pytest.approx(3.0)


def test_full_disk_is_one_message_and_keeps_what_was_stored(tmp_path):
    """A file-size limit stands for a full disk."""
    where = tmp_path / "run"
    command = [sys.executable, "-m", "femtdgl", "run", str(FILE), "--set", "time.checkpoint=5.0", "--out", str(where)]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))  # noqa: E731
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=120)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    with h5py.File(where / "result.h5") as file:
        assert file["fields/t"][0] == 0.0


def test_interrupt_keeps_everything_and_resumes(tmp_path):
    command = [sys.executable, "-m", "femtdgl", "run", str(FILE), "--set", "time.checkpoint=5.0", "--quiet"]
    process = subprocess.Popen(command, cwd=tmp_path, env=os.environ)
    where = tmp_path / "results" / "psc_filament"
    deadline = time.monotonic() + 120
    while not (where / "parts" / "00002.h5").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert json.loads((where / "summary.json").read_text())["stop_reason"] == "interrupted"
    with h5py.File(where / "result.h5") as file:
        reached = file["probes/t"][-1]
    assert reached > 5.0
    femtdgl("resume", where, "--until", reached + 8.0, "--quiet", cwd=tmp_path, check=0)
    with h5py.File(where / "result.h5") as file:
        assert file["probes/t"][-1] == reached + 8.0
