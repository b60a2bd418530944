"""What the rows of a study show, each mode its own: tables of a few rows beside the table of all points."""

from __future__ import annotations

from typing import Any

from femtdgl.kinds import registry
from femtdgl.studies import branches, states
from femtdgl.studies.bisection import Bisection
from femtdgl.studies.plan import START
from femtdgl.studies.study import Study

Row = dict[str, Any]
Findings = dict[str, list[Row]]

FOUND = ("thresholds", "states", "changes", "convergence", "branches", "folds")
"""Names of what may be found."""


def findings(study: Study, rows: list[Row]) -> Findings:
    """Tables by name, those that the mode and the kind of problem have."""
    plan, kind = study.plan, registry.of_table(study.table)
    keys = [key for key in plan.values if key != START]
    entries = kind.distinguishing(list(dict.fromkeys(name for row in rows for name in row)))
    found: Findings = {}
    if plan.mode == "bisect":
        found["thresholds"] = _thresholds(study, rows)
    if plan.mode == "starts":
        found["states"] = states.counted(rows, keys, START, entries, plan.alike)
    if plan.mode == "follow":
        whole = [name for name in entries if not any(isinstance(row.get(name), float) for row in rows)]
        found["changes"] = states.changes(rows, keys[0], whole)
    if plan.convergence is not None:
        found["convergence"] = plan.convergence.found(rows, keys)
    if kind.coexisting and plan.mode != "bisect":
        found["branches"] = branches.listed(rows, keys, kind.coexisting)
        if plan.mode == "product" or len(keys) == 1:
            found["folds"] = [
                fold for key in keys for fold in branches.folds(rows, keys, key, kind.coexisting)
            ]  # fmt: skip
    return found


def _thresholds(study: Study, rows: list[Row]) -> list[Row]:
    """A row for each bisection."""
    found = []
    for number, chain in enumerate(study.plan.chains):
        if isinstance(chain, Bisection):
            first = number * study.plan.longest
            its = chain.found([row for row in rows if study.chain_of(row["point"]) == number])
            places = {name: first + its[name] for name in ("point_before", "point_after")}
            found.append({**chain.others, **its, **places})
    return found
