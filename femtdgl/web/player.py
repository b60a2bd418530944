"""Fields over the time of a run for a page: what its slider shows, as numbers along a line or as small pictures.

Bodies in space are shown on the plane through their middle, normal to y (`figures.volume` cuts them there too).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from femtdgl.figures import fields as plane
from femtdgl.figures.quantity import LABELS, known, label, values
from femtdgl.files.reader import Result
from femtdgl.units import told
from femtdgl.web.colours import colours, picture
from femtdgl.web.grid import Cut
from femtdgl.web.html import Markup, json_in_page
from femtdgl.web.maths import plain

Array = NDArray[np.float64]

SHOWN = ("psi", "phase", "T", "T_e", "T_p", "phi", "j_s", "j_n", "j_int", "w")
"""Fields that a page shows where they are stored, in this order."""
POINTS, PROFILES = 161, 370
"""Of a field along a line: points and frames, at most."""
PICTURES, BYTES = 80, 400_000
"""Of a field in the plane: pictures, and how much they may weigh together, at most."""
ALONG, PIXELS = 600, 30_000
"""Of a picture: pixels along a side and in all, at most."""
FEW = 400
"""Points of the voltage, at most."""


def player(result: Result) -> Markup | None:
    """A slider over the stored frames and what it moves; None where nothing is stored that could be shown."""
    names = [name for name in SHOWN if name in known(result)]
    if not names or not result.t.size:
        return None
    dim = result.nodes.shape[0]
    frames = _evenly(result.t.size, PROFILES if dim == 1 else PICTURES)
    data = _along_line(result, names, frames) if dim == 1 else _in_plane(result, names, frames)
    choices = "".join(f"<option>{escape(plain(each['label']))}</option>" for each in data["fields"])
    for each in data["fields"]:
        each["label"] = plain(each["label"])
    return Markup(
        '<div class="player"><div class="controls"><select aria-label="field">'
        f'{choices}</select><button type="button">Play</button>'
        '<input type="range" min="0" max="0" value="0" aria-label="time"><output></output></div>'
        f'<div class="drawing"></div><script type="application/json">{json_in_page(data)}</script></div>'
    )


def _evenly(count: int, most: int) -> slice:
    """Rows, evenly spaced, the last among them."""
    step = -(-count // most)
    return slice((count - 1) % step, count, step)


def _shared(result: Result, rows: slice | list[int]) -> dict[str, Any]:
    """Times of the frames, in words too, and the voltage."""
    t, scales = result.t[rows], result.summary.get("scales")
    seconds = None if scales is None else scales["time"]
    words = [f"t = {each:.2f} t0" + ("" if seconds is None else f" ({told(each * seconds, 's')})") for each in t]
    data: dict[str, Any] = {"t": t.tolist(), "times": words, "tlabel": "t/t₀"}
    if "voltage" in result.probes:
        time, V = (np.asarray(result.probes[name], float) for name in ("t", "voltage"))
        if scales is not None:
            V, data["voltage"] = V * scales["potential"] * 1e6, {"label": "V (µV)"}
        time, V = _enveloped(time, V)
        inside = (time >= t[0]) & (time <= t[-1]) & np.isfinite(V)
        if inside.sum() > 1:
            kept = {"t": _short(time[inside]), "v": _short(V[inside])}
            data["voltage"] = {"label": "V/V₀"} | data.get("voltage", {}) | kept
        else:
            data.pop("voltage", None)
    return data


def _enveloped(t: Array, V: Array) -> tuple[Array, Array]:
    """A series in few points that keeps its peaks: the least and the largest of each stretch."""
    if t.size <= FEW:
        return t, V
    edges = np.linspace(0, t.size, FEW // 2 + 1).astype(int)
    kept = [
        start + k
        for start, stop in pairwise(edges)
        for k in sorted({int(np.argmin(V[start:stop])), int(np.argmax(V[start:stop]))})
    ]
    return t[kept], V[kept]


def _short(values: Array) -> list[float]:
    """Numbers in as many digits as are seen."""
    return [float(f"{value:.5g}") for value in values]


def _field(result: Result, name: str, drawn: Array) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    """What is told of a field whose values (frames, N) are shown, and its colours."""
    low, high, rgb = colours(name, float(drawn.min()), float(drawn.max()))
    palette = base64.b64encode(rgb.tobytes()).decode()
    words = label(result, name) if name in LABELS else name
    return {"name": name, "label": words, "low": float(low), "high": float(high), "palette": palette}, rgb


def _along_line(result: Result, names: list[str], rows: slice) -> dict[str, Any]:
    """Numbers of the fields, in steps of 1/65535 of their range."""
    order = np.argsort(result.stored_nodes[0], kind="stable")
    nodes = result.stored_nodes[0][order]
    x = np.linspace(nodes[0], nodes[-1], min(POINTS, nodes.size))
    slips: list[list[float]] = []
    if result.has("slips/t"):
        slips = np.column_stack([result.read("slips/t"), result.read("slips/x")[:, 0]]).round(5).tolist()
    fields = []
    for name in names:
        nodal = values(result, name, rows)[:, order]
        field, _ = _field(result, name, nodal)
        drawn = np.array([_between(x, nodes, each, name) for each in nodal])
        share = (drawn - field["low"]) / (field["high"] - field["low"])
        steps = np.round(65535 * np.clip(np.nan_to_num(share), 0, 1)).astype("<u2")
        fields.append({**field, "values": base64.b64encode(steps.tobytes()).decode()})
    first, last = float(result.t[rows][0]), float(result.t[-1])
    inside = [slip for slip in slips if first <= slip[0] <= last]
    return {**_shared(result, rows), "x": _short(x), "xlabel": "x/ξ", "slips": inside, "fields": fields}


def _between(x: Array, nodes: Array, drawn: Array, name: str) -> Array:
    """Nodal values at points between the nodes; of the phase those of the nearest node, since a mean means nothing."""
    if name != "phase":
        return np.interp(x, nodes, drawn)
    after = np.clip(np.searchsorted(nodes, x), 1, nodes.size - 1)
    nearer = np.where(x - nodes[after - 1] <= nodes[after] - x, after - 1, after)
    return np.asarray(drawn[nearer])


def _in_plane(result: Result, names: list[str], rows: slice) -> dict[str, Any]:
    """Pictures of the fields by points on a grid over the mesh, or over the plane in the middle of a body."""
    flat = result.nodes.shape[0] == 2
    made = _of_plane(result) if flat else _of_body(result)
    every = range(result.t.size)[rows]
    fields: list[tuple[dict[str, Any], dict[int, str]]] = []
    kept = list(every)
    for name in names:
        field, rgb = _field(result, name, values(result, name, rows))
        drawn = made.sampled(name, rows)
        pictures = {
            row: picture(each, field["low"], field["high"], rgb) for row, each in zip(every, drawn, strict=True)
        }
        fields.append((field, pictures))
        weight = sum(len(pictures[row]) for row in kept)
        if weight > BYTES and len(kept) > 2:  # fewer frames, of all fields
            kept = kept[_evenly(len(kept), max(2, int(len(kept) * BYTES / weight)))]
    shown = [{**field, "frames": [pictures[row] for row in kept]} for field, pictures in fields]
    vortices = [_vortices(result, float(result.t[row])) for row in kept] if flat else []
    labels = ["x/ξ", "y/ξ" if flat else "z/ξ"]
    return {**_shared(result, kept), "extent": made.extent, "labels": labels, "vortices": vortices, "fields": shown}


class _Sampled(NamedTuple):
    """How pictures are made of fields: what is drawn (frames, rows, columns), the top row first, NaN outside the mesh,
    by name and rows of the file; ends of the picture across and up.
    """

    sampled: Callable[[str, slice], Array]
    extent: list[float]


def _of_plane(result: Result) -> _Sampled:
    """Linear in the triangles of the mesh, as figures draw it."""
    tri = plane.triangulation(result)
    grid = plane.pixels(tri, ALONG, PIXELS)
    corners = tri.triangles[grid.cells]

    def sampled(name: str, rows: slice) -> Array:
        if name == "phase":
            found = np.stack([plane.phases(result, tri, t, grid) for t in result.t[rows]])
        else:
            nodal = values(result, name, rows)
            found = np.full((len(nodal), *grid.inside.shape), np.nan)
            found[:, grid.inside] = np.sum(grid.shares * nodal[:, corners], axis=2)
        return found[:, ::-1]

    return _Sampled(sampled, list(grid.extent))


def _of_body(result: Result) -> _Sampled:
    """On the plane through the middle of a body."""
    cut = Cut(result, ALONG, PIXELS)

    def sampled(name: str, rows: slice) -> Array:
        if name == "phase":
            psi = result.field("psi", rows=rows)
            return np.stack([np.arctan2(cut(each.imag), cut(each.real)) for each in psi])
        return np.stack([cut(each) for each in values(result, name, rows)])

    return _Sampled(sampled, cut.extent)


def _vortices(result: Result, t: float) -> list[list[float]]:
    """Places and windings."""
    found = result.vortices(t)
    return [[*_short(x), int(winding)] for x, winding in zip(found.x, found.winding, strict=True)]
