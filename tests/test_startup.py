"""Quick where people wait: help and import; and every shipped problem is known by its name."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from femtdgl.cli import app
from femtdgl.input import listed

TRIES = 5


def cpu_seconds(*words):
    """The least that a command took of a few times: user and system, of it and all it started."""
    least = float("inf")
    for _ in range(TRIES):
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        least = min(least, usage.ru_utime + usage.ru_stime)
    return least


def test_help_takes_less_than_0_4_cpu_seconds():
    assert cpu_seconds("-m", "femtdgl", "--help") < 0.4


def test_import_takes_less_than_0_1_cpu_seconds():
    assert cpu_seconds("-c", "import femtdgl") < 0.1


UNLOADED = (
    "rich", "numba", "pandas", "matplotlib.pyplot", "scipy.integrate", "femtdgl.display",
    "femtdgl.thermal.network.network", "femtdgl.thermal.cooler", "femtdgl.flux", "femtdgl.kinds.network",
)  # fmt: skip
"""What a quiet run of a filament on the CPU has no use for."""


def test_a_quiet_run_loads_what_it_needs(tmp_path):
    """From the problem to its figures.  Each module is a millisecond of every run, those above are tens of them."""
    code = """
import sys
from femtdgl.cli import app
try:
    app()
except SystemExit as end:
    assert not end.code
print(*sys.modules)
"""
    words = ["run", "psc_filament", "--out", str(tmp_path), "--quiet", "--set", "mesh.elements=6", "time.t_end=1.0"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "femtdgl.figures.filament" in loaded
    assert not set(UNLOADED) & set(loaded)
    assert sum(name.startswith("femtdgl") for name in loaded) < 230


def test_a_refusal_loads_next_to_nothing(tmp_path):
    """And it comes before a mesh is made."""
    from femtdgl.files.mark import MARK

    (tmp_path / "checkpoint.npz").write_text(MARK)
    code = "import sys; from femtdgl.cli import app; end = app(standalone_mode=False); print(end, *sys.modules)"
    words = ["run", "psc_filament", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    end, *loaded = done.stdout.split()
    assert end == "2" and "holds checkpoint.npz of a run already" in done.stderr
    assert not {"numpy", "scipy", "h5py", "femtdgl.kinds"} & set(loaded)


def test_a_problem_is_read_without_what_solves_and_draws_it():
    code = "import sys, femtdgl.kinds.run as run; run.read_file('psc_filament'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"scipy.optimize", "scipy.interpolate", "sksundae", "matplotlib", "rich"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize("name", listed.names())
def test_every_shipped_problem_is_found_by_its_name(name, tmp_path, monkeypatch):
    """All of it is read, and its mesh and system are built, away from the checkout."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["check", name])
    assert done.exit_code == 0, done.output
    assert list(tmp_path.iterdir()) == []


def test_garbage_is_seldom_looked_for_in_a_run_and_as_ever_after_it():
    """Studies, whose every point leaves a system in circles, look as ever."""
    import gc

    from femtdgl.cli.frame import SELDOM, one_run

    before = gc.get_threshold()
    with one_run():
        assert gc.get_threshold()[0] == SELDOM > before[0]
    assert gc.get_threshold() == before


def test_what_a_run_leaves_is_not_looked_through_at_its_end():
    """Neither at once nor with what comes next: it would be all that was loaded and made."""
    import gc

    from femtdgl.cli.frame import one_run

    looked_through = []

    def count(phase, info):
        if phase == "start":
            looked_through.append(len(gc.get_objects(generation=0)))

    gc.callbacks.append(count)
    try:
        with one_run():
            kept = [[] for _ in range(50_000)]
        kept += [[] for _ in range(5_000)]
    finally:
        gc.callbacks.remove(count)
    assert looked_through and max(looked_through) < 5_000


def test_a_directory_that_is_being_written_to_is_refused_as_that(tmp_path):
    """Whatever it holds: going on with what is under way is no advice."""
    from femtdgl.files.lock import writing
    from femtdgl.files.mark import MARK

    (tmp_path / "checkpoint.npz").write_text(MARK)
    words = ["run", "psc_filament", "--out", str(tmp_path)]
    with writing(tmp_path):
        held = CliRunner().invoke(app, words)
    assert held.exit_code == 2 and "is being written to by process" in held.stderr
    assert "holds checkpoint.npz" in CliRunner().invoke(app, words).stderr
