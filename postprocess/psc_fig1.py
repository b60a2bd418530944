"""[PSC] Fig. 1 from a stored run: the six panels and the space-time map, as PNG, and their data as CSV.

    python postprocess/psc_fig1.py [results/psc_filament] [--out DIR]

psc_filament.toml says interference = "published", as the paper's figure has it (E1).

(a) |psi|^2(x) at marked moments of a period, (b) |psi(0, t)|, (c) V(t), (d) j_s, (e) j_n, (f) j_int.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import femtdgl as fg
from femtdgl.figures import filament as plots


def write_data(result: fg.Result, folder: Path) -> None:
    """The curves of the figure: one row a node (profiles), one row a step (traces)."""
    order, x = plots.along(result)
    times = plots.moments(result)
    columns, names = [x], ["x"]
    for t in times:
        columns.append(np.abs(result.psi(t)[order]) ** 2)
        names.append(f"n(t={t:.4f})")
    for name in ("j_s", "j_n", "j_int"):
        for t in times:
            columns.append(result.field(name, t)[0, order])
            names.append(f"{name}(t={t:.4f})")
    np.savetxt(folder / "psc_fig1_profiles.csv", np.column_stack(columns), delimiter=",", header=",".join(names))
    traces = [result.probes[name] for name in ("t", "psi_center", "voltage", "current")]
    header = "t,psi_center,voltage,current"
    np.savetxt(folder / "psc_fig1_traces.csv", np.column_stack(traces), delimiter=",", header=header)


def main() -> None:
    """Read a run, write figure and data."""
    parser = argparse.ArgumentParser(description="Remake [PSC] Fig. 1 from a stored run.")
    parser.add_argument("run", nargs="?", default="results/psc_filament")
    parser.add_argument("--out", default=None, help="directory; default: figures/ of the run")
    arguments = parser.parse_args()
    result = fg.Result(arguments.run)
    folder = Path(arguments.out) if arguments.out else result.directory / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    plots.psc_fig1(result).savefig(folder / "psc_fig1.png")
    plots.space_time_map(result).savefig(folder / "psc_fig1_space_time.png")
    write_data(result, folder)
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
