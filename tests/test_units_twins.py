"""Every shipped problem with numbers in SI is its twin in reduced units, or in plain SI numbers, to 1e-12."""

import json
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from conftest import PROBLEMS
from test_units_si import same, text

import femtdgl as fg
from femtdgl.errors import InputError
from femtdgl.input.quantities import has_unit, parse
from femtdgl.kinds import registry
from femtdgl.problem import toml
from femtdgl.problem.problem import describe

SHIPPED = sorted(
    path
    for path in PROBLEMS.glob("*.toml")
    for table in [toml.parse(path.read_text())]
    if table.get("kind", "filament") == "filament" and {"preset", "Tc"} & set(table["film"])
)


def with_units(problem):
    """The description of a shipped problem with its reduced numbers as text with units (1D)."""
    table, scales, section = describe(problem), problem.film.scales, problem.film.cross_section
    table["mesh"]["length"] = text(table["mesh"]["length"] * scales.length * 1e9, "nm")
    ampere = scales.current_density * section
    table["drive"]["current"] = {
        "table": [
            [text(t * scales.time * 1e12, "ps"), text(j * ampere * 1e6, "uA")]
            for t, j in table["drive"]["current"]["table"]
        ]
    }
    for name, key in [("time", "t_end"), ("time", "checkpoint"), ("measure", "discard"), ("output", "fields")]:
        table[name][key] = text(table[name][key] * scales.time * 1e9, "ns")
    return table


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_problem_in_si_is_its_reduced_twin(path):
    """The same description, and a short run with the same numbers, to 1e-12 of the reduced units."""
    problem, _ = toml.load(path)
    table = with_units(problem)
    assert json.dumps(table).count(" nm") == 1
    same(describe(problem), describe(toml.build(table)))
    short = {"time.t_end": 2.0, "measure.discard": 0.0, "output.fields": 1.0}
    reduced, _ = toml.load(path, short)
    one, other = fg.run(reduced), fg.run(toml.build(with_units(reduced)))
    assert one.probes["t"].size == other.probes["t"].size
    for name in one.probes:
        size = max(1.0, np.abs(one.probes[name]).max())
        np.testing.assert_allclose(other.probes[name], one.probes[name], rtol=0, atol=1e-12 * size, err_msg=name)


def test_there_are_shipped_problems_in_si():
    assert {"psc_plates", "psc_nis_drain"} <= {path.stem for path in SHIPPED}


def in_plain_numbers(value):
    """A table with its text that has units as SI numbers, and how many there were."""
    if isinstance(value, dict):
        parts = {key: in_plain_numbers(item) for key, item in value.items()}
        return {key: item for key, (item, _) in parts.items()}, sum(count for _, count in parts.values())
    if isinstance(value, list):
        parts = [in_plain_numbers(item) for item in value]
        return [item for item, _ in parts], sum(count for _, count in parts)
    if has_unit(value):
        try:
            return parse(value), 1
        except InputError:  # words that begin with a number
            return value, 0
    return value, 0


def alike(one, other, where="", seen=None):
    """Objects agree to 1e-12 in all their numbers."""
    seen = set() if seen is None else seen
    if has_unit(one) and not isinstance(other, str):  # the words of the file, beside what is made of them
        one = parse(one)
    if (id(one), id(other)) in seen:
        return
    assert type(one) is type(other) or {type(one), type(other)} <= {int, float}, where
    if isinstance(one, bool | str | bytes | type(None)) or callable(one):
        assert one == other or callable(one), where
    elif isinstance(one, int | float | np.number):
        assert other == pytest.approx(one, rel=1e-12, abs=0, nan_ok=True), where
    elif isinstance(one, np.ndarray):
        np.testing.assert_allclose(other, one, rtol=1e-12, atol=0, err_msg=where)
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            alike(one[key], other[key], f"{where}.{key}", seen | {(id(one), id(other))})
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            alike(a, b, f"{where}.{k}", seen | {(id(one), id(other))})
    else:
        names = [f.name for f in fields(one)] if is_dataclass(one) else list(getattr(one, "__dict__", {}))
        for name in names:
            alike(getattr(one, name), getattr(other, name), f"{where}.{name}", seen | {(id(one), id(other))})


THERMAL = sorted(
    path
    for path in PROBLEMS.glob("*.toml")
    for table in [toml.parse(path.read_text())]
    if table.get("kind", "filament") != "filament" and in_plain_numbers(table)[1]
)


def read(path, table):
    return registry.of_table(table, file=str(path)).read(table, "", file=str(path))


@pytest.mark.parametrize("path", THERMAL, ids=lambda path: path.stem)
def test_a_network_or_a_cooler_with_units_is_its_twin_in_plain_numbers(path):
    table = toml.parse(path.read_text())
    table.pop("sweep", None)
    plain, count = in_plain_numbers(table)
    assert count
    one, other = read(path, table), read(path, plain)
    seen = [json.dumps(part, default=str) for part in (table, plain)]
    assert seen[0] != seen[1]
    alike(one.prepared, other.prepared)


def test_there_are_networks_and_coolers_with_units():
    assert {"psc_cooler", "psc_cooler_near_tc", "nis_setup1", "thermal_diode"} <= {path.stem for path in THERMAL}


@pytest.mark.parametrize("name", ["thermal_diode", "nis_resistance"])
def test_its_results_are_the_same(name, tmp_path):
    """Solved: all arrays and all numbers of the summary."""
    path = PROBLEMS / f"{name}.toml"
    plain, _ = in_plain_numbers(toml.parse(path.read_text()))
    for table, folder in ((toml.parse(path.read_text()), "units"), (plain, "plain")):
        (tmp_path / folder).mkdir()
        read(path, table).solve(tmp_path / folder)
    one, other = (json.loads((tmp_path / folder / "summary.json").read_text()) for folder in ("units", "plain"))
    for summary in (one, other):
        del summary["cpu_seconds"], summary["checksum"]
    alike(one, other)
