"""What is installed: metadata that agree, and a wheel that runs away from the checkout."""

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile

import pytest
from conftest import PROBLEMS
from typer.testing import CliRunner

from femtdgl.cli import app
from femtdgl.input import listed, manual

ROOT = PROBLEMS.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_one():
    version = PROJECT["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == version


def test_the_papers_of_the_docs_are_cited():
    cited, theory = (ROOT / "CITATION.cff").read_text(), (ROOT / "docs" / "theory.md").read_text()
    for short in ("[PSC]", "[SN]", "[NIS]"):
        assert f'notes: "{short}"' in cited and f"**{short}**" in theory
    for title in re.findall(r'notes: .*\n    title: "(.*)"', cited):
        assert title.split(":")[0] in " ".join(theory.split())


def test_python_versions_are_those_of_the_classifiers():
    named = {line.rsplit(" ")[-1] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)}
    assert named == {"3.11", "3.12", "3.13"} and PROJECT["requires-python"] == ">=3.11"


def test_docs_lists_and_prints_pages():
    run = CliRunner().invoke
    told = run(app, ["docs"]).output
    assert "theory " in told and "Every key of a problem file" in told
    assert run(app, ["docs", "theory"]).output.startswith("# Theory")
    assert str(ROOT / "docs" / "keys.md") in run(app, ["docs", "--long"]).output
    wrong = run(app, ["docs", "theorie"])
    assert wrong.exit_code == 2 and "did you mean 'theory'?" in wrong.stderr


@pytest.mark.slow
def test_a_wheel_runs_away_from_the_checkout(tmp_path):
    """Built, installed into a fresh environment, run in an empty directory; its dependencies are those of this one."""
    build = pytest.importorskip("build", reason="the package `build` makes wheels")
    assert build
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {f"femtdgl/problems/{name}.toml" for name in listed.names()} < inside
    assert {f"femtdgl/docs/{name}.md" for name in manual.pages()} < inside
    assert not any(name.startswith(("tests/", "docs/")) or name.endswith(".png") for name in inside)

    home = tmp_path / "venv"
    venv.EnvBuilder(with_pip=True, system_site_packages=False).create(home)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True)
    site = next(home.glob("lib/python*/site-packages"))
    for path in (path for path in sys.path if path.endswith("site-packages")):
        (site / "dependencies.pth").write_text(f"{path}\n")
    away = tmp_path / "away"
    away.mkdir()
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def femtdgl(*words):
        done = subprocess.run([home / "bin" / "femtdgl", *words], cwd=away, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run([python, "-c", "import femtdgl; print(femtdgl.__file__)"], cwd=away, env=clean,
                           capture_output=True, text=True).stdout  # fmt: skip
    assert where.startswith(str(site))
    assert "psc_filament" in femtdgl("list")
    assert str(site / "femtdgl" / "problems" / "psc_filament.toml") in femtdgl("list", "--long")
    assert femtdgl("docs", "theory").startswith("# Theory")
    assert f"femtdgl {PROJECT['version']}" in femtdgl("--version")
    femtdgl("run", "psc_filament", "--set", "time.t_end=2", "measure.discard=0.5", "output.fields=0.5", "--quiet")
    assert (away / "results" / "psc_filament" / "summary.json").is_file()
    assert list((away / "results" / "psc_filament" / "figures").glob("*.png"))
    femtdgl("new", "ring", "--to", "mine.toml")
    assert "ring" in femtdgl("check", "mine.toml")
    assert femtdgl("mesh", "ring").startswith("ring: ring\n")
