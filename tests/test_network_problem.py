"""Problem files of networks: every shipped one against its [expect] table; bad input; units; the written
contract.
"""

import copy
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import tomli_w

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.figures import network as plots_network
from femtdgl.kinds import report
from femtdgl.kinds.expect import lookup, unmet
from femtdgl.kinds.network.solve import run_network
from femtdgl.kinds.network.summary import NetworkSummary
from femtdgl.measure.entry import markdown

PROBLEMS = Path(__file__).parent.parent / "problems"


def network_problems():
    for path in sorted(PROBLEMS.glob("*.toml")):
        table = tomllib.loads(path.read_text())
        if table.get("kind") == "network":
            yield pytest.param(table, id=path.stem)


@pytest.mark.parametrize("table", list(network_problems()))
def test_shipped_problem(table):
    outcome = run_network(table)
    assert unmet(outcome.summary, table["expect"]) == []
    assert {"nodes", "links", "roots"} <= set(outcome.summary)
    assert json.dumps(outcome.summary)
    assert outcome.figures
    assert all(isinstance(array, np.ndarray) for array in outcome.arrays.values())
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    for name in outcome.figures:
        figure, ax = plt.subplots(layout="constrained")
        assert plots_network.FIGURES[name](ax, outcome) is None
        assert ax.lines
        assert re.search(r"\((m|f|p|n|K/K|W/W|a|u|Ohm|H)", ax.get_xlabel()), "an axis without a unit"
        assert ax.get_ylabel()
        if ax.get_legend() is not None:
            figure.canvas.draw()
            assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1 - 1, "legend over curves"
        plt.close(figure)


def test_titles_fit_their_figures(tmp_path, monkeypatch):
    """The longest of the shipped problems, as it is written."""
    from matplotlib.figure import Figure

    outcome = run_network(SMALL | {"scan": {"parameter": "nodes.a.heat", "values": [1e-12, 2e-12, 3e-12]}})
    longest = max((param.values[0].get("title", "") for param in network_problems()), key=len)
    assert len(longest) > 100
    widths = []
    save = Figure.savefig

    def measured(figure, *args, **options):
        figure.canvas.draw()
        extent = figure._suptitle.get_window_extent()
        widths.append((extent.x0, figure.bbox.x1 - extent.x1))
        save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", measured)
    (path,) = plots_network.write_figures(outcome, f"{longest}: {longest}", tmp_path / "figures", ["powers"])
    assert path.exists()
    assert min(widths[0]) > 0


def test_figures_of_a_file_are_those_it_names():
    table = SMALL | {"scan": {"parameter": "nodes.a.heat", "values": [1e-12, 2e-12]}}
    assert run_network(table).figures == ("temperatures", "powers")
    assert run_network(table | {"figures": ["powers"]}).figures == ("powers",)


SMALL = {
    "kind": "network",
    "nodes": {"a": {"heat": "1 pW"}, "bath": {"temperature": "30 mK"}},
    "links": {"sink": {"kind": "ElectronPhonon", "between": ["a", "bath"], "Sigma": 2e9, "volume": 1e-20}},
}


def changed(path, value):
    table = copy.deepcopy(SMALL)
    *parents, last = path.split("/")
    here = table
    for part in parents:
        here = here.setdefault(part, {})
    if value is None:
        del here[last]
    else:
        here[last] = value
    return table


def test_units_and_a_steady_state():
    summary = run_network(SMALL).summary
    assert summary["nodes"]["a"] == pytest.approx((1e-12 / 2e-11 + 0.03**5) ** 0.2, rel=1e-10)
    assert summary["links"]["sink"] == pytest.approx(1e-12, rel=1e-9)
    assert summary["roots"][0]["stable"] is True


