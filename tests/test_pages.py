"""Tasks, tutorials and how-to pages run as they are printed, and say what comes out."""

import ast
import shlex

import pytest
from pages import DOCS, LARGEST, agrees, anchors, blocks, in_process, known_to_pip, last_digit, links, pieces, same

PAGES = {
    str(path.relative_to(DOCS)): path
    for room in ("tasks", "tutorials", "howto")
    for path in sorted((DOCS / room).glob("*.md"))
}
TASKS = [name for name in PAGES if name.startswith("tasks/") and not name.endswith("index.md")]
SLOW = {
    "tasks/change_a_parameter.md",
    "tasks/iv_loop_in_a_notebook.md",
    "tasks/changing_field_and_current.md",
    "tasks/cut_line_and_point.md",
    "tasks/vortices_and_fluxoid.md",
    "tasks/pandas_and_xarray.md",
    "tasks/random_tc.md",
    "howto/coming_from_comsol.md",
    "tasks/hot_spot.md",
    "howto/own_geometry.md",
    "tasks/moment_against_field.md",
    "howto/iv_curve.md",
    "howto/paraview.md",
    "tasks/hysteresis.md",
    "tasks/movie.md",
    "tasks/own_mesh.md",
    "tasks/restart.md",
    "tasks/sweep_a_parameter.md",
    "tasks/triangular_wire.md",
    "tutorials/film_in_a_field.md",
}
"""Pages that take longest, but for the first tutorial."""
NEEDS = {"tasks/own_mesh.md": ("gmsh",), "tasks/pandas_and_xarray.md": ("pandas", "xarray")}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in PAGES])
def test_a_page_runs_and_says_what_comes_out(name, tmp_path):
    """Every block in turn; numbers of the text, printed output and pictures are those of the run."""
    for other in NEEDS.get(name, ()):
        pytest.importorskip(other)
    assert in_process(PAGES[name], tmp_path).ran > 0 or name.endswith("index.md")


def test_there_are_sixteen_tasks():
    assert len(TASKS) == 16
    index = (DOCS / "tasks" / "index.md").read_text()
    for name in TASKS:
        assert f"]({PAGES[name].name})" in index, name


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_one_command_or_five_lines(name):
    """The first program of the page: one command, or five statements of Python beside its imports.

    Before the movie and the restart a run must be there, and before an own mesh a mesh.
    """
    first = {"tasks/movie.md": 1, "tasks/restart.md": 1, "tasks/own_mesh.md": 1, "tasks/pandas_and_xarray.md": 1}
    programs = [p for p in pieces(PAGES[name]) if p.kind in ("sh", "python") and not p.title]
    program = programs[first.get(name, 0)]
    if program.kind == "sh":
        assert [words[0] for words in map(shlex.split, program.body.splitlines())] == ["femtdgl"]
    else:
        lines = [s for s in ast.parse(program.body).body if not isinstance(s, ast.Import | ast.ImportFrom)]
        inner = sum(len(s.body) for s in lines if isinstance(s, ast.For))
        assert len(lines) + inner <= 5


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_are_there(name):
    page = PAGES[name]
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"
    drawn = {piece.title for piece in pieces(page) if piece.kind == "picture"}
    for picture in (path for path, _ in links(page) if path.endswith(".png")):
        assert picture in drawn, f"{picture} does not come from a run of the page"
        assert (page.parent / picture).stat().st_size < LARGEST
    if name in TASKS:
        assert drawn, "a task without a picture"


@pytest.mark.parametrize("name", PAGES)
def test_no_number_begins_a_line(name):
    """Where a comment begins a line, the site begins a new paragraph."""
    assert "\n<!-- value" not in PAGES[name].read_text()


def test_every_picture_is_on_a_page():
    shown = {path.rsplit("/", 1)[-1] for page in PAGES.values() for path, _ in links(page) if path.endswith(".png")}
    assert shown == {path.name for path in (DOCS / "figures" / "tasks").glob("*.png")}


# ---- the runner -----------------------------------------------------------------------------------------------------


def written(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    return page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```python\nx = 1/0\n```", "division"),
        ("```sh\nfemtdgl run nothing\n```", "cannot be read"),
        ("```sh\nrm -r x\n```", "rm is not run"),
        ("```sh\npip install requests\n```", "requests"),
        ("```sh\npip install 'femtdgl[nothing]'\n```", "nothing"),
        ("```python\nprint(2.0)\n```\n```text\n2.2\n```", "the page shows '2.2'"),
        ("```python\nprint(2.0)\nprint(3)\n```\n```text\n2.0\n```", "more was printed"),
        ("```python\nx = 2.0\n```\n<!-- value: x .2f -->2.02<!-- end -->", "x is 2.00, not 2.02"),
        ("```python\nx = 2.0\n```\n<!-- value: x .2f -->2.0<!-- end -->", "x is 2.00, not 2.0"),
        ("```python\nx = 3\n```\n<!-- value: x d -->2<!-- end -->", "x is 3, not 2"),
        ("<!-- picture: nothing.png -->\n![a](b.png)", "nothing.png was not made"),
        ("```toml\n[film]\ndelte = 1.0\n```", "did you mean 'delta'"),
        ('```toml title="a.toml"\n[film\n```', "Expected"),
        ("```rust\nx\n```", "rust"),
    ],
)
def test_a_page_that_says_something_else_fails(text, said, tmp_path):
    with pytest.raises(Exception, match=said.replace("[", r"\[")):
        in_process(written(tmp_path, text), tmp_path)


def test_a_page_that_is_right_runs(tmp_path):
    page = written(
        tmp_path,
        '```toml title="a.toml"\nx = 1\n```\n```python\nimport tomllib\nx = tomllib.load(open("a.toml", "rb"))["x"]\n'
        "print('one')\nprint(f'{x:.3f} and more')\n```\n```text\n...\n1.001 and more\n```\n"
        "so x is <!-- value: x + 0.004 .2f -->1.01<!-- end -->\n```sh\npip install -e . && true\n```".replace(
            " && true", ""
        ),
    )
    ran = in_process(page, tmp_path)
    assert ran.found == ["1.00"] and ran.ran == 3
    assert blocks(page, "sh") == ["pip install -e .\n"]


def test_numbers_agree_in_what_is_shown():
    assert same("period 11.94", "period 11.95") and not same("period 11.94", "period 11.96")
    assert same("1.3e-06", "1.4e-06") and not same("1.3e-06", "1.3e-05")
    assert same("0.526358 V0", "0.526362 V0") and not same("0.526358 V0", "0.526368 V0")
    assert not same("12 slips", "11 slips") and not same("V 2.0", "W 2.0")
    assert last_digit("11.94") == pytest.approx(0.01) and last_digit("7") == 0.0
    agrees("a\n...\nd 1\n", "a\nb\nc\nd 1\n")
    with pytest.raises(AssertionError):
        agrees("a\nc\n", "a\nb\nc\n")
    known_to_pip(["-e", ".[test]"])
