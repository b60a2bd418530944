"""Result files that are damaged, cut short, on full disks, or left by killed runs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from faults.children import ending, in_child, program
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError
from femtdgl.files import atomic, hdf5, parts
from femtdgl.files.results import ResultWriter

run = CliRunner().invoke
TESTS = Path(__file__).parent


# ---- damage ---------------------------------------------------------------------------------------------------------


def test_damaged_files(tmp_path):
    assert " 0 faults" in program("damage", tmp_path, 4, 11)


@pytest.mark.slow
def test_many_damaged_files(tmp_path):
    assert " 0 faults" in program("damage", tmp_path, 250, 12)


def test_a_missing_part_is_said(unfinished):
    """Also when all are gone, or were not copied; HDF5 alone gives zeros."""
    part = unfinished / "parts" / "00001.h5"
    content = part.read_bytes()
    part.unlink()
    with h5py.File(unfinished / "result.h5") as file:
        assert file["fields/t"][1] == 0.0
    for read in (lambda: fg.Result(unfinished), lambda: fg.resume(unfinished)):
        with pytest.raises(InputError, match=r"parts/00001\.h5: is missing"):
            read()
    for command in (["plot"], ["export"], ["flux"], ["resume"]):
        done = run(app, [*command, str(unfinished)])
        assert done.exit_code == 2 and "is missing" in done.stderr
    part.write_bytes(content[:-1])
    with pytest.raises(InputError, match="is damaged"):
        fg.Result(unfinished)
    shutil.rmtree(unfinished / "parts")
    with pytest.raises(InputError, match="is missing"):
        fg.Result(unfinished)


def test_parts_that_the_run_puts_together_meanwhile(unfinished, monkeypatch):
    """A reader that has seen the old index looks again."""
    result, whole = fg.Result(unfinished), fg.Result(unfinished).t
    reading, count = parts.read_rows, [0]

    def late(directory, listed, key, rows):
        count[0] += 1
        if count[0] == 1:
            fg.resume(unfinished)
        return reading(directory, listed, key, rows)

    monkeypatch.setattr("femtdgl.files.stored.read_rows", late)
    np.testing.assert_array_equal(result.t[: whole.size], whole)
    assert count[0] == 1


def with_state(where, **changes):
    """Another checkpoint, its own checksums right."""
    path = where / "checkpoint.npz"
    with np.load(path) as data:
        state = {name: data[name] for name in data.files}
    np.savez(path, **{**state, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"t": -5.0}, "holds no state of a run"),
        ({"t": np.nan}, "holds no state of a run"),
        ({"y": np.zeros(3)}, "holds 3 unknowns, the problem has"),
        ({"rows_fields": 10**6}, "rows of 'fields' fewer than its checkpoint"),
        ({"rows_probes": -1}, "holds no state of a run"),
        ({"recent": np.zeros((2, 2)), "steps": np.array("many")}, "holds no checkpoint of a run"),
    ],
)
def test_a_checkpoint_that_is_none(unfinished, changes, said):
    with_state(unfinished, **changes)
    with pytest.raises(InputError, match=said):
        fg.resume(unfinished)


def test_a_checkpoint_of_somebody_else(unfinished):
    np.savez(unfinished / "checkpoint.npz", t=1.0)
    with pytest.raises(InputError, match="is no checkpoint of femtdgl"):
        fg.resume(unfinished)
    (unfinished / "checkpoint.npz").unlink()
    with pytest.raises(InputError, match="holds no checkpoint"):
        fg.resume(unfinished)


def test_a_changed_digit_of_the_summary_is_seen(unfinished):
    path = unfinished / "summary.json"
    text = path.read_text()
    assert json.loads(text)["checksum"].startswith("written by femtdgl")
    path.write_text(text.replace('"delta": 3.0', '"delta": 8.0'))
    with pytest.raises(InputError, match="not as it was written"):
        _ = fg.Result(unfinished).summary
    table = json.loads(text)
    del table["checksum"]
    path.write_text(json.dumps({**table, "title": "by hand"}))
    assert fg.Result(unfinished).summary["title"] == "by hand"


@pytest.mark.parametrize("command", ["plot", "export", "flux", "resume"])
def test_what_is_no_run_is_not_called_a_fault_of_writing(tmp_path, command):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "result.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    for where in ("empty", "bad", "nowhere"):
        done = run(app, [command, str(tmp_path / where)])
        assert done.exit_code == 2, done.output
        assert "cannot be read" in done.stderr and "written" not in done.stderr
        assert done.stderr.count("\n") == 1


def test_an_unfinished_run_without_a_summary_says_how_to_end_it(unfinished):
    (unfinished / "summary.json").unlink()
    done = run(app, ["plot", str(unfinished)])
    assert done.exit_code == 2
    assert "summary.json: is not there (allowed: a run that has ended: `femtdgl resume` ends one" in done.stderr


# ---- full disks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 100, 3_000, 9_000, 13_000, 15_000, 20_000, 26_000, 10**9])
def test_a_full_disk(problem, tmp_path, limit):
    """Wherever it strikes, one message; on a larger disk the run goes on to the same end."""
    where = tmp_path / "run"
    said = in_child(ending(lambda: fg.run(problem(), where)), limit)
    if limit == 10**9:
        assert said == "done"
        return
    assert said.startswith("SolverStopped") and "cannot be written: File too large" in said
    assert not list(where.rglob("*.tmp"))
    if "nothing is kept" in said:
        assert not where.exists()
        return
    result, whole = fg.resume(where, exact=True), fg.run(problem())
    np.testing.assert_array_equal(result.probes["voltage"], whole.probes["voltage"])


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_disk_that_is_full_when_a_run_goes_on(problem, tmp_path, share):
    fg.run(problem(1.3), tmp_path)
    old, limit = fg.Result(tmp_path).probes["voltage"], int(share * (tmp_path / "result.h5").stat().st_size)
    said = in_child(ending(lambda: fg.resume(tmp_path, until=2.0, exact=False)), limit)
    assert said.startswith("SolverStopped") and "cannot be written" in said
    np.testing.assert_array_equal(fg.Result(tmp_path).probes["voltage"][: old.size], old)
    result = fg.resume(tmp_path, until=2.0, exact=False)
    assert result.summary["stop_reason"] == "t_end"
    np.testing.assert_array_equal(result.probes["voltage"][: old.size], old)


def test_hdf5_is_left_in_peace_on_a_full_disk(tmp_path):
    """h5py would crash when the process ends; here the first failure is kept, and is the one that is raised."""

    def work():
        for size in (10, 10**4, 10**5):
            with pytest.raises(OSError, match="File too large") as error, hdf5.created(tmp_path / "x.h5") as file:
                for k in range(20):
                    hdf5.store(file, f"group/{k}", np.arange(size), compressed=k % 2 == 0)
            assert error.value.filename == str(tmp_path / "x.h5")
        return "alive"

    assert in_child(work, 300) == "alive"
    assert list(tmp_path.iterdir()) == []


def test_flux_on_a_full_disk_is_one_message(problem, tmp_path):
    fg.run(problem(), tmp_path)

    def work():
        done = run(app, ["flux", str(tmp_path)])
        return f"{done.exit_code} {done.stderr}"

    said = in_child(work, 2000)
    assert said.startswith("3 femtdgl: ") and "flux.h5 cannot be written: File too large" in said
    assert not list(tmp_path.glob("flux*"))


# ---- killed runs ----------------------------------------------------------------------------------------------------


def test_kills(tmp_path):
    assert " 0 faults" in program("kills", tmp_path, 1, 3, "line")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["line", "strip", "heated", "sweep", "signals", "network"])
def test_many_kills(tmp_path, kind):
    assert " 0 faults" in program("kills", tmp_path, 6, 4, kind)


def test_what_killed_runs_leave_is_removed_by_the_next(problem, tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = [f".result.h5.{dead.pid}.tmp", f"parts/.00000.h5.{dead.pid}.tmp", f"figures/.fig1.png.{dead.pid}.tmp"]
    mine = [f".result.h5.{os.getppid()}.tmp", ".notes.tmp"]
    for name in (*names, *mine):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("half a file")
    fg.run(problem(0.4), tmp_path)
    assert not any((tmp_path / name).exists() for name in names)
    assert all((tmp_path / name).exists() for name in mine)


def test_parts_without_a_run_are_removed_but_not_a_run_without_its_index(problem, unfinished):
    """Killed before its first checkpoint there is nothing to go on with; later there is."""
    (unfinished / "result.h5").unlink()
    with pytest.raises(InputError, match=r"holds checkpoint\.npz of a run already"):
        fg.run(problem(), unfinished)
    for name in ("checkpoint.npz", "checkpoint-regular.npz", "summary.json"):
        (unfinished / name).unlink(missing_ok=True)
    assert fg.run(problem(), unfinished).summary["t_end"] == 2.0


def test_files_are_on_the_disk_before_they_are_renamed(problem, tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        call = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, call=call: (calls.append(name), call(*a))[1])
    atomic.write_json(tmp_path / "x.json", {"a": 1})
    assert calls == ["fsync", "replace", "fsync"]


# ---- costs ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_costs_the_same_after_many_parts(tmp_path):
    """Files opened, and bytes of the index, over sixteen commits."""
    writer = ResultWriter(tmp_path, attributes={}, static={"problem": ""})
    for group in ("fields", "probes", "slips"):
        writer.declare(group, t=np.zeros(1))
    sizes, counts = [], []
    for k in range(320):
        writer.add("probes", t=[float(k)])
        writer.commit()
        sizes.append((tmp_path / "result.h5").stat().st_size)
        counts.append(len(writer.parts))
    assert max(counts[-160:]) <= 3 * parts.FAN
    assert max(sizes[-16:]) < 1.5 * max(sizes[:16])
    writer.finish()
    with h5py.File(tmp_path / "result.h5") as file:
        np.testing.assert_array_equal(file["probes/t"][:], np.arange(320.0))
    assert not (tmp_path / "parts").exists()
