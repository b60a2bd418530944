"""Result: a run as it lies on disk, read on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femtdgl.equations.vector_potential import unit_fields
from femtdgl.errors import InputError
from femtdgl.files.atomic import read_json
from femtdgl.files.checkpoint import END, read_checkpoint
from femtdgl.files.checkpoint import NAME as CHECKPOINT
from femtdgl.files.frames import interval
from femtdgl.files.hdf5 import reading, sealed
from femtdgl.files.parts import ATTRIBUTE, MissingPart, Part, from_attribute, read_rows
from femtdgl.measure.vortices import Vortices, fluxoid, vortices, windings
from femtdgl.mesh.curved import vertices

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

TRIES = 20
"""Readings of a run that goes on, of which one must find all of its parts."""


class Probes(Mapping[str, Array]):
    """The recorded probes by name; "t" is their time."""

    def __init__(self, read: Any, names: list[str]) -> None:
        self._read, self._names = read, names

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(f"no probe {name!r}; there are {', '.join(self._names)}")
        return self._read(f"probes/{name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Result:
    """A run: `summary`, `t` (times of the stored fields), `probes["voltage"]`, `psi(t)`, `phi(t)`, `mesh`.

    `where` is the directory of the run or its result.h5.  Raises InputError when there is no result.
    """

    def __init__(self, where: Path | str, *, keep: TemporaryDirectory[str] | None = None) -> None:
        where = Path(where)
        self.directory = where if where.is_dir() else where.parent
        self.file = self.directory / "result.h5" if where.is_dir() else where
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
        """A dataset, or some rows of it.  Raises InputError when there is none of that name, or it cannot be read."""
        return self._while_it_goes_on(lambda: self._read(key, rows), "a result file as it was written")

    def _read(self, key: str, rows: Any) -> Any:
        with h5py.File(self.file, "r") as file:
            if key not in file:
                raise InputError(f"holds no {key!r}", allowed="a result file with it")
            if key == "problem":  # as text it lies where HDF5 may look for it for ever
                return self._problem.encode()
            if not file[key].is_virtual:
                return file[key][rows]
            listed = from_attribute(sealed(file)[0][ATTRIBUTE])
        return read_rows(self.directory, listed, key, rows)

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

    @cached_property
    def t(self) -> Array:
        """Times of the stored fields (frames,), in t0."""
        return self.read("fields/t")

    @property
    def probes(self) -> Probes:
        """Recorded probes by name."""
        return Probes(self.read, self._probe_names)

    @cached_property
    def nodes(self) -> Array:
        """Nodes of the fields (dim, N), in xi."""
        return self.read("mesh/nodes")

    @cached_property
    def mesh(self) -> Any:
        """The scikit-fem mesh."""
        import skfem

        kind = getattr(skfem, self.attributes["mesh_type"])
        return kind(self.read("mesh/points"), self.read("mesh/cells"))

    def field(self, name: str, t: float | None = None, *, rows: slice = slice(None)) -> Any:
        """A stored field at a time (nearest stored frame), or its frames (those of `rows`)."""
        if t is None:
            return self.read(f"fields/{name}", rows)
        return self.read(f"fields/{name}", int(np.argmin(np.abs(self.t - t))))

    def psi(self, t: float) -> Complex:
        """Nodal psi (N,) at a time: cubic Hermite between stored frames (psi and d_t psi are stored)."""
        frames = self.t
        if not frames[0] <= t <= frames[-1]:
            raise ValueError(f"t = {t} lies outside the stored times {frames[0]} to {frames[-1]}")
        if frames.size == 1:
            return self.read("fields/psi", 0)
        pair, s = self._pair(t)
        psi, rate, h = self.read("fields/psi", pair), self.read("fields/psi_t", pair), np.ptp(frames[pair])
        return (
            (1 + 2 * s) * (1 - s) ** 2 * psi[0]
            + s**2 * (3 - 2 * s) * psi[1]
            + h * s * (1 - s) * ((1 - s) * rate[0] - s * rate[1])
        )

    def phi(self, t: float) -> Array:
        """Nodal phi (N,) at a time: linear between stored frames."""
        return self.between_frames("phi", t)

    def between_frames(self, name: str, t: float) -> Array:
        """A stored real field at a time: linear between stored frames."""
        if self.t.size == 1:
            return self.read(f"fields/{name}", 0)
        pair, s = self._pair(t)
        values = self.read(f"fields/{name}", pair)
        return (1 - s) * values[0] + s * values[1]

    def _pair(self, t: float) -> tuple[slice, float]:
        """The two stored frames about a time, and the share of the way from the first to the second."""
        i, s = interval(self.t, t)
        return slice(int(i), int(i) + 2), float(s)

    def vector_potential(self, t: float) -> Array | None:
        """A at the nodes (dim, N) at a time, in the gauge of psi, linear between stored frames; None without any."""
        if "A" in self.field_names:
            return self.between_frames("A", t)
        if "B" not in self.field_names:
            return None
        x = self.nodes - self.attributes["field_origin"][:, None]
        return np.tensordot(self.between_frames("B", t), unit_fields(x), 1)

    def vortices(self, t: float) -> Vortices:
        """Vortices of the plane at a time: places (count, 2) and windings (count,)."""
        mesh = self.mesh
        held = self.read("mesh/held")[: vertices(mesh)] if self.has("mesh/held") else None
        noise = float(self.attributes.get("noise", 0.0))
        return vortices(mesh, *self._at_vertices(t), held=held, noise=noise)

    def has(self, key: str) -> bool:
        """Whether the file holds a dataset of that name."""
        with h5py.File(self.file, "r") as file:
            return key in file

    def windings(self, t: float) -> NDArray[np.intp]:
        """Winding of the phase around each cell of a plane mesh at a time, (cells,)."""
        return windings(self.mesh, *self._at_vertices(t))

    def fluxoid(self, t: float, boundary: str) -> int:
        """Flux quanta in the hole whose edge is the named boundary, at a time."""
        facets, (psi, A) = self.read(f"mesh/boundaries/{boundary}"), self._at_vertices(t)
        return fluxoid(self.mesh, psi, facets, A)

    def _at_vertices(self, t: float) -> tuple[Complex, Array | None]:
        """psi (vertices,) and A (dim, vertices), which come first among the nodes."""
        A, count = self.vector_potential(t), vertices(self.mesh)
        return self.psi(t)[:count], None if A is None else A[:, :count]

    def last_psi(self) -> Complex:
        """Nodal psi of the last stored frame."""
        return self.read("fields/psi", -1)

    def end(self, name: str) -> Any:
        """A field where the run stands, psi or a temperature, (N,): of its checkpoint, which a rule to stop may have
        set behind the last stored frame; where there is none, of that frame.
        """
        if (self.directory / CHECKPOINT).exists():
            found = read_checkpoint(self.directory).get(f"{END}{name}")
            if found is not None:
                return found
        return self.read(f"fields/{name}", -1)
