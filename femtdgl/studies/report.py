"""What people see of a sweep: a line a point while it goes on, a few words at the end, the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.figures import study
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.studies.sweep import Sweep, plan_of

MOST_TOLD = 12
"""Values of a key that are told one by one."""


def describe(problem: str, changes: Mapping[str, Any] | None = None) -> Iterator[str]:
    """What a file with [sweep] asks for, and its first point; changes by dotted keys."""
    plan, points = plan_of(problem, changes=changes)
    job = points[0].read()
    yield f"a sweep of {plan.size} points ({plan.mode}): `femtdgl sweep {problem}`"
    for key, values in plan.values.items():
        told = ", ".join(_short(value) for value in values[:MOST_TOLD])
        yield f"  {key:24} {told}{', ...' if len(values) > MOST_TOLD else ''}"
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
    """How many points there are, how many failed and why, and where the table is."""
    failed = [row for row in done.rows if row["status"] == "failed"]
    left = done.plan.size - len(done.rows)
    yield f"{len(done.rows) - len(failed)} of {done.plan.size} points solved, {len(failed)} failed"
    if left:
        yield f"  {left} not begun: each starts from the end of the one before it"
    for row in failed:
        keys = ", ".join(f"{key} = {row[key]}" for key in done.plan.values)
        yield f"  point {row['point']} ({keys}): {row['reason']}"
    for path in (done.directory / "sweep.csv", done.directory / "sweep.h5", *written):
        yield f"  written to {path}"


def figures(done: Sweep) -> list[Path]:
    """Draw the table: curves over one key, maps over two."""
    solved = [row for row in done.rows if row["status"] == "solved"]
    if not solved:
        return []
    result = done.result(solved[0]["point"])
    kind = registry.of_result(result)
    title = toml.parse(result.problem_text).get("title") or done.directory.name
    return study.draw(
        done.table, done.plan.values, done.directory / "figures", title=title,
        product=done.plan.mode == "product", chosen=kind.studied,
    )  # fmt: skip
