"""Problem files: what is read, what is refused and how."""

import numpy as np
import pytest
from conftest import PROBLEMS, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.problem import toml
from femtdgl.problem.drive import Constant, waveform

FILE = PROBLEMS / "psc_filament.toml"

BAD = [
    ("mesh.lenght=1", "mesh.lenght", "'length'"),
    ("mesh.length=-1", "mesh.length", "a number > 0"),
    ("mesh.length=nan", "mesh.length", "finite"),
    ("mesh.elements=0", "mesh.elements", "whole number"),
    ("mesh.elements=10.5", "mesh.elements", "a whole number"),
    ("mesh.order=3", "mesh.order", "1 or 2"),
    ("mesh.shape=disc", "mesh", "line"),
    ("film.eta=1.5", "film.eta", "0 < eta < 1"),
    ("film.eta=0", "film.eta", "0 < eta < 1"),
    ("film.delta=-3", "film.delta", ">= 0"),
    ("film.interference=printed", "film.interference", "published"),
    ("boundary.left=bnk", "boundary.left", "bank"),
    ("boundary.top=bank", "boundary", "one condition for every boundary"),
    ("boundary.left=insulating", "boundary", "two of them"),
    ("boundary.left={kind='de-gennes'}", "boundary.left.b", "missing"),
    ("drive.current=high", "drive.current", "ramp"),
    ("drive.current={ramp=[0,1]}", "drive.current", "ramp"),
    ("drive.current={ramp=[0,1],over=-1}", "drive.current.over", "> 0"),
    ("drive.current={table=[[0,1],[1]]}", "drive.current", "table"),
    ("drive.shunt=0", "drive.shunt", "resistance > 0"),
    ("time.rtol=0", "time.rtol", "> 0"),
    ("time.t_end=inf", "time.t_end", "finite"),
    ("output.probes=often", "output.probes", "every-step"),
    ("output.fields=0", "output.fields", "> 0"),
    ("initial.dips=[{depth=1,widht=2}]", "widht", "width"),
    ("weak_spot=[{depth=0.5,width=-1}]", "width", "> 0"),
    ("measure.discard=-1", "measure.discard", ">= 0"),
    ("stop.steady=0", "stop.steady", "> 0"),
    ("tilte=3", "tilte", "'title'"),
    ("film=3", "film", "a table"),
    ("kind=network2", "kind", "filament"),
]


@pytest.mark.parametrize(("change", "key", "hint"), BAD)
def test_bad_input_names_file_key_and_what_is_allowed(change, key, hint):
    with pytest.raises(InputError) as error:
        toml.load(FILE, toml.parse_overrides([change]))
    text = str(error.value)
    assert str(FILE) in text
    assert key in text
    assert hint in text


def test_missing_section_is_named(tmp_path):
    table = toml.parse(FILE.read_text())
    del table["boundary"]
    with pytest.raises(InputError, match=r"boundary: is missing .*left = \"bank\""):
        toml.build(table, file="x.toml")


def test_syntax_error_tells_its_place(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("[mesh\nlength = 1")
    with pytest.raises(InputError, match=r"broken\.toml: is no TOML: .*line 1"):
        toml.load(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_unreadable_file(tmp_path, content):
    path = tmp_path / "p.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        toml.load(path)


TEXTS = {path: path.read_text() for path in sorted(PROBLEMS.glob("*.toml"))}
FILAMENTS = [path for path, text in TEXTS.items() if 'kind = "filament"' in text and "[sweep]" not in text]


@pytest.mark.parametrize("path", FILAMENTS, ids=lambda p: p.stem)
def test_dump_and_build_are_inverse(path):
    problem, _ = toml.load(path)
    assert toml.build(toml.parse(toml.dump(problem))) == problem


def test_text_is_the_files_own_without_overrides():
    assert toml.load(FILE)[1] == FILE.read_text()
    assert 'interference = "off"' in toml.load(FILE, {"film.interference": "off"})[1]


def test_the_corrected_interference_is_the_default_and_files_that_remake_the_paper_say_what_they_use():
    """E1: as everywhere, the corrected formula is the default, and the printed one a named variant."""
    assert fg.Film(delta=3.0).interference == "consistent"
    for path in FILAMENTS:
        film = toml.parse(path.read_text())["film"]
        assert "interference" in film or film.get("model") == "gapless", f"{path.stem} relies on the default"
        if path.stem in {"psc_filament", "psc_paper_fit", "psc_nis_drain", "psc_plates"}:
            assert film["interference"] == "published"


@given(
    length=st.floats(0.1, 50), elements=st.integers(2, 50), delta=numbers(0, 100), eta=st.floats(0.01, 0.99),
    current=numbers(-3, 3), over=st.floats(0.01, 10),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_any_valid_problem_survives_the_round_trip(length, elements, delta, eta, current, over):
    problem = fg.Problem(
        mesh=fg.mesh.line(length=length, elements=elements),
        film=fg.Film(delta=delta, eta=eta),
        boundary={"left": fg.Bank(), "right": fg.NormalContact()},
        drive=fg.Drive(current=fg.Ramp(0, current, over=over)),
    )
    assert toml.build(toml.parse(toml.dump(problem))) == problem


def test_waveforms():
    ramp = waveform({"ramp": [0.0, 1.5], "over": 1.0, "at": 2.0})
    assert [ramp(t) for t in (0.0, 2.0, 2.5, 3.0, 9.0)] == [0.0, 0.0, 0.75, 1.5, 1.5]
    assert ramp.corners == (2.0, 3.0)
    pulse = waveform({"pulse": [0.1, 0.6], "start": 1.0, "width": 2.0})
    assert [pulse(t) for t in (0.5, 1.0, 2.9, 3.0)] == [0.1, 0.6, 0.6, 0.1]
    table = waveform({"table": [[0, 0], [1, 2], [3, 0]]})
    assert table(2.0) == pytest.approx(1.0)
    assert table.slope(0.5) == 2.0
    assert waveform(2) == Constant(2.0)


@given(st.lists(st.tuples(numbers(0, 100), numbers(-5, 5)), min_size=1, max_size=8))
def test_tables_interpolate_between_their_values(rows):
    rows = sorted(rows)
    table = waveform({"table": rows})
    values = [v for _, v in rows]
    for t in np.linspace(-1, 101, 23):
        assert min(values) - 1e-9 <= table(t) <= max(values) + 1e-9
