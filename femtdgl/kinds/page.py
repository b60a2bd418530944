"""The report of a run: one page, of which each kind of problem gives its equations and what else it has to show."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError
from femtdgl.figures.offscreen import NoPicture
from femtdgl.files.reader import Result
from femtdgl.kinds import registry, report
from femtdgl.kinds.kind import Kind
from femtdgl.measure.entry import rows
from femtdgl.web.cite import citation
from femtdgl.web.html import Markup, Section, paragraph, picture, preformatted, table, text_of
from femtdgl.web.page import page

NOT_TABLED = ("title", "warnings", "versions", "scales")
"""Entries of a summary that stand elsewhere on the page."""
COLUMNS = "   "
"""What stands between the columns of a table in text."""
MOST_LISTED = 6
"""Numbers of a list that are told one by one."""


def page_of(result: Result) -> str:
    """The report of a run as a page.  Raises InputError for a run that has not ended, or whose result is damaged."""
    kind, summary = registry.of_result(result), result.summary
    told = list(kind.tell(summary, result.directory.name))
    title = told[0]
    before = [_told(line.removeprefix("  ")) for line in told[1:] if not line.strip().startswith("warning:")]
    before += [paragraph(f"Warning: {warning}", "warning") for warning in summary.get("warnings", ())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of matplotlib, on what a short run leaves empty
        return page(title, list(_sections(kind, result)), before="".join(before))


def _told(line: str) -> Markup:
    """A line for people; the rows of a table among them keep their columns."""
    return paragraph(line, "told columns" if COLUMNS in line else "told")


def _sections(kind: Kind, result: Result) -> Iterator[Section]:
    if solved := tuple(kind.equations(result)):
        yield Section("What was solved", solved)
    yield from kind.report(result)
    if drawn := tuple(pictures_of(result)):
        yield Section("Figures", drawn)
    yield Section("Summary", (table(("entry", "value", "unit", "meaning"), _tabled(kind, result.summary), kind="few"),))
    yield Section("Problem", (preformatted(result.problem_text),))
    if versions := versions_of(result):
        yield Section("Versions", (table((), versions.items()),))
    yield Section("How to cite", tuple(citation(kind.sources, versions_of(result).get("femtdgl", ""))))


def pictures_of(result: Result) -> Iterator[Markup]:
    """The figures of a run; those that are older than its result, or not there, are made first."""
    folder = result.directory / "figures"
    try:
        if not _are_new(folder, result.file):
            report.figures(result)
    except NoPicture as error:
        yield paragraph(f"Some figures are not there: {error}")
    yield from drawn_in(folder)


def drawn_in(folder: Path) -> Iterator[Markup]:
    """All PNG in a folder, in the order of their making."""
    for path in sorted(folder.glob("*.png"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        yield picture(path, path.stem.replace("_", " "))


def _are_new(folder: Path, file: Path) -> bool:
    made = [path.stat().st_mtime_ns for path in folder.glob("*.png")]
    return bool(made) and min(made) >= file.stat().st_mtime_ns


def versions_of(result: Result) -> dict[str, str]:
    """Versions of what the result depends on, by name."""
    start = "version_"
    return {name.removeprefix(start): str(v) for name, v in result.attributes.items() if name.startswith(start)}


# ---- the summary ------------------------------------------------------------------------------------------------


def _tabled(kind: Kind, summary: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of the table of a summary: name, value, unit, meaning."""
    known = {name: (unit, meaning) for name, unit, meaning in rows(kind.summary)}
    for name, value in _flat(summary):
        unit, meaning = known.get(name) or _by_pattern(name, known)
        yield Markup(f"<code>{text_of(name)}</code>"), value, unit, meaning.replace("$", "")


def _by_pattern(name: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Unit and meaning of an item of a table: those of the table it stands in, however deep."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in known:
            return known[name]
    return "", ""


def _flat(table_: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Entries by dotted names; long lists by their length."""
    for name, value in table_.items():
        if not within and name in NOT_TABLED:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{name}.")
        elif isinstance(value, list):
            yield within + name, _listed(value)
        else:
            yield within + name, value


def _listed(values: list[Any]) -> str:
    if any(isinstance(value, Mapping | list) for value in values):
        return f"{len(values)} of them"
    told = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in values[:MOST_LISTED]]
    more = f", … ({len(values)} in all)" if len(values) > MOST_LISTED else ""
    return ", ".join(told) + more or "none"


def default_place(result: Result) -> Path:
    """Where the report of a run goes, unless told otherwise.  Raises InputError where there is no directory."""
    if not result.directory.is_dir():
        raise InputError("is not there", file=str(result.directory))
    return result.directory / "report.html"
