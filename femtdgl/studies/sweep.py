"""A sweep: every point of a plan solved into a directory of its own, and one table of them all.

    DIR/sweep.json           what was asked for; another sweep is not mixed in
    DIR/points/0007/         a result as `run` makes it, with point.json once it is finished
    DIR/sweep.csv, sweep.h5  the table
    DIR/thresholds.csv, ...  what was found in it: thresholds, states, changes of state, orders of convergence, branches
    DIR/figures/             a curve for one key, a map for two; what was found

The same command again goes on where it was stopped, however it was: finished points are not solved again, and the table
is the same to the bit.  A point that fails is kept with its reason, and stops nothing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import read_json, refuse_foreign, write_json
from femtdgl.files.lock import writing
from femtdgl.input import listed, toml
from femtdgl.kinds import registry
from femtdgl.kinds.result import Result
from femtdgl.studies import cluster
from femtdgl.studies.findings import FOUND, Findings, Row, findings
from femtdgl.studies.plan import Plan
from femtdgl.studies.point import Point
from femtdgl.studies.pool import solved
from femtdgl.studies.study import Study, place_of
from femtdgl.studies.table import columns, write_csv, write_hdf5
from femtdgl.studies.values import unit_of

ASKED = "sweep.json"
Watch = Callable[[int, int, dict[str, Any]], None]
"""Called with the number of finished points, that of all (of a bisection, of all that are foreseen), and the row of
the last."""


class Sweep:
    """A finished sweep: its plan, its rows and where it lies."""

    def __init__(
        self, directory: Path, plan: Plan, rows: list[Row], found: Findings, keep: TemporaryDirectory[str] | None
    ) -> None:
        self.directory, self.plan, self.rows, self._keep = directory, plan, rows, keep
        self.found = found
        """What was found, tables by name: "thresholds", "states", "changes", "convergence", "branches", "folds"."""

    @property
    def summary(self) -> dict[str, Any]:
        """All rows under "points", and what was found: what [sweep.expect] speaks of."""
        return {"points": self.rows, **self.found}

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """Columns by name: numbers as floats, NaN where there is none; anything else as text."""
        return columns(self.rows)

    def result(self, point: int) -> Result:
        """The result of a point."""
        return Result(place_of(self.directory, point))

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
        if self.plan.mode not in ("product", "starts"):
            return xarray.Dataset({name: ("point", column) for name, column in self.table.items()})
        numbers = self.plan.numbers
        shape = [len(values) for values in numbers.values()]
        kept = {n: (keys, c.reshape(shape)) for n, c in self.table.items() if n not in keys}
        units = {key: unit_of(values) for key, values in self.plan.values.items()}
        places = {key: (key, values, {"units": units[key]} if units[key] else {}) for key, values in numbers.items()}
        return xarray.Dataset(kept, coords=places)


def sweep(problem: Any, keys: Mapping[str, Any] | None = None, out: str | Path | None = None, *,
          mode: str | None = None, until: str | None = None, workers: int | None = None, force: bool = False,
          watch: Watch | None = None, changes: Mapping[str, Any] | None = None, dask: str | None = None
          ) -> Sweep:  # fmt: skip
    """Solve a problem, or a problem file, for many values of some of its keys.

    keys: dotted keys with lists or ranges, {"drive.current": {"from": 1.0, "to": 1.6, "count": 9}}, and the words of
    [sweep]; None: the [sweep] of the file.  `mode`: "product", "zip", "follow", "bisect" or "starts"; `until`: what
    splits the two sides of a threshold, "slips_in_all > 0".  `out`: directory of the sweep; one that was stopped is
    gone on with; None keeps it as long as the returned Sweep lives.  `workers`: processes, None for one a core; `dask`:
    the address of the scheduler of a cluster, whose workers take their place.  `force` replaces another sweep; `watch`
    is called after each point.  `changes`: further dotted keys, the same for all.  Raises InputError before anything is
    solved.
    """
    keep = TemporaryDirectory(prefix="femtdgl-") if out is None else None
    directory = Path(keep.name if out is None and keep is not None else str(out))
    study = study_of(problem, keys, directory, mode=mode, until=until, changes=changes)
    for point in study.samples():
        point.read()
    if workers is not None and workers < 1:
        raise InputError(f"{workers!r} is not possible", key="workers", allowed="a whole number from 1 on")
    if workers is not None and dask is not None:
        raise InputError("is for processes of this machine", key="workers", allowed="one of workers and dask")
    _make(directory)
    with writing(directory):
        _claim(study, force)
        rows = _solve_all(study, dask or workers or os.cpu_count() or 1, watch)
        return Sweep(directory, study.plan, rows, _find_all(study, rows), keep)


def study_of(problem: Any, keys: Mapping[str, Any] | None = None, directory: Path = Path(), *,
             mode: str | None = None, until: str | None = None, changes: Mapping[str, Any] | None = None
             ) -> Study:  # fmt: skip
    """What `sweep` would do; nothing is solved.  Raises InputError."""
    table, file = _table(problem, changes or {})
    asked = table.pop("sweep", {})
    if isinstance(asked, Mapping) or keys is not None:
        words = {"mode": mode, "until": until}
        asked = {
            **(asked if keys is None else keys),
            **{word: said for word, said in words.items() if said is not None},
        }
    plan = Plan.read(asked, file=file)
    kind = registry.of_table(table, file=file)
    if not kind.beginning and (plan.mode == "starts" or any(chain.follows for chain in plan.chains)):
        reason = f"is not for a {kind.name}: its results do not depend on a start"
        raise InputError(reason, key="sweep.mode", file=file, allowed="product, zip, bisect without follow")
    return Study(plan, table, file, directory, kind.beginning)


def _table(problem: Any, changes: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The table of a problem or of a problem file, and the name of the file."""
    kind = registry.of_object(problem)
    if kind is None:
        file = listed.find(problem)
        return toml.read(file, changes)[0], str(file)
    table = toml.parse(kind.text_of(problem))
    toml.override(table, changes)
    return table, ""


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be made: {reason}", key="--out", file=str(directory)) from None
    for name in (ASKED, "sweep.csv", "sweep.h5", *(f"{name}.csv" for name in FOUND)):
        refuse_foreign(directory / name)


