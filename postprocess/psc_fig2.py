"""Remakes [PSC] Fig. 2: (b) for the three kernels side by side, and (a) from a stored run.  PNG and CSV.

    python postprocess/psc_fig2.py [DIRECTORY] [--run results/psc_filament]

|psi| = 0.2 ... 1 at T = 0.9 Tc and gamma = 0.3.  "bose" is the paper's figure; "exact" keeps the Fermi
function next to N; "printed" is eq. (13) to the letter.  Fig. 2(a) is d|psi|/dt at the slip centre of the run, with the
paper's Cases 1 and 2; psc_filament.toml is run with interference = "published", as the paper's figures were.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

import femtdgl as fg
from femtdgl.figures import flux as plots_flux

T, GAMMA = fg.units.reduced_temperature(0.1), 0.3
PSI = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
W = np.linspace(0.01, 8, 500)
TITLES = {
    "bose": "bose: the paper's figure, (2.4)",
    "exact": "exact: with the Fermi function, (2.3)",
    "printed": "printed: eq. (13) as it stands, (2.5)",
}


def draw_kernels(directory: Path) -> Path:
    """Fig. 2(b) three times, fig2b.png and fig2b.csv.  Returns the path of the picture."""
    from matplotlib import pyplot as plt

    spectra = {name: fg.phonon_kernel(W, PSI[:, None], T, GAMMA, name) * W**3 for name in TITLES}
    figure, panels = plt.subplots(1, 3, figsize=(13, 4.1), layout="constrained")
    for ax, (name, title) in zip(panels, TITLES.items(), strict=True):
        plots_flux.kernel_spectra(ax, W, PSI, spectra[name], title)
    panels[0].legend(frameon=False, fontsize="small")
    figure.suptitle(rf"$T = 0.9\,T_c = {T:.4f}\,\Delta_0$,  $\gamma = {GAMMA}\,\Delta_0$;  dots: $2|\psi|$")
    directory.mkdir(parents=True, exist_ok=True)
    picture = directory / "fig2b.png"
    figure.savefig(picture, dpi=150)
    plt.close(figure)
    with (directory / "fig2b.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["w", *(f"{name} psi={psi:g}" for name in TITLES for psi in PSI)])
        writer.writerows(np.column_stack([W, *(spectra[name].T for name in TITLES)]))
    return picture


def draw_gap_rate(
    directory: Path, t: NDArray[np.float64], dpsi_abs_dt: NDArray[np.float64], marked: tuple[float, ...] = ()
) -> Path:
    """Fig. 2(a), fig2a.png and fig2a.csv, from d|psi|/dt at the slip centre.  t, dpsi_abs_dt: (nt,)."""
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    plots_flux.gap_rate(ax, t, dpsi_abs_dt, marked)
    directory.mkdir(parents=True, exist_ok=True)
    picture = directory / "fig2a.png"
    figure.savefig(picture, dpi=150)
    plt.close(figure)
    with (directory / "fig2a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["t", "dpsi_abs_dt"])
        writer.writerows(np.column_stack([t, dpsi_abs_dt]))
    return picture


def draw_run(directory: Path, run: Path) -> Path:
    """Fig. 2(a) from the last two periods of a run, with the slips marked: there the sign changes at once."""
    from femtdgl.figures import filament as plots

    result = fg.Result(run)
    start, stop = plots.one_period(result)
    period = stop - start
    begin = max(float(result.t[0]), start - 1.1 * period)  # so that no slip lies on the frame
    record = fg.flux.Record(result, np.linspace(begin, stop - 0.1 * period, 1000))
    center = int(np.argmin(np.abs(result.nodes[0])))
    slips = [t for t in result.summary["slip_times"] if begin < t < stop]
    return draw_gap_rate(directory, record.t, record.rate[:, center], tuple(slips))


def main() -> None:
    """Both panels, or (b) alone without a run."""
    parser = argparse.ArgumentParser(description="Remake [PSC] Fig. 2.")
    parser.add_argument("directory", nargs="?", default="results/psc_fig2", type=Path)
    parser.add_argument("--run", type=Path, default=None, help="directory of a stored run, for panel (a)")
    arguments = parser.parse_args()
    mpl.use("Agg")
    print(draw_kernels(arguments.directory))
    if arguments.run is not None:
        print(draw_run(arguments.directory, arguments.run))


if __name__ == "__main__":
    main()
