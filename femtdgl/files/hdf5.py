"""HDF5 files as this program writes them: whole or not at all, a checksum in every chunk, no crash on a full disk."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing

VERSIONS = ("v110", "v110")
"""Of the format of HDF5: from then on its own tables have checksums, too."""
SEALED = "sealed"
"""The dataset with attributes and problem as bytes."""
CHUNK = 2**18
"""Bytes of a chunk; of one row, if that is more."""
WITH_GROUPS = h5p.create(h5p.LINK_CREATE)
"""How a dataset gets its place: the groups in its name are made where they are not there."""
WITH_GROUPS.set_create_intermediate_group(True)


class _Disk(io.RawIOBase):
    """The bytes of an HDF5 file on their way to the disk.

    The first failure is kept, and from then on nothing more is written: HDF5 would be left with a file that it can
    neither write nor close, and would crash, at the latest when the process ends.
    """

    def __init__(self, path: Path) -> None:
        self.failure: OSError | None = None
        self._raw = path.open("w+b", buffering=0)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        return self._raw.readinto(buffer) or 0

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        if self.failure is None:
            try:
                while len(rest):
                    rest = rest[self._raw.write(rest) :]
            except OSError as error:
                self.failure = error
        return size

    def truncate(self, size: int | None = None) -> int:
        if self.failure is None:
            try:
                return self._raw.truncate(size)
            except OSError as error:
                self.failure = error
        return size or 0

    def close(self) -> None:
        if not self.closed:
            with suppress(OSError):
                self._raw.close()
        super().close()


@contextmanager
def created(path: Path) -> Iterator[h5py.File]:
    """A new HDF5 file that takes the place of `path` when the block ends well.  Raises OSError, with its name."""
    with replacing(path) as temporary, _Disk(temporary) as disk:
        try:
            with h5py.File(disk, "w", libver=VERSIONS) as file:
                yield file
        finally:
            if disk.failure is not None:
                raise OSError(disk.failure.errno, disk.failure.strerror, str(path)) from disk.failure


def store(file: h5py.File, key: str, values: Any, *, compressed: bool = False) -> None:
    """A dataset; of an array, every chunk has a checksum that HDF5 checks on reading."""
    array = np.asarray(values)
    if array.ndim == 0 or array.size == 0:
        file[key] = values
        return
    made = reserve(file, key, array.shape, array.dtype, compressed=compressed)
    made.id.write(h5s.ALL, h5s.ALL, np.ascontiguousarray(array))


def reserve(file: h5py.File, key: str, shape: tuple[int, ...], dtype: Any, *, compressed: bool = False) -> h5py.Dataset:
    """An empty dataset to be filled block by block, with checksums."""
    row = int(np.prod(shape[1:], dtype=np.int64)) * np.dtype(dtype).itemsize
    options = h5p.create(h5p.DATASET_CREATE)
    options.set_chunk((int(np.clip(CHUNK // max(row, 1), 1, shape[0])), *shape[1:]))
    if compressed:
        options.set_shuffle()
        options.set_deflate(1)
    options.set_fletcher32()
    return _made(file, key, shape, dtype, options)


def virtual(file: h5py.File, key: str, example: Any, sources: Sequence[tuple[str, int]]) -> None:
    """A dataset of rows like those of `example` that lie in other files, under the same name.

    sources: names of files, beside this one, and how many rows each has.
    """
    total = sum(rows for _, rows in sources)
    options = h5p.create(h5p.DATASET_CREATE)
    options.set_layout(h5d.VIRTUAL)
    start, row = 0, example.shape[1:]
    for name, rows in sources:
        place = h5s.create_simple((total, *row))
        place.select_hyperslab((start, *(0 for _ in row)), (rows, *row))
        options.set_virtual(place, name.encode(), key.encode(), h5s.create_simple((rows, *row)))
        start += rows
    _made(file, key, (total, *row), example.dtype, options)


def _made(file: h5py.File, key: str, shape: tuple[int, ...], dtype: Any, options: h5p.PropDCID) -> h5py.Dataset:
    """A new dataset by HDF5's own words: those of h5py take longer than it takes to write a short series."""
    options.set_obj_track_times(False)  # the same run gives the same bytes
    kind = h5t.py_create(np.dtype(dtype), logical=True)
    return h5py.Dataset(h5d.create(file.id, key.encode(), kind, h5s.create_simple(shape), options, WITH_GROUPS))


def seal(file: h5py.File, attributes: Mapping[str, Any], problem: str) -> None:
    """Attributes and the text of the problem: for scripts where HDF5 has them, and as bytes with a checksum for us.

    HDF5 keeps text in a heap that has no checksum, and reading a damaged one may never end.
    """
    file.attrs.update(attributes)
    file["problem"] = problem
    data = json.dumps([dict(attributes), problem], default=_as_json).encode()
    file[SEALED] = np.frombuffer(data, dtype=np.uint8)
    file.attrs["checksum"] = zlib.crc32(data)


def sealed(file: h5py.File) -> tuple[dict[str, Any], str]:
    """The attributes, and the text of the problem.  Raises InputError when they are not as they were written."""
    if SEALED not in file:  # written by an earlier version
        text = file["problem"][()].decode() if "problem" in file else ""
        return {name: plain(value) for name, value in file.attrs.items()}, text
    data = file[SEALED][()].tobytes()
    if zlib.crc32(data) != int(file.attrs.get("checksum", -1)):
        raise InputError("is damaged: its attributes, or the text of its problem, are not as they were written")
    attributes, problem = json.loads(data, object_hook=_from_json)
    return attributes, problem


def _as_json(value: Any) -> Any:
    """An array or a number of numpy as JSON."""
    return {"array": np.asarray(value).tolist()} if isinstance(value, np.ndarray) else plain(value)


def _from_json(table: dict[str, Any]) -> Any:
    return np.asarray(table["array"]) if [*table] == ["array"] else table


def plain(value: Any) -> Any:
    """A value of numpy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


@contextmanager
def reading(path: Path, allowed: str = "") -> Iterator[None]:
    """Whatever goes wrong within, the file cannot be read: InputError with its name, and no other exception."""
    try:
        yield
    except InputError as error:
        raise error.at(file=error.file or str(path)) from None
    except FileNotFoundError:
        raise InputError("cannot be read: it is not there", file=str(path), allowed=allowed) from None
    except MemoryError:
        raise InputError("is larger than the memory", file=str(path)) from None
    except Exception as error:  # a damaged file is read into errors of every kind
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"cannot be read: {reason[:200]}", file=str(path), allowed=allowed) from None
