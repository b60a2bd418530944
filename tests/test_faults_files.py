"""Damaged files, full disks, two writers, the files of others: said in words, never read as zeros, never replaced."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError, SolverStopped
from femtdgl.files import atomic, hdf5, lock, parts
from femtdgl.files.mark import is_ours
from femtdgl.files.results import ResultWriter
from femtdgl.solve.integrate import StepInterrupted

run = CliRunner().invoke
TESTS = Path(__file__).parent


@pytest.fixture
def problem(filament):
    def build(t_end=2.0, **more):
        more = {"output": fg.Output(fields=0.25), "current": fg.Ramp(0, 1.5, over=0.5), **more}
        return filament(length=1.1, elements=6, time=fg.Time(t_end=t_end, checkpoint=0.5), **more)

    return build


@pytest.fixture
def unfinished(problem, tmp_path):
    """A run with parts, stopped at t = 2."""

    def watch(progress):
        if progress.t == 2.0:
            raise StepInterrupted

    fg.run(problem(3.0), tmp_path / "run", watch=watch)
    assert fg.Result(tmp_path / "run").parts is not None
    return tmp_path / "run"


def program(module, *arguments):
    """A program of tests/faults."""
    done = subprocess.run(
        [sys.executable, "-m", f"faults.{module}", *map(str, arguments)], cwd=TESTS, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


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


def in_child(work, limit=None):
    """What a function returns in a process of its own, where no file may be longer than `limit` bytes."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            os.write(writable, work().encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writable)
    with open(readable) as pipe:
        said = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return said


def ending(work):
    """How a call ends, in words."""

    def told():
        try:
            work()
            return "done"
        except (InputError, SolverStopped) as error:
            return f"{type(error).__name__}: {error}"

    return told


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


# ---- one writer -----------------------------------------------------------------------------------------------------


def together(works):
    """What several calls say that begin at the same moment, each in a process of its own."""
    pipes = []
    start = time.time() + 0.3
    for work in works:
        readable, writable = os.pipe()
        if os.fork() == 0:
            time.sleep(max(start - time.time(), 0))
            os.write(writable, ending(work)().encode())
            os._exit(0)
        os.close(writable)
        pipes.append(readable)
    said = []
    for readable in pipes:
        with open(readable) as pipe:
            said.append(pipe.read())
        os.wait()
    return said


@pytest.mark.parametrize("second", [pytest.param(2.0, marks=pytest.mark.slow), 1.7])
@pytest.mark.parametrize("there", ["nothing", "a result", "a stopped run"])
def test_two_writers_in_one_directory(problem, tmp_path, there, second):
    """One of them wins, the other says who it is; there is no mixture."""
    where, ends = tmp_path / "run", (2.0, second)
    works = [lambda end=end: fg.run(problem(end), where, force=there == "a result") for end in ends]
    if there == "a result":
        fg.run(problem(1.0), where)
    elif there == "a stopped run":
        fg.run(problem(1.0), where)
        works = [lambda end=end: fg.resume(where, until=end) for end in ends]
    said = together(works)
    lost = [words for words in said if words != "done"]
    assert len(lost) <= 1
    for words in lost:
        assert "is being written to by process" in words or "holds a result already" in words or "lies before" in words
    result = fg.Result(where)
    end = result.summary["t_end"]
    assert end in ends and np.all(np.diff(result.probes["t"]) > 0)
    whole = fg.run(problem(1.0 if there == "a stopped run" else end), tmp_path / "whole")
    if there == "a stopped run":
        whole = fg.resume(tmp_path / "whole", until=end)
    for name in whole.probes:
        np.testing.assert_array_equal(result.probes[name], whole.probes[name])


def test_a_dead_process_holds_nothing(tmp_path):
    child = os.fork()
    if child == 0:
        with lock.writing(tmp_path):
            os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    assert (tmp_path / lock.NAME).exists()
    with lock.writing(tmp_path):
        with pytest.raises(InputError, match=f"is being written to by process {os.getpid()} on "):
            lock.writing(tmp_path).__enter__()
        assert "process" in in_child(ending(lambda: lock.writing(tmp_path).__enter__()))
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_removed_is_made_anew(tmp_path, monkeypatch):
    """Between opening and locking, its last holder let go and removed the file."""
    is_at, count = lock._is_at, [0]

    def gone(descriptor, path):
        count[0] += 1
        if count[0] == 1:
            path.unlink()
        return is_at(descriptor, path)

    monkeypatch.setattr(lock, "_is_at", gone)
    with lock.writing(tmp_path):
        assert count[0] == 2 and (tmp_path / lock.NAME).exists()


