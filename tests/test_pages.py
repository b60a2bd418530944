"""Tasks, tutorials and how-to pages run as they are printed, and say what comes out."""

import pytest
from pages import DOCS, in_process

PAGES = {str(path.relative_to(DOCS)): path for room in ("tasks", "tutorials", "howto")
         for path in sorted((DOCS / room).glob("*.md"))}  # fmt: skip
TASKS = [path for name, path in PAGES.items() if name.startswith("tasks/") and path.stem != "index"]
SLOW: set[str] = set()
"""Pages that take more than some seconds."""
NEEDS = {"tasks/own_mesh.md": ("gmsh",), "tasks/pandas_and_xarray.md": ("pandas", "xarray")}
PROGRAMS = ("femtdgl", "gmsh")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in PAGES])
def test_a_page_runs_and_says_what_comes_out(name, tmp_path):
    for other in NEEDS.get(name, ()):
        pytest.importorskip(other)
    assert in_process(PAGES[name], tmp_path).ran > 0 or name.endswith("index.md")
