"""A JSON schema of problem files of all kinds, for editors."""

from __future__ import annotations

from typing import Any

from femtdgl.input import schema as sections
from femtdgl.kinds import registry


def schema(kind: str | None = None) -> dict[str, Any]:
    """Draft 4: of one kind of problem, or of all.  Raises InputError for an unknown kind."""
    names = registry.names() if kind is None else [kind]
    definitions: dict[str, Any] = {}
    made = []
    for name in names:
        of_kind = registry.named(name)
        if of_kind.sections is None:
            one: dict[str, Any] = {"type": "object", "properties": {}}
        else:
            one = sections.of(of_kind.sections, definitions, prefix=f"{name}.")
        one["properties"]["kind"] = {"enum": [name], "description": "What kind of problem this is."}
        one["properties"]["sweep"] = {"type": "object", "description": "Keys and their values, for femtdgl sweep."}
        if name != registry.DEFAULT:
            one["required"] = sorted({*one.get("required", ()), "kind"})
        made.append(one)
    top = made[0] if len(made) == 1 else {"anyOf": made}
    return {"$schema": sections.DRAFT, "title": "femtdgl problem file", **top, "definitions": definitions}