def test_reading_needs_no_lock(unfinished):
    with lock.writing(unfinished):
        assert fg.Result(unfinished).t[-1] == 2.0


# ---- the files of others --------------------------------------------------------------------------------------------

OURS = ("result.h5", "summary.json", "checkpoint.npz", "checkpoint-regular.npz", "flux.h5", "flux.json")


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("name", OURS)
def test_a_file_of_somebody_else_stays(problem, tmp_path, name, force):
    content = b"mine"
    if name == "result.h5":
        with h5py.File(tmp_path / name, "w") as file:
            file["mine"] = 1.0
        content = (tmp_path / name).read_bytes()
    else:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "mine.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="was not written by femtdgl"):
        fg.run(problem(), tmp_path, force=force)
    assert (tmp_path / name).read_bytes() == content
    assert {path.name for path in tmp_path.iterdir()} == {name, "figures"}
    assert (tmp_path / "figures" / "mine.png").read_bytes() == b"mine"


def test_force_removes_ours_and_nothing_else(tmp_path):
    where = tmp_path / "run"
    command = ["run", str(PROBLEMS / "psc_filament.toml"), "--out", str(where), "--quiet", "--set", "mesh.elements=6"]
    command += ["--set", "time.t_end=1.5", "--set", "output.fields=0.2"]
    assert run(app, command).exit_code == 0
    assert run(app, ["export", str(where)]).exit_code == 0
    assert run(app, ["flux", str(where), "--quiet"]).exit_code == 0
    files = [path for path in where.rglob("*") if path.is_file()]
    assert len(files) > 10 and all(map(is_ours, files))
    for place in ("notes.txt", "figures/mine.png", "paraview/mine.vtu", "paraview/fields/mine.vtu"):
        (where / place).write_text("mine")
    (where / "parts").mkdir()
    (where / "parts" / "mine.h5").write_text("mine")
    assert run(app, [*command, "--set", "film.delta=-1", "--force"]).exit_code == 2
    assert all(path.exists() for path in files), "the old result was removed before the new input was found good"
    assert run(app, [*command, "--force"]).exit_code == 0
    left = {str(path.relative_to(where)) for path in where.rglob("*") if path.is_file() and not is_ours(path)}
    assert left == {
        "notes.txt", "figures/mine.png", "paraview/mine.vtu", "paraview/fields/mine.vtu", "parts/mine.h5",
    }  # fmt: skip
    assert not (where / "flux.h5").exists() and not (where / "paraview" / "fields.pvd").exists()


def test_a_figure_of_somebody_else_stays(problem, tmp_path):
    fg.run(problem(), tmp_path)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "fig1.png").write_bytes(b"\x89PNG mine")
    done = run(app, ["plot", str(tmp_path)])
    assert done.exit_code == 2 and "fig1.png: is there already, and was not written by femtdgl" in done.stderr
    assert (tmp_path / "figures" / "fig1.png").read_bytes() == b"\x89PNG mine"


@pytest.mark.parametrize("name", ["parts", "figures", "paraview"])
def test_a_folder_that_is_a_link_is_not_followed(problem, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "00000.h5").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(elsewhere)
    for force in (False, True):
        with pytest.raises(InputError, match="is not a directory of femtdgl"):
            fg.run(problem(), tmp_path / "run", force=force)
    assert (elsewhere / "00000.h5").read_text() == "mine"


def test_meshes_and_pictures_of_somebody_else_stay(tmp_path):
    base = ["mesh", str(PROBLEMS / "psc_filament.toml")]
    for option, name in (("--out", "m.msh"), ("--out", "m.vtu"), ("--picture", "m.png")):
        path = tmp_path / name
        path.write_text("mine")
        done = run(app, [*base, option, str(path)])
        assert done.exit_code == 2 and "was not written by femtdgl" in done.stderr
        assert path.read_text() == "mine"
        path.unlink()
        for _ in range(2):
            assert run(app, [*base, option, str(path)]).exit_code == 0
        assert is_ours(path)
    done = run(app, [*base, "--picture", str(tmp_path / "m.xyz")])
    assert done.exit_code == 2 and "allowed: .png" in done.stderr


@pytest.mark.parametrize("out", ["a\0b", "x" * 300, "file/below", "file"])
def test_directories_that_cannot_be(problem, tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    with pytest.raises(InputError, match="--out: cannot be made"):
        fg.run(problem(), out)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


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
