"""Every problem file is a test: it is run and its [expect] table must hold."""

import tomllib

import pytest
from conftest import PROBLEMS

import femtdgl as fg
from femtdgl.kinds.expect import lookup
from femtdgl.problem import toml

LONG = {
    "psc_long_filament", "weak_spot_strip", "vortex_strip", "notched_strip", "ring", "hotspot_strip", "iv_isothermal",
    "hc3_strip", "vortex_film", "vortex_entry", "vortex_entry_disc", "wire_3d", "psc_nis_drain", "psc_plates",
    "cylinder_bore", "psc_bottleneck", "weak_spot_line", "film_two_holes", "heated_filament", "ring_flux",
}  # fmt: skip
TABLES = {path: tomllib.loads(path.read_text()) for path in sorted(PROBLEMS.glob("*.toml"))}
FILAMENTS = [path for path, table in TABLES.items() if table["kind"] == "filament" and "sweep" not in table]


@pytest.mark.parametrize(
    "path", [pytest.param(p, marks=pytest.mark.slow if p.stem in LONG else (), id=p.stem) for p in FILAMENTS]
)
def test_problem_meets_its_expectations(path):
    problem, _ = toml.load(path)
    assert problem.expect, "a shipped problem says what comes out"
    summary = fg.run(path).summary
    for key, expected in problem.expect.items():
        found = lookup(summary, key)
        if isinstance(expected.value, str):
            assert found == expected.value
        else:
            assert found == pytest.approx(expected.value, rel=expected.rel, abs=expected.abs), key
