"""The pages of the docs that come with the program, by their names."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from femtdgl.errors import InputError


def directory() -> Path:
    """Where they lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "docs"
    return inside if inside.is_dir() else package.parent / "docs"


def pages() -> dict[str, Path]:
    """The files by their names, such as theory or tasks/hysteresis, in alphabetical order."""
    found = {path.relative_to(directory()).with_suffix("").as_posix(): path for path in directory().rglob("*.md")}
    return dict(sorted(found.items()))


def title(page: Path) -> str:
    """The heading of a page."""
    with page.open(encoding="utf-8") as lines:
        return next((line.removeprefix("# ").strip() for line in lines if line.startswith("# ")), page.stem)


def find(name: str) -> Path:
    """The page of a name.  Raises InputError with the nearest one."""
    known = pages()
    if name not in known:
        near = get_close_matches(name, known, 1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{name!r} is no page{hint}", key="PAGE", allowed="a name of `femtdgl docs`")
    return known[name]
