"""The numbers of `summary.json` from the recorded series of a run.

The period comes from located slips, the mean voltage from the recorded potential; both over whole periods of the kept
part of the run.  Only so does V x period = 2 pi test anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PPoly

Array = NDArray[np.float64]

PERIODIC_SPREAD = 0.02
"""Relative spread of the intervals between slips up to which a run is called periodic."""
NORMAL_BELOW = 0.05
"""|psi| at the centre below which a filament is called normal."""
TRAIN_GAP = 0.5
"""Slips farther apart than this (in xi) belong to different phase-slip centres."""
WINDOWS = 5
RESTART = 0.05
"""A step shorter than this share of the one before is the first after a new start of the integrator, or the last before
it, cut short: without the latter a jump would reach the long step before it."""


class Series:
    """A recorded series with its integral over any part of its time: cubic splines through the steps.

    Where the integrator started anew, with its tiny first step, another spline begins: one through both sides would
    turn the slightest jump there into a large swing before it.
    """

    def __init__(self, t: Array, values: Array) -> None:
        keep = np.append(np.diff(t) > 1e-9, True)
        self.t, self.values = t[keep], values[keep]
        step = np.diff(self.t)
        starts = np.flatnonzero(step[1:] < RESTART * step[:-1]) + 1
        cuts = [0, *starts, self.t.size - 1] if self.t.size > 1 else []
        self._pieces = [_spline(self.t[a : b + 1], self.values[a : b + 1]) for a, b in pairwise(cuts)]

    def integral(self, start: float, stop: float) -> float:
        """Integral over [start, stop]."""
        total = 0.0
        for piece in self._pieces:
            a, b = max(start, piece.x[0]), min(stop, piece.x[-1])
            if a < b:
                total += float(piece.integrate(a, b))
        return total

    def running(self) -> Array:
        """Integral from the first time to each of the times."""
        total = np.zeros(self.t.size)
        for piece in self._pieces:
            inside = (self.t > piece.x[0]) & (self.t <= piece.x[-1])
            total[inside] += piece.antiderivative()(self.t[inside])
            total[self.t > piece.x[-1]] += float(piece.integrate(piece.x[0], piece.x[-1]))
        return total

    def mean(self, start: float, stop: float) -> float:
        """Mean over [start, stop]."""
        return self.integral(start, stop) / (stop - start)

    def at(self, *times: float) -> Array:
        """Values at these times, those before a jump."""
        t, values = np.asarray(times), np.full(len(times), self.values[0])
        for piece in self._pieces:
            here = (t > piece.x[0]) & (t <= piece.x[-1])
            values[here] = piece(t[here])
        return values

    def within(self, start: float, stop: float) -> Array:
        """Recorded values between two times; those at the two where there are none."""
        inside = (self.t >= start) & (self.t <= stop)
        return self.values[inside] if inside.any() else self.at(start, stop)


def _spline(t: Array, values: Array) -> PPoly:
    if t.size > 3:
        return CubicSpline(t, values)
    return PPoly(np.stack((np.diff(values) / np.diff(t), values[:-1])), t)


def trains(t: Array, x: Array) -> list[Array]:
    """Slip times of each phase-slip centre, the busiest first.   t: (slips,); x: (slips,) along the filament."""
    if t.size == 0:
        return []
    order = np.argsort(x, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(x[order]) > TRAIN_GAP) + 1)
    return sorted((np.sort(t[g]) for g in groups), key=len, reverse=True)


def kept_part(t: Array, start: float) -> tuple[float, float]:
    """Where the measured part of a record begins and ends: all of it, if it ends before `start`."""
    return (start, float(t[-1])) if start < t[-1] else (float(t[0]), float(t[-1]))


def measure(
    probes: Mapping[str, Array],
    slip_t: Array,
    slip_x: Array,
    start: float,
    *,
    area: float,
    delta: float,
    eta: float,
    u: float,
    josephson: str | None,
    imposed: bool = True,
    named: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The measured entries of the summary.

    probes: series by name with their times under "t"; slips as in `trains`; `start`: where the kept part begins;
    `area`: cross-section that the current flows through; `josephson`: the probe whose mean must be 2 pi x (slip rate),
    None where no such probe exists;  `imposed`: whether the work is V J area (else it is int j.E, as with a field or
    several terminals);  `named`: probes whose means over the kept part are reported.
    """
    t = np.asarray(probes["t"])
    start, end = kept_part(t, start)
    series = {name: Series(t, np.asarray(values)) for name, values in probes.items() if name != "t"}
    kept = slip_t >= start
    centres = trains(slip_t[kept], slip_x[kept])
    slips = int(kept.sum())
    intervals = np.diff(centres[0]) if centres else np.empty(0)
    spread = float(intervals.std() / intervals.mean()) if intervals.size > 1 else None

    psi = series["psi_center"].within(start, end)
    if psi.size and psi.max() < NORMAL_BELOW:
        state = "normal"
    elif slips == 0:
        state = "stationary"
    else:
        state = "periodic" if spread is not None and spread < PERIODIC_SPREAD else "irregular"

    first, last = (centres[0][0], centres[0][-1]) if intervals.size else (start, end)
    period = float(intervals.mean()) if intervals.size else None
    V = series["voltage"].mean(first, last)
    work = series["work"]
    power = Series(t, np.asarray(probes["voltage"]) * np.asarray(probes["current"]) * area) if imposed else work
    heat = series["dissipation"]
    joule = power.mean(first, last)
    negative = series["dissipation_negative"].integral(first, last)
    positive = heat.integral(first, last) - negative

    josephson_mismatch = energy_mismatch = None
    if period is not None and josephson is not None:
        counted = np.sum((slip_t > first) & (slip_t <= last))
        josephson_mismatch = abs(series[josephson].integral(first, last) / (2 * np.pi * counted) - 1)
    if period is not None and joule != 0:
        kept_back = 0.0
        if "condensation" in series:  # heated: the state need not come back to itself
            drift = float(np.diff(series["psi_energy"].at(first, last))[0]) / (last - first)
            kept_back = series["condensation"].mean(first, last) + drift
        energy_mismatch = abs((heat.mean(first, last) + kept_back) / joule - 1)
    edges = np.linspace(start, end, WINDOWS + 1)
    windows = [series["voltage"].mean(a, b) for a, b in pairwise(edges)]
    energy = ("psi_energy", 1.0) if "psi_energy" in series else ("free_energy", 0.5)
    stored = energy[1] * float(np.diff(series[energy[0]].at(start, end))[0])
    turned = Series(t, np.abs(np.asarray(probes["work"]))).integral(start, end)
    rest = stored + heat.integral(start, end) - work.integral(start, end)
    if "condensation" in series:
        rest += series["condensation"].integral(start, end)
    times = np.sort(slip_t[kept])
    summary = {
        "state": state,
        "mean_voltage": V if state in ("periodic", "stationary", "normal") else float(np.mean(windows)),
        "mean_voltage_kept": series["voltage"].mean(start, end),
        "mean_voltage_windows": windows,
        "mean_voltage_spread": float(np.std(windows)),
        "period": period,
        "period_spread": spread,
        "slips": slips,
        "slip_rate": (slips - 1) / float(times[-1] - times[0]) if slips > 1 else None,
        "slip_times": slip_t[kept].tolist(),
        "slip_positions": slip_x[kept].tolist(),
        "phase_slip_centres": len(centres),
        "josephson_mismatch": josephson_mismatch,
        "energy_mismatch": energy_mismatch,
        "energy_balance": abs(rest) / turned if turned > 0 else None,
        "mean_dissipation": heat.mean(first, last),
        "mean_joule": joule,
        "psi_center_max": float(psi.max()),
        "psi_center_min": float(psi.min()),
        "omega_tau_eps": None if period is None else 2 * np.pi / period * delta * np.sqrt(eta * u),
        "w_min": float(series["dissipation_min"].within(first, last).min()),
        "w_negative_share": float(-negative / positive) if positive > 0 else None,
        "measured_from": float(first),
        "measured_to": float(last),
    }
    for name in named:
        summary[f"mean_{name}"] = series[name].mean(start, end)
        summary[f"mean_{name}_windows"] = [series[name].mean(a, b) for a, b in pairwise(edges)]
    return {key: float(value) if isinstance(value, np.floating) else value for key, value in summary.items()}
