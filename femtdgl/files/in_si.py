"""A result in SI: the same names as `reader.Result` has, with numbers in s, m, V, A, T, K, W and J, in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.errors import InputError
from femtdgl.files import labelled
from femtdgl.files.reader import Result
from femtdgl.files.sampled import Currents, Line, SpaceTime
from femtdgl.input.quantities import parse
from femtdgl.measure.vortices import Vortices
from femtdgl.problem.in_si import COUNTS, Unit, key_of, units_in_si
from femtdgl.units import DEPAIRING

Array = NDArray[np.float64]


class SIProbes(Mapping[str, Array]):
    """Probes in SI by name; `units` are theirs."""

    def __init__(self, result: ResultInSI) -> None:
        self._result = result
        self.units = {name: result.unit_of_probe(name).si for name in result.reduced.probes}

    def __getitem__(self, name: str) -> Array:
        values = self._result.reduced.probes[name]
        size = self._result.unit_of_probe(name).size
        return values if size == 1.0 else values * size

    def __iter__(self) -> Iterator[str]:
        return iter(self._result.reduced.probes)

    def __len__(self) -> int:
        return len(self._result.reduced.probes)

    def __repr__(self) -> str:
        return f"<probes in SI: {', '.join(f'{name} ({unit})' if unit else name for name, unit in self.units.items())}>"


class ResultInSI:
    """A run of a film in SI: `t` in s, `nodes` in m, `probes`, `psi(t)` in J, `at`, `line`, `space_time`, ...

    Times and points that are given are in s and m, or text, "1 ns".  A total, such as the current in A, is there where
    the film knows its cross-section (1D) or thickness (2D); else it is reduced, and `units` say so.
    Raises InputError for a film without scales.
    """

    def __init__(self, result: Result) -> None:
        if result.film is None or result.scales is None:
            allowed = 'a film in SI: preset = "...", or measured Tc, T0, D or xi, resistivity and tau_eps'
            raise InputError("the film has no scales", file=str(result.file), allowed=allowed)
        self.reduced, self._scales = result, result.scales
        self._known = units_in_si(result.film, result.nodes.shape[0])
        self._probe_units = labelled.probe_units(result.attributes)

    def __repr__(self) -> str:
        return f"<in SI: {self.reduced!r}>"

    @property
    def scales(self) -> dict[str, float]:
        """What the reduced units are in SI: length, time, potential, current_density, field, energy, temperature, ...

        "current" is that of one xi^(d-1) of a terminal, with "power" and "heat", where it is known.
        """
        named = {
            "length": "xi", "time": "t0", "potential": "V0", "current_density": "j0", "field": "Bc2",
            "energy": "Delta0", "temperature": "Tc", "power_density": "j0V0/xi", "current": "j0xi^(d-1)",
            "power": "j0V0xi^(d-1)", "heat": "j0V0t0xi^(d-1)",
        }  # fmt: skip
        return {name: self._known[unit].size for name, unit in named.items() if unit in self._known}

    @property
    def summary(self) -> dict[str, Any]:
        """The main numbers of the summary."""
        found: dict[str, Any] = self.reduced.summary["si"]
        return found

    def unit(self, name: str) -> str:
        """The SI unit of a field, or of a probe."""
        own = self.unit_of_probe(name) if name in self._probe_units and name not in labelled.FIELDS else self._of(name)
        return own.si

    def unit_of_probe(self, name: str) -> Unit:
        """What a probe is multiplied with, and its unit then."""
        if name == "current" and (self.reduced.summary.get("si") or {}).get("depairing_current") is not None:
            return Unit(self.reduced.summary["si"]["depairing_current"] / DEPAIRING, "A")
        return self._unit(self._probe_units.get(name, ""))

    def _of(self, field: str) -> Unit:
        return self._unit(labelled.FIELDS.get(field, ""))

    def _unit(self, reduced: str) -> Unit:
        return self._known.get(key_of(reduced), Unit(1.0, "" if reduced in COUNTS[:2] else reduced))

    # ---- where and when ---------------------------------------------------------------------------------------------

    @cached_property
    def t(self) -> Array:
        """Times of the stored fields (frames,), in s."""
        return self.reduced.t * self._scales.time

    @cached_property
    def nodes(self) -> Array:
        """Nodes of the fields (dim, N), in m; in one dimension from left to right."""
        return self.reduced.nodes * self._scales.length

    @property
    def probes(self) -> SIProbes:
        """Recorded probes by name."""
        return SIProbes(self)

    def _times(self, t: Any) -> Any:
        """Times in t0, of the run where they are its ends but for rounding; None stays None."""
        if t is None:
            return None
        given, frames = np.asarray(_numbers(t, "time", "t"), float) / self._scales.time, self.reduced.t
        near = 1e-12 * max(abs(frames[0]), abs(frames[-1]))
        for end in (frames[0], frames[-1]):
            given = np.where(np.abs(given - end) <= near, end, given)
        return given

    def _points(self, points: Any) -> Any:
        return None if points is None else np.asarray(_numbers(points, "length", "points"), float) / self._scales.length

    # ---- fields -----------------------------------------------------------------------------------------------------

    def field(self, name: str, t: ArrayLike | None = None, *, rows: slice = slice(None)) -> Any:
        """A stored field at a time, or at each of some (nearest stored frames), or its frames."""
        return self.reduced.field(name, self._times(t), rows=rows) * self._of(name).size

    def psi(self, t: ArrayLike) -> NDArray[np.complex128]:
        """The order parameter at the nodes, in J."""
        return self.reduced.psi(self._times(t)) * self._of("psi").size

    def phi(self, t: ArrayLike) -> Array:
        """The potential at the nodes, in V."""
        return self.reduced.phi(self._times(t)) * self._of("phi").size

    def currents(self, t: float | str) -> Currents:
        """Current densities at a time, A/m^2: `.s`, `.int`, `.n` and `.total`."""
        return Currents(*(part * self._of("j").size for part in self.reduced.currents(self._times(t))))

    def at(self, points: ArrayLike, t: ArrayLike | None = None, name: str = "psi") -> NDArray[Any]:
        """A field at points, by the elements of the mesh; see `Result.at`."""
        return self.reduced.at(self._points(points), self._times(t), name) * self._of(name).size

    def line(self, p: ArrayLike, q: ArrayLike, n: int = 201, t: float | str | None = None, name: str = "psi") -> Line:
        """A quantity along the straight line from p to q, at a time; None: of the last stored frame."""
        s, x, values = self.reduced.line(self._points(p), self._points(q), n, self._times(t), name)
        return Line(s * self._scales.length, x * self._scales.length, values * self._of(name).size)

    def space_time(self, p: ArrayLike | None = None, q: ArrayLike | None = None, n: int = 201, *,
                   name: str = "psi", t: ArrayLike | None = None) -> SpaceTime:  # fmt: skip
        """A quantity along the straight line from p to q at some times; None: of all stored frames."""
        found = self.reduced.space_time(self._points(p), self._points(q), n, name=name, t=self._times(t))
        length = self._scales.length
        return SpaceTime(found.t * self._scales.time, found.s * length, found.x * length,
                         found.values * self._of(name).size)  # fmt: skip

    def vorticity(self, t: float | str, current: str = "j") -> Array:
        """curl of a current at a time, at the nodes, A/m^3."""
        return self.reduced.vorticity(self._times(t), current) * self._known["j0/xi"].size

    def magnetic_moment(self, t: ArrayLike | None = None, current: str = "j") -> Array:
        """m = (1/2) int x x j of a current, A m^2.  Raises InputError for a film of unknown thickness."""
        unit = self._known.get("j0xi^(d+1)")
        if unit is None:
            raise InputError("the film has no thickness", file=str(self.reduced.file), allowed="film.thickness")
        return self.reduced.magnetic_moment(self._times(t), current) * unit.size

    def vortices(self, t: float | str) -> Vortices:
        """Vortices of the plane at a time: places (count, 2) in m, and windings."""
        found = self.reduced.vortices(self._times(t))
        return found._replace(x=found.x * self._scales.length)

    # ---- tables -----------------------------------------------------------------------------------------------------

    def to_pandas(self) -> Any:
        """The probes as a pandas.DataFrame over t in s; `attrs["units"]` has the units of the columns."""
        return labelled.table(self.probes, self.probes.units)

    def to_xarray(self) -> Any:
        """Fields and probes as an xarray.Dataset; every variable has its unit in `attrs["units"]`."""
        names = ("t", *self.reduced.nodal_names)
        fields = {name: self.field(name) for name in names}
        units = {name: self._of(name).si for name in names} | {"x": "m"}
        probes = self.probes
        return labelled.dataset(self.nodes, fields, probes, units, probes.units, self.reduced.problem_text)


def _numbers(value: Any, dimension: str, key: str) -> Any:
    """Numbers in SI, with text as numbers.  Raises InputError, with the key."""
    if isinstance(value, list | tuple):
        return [_numbers(item, dimension, key) for item in value]
    try:
        return parse(value, dimension) if isinstance(value, str) else value
    except InputError as error:
        raise error.at(key=key) from None
