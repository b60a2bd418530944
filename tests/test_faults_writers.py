"""Two writers in one directory, and the files of others."""

import os
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import PROBLEMS
from faults.children import ending, in_child
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError
from femtdgl.files import lock
from femtdgl.files.mark import is_ours

run = CliRunner().invoke
TESTS = Path(__file__).parent


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
