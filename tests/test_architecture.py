"""The house rules: wings, imports downhill only and without circles, small files, names that say something."""

import ast
import subprocess
import sys
from inspect import ismodule
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "femtdgl"

LADDER = [
    ["errors"],
    ["input"],
    ["units"],
    ["equations"],
    ["mesh", "thermal"],
    ["problem"],
    ["solve"],
    ["device"],
    ["measure"],
    ["files"],
    ["flux"],
    ["figures"],
    ["web"],
    ["kinds"],
    ["studies"],
    ["display"],
    ["cli"],
    ["__main__"],
]
"""Wings and the modules of the hall, the lowest first; of one rung none may import the other."""
LEVEL = {name: level for level, names in enumerate(LADDER) for name in names}
HALL = {"__init__", "__main__", "display", "errors", "units"}
KINDS = ("filament", "network", "cooler")
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py")


def name_of(path: Path) -> str:
    """Dotted name of a module, of a package for its __init__."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(p) for p in PACKAGE.rglob("*.py")}


def wing(path: Path) -> str:
    """The rung of a file: its wing, or its module in the hall."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, with_types: bool = True):
    """Dotted names that a module imports anywhere, inside functions too."""
    tree = ast.parse(path.read_text())
    hidden: set[ast.AST] = set()
    if not with_types:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                hidden |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in hidden:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in NAMES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def label(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_imports_go_downhill(path):
    here = wing(path)
    assert here in LEVEL, f"{here} has no place on the ladder of tests/test_architecture.py"
    for name in imports(path):
        if name.startswith("femtdgl."):
            there = name.split(".")[1]
            assert there == here or LEVEL[there] < LEVEL[here], f"{here} imports {there}"


def test_no_circle_of_imports():
    """Not even one that hides inside a function or behind TYPE_CHECKING."""
    graph = {name_of(path): {n for n in imports(path) if n in NAMES} for path in PACKAGE.rglob("*.py")}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"circle: {' -> '.join((*trail[trail.index(name) :], name))}"
        if name not in done:
            for other in sorted(graph[name] - {name}):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_the_hall_is_empty_but_for_the_public_face():
    assert {p.stem for p in PACKAGE.glob("*.py")} == HALL


def test_only_kinds_names_a_kind():
    """No comparison of anything with the name of a kind of problem outside kinds/."""
    for path in MODULES:
        if wing(path) == "kinds" and path.parent != PACKAGE / "kinds":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                values = [c.value for c in ast.walk(node) if isinstance(c, ast.Constant)]
                assert not set(values) & set(KINDS), f"{label(path)}:{node.lineno} asks for the kind of a problem"


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_files_are_short_and_named(path):
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in {"utils", "helpers", "misc", "common"}


def test_thermal_knows_no_finite_elements():
    for path in (PACKAGE / "thermal").rglob("*.py"):
        assert not any(name.startswith(("skfem", "femtdgl.solve", "femtdgl.mesh")) for name in imports(path)), path


def test_equations_are_pure():
    for path in (PACKAGE / "equations").rglob("*.py"):
        allowed = ("femtdgl.equations", "femtdgl.units", "femtdgl.errors")
        for name in imports(path):
            assert not name.startswith("femtdgl") or name.startswith(allowed), f"{path.name} imports {name}"


def test_postprocess_is_never_imported():
    for path in MODULES:
        assert not any(name.split(".")[0] in ("postprocess", "tests", "benchmarks") for name in imports(path))


SCRIPTS = sorted(p for folder in ("benchmarks", "postprocess") for p in (ROOT / folder).glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_use_public_names_only(path):
    """They import femtdgl, or the names that one of its public modules offers; nothing below."""
    import femtdgl as fg

    public = {"femtdgl": fg}
    public |= {f"femtdgl.{name}": getattr(fg, name) for name in fg.__all__ if ismodule(getattr(fg, name))}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert not alias.name.startswith("femtdgl") or alias.name in public, f"{alias.name} is not public"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("femtdgl"):
            assert node.module in public, f"{node.module} is not public"
            offered = getattr(public[node.module], "__all__", dir(public[node.module]))
            for alias in node.names:
                assert alias.name in offered, f"{node.module} offers no {alias.name}"


def test_help_is_quick_because_heavy_imports_wait():
    code = "import sys, femtdgl.cli; print([m for m in ('numpy', 'scipy', 'skfem', 'pydantic') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_public_names_are_there():
    import femtdgl as fg

    for name in fg.__all__:
        assert getattr(fg, name) is not None
    for name in ("run", "load", "Problem", "Film", "Bank", "Drive", "Ramp", "mesh", "thermal"):
        assert name in fg.__all__


def test_public_modules_are_there_at_first_use():
    """In a fresh process, where nothing else has imported them."""
    code = "import femtdgl as fg; [getattr(fg, n) for n in ('drive', 'presets', 'figures', 'flux', 'thermal', 'units')]"
    subprocess.run([sys.executable, "-c", code + "; fg.drive.form, fg.figures.filament, fg.flux.Record"], check=True)
