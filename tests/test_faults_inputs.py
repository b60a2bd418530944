"""Inputs that are wrong in every key, of all kinds: refused in words before anything is written, or accepted by all."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROBLEMS
from faults.bases import NETWORK
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.errors import InputError, SolverStopped
from femtdgl.input import limits, toml
from femtdgl.kinds.network.read import prepare
from femtdgl.kinds.run import read_file
from femtdgl.mesh.profile import finer
from femtdgl.thermal import ElectronPhonon, Network, Node
from femtdgl.thermal.network.transient import Pulse

TESTS = Path(__file__).parent
FILAMENT = PROBLEMS / "psc_filament.toml"


def wrong_inputs(work, share, seed, *bases):
    """How many inputs were tried, and what was said of them."""
    done = subprocess.run(
        [sys.executable, "-m", "faults.inputs", str(work), str(share), str(seed), *bases],
        cwd=TESTS, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return int(re.search(r"^(\d+) inputs: ", done.stdout, re.MULTILINE)[1])


def test_wrong_inputs(tmp_path):
    assert wrong_inputs(tmp_path, 0.025, 4, "line", "strip", "network") > 100


@pytest.mark.slow
def test_many_wrong_inputs(tmp_path):
    assert wrong_inputs(tmp_path, 0.3, 5) >= 3000


# ---- the page of what is refused ------------------------------------------------------------------------------------


def refusals():
    """docs/refusals.py, and the rows of its page: the good problem, the input, the message."""
    if str(TESTS.parent / "docs") not in sys.path:
        sys.path.append(str(TESTS.parent / "docs"))
    import refusals

    rows, base = [], ""
    titles = {title: name for name, title in refusals.TITLES.items()}
    for line in refusals.PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            base = titles[line[3:]]
        elif match := re.fullmatch(r"\| `(.*)` \| `(.*)` \|", line):
            rows.append((base, *(text.replace("\\|", "|") for text in match.groups())))
    return refusals, rows


def test_the_page_says_what_the_program_says(tmp_path):
    """Of every fifth row; the slow test makes the whole page anew."""
    program, rows = refusals()
    assert len(rows) > 150 and {base for base, _, _ in rows} == set(program.TITLES)
    inputs = {}
    for base, table in program.problems().items():
        for name, other in program.wrong(table).items():
            inputs.setdefault((base, program.shown(name, other)), []).append(other)
    for base, what, said in rows[::5]:
        assert said in [program.refusal(other, tmp_path) for other in inputs[base, what]], (what, said)


@pytest.mark.slow
def test_the_page_of_refusals_is_what_its_program_makes():
    program, _ = refusals()
    assert program.PAGE.read_text(encoding="utf-8") == program.page(), "python docs/refusals.py"


# ---- filaments ------------------------------------------------------------------------------------------------------

REFUSED = {
    "probes.v.between": {"probes": [{"kind": "voltage", "name": "v", "between": [[0], [9]]}]},
    "probes.i.at": {"probes": [{"kind": "current", "name": "i", "at": [-9], "normal": [1]}]},
    "vector_potential": {"vector_potential": 3},
    "output.fields": {"output.fields": 1e-9},
    "output.probes": {"output.probes": 1e-9},
    "time.checkpoint": {"time.checkpoint": 1e-9},
    "mesh.elements": {"mesh.elements": 10**9},
    "film.delta": {"film.delta": True},
    "drive.current.values.1": {"drive.current": {"table": [[0, 0], [1, 10**400]]}},
    "initial.seed": {"initial.seed": -1},
    "initial.file": {"initial.file": "nowhere"},
    "measure.path": {"measure.path": [[0.0], [0.1]]},
}


@pytest.mark.parametrize("key", REFUSED)
def test_what_check_refuses_has_file_key_and_remedy(tmp_path, key):
    with pytest.raises(InputError) as error:
        read_file(FILAMENT, REFUSED[key])
    with pytest.raises(InputError) as again:
        fg.run(FILAMENT, tmp_path / "run", **{name.replace(".", "__"): v for name, v in REFUSED[key].items()})
    assert str(again.value) == str(error.value)
    assert error.value.file == str(FILAMENT) and error.value.allowed
    assert error.value.key.startswith(key.split(".values")[0])
    assert list(tmp_path.iterdir()) == []


def test_points_on_the_ends_of_a_line_lie_in_it():
    half = 0.55
    probes = [{"kind": "voltage", "name": "v", "between": [[-half], [half]]}]
    assert read_file(FILAMENT, {"probes": probes}).simulation.record.probes[-1].name == "v"


@pytest.mark.parametrize("key", ["fields", "checkpoint"])
def test_what_a_machine_cannot_hold_is_refused(monkeypatch, key):
    """An estimate of the result, and of what waits in memory between two checkpoints."""
    monkeypatch.setattr("femtdgl.kinds.filament.extent.memory", lambda: 1e6)
    monkeypatch.setattr("femtdgl.kinds.filament.extent.LARGEST", 1e7 if key == "fields" else 1e13)
    with pytest.raises(InputError, match=rf"{key}: .*MB"):
        read_file(FILAMENT)


def test_the_estimate_is_near_what_is_stored(tmp_path):
    job = read_file(FILAMENT, {"time.t_end": 5.0})
    result = fg.run(FILAMENT, tmp_path, until=5.0)
    assert job.simulation.extent.frames == result.t.size
    stored = sum(
        result.read(f"fields/{name}").nbytes for name in ("t", "psi", "psi_t", "phi", "j_s", "j_int", "j_n", "w")
    )
    assert 0.9 < job.simulation.extent.stored / stored < 1.1
    assert any("stores      101 times of the fields" in line for line in job.describe())


def test_meshes_beyond_the_memory_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "memory", lambda: 1e9)
    for make, h in ((fg.mesh.strip, 1e-3), (fg.mesh.wire, 1e-2)):
        with pytest.raises(InputError, match=r"h: makes about .* cells, which take more than .* GB"):
            make(length=4.0, width=4.0, h=h)
    with pytest.raises(InputError, match="h: makes about"):
        fg.mesh.ring(inner=1.0, outer=2.0, h=1e-3)
    with pytest.raises(InputError, match="h_fine: 1e-12 is not possible"):
        finer("h_fine", 1e-12, 0.1)


def test_two_keys_in_one_text():
    done = CliRunner().invoke(app, ["check", str(FILAMENT), "--set", "film.delta=5 mesh.length=2"])
    assert done.exit_code == 2 and "holds two keys" in done.stderr


# ---- networks -------------------------------------------------------------------------------------------------------


def network(**changes):
    table = toml.parse(NETWORK, file="")
    toml.override(table, {key.replace("__", "."): value for key, value in changes.items()})
    return table


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"cases": [{"name": "a", "set": {"links.copper.volume": "1 um"}}]}, "links.copper.volume", "has a unit"),
        ({"cases": [{"name": "a", "set": {"links.photons.Tc": "1 m"}}]}, "links.photons.Tc", "unit 'm'"),
        ({"cases": [{"name": "a", "set": {"links.copper.Sigma": True}}]}, "cases.0.set.links.copper.Sigma", "true"),
        ({"cases": [{"name": "a", "set": {"links.copper.Sigmo": 1.0}}]}, "links.copper.Sigmo", "did you mean 'Sigma'"),
        ({"scan.start": "30 mK"}, "scan.start", "unit 'mK'"),
        ({"family.values": ["30 mm"]}, "family.values", "unit 'mm'"),
        ({"cases": [{"name": "a", "family": ["1 W"]}]}, "cases.0.family", "unit 'W'"),
        ({"transient.t_end": "1 K"}, "transient.t_end", "unit 'K'"),
        ({"pulses": [{"node": "source", "start": "1 K", "end": 1.0, "power": 0.0}]}, "pulses.start", "unit 'K'"),
        ({"transient.points": 10**9}, "transient.points", "stored times"),
        ({"scan.points": 10**9}, "scan.points", "too many"),
        ({"family.values": [0.03, float("nan")]}, "family.values.1", "nan is not possible"),
    ],
)
def test_values_of_a_network_are_read_by_what_they_are_values_of(changes, key, said):
    with pytest.raises(InputError, match=re.escape(said)) as error:
        prepare(network(**{name.replace(".", "__"): value for name, value in changes.items()}), file="x")
    assert error.value.key == key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.update(scaxn=table.pop("scan")), "scaxn: unknown key; did you mean 'scan'?"),
        (lambda table: table["links"]["copper"].pop("between"), "links.copper.between: is missing (allowed: two names"),
        (lambda table: table["links"]["copper"].update(between=3), "links.copper.between: 3 is not possible"),
    ],
)
def test_words_about_sections_and_links(change, said):
    table = network()
    change(table)
    with pytest.raises(InputError, match=re.escape(said)):
        prepare(table, file="x")


def test_units_of_cases_scans_and_families():
    cases = [{"name": "a", "set": {"links.photons.Tc": "450 mK", "nodes.phonons.temperature": "20 mK"}}]
    made = prepare(network(cases=cases, scan__start="0.5 pW", family__values=["30 mK", 0.04]))
    first = made.cases["a"]
    assert (first.links["photons"][2].Tc, first.nodes["phonons"].temperature) == (0.45, 0.02)
    assert made.problem.scan.start == 0.5e-12 and made.problem.family.values == (0.03, 0.04)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 3.0])
def test_a_node_driven_below_zero_stops_in_words(exponent):
    """More heat is taken out than can flow in: T = 0 is reached in a finite time."""
    nodes = {"hot": Node(capacity=1e-18, capacity_exponent=exponent, initial=0.1), "bath": Node(temperature=0.1)}
    net = Network(nodes, {"sink": ("hot", "bath", ElectronPhonon(Sigma=1e9, volume=1e-20))})
    with pytest.raises(SolverStopped, match=r"no progress .* node 'hot' at .* K: more heat may be taken"):
        net.transient(1.0, pulses=[Pulse(node="hot", start=0.0, end=1.0, power=-1e-13)])


def test_a_network_without_a_steady_state_is_a_failure_of_the_solver(tmp_path):
    """Nothing in its file is wrong: check says so, run stops, and leaves nothing."""
    file = tmp_path / "net.toml"
    file.write_text(NETWORK.replace('heat = "1 pW"', 'heat = "-1 pW"'), encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["run", str(file), "--out", str(tmp_path / "out")])
    assert done.exit_code == 3 and "no steady state" in done.stderr and "nothing is kept" in done.stderr
    assert not (tmp_path / "out").exists()
