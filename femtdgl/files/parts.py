"""Parts of a run that is not finished: which there are, in what order, and series read from them.

While a run goes on its series lie in `parts/00000.h5`, ..., one for each commit; of every sixteen in a row one is made,
`parts/00000-00015.h5`, so that a run of a thousand commits is some forty files and the next costs what the tenth did.
Which parts there are stands in the attribute `parts` of result.h5, with the length of each: a part that is missing, or
is not as it was written, is said, and never read as zeros.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing
from femtdgl.files.hdf5 import created, reading, reserve, store
from femtdgl.files.mark import is_ours

FOLDER = "parts"
FORMAT = "femtdgl part 1"
ATTRIBUTE = "parts"
FAN = 16
"""Parts in a row of one size that are made into one."""
BLOCK = 2**20
"""Bytes copied at a time; one row, if that is more."""
NAMES = re.compile(r"\d{5,}(-\d{5,})?\.h5")


class MissingPart(InputError):
    """A part of a run is not there."""


class Part(NamedTuple):
    """A part: the commits that it holds, how often it was put together, its length in bytes, and rows by group."""

    first: int
    last: int
    level: int
    size: int
    rows: dict[str, int]

    @property
    def name(self) -> str:
        """Of its file, in the folder of parts."""
        ends = f"{self.first:05d}" if self.first == self.last else f"{self.first:05d}-{self.last:05d}"
        return f"{ends}.h5"

    def path(self, directory: Path) -> Path:
        """Its file, of a run in a directory."""
        return directory / FOLDER / self.name

    def check(self, directory: Path) -> Path:
        """Its file.  Raises InputError when it is missing or has another length."""
        path = self.path(directory)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise MissingPart("is missing, a part of the run", file=str(path), allowed="all of its parts") from None
        if size != self.size:
            raise InputError(f"is damaged: {size} bytes of {self.size}", file=str(path))
        return path

    def opened(self, directory: Path) -> h5py.File:
        """Its file to read from."""
        path = self.check(directory)
        try:
            return h5py.File(path, "r")
        except FileNotFoundError:  # it went in this very moment
            raise MissingPart("is missing, a part of the run", file=str(path)) from None
        except OSError as error:
            raise InputError(f"is damaged: {' '.join(str(error).split())}", file=str(path)) from None

    def verify(self, directory: Path, keys: Iterable[str]) -> None:
        """Read all of it, so that its checksums are checked.  Raises InputError."""
        with reading(self.path(directory)), self.opened(directory) as file:
            for key in keys:
                for block in blocks(file[key], len(file[key])):
                    file[key][block]


def as_attribute(parts: Sequence[Part]) -> str:
    """Parts as the attribute of result.h5."""
    return json.dumps([part._asdict() for part in parts])


def from_attribute(text: str) -> list[Part]:
    """The parts that an attribute names."""
    return [Part(**entry) for entry in json.loads(text)]


def write(directory: Path, number: int, series: Mapping[str, NDArray[Any]]) -> Part:
    """A new part from whole series, by "group/name"."""
    rows = {key.split("/")[0]: len(values) for key, values in series.items()}
    part = Part(number, number, 0, 0, rows)
    with created(part.path(directory)) as file:
        file.attrs["format"] = FORMAT
        for key, values in series.items():
            store(file, key, values)
    return part._replace(size=part.path(directory).stat().st_size)


def cut(directory: Path, source: Path, number: int, rows: Mapping[str, int], empty: Mapping[str, NDArray[Any]]) -> Part:
    """A new part from the first rows of another file, by group."""
    part = Part(number, number, 0, 0, dict(rows))
    with created(part.path(directory)) as file, reading(source), h5py.File(source, "r") as old:
        file.attrs["format"] = FORMAT
        for key, example in empty.items():
            count = rows[key.split("/")[0]]
            if count:
                copy_rows(old[key], reserve(file, key, (count, *example.shape[1:]), example.dtype), count)
            else:
                file[key] = example
    return part._replace(size=part.path(directory).stat().st_size)


def whole(directory: Path, source: Path, rows: Mapping[str, int]) -> Part:
    """A finished file as the first part of a run that goes on: the same bytes by another name, where that can be."""
    part = Part(0, 0, 0, source.stat().st_size, dict(rows))
    try:
        os.link(source, part.path(directory))
    except OSError:  # a file system without links
        with replacing(part.path(directory)) as temporary:
            shutil.copyfile(source, temporary)
    return part


def merged(directory: Path, parts: Sequence[Part], empty: Mapping[str, NDArray[Any]]) -> Part:
    """One part made of several in a row; `empty`: the series by name, without rows."""
    rows = {group: sum(part.rows[group] for part in parts) for group in parts[0].rows}
    part = Part(parts[0].first, parts[-1].last, parts[-1].level + 1, 0, rows)
    with created(part.path(directory)) as file:
        file.attrs["format"] = FORMAT
        copy_into(file, directory, parts, empty)
    return part._replace(size=part.path(directory).stat().st_size)


def copy_into(
    file: h5py.File, directory: Path, parts: Sequence[Part], empty: Mapping[str, NDArray[Any]], *,
    compressed: bool = False,
) -> None:  # fmt: skip
    """All rows of some parts into a file, part by part and a block at a time; short series as a whole."""
    targets: dict[str, h5py.Dataset] = {}
    short: dict[str, list[NDArray[Any]]] = {}
    filled = dict.fromkeys(empty, 0)
    for key, example in empty.items():
        rows = sum(part.rows[key.split("/")[0]] for part in parts)
        if not rows:
            file[key] = example
        elif rows * row_size(example) > BLOCK:
            targets[key] = reserve(file, key, (rows, *example.shape[1:]), example.dtype, compressed=compressed)
        else:
            short[key] = []
    for part in parts:
        with reading(part.path(directory)), part.opened(directory) as source:
            for key, pieces in short.items():
                pieces.append(source[key][: part.rows[key.split("/")[0]]])
            for key, target in targets.items():
                rows = part.rows[key.split("/")[0]]
                copy_rows(source[key], target, rows, filled[key])
                filled[key] += rows
    for key, pieces in short.items():
        store(file, key, np.concatenate(pieces), compressed=compressed)


def copy_rows(source: h5py.Dataset, target: h5py.Dataset, rows: int, at: int = 0) -> None:
    """The first rows of a series, to a place in another, a block at a time."""
    for block in blocks(source, rows):
        target[at + block.start : at + block.stop] = source[block]


def blocks(series: Any, rows: int) -> Iterator[slice]:
    """The first rows of a series, a block after the other."""
    step = max(1, BLOCK // max(1, row_size(series)))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def row_size(series: Any) -> int:
    """Bytes of a row."""
    return int(np.prod(series.shape[1:], dtype=np.int64)) * int(series.dtype.itemsize)


def read_rows(directory: Path, parts: Sequence[Part], key: str, rows: Any) -> Any:
    """Rows of a series: all of them for (), one for a number, those of a slice or of a list."""
    group = key.split("/")[0]
    ends = np.cumsum([0, *(part.rows[group] for part in parts)])
    wanted = np.arange(ends[-1])[rows]
    each, back = np.unique(wanted, return_inverse=True)
    found: list[NDArray[Any]] = []
    for part, start, end in zip(parts, ends[:-1], ends[1:], strict=True):
        inside = each[(each >= start) & (each < end)] - start
        if inside.size or (not found and part is parts[-1]):
            with part.opened(directory) as file:
                low, high = (int(inside[0]), int(inside[-1]) + 1) if inside.size else (0, 0)
                found.append(file[key][low:high][inside - low])
    return np.concatenate(found)[back.reshape(np.shape(wanted))]


def remove_unlisted(directory: Path, parts: Sequence[Part]) -> None:
    """Files of parts that are not, or no longer, among those of the run; a user's files stay."""
    kept = {part.name for part in parts}
    folder = directory / FOLDER
    for path in folder.glob("*.h5"):
        if path.name not in kept and NAMES.fullmatch(path.name) and _may_go(path):
            with suppress(OSError):
                path.unlink()
    if not kept:
        with suppress(OSError):  # it is not empty
            folder.rmdir()


def _may_go(path: Path) -> bool:
    """Whether a file with the name of a part is one of ours, or no HDF5 at all: half of one."""
    return is_ours(path) or not h5py.is_hdf5(path)
