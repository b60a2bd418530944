"""The ready problem files that come with the program, by their names."""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError

BESIDE = re.compile(r'"([^"\s]+\.(?:toml|msh))"')
"""Other files that a problem file speaks of."""


def directory() -> Path:
    """Where they lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "problems"
    return inside if inside.is_dir() else package.parent / "problems"


def names() -> list[str]:
    """In alphabetical order."""
    return sorted(path.stem for path in directory().glob("*.toml"))


def table(name: str) -> dict[str, Any]:
    """The table of a ready problem."""
    return tomllib.loads((directory() / f"{name}.toml").read_text(encoding="utf-8"))


def find(problem: str | Path) -> Path:
    """A problem file: the one of that path, or else the ready one of that name.

    Raises InputError for a bare name that is neither, with the nearest one.
    """
    path, name = Path(problem), str(problem)
    if not os.path.isfile(path) and name in names():
        return directory() / f"{name}.toml"
    if not os.path.exists(path) and path.name == name:
        near = get_close_matches(path.stem, names(), 1, cutoff=0.7)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        words = f"cannot be read: No such file or directory{hint}"
        raise InputError(words, file=name, allowed="a problem file, or a name of `femtdgl list`")
    return path


def copy(name: str, to: Path | None = None) -> Path:
    """Copy a ready problem into a new file, NAME.toml by default; other files that it needs are named by their paths.

    Raises InputError where there is such a file, or it cannot be written.
    """
    source = find(name)
    target = Path(f"{source.stem}.toml") if to is None else to
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(source), allowed="a problem file") from None

    def whole(found: re.Match[str]) -> str:
        other = (source.parent / found[1]).resolve()
        return f'"{other.as_posix()}"' if other.is_file() else found[0]

    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(BESIDE.sub(whole, text))
    except FileExistsError:
        words = "is there already"
        raise InputError(words, file=str(target), key="--to", allowed="the name of a new file") from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(target), key="--to") from None
    return target
