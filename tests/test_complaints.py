"""What is wrong with a table is said with its full key, whatever the names in it are."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from conftest import PROBLEMS
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, Discriminator, PlainValidator, Tag

from femtdgl.errors import InputError, shortened
from femtdgl.input.hints import members, walk
from femtdgl.input.section import Section
from femtdgl.input.tables import validated
from femtdgl.problem import toml
from femtdgl.problem.problem import Problem

NAMES = [
    "bank",
    "normal",
    "line",
    "strip",
    "float",
    "int",
    "str",
    "file",
    "0",
    "tuple[float, ...]",
    "function-x",
    "kind",
]
"""Names that pydantic gives to members of unions, and that a user may give to a boundary."""

WRONG = [
    ({"kind": "de-gennes"}, ".b", "is missing"),
    ({"kind": "de-gennes", "b": "far"}, ".b", "'far'"),
    ({"kind": "de-gennes", "b": 0.0}, ".b", "other than 0"),
    ({"kind": "bank", "curent": 1.0}, ".curent", "did you mean 'current'?"),
    ({"kind": "bank", "current": {"ramp": [0, 1], "over": -1}}, ".current.over", "a time > 0"),
    ({"kind": "bank", "current": "high"}, ".current", "ramp"),
    ({"kind": "bnk"}, "", '"bank", "normal", "insulating", "de-gennes"'),
    ({}, ".kind", '"bank", "normal", "insulating", "de-gennes"'),
    ("bnk", "", '"bank"'),
    (3, "", "a table with kind"),
]


def complaint_about(table: dict[str, Any], root: Any = Problem, where: str = "") -> InputError:
    with pytest.raises(InputError) as caught:
        validated(root, table, where)
    return caught.value


def changed(**sections: Any) -> dict[str, Any]:
    return {**toml.parse((PROBLEMS / "psc_filament.toml").read_text()), **sections}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("condition", "below", "says"), WRONG, ids=[f"{i}" for i in range(len(WRONG))])
def test_a_boundary_is_named_whatever_its_name(name, condition, below, says):
    error = complaint_about(changed(boundary={"right": "bank", name: condition}))
    assert error.key == f"boundary.{name}{below}"
    assert says in str(error)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("sections", "key"),
    [
        (lambda name: {"region": {name: {"epz": 1.0}}}, "region.{}.epz"),
        (lambda name: {"expect": {name: {"value": []}}}, "expect.{}.value"),
        (lambda name: {"expect": {name: {"value": 1, "rle": 2}}}, "expect.{}.rle"),
        (lambda name: {"heat": {"nodes": {name: {"temperatur": 1}}}}, "heat.nodes.{}.temperatur"),
        (lambda name: {"heat": {"nodes": {name: 3}}}, "heat.nodes.{}"),
        (lambda name: {"heat": {"links": {name: {"kind": "Leek"}}}}, "heat.links.{}.kind"),
        (lambda name: {"heat": {"links": {name: {"kind": "Leak", "between": ["surface"]}}}}, "heat.links.{}.between"),
        (
            lambda name: {"heat": {"links": {name: {"kind": "Leak", "between": ["surface", "b"], "k": "x", "d": 1}}}},
            "heat.links.{}.k",
        ),
        (
            lambda name: {"heat": {"links": {name: {"kind": "Leak", "between": ["surface", "b"], "k": -1, "d": 1}}}},
            "heat.links.{}.k",
        ),
    ],
)
def test_what_a_user_named_is_named(name, sections, key):
    assert complaint_about(changed(**sections(name))).key == key.format(name)


@given(st.text(min_size=1, max_size=300))
def test_any_name_stands_in_the_key(name):
    """Whole, unless the key is longer than errors keep."""
    assert complaint_about(changed(region={name: {"epz": 1.0}})).key == shortened(f"region.{name}.epz", 120)


@pytest.mark.parametrize(
    ("sections", "key", "says"),
    [
        ({"initial": {"file": 3}}, "initial.file", "text"),  # the key is called like a shape of meshes
        ({"mesh": {"shape": "file"}}, "mesh.path", "is missing"),
        ({"mesh": {"length": 1.0}}, "mesh.shape", '"line", "strip", "ring", "wire", "file"'),
        (
            {"mesh": {"shape": "strip", "length": 1, "width": 1, "h": 1, "hole": {"at": [0, 0]}}},
            "mesh.hole.radius",
            "is",
        ),
        ({"probes": [{"kind": "voltage", "name": "a", "between": [[0.0]]}]}, "probes.0.between.1", "one more item"),
        ({"initial": {"dips": [{"depth": 1.0, "at": [1.0, "x"]}]}}, "initial.dips.0.at.1", "'x'"),
        ({"initial": {"dips": [{"depth": 1.0, "at": "x"}]}}, "initial.dips.0.at", "a list"),
        ({"output": {"probes": "often"}}, "output.probes", "'every-step' or a number"),
        ({"time": {"t_end": "3 s"}}, "time.t_end", "'3 s' has a unit"),
        ({"film": {"delta": 1, "vector": 2}}, "film.vector", "allowed: delta, eta, model"),
        ({"vectorpotential": 2}, "vectorpotential", "unknown key (allowed: mesh, film"),
    ],
)
def test_keys_within_unions_lists_and_sections(sections, key, says):
    error = complaint_about(changed(**sections))
    assert error.key == key
    assert says in str(error)


def test_what_no_file_can_give_is_not_offered():
    assert "vector_potential" not in complaint_about(changed(titel=2)).allowed.split(", ")


@dataclass(frozen=True, kw_only=True)
class Sine(Section):
    period: float
    kind: Literal["sine", "cosine"] = "sine"

    def __post_init__(self) -> None:
        if self.period <= 0:
            raise InputError(f"{self.period!r} is not possible", key="period", allowed="above 0")


@dataclass(frozen=True, kw_only=True)
class Steps(Section):
    at: tuple[tuple[float, float], ...]
    kind: Literal["steps"] = "steps"


def text_to_sine(value: Any) -> Any:
    return {"period": 1.0} if value == "sine" else value


def told(value: Any) -> str:
    return "many" if isinstance(value, list) else "one"


@dataclass(frozen=True, kw_only=True)
class Drives(Section):
    """Unions of every sort: told apart by a key, tried one after the other, and by a function."""

    wave: Annotated[Sine | Steps, Discriminator("kind")] | None = None
    waves: dict[str, Annotated[Sine | Steps, Discriminator("kind")]] = field(default_factory=dict)
    tried: float | Annotated[Sine, BeforeValidator(text_to_sine)] | list[Steps] | None = None
    sorted: Annotated[Annotated[Sine, Tag("one")] | Annotated[list[Sine], Tag("many")], Discriminator(told)] | None = (
        None
    )
    whole: Annotated[Sine | None, PlainValidator(lambda value: Sine(**value))] = None
    named: Literal["a", "b"] = "a"
    number: float = 0.0


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ({"wave": {"kind": "sine", "period": -1.0}}, "wave.period", "above 0"),
        ({"wave": {"kind": "cosine", "period": 1.0, "perod": 1.0}}, "wave.perod", "did you mean 'period'?"),
        ({"wave": {"kind": "steps", "at": [[0, 1], [0, "up"]]}}, "wave.at.1.1", "'up'"),
        ({"wave": {"kind": "saw"}}, "wave", '"sine", "cosine", "steps"'),
        ({"waves": {"sine": {"kind": "sine"}}}, "waves.sine.period", "is missing"),
        ({"waves": {"period": {"kind": "steps", "at": 3}}}, "waves.period.at", "a list"),
        ({"tried": {"period": 0.0}}, "tried.period", "above 0"),
        ({"tried": {"perod": 1.0}}, "tried.period", "is missing"),
        ({"tried": [{"at": []}, {"at": [[1, 2]], "att": 3}]}, "tried.1.att", "did you mean 'at'?"),
        ({"tried": "x"}, "tried", "a number"),
        ({"sorted": {"period": 0.0}}, "sorted.period", "above 0"),
        ({"sorted": [{"period": 1.0}, {}]}, "sorted.1.period", "is missing"),
        ({"whole": {"period": 0.0}}, "whole.period", "above 0"),
        ({"named": "c", "number": "c"}, "named", "allowed: 'a' or 'b')"),  # and not what `number` wants
    ],
)
def test_unions_of_every_sort(table, key, says):
    error = complaint_about(table, Drives)
    assert error.key == key
    assert says in str(error)
    assert complaint_about(table, Drives, "drives.line").key == f"drives.line.{key}"


def test_a_type_that_is_no_dataclass_can_be_the_root():
    mesh = Annotated[Sine | Steps, Discriminator("kind")]
    assert complaint_about({"kind": "sine", "period": "x"}, mesh, "mesh").key == "mesh.period"
    assert complaint_about({"kind": "saw"}, mesh, "mesh").key == "mesh"


def test_members_are_named_as_pydantic_does():
    assert list(members(float | tuple[float, ...] | Literal["a", "b"] | None)) == [
        "float", "tuple[float, ...]", "literal['a','b']",
    ]  # fmt: skip
    assert members(float | None) == {} == members(Sine)
    assert walk(dict[str, float | int], ("float", "float")).keys == ("float",)
