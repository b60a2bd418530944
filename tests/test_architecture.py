"""The house rules: imports go downhill only, files stay small, names say something."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "femtdgl"

LADDER = [
    ["errors", "section", "atomic", "offscreen"],
    ["units"],
    ["equations"],
    ["materials"],
    ["mesh", "drive", "thermal"],
    ["presets", "boundary"],
    ["heat"],
    ["problem"],
    ["config"],
    ["solve"],
    ["probes", "observables"],
    ["measure", "measure_sweep", "flux"],
    ["measure_heat"],
    ["files"],
    ["plots"],
    ["plots_flux", "plots_network", "plots_volume", "plots_cooler"],
    ["plots_fields"],
    ["plots_heat"],
    ["simulation", "emission", "network_job", "cooler_tables"],
    ["cooler_job"],
    ["runner"],
    ["report"],
    ["display", "sweep"],
    ["cli"],
    ["__main__"],
]
LEVEL = {name: level for level, names in enumerate(LADDER) for name in names}
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py")


def part(path: Path) -> str:
    """The rung of a file: its module, or its folder."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "femtdgl":
                yield from (f"femtdgl.{alias.name}" for alias in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_downhill(path):
    here = part(path)
    assert here in LEVEL, f"{here} has no place on the ladder of tests/test_architecture.py"
    for name in imports(path):
        if name.startswith("femtdgl."):
            there = name.split(".")[1]
            assert there == here or LEVEL[there] < LEVEL[here], f"{here} imports {there}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short_and_named(path):
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in {"utils", "helpers", "misc", "common"}


def test_thermal_knows_no_finite_elements():
    for path in (PACKAGE / "thermal").rglob("*.py"):
        assert not any(name.startswith(("skfem", "femtdgl.solve", "femtdgl.mesh")) for name in imports(path)), path


def test_equations_are_pure():
    for path in (PACKAGE / "equations").rglob("*.py"):
        allowed = ("femtdgl.equations", "femtdgl.units", "femtdgl.errors", "femtdgl.thermal")
        for name in imports(path):
            assert not name.startswith("femtdgl") or name.startswith(allowed), f"{path.name} imports {name}"


def test_postprocess_is_never_imported():
    for path in MODULES:
        assert not any(name.split(".")[0] in ("postprocess", "tests", "benchmarks") for name in imports(path))


def test_help_is_quick_because_heavy_imports_wait():
    code = "import sys, femtdgl.cli; print([m for m in ('numpy', 'scipy', 'skfem', 'pydantic') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_public_names_are_there():
    import femtdgl as fg

    for name in fg.__all__:
        assert getattr(fg, name) is not None
    for name in ("run", "Problem", "Film", "Bank", "Drive", "Ramp", "mesh", "thermal"):
        assert name in fg.__all__
