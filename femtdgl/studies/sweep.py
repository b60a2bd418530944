"""A sweep: every point of a plan solved into a directory of its own, and one table of them all.

    DIR/sweep.json           what was asked for; another sweep is not mixed in
    DIR/points/0007/         a result as `run` makes it, with point.json once it is finished
    DIR/sweep.csv, sweep.h5  the table
    DIR/figures/             a curve for one key, a map for two

The same command again goes on where it was stopped, however it was: finished points are not solved again, and the table
is the same to the bit.  A point that fails is kept with its reason, and stops nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import tomli_w
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import read_json, refuse_foreign, write_json
from femtdgl.files.lock import writing
from femtdgl.files.reader import Result
from femtdgl.input import listed, toml
from femtdgl.kinds import registry
from femtdgl.studies.plan import Plan
from femtdgl.studies.point import Point
from femtdgl.studies.pool import solved
from femtdgl.studies.table import columns, write_csv, write_hdf5

ASKED = "sweep.json"
Watch = Callable[[int, int, dict[str, Any]], None]
"""Called with the number of finished points, that of all, and the row of the last."""


class Sweep:
    """A finished sweep: its plan, its rows and where it lies."""

    def __init__(
        self, directory: Path, plan: Plan, rows: list[dict[str, Any]], keep: TemporaryDirectory[str] | None
    ) -> None:
        self.directory, self.plan, self.rows, self._keep = directory, plan, rows, keep

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """Columns by name: numbers as floats, NaN where there is none; anything else as text."""
        return columns(self.rows)

    def result(self, point: int) -> Result:
        """The result of a point."""
        return Result(_place(self.directory, point))

    def to_pandas(self) -> Any:
        """The table as a pandas.DataFrame.  Raises ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self.table)

    def to_xarray(self) -> Any:
        """The table as an xarray.Dataset: over the swept keys of a product, else over the points.

        Raises ImportError without xarray.
        """
        import xarray

        keys = [*self.plan.values]
        if self.plan.mode != "product":
            return xarray.Dataset({name: ("point", column) for name, column in self.table.items()})
        shape = [len(values) for values in self.plan.values.values()]
        kept = {n: (keys, c.reshape(shape)) for n, c in self.table.items() if n not in keys}
        return xarray.Dataset(kept, coords={key: list(values) for key, values in self.plan.values.items()})


def sweep(problem: Any, keys: Mapping[str, Any] | None = None, out: str | Path | None = None, *,
          mode: str | None = None, workers: int | None = None, force: bool = False, watch: Watch | None = None,
          changes: Mapping[str, Any] | None = None) -> Sweep:  # fmt: skip
    """Solve a problem, or a problem file, for many values of some of its keys.

    keys: dotted keys with lists or ranges, {"drive.current": {"from": 1.0, "to": 1.6, "count": 9}}; None: the [sweep]
    of the file.  `mode`: "product", "zip" or "follow".  `out`: directory of the sweep; one that was stopped is gone on
    with; None keeps it as long as the returned Sweep lives.  `workers`: processes, None for one a core; `force`
    replaces another sweep; `watch` is called after each point.  `changes`: further dotted keys, the same for all.
    Raises InputError before anything is solved.
    """
    keep = TemporaryDirectory(prefix="femtdgl-") if out is None else None
    directory = Path(keep.name if out is None and keep is not None else str(out))
    plan, points = plan_of(problem, keys, directory, mode=mode, changes=changes)
    for point in points[:1] if plan.mode == "follow" else {points[0], points[-1]}:
        point.read()
    if workers is not None and workers < 1:
        raise InputError(f"{workers!r} is not possible", key="workers", allowed="a whole number from 1 on")
    count = 1 if plan.mode == "follow" else workers or os.cpu_count() or 1
    _make(directory)
    with writing(directory):
        _claim(directory, plan, points, force)
        return Sweep(directory, plan, _solve_all(directory, plan, points, count, watch), keep)


