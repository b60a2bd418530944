"""The dataclasses of a problem file as a JSON schema, draft 4: the newest that TOML editors (taplo) know.

The schema helps to write; it is not the check.  What is read by a function of its own (waveforms, probes, presets) may
be anything there, and a number may be text, since it may have a unit.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any, cast, get_args, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

DRAFT = "http://json-schema.org/draft-04/schema#"
NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[-+]?[0-9.]"}]}
"""A number, or text that begins with one and ends with a unit."""
DROPPED = ("discriminator", "title", "default")


class _Generator(GenerateJsonSchema):
    """Of what is read by a function, whatever that takes."""

    ignored_warning_kinds = {"non-serializable-default", "skipped-choice"}  # noqa: RUF012 - as pydantic has it

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> dict[str, Any]:
        return {}

    def function_plain_schema(self, schema: Any) -> dict[str, Any]:
        return {}

    def function_before_schema(self, schema: Any) -> dict[str, Any]:
        return {"anyOf": [self.generate_inner(schema["schema"]), {}]}

    def function_wrap_schema(self, schema: Any) -> dict[str, Any]:
        return {"anyOf": [self.generate_inner(schema["schema"]), {}]}


def of(cls: type, definitions: dict[str, Any], *, prefix: str = "") -> dict[str, Any]:
    """The schema of a dataclass; the sections within it are added to `definitions`, their names after a prefix."""
    made = TypeAdapter(cls).json_schema(schema_generator=_Generator, ref_template="#/definitions/{model}")
    said = {each.__name__: described(each) for each in within(cls)}
    inner = made.pop("$defs", {})
    for name, part in {**inner, "": made}.items():
        for key, value in part.get("properties", {}).items():
            words = said.get(name or cls.__name__, {}).get(key)
            if words:
                part["properties"][key] = {"description": words, **_without_reference(value)}
    for name, part in inner.items():
        definitions[prefix + name] = _draft4(part, prefix)
    top: dict[str, Any] = _draft4(made, prefix)
    return top


def within(cls: Any, found: set[type] | None = None) -> set[type]:
    """A dataclass, and all that its fields name."""
    found = set() if found is None else found
    if is_dataclass(cls) and isinstance(cls, type):
        if cls not in found:
            found.add(cls)
            for hint in get_type_hints(cls).values():
                within(hint, found)
    else:
        for part in get_args(cls):
            within(part, found)
    return found


def described(cls: Any) -> dict[str, str]:
    """What the source says below each field of a dataclass."""
    said: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        if not is_dataclass(owner):
            continue
        try:
            (body,) = ast.parse(textwrap.dedent(inspect.getsource(cast(type, owner)))).body
        except (OSError, TypeError, SyntaxError):
            continue
        assert isinstance(body, ast.ClassDef)
        for field, below in pairwise(body.body):
            text = below.value if isinstance(below, ast.Expr) else None
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Constant):
                said[ast.unparse(field.target)] = " ".join(str(text.value).split())
    return {field.name: said[field.name] for field in fields(cls) if field.name in said}


def _without_reference(value: dict[str, Any]) -> dict[str, Any]:
    """In draft 4 nothing may stand beside a $ref."""
    return {"allOf": [value]} if "$ref" in value else value


def _draft4(value: Any, prefix: str, names: bool = False) -> Any:
    """A schema in the words of draft 4; `names`: the keys of this table are not words of the schema."""
    if isinstance(value, list):
        return [_draft4(part, prefix) for part in value]
    if not isinstance(value, dict):
        return value
    if names:
        return {key: _draft4(part, prefix) for key, part in value.items()}
    made = {
        key: _draft4(part, prefix, names=key in ("properties", "patternProperties"))
        for key, part in value.items()
        if key not in DROPPED
    }
    if "$ref" in made:
        return {"$ref": made["$ref"].replace("#/definitions/", f"#/definitions/{prefix}")}
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "prefixItems" in made:
        made["items"], made["additionalItems"] = made.pop("prefixItems"), False
    for word, least in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if word in made:
            made[least], made[word] = made[word], True
    if made.get("type") == "number":
        rest = {key: part for key, part in made.items() if key != "type"}
        return {**rest, **NUMBER}
    return made
