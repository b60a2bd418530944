"""One stored field of a run as numbers to draw: its values, what they are called, and the colours for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.input.nearest import nearest

Array = NDArray[np.float64]

NO_FIELDS = ("t", "psi_t", "B")
LABELS = {
    "psi": r"$|\psi|/\Delta_0$",
    "phase": r"arg $\psi$ (rad)",
    "phi": r"$\varphi/V_0$",
    "j_s": "$j_s/j_0$",
    "j_n": "$j_n/j_0$",
    "j_int": "$j_{int}/j_0$",
    "w": r"$w$ ($j_0 V_0/\xi$)",
    "T": "$T/T_c$",
    "T_e": "$T_e/T_c$",
    "T_p": "$T_p/T_c$",
}
MAPS = {"psi": "magma", "phase": "twilight", "T": "inferno", "T_e": "inferno", "T_p": "inferno", "w": "magma"}
SIGNED, POSITIVE = "RdBu_r", "viridis"
"""Colours of fields that are not in MAPS: those of either sign, and those of one."""


def known(result: Result) -> list[str]:
    """Names of what can be drawn of a run: psi (its size), phase, and the other fields at its nodes."""
    if "psi" not in result.field_names:
        return []
    count = result.nodes.shape[1]
    others = [name for name in result.field_names if name not in (*NO_FIELDS, "psi")]
    return ["psi", "phase", *(name for name in others if np.shape(result.read(f"fields/{name}", 0))[-1] == count)]


def require(result: Result, name: str) -> None:
    """Raises InputError, with what there is, for a field that the run has not."""
    names = known(result)
    if name not in names:
        words = f"{name!r} is no stored field{nearest(name, names)}"
        raise InputError(words, key="--of", file=str(result.directory), allowed=", ".join(names))


def stored(name: str) -> str:
    """The stored field behind a name."""
    return "psi" if name == "phase" else name


def size(name: str, values: Any) -> Array:
    """What is drawn of a field (..., N) or (..., dim, N), shape (..., N).

    |psi|, arg psi, the length of a vector, along a line its component, and scalars as they are.
    """
    values = np.asarray(values)
    if name == "phase":
        return np.angle(values)
    return np.abs(values) if np.iscomplexobj(values) else values


def length(values: Any, dim: int) -> Array:
    """The length of a vector (..., dim, N), with its sign along a line; (..., N)."""
    values = np.asarray(values, dtype=np.float64)
    return values[..., 0, :] if dim == 1 else np.linalg.norm(values, axis=-2)


def is_vector(result: Result, name: str) -> bool:
    """Whether a field has components."""
    return np.ndim(result.read(f"fields/{stored(name)}", 0)) == 2


def values(result: Result, name: str, rows: Any) -> Array:
    """What is drawn of a field at a stored frame, or at a slice of them: (N,) or (frames, N)."""
    read = result.read(f"fields/{stored(name)}", rows)
    return length(read, result.nodes.shape[0]) if is_vector(result, name) else size(name, read)


def label(result: Result, name: str) -> str:
    """What its axis is called."""
    if is_vector(result, name) and result.nodes.shape[0] > 1:
        return rf"$|{LABELS.get(name, name).strip('$').replace('/', '|/', 1)}$" if name in LABELS else f"|{name}|"
    return LABELS.get(name, name)


def span(result: Result, name: str, rows: Any) -> tuple[float, float]:
    """Ends of its colours over some stored frames: the phase whole, what has one sign from zero, else its extremes."""
    if name == "phase":
        return -np.pi, np.pi
    found = [(part.min(), part.max()) for part in (values(result, name, int(row)) for row in rows)]
    return ends(name, float(min(low for low, _ in found)), float(max(high for _, high in found)))


def ends(name: str, low: float, high: float) -> tuple[float, float]:
    """Ends of the colours of a field that lies between low and high."""
    if name == "phase":
        return -np.pi, np.pi
    if MAPS.get(name) != "inferno":  # a temperature is never near zero
        low = min(low, 0.0)
        high = max(high, 0.0)
    return low, high if high > low else low + 1e-9 * max(1.0, abs(low))


def style(name: str, low: float, high: float) -> dict[str, Any]:
    """Keywords of a map: colours from zero up for what has one sign, about zero for what has both."""
    if name in MAPS and not (name == "w" and low < 0):
        return {"cmap": MAPS[name], "vmin": low, "vmax": high}
    if low < 0 < high:
        most = max(-low, high)
        return {"cmap": SIGNED, "vmin": -most, "vmax": most}
    return {"cmap": POSITIVE if high > 0 else f"{POSITIVE}_r", "vmin": low, "vmax": high}
