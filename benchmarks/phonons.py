"""Cost and error of the phonon kernel, its table and a long record.  Prints JSON.

python benchmarks/phonons.py
"""

from __future__ import annotations

import json
import time

import numpy as np

import femtdgl as fg

T = fg.units.reduced_temperature(0.1)
KERNELS = ("exact", "bose", "printed")


def quadrature() -> list[dict[str, float | str]]:
    """Largest error of K, in units of the largest |K|, against 700 points per piece."""
    w, psi = np.linspace(0.02, 6, 31), np.linspace(0.01, 1, 40)[:, None]
    rows: list[dict[str, float | str]] = []
    for kernel in KERNELS:
        for gamma in (0.3, 0.1, 0.01, 1e-3, 0.0):
            fine = fg.phonon_kernel(w, psi, T, gamma, kernel, points=700)
            for points in (fg.flux.points_for(gamma, T), 240):
                start = time.process_time()
                error = np.abs(fg.phonon_kernel(w, psi, T, gamma, kernel, points=points) - fine)
                spent = (time.process_time() - start) / fine.size
                rows.append(
                    {
                        "kernel": kernel,
                        "gamma": gamma,
                        "points": points,
                        "error_of_maximum": float(error.max() / np.abs(fine).max()),
                        "microseconds_per_value": 1e6 * spent,
                    }
                )
    return rows


def long_record() -> list[dict[str, float | str]]:
    """2,000 times x 200 positions x 300 frequencies, the table included."""
    t, x = np.linspace(0, 24, 2000), np.linspace(-0.55, 0.55, 200)
    core = np.exp(-((x / 0.35) ** 2))
    psi = 0.95 - 0.95 * core * (0.5 + 0.5 * np.cos(t))[:, None]
    rate = 0.475 * core * np.sin(t)[:, None]
    w, weights = np.linspace(0.02, 6, 300), np.full(200, 1.1 / 199)
    rows: list[dict[str, float | str]] = []
    for kernel in KERNELS:
        for gamma in (0.3, 0.1):
            start = time.process_time()
            flux = fg.flux.linear_flux(t, weights, psi, rate, w, T, gamma, kernel)
            middle = time.process_time()
            fg.flux.exchange(flux.table.psi_max, T, gamma, kernel)
            end = time.process_time()
            some = fg.phonon_kernel(w, psi[700, :, None], T, gamma, kernel)
            error = np.max(np.abs(flux.table.at(psi[700]) - some)) / np.max(np.abs(some))
            rows.append(
                {
                    "kernel": kernel,
                    "gamma": gamma,
                    "cpu_seconds": middle - start,
                    "exchange_cpu_seconds": end - middle,
                    "psi_nodes": flux.table.panels.size,
                    "error_of_maximum": float(error),
                }
            )
    return rows


if __name__ == "__main__":
    print(json.dumps({"quadrature": quadrature(), "long_record": long_record()}, indent=1))
