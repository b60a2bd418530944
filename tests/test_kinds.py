"""One contract for every kind of problem, also for one that this program has never heard of."""

import json
import sys
from dataclasses import fields, is_dataclass

import pytest
from conftest import PROBLEMS
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.kinds import registry
from femtdgl.measure.entry import ABSENT, as_json, entry, markdown, summary

run = CliRunner().invoke


@pytest.fixture
def pendulum(monkeypatch, tmp_path):
    """A problem file of the kind that tests/extensions/pendulum.py brings."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    monkeypatch.syspath_prepend(str(PROBLEMS.parent / "tests"))
    sys.modules.pop("extensions.pendulum", None)
    __import__("extensions.pendulum")
    file = tmp_path / "swing.toml"
    file.write_text('kind = "pendulum"\ntitle = "a clock"\nlength = 1.0\n')
    return file


def test_a_fourth_kind_needs_no_other_change(pendulum, tmp_path):
    where = tmp_path / "out"
    assert run(app, ["check", str(pendulum)]).stdout == "a pendulum of 1 m\n"
    done = run(app, ["run", str(pendulum), "--out", str(where), "--set", "length=4.0"])
    assert done.exit_code == 0, done.output
    assert "a clock: 4.012 s" in done.stdout
    assert json.loads((where / "summary.json").read_text())["period"] == pytest.approx(4.01213, rel=1e-5)
    assert (where / "figures" / "swing.txt").exists()
    assert run(app, ["plot", str(where)]).stdout.strip() == str(where / "figures" / "swing.txt")
    assert fg.run(pendulum, length=9.81).summary["period"] == pytest.approx(6.28319, rel=1e-5)
    assert "[s]" in registry.named("pendulum").summary.__doc__


def test_a_fourth_kind_refuses_in_the_same_words(pendulum, tmp_path):
    for command in (["check", str(pendulum)], ["run", str(pendulum), "--out", str(tmp_path / "no")]):
        done = run(app, [*command, "--set", "lenth=4.0"])
        assert done.exit_code == 2
        assert done.stderr.startswith(f"femtdgl: {pendulum}: lenth: ")
    assert not (tmp_path / "no").exists()


def test_what_cannot_be_resumed_says_so(pendulum, tmp_path):
    run(app, ["run", str(pendulum), "--out", str(tmp_path / "out")])
    done = run(app, ["resume", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "is a pendulum, solved as a whole: there is nothing to resume" in done.stderr


def test_what_has_no_phonon_flux_says_so(pendulum, tmp_path):
    run(app, ["run", str(pendulum), "--out", str(tmp_path / "out")])
    done = run(app, ["flux", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "is a pendulum: it has no phonon flux of its own" in done.stderr


@pytest.mark.parametrize("command", ["check", "run"])
def test_an_unknown_kind_lists_the_known(tmp_path, command):
    file = tmp_path / "x.toml"
    file.write_text('kind = "filamant"\n')
    done = run(app, [command, str(file)])
    assert done.exit_code == 2
    assert done.stderr == (
        f"femtdgl: {file}: kind: 'filamant' is no kind of problem; did you mean 'filament'? "
        "(allowed: filament, network, cooler)\n"
    )


@pytest.mark.parametrize("value", ["3", "[]", "{}", "true"])
def test_a_kind_that_is_no_text(tmp_path, value):
    file = tmp_path / "x.toml"
    file.write_text(f"kind = {value}\n")
    assert "is no kind of problem (allowed: filament, network, cooler)" in run(app, ["check", str(file)]).stderr


@pytest.mark.parametrize("name", registry.names())
def test_every_entry_of_a_summary_has_a_meaning(name):
    def visit(cls):
        for item in fields(cls):
            assert item.metadata["meaning"], f"{cls.__name__}.{item.name}"

    kind = registry.named(name)
    assert is_dataclass(kind.summary)
    visit(kind.summary)
    assert kind.summary.__doc__.count("\n") > len(fields(kind.summary))


def test_summary_of_a_run_is_the_dataclass(filament):
    found = fg.run(filament(), until=1.0).summary
    named = {item.name for item in fields(registry.named("filament").summary)}
    assert set(found) <= named
    assert named - set(found) <= {"heat", "noise", "of_probes", "phonons", "si", "vortices"}


def test_entries():
    @summary
    class Part:
        """A part."""

        size: float = entry("m", "how large")

    @summary
    class Whole:
        """A whole."""

        part: Part = entry("", "its part")
        more: dict = entry("", "more of it", spread="more_<name>")
        rare: float = entry("|x|", "now and then", optional="odd runs")

    whole = Whole(part=Part(size=2.0), more={"more_a": [1.0]})
    assert whole.rare is ABSENT
    assert as_json(whole) == {"part": {"size": 2.0}, "more_a": [1.0]}
    assert as_json(Whole(part=Part(size=2.0), more={}, rare=3.0))["rare"] == 3.0
    table = markdown(Whole)
    assert "| `part.size` | m | how large |" in table
    assert "| `rare` | \\|x\\| | now and then (odd runs) |" in table
    assert "more_<name>" in table
    assert "how large [m]" in Whole.__doc__
