"""The docs as a whole: no dead link, a picture of every problem, every public name described, a site that builds."""

import ast
import importlib.util
import inspect
import json
import re
import subprocess
import sys
import textwrap
import time
from dataclasses import fields, is_dataclass
from functools import cache

import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.input import listed
from femtdgl.input.meanings import meanings

ROOT = PROBLEMS.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(DOCS.rglob("*.md"))
CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]+`", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)")


def module(name):
    """One of the programs in docs/."""
    if str(DOCS) not in sys.path:
        sys.path.append(str(DOCS))
    return importlib.import_module(name)


gallery, api, keys = module("gallery"), module("api"), module("keys")


# ---- links ----------------------------------------------------------------------------------------------------------


@cache
def made():
    """Pages that the build makes, by where they would lie, and the anchors that their text sets."""
    pages = dict(gallery.pages()) | dict(api.pages())
    pages |= {f"notebooks/{file.stem}.md": "" for file in DOCS.glob("notebooks/*.ipynb")}
    return {(DOCS / where).resolve(): text for where, text in pages.items()}


@cache
def anchors(page):
    """The anchors of the headings of a page, as GitHub and the site make them."""
    text = made()[page] if page in made() else page.read_text(encoding="utf-8")
    text = re.sub(r"<!--.*?-->", "", re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL))
    found = set(re.findall(r"\{ *#([\w.-]+) *\}", text)) | set(re.findall(r"^::: (\S+)", text, re.MULTILINE))
    for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def dead_links(page, text):
    """Links of a page that lead nowhere."""
    for target in LINK.findall(CODE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page.resolve()
        if not other.exists() and other not in made():
            yield f"{target}: no such file"
        elif anchor and anchor not in anchors(other):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert list(dead_links(page, page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("page", [*dict(gallery.pages()), *dict(api.pages())])
def test_links_of_pages_that_the_build_makes_lead_somewhere(page):
    where = (DOCS / page).resolve()
    assert list(dead_links(where, made()[where])) == []


@pytest.mark.parametrize("notebook", sorted(DOCS.glob("notebooks/*.ipynb")), ids=lambda file: file.stem)
def test_links_of_notebooks_lead_somewhere(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            assert list(dead_links(notebook, "".join(cell["source"]))) == []
        else:
            assert cell["outputs"] == [] and cell["execution_count"] is None, "what it prints is made by the build"


def test_dead_links_are_found():
    page = DOCS / "index.md"
    text = (
        "[a](nowhere.md), [b](theory.md#no-such-heading), [c](theory.md#errata), [d](https://example.org), `[e](x.md)`"
    )
    assert list(dead_links(page, text)) == ["nowhere.md: no such file", "theory.md#no-such-heading: no such heading"]


# ---- the gallery ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", listed.names())
def test_every_shipped_problem_has_a_picture_and_a_page(name):
    picture = gallery.picture(name)
    assert picture.is_file(), f"python docs/gallery.py {name}"
    assert picture.stat().st_size < gallery.LARGEST
    text = dict(gallery.pages())[f"gallery/{name}.md"]
    assert (PROBLEMS / f"{name}.toml").read_text().rstrip() in text and listed.table(name)["title"] in text


def test_there_is_no_picture_of_what_is_no_problem():
    assert {path.stem for path in gallery.PICTURES.iterdir()} == set(listed.names())


# ---- keys -----------------------------------------------------------------------------------------------------------


def test_every_key_has_a_meaning_and_says_what_it_takes():
    rows = [row for row in keys.page().splitlines() if row.startswith("| `")]
    assert len(rows) > 300
    for row in rows:
        _, key, takes, _, _, meaning, _ = re.split(r"(?<!\\)\|", row)
        assert takes.strip() and meaning.strip(), key


def test_units_and_defaults_of_keys():
    page = keys.page()
    assert "| `t_end` | number | t0 | **needed** | The end. |" in page
    assert re.search(r"\| `Tc` \| number \| K \| \*\*needed\*\* \|", page)
    assert '| `interference` | `"published"`, `"consistent"`, `"off"` |  | `"consistent"` |' in page


# ---- public names ---------------------------------------------------------------------------------------------------

NAMES = {name: thing for page in api.names().values() for name, thing in page.items()}
TOLD_BY_PLACE = ("kind", "shape")
"""Fields that can only have the one value that they have."""
THROUGHOUT = ("self", "cls", "t", "x", "dim")
"""What the reference says once: time, points, dimension."""


def own_functions(cls):
    """Public methods and properties that a class defines itself."""
    for name, value in vars(cls).items():
        function = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
        if not name.startswith("_") and inspect.isfunction(function) and function.__name__ != "<lambda>":
            yield name, function


def parameters(function):
    """What it takes."""
    return [name for name in inspect.signature(function).parameters if name not in THROUGHOUT]


def raises_input_errors(function):
    """Whether its own body raises an InputError."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    return any(isinstance(call.func, ast.Name) and call.func.id == "InputError" for call in calls)


def words(text):
    return set(re.findall(r"\w+", text or ""))


def own_doc(cls):
    """What the source says of a class; what `dataclass` makes up does not count."""
    text = "" if cls.__doc__ is None else cls.__doc__
    return "" if text.startswith(f"{cls.__name__}(") else text


@pytest.mark.parametrize("name", [name for name, thing in NAMES.items() if inspect.isclass(thing)])
def test_every_field_and_method_of_a_public_class_is_described(name):
    cls = NAMES[name]
    assert own_doc(cls), "a docstring"
    told = words(" ".join(own_doc(base) for base in cls.__mro__ if base is not object))
    if is_dataclass(cls):
        known = meanings(cls)
        bare = [item.name for item in fields(cls) if item.init and item.name not in {*known, *TOLD_BY_PLACE}]
        assert bare == [], "the text below each field"
    for method, function in own_functions(cls):
        assert function.__doc__, method
        assert [p for p in parameters(function) if p not in told | words(function.__doc__)] == [], method


@pytest.mark.parametrize("name", [name for name, thing in NAMES.items() if inspect.isfunction(thing)])
def test_every_parameter_of_a_public_function_is_described(name):
    function = NAMES[name]
    assert function.__doc__
    assert [p for p in parameters(function) if p not in words(function.__doc__)] == []
    if raises_input_errors(function):
        assert "InputError" in function.__doc__ or "Dies" in function.__doc__


def test_all_public_names_are_in_the_reference():
    for thing in (getattr(fg, name) for name in vars(fg)["__all__"]):
        assert inspect.ismodule(thing) or any(thing is known for known in NAMES.values()), thing


# ---- the site -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path):
    """It executes the notebooks too; five minutes of two cores are what it may take."""
    if importlib.util.find_spec("material") is None or importlib.util.find_spec("mkdocstrings") is None:
        pytest.skip("the extra `docs` is not installed")
    begun = time.monotonic()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert time.monotonic() - begun < 300
    pages = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.html")}
    assert {str(page.relative_to(DOCS).with_suffix(".html")) for page in PAGES if DOCS in page.parents} < pages
    for path in tmp_path.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//', text), path
        assert not re.search(r'<link[^>]+(?:stylesheet|preconnect)[^>]+href="(?:https?:)?//', text), path
    film = (tmp_path / "notebooks" / "film_with_vortices.html").read_text(encoding="utf-8")
    assert "vortices inside: 4" in film and film.count("film_with_vortices_") >= 3
    assert "period 11.937 t0" in (tmp_path / "notebooks" / "first_filament.html").read_text(encoding="utf-8")
