"""Write docs/errors.md: wrong inputs and what is said of each, from the inputs of tests/faults/inputs.py.

python docs/refusals.py            write it (a minute)

Each good problem there is made wrong in every key; of all refusals that differ in nothing but the key or the number the
first is on the page.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from faults import inputs  # noqa: E402

from femtdgl.errors import InputError  # noqa: E402
from femtdgl.kinds.run import read_file  # noqa: E402
from femtdgl.problem.problem import Problem  # noqa: E402

PAGE = HERE / "errors.md"
TITLES = {
    "line": "A filament", "strip": "A strip with contacts and a field", "wire": "A wire", "ring": "A ring",
    "preset": "A film by its material, with units", "network": "A thermal network", "cooler": "A cooler",
}  # fmt: skip
SORTS = (
    "text",
    "no table",
    "list",
    "true",
    "nan",
    "minus",
    "zero",
    "huge",
    "half",
    "unit",
    "missing",
    "misspelt",
    "extra",
)
"""Of what the test tries at each key, what the page shows: by the last word of its name."""
HEAD = """# What is refused, and in which words

A problem file is checked as a whole before anything is written: `femtdgl check` and `femtdgl run` refuse the same
files, with exit status 2 and one message: the file, the key, what is there, and what is allowed.  This page is made
from the inputs that the tests try (`python docs/refusals.py`): good problems that are made wrong in every key.  Of
messages that differ in nothing but key and number one is shown.  What happens to runs that stop:
[running.md](running.md).
"""


def problems() -> dict[str, dict[str, Any]]:
    """The good ones, as tables."""
    psc = f'"{inputs.PROBLEMS / "psc_filament.toml"}"'
    return {name: tomllib.loads(text.replace('"PSC"', psc)) for name, text in inputs.BASES.items()}


def wrong(table: Mapping[str, Any]) -> dict[str, Any]:
    """Wrong tables made of a good one, by names such as "film.delta = minus"."""
    models = list(inputs.models_of(Problem)) if table.get("kind", "filament") == "filament" else []
    made = inputs.mutations(table, models)
    return {name: other for name, other in made if any(name.endswith(sort) for sort in SORTS)}


def refusal(table: Mapping[str, Any], folder: Path) -> str | None:
    """What is said of a table; None: it is not refused."""
    file = folder / "problem.toml"
    file.write_text(tomli_w.dumps(table), encoding="utf-8")
    try:
        for _ in read_file(file).describe():
            pass
    except InputError as error:
        text = str(error).replace(str(inputs.PROBLEMS.parent), ".").replace(f"{folder}/", "")
        return text.removeprefix("problem.toml: ")
    return None


def shown(name: str, table: Mapping[str, Any]) -> str:
    """A wrong input in short: the key and what stands there."""
    key, _, sort = name.rpartition(" = ")
    if not key:
        key, _, sort = name.rpartition(" ")
    if sort in ("missing", "misspelt"):
        return f"{key}, {'left out' if sort == 'missing' else 'misspelt'}"
    if sort == "extra":
        return f"{key}.surprise = 1.0".lstrip(".")
    path = [int(part) if part.isdigit() else part for part in key.split(".")]
    try:
        value = inputs.at(table, path)
    except (KeyError, IndexError, TypeError):
        return name
    return f"{key} = {json.dumps({} if isinstance(value, dict) else value)}"


def form(message: str) -> str:
    """A message without its key, names and numbers."""
    said = re.sub(r"^[\w.]+: ", "", message)
    for alike in ("unknown key; did", "unknown key", "no waveform"):
        if alike in said:
            return alike
    said = re.sub(r"a value for \w+|wanted: .*", "", said)
    return re.sub(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|[-+]?\d[\d.e+-]*|\b(?:nan|inf|True|False)\b", "#", said)


def rows(base: str, table: Mapping[str, Any], folder: Path, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Inputs and messages of one good problem that are not like one seen before."""
    for name, other in wrong(table).items():
        said = refusal(other, folder)
        if said is not None and form(said) not in seen:
            seen.add(form(said))
            yield shown(name, other), said


def page() -> str:
    """All of it."""
    parts, seen = [HEAD], set[str]()
    with tempfile.TemporaryDirectory() as temporary:
        for base, table in problems().items():
            found = rows(base, table, Path(temporary), seen)
            lines = [f"| {code(what)} | {code(said)} |" for what, said in found]
            parts.append("\n".join([f"## {TITLES[base]}\n", "| input | message |", "|---|---|", *lines, ""]))
    return "\n".join(parts)


def code(text: str) -> str:
    """Text as it is, in the cell of a table."""
    return f"`{text}`".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
