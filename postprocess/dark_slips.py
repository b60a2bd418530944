"""Figure of docs/noise.md: slips of problems/dark_slips.toml against what a Josephson junction does.

    python postprocess/dark_slips.py [results/dark_slips]

Without a sweep that is there already, it is made first.  The curves are the mean of d gamma/dt, gamma the phase
difference of the banks, if psi is at rest for each gamma: a short gapless filament then has the energy and the friction

    U = (1 - cos gamma)/L + (L/30) (1 - cos gamma)^2 - J gamma,    zeta = (1 + (2/15) u L^2 sin^2(gamma/2))/L

(psi straight from bank to bank in (1.5) and in its friction), and white noise 2 kT zeta.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

import femtdgl as fg

ROOT = Path(__file__).parent.parent
LENGTH = 0.5

Array = NDArray[np.float64]


def drift(J: float, kT: float, length: float = LENGTH, points: int = 800) -> float:
    """The mean of d gamma/dt: 2 pi kT (1 - exp(-2 pi J/kT))/int int zeta(x + y) exp([U(x + y) - U(x)]/kT) dx dy."""

    def energy(gamma: Array) -> Array:
        return (1 - np.cos(gamma)) / length + length * (1 - np.cos(gamma)) ** 2 / 30

    x = 2 * np.pi * np.arange(points) / points
    y = x + np.pi / points
    there = x[:, None] + y[None, :]
    rise = energy(there) - energy(x)[:, None] - J * y[None, :]
    zeta = (1 + 2 / 15 * fg.units.U * length**2 * np.sin(there / 2) ** 2) / length
    area = np.mean(zeta * np.exp(rise / kT)) * (2 * np.pi) ** 2
    return float(2 * np.pi * kT * (1 - np.exp(-2 * np.pi * J / kT)) / area)


def main(directory: Path) -> None:
    """The sweep, its table and the figure."""
    table = fg.sweep(ROOT / "problems" / "dark_slips.toml", out=directory).table
    figure, axes = plt.subplots(figsize=(6.0, 4.2), layout="constrained")
    currents = np.linspace(0.9, 1.95, 60)
    for color, kT in zip(("tab:blue", "tab:orange"), np.unique(table["noise.kT"]), strict=False):
        one = table["noise.kT"] == kT
        J, V = table["drive.current"][one], table["mean_voltage"][one]
        error = 2 * np.pi * table["noise.rate_error"][one]
        axes.errorbar(J, V, error, fmt="o", color=color, capsize=3, label=f"kT = {kT:g}")
        axes.plot(currents, [drift(current, kT) for current in currents], color=color)
        for current, voltage in zip(J, V, strict=True):
            print(f"kT {kT:g}  J {current:g}  V {voltage:.4f}  closed form {drift(current, kT):.4f}")
    axes.set(xlabel="J (j0)", ylabel="mean voltage (V0)", ylim=(0, None))
    axes.legend(title="lines: closed form", loc="upper left")
    axes.set_title("Dark slips of a gapless filament of 0.5 xi between banks", fontsize=10)
    figure.savefig(ROOT / "docs" / "figures" / "dark_slips.png", dpi=120)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/dark_slips"))
