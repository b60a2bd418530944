"""What the command line does beside solving: ready problems by name, copies, keys left out, schemas, movies."""

import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import PROBLEMS
from PIL import Image
from typer.testing import CliRunner

import femtdgl as fg
from femtdgl.cli import app
from femtdgl.cli.frame import complete_problem, each_with_its_option
from femtdgl.display import Display
from femtdgl.figures import alone, movie, quantity
from femtdgl.input import listed, toml
from femtdgl.kinds import pictures, registry, schema
from femtdgl.kinds.kind import Progress

NAMES = sorted(path.stem for path in PROBLEMS.glob("*.toml"))


def femtdgl(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A short run of a filament."""
    where = tmp_path_factory.mktemp("line")
    return fg.run("psc_filament", where / "run", mesh__elements=8, time__t_end=4.0, output__fields=0.5, measure=None)


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    """A short run of a small film in a field, one vortex or so."""
    where = tmp_path_factory.mktemp("strip")
    changes = {"mesh__length": 6.0, "mesh__width": 4.0, "mesh__h": 0.8, "time__t_end": 2.0, "output__fields": 0.5}
    return fg.run("vortex_strip", where / "run", probes=[], measure__josephson=None, **changes)


# ---- ready problems -------------------------------------------------------------------------------------------------


def test_a_name_of_the_list_works_where_a_file_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert femtdgl("check", "psc_filament").output == femtdgl("check", PROBLEMS / "psc_filament.toml").output
    assert "its first point" in femtdgl("check", "iv_filament").output
    assert "variants" in femtdgl("check", "psc_cooler").output  # its filament lies beside it
    assert "strip" in femtdgl("mesh", "notched_strip").output
    quick = ["--set", "mesh.elements=6", "time.t_end=1.0", "--quiet"]
    assert femtdgl("run", "psc_filament", *quick).exit_code == 0
    assert (tmp_path / "results" / "psc_filament" / "summary.json").exists()
    swept = ["sweep", "psc_filament", "--over", "film.delta=[1.0, 2.0]", *quick, "--workers", "1"]
    assert femtdgl(*swept).exit_code == 0
    assert (tmp_path / "results" / "psc_filament-sweep" / "sweep.csv").exists()
    assert fg.load("psc_filament") == fg.load(PROBLEMS / "psc_filament.toml")


def test_a_file_of_ones_own_goes_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "psc_filament").write_text("title = 3")
    assert listed.find("psc_filament").resolve() == tmp_path / "psc_filament"
    (tmp_path / "ring").mkdir()
    assert listed.find("ring") == listed.directory() / "ring.toml"


@pytest.mark.parametrize(
    ("wrong", "said"), [("psc_filamnt", "did you mean 'psc_filament'?"), ("nothing", "femtdgl list"), ("a/b", "a/b")]
)
def test_a_name_that_is_none(wrong, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in ("run", "check", "sweep", "new"):
        done = femtdgl(command, wrong)
        assert done.exit_code == 2 and said in done.stderr and "cannot be read" in done.stderr
    assert "did you mean" not in femtdgl("run", "nothing").stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["psc_filament", "psc_cooler", "vortex_entry_disc"])
def test_a_copy_is_as_good_as_the_ready_one(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert femtdgl("new", name).exit_code == 0
    told = femtdgl("check", f"{name}.toml")
    assert told.exit_code == 0 and told.output == femtdgl("check", name).output
    again = femtdgl("new", name)
    assert again.exit_code == 2 and "is there already" in again.stderr
    assert femtdgl("new", name, "--to", "other.toml").exit_code == 0
    assert (tmp_path / "other.toml").read_text() == (tmp_path / f"{name}.toml").read_text()


@pytest.mark.slow
def test_the_list_names_the_pictures_that_are_made(line, strip):
    told = femtdgl("list").output
    assert all(f"{name:24} " in told for name in NAMES)
    for result in (line, strip):
        table = toml.parse(result.problem_text)
        made = {path.stem for path in registry.of_result(result).draw(result)}
        assert {name.split("/")[-1].removesuffix(".pvd") for name in pictures.told(table)} <= made | {"space_time"}
    assert "current_voltage" in pictures.told(listed.table("iv_isothermal"))
    assert "current_voltage" not in pictures.told(listed.table("psc_filament"))
    assert pictures.told({"kind": "pendulum"}) == []


# ---- keys -----------------------------------------------------------------------------------------------------------


def test_several_keys_after_one_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spread = each_with_its_option(["run", "x", "--set", "a.b=1", "c=2", "--out", "d=3", "--over", "J=[1]", "K=[2]"])
    assert " ".join(spread) == "run x --set a.b=1 --set c=2 --out d=3 --over J=[1] --over K=[2]"
    one = femtdgl("check", "psc_filament", "--set", "mesh.length=2.5", "mesh.elements=7")
    two = femtdgl("check", "psc_filament", "--set", "mesh.length=2.5", "--set", "mesh.elements=7")
    assert one.exit_code == 0 and one.output == two.output and "2.5" in one.output
    before = femtdgl("check", "--set", "mesh.length=2.5", "mesh.elements=7", "--", "psc_filament")
    assert before.output == one.output


def test_keys_are_left_out():
    unset = ["--unset", "film.delta", "--unset", "film.eta"]
    done = femtdgl("check", "psc_filament", *unset, "--set", "film.preset=aluminium", "film.T0=1.06 K")
    assert done.exit_code == 0, done.output
    wrong = femtdgl("check", "psc_filament", "--unset", "film.dlta")
    assert wrong.exit_code == 2 and "film.dlta: is not set; did you mean 'delta'?" in wrong.stderr
    table = {"film": {"delta": 1.0}, "title": "x"}
    toml.override(table, {"film.delta": None, "title": None})
    assert table == {"film": {}}
    with pytest.raises(fg.InputError, match="heat: is not set"):
        toml.override(table, {"heat": None})


# ---- the program ----------------------------------------------------------------------------------------------------


def test_version_and_help():
    from importlib.metadata import version

    assert femtdgl("--version").output == f"femtdgl {version('femtdgl')}\n"
    said = femtdgl("--help").output
    assert "--install-completion" in said and "..." not in said.split("Commands:")[1]


def test_names_and_files_are_completed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "psc_own.toml").touch()
    (tmp_path / "psc.txt").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.toml").touch()
    assert {"psc_filament", "psc_own.toml"} <= set(complete_problem("psc_"))
    assert "psc.txt" not in complete_problem("psc")
    assert complete_problem("sub/") == ["sub/b.toml"] and complete_problem("no/such") == []


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m femtdgl check psc_filament | head -1", shell=True, capture_output=True, text=True
    )
    assert done.stderr == "" and len(done.stdout.splitlines()) == 1


def test_the_line_of_progress_fits_its_window():
    from rich.console import Console

    class Told(Progress):
        def words(self):
            return "t = 1 of 9 t0   step 1.00e-02 (order 5)   slips 3   V = 0.5263 V0"

    for width in (20, 60, 80, 200):
        display = Display(Console(force_terminal=True, width=width))
        line = display._line(Told(1.0, 9.0), 5.0)
        assert line.startswith("t = 1 of 9 t0") and line.endswith("left")
        assert len(line) <= width or width == 20
    assert "V = 0.5263" in line


# ---- schemas --------------------------------------------------------------------------------------------------------


def validator(kind=None):
    jsonschema = pytest.importorskip("jsonschema")
    made = schema.schema(kind)
    jsonschema.Draft4Validator.check_schema(made)
    return jsonschema.Draft4Validator(made)


@pytest.mark.parametrize("name", NAMES)
def test_every_ready_problem_fits_the_schema(name):
    table = listed.table(name)
    checked = validator(table.get("kind", "filament"))
    assert [error.message for error in checked.iter_errors(table)] == []


@pytest.mark.parametrize(
    "change",
    [{"mesh.lenght": 1.0}, {"mesh.shape": "lin"}, {"time.t_end": "soon"}, {"film": None}, {"kind": "filamnt"},
     {"measure.discard": [1.0]}],
)  # fmt: skip
def test_the_schema_refuses_what_is_wrong(change):
    table = listed.table("psc_filament")
    toml.override(table, change)
    assert list(validator().iter_errors(table))


def test_the_schema_is_draft_4_and_says_what_keys_mean(tmp_path):
    target = tmp_path / "femtdgl.json"
    assert femtdgl("schema", "--to", target).exit_code == 0
    text = target.read_text()
    made = json.loads(text)
    assert made["$schema"].endswith("draft-04/schema#")
    assert not any(f'"{word}"' in text for word in ("const", "prefixItems", "$defs", "discriminator"))
    film = made["definitions"]["filament.Film"]["properties"]
    assert "2 tau_eps Delta0/hbar" in film["delta"]["description"]
    assert {part["properties"]["kind"]["enum"][0] for part in made["anyOf"]} == set(registry.names())
    assert femtdgl("schema", "--kind", "filamnt").exit_code == 2


# ---- fields ---------------------------------------------------------------------------------------------------------


def test_what_is_drawn_of_a_field(line, strip):
    assert quantity.known(line)[:2] == ["psi", "phase"] and "psi_t" not in quantity.known(line)
    row = 3
    psi = line.read("fields/psi", row)
    np.testing.assert_array_equal(quantity.values(line, "psi", row), np.abs(psi))
    np.testing.assert_array_equal(quantity.values(line, "phase", row), np.angle(psi))
    np.testing.assert_array_equal(quantity.values(line, "j_n", row), line.read("fields/j_n", row)[0])  # with its sign
    j = strip.read("fields/j_s", row).astype(float)
    np.testing.assert_allclose(quantity.values(strip, "j_s", row), np.hypot(*j), rtol=1e-14)
    assert quantity.label(strip, "j_s") == "$|j_s|/j_0$" and quantity.label(line, "j_s") == "$j_s/j_0$"
    with pytest.raises(fg.InputError, match=r"--of: 'psy' is no stored field; did you mean 'psi'\?.*phase"):
        alone.write(line, "psy")


@pytest.mark.parametrize(("low", "high", "ends"), [(0.0, 2.0, (0.0, 2.0)), (-1.0, 3.0, (-3.0, 3.0))])
def test_colours_of_one_sign_begin_at_zero_and_of_both_are_about_it(low, high, ends):
    style = quantity.style("phi", low, high)
    assert (style["vmin"], style["vmax"]) == ends


def test_one_field_alone(line, strip):
    folder = line.directory / "figures"
    assert alone.write(line, "w") == [folder / "space_time_w.png"]
    assert alone.write(line, "phi", [1.0, 2.0]) == [folder / "profiles_phi.png"]
    for name in ("psi", "j_s", "phi"):
        (path,) = alone.write(strip, name, [1.0, 2.0])
        assert path.name == f"fields_{name}.png" and path.stat().st_size > 5000
    assert femtdgl("plot", line.directory, "--of", "j_s").output.strip().endswith("space_time_j_s.png")


@pytest.mark.parametrize(("kind", "name"), [("line", "psi"), ("line", "j_n"), ("strip", "psi"), ("strip", "j_s"),
                                            ("strip", "phase"), ("strip", "w")])  # fmt: skip
def test_a_movie_shows_every_frame_in_its_time(kind, name, request, tmp_path):
    result, seen = request.getfixturevalue(kind), []
    path = movie.write(result, name, tmp_path / "m.gif", fps=10.0, watch=lambda done, count: seen.append((done, count)))
    frames = result.t.size
    assert seen == [(k, frames) for k in range(1, frames + 1)]
    with Image.open(path) as gif:
        assert gif.n_frames > 1
        total, pictures = 0, []
        for k in range(gif.n_frames):
            gif.seek(k)
            total += gif.info["duration"]
            pictures.append(np.asarray(gif.convert("RGB")).astype(int))
        assert total == pytest.approx(100 * frames, rel=1e-6)
        assert np.abs(pictures[0] - pictures[-1]).max() > 50
        height = pictures[0].shape[0]  # head and axes stand still: nothing changes in the top line of the picture
        assert all(np.array_equal(pictures[0][: height // 20], each[: height // 20]) for each in pictures)


def test_movies_that_cannot_be(line, tmp_path, monkeypatch):
    monkeypatch.setattr(movie, "has_ffmpeg", lambda: False)
    for name, said in (("m.avi", r"\.mp4 or \.gif"), ("m.mp4", "imageio-ffmpeg")):
        with pytest.raises(fg.InputError, match=said):
            movie.write(line, "psi", tmp_path / name)
    assert femtdgl("movie", line.directory, "--of", "nothing").exit_code == 2
    assert list(tmp_path.iterdir()) == []
    assert movie.write(line, most=3).name == "psi.gif"


@pytest.mark.slow
def test_an_mp4(line, tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = movie.write(line, "psi", tmp_path / "m.mp4", fps=8.0)
    frames, seconds = ffmpeg.count_frames_and_secs(str(path))
    assert frames == line.t.size and seconds == pytest.approx(frames / 8.0, abs=0.02)


def test_a_kind_without_fields_says_so(tmp_path):
    where = tmp_path / "net"
    fg.run("sn_step", where)
    for command in (["movie", where], ["plot", where, "--of", "psi"]):
        done = femtdgl(*command)
        assert done.exit_code == 2 and "is a network: it has no fields in space" in done.stderr


def test_the_user_s_backend_of_matplotlib_is_left_alone():
    code = """
import matplotlib, sys
before = matplotlib.rcParams._get("backend")
import femtdgl as fg
fg.figures.fields, fg.figures.heat
assert matplotlib.rcParams._get("backend") is before and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_small_problems_need_no_numba():
    code = """
import sys
import femtdgl as fg
from femtdgl.kinds.run import read_file
list(read_file("psc_filament").describe())
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