@pytest.mark.parametrize(
    ("path", "value", "key", "words"),
    [
        ("kind", "netwrk", "kind", "network"),
        ("nodes/bath/temperature", -0.1, "nodes.bath.temperature", "positive"),
        ("nodes/bath/temperature", "30 mW", "nodes.bath.temperature", "unit"),
        ("nodes/bath", {}, "nodes", "bath"),
        ("nodes/a/heet", 1.0, "nodes.a.heet", "did you mean 'heat'"),
        ("links/sink/between", ["a", "bth"], "links.sink.between", "did you mean 'bath'"),
        ("links/sink/between", ["a"], "links.sink.between", "two names"),
        ("links/sink/kind", "ElectronPhonons", "links.sink.kind", "did you mean 'ElectronPhonon'"),
        ("links/sink/sigma", 1.0, "links.sink.sigma", "did you mean 'Sigma'"),
        ("links/sink/volume", None, "links.sink.volume", "missing"),
        ("links/sink/volume", -1e-20, "links.sink.volume", "positive"),
        ("links/sink/Sigma", "much", "links.sink.Sigma", "number"),
        ("scan", {"parameter": "nodes.a.heat", "start": 0.0}, "scan.values", "missing"),
        (
            "scan",
            {"parameter": "nodes.a.heat", "values": [1e-12, 2e-12], "step": 1},
            "scan.step",
            "unknown key",
        ),
        ("scan", {"parameter": "nodes.b.heat", "values": [1e-12, 2e-12]}, "nodes.b.heat", "names nothing"),
        ("sacn", {}, "sacn", "did you mean 'scan'"),
        ("figures", ["powrs"], "figures", "did you mean 'powers'"),
        ("transient", {"t_end": 1.0}, "nodes.a.capacity", "transient"),
        ("cases", [{"name": "x", "set": {"links.sink.Sigma": -1.0}}], "links.sink.Sigma", "positive"),
    ],
)
def test_bad_input(path, value, key, words):
    with pytest.raises(InputError) as error:
        run_network(changed(path, value))
    assert error.value.key == key
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"scan": {"parameter": "nodes.a.heat", "values": [1e-12, 3e-12, 2e-12]}}, "scan.values", "rise, or fall"),
        ({"scan": {"parameter": "nodes.a.heet", "values": [1.0, 2.0]}}, "nodes.a.heet", "'heat'"),
        ({"scan": {"parameter": "nodes.bath.temperature", "values": [0.1, 0.0]}}, "nodes.bath.temperature", "positive"),
        ({"family": {"parameter": "links.sink.Sigma", "values": [1e9, 1e9]}}, "family.values", "2 times"),
        ({"family": {"parameter": "links.sink.Sigma", "values": []}}, "family.values", "missing"),
        ({"cases": [{"name": "x"}, {"name": "x"}]}, "cases.name", "'x' stands 2 times"),
        ({"transient": {"t_end": 0.0}}, "transient.t_end", "positive"),
        ({"transient": {"t_end": 1.0, "rtol": -1.0}}, "transient.rtol", "positive"),
        ({"transient": {"t_end": 1.0}}, "nodes.a.capacity", "transient"),
        (
            {
                "scan": {"parameter": "nodes.a.heat", "values": [1e-12, 2e-12]},
                "observe": [{"link": "snk", "quantity": "x"}],
            },
            "observe.link",
            "no link",
        ),
    ],
)
def test_bad_input_is_found_before_anything_is_solved(tmp_path, changes, key, words):
    """`check` and `run` say the same, name the file and write nothing."""
    path, out = tmp_path / "small.toml", tmp_path / "out"
    path.write_text(tomli_w.dumps({**SMALL, **changes}))
    said = []
    for attempt in (lambda: report.describe_file(path), lambda: fg.run(path, out)):
        with pytest.raises(InputError) as error:
            attempt()
        assert (error.value.key, error.value.file) == (key, str(path))
        assert words in str(error.value)
        said.append(str(error.value))
    assert said[0] == said[1]
    assert not out.exists()


def test_a_file_and_its_table_give_the_same(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(tomli_w.dumps(SMALL))
    by_file, by_table = fg.run_network(path).summary, fg.run_network(SMALL).summary
    for key in ("nodes", "links", "roots"):
        assert by_file[key] == by_table[key]
    path.write_text(tomli_w.dumps(changed("nodes/a/heet", 1.0)))
    with pytest.raises(InputError) as error:
        fg.run_network(path)
    assert error.value.file == str(path)


def test_run_writes_and_tells_what_run_network_gives(tmp_path):
    table = changed("scan", {"parameter": "nodes.a.heat", "start": "1 pW", "stop": "2 pW", "points": 5})
    path = tmp_path / "small.toml"
    path.write_text(tomli_w.dumps(table))
    result, outcome = fg.run(path, tmp_path / "out"), fg.run_network(table)
    assert result.summary["scan"] == outcome.summary["scan"]
    assert list(result.summary) == [f.name for f in fields(NetworkSummary) if f.name != "transient"]
    for name, array in outcome.arrays.items():
        assert np.array_equal(result.read(name), array), name
    drawn = sorted((result.directory / "figures").iterdir())
    assert [p.stem for p in drawn] == sorted(outcome.figures)
    for file in drawn:
        file.unlink()
    assert sorted(report.figures(result)) == drawn
    assert any("steady state (stable)" in line for line in report.lines(result))


def test_the_table_in_the_docs_is_the_summary():
    assert markdown(NetworkSummary) in (PROBLEMS.parent / "docs" / "photonic.md").read_text()


@pytest.mark.parametrize("c", [50.0, 5e-5])
def test_capacitance_off_by_a_thousand_is_a_warning(c):
    """E16: the paper's own misprint must not pass without a word."""
    table = changed("nodes/cold", {"temperature": "10 mK"})
    table["links"]["photons"] = {
        "kind": "NISLink",
        "between": ["a", "cold"],
        "chi": 2.0,
        "r0": 1e-11,
        "c": c,
        "Tc": "1.2 K",
    }
    (sentence,) = run_network(table).summary["warnings"]
    assert "links.photons.c" in sentence
    assert "50 fF/um^2" in sentence


def test_observables_and_lookup():
    table = tomllib.loads((PROBLEMS / "nis_resistance.toml").read_text())
    table["observe"][0]["quantity"] = "resistance"
    with pytest.raises(InputError) as error:
        run_network(table)
    assert "resistance_ratio_left" in error.value.allowed
    assert lookup({"a": [{"b.c": 3}]}, "a.0.b.c") == 3
    assert unmet({"a": 1.0}, {"a": {"value": 1.1, "rel": 0.01}}) == ["a is 1.0, expected 1.1"]
    with pytest.raises(InputError):
        lookup({}, "a")


def test_import_is_light_and_free_of_finite_elements():
    """`import femtdgl.thermal` pulls in no scikit-fem, matplotlib or pydantic."""
    import subprocess
    import sys

    heavy = "('skfem', 'matplotlib', 'pydantic')"
    code = f"import sys, femtdgl.thermal; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_summary_is_json_and_holds_the_scan():

    table = changed("scan", {"parameter": "nodes.a.heat", "start": "1 pW", "stop": "2 pW", "points": 5})
    summary = json.loads(json.dumps(run_network(table).summary))
    entry = summary["scan"]["scan"]
    assert entry["value"] == pytest.approx(np.linspace(1e-12, 2e-12, 5))
    assert entry["up"]["P"]["sink"] == pytest.approx(entry["value"], rel=1e-9)
    assert entry["up"]["stable"] == [True] * 5
    assert summary["ndtc_windows"] == []