def plan_of(problem: Any, keys: Mapping[str, Any] | None = None, directory: Path = Path(), *,
            mode: str | None = None, changes: Mapping[str, Any] | None = None) -> tuple[Plan, list[Point]]:  # fmt: skip
    """The plan of a sweep and its points, see `sweep`; nothing is solved.  Raises InputError."""
    table, file = _table(problem, changes or {})
    asked = table.pop("sweep", {})
    plan = Plan.read({**(asked if keys is None else keys), **({} if mode is None else {"mode": mode})}, file=file)
    return plan, _points(plan, table, file, directory)


def _table(problem: Any, changes: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The table of a problem or of a problem file, and the name of the file."""
    kind = registry.of_object(problem)
    if kind is None:
        file = listed.find(problem)
        return toml.read(file, changes)[0], str(file)
    table = toml.parse(kind.text_of(problem))
    toml.override(table, changes)
    return table, ""


def _points(plan: Plan, table: dict[str, Any], file: str, directory: Path) -> list[Point]:
    """The points with the texts of their problems; in a mode that follows, each begins with the end of the last."""
    points: list[Point] = []
    for number, changes in enumerate(plan.points):
        own = toml.parse(tomli_w.dumps(table))
        toml.override(own, changes)
        if plan.mode == "follow" and points:
            toml.override(own, {"initial": {"file": str(points[-1].directory.resolve())}})
        points.append(Point(number, changes, tomli_w.dumps(own), file, _place(directory, number)))
    return points


def _place(directory: Path, number: int) -> Path:
    """The directory of a point."""
    return directory / "points" / f"{number:04d}"


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be made: {reason}", key="--out", file=str(directory)) from None
    for name in (ASKED, "sweep.csv", "sweep.h5"):
        refuse_foreign(directory / name)


def _claim(directory: Path, plan: Plan, points: Sequence[Point], force: bool) -> None:
    """Say whose directory it is.  Raises InputError when it holds another sweep, or a result."""
    texts = [json.dumps(point.changes, sort_keys=True, default=str) for point in points]
    first = hashlib.sha256("\n".join([plan.mode, *texts, points[0].text]).encode()).hexdigest()
    path = directory / ASKED
    if path.exists():
        if read_json(path).get("digest") == first:
            return
        if not force:
            allowed = "another directory, or --force"
            raise InputError("holds another sweep", key="--out", file=str(directory), allowed=allowed)
        for old in sorted((directory / "points").glob("[0-9]*")):
            if (old / "point.json").exists() or (old / "result.h5").exists():
                shutil.rmtree(old)
    elif (directory / "result.h5").exists():
        raise InputError("holds a result", key="--out", file=str(directory), allowed="another directory")
    write_json(path, {"digest": first, "mode": plan.mode, "values": plan.told})


def _solve_all(
    directory: Path, plan: Plan, points: Sequence[Point], workers: int, watch: Watch | None
) -> list[dict[str, Any]]:
    """All rows in the order of the points; the table is written after each, and at the end."""
    rows: dict[int, dict[str, Any]] = {}
    left = []
    for point in points:
        row = point.finished()
        if row is None:
            left.append(point)
        else:
            rows[point.number] = row
    if plan.mode == "follow" and left:
        left = list(points[left[0].number :])  # what comes after a point begins with its end
        rows = {number: row for number, row in rows.items() if number < left[0].number}
    for row in solved(left, workers):
        rows[row["point"]] = row
        write_csv(directory / "sweep.csv", [rows[n] for n in sorted(rows)])
        if watch is not None:
            watch(len(rows), len(points), row)
        if plan.mode == "follow" and row["status"] == "failed":
            break  # there is no end to begin with
    ordered = [rows[n] for n in sorted(rows)]
    write_csv(directory / "sweep.csv", ordered)
    write_hdf5(directory / "sweep.h5", ordered, {"mode": plan.mode, "values": json.dumps(plan.told)})
    return ordered
