"""The result file: HDF5, streamed while a run goes on, readable at any moment, also after a kill.

Layout of `result.h5` (N nodes, dim dimensions; every first axis is time):

    fields/t, psi, psi_t, phi            stored fields (frames, N); psi complex, in Delta0; phi in V0
    fields/j_s, j_int, j_n               current components recovered at the nodes (frames, dim, N), in j0
    fields/w                             dissipation of (1.5) recovered at the nodes (frames, N), in j0 V0/xi
    fields/p                             where phonons act back: p of (1.1) recovered at the nodes (frames, N)
    fields/dN                            with an equation for them, (frames, w, N) at phonons/w with phonons/weight
    fields/B                             with a uniform field: its components (frames, 1 or 3), in Bc2(T0)
    fields/A                             with another vector potential: A at the nodes (frames, dim, N)
    probes/t, voltage, ...               one value for every accepted step, or at the interval asked for
    integrals/t, voltage, ...            integrals over time from 0, one value for every accepted step
    slips/t, x, winding                  time, place (slips, dim) and winding, > 0 with V > 0
    mesh/points, cells, nodes            vertices (dim, vertices), cells (corners, cells), nodes of the fields (dim, N)
    mesh/boundaries/<name>               facets of each named boundary, in scikit-fem's order
    mesh/dofs                            nodes of each element (nodes of an element, cells), in scikit-fem's order
    problem                              the text of the problem file
    attributes                           versions, variants, seeds, clock; field_origin, from where A of B is measured

While the run goes on the series lie in `parts/00000.h5`, ..., one for each checkpoint, and `result.h5` is a
small index of virtual datasets over them, replaced as a whole at each checkpoint.  At the end the parts are merged into
one plain, compressed `result.h5`.  Nothing is ever changed in place.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femtdgl.files.atomic import replacing

GROUPS = ("fields", "probes", "integrals", "slips")
BLOCK = 256  # frames copied at a time


class ResultWriter:
    """Collects series in memory, commits them part by part, and merges the parts at the end."""

    def __init__(self, directory: Path, *, attributes: Mapping[str, Any], static: Mapping[str, Any]) -> None:
        self.directory, self.attributes, self.static = directory, dict(attributes), dict(static)
        self.parts = 0
        self._buffer: dict[str, dict[str, list[Any]]] = {group: {} for group in GROUPS}
        self._empty: dict[str, NDArray[Any]] = {}

    def _part(self, index: int) -> Path:
        return self.directory / "parts" / f"{index:05d}.h5"

    def declare(self, group: str, **examples: Any) -> None:
        """Name the series of a group, with an entry each: shapes and types, also of series that stay empty."""
        for name, example in examples.items():
            self._buffer[group][name] = []
            self._empty[f"{group}/{name}"] = np.asarray(example)[:0]

    def add(self, group: str, **values: Any) -> None:
        """More entries for every series of a group: arrays whose first axis is time."""
        for name, series in self._buffer[group].items():
            series.append(np.array(values[name]))

    def commit(self) -> None:
        """Write what was collected as the next part, and the index anew."""
        self.directory.joinpath("parts").mkdir(exist_ok=True)
        with replacing(self._part(self.parts)) as path, h5py.File(path, "w") as file:
            for group, series in self._buffer.items():
                for name, values in series.items():
                    key = f"{group}/{name}"
                    file[key] = np.concatenate(values) if values else self._empty[key]
                    values.clear()
        self.parts += 1
        self._write_index()

    def _header(self, file: h5py.File) -> None:
        file.attrs.update(self.attributes)
        for key, value in self.static.items():
            file[key] = value

    def _write_index(self) -> None:
        rows: dict[str, list[tuple[int, int]]] = {}
        for index in range(self.parts):
            with h5py.File(self._part(index), "r") as part:
                for key in self._empty:
                    rows.setdefault(key, []).append((index, part[key].shape[0]))
        with replacing(self.directory / "result.h5") as path, h5py.File(path, "w") as file:
            self._header(file)
            for key, pieces in rows.items():
                empty, total = self._empty[key], sum(count for _, count in pieces)
                if total == 0:
                    file[key] = empty
                    continue
                layout = h5py.VirtualLayout((total, *empty.shape[1:]), empty.dtype)
                start = 0
                for index, count in pieces:
                    if count:
                        name = f"parts/{self._part(index).name}"
                        layout[start : start + count] = h5py.VirtualSource(name, key, (count, *empty.shape[1:]))
                    start += count
                file.create_virtual_dataset(key, layout)

    def finish(self) -> None:
        """Merge the parts into one plain file and remove them."""
        final = self.directory / "result.h5"
        with replacing(final) as path, h5py.File(final, "r") as index, h5py.File(path, "w") as file:
            self._header(file)
            for key in self._empty:
                _copy(index[key], file, key, index[key].shape[0])
        shutil.rmtree(self.directory / "parts", ignore_errors=True)

    def reopen(self, parts: int, rows: Mapping[str, int]) -> None:
        """Go back to a checkpoint: keep its parts, or cut a merged file down to its rows; forget the rest."""
        folder = self.directory / "parts"
        if folder.is_dir() and all(self._part(index).exists() for index in range(parts)):
            self.parts = parts
            for extra in folder.glob("*.h5"):
                if int(extra.stem) >= parts:
                    extra.unlink()
        else:
            folder.mkdir(exist_ok=True)
            self.parts = 1
            source = self.directory / "result.h5"
            with (
                replacing(self._part(0)) as path,
                h5py.File(source, "r") as old,
                h5py.File(path, "w") as file,
            ):
                for key in self._empty:
                    _copy(old[key], file, key, rows[key.split("/")[0]])
        self._write_index()


def _copy(source: h5py.Dataset, file: h5py.File, key: str, rows: int) -> None:
    """The first rows of a series, compressed, a block at a time."""
    options = {} if rows == 0 else {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    target = file.create_dataset(key, (rows, *source.shape[1:]), source.dtype, chunks=True if rows else None, **options)
    for start in range(0, rows, BLOCK):
        stop = min(start + BLOCK, rows)
        target[start:stop] = source[start:stop]
