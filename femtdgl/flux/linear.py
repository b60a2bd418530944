"""The phonon flux of a recorded run in the linear theory, (2.1).

In units of its prefactor (`spectral_prefactor` restores SI),

    dW/dw(t, x, w) = w^3 K(|psi|, w; T, gamma) d|psi|/dt.

It is a function of |psi| times d|psi|/dt.  So whatever happens between two stored times, the mean over the
interval is exactly

    w^3 [ G(|psi|(t_2), w) - G(|psi|(t_1), w) ]/(t_2 - t_1),      G(psi, w) = int_0^psi K(psi', w) dpsi',

and over a closed cycle it is zero at every x and w: a reversible exchange.  `linear_flux` gives either the
values at the stored times (with d|psi|/dt) or these exact means (without); the means lose nothing to the
output interval and are what a sum over a cycle should be made of.

Emitted and absorbed power need the sign at every x and w.  The sign of d|psi|/dt is common to all w, so

    H+-(psi) = int w^3 max(+-K, 0) dw

is all that is needed: emission is H+ |d|psi|/dt| where |psi| grows and H- |d|psi|/dt| where it falls,
absorption the other way round.  Both integrals over w are done once, in a table of |psi|.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from femtdgl.equations.phonon_quadrature import Array
from femtdgl.errors import InputError
from femtdgl.flux.panels import Panels
from femtdgl.flux.table import KernelTable, tabulate
from femtdgl.units import HBAR


class LinearFlux(NamedTuple):
    """dW/dw in units of the prefactor of (2.1): energies in Delta0, times in t0, lengths in xi."""

    t: Array  # (nt,), or the middles of the intervals, (nt - 1,), when means were asked for
    w: Array  # (nw,)
    filament: Array  # (nt, nw): integrated over x
    positions: Array  # (nt, npos, nw): per unit length
    table: KernelTable


def linear_flux(
    t: ArrayLike,
    x_weights: ArrayLike,
    psi_abs: Array,
    dpsi_abs_dt: Array | None,
    w: ArrayLike,
    T: float,
    gamma: float,
    kernel: str = "exact",
    chunk: int = 256,
    *,
    positions: ArrayLike = (),
    table: KernelTable | None = None,
) -> LinearFlux:
    """(2.1) dW/dw(t, w) of the whole filament and dW/dw(t, x, w) at chosen positions.

    t (nt,); x_weights (nx,) integrate over x; psi_abs and dpsi_abs_dt (nt, nx), or anything that slices like
    that (an HDF5 dataset); positions: indices into x.  Without dpsi_abs_dt (None) the exact means over the
    stored intervals, nt - 1 of them.  No more than `chunk` times are in memory at once.  `table` saves the
    tabulation when the same run is looked at again; it must hold the same w, T, gamma and kernel.
    Raises InputError for another
    table, other shapes, or times that do not rise.
    """
    t, x_weights = np.asarray(t, float), np.asarray(x_weights, float)
    places = np.asarray(positions, int)
    w = np.asarray(w, float)
    _check_shapes(t, x_weights, psi_abs, dpsi_abs_dt)
    table = table or tabulate(w, largest(psi_abs, chunk), T, gamma, kernel)
    if (table.T, table.gamma, table.kernel) != (T, gamma, kernel) or not np.array_equal(table.w, w):
        raise InputError("the kernel table was made for other w, T, gamma or kernel", key="table")
    means = dpsi_abs_dt is None
    rows = len(t) - 1 if means else len(t)
    filament = np.empty((rows, len(w)))
    local = np.empty((rows, len(places), len(w)))
    for first in range(0, rows, chunk):
        last = min(first + chunk, rows)
        if dpsi_abs_dt is None:
            psi = np.asarray(psi_abs[first : last + 1], float)
            step = np.diff(t[first : last + 1])[:, None]
            whole = _primitive_sum(table, psi, x_weights)
            filament[first:last] = np.diff(whole, axis=0) / step
            local[first:last] = np.diff(table.primitive(psi[:, places]), axis=0) / step[..., None]
        else:
            psi, rate = np.asarray(psi_abs[first:last], float), np.asarray(dpsi_abs_dt[first:last], float)
            filament[first:last] = table.collect(psi, rate * x_weights)
            local[first:last] = table.at(psi[:, places]) * rate[:, places, None]
    cube = w**3
    return LinearFlux((t[:-1] + t[1:]) / 2 if means else t, w, filament * cube, local * cube, table)


def resolved_flux(
    psi_abs: Array, dpsi_abs_dt: Array, table: KernelTable, chunk: int = 16
) -> Iterator[tuple[int, Array]]:
    """(2.1) dW/dw(t, x, w) in full, `chunk` times after the other: (first time, (<= chunk, nx, nw)).

    psi_abs, dpsi_abs_dt: |psi| and its rate, (nt, nx); table: the kernel, from `tabulate`.
    """
    for first in range(0, len(psi_abs), chunk):
        psi, rate = (np.asarray(field[first : first + chunk], float) for field in (psi_abs, dpsi_abs_dt))
        yield first, table.at(psi) * rate[..., None] * table.w**3


@dataclass(frozen=True)
class Exchange:
    """H+(psi) and H-(psi), the w-integrals of the two signs of w^3 K, and their antiderivatives."""

    psi: Array
    up: Array  # H+, in Delta0^5 with the prefactor of (2.1)
    down: Array  # H-

    def powers(self, psi_abs: Array, dpsi_abs_dt: Array) -> tuple[Array, Array]:
        """Emitted and absorbed power at each point: arguments and results of one shape."""
        up, down = np.interp(psi_abs, self.psi, self.up), np.interp(psi_abs, self.psi, self.down)
        grow, fall = np.maximum(dpsi_abs_dt, 0), np.maximum(-dpsi_abs_dt, 0)
        return grow * up + fall * down, grow * down + fall * up

    def energies(self, psi_abs: Array) -> tuple[Array, Array]:
        """Emitted and absorbed energy of each stored interval, exact where |psi| is monotone in it.

        psi_abs (nt, nx); results (nt - 1, nx).
        """
        up, down = (np.diff(np.interp(psi_abs, self.psi, _cumulated(self.psi, h)), axis=0) for h in self)
        rising = np.diff(psi_abs, axis=0) >= 0
        return np.where(rising, up, -down), np.where(rising, down, -up)

    def net(self, psi_abs: Array) -> Array:
        """H+ - H- at each |psi|."""
        return np.interp(psi_abs, self.psi, self.up - self.down)

    def __iter__(self) -> Iterator[Array]:
        return iter((self.up, self.down))


def exchange(
    psi_max: float, T: float, gamma: float, kernel: str = "exact", *, refinement: int = 12, escape: float = 0.0
) -> Exchange:
    """H+- for 0 <= psi <= psi_max: Gauss panels in w up to 2 psi_max + 32 T, then the signs on a finer grid.

    Panels are narrower than 2 gamma around the step w = 2 psi, down to 1/40 of psi_max.  `escape`: see `tabulate`;
    `kernel` as for `phonon_kernel`; `refinement`: points of the finer grid for one of the coarse.
    """
    width = max(min(2 * gamma, 0.3 * psi_max), psi_max / 40)
    low = np.linspace(0, 2 * psi_max + 2 * width, int(np.ceil(2 * psi_max / width)) + 3)
    high = np.geomspace(low[-1], low[-1] + 32 * T, int(np.ceil(3 * np.log2(1 + 32 * T / low[-1]))) + 2)
    grid = Panels(np.concatenate([low, high[1:]]), 8)
    table = tabulate(grid.nodes, psi_max, T, gamma, kernel, tolerance=5e-6, escape=escape)
    fine = Panels(_subdivided(grid.edges, refinement), 4)
    psi = np.unique(_subdivided(table.panels.edges, 120 if len(table.panels.edges) < 20 else 12))
    up, down = np.empty(len(psi)), np.empty(len(psi))
    for first in range(0, len(psi), 64):
        coarse = table.at(psi[first : first + 64]) * grid.nodes**3
        density = grid.gather(fine.nodes, coarse.T)
        up[first : first + 64] = fine.weights @ np.maximum(density, 0)
        down[first : first + 64] = fine.weights @ np.maximum(-density, 0)
    return Exchange(psi, up, down)


def spectral_prefactor(
    *,
    coupling: float,
    tau_eps: float,
    volume: float,
    sound_speed: float,
    temperature: float,
    debye_over_fermi: float,
    gap: float,
    time: float,
) -> float:
    """(2.1) in SI: dW/dE (1/s) = this x w^3 K d|psi|/dt, with w, K in Delta0 and t in t0; one phonon branch.

    coupling lambda, tau_eps in s, volume in m^3 (cross-section times xi for a flux per xi), sound_speed in
    m/s, temperature as kB T in J, hbar omega_D/eps_F, gap Delta0 in J, time t0 in s.
    """
    named = {"coupling": coupling, "tau_eps": tau_eps, "volume": volume, "sound_speed": sound_speed}
    named |= {"temperature": temperature, "debye_over_fermi": debye_over_fermi, "gap": gap, "time": time}
    for name, value in named.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"{value!r} is not possible", key=name, allowed="a positive number, in SI units")
    quanta = coupling * tau_eps * volume / (2 * np.pi * HBAR**4 * sound_speed**3 * temperature)
    return float(quanta * debye_over_fermi * gap**5 / time)


def largest(psi_abs: Array, chunk: int = 256) -> float:
    """max |psi| of a field that is read in chunks, at least 1e-6."""
    parts = (np.max(psi_abs[first : first + chunk]) for first in range(0, len(psi_abs), chunk))
    return float(max(max(parts), 1e-6))


def _primitive_sum(table: KernelTable, psi: Array, x_weights: Array) -> Array:
    """sum_x weight G(|psi|, w), (nt, nw), without an (nt, nx, nw) array."""
    panels, count = table.panels, len(table.panels.edges) - 1
    panel, basis = panels.primitive_basis(psi)
    row = np.arange(len(psi))[:, None]
    inside = (row * panels.size + panel * panels.order)[..., None] + np.arange(panels.order)
    own = np.bincount(inside.ravel(), (basis * x_weights[:, None]).ravel(), minlength=len(psi) * panels.size)
    # a point counts the whole of every panel to its left
    spread = np.broadcast_to(x_weights, psi.shape).ravel()
    counted = np.bincount((row * count + panel).ravel(), spread, minlength=len(psi) * count)
    ends: Array = np.asarray(counted, np.float64).reshape(len(psi), count)
    passed = np.cumsum(ends[:, ::-1], axis=1)[:, ::-1] - ends
    whole = passed[..., None] * panels.weights.reshape(count, panels.order)
    return (np.asarray(own, np.float64) + whole.ravel()).reshape(len(psi), panels.size) @ table.values


def _cumulated(x: Array, y: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])


def _subdivided(edges: Array, parts: int) -> Array:
    inner = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(parts) / parts)
    return np.append(inner.ravel(), edges[-1])


def _check_shapes(t: Array, x_weights: Array, psi_abs: Array, dpsi_abs_dt: Array | None) -> None:
    expected = (len(t), len(x_weights))
    for name, field in (("psi_abs", psi_abs), ("dpsi_abs_dt", dpsi_abs_dt)):
        if field is not None and tuple(field.shape) != expected:
            raise InputError(f"the shape is {tuple(field.shape)}", key=name, allowed=f"{expected} = (times, x)")
    if len(t) < 2 or not np.all(np.diff(t) > 0):
        raise InputError("the times do not rise", key="t", allowed="at least two rising times")
