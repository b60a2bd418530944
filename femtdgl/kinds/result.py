"""The result of a run as Python gets it: what is stored, with its problem, and plots of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from numpy.typing import ArrayLike

from femtdgl.files import reader
from femtdgl.files.in_si import ResultInSI
from femtdgl.input import toml
from femtdgl.kinds import registry
from femtdgl.problem.html import table
from femtdgl.solve.regions import space_of
from femtdgl.solve.space import Space

When = float | str
"""A time in t0, or of a film in SI text, "1 ns"."""


class Plots:
    """Plots of a result.  Each draws into the Axes `ax` that it is given, or into a new figure; it returns them.

    `units`: "SI" or "reduced"; None: SI where the film has scales.  What is drawn has the numbers of the axes.
    """

    def __init__(self, result: reader.Result) -> None:
        self._result = result

    def __repr__(self) -> str:
        return "<plots: order_parameter(t), currents(t), voltage(), space_time(); each takes ax=, units=>"

    def order_parameter(self, t: When | None = None, ax: Any = None, *, units: str | None = None) -> Any:
        """|psi| at a time; None: at the end.  In the plane that of the nearest stored frame, with its vortices."""
        return self._drawn("order_parameter", units, self._at(t), ax)

    def currents(self, t: When | None = None, ax: Any = None, name: str = "j_s", *, units: str | None = None) -> Any:
        """Current densities at a time; None: at the end.  In one dimension all, in the plane one, with streamlines."""
        return self._drawn("currents", units, self._at(t), ax, name)

    def voltage(self, ax: Any = None, *, units: str | None = None) -> Any:
        """The voltage against time."""
        return self._drawn("voltage", units, ax)

    def space_time(self, ax: Any = None, name: str = "|psi|", *, p: ArrayLike | None = None,
                   q: ArrayLike | None = None, n: int = 201, units: str | None = None) -> Any:  # fmt: skip
        """A quantity in the plane of t and the way along a line from p to q; in one dimension x, from end to end."""
        return self._drawn("space_time", units, ax, name, p=p, q=q, n=n)

    def _at(self, t: When | None) -> float | None:
        """A time in t0."""
        return None if t is None else float(self._result.times(t))

    def _drawn(self, which: str, units: str | None, *given: Any, **named: Any) -> Any:
        from femtdgl.figures import axes
        from femtdgl.figures.units import shown_in

        with shown_in(units):
            return getattr(axes, which)(self._result, *given, **named)


class Result(reader.Result):
    """A run: `summary`, `problem`, `t` (times of stored fields), `probes["voltage"]`, `psi(t)`, `at`, `plot`, `mesh`.

    `where` is the directory of the run or its result.h5.  Raises InputError when there is no result.
    Between stored frames psi is a cubic Hermite polynomial of time (psi and d_t psi are stored), all else is linear.
    """

    @cached_property
    def problem(self) -> Any:
        """The problem that was run: a Problem of a filament, without a vector potential in Python; else its table.

        Raises InputError for one that had other functions of Python.
        """
        where = str(self.directory)
        return registry.of_table(self._words, file=where).problem_of(self._words, file=where)

    @cached_property
    def _words(self) -> dict[str, Any]:
        """The table of the problem."""
        return toml.parse(self.problem_text, file=str(self.directory))

    def in_si(self) -> ResultInSI:
        """The same run in SI: `in_si().t` in s, `.at(points, t)` with m and s, `.probes`, `.to_pandas()`, ...

        Raises InputError for a film without scales.
        """
        return ResultInSI(self)

    @property
    def plot(self) -> Plots:
        """Plots into Axes: order_parameter(t), currents(t), voltage(), space_time()."""
        return Plots(self)

    def _thick_space(self) -> Space:
        """With the thickness of regions, where there is one."""
        regions, maps = self._words.get("region", {}), self._words.get("map", {})
        thick = "thickness" in maps or any(region.get("thickness", 1.0) != 1.0 for region in regions.values())
        return space_of(self.problem) if thick else self.space

    def _repr_html_(self) -> str:
        """A short table for notebooks."""
        return table(repr(self).strip("<>"), dict(_shown(self.summary)))


def _shown(summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The plain entries of a summary: numbers and words."""
    for name, value in summary.items():
        if isinstance(value, bool | int | str) or value is None:
            yield name, value
        elif isinstance(value, float):
            yield name, f"{value:.6g}"