def _claim(study: Study, force: bool) -> None:
    """Say whose directory it is.  Raises InputError when it holds another sweep, or a result."""
    directory, path = study.directory, study.directory / ASKED
    if path.exists():
        if read_json(path).get("digest") == study.digest:
            return
        if not force:
            allowed = "another directory, or --force"
            raise InputError("holds another sweep", key="--out", file=str(directory), allowed=allowed)
        for old in sorted((directory / "points").glob("[0-9]*")):
            if (old / "point.json").exists() or (old / "result.h5").exists():
                shutil.rmtree(old)
        for name in FOUND:
            (directory / f"{name}.csv").unlink(missing_ok=True)
    elif (directory / "result.h5").exists():
        raise InputError("holds a result", key="--out", file=str(directory), allowed="another directory")
    write_json(path, {"digest": study.digest, "mode": study.plan.mode, "values": study.plan.told})


def _solve_all(study: Study, workers: int | str, watch: Watch | None) -> list[Row]:
    """All rows in the order of the points; the table is written after each.   workers: how many, or a scheduler."""
    rows: list[list[Row]] = [[] for _ in study.plan.chains]

    def so_far() -> list[Row]:
        return [row for its in rows for row in its]

    def after(row: Row) -> Point | None:
        number = study.chain_of(row["point"])
        return study.following(number, rows[number])

    begun = [study.resumed(number, rows[number]) for number in range(len(rows))]
    points = [point for point in begun if point is not None]
    if isinstance(workers, str) and points:
        coming = cluster.solved(workers, points, study.directory, after)
    else:
        coming = solved(points, workers if isinstance(workers, int) else 1, after)
    for row in coming:
        rows[study.chain_of(row["point"])].append(row)
        write_csv(study.directory / "sweep.csv", so_far())
        if watch is not None:
            watch(len(so_far()), max(study.plan.size, len(so_far())), row)
    write_csv(study.directory / "sweep.csv", so_far())
    return so_far()


def _find_all(study: Study, rows: list[Row]) -> Findings:
    """What the table shows, written beside it and into its HDF5."""
    found = findings(study, rows)
    for name, its in found.items():
        write_csv(study.directory / f"{name}.csv", its)
    told = {"mode": study.plan.mode, "values": json.dumps(study.plan.told)}
    write_hdf5(study.directory / "sweep.h5", rows, told, found)
    return found
