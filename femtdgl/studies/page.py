"""Reports as pages: of a run of any kind, and of a sweep."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError
from femtdgl.figures import study
from femtdgl.files.atomic import read_json
from femtdgl.files.mark import MARK
from femtdgl.files.reader import Result
from femtdgl.kinds import registry
from femtdgl.kinds.page import default_place, drawn_in, page_of, versions_of
from femtdgl.kinds.result import Result as Run
from femtdgl.studies.findings import FOUND
from femtdgl.studies.study import place_of
from femtdgl.studies.sweep import ASKED, Sweep
from femtdgl.studies.table import columns
from femtdgl.web.cite import citation
from femtdgl.web.html import Markup, Section, link, paragraph, preformatted, table
from femtdgl.web.page import page, write

MOST_COLUMNS = 12
"""Of the table of points on a page: the keys, and what differs from point to point."""


def report(of: Result | Sweep | str | Path, out: str | Path | None = None) -> Path:
    """Write the report of a run or of a sweep, one page that needs nothing beside it, and return its file.

    `of`: a result, a sweep, or the directory of one; `out`: the page, whose name ends in .html; None: report.html in
    that directory.  Figures that are not there yet, or older than the result, are made first.  Raises InputError where
    there is no result or it has not ended.
    """
    if isinstance(of, Result):
        place, text = default_place(of), page_of
        return write(place if out is None else Path(out), text(of))
    where = Path(of.directory if isinstance(of, Sweep) else of)
    if (where / ASKED).exists():
        target = where / "report.html" if out is None else Path(out)
        return write(target, _sweep_page(where, target))
    run = Run(where)
    return write(default_place(run) if out is None else Path(out), page_of(run))


def _sweep_page(where: Path, target: Path) -> str:
    """The report of a sweep, which links to its points from where the page lies."""
    asked, points = read_json(where / ASKED), _csv(where / "sweep.csv")
    solved = [row for row in points if row["status"] == "solved"]
    first = Result(place_of(where, int(solved[0]["point"]))) if solved else None
    title = where.name
    if first is not None:
        title = first.summary.get("title") or title
    words = f"a sweep ({asked.get('mode', '')}): {len(solved)} of {len(points)} points solved"
    return page(title, list(_sections(where, target, asked, points, first)), before=paragraph(words, "told"))


def _sections(
    where: Path, target: Path, asked: dict[str, Any], points: Sequence[dict[str, str]], first: Result | None
) -> Iterator[Section]:
    keys = dict(asked.get("values", {}))
    yield Section("What was swept", (table(("key", "values"), ((key, ", ".join(v)) for key, v in keys.items())),))
    yield Section("Figures", tuple(_drawn(where, asked, points, first)) or (paragraph("none"),))
    for name in FOUND:
        if (where / f"{name}.csv").exists():
            rows = _csv(where / f"{name}.csv")
            yield Section(name.capitalize(), (_table(rows, [*(rows[0] if rows else ())]),))
    shown = _worth_showing(points, [*keys], () if first is None else registry.of_result(first).studied)
    linked = [{**row, "point": _to_point(where, target, row["point"])} for row in points]
    all_of_it = Markup(f"<p>All entries: {link(_from(target, where / 'sweep.csv'), 'sweep.csv')}</p>")
    yield Section("Points", (_table(linked, shown), all_of_it))
    if first is not None:
        kind = registry.of_result(first)
        yield Section("What was solved at the first point", tuple(kind.equations(first)))
        yield Section("Problem of the first point", (preformatted(first.problem_text),))
        yield Section("Versions", (table((), versions_of(first).items()),))
        yield Section("How to cite", tuple(citation(kind.sources, versions_of(first).get("femtdgl", ""))))


def _drawn(
    where: Path, asked: dict[str, Any], points: Sequence[dict[str, str]], first: Result | None
) -> Iterator[Markup]:
    """The figures of a sweep; where there are none yet, as after one from Python, its curves or map are made first."""
    folder, axes = where / "figures", {key: [_number(v) for v in told] for key, told in asked.get("values", {}).items()}
    if first is not None and axes and asked["mode"] != "bisect" and not any(folder.glob("*.png")):
        rows = [{name: None if value == "" else _number(value) for name, value in row.items()} for row in points]
        study.draw(
            columns(rows), axes, folder, title=first.summary.get("title") or where.name,
            product=asked["mode"] not in ("zip", "follow"), chosen=registry.of_result(first).studied,
            ways=asked["mode"] == "follow",
        )  # fmt: skip
    yield from drawn_in(folder)


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _csv(path: Path) -> list[dict[str, str]]:
    """The rows of a table, without the column of the version.  Raises InputError when there is none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        allowed = "a sweep that has begun: `femtdgl sweep` again goes on with it"
        raise InputError(f"cannot be read: {error.strerror}", file=str(path), allowed=allowed) from None
    if rows and "status" not in rows[0] and path.name == "sweep.csv":
        raise InputError("is no table of a sweep", file=str(path), allowed="the file as femtdgl wrote it")
    return [{name: value for name, value in row.items() if name not in (MARK, None)} for row in rows]


def _worth_showing(rows: Sequence[dict[str, str]], keys: Sequence[str], studied: Sequence[str]) -> list[str]:
    """Columns: the keys, what the kind draws first, then what differs between points, as far as there is room."""
    if not rows:
        return []
    names = [name for name in rows[0] if len({row[name] for row in rows}) > 1]
    chosen = dict.fromkeys(["point", *keys, "status", *(name for name in studied if name in names)])
    chosen |= dict.fromkeys(["reason"] if any(row["reason"] for row in rows if "reason" in row) else [])
    chosen |= dict.fromkeys(names[: max(0, MOST_COLUMNS - len(chosen))])
    return [name for name in chosen if name in rows[0]]


def _table(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Markup:
    if not rows:
        return paragraph("none")
    return table(names, ([_cell(row.get(name, "")) for name in names] for row in rows))


def _cell(value: Any) -> Any:
    """A number as one, so that it is written and placed like one."""
    try:
        return value if isinstance(value, Markup) or value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return value


def _to_point(where: Path, target: Path, number: str) -> Markup:
    """A link to the report of a point if it has one, else to its directory."""
    place = place_of(where, int(number))
    own = place / "report.html"
    return link(_from(target, own if own.exists() else place) + ("" if own.exists() else "/"), number)


def _from(page_: Path, other: Path) -> str:
    """The way from a page to another file."""
    return Path(os.path.relpath(other.resolve(), page_.resolve().parent)).as_posix()
