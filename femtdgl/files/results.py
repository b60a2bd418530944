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

While the run goes on the series lie in parts (see `parts`), one for each checkpoint, and `result.h5` is a small index
of virtual datasets over them, replaced as a whole at each checkpoint.  At the end the parts are merged into one plain,
`result.h5`, compressed where it is large.  Nothing is ever changed in place, and every chunk has a checksum.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files import parts
from femtdgl.files.hdf5 import created, reading, seal, sealed, store, virtual
from femtdgl.files.parts import Part

GROUPS = ("fields", "probes", "integrals", "slips")
NAME, FORMAT = "result.h5", "femtdgl result 1"
COMPRESSED = 2**26
"""Bytes from which on a finished run is compressed: that saves a quarter of them, and costs as long as it is to write
a file of this size."""


class ResultWriter:
    """Collects series in memory, commits them part by part, and merges the parts at the end."""

    def __init__(self, directory: Path, *, attributes: Mapping[str, Any], static: Mapping[str, Any]) -> None:
        self.directory, self.static = directory, dict(static)
        self.attributes = {"format": FORMAT, **attributes}
        self.parts: list[Part] = []
        self._buffer: dict[str, dict[str, list[Any]]] = {group: {} for group in GROUPS}
        self._empty: dict[str, NDArray[Any]] = {}

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
        """Write what was collected as the next part, and the index anew.  Raises OSError; then it is not forgotten."""
        self.directory.joinpath(parts.FOLDER).mkdir(exist_ok=True)
        series = {
            f"{group}/{name}": np.concatenate(values) if values else self._empty[f"{group}/{name}"]
            for group, named in self._buffer.items()
            for name, values in named.items()
        }
        number = self.parts[-1].last + 1 if self.parts else 0
        part = parts.write(self.directory, number, series)
        self._list([*self.parts, part])
        for named in self._buffer.values():
            for values in named.values():
                values.clear()

    def _list(self, new: list[Part]) -> None:
        """Make these the parts of the run, some of them put together."""
        while len(new) >= parts.FAN and len({part.level for part in new[-parts.FAN :]}) == 1:
            new = [*new[: -parts.FAN], parts.merged(self.directory, new[-parts.FAN :], self._empty)]
        self._write_index(new)
        self.parts = new
        parts.remove_unlisted(self.directory, new)

    def _header(self, file: h5py.File, attributes: Mapping[str, Any]) -> None:
        static = dict(self.static)
        seal(file, attributes, static.pop("problem"))
        for key, value in static.items():
            store(file, key, value)

    def _write_index(self, listed: list[Part]) -> None:
        with created(self.directory / NAME) as file:
            self._header(file, {**self.attributes, parts.ATTRIBUTE: parts.as_attribute(listed)})
            for key, empty in self._empty.items():
                counts = [part.rows[key.split("/")[0]] for part in listed]
                if not sum(counts):
                    file[key] = empty
                    continue
                sources = zip(listed, counts, strict=True)
                virtual(file, key, empty, [(f"{parts.FOLDER}/{part.name}", rows) for part, rows in sources if rows])

    def finish(self) -> None:
        """Merge the parts into one plain file and remove them."""
        with created(self.directory / NAME) as file:
            self._header(file, self.attributes)
            large = sum(part.size for part in self.parts) > COMPRESSED
            parts.copy_into(file, self.directory, self.parts, self._empty, compressed=large)
        self.parts = []
        parts.remove_unlisted(self.directory, self.parts)

    def reopen(self, rows: Mapping[str, int]) -> None:
        """Go on from the first rows of what is stored, by group; the next commit forgets what comes after them.

        Until then result.h5 stays as it is.  Raises InputError when there are not as many, or they cannot be read.
        """
        final = self.directory / NAME
        with reading(final), h5py.File(final, "r") as file:
            listed = sealed(file)[0].get(parts.ATTRIBUTE)
            stored = None if listed is None else parts.from_attribute(listed)
            there = {key.split("/")[0]: len(file[key]) for key in self._empty}
        self.parts = [self._from_whole(final, there, rows)] if stored is None else self._first(stored, rows)

    def _from_whole(self, final: Path, there: Mapping[str, int], rows: Mapping[str, int]) -> Part:
        """The first rows of a finished run as a part."""
        parts.remove_unlisted(self.directory, [])
        self.directory.joinpath(parts.FOLDER).mkdir(exist_ok=True)
        if there == rows:
            part = parts.whole(self.directory, final, rows)
            part.verify(self.directory, self._empty)
            return part
        self._require(rows, there)
        return parts.cut(self.directory, final, 0, rows, self._empty)

    def _first(self, stored: list[Part], rows: Mapping[str, int]) -> list[Part]:
        """The parts that hold the first rows of a run; the last of them is cut, if need be."""
        kept, rest = [], dict(rows)
        for part in stored:
            if not any(rest.values()):
                break
            part.verify(self.directory, self._empty)
            if any(part.rows[group] > rest[group] for group in rest):
                self._require(rest, part.rows)
                part = parts.cut(self.directory, part.path(self.directory), stored[-1].last + 1, rest, self._empty)
            kept.append(part)
            rest = {group: rest[group] - part.rows[group] for group in rest}
        self._require(rest, dict.fromkeys(rest, 0))
        return kept

    def _require(self, rows: Mapping[str, int], there: Mapping[str, int]) -> None:
        """Raises InputError when fewer rows are there."""
        for group, count in rows.items():
            if there[group] < count:
                reason = f"holds {count - there[group]} rows of {group!r} fewer than its checkpoint"
                raise InputError(reason, file=str(self.directory / NAME))
