"""Single plots into Axes of one's own: order parameter, currents, voltage, and a quantity in the plane of x and t.

Every function returns the Axes; without any it makes a figure with the backend that is in use.  What is drawn has the
numbers that the axes tell, in SI (with a prefix) or reduced (`figures.units`), so that more can be drawn beside it.
"""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from femtdgl.errors import InputError
from femtdgl.figures.units import axis, in_units, said
from femtdgl.files.reader import Result

LABELS = {
    "|psi|": r"$|\psi|/\Delta_0$",
    "|psi|^2": r"$|\psi|^2/\Delta_0^2$",
    "arg psi": r"arg $\psi$ (rad)",
    "phi": r"$\phi/V_0$",
    "w": r"$w$ ($j_0 V_0/\xi$)",
    "T": "$T/T_c$",
    "T_e": "$T_e/T_c$",
    "T_p": "$T_p/T_c$",
}
COLOURS: dict[str, dict[str, Any]] = {
    "|psi|": {"cmap": "magma", "vmin": 0},
    "|psi|^2": {"cmap": "magma", "vmin": 0},
    "arg psi": {"cmap": "twilight", "vmin": -np.pi, "vmax": np.pi},
}
X, Y, T, V, S = r"$x/\xi$", r"$y/\xi$", "$t/t_0$", "$V/V_0$", r"$s/\xi$"
CURRENTS = {"j_s": r"$j_s/j_0$", "j_int": r"$j_{int}/j_0$", "j_n": r"$j_n/j_0$"}


def _fields() -> Any:
    """What draws in the plane.  Its module asks for a backend without windows, with which a notebook shows nothing."""
    in_use = matplotlib.rcParams["backend"]
    from femtdgl.figures import fields

    if matplotlib.rcParams["backend"] != in_use:
        matplotlib.use(in_use)
    return fields


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(layout="constrained")[1] if ax is None else ax


def _plane(result: Result) -> None:
    """Raises InputError in space."""
    if result.nodes.shape[0] == 3:
        raise InputError("is a body in space", file=str(result.file), allowed="`at` and `line`, or ParaView's pictures")


def _drawn(ax: Axes, result: Result) -> tuple[Any, float]:
    """The triangles of a plane in the lengths of its picture, and what lengths in xi are multiplied with for them."""
    from matplotlib.tri import Triangulation

    tri = _fields().triangulation(result)
    factor, _ = axis(result, X, np.ptp(np.stack([tri.x, tri.y]), axis=1))
    return Triangulation(tri.x * factor, tri.y * factor, tri.triangles), factor


def _finish(ax: Axes, result: Result, image: Any, label: str) -> None:
    """Labels of a map of the plane, and its colours."""
    tri = result.nodes
    for name, words in ((X, "xlabel"), (Y, "ylabel")):
        ax.set(**{words: axis(result, name, np.ptp(tri, axis=1))[1]})
    bar = ax.figure.colorbar(image, ax=ax, label=label)
    in_units([bar.ax], result)


def order_parameter(result: Result, t: float | None = None, ax: Axes | None = None) -> Axes:
    """|psi| at a time; None: at the end.  In the plane that of the nearest stored frame, with its vortices."""
    _plane(result)
    ax, t = _axes(ax), float(result.t[-1] if t is None else t)
    if result.nodes.shape[0] == 1:
        factor, label = axis(result, X, result.nodes[0])
        ax.plot(factor * result.nodes[0], np.abs(result.psi(t)))
        ax.set(xlabel=label, ylabel=LABELS["|psi|"], ylim=(0, None))
    else:
        fields = _fields()
        t = float(fields.stored_times(result, [t])[0])
        top = float(np.abs(result.field("psi", t)).max()) or 1.0
        tri, factor = _drawn(ax, result)
        image = fields.magnitude(ax, result, tri, t, top=top)
        fields.mark_vortices(ax, result, t, factor)
        _finish(ax, result, image, LABELS["|psi|"])
    ax.set_title(f"$t$ = {said(result, t, 't_0')}", loc="left")
    return ax


def currents(result: Result, t: float | None = None, ax: Axes | None = None, name: str = "j_s") -> Axes:
    """Current densities at a time; None: at the end.  In one dimension all, in the plane one, of the nearest frame."""
    _plane(result)
    ax, t = _axes(ax), float(result.t[-1] if t is None else t)
    if result.nodes.shape[0] == 1:
        found = {part: result.between_frames(part, t)[0] for part in CURRENTS}
        (by_x, x), (by_j, j) = axis(result, X, result.nodes[0]), axis(result, "$j/j_0$", [*found.values()])
        for part, label in CURRENTS.items():
            ax.plot(by_x * result.nodes[0], by_j * found[part], label=label.replace("/j_0", "") if by_j != 1 else label)
        ax.set(xlabel=x, ylabel=j)
        ax.legend()
    else:
        fields = _fields()
        t = float(fields.stored_times(result, [t])[0])
        top = float(np.linalg.norm(result.field(name, t), axis=0).max()) or 1.0
        image = fields.current(ax, result, _drawn(ax, result)[0], t, name=name, top=top)
        _finish(ax, result, image, CURRENTS.get(name, name))
    ax.set_title(f"$t$ = {said(result, t, 't_0')}", loc="left")
    return ax


def voltage(result: Result, ax: Axes | None = None) -> Axes:
    """The voltage against time."""
    ax, t, volts = _axes(ax), result.probes["t"], result.probes["voltage"]
    (by_t, times), (by_V, label) = axis(result, T, t), axis(result, V, volts)
    ax.plot(by_t * t, by_V * volts, color="C3")
    ax.set(xlabel=times, ylabel=label, xlim=(by_t * t[0], by_t * t[-1]) if t[-1] > t[0] else None)
    return ax


def space_time(result: Result, ax: Axes | None = None, name: str = "|psi|", *, p: ArrayLike | None = None,
               q: ArrayLike | None = None, n: int = 201) -> Axes:  # fmt: skip
    """A quantity in the plane of t and the way along a line from p to q (in one dimension x)."""
    ax = _axes(ax)
    t, s, x, values = result.space_time(p, q, n, name=name)
    if values.ndim == 3 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 2 or np.iscomplexobj(values):
        raise InputError(f"{name!r} is no single real number", key="name", allowed="|psi|, arg psi, phi, w, T")
    flat = x.shape[1] == 1
    way = x[:, 0] if flat else s
    (by_t, times), (by_x, places) = axis(result, T, t), axis(result, X if flat else S, way)
    image = ax.pcolormesh(
        by_t * t, by_x * way, values.T, shading="nearest", rasterized=True, **COLOURS.get(name, {})
    )  # fmt: skip
    bar = ax.figure.colorbar(image, ax=ax, label=LABELS.get(name, CURRENTS.get(name, name)))
    in_units([bar.ax], result)
    ax.set(xlabel=times, ylabel=places)
    return ax
