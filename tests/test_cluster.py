"""A sweep on a Dask cluster: a scheduler and two workers, each started by its own command line."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from test_sweep import CURRENTS, SMALL, tables
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app

pytest.importorskip("distributed")
PATIENCE = 60.0


def started(module, *words, **more):
    """A Dask program, quiet."""
    command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *words]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **more
    )


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2, threads: int = 1):
    """The address of a scheduler, and the processes of its workers."""
    said = folder / "scheduler.json"
    programs = [started("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(said))]
    try:
        end = time.monotonic() + PATIENCE
        while not said.exists():
            assert time.monotonic() < end, "no scheduler"
            time.sleep(0.1)
        address = json.loads(said.read_text())["address"]
        for number in range(workers):
            room = folder / f"worker{number}"
            room.mkdir()
            programs.append(
                started("dask_worker", address, "--nthreads", str(threads), "--local-directory", str(room), cwd=room)
            )
        yield address, programs[1:]
    finally:
        for program in programs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait(10.0)


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.mark.slow
def test_the_cluster_gives_the_table_of_one_process_to_the_bit(small, tmp_path, monkeypatch):
    """Product, follow with relative paths, the command line, and a bisection."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cluster").mkdir()
    bisection = {"drive.current": {"from": 0.8, "to": 1.4, "tolerance": 0.1}}
    with cluster(tmp_path / "cluster") as (address, _):
        for mode, keys, more in (
            ("product", CURRENTS, {}), ("follow", CURRENTS, {}), ("bisect", bisection, {"until": "slips_in_all > 0"})
        ):  # fmt: skip
            here = fg.sweep(small, keys, Path(f"{mode}-here"), mode=mode, workers=1, **more)
            there = fg.sweep(small, keys, Path(f"{mode}-there"), mode=mode, dask=address, **more)
            assert set(there.table["status"]) == {"solved"}
            assert here.rows == there.rows
            assert tables(here.directory) == tables(there.directory)
        words = ["sweep", str(small), "--over", "drive.current=[0.5, 0.8]", "--out", "cli", "--dask", address]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        assert "2 of 2 points solved" in done.output


@pytest.mark.slow
def test_the_points_of_a_worker_that_is_killed_are_done_by_the_other(small, tmp_path):
    (tmp_path / "cluster").mkdir()
    keys = {"drive.current": {"from": 0.5, "to": 1.4, "count": 10}}
    seen = []
    with cluster(tmp_path / "cluster") as (address, workers):

        def watch(done, count, row):
            seen.append(row["point"])
            if done == 2:
                threading.Thread(target=os.killpg, args=(workers[0].pid, signal.SIGKILL)).start()

        swept = fg.sweep(small, keys, tmp_path / "there", dask=address, watch=watch)
    assert list(swept.table["status"]) == ["solved"] * 10
    fg.sweep(small, keys, tmp_path / "here", workers=1)
    assert tables(tmp_path / "here") == tables(tmp_path / "there")


def test_workers_of_two_threads_are_refused(small, tmp_path):
    (tmp_path / "cluster").mkdir()
    with (
        cluster(tmp_path / "cluster", workers=1, threads=2) as (address, _),
        pytest.raises(fg.InputError, match=r"2 threads.*--nthreads 1"),
    ):
        fg.sweep(small, CURRENTS, tmp_path / "there", dask=address)


def test_no_scheduler_is_said_in_words(small, tmp_path, monkeypatch):
    monkeypatch.setattr("femtdgl.studies.cluster.PATIENCE", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(fg.InputError, match="no scheduler"):
            fg.sweep(small, CURRENTS, tmp_path / "there", dask=address)
    with pytest.raises(fg.InputError, match="one of workers and dask"):
        fg.sweep(small, CURRENTS, tmp_path / "there", dask="tcp://127.0.0.1:9", workers=2)
