"""The same problems beside what one would write with scipy: error against a refined run, and CPU seconds.

    OMP_NUM_THREADS=1 python benchmarks/peers.py [--until 60] [--json FILE]

A filament with a phase-slip centre (problems/psc_filament.toml) against finite differences and `solve_ivp` by BDF.  In
one dimension j is the same everywhere: E follows from it, and the equations become ordinary ones for psi and the phases
of the banks.  Heat by photons through an SNLink against `quad` within `quad`.  Prints a table, and JSON with --json.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad, solve_ivp
from scipy.interpolate import CubicSpline
from scipy.special import ellipe, ellipkm1

import femtdgl as fg
from femtdgl.thermal import SNLink
from femtdgl.units import HBAR, K_B

FILE = Path(__file__).parent.parent / "problems" / "psc_filament.toml"
LENGTH = 1.1
SETTLED = 20.0
RUNS = {"P1, 100": (1, 100, 1e-5), "P2, 100": (2, 100, 1e-7)}
REFINED = (2, 200, 1e-9)
GRIDS = ((100, 1e-4), (100, 1e-6), (200, 1e-6))
TEMPERATURES = ((0.3, 0.03), (0.35, 0.1), (0.39, 0.2))


def period(turns: NDArray[np.float64]) -> float:
    """Mean time in which the phase difference of the banks turns once, from the times at which it is 2 pi k."""
    kept = turns[turns > SETTLED]
    return float((kept[-1] - kept[0]) / (kept.size - 1))


def elements(order: int, count: int, rtol: float, until: float) -> dict[str, Any]:
    """Our run: its period from int V dt, steps and CPU seconds."""
    changes = {"mesh.order": order, "mesh.elements": count, "time.rtol": rtol, "time.t_end": until}
    run = fg.run(fg.load(FILE, {**changes, "output.fields": 0.5}))
    t, turned = (run.read(f"integrals/{name}") for name in ("t", "voltage"))
    keep = np.append(np.diff(t) > 1e-9, True)
    spline = CubicSpline(t[keep], turned[keep])
    turns = [spline.solve(2 * np.pi * k, extrapolate=False) for k in range(1, int(turned[-1] / (2 * np.pi)) + 1)]
    summary = run.summary
    return {"period": period(np.concatenate(turns)), "steps": summary["steps"], "cpu": summary["cpu_seconds"]}


def differences(cells: int, rtol: float, until: float) -> dict[str, Any]:
    """Finite differences on so many cells, by scipy's BDF."""
    problem = fg.load(FILE)
    film, current, h = problem.film, problem.drive.current, LENGTH / cells
    delta, u = film.delta, film.u
    c, rise = 2 * delta * np.sqrt(film.eta / u), 2 / np.pi * np.sqrt(film.eta * u) / delta  # as published

    def rate(t: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of Re psi, Im psi within and of the two phases, (2 cells, states)."""
        x = x.reshape(2 * cells, -1)
        inner, theta = x[: cells - 1] + 1j * x[cells - 1 : -2], x[-2:]
        psi = np.concatenate((np.exp(1j * theta[:1]), inner, np.exp(1j * theta[1:])))
        n = np.abs(psi) ** 2
        bent = (psi[2:] - 2 * inner + psi[:-2]) / h**2 + (1 - n[1:-1]) * inner
        nu = u / np.sqrt(1 + delta**2 * n[1:-1])
        n_t = np.zeros(n.shape)
        n_t[1:-1] = 2 * np.real(inner.conj() * bent) / (nu * (1 + delta**2 * n[1:-1]))
        q = np.imag(psi[:-1].conj() * psi[1:]) / h
        middle, middle_t = 0.5 * (n[1:] + n[:-1]), 0.5 * (n_t[1:] + n_t[:-1])
        k1 = 1 / (1 + delta**2 * middle)
        g = 1 + rise * (ellipkm1(k1) - ellipe(1 - k1)) / np.sqrt(k1)
        drop = h * (current(t) - q * (1 - c * middle_t / (middle + film.floor))) / g
        V = drop.sum(axis=0)
        phi = np.concatenate((0.5 * V[None], 0.5 * V - np.cumsum(drop, axis=0)))
        rates = bent / nu - 0.5 * delta**2 * inner * n_t[1:-1] - 1j * phi[1:-1] * inner
        return np.concatenate((rates.real, rates.imag, -phi[[0, -1]])).reshape(x.shape)

    def turned(t: float, x: NDArray[np.float64]) -> float:
        return float(np.sin(0.5 * (x[-1] - x[-2])))

    start = np.zeros(2 * cells)
    start[: cells - 1] = 1.0
    begun = time.process_time()
    run = solve_ivp(
        lambda t, x: rate(t, x).reshape(x.shape), (0, until), start, method="BDF", rtol=rtol, atol=rtol,
        vectorized=True, events=turned, max_step=0.5,
    )  # fmt: skip
    return {"period": period(run.t_events[0]), "steps": run.t.size - 1, "cpu": time.process_time() - begun}


def fermi(E: float, T: float) -> float:
    """Occupation at an energy, both in kelvin."""
    return 0.5 * (1 - np.tanh(0.5 * E / T))


def sigma(w: float, T: float, D: float) -> complex:
    """sigma1 - i sigma2 of Mattis and Bardeen over the normal one, by quad with the roots as weights.   In kelvin."""
    numerator = lambda E: E * (E + w) + D**2  # noqa: E731
    filled = lambda E: 1 - 2 * fermi(E + w, T)  # noqa: E731

    def root(smooth: Callable[[float], float], low: float, high: float, at: tuple[float, float]) -> float:
        return float(quad(smooth, low, high, weight="alg", wvar=at, epsrel=1e-9, limit=200)[0])

    def thermal(E: float) -> float:
        return numerator(E) * (fermi(E, T) - fermi(E + w, T)) / np.sqrt((E + D) * ((E + w) ** 2 - D**2))

    real = 2 * root(thermal, D, D + 40 * T, (-0.5, 0.0)) / w
    if w < 2 * D:
        imaginary = root(lambda E: numerator(E) * filled(E) / np.sqrt((D + E) * (E + w + D)), D - w, D, (-0.5, -0.5))
    else:
        real += root(lambda E: -numerator(E) * filled(E) / np.sqrt((D - E) * (E + w + D)), D - w, -D, (-0.5, -0.5)) / w
        imaginary = root(lambda E: numerator(E) * filled(E) / np.sqrt((E + w) ** 2 - D**2), -D, D, (-0.5, -0.5))
    return complex(real, -imaginary / w)


def nested(link: SNLink, T_a: float, T_b: float) -> float:
    """(6.1) in W by quad of what quad gives."""
    D = link.gap(T_a)

    def spectrum(w: float) -> float:
        source = link.R_D + link.R_0 / sigma(w, T_a, D)
        tau = 4 * source.real * link.R_D / abs(source + link.R_D) ** 2
        return w * tau * (1 / np.expm1(w / T_a) - 1 / np.expm1(w / T_b))

    edges = [1e-9 * T_a, *sorted({2 * D, 8 * T_b}), 45 * T_a]
    parts = [quad(spectrum, low, high, epsrel=1e-9, limit=200)[0] for low, high in pairwise(edges)]
    return K_B**2 / (2 * np.pi * HBAR) * float(sum(parts))


def filaments(until: float) -> dict[str, Any]:
    """Errors of the period and CPU seconds of all runs."""
    refined = elements(*REFINED, until)
    report = {name: elements(*case, until) for name, case in RUNS.items()}
    for cells, rtol in GRIDS:
        report[f"scipy BDF, {cells} cells, rtol {rtol:g}"] = differences(cells, rtol, until)
    for run in report.values():
        run["error"] = abs(run["period"] / refined["period"] - 1)
    return {"refined": refined, **report}


def links() -> dict[str, Any]:
    """Relative difference and CPU seconds a power, each of a new source temperature."""
    link, report = SNLink(R_D=1.0, R_0=36.0, Tc=0.4), {}
    for T_a, T_b in TEMPERATURES:
        begun = time.process_time()
        ours, *_ = (link.power(T_a + 1e-9 * k, T_b) for k in range(20))
        middle = time.process_time()
        theirs = nested(link, T_a, T_b)
        end = time.process_time()
        report[f"{T_a} K to {T_b} K"] = {
            "watt": ours, "differ": abs(ours / theirs - 1), "cpu": (middle - begun) / 20, "cpu_quad": end - middle,
        }  # fmt: skip
    return report


def main() -> None:
    """Run all, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--until", type=float, default=60.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = {"filament": filaments(options.until), "sn_link": links(), "until": options.until}
    print(f"{'filament':34s} {'period (t0)':>12s} {'error':>9s} {'steps':>7s} {'CPU s':>8s}")
    for name, run in report["filament"].items():
        print(f"{name:34s} {run['period']:12.6f} {run.get('error', 0.0):9.1e} {run['steps']:7d} {run['cpu']:8.3f}")
    print(f"\n{'SNLink':34s} {'differ':>12s} {'CPU s':>9s} {'quad in quad':>13s}")
    for name, pair in report["sn_link"].items():
        print(f"{name:34s} {pair['differ']:12.1e} {pair['cpu']:9.5f} {pair['cpu_quad']:13.3f}")
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
