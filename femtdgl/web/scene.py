"""What the interactive view shows of a run, also while it goes on: fields on a body, cuts, maps, vortices.

All of it is made without a window and without OpenGL: the browser draws.
"""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.figures import fields as plane
from femtdgl.figures.quantity import LABELS, known, label, values
from femtdgl.files.reader import Result
from femtdgl.web.chart import Chart, bar, widened
from femtdgl.web.colours import colours, picture
from femtdgl.web.grid import grid_of
from femtdgl.web.maths import plain

Array = NDArray[np.float64]

SAMPLED = 40
"""Stored frames from which the ends of the colours of a field are taken."""
COLUMNS = 500
"""Of a map in x and t, at most."""
ALONG = 201
"""Points of a cut."""
RING = 24
"""Points of the ring around a vortex."""
HALF = 1e-3
"""Of the diagonal: how far marks lie above a plane."""


class Ends(NamedTuple):
    """Colours of a field: the numbers at their ends, and the colours (256, 3)."""

    low: float
    high: float
    rgb: NDArray[np.uint8]


class Scene:
    """The fields of a stored run, or of one that goes on.  Raises InputError where nothing is stored to look at."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.names = known(result)
        if not self.names or not result.t.size:
            raise InputError("holds no fields to look at", file=str(result.file), allowed="a run with [output] fields")
        self.dim = int(result.nodes.shape[0])
        self._ends: dict[str, tuple[int, Ends]] = {}

    @property
    def t(self) -> Array:
        """Times of the stored frames."""
        return self.result.t

    def label(self, name: str) -> str:
        """What a field is called."""
        return plain(label(self.result, name) if name in LABELS else name)

    def renewed(self) -> bool:
        """Look at the file again; whether there are more frames than before."""
        now = Result(self.result.file)
        if now.t.size == self.t.size:
            return False
        self.result = now
        return True

    def ends(self, name: str) -> Ends:
        """The colours of a field, the same for all frames that there are."""
        count = self.t.size
        if name not in self._ends or self._ends[name][0] != count:
            rows = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
            drawn = [values(self.result, name, int(row)) for row in rows]
            low, high = (float(end) for end in (min(d.min() for d in drawn), max(d.max() for d in drawn)))
            self._ends[name] = count, Ends(*colours(name, low, high))
        return self._ends[name][1]

    # ---- on the body ----------------------------------------------------------------------------------------------

    @cached_property
    def _pyvista(self) -> Any:
        return importlib.import_module("pyvista")

    @cached_property
    def _grid(self) -> Any:
        return grid_of(self.result)

    @cached_property
    def _triangles(self) -> Any:
        """The plane as triangles through all nodes."""
        tri = plane.triangulation(self.result)
        cells = np.column_stack([np.full(len(tri.triangles), 3), tri.triangles]).ravel()
        return self._pyvista.PolyData(self._grid.points.copy(), faces=cells)

    def body(self, name: str, row: int) -> Any:
        """The plane, or the half of a body behind its middle, as pyvista.PolyData with colours "rgb" at its points."""
        nodal = self._parts(name, row)
        if self.dim == 2:
            made = self._triangles.copy()
            drawn = _whole(nodal)
        else:
            for key, part in nodal.items():
                self._grid.point_data[key] = part
            half = self._grid.clip(normal="y", origin=self._grid.center, invert=False)
            made = half.extract_surface(algorithm="dataset_surface").triangulate()
            drawn = _whole({key: np.asarray(made.point_data[key]) for key in nodal})
            made.clear_data()
        low, high, rgb = self.ends(name)
        share = np.clip((drawn - low) / ((high - low) or 1.0), 0, 1)
        made.point_data["rgb"] = rgb[np.round(255 * np.nan_to_num(share)).astype(int)]
        return made

    def _parts(self, name: str, row: int) -> dict[str, Array]:
        """Nodal values that may be interpolated: of the phase those of psi."""
        if name != "phase":
            return {"value": values(self.result, name, row)}
        psi = self.result.read("fields/psi", row)
        return {"re": psi.real.copy(), "im": psi.imag.copy()}

    def vortices(self, row: int, sign: int) -> Any:
        """Rings around the vortices of one sign in a plane, as pyvista.PolyData; a point in the middle for none."""
        grid = self._grid
        found = self.result.vortices(float(self.t[row])) if self.dim == 2 else None
        places = np.empty((0, 2)) if found is None else found.x[np.sign(found.winding) == sign].reshape(-1, 2)
        if not len(places):
            return self._pyvista.PolyData(np.array([grid.center]))
        size, angle = 0.012 * grid.length, np.linspace(0, 2 * np.pi, RING, endpoint=False)
        way = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
        centres = np.column_stack([places, np.full(len(places), HALF * grid.length)])
        inner, outer = (centres[:, None] + k * size * way for k in (0.7, 1.0))
        points = np.concatenate([inner.reshape(-1, 3), outer.reshape(-1, 3)])
        at = np.arange(len(places) * RING).reshape(-1, RING)
        after = np.roll(at, -1, axis=1)
        quads = np.stack([at, after, after + at.size, at + at.size], axis=-1).reshape(-1, 4)
        return self._pyvista.PolyData(points, faces=np.column_stack([np.full(len(quads), 4), quads]).ravel())

    def line(self, p: Array, q: Array) -> Any:
        """The line of a cut, as pyvista.PolyData; above a plane, so that it is seen."""
        raised = np.array([0, 0, HALF * self._grid.length]) if self.dim == 2 else 0.0
        return self._pyvista.Line(_in_space(p) + raised, _in_space(q) + raised)

    # ---- plots ----------------------------------------------------------------------------------------------------

    @property
    def middle(self) -> tuple[Array, Array]:
        """Ends of a line through the middle, along x."""
        low, high = self.result.nodes.min(axis=1), self.result.nodes.max(axis=1)
        p, q = 0.5 * (low + high), 0.5 * (low + high)
        p[0], q[0] = low[0], high[0]
        return p, q

    def cut(self, name: str, row: int, p: Array, q: Array) -> Chart:
        """A field along the straight line from p to q."""
        if self.dim == 1:
            order = np.argsort(self.result.stored_nodes[0], kind="stable")
            way, drawn = self.result.nodes[0], values(self.result, name, row)[order]
        else:
            way, drawn = self._sampled(name, row, p, q)
        low, high, _ = self.ends(name)
        chart = Chart(
            (float(way[0]), float(way[-1])), widened(np.array([low, high])),
            ("x/ξ" if self.dim == 1 else "way along the cut / ξ", self.label(name)), 150, "cut",
        )  # fmt: skip
        return chart.curve(way, drawn)

    def _sampled(self, name: str, row: int, p: Array, q: Array) -> tuple[Array, Array]:
        share = np.linspace(0, 1, ALONG)[:, None]
        points = self._pyvista.PolyData((1 - share) * _in_space(p) + share * _in_space(q))
        nodal = self._parts(name, row)
        for key, part in nodal.items():
            self._grid.point_data[key] = part
        found = points.sample(self._grid)
        drawn = _whole({key: np.asarray(found.point_data[key], float) for key in nodal})
        drawn = np.where(found.point_data["vtkValidPointMask"] > 0, drawn, np.nan)
        return share[:, 0] * float(np.linalg.norm(q - p)), drawn

    def map(self, name: str, row: int) -> Chart:
        """A field along a line over the time of the run, in colours."""
        count = self.t.size
        step = -(-count // COLUMNS)
        rows = slice((count - 1) % step, count, step)
        order = np.argsort(self.result.stored_nodes[0], kind="stable")
        x = np.linspace(self.result.nodes[0, 0], self.result.nodes[0, -1], min(order.size, ALONG))
        nearest = np.clip(np.searchsorted(self.result.nodes[0], x), 0, order.size - 1)
        drawn = values(self.result, name, rows)[:, order][:, nearest]
        ends, t = self.ends(name), self.t[rows]
        chart = Chart((float(t[0]), float(t[-1])), (float(x[0]), float(x[-1])), ("t/t₀", "x/ξ"), 240, "map")
        chart.picture(picture(drawn.T[::-1], *ends)).colours(ends.low, ends.high, ends.rgb[::8])
        return chart.upright(float(self.t[row]))

    def bar(self, name: str) -> str:
        """The colours of a field and their numbers, as SVG."""
        low, high, rgb = self.ends(name)
        return bar(320, low, high, rgb[::8])

    def voltage(self, row: int) -> Chart | None:
        """The voltage so far, and where the picture stands; None without one."""
        probes = self.result.probes
        if "voltage" not in probes:
            return None
        t, V = np.asarray(probes["t"]), np.asarray(probes["voltage"], float)
        step = max(1, t.size // 1500)
        chart = Chart((float(t[0]), float(t[-1])), widened(V), ("t/t₀", "V/V₀"), 100, "voltage")
        return chart.curve(t[::step], V[::step]).upright(float(self.t[row]))


def _whole(parts: dict[str, Array]) -> Array:
    """What is drawn of parts that were interpolated."""
    return np.arctan2(parts["im"], parts["re"]) if "im" in parts else parts["value"]


def _in_space(point: Array) -> Array:
    return np.concatenate([point, np.zeros(3 - point.size)])
