"""Single plots into Axes of one's own: order parameter, currents, voltage, and a quantity in the plane of x and t.

Every function returns the Axes; without any it makes a figure with the backend that is in use.
"""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from femtdgl.errors import InputError
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


def order_parameter(result: Result, t: float | None = None, ax: Axes | None = None) -> Axes:
    """|psi| at a time; None: at the end.  In the plane that of the nearest stored frame, with its vortices."""
    _plane(result)
    ax, t = _axes(ax), float(result.t[-1] if t is None else t)
    if result.nodes.shape[0] == 1:
        ax.plot(result.nodes[0], np.abs(result.psi(t)))
        ax.set(xlabel=r"$x/\xi$", ylabel=LABELS["|psi|"], ylim=(0, None))
    else:
        fields = _fields()
        t = float(fields.stored_times(result, [t])[0])
        top = float(np.abs(result.field("psi", t)).max()) or 1.0
        image = fields.magnitude(ax, result, fields.triangulation(result), t, top=top)
        fields.mark_vortices(ax, result, t)
        ax.figure.colorbar(image, ax=ax, label=LABELS["|psi|"])
    ax.set_title(f"$t$ = {t:.4g} $t_0$", loc="left")
    return ax


def currents(result: Result, t: float | None = None, ax: Axes | None = None, name: str = "j_s") -> Axes:
    """Current densities at a time; None: at the end.  In one dimension all, in the plane one, of the nearest frame."""
    _plane(result)
    ax, t = _axes(ax), float(result.t[-1] if t is None else t)
    if result.nodes.shape[0] == 1:
        for part, label in CURRENTS.items():
            ax.plot(result.nodes[0], result.between_frames(part, t)[0], label=label)
        ax.set(xlabel=r"$x/\xi$", ylabel=r"$j/j_0$")
        ax.legend()
    else:
        fields = _fields()
        t = float(fields.stored_times(result, [t])[0])
        top = float(np.linalg.norm(result.field(name, t), axis=0).max()) or 1.0
        image = fields.current(ax, result, fields.triangulation(result), t, name=name, top=top)
        ax.figure.colorbar(image, ax=ax, label=CURRENTS.get(name, name))
    ax.set_title(f"$t$ = {t:.4g} $t_0$", loc="left")
    return ax


def voltage(result: Result, ax: Axes | None = None) -> Axes:
    """The voltage against time."""
    ax, t = _axes(ax), result.probes["t"]
    ax.plot(t, result.probes["voltage"], color="C3")
    ax.set(xlabel=r"$t/t_0$", ylabel=r"$V/V_0$", xlim=(t[0], t[-1]) if t[-1] > t[0] else None)
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
    image = ax.pcolormesh(
        t, x[:, 0] if flat else s, values.T, shading="nearest", rasterized=True, **COLOURS.get(name, {})
    )
    ax.figure.colorbar(image, ax=ax, label=LABELS.get(name, CURRENTS.get(name, name)))
    ax.set(xlabel=r"$t/t_0$", ylabel=r"$x/\xi$" if flat else r"$s/\xi$")
    return ax
