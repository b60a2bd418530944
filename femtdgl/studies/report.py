"""What people see of a sweep: a line a point while it goes on, a few words at the end, the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.figures import findings, study
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.measure.entry import rows as entries
from femtdgl.studies.sweep import Sweep, study_of
from femtdgl.studies.table import columns

MOST_TOLD = 12
"""Values of a key that are told one by one."""
SOLVED = ("status", "solved")


def describe(problem: str, changes: Mapping[str, Any] | None = None) -> Iterator[str]:
    """What a file with [sweep] asks for, and its first point; changes by dotted keys."""
    study = study_of(problem, changes=changes)
    plan = study.plan
    job = next(study.samples()).read()
    about = "about " if plan.bracket is not None else ""
    yield f"a sweep of {about}{plan.size} points ({plan.mode}): `femtdgl sweep {problem}`"
    for key, values in plan.values.items():
        told = ", ".join(_short(value) for value in values[:MOST_TOLD])
        yield f"  {key:24} {told}{', ...' if len(values) > MOST_TOLD else ''}"
    if plan.bracket is not None and plan.until is not None:
        three = plan.bracket.start, plan.bracket.stop, plan.bracket.tolerance
        start, stop, within = (f"{value:g} {plan.bracket.unit}".strip() for value in three)
        ends = f"{start} to {stop}, to {within}"
        yield f"  {plan.key:24} {ends}, until {plan.until.text}"
    yield "its first point:"
    yield from job.describe()


def is_sweep(problem: str) -> bool:
    """Whether a file describes many runs.  Raises InputError where it cannot be read."""
    return "sweep" in toml.read(problem)[0]


def shown(problem: str) -> tuple[str, ...]:
    """Entries of the summaries of a problem file that are worth a word."""
    return registry.of_table(toml.read(problem)[0], file=problem).studied


def line(number: int, count: int, row: dict[str, Any], names: Sequence[str] = ()) -> str:
    """How many points are done, which was the last with its keys, and how it went: the entries of these names."""
    width, at = len(str(count)), list(row).index("status")
    keys = list(row)[1:at]
    told = [f"{name} {_short(row[name])}" for name in (*keys, *names) if row.get(name) is not None]
    end = "" if row["status"] == "solved" else f"   FAILED: {row['reason']}"
    return f"{number:{width}d} of {count}   point {row['point']:{width}d}   {'   '.join(told)}{end}"


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def lines(done: Sweep, written: Sequence[Path]) -> Iterator[str]:
    """How many points there are, how many failed and why, what was found, and where the tables are."""
    failed = [row for row in done.rows if row["status"] == "failed"]
    yield f"{len(done.rows) - len(failed)} of {len(done.rows)} points solved, {len(failed)} failed"
    for row in failed:
        keys = ", ".join(f"{key} = {row[key]}" for key in [*row][1 : [*row].index("status")])
        yield f"  point {row['point']} ({keys}): {row['reason']}"
    for name, rows in done.found.items():
        if name != "branches":  # as many as there are points, and more
            yield f"{name}: {len(rows)}" if rows else f"{name}: none"
            yield from (f"  {_told(row)}" for row in rows)
    for path in (done.directory / "sweep.csv", done.directory / "sweep.h5"):
        yield f"  written to {path}"
    for path in (*(done.directory / f"{name}.csv" for name in done.found), *written):
        yield f"  written to {path}"


def _told(row: dict[str, Any]) -> str:
    """A row of what was found, without what says nothing."""
    said = {name: value for name, value in row.items() if value not in (None, "") and (name, value) != SOLVED}
    return "   ".join(f"{name} {_short(value)}" for name, value in said.items())


def _in_si(table: Mapping[str, Any], kind: Any) -> dict[str, str]:
    """Columns in SI, and what they are called with their units."""
    units = {name: unit for name, unit, _ in entries(kind.summary)}
    return {name: f"{name.removeprefix('si.')} ({units[name]})" for name in table if name.startswith("si.")}


def figures(done: Sweep) -> list[Path]:
    """Draw the table, curves over one key, maps over two; and what was found."""
    solved = [row for row in done.rows if row["status"] == "solved"]
    if not solved:
        return []
    result = done.result(solved[0]["point"])
    kind, plan = registry.of_result(result), done.plan
    title = toml.parse(result.problem_text).get("title") or done.directory.name
    folder, axes, table = done.directory / "figures", plan.numbers, done.table
    drawn = []
    if plan.bracket is not None:
        found = [row for row in done.found["thresholds"] if row["status"] == "solved"]
        drawn += findings.thresholds(columns(found), axes, plan.key, folder, title=title)
        axes = {} if axes else {plan.key: [*plan.bracket.ends]}
        table = columns(sorted(done.rows, key=lambda row: row[plan.key]))
    if axes:
        in_si = _in_si(table, kind)
        chosen = [in_si.get(f"si.{name}", name) for name in kind.studied]
        table = {plan.label(name) if name in axes else in_si.get(name, name): column for name, column in table.items()}
        told = {plan.label(key): listed for key, listed in axes.items()}
        drawn += study.draw(
            table, told, folder, title=title, product=plan.is_product, chosen=chosen,
            ways=plan.mode == "follow",
        )  # fmt: skip
    if plan.convergence is not None:
        fits = done.found["convergence"]
        drawn += findings.convergence(
            done.table, fits, plan.convergence.sizes, plan.convergence.over, folder, title=title
        )
    if done.found.get("branches"):
        drawn += findings.branches(
            columns(done.found["branches"]), done.found.get("folds", []), axes, folder, title=title
        )
    return drawn
