"""kind = "cooler": the three sources of a filament, and bad input."""

import json
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from conftest import PROBLEMS
from cooler_cases import FILE, LEADS, changed, summary_of, written

import femtdgl as fg
from femtdgl.errors import InputError, SolverStopped
from femtdgl.files.atomic import write_json
from femtdgl.files.reader import Result
from femtdgl.kinds import report
from femtdgl.kinds.cooler.evaluate import evaluate
from femtdgl.kinds.cooler.kind import KIND
from femtdgl.kinds.cooler.prepare import prepare
from femtdgl.kinds.cooler.run import read_run
from femtdgl.kinds.cooler.summary import CoolerSummary
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.measure.entry import as_json, markdown, rows


def test_stored_and_inline_filaments_agree_with_the_file(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    again = summary_of(changed("count", 100, stored), tmp_path)["cooler"]
    book = shipped.summary["cooler"]
    assert again["g_W"] == book["g_W"]
    assert again["P_joule"] == pytest.approx(100 * book["P_joule"])
    assert again["bias_current"] == pytest.approx(book["bias_current"])
    assert again["bias_voltage"] == pytest.approx(100 * book["bias_voltage"])
    assert again["reciprocal"]["T_cold"] == pytest.approx(book["reciprocal"]["T_cold"])
    inline = tomllib.loads((PROBLEMS / "psc_filament.toml").read_text())
    del inline["expect"]
    inline["mesh"]["elements"] = 20
    inline["time"]["t_end"] = 50.0
    inline["measure"]["discard"] = 12.0
    table = changed("paper", None, inline)
    prepared = prepare(table, file=str(tmp_path / "cooler.toml"))
    coarse = as_json(evaluate(prepared, read_run(fg.run(prepared.filament.problem), prepared.kernel))[1])
    assert coarse["cooler"]["g_W"] == pytest.approx(book["g_W"], rel=2e-2)
    assert coarse["cooler"]["paper"] is None
    assert coarse["filament"]["whole_periods"]


def test_a_run_without_a_whole_period_is_said(shipped, tmp_path):
    short = fg.run(PROBLEMS / "psc_filament.toml", tmp_path / "short", until=30.0, mesh__elements=20)
    assert short.summary["state"] != "periodic"
    s = summary_of(changed("", None, {"result": str(tmp_path / "short")}), tmp_path)
    assert s["filament"]["whole_periods"] is False
    assert "no whole period" in s["warnings"][0]


def test_sigma_k_instead_of_a_solid_and_other_paths(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    for kind in ("parallel", "leak"):
        table = changed("path", {"kind": kind, "k": 1.0}, stored)
        table["top"] = {"sigma_K": 300.0}
        book = summary_of(table, tmp_path)["cooler"]
        assert book["path"] == kind
        assert book["P_leak"] >= book["P_leak_bare"] > book["P_leak_series"]


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("leads", {"length": "1 mm", "cross_section": 1e-12}, "leads.resistivity"),
        ("leads", {**LEADS, "length": "1 s"}, "leads.length"),
        ("leads", {**LEADS, "cross_section": 0.0}, "leads.cross_section"),
        ("leads", {**LEADS, "count": 0}, "leads.count"),
        ("leads", {**LEADS, "cuont": 2}, "leads.cuont"),
        ("bath", None, "bath"),
        ("bath/temperature", "2 K", "bath.temperature"),
        ("bath/temperature", "-1 K", "bath.temperature"),
        ("bath/temperature", "1 W", "bath.temperature"),
        ("bath/target", "1.2 K", "bath.target"),
        ("plate/capacity", -1e-9, "plate.capacity"),
        ("plate/load", "1 K", "plate.load"),
        ("plate/mass", 1.0, "plate.mass"),
        ("material/T0", "1.3 K", "material.T0"),
        ("material/preset", "aluminum", "material.preset"),
        ("material/width", "0 m", "material.width"),
        ("material/thickness", "-1 nm", "material.thickness"),
        ("top/solid", "silicone", "top.solid"),
        ("top/sigma_K", 300.0, "top"),
        ("paper/top_in", 1.5, "paper.top_in"),
        ("path/kind", "diode", "path.kind"),
        ("count", 0, "count"),
        ("filament", {}, "filament"),
        ("filament", {"problem": "psc_gapless.toml"}, ""),
        ("filament/kernel", "best", "filament.kernel"),
        (
            "filament",
            {"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"film.delta": -1}},
            "filament.set.film.delta",
        ),
        ("filament/result", "nowhere", ""),
        ("filament/variants", True, "filament.variants"),
        ("filament/variants", "all", "filament.variants"),
        ("diode", "ideal", "diode"),
    ],
)
def test_bad_input_is_found_before_anything_is_written(shipped, tmp_path, path, value, key):
    filament = {"result": str(shipped.directory / "filament")}
    file = written(tmp_path, changed(path, value, filament))
    with pytest.raises(InputError) as error:
        fg.run(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    if key:
        assert error.value.key == key
    assert error.value.file


def test_a_plate_without_a_bath_on_the_command_line(shipped, tmp_path):
    file = written(tmp_path, changed("bath", None, {"result": str(shipped.directory / "filament")}))
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", str(file), "--out", str(tmp_path / "out")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"femtdgl: {file}: bath: is missing (allowed: a value for bath)"]
    assert not (tmp_path / "out").exists()


def test_gapless_filament_is_refused(tmp_path):
    table = changed("", None, {"problem": str(PROBLEMS / "psc_gapless.toml")})
    with pytest.raises(InputError, match="gapless"):
        fg.run(written(tmp_path, table))


def test_an_interrupted_filament_makes_no_cooler(shipped, tmp_path, monkeypatch):
    table = changed("", None, {"problem": str(PROBLEMS / "psc_filament.toml")})

    def interrupted(job, where, watch=None):
        shutil.copytree(shipped.directory / "filament", where, dirs_exist_ok=True)
        write_json(where / "summary.json", {**Result(where).summary, "stop_reason": "interrupted"})

    monkeypatch.setattr(FilamentJob, "solve", interrupted)
    with pytest.raises(SolverStopped, match="interrupted"):
        KIND.read(table, "", file=str(tmp_path / "c.toml")).solve(tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_command_line(shipped, tmp_path):
    stored = {"result": str(shipped.directory / "filament")}
    file = written(tmp_path, changed("count", 2, stored))
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", str(file), "--out", str(tmp_path / "out")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "physically, with passive interfaces: it does not cool" in done.stdout
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["cooler"]["count"] == 2
    assert "aluminium" in "".join(report.describe_file(str(file), ()))


FAR = {"kind": "voltage", "name": "voltage", "between": [[0.1], [0.5]]}


@pytest.mark.parametrize(
    ("filament", "key"),
    [
        ({"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"probes": [FAR]}}, "filament.set.probes"),
        ({"problem": str(PROBLEMS / "psc_filament.toml"), "set": {"drive.current": {"ramp": [0]}}},
         "filament.set.drive.current"),
        ({"inline": {"probes": [FAR]}}, "filament.probes"),
        ({"inline": {"initial": {"file": "nowhere"}}}, "filament.initial.file"),
    ],
)  # fmt: skip
def test_what_only_the_system_of_the_filament_finds_is_said_when_it_is_read(tmp_path, filament, key):
    """By the key that the file of the cooler has for it, and by check as by run."""
    if "inline" in filament:
        inline = tomllib.loads((PROBLEMS / "psc_filament.toml").read_text())
        del inline["expect"]
        filament = {**inline, **filament["inline"]}
    file = written(tmp_path, changed("", None, filament))
    for refuse in (lambda: fg.run(file, tmp_path / "out"), lambda: list(report.describe_file(file))):
        with pytest.raises(InputError) as caught:
            refuse()
        assert caught.value.key == key and caught.value.file
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def unfit(shipped, tmp_path_factory):
    """Directories that hold no run that a cooler could read, and what is said of them."""
    folder = tmp_path_factory.mktemp("unfit")
    for name in ("interrupted", "killed"):
        shutil.copytree(shipped.directory / "filament", folder / name)
    summary = Result(folder / "interrupted").summary
    write_json(folder / "interrupted" / "summary.json", {**summary, "stop_reason": "interrupted"})
    (folder / "killed" / "summary.json").unlink()
    fg.run(PROBLEMS / "psc_filament.toml", folder / "at rest", until=5.0, mesh__elements=10, drive__current=0.0)
    fg.run(PROBLEMS / "psc_gapless.toml", folder / "gapless", until=5.0, mesh__elements=10)
    shutil.copytree(shipped.directory, folder / "a cooler")
    return folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("interrupted", "was interrupted"),
        ("killed", "no summary.json"),
        ("at rest", "dissipates nothing"),
        ("gapless", "no phonon flux"),
        ("a cooler", "is the run of a cooler"),
    ],
)
def test_a_stored_run_that_cannot_pump_is_refused_when_it_is_read(unfit, tmp_path, name, words):
    file = written(tmp_path, changed("", None, {"result": str(unfit / name)}))
    with pytest.raises(InputError, match=words) as caught:
        fg.run(file, tmp_path / "out")
    assert caught.value.file
    assert not (tmp_path / "out").exists()


def test_a_current_that_ends_with_the_run_has_no_bias_voltage(shipped, monkeypatch):
    run = Result(shipped.directory / "filament")
    monkeypatch.setitem(run.summary, "current", 0.0)
    with pytest.raises(InputError, match="no current at its end"):
        read_run(run, "exact")


def test_describes_the_filament_that_would_be_run(shipped, tmp_path):
    lines = list(report.describe_file(FILE))
    assert lines[0].startswith("Kapitza-diode cooler")
    assert "  top         fused silica, sigma_K 403 W/(m^2 K^4)" in lines
    assert "  modes       reciprocal, ideal, paper" in lines
    assert "    mesh        line, 201 nodes, order 2" in lines  # indented below the filament
    assert "    time        to 75 t0, rtol 1e-07" in lines
    assert lines[-1] == "  variants    the same filament with interference consistent and off"
    stored = changed("paper", None, {"result": str(shipped.directory / "filament")})
    told = "\n".join(report.describe_file(written(tmp_path, stored)))
    assert "stored: " in told and "reciprocal, ideal\n" in told and "mesh" not in told


def keys(table, within=""):
    """Dotted keys of a summary."""
    for name, value in table.items():
        yield within + name
        if isinstance(value, dict) and name != "versions":
            yield from keys(value, f"{within}{name}.")


def test_every_entry_of_the_summary_has_its_unit_and_meaning(shipped):
    """The dataclass is the summary: what the JSON holds, `help()` shows and the page lists."""
    declared = {name: (unit, meaning) for name, unit, meaning in rows(CoolerSummary)}
    found = {re.sub(r"^variants\.\w+", "variants.<interference>", key) for key in keys(shipped.summary)}
    assert found <= set(declared)
    missing = set(declared) - found
    assert missing == {
        "cooler.reciprocal.label", "cooler.ideal.label", "filament.of_run.mean", "filament.of_run.max",
        *(f"cooler.leads.{name}" for name in ("count", "resistance", "conducted", "joule", "heat", "least_heat")),
    }  # fmt: skip
    assert declared["cooler.ideal.T_cold"] == ("K", "(5.6) temperature of the plate")
    assert all(meaning for _, meaning in declared.values())
    assert "heat taken from the plate per Joule heat" in CoolerSummary.__doc__
    assert markdown(CoolerSummary) in (PROBLEMS.parent / "docs" / "cooler.md").read_text()
