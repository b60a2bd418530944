"""Result: a run as it lies on disk, read on demand.

Fields are given at `nodes`.  In one dimension these are in the order of x; the file, and `read`, have them as the
elements number them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femtdgl.equations.vector_potential import unit_fields
from femtdgl.errors import InputError
from femtdgl.files import labelled
from femtdgl.files.frames import interval
from femtdgl.files.sampled import Currents, Line, SpaceTime
from femtdgl.files.stored import Probes as Probes
from femtdgl.files.stored import Stored
from femtdgl.input.nearest import nearest
from femtdgl.input.quantities import article, has_unit, parse
from femtdgl.input.toml import parse as parse_toml
from femtdgl.measure.moment import curl, moment
from femtdgl.measure.sampling import Sampling
from femtdgl.measure.vortices import Vortices, fluxoid, vortices, windings
from femtdgl.mesh.curved import vertices
from femtdgl.problem.problem import Film, film_of
from femtdgl.solve.space import Space
from femtdgl.units import Scales

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

MADE_OF_PSI: dict[str, Callable[[Any], Any]] = {
    "|psi|": np.abs,
    "|psi|^2": lambda psi: np.abs(psi) ** 2,
    "arg psi": np.angle,
}
"""Quantities that are no stored field, from psi at a point."""
CURRENTS = ("j_s", "j_int", "j_n")
TOTAL = "j"
"""The name of their sum."""
NOT_NODAL = ("t", "B")
"""What lies among the fields, but is not one."""
REDUCED = {"length": "xi", "time": "t0"}
RING = "ring"
"""Attribute of a result with periodic ends: the way (dim,) round, from one end to the other."""


class Result(Stored):
    """A run: `summary`, `t` (times of the stored fields), `probes["voltage"]`, `psi(t)`, `phi(t)`, `mesh`.

    Numbers are reduced, those that are given too; of a film in SI times and lengths may be text, "1 ns", "20 nm".

    `where` is the directory of the run or its result.h5.  Raises InputError when there is no result.
    Between stored frames psi is a cubic Hermite polynomial of time (psi and d_t psi are stored), all else is linear.
    """

    def __repr__(self) -> str:
        nodes = f", {self.nodes.shape[0]}D, {self.nodes.shape[1]} nodes" if self.has("mesh/nodes") else ""
        span = f", {self.t.size} frames from t = {self.t[0]:g} to {self.t[-1]:g}" if self.has("fields/t") else ""
        return f"<Result {self.directory}{nodes}{span}, {len(self.probes)} probes>"

    @cached_property
    def t(self) -> Array:
        """Times of the stored fields (frames,), in t0."""
        return self.read("fields/t")

    @cached_property
    def _order(self) -> NDArray[np.intp] | None:
        """Of the nodes, by x in one dimension; None: as they are stored."""
        x = self.stored_nodes
        return np.argsort(x[0], kind="stable") if x.shape[0] == 1 else None

    def _seen(self, values: NDArray[Any]) -> NDArray[Any]:
        """Nodal values (..., N), stored, in the order of `nodes`."""
        return values if self._order is None else values[..., self._order]

    @cached_property
    def stored_nodes(self) -> Array:
        """Nodes (dim, N), in xi, as they are stored."""
        return self.read("mesh/nodes")

    def as_stored(self, nodes: ArrayLike) -> NDArray[np.intp]:
        """Numbers of some of `nodes` as the file has them."""
        chosen = np.asarray(nodes, dtype=np.intp)
        return chosen if self._order is None else self._order[chosen]

    @cached_property
    def nodes(self) -> Array:
        """Nodes of the fields (dim, N), in xi; in one dimension from left to right."""
        return self._seen(self.stored_nodes)

    @cached_property
    def mesh(self) -> Any:
        """The scikit-fem mesh."""
        import skfem

        kind = getattr(skfem, self.attributes["mesh_type"])
        return kind(self.read("mesh/points"), self.read("mesh/cells"))

    @cached_property
    def space(self) -> Space:
        """The finite elements of the fields: `nodes` as they are stored."""
        return Space(self.mesh, int(self.attributes["order"]))

    @cached_property
    def film(self) -> Film | None:
        """The film of a filament; None: this is none."""
        words = parse_toml(self.problem_text).get("film") if self.has("mesh/nodes") and self.has("problem") else None
        return None if words is None else film_of(words)

    @property
    def scales(self) -> Scales | None:
        """The reduced units in SI; None for a film without."""
        return None if self.film is None else self.film.scales

    def times(self, t: ArrayLike) -> Array:
        """A time, or a list of them, in t0: of a film in SI also from text, "1 ns".  Raises InputError."""
        return np.asarray(self._reduced(t, "time", "t"), float)

    def _reduced(self, value: Any, dimension: str, key: str) -> Any:
        """Numbers, with text in SI as reduced numbers."""
        if isinstance(value, list | tuple):
            return [self._reduced(item, dimension, key) for item in value]
        if not isinstance(value, str):
            return value
        own = REDUCED[dimension]
        if not has_unit(value):
            raise InputError(f"{value!r} is not {article(dimension)}", key=key, allowed=f"a number in {own}, or text")
        if self.scales is None:
            words = f"{value!r} has a unit, the film has none"
            raise InputError(words, key=key, file=str(self.file), allowed=f"a number in {own}")
        try:
            return parse(value, dimension) / getattr(self.scales, dimension)
        except InputError as error:
            raise error.at(key=key) from None

    def _stored(self, name: str, t: float) -> NDArray[Any]:
        """A field at a time, nodes as they are stored: psi cubic, others linear between frames."""
        self._known(name)
        frames, t = self.t, self._within(t)
        if frames.size == 1:
            return self.read(f"fields/{name}", 0)
        i, share = interval(frames, t)
        pair, s = slice(int(i), int(i) + 2), float(share)
        values = self.read(f"fields/{name}", pair)
        if name != "psi":
            return (1 - s) * values[0] + s * values[1]
        rate, h = self.read("fields/psi_t", pair), np.ptp(frames[pair])
        return (
            (1 + 2 * s) * (1 - s) ** 2 * values[0]
            + s**2 * (3 - 2 * s) * values[1]
            + h * s * (1 - s) * ((1 - s) * rate[0] - s * rate[1])
        )

    def _within(self, t: float) -> float:
        """A time of the run.  Raises InputError, a ValueError, for one outside of it."""
        frames = self.t
        if not frames[0] <= t <= frames[-1]:
            words = f"t = {t} lies outside the stored times {frames[0]} to {frames[-1]}"
            raise InputError(words, file=str(self.file), allowed="a time in t0 between them")
        return float(t)

    def _known(self, name: str) -> None:
        """Raises InputError, with the names that there are, for a field that there is not."""
        if name not in self.field_names:
            words, known = f"no field {name!r}{nearest(name, self.field_names)}", ", ".join(self.field_names)
            raise InputError(words, file=str(self.file), allowed=known)

    def _each(self, t: ArrayLike, make: Any) -> NDArray[Any]:
        """What is made at a time, or at each of some times, one after the other along a first axis."""
        times = self.times(t)
        if times.ndim > 1:
            raise InputError(f"has {times.ndim} axes", key="t", allowed="a time, or a list of times")
        return make(float(times)) if times.ndim == 0 else np.stack([make(float(time)) for time in times])

    def field(self, name: str, t: ArrayLike | None = None, *, rows: slice = slice(None)) -> Any:
        """A stored field at a time, or at each of some (nearest stored frames), or its frames (those of `rows`)."""
        self._known(name)
        seen = (lambda values: values) if name in NOT_NODAL else self._seen
        if t is None:
            return seen(self.read(f"fields/{name}", rows))
        return self._each(t, lambda time: seen(self.read(f"fields/{name}", int(np.argmin(np.abs(self.t - time))))))

    def psi(self, t: ArrayLike) -> Complex:
        """Nodal psi (N,) at a time, or (times, N): cubic Hermite between stored frames."""
        return self.between_frames("psi", t)

    def phi(self, t: ArrayLike) -> Array:
        """Nodal phi (N,) at a time, or (times, N): linear between stored frames."""
        return self.between_frames("phi", t)

    def between_frames(self, name: str, t: ArrayLike) -> NDArray[Any]:
        """A stored field at a time, or at each of some: psi cubic, others linear between stored frames."""
        seen = (lambda values: values) if name in NOT_NODAL else self._seen
        return self._each(t, lambda time: seen(self._stored(name, time)))

    def currents(self, t: float | str) -> Currents:
        """Current densities at a time (linear between stored frames): `.s`, `.int`, `.n` and `.total`, (dim, N)."""
        return Currents(*(self.between_frames(name, t) for name in CURRENTS))

    def vector_potential(self, t: float | str) -> Array | None:
        """A at the nodes (dim, N) at a time, in the gauge of psi, linear between stored frames; None without any."""
        A = self.stored_vector_potential(float(self.times(t)))
        return None if A is None else self._seen(A)

    def stored_vector_potential(self, t: float) -> Array | None:
        """The same, nodes as they are stored."""
        if "A" in self.field_names:
            return self._stored("A", t)
        if "B" not in self.field_names:
            return None
        x = self.stored_nodes - self.attributes["field_origin"][:, None]
        return np.tensordot(self._stored("B", t), unit_fields(x), 1)

    def at(self, points: ArrayLike, t: ArrayLike | None = None, name: str = "psi") -> NDArray[Any]:
        """A field at points, by the elements of the mesh: (points,), of a vector (dim, points); NaN outside the mesh.

        `points`: one (dim,), or some (points, dim); in one dimension x, or some.  At one point the last axis is left
        out.  `t`: a time, or some, which make a first axis; None: all stored frames.  `name`: a stored field, "|psi|",
        "|psi|^2", "arg psi", or "j" for the whole current.
        """
        x, alone = self._points(points)
        sample = self._sampling(x)
        found = self._each(self.t if t is None else t, lambda time: self._at(sample, time, name))
        return found[..., 0] if alone else found

    def line(self, p: ArrayLike, q: ArrayLike, n: int = 201, t: float | str | None = None, name: str = "psi") -> Line:
        """A quantity at n points along the straight line from p to q, at a time; None: of the last stored frame."""
        x, s = self._straight(p, q, n)
        return Line(s, x.T, self._at(self._sampling(x), float(self.t[-1] if t is None else self.times(t)), name))

    def space_time(self, p: ArrayLike | None = None, q: ArrayLike | None = None, n: int = 201, *,
                   name: str = "psi", t: ArrayLike | None = None) -> SpaceTime:  # fmt: skip
        """A quantity along the straight line from p to q at some times; None: of all stored frames.

        In one dimension without p and q: from end to end.
        """
        times = np.atleast_1d(self.times(self.t if t is None else t))
        if p is None or q is None:
            if self.nodes.shape[0] > 1:
                raise InputError("needs both ends of a line", key="p, q", allowed="two points")
            p, q = self.nodes[:, 0] if p is None else p, self.nodes[:, -1] if q is None else q
        x, s = self._straight(p, q, n)
        sample = self._sampling(x)
        return SpaceTime(times, s, x.T, self._each(times, lambda time: self._at(sample, time, name)))

    def _at(self, sample: Sampling, t: float, name: str) -> NDArray[Any]:
        if name in MADE_OF_PSI:
            return MADE_OF_PSI[name](self._at(sample, t, "psi"))
        if name == TOTAL:
            total: Array = sum(sample(self._stored(part, t)) for part in CURRENTS)  # type: ignore[assignment]
            return total
        if name in NOT_NODAL or name not in self.field_names:
            known = [*(each for each in self.field_names if each not in NOT_NODAL), *MADE_OF_PSI, TOTAL]
            words = f"no quantity {name!r}{nearest(name, known)}"
            raise InputError(words, file=str(self.file), allowed=", ".join(known))
        A = self.stored_vector_potential(t) if name in ("psi", "psi_t") else None
        return sample(self._stored(name, t), A)

    def _points(self, points: ArrayLike) -> tuple[Array, bool]:
        """Points (dim, n), and whether one alone was meant.  Raises InputError for what are none."""
        x, dim = np.asarray(self._reduced(points, "length", "points"), float), self.nodes.shape[0]
        alone = x.ndim == (0 if dim == 1 else 1)
        if dim == 1 and x.ndim < 2:
            return x.reshape(1, -1), alone
        if x.ndim not in (1, 2) or x.shape[-1] != dim:
            allowed = f"a point of {dim} coordinates, or an array (points, {dim})"
            raise InputError(f"has the shape {x.shape}", key="points", allowed=allowed)
        return np.atleast_2d(x).T, alone

    def _straight(self, p: ArrayLike, q: ArrayLike, n: int) -> tuple[Array, Array]:
        """n points (dim, n) from p to q and the way to each (n,)."""
        a, b = self._points(p)[0], self._points(q)[0]
        if a.shape[1] != 1 or b.shape[1] != 1 or n < 2:
            raise InputError("is no line", key="p, q, n", allowed="two points, and 2 or more along the line")
        share = np.linspace(0, 1, n)
        return a + (b - a) * share, share * float(np.linalg.norm(b - a))

    def _sampling(self, x: Array) -> Sampling:
        order = int(self.attributes["order"])
        ring = self.attributes.get(RING)
        return Sampling(self.mesh, order, self.read("mesh/dofs"), self.stored_nodes, x, ring)

    def vortices(self, t: float | str) -> Vortices:
        """Vortices of the plane at a time: places (count, 2) and windings (count,)."""
        mesh = self.mesh
        held = self.read("mesh/held")[: vertices(mesh)] if self.has("mesh/held") else None
        noise = float(self.attributes.get("noise", 0.0))
        return vortices(mesh, *self._at_vertices(self.times(t)), held=held, noise=noise)

    def windings(self, t: float | str) -> NDArray[np.intp]:
        """Winding of the phase around each cell of a plane mesh at a time, (cells,)."""
        return windings(self.mesh, *self._at_vertices(self.times(t)))

    def fluxoid(self, t: float | str, boundary: str) -> int:
        """Flux quanta in the hole whose edge is the named boundary, at a time."""
        facets, (psi, A) = self.read(f"mesh/boundaries/{boundary}"), self._at_vertices(self.times(t))
        return fluxoid(self.mesh, psi, facets, A, self.attributes.get(RING))

    def _at_vertices(self, t: Any) -> tuple[Complex, Array | None]:
        """psi (vertices,) and A (dim, vertices), which come first among the nodes."""
        t = float(t)
        A, count = self.stored_vector_potential(t), vertices(self.mesh)
        return self._stored("psi", t)[:count], None if A is None else A[:, :count]

    def vorticity(self, t: float | str, current: str = TOTAL) -> Array:
        """curl of a current at a time, recovered at the nodes: (N,) in the plane, (3, N) in space; in j0/xi.

        `current`: "j", the whole of it, or "j_s", "j_int", "j_n".  Raises InputError in one dimension.
        """
        return curl(self.space, self._current(float(self.times(t)), current))

    def magnetic_moment(self, t: ArrayLike | None = None, current: str = TOTAL) -> Array:
        """m = (1/2) int x x j of a current at a time, or at each of some; None: of all stored frames.

        (1/2) int (x j_y - y j_x) in the plane, in j0 xi^3; a vector (3,) in space, in j0 xi^4.  x is measured from the
        middle of the mesh: where current enters and leaves, m depends on that.  Raises InputError in one dimension.
        """
        space = self._thick_space()
        return self._each(self.t if t is None else t, lambda time: moment(space, self._current(time, current)[None])[0])

    def _thick_space(self) -> Space:
        """The space whose integrals know of the thickness of regions."""
        return self.space

    def _current(self, t: float, name: str) -> Array:
        if name not in (TOTAL, *CURRENTS):
            raise InputError(f"no current {name!r}", key="current", allowed=", ".join((TOTAL, *CURRENTS)))
        if name != TOTAL:
            return self._stored(name, t)
        parts = [self._stored(part, t) for part in CURRENTS]
        return np.asarray(sum(parts))

    def last_psi(self) -> Complex:
        """Nodal psi of the last stored frame, nodes as they are stored."""
        return self.read("fields/psi", -1)

    @property
    def nodal_names(self) -> list[str]:
        """Names of the stored fields that have a value, or a vector, at every node."""
        names = [name for name in self.field_names if name not in NOT_NODAL]
        return [name for name in names if np.shape(self.read(f"fields/{name}", 0))[-1] == self.nodes.shape[1]]

    def to_pandas(self) -> Any:
        """The probes as a pandas.DataFrame over t, `attrs["units"]` with their units.

        Raises ImportError without pandas (extra "data").
        """
        return labelled.table(self.probes.copy(), labelled.probe_units(self.attributes))

    def to_xarray(self) -> Any:
        """Fields and probes as an xarray.Dataset, each with its unit in `attrs["units"]`.

        Fields are over `t` and `node` (in one dimension `x`), vectors over `component` too; probes over `t_probe`.
        Raises ImportError without xarray (extra "data").
        """
        fields = {name: self.field(name) for name in ("t", *self.nodal_names)}
        units, probes = labelled.FIELDS | {"x": "xi"}, labelled.probe_units(self.attributes)
        return labelled.dataset(self.nodes, fields, self.probes.copy(), units, probes, self.problem_text)
