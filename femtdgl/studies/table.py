"""The table of a study: a row a point, as CSV and as HDF5, the same to the byte for equal studies."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.files.atomic import replacing
from femtdgl.files.mark import MARK

Rows = Sequence[dict[str, Any]]

FORMAT = "femtdgl sweep 1"


def columns(rows: Sequence[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Column by name, in the order in which they come up: numbers as floats (NaN for none), anything else as text."""
    names = _names(rows)
    return {name: _column([row.get(name) for row in rows]) for name in names}


def _names(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Those of the columns, in the order in which they come up."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _column(values: list[Any]) -> NDArray[Any]:
    if all(value is None or isinstance(value, int | float) for value in values):
        return np.array([np.nan if value is None else float(value) for value in values])
    return np.array(["" if value is None else str(value) for value in values], dtype=object)


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows under a line of names; numbers with all their digits.  The last column has the version of the program."""
    names = _names(rows)
    text, version = io.StringIO(), metadata.version("femtdgl")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, MARK])
    for row in rows:
        writer.writerow([*("" if row.get(name) is None else _written(row[name]) for name in names), version])
    with replacing(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")


def _written(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def write_hdf5(path: Path, rows: Rows, attributes: dict[str, Any], groups: Mapping[str, Rows]) -> None:
    """A dataset a column, those of further tables in groups, and the problem and the plan as attributes."""
    import h5py

    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update({"format": FORMAT, **attributes})
        for place, its in {"/": rows, **groups}.items():
            group = file.require_group(place)
            for name, column in columns(its).items():
                kind = h5py.string_dtype() if column.dtype == object else None
                group.create_dataset(name.replace("/", "|"), data=column, dtype=kind, track_times=False)
