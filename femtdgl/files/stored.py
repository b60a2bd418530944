"""Stored: the file of a run, read on demand, while the run goes on too.  `reader.Result` makes fields of it."""

from __future__ import annotations

import os
from collections.abc import Callable, ItemsView, Iterator, ValuesView
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import h5py
import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.atomic import read_json
from femtdgl.files.checkpoint import END, read_checkpoint
from femtdgl.files.checkpoint import NAME as CHECKPOINT
from femtdgl.files.hdf5 import reading, sealed
from femtdgl.files.parts import ATTRIBUTE, MissingPart, Part, from_attribute, read_rows
from femtdgl.input.nearest import nearest

Array = NDArray[np.float64]

TRIES = 20
"""Readings of a run that goes on, of which one must find all of its parts."""


class Probes(dict[str, Array]):
    """The recorded probes by name, each read when it is asked for; "t" is their time.

    A dict, so that pandas takes it for columns: pandas.DataFrame(result.probes).  It cannot be changed.
    """

    def __init__(self, read: Callable[[str], Array], names: list[str]) -> None:
        super().__init__(dict.fromkeys(names, np.empty(0)))
        self._read, self._names = read, names

    def __getitem__(self, name: str) -> Array:
        if name not in self:
            raise KeyError(f"no probe {name!r}{nearest(str(name), self._names)}; there are {', '.join(self._names)}")
        return self._read(f"probes/{name}")

    def __iter__(self) -> Iterator[str]:  # dict(probes) asks for the values one by one because of this
        return iter(self._names)

    def __repr__(self) -> str:
        return f"<{len(self)} probes: {', '.join(self._names)}>"

    def get(self, name: str, default: Any = None) -> Any:
        """A probe, or the default where there is none of that name."""
        return self[name] if name in self._names else default

    def values(self) -> Any:
        """The probes."""
        return ValuesView(self)

    def items(self) -> Any:
        """Names and probes."""
        return ItemsView(self)

    def copy(self) -> dict[str, Array]:
        """All of them, read, as a dict of its own."""
        return {name: self[name] for name in self._names}

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None

    def _refuse(self, *words: Any, **more: Any) -> NoReturn:
        raise TypeError("recorded probes cannot be changed: copy() is a dict of your own")

    __setitem__ = __delitem__ = __ior__ = _refuse
    pop = popitem = clear = update = setdefault = _refuse


class Stored:
    """What the file of a run holds, by name.  `where`: the directory of the run or its result.h5.

    Raises InputError when there is no result.
    """

    def __init__(self, where: Path | str, *, keep: TemporaryDirectory[str] | None = None) -> None:
        where, inside = Path(where), os.path.isdir(where)  # also of a name that is too long for any file
        self.directory = where if inside else where.parent
        self.file = self.directory / "result.h5" if inside else where
        self._keep = keep
        self.attributes: dict[str, Any] = {}
        self._problem = ""
        self.field_names: list[str] = []
        self.integral_names: list[str] = []
        self._probe_names: list[str] = []
        self._while_it_goes_on(self._open, "the directory of a run, or its result.h5")

    def _while_it_goes_on(self, read: Callable[[], Any], allowed: str) -> Any:
        """What a function reads.  A run that goes on may put parts together at any moment: then it is called again."""
        with reading(self.file, allowed):
            for _ in range(TRIES - 1):
                with suppress(MissingPart):
                    return read()
            return read()

    def _open(self) -> None:
        with h5py.File(self.file, "r") as file:
            self.attributes, self._problem = sealed(file)
            self._probe_names = list(file.get("probes", ()))
            self.integral_names = list(file.get("integrals", ()))
            self.field_names = list(file.get("fields", ()))
        for part in self.parts or ():
            part.check(self.directory)

    def read(self, key: str, rows: Any = ()) -> Any:
        """A dataset, or some rows of it, as it is stored.

        Raises InputError when there is none of that name, or it cannot be read.
        """
        return self._while_it_goes_on(lambda: self._read(key, rows), "a result file as it was written")

    def _read(self, key: str, rows: Any) -> Any:
        with h5py.File(self.file, "r") as file:
            found = file.get(key)
            if found is None:
                group = str(key).rpartition("/")[0]
                known = [f"{group}/{each}" for each in file[group]] if group and group in file else list(file)
                allowed = ", ".join(known) or "a result file with it"
                raise InputError(f"holds no {key!r}{nearest(str(key), known)}", allowed=allowed)
            if key == "problem":  # as text it lies where HDF5 may look for it for ever
                return self._problem.encode()
            if not found.is_virtual:
                return found[rows]
            listed = from_attribute(sealed(file)[0][ATTRIBUTE])
        return read_rows(self.directory, listed, key, rows)

    def has(self, key: str) -> bool:
        """Whether the file holds a dataset of that name."""
        with h5py.File(self.file, "r") as file:
            return key in file

    @property
    def parts(self) -> list[Part] | None:
        """The parts of a run that was stopped, or is going on; None: it came to its end."""
        return from_attribute(self.attributes[ATTRIBUTE]) if ATTRIBUTE in self.attributes else None

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The summary of the run."""
        return read_json(self.directory / "summary.json")

    @property
    def problem_text(self) -> str:
        """The problem file that was run."""
        return self._problem

    @property
    def probes(self) -> Probes:
        """Recorded probes by name."""
        return Probes(self.read, self._probe_names)

    def end(self, name: str) -> Any:
        """A field where the run stands, psi or a temperature, (N,), nodes as they are stored.

        That of its checkpoint, which a rule to stop may have set behind the last stored frame; where there is none, of
        that frame.
        """
        if (self.directory / CHECKPOINT).exists():
            found = read_checkpoint(self.directory).get(f"{END}{name}")
            if found is not None:
                return found
        return self.read(f"fields/{name}", -1)
