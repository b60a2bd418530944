"""CPU seconds a step and peak memory of a wire in space against the number of nodes.

    python benchmarks/solid.py [--sizes 0.06 0.04 0.026] [--until 1] [--json FILE]

Each size runs problems/wire_3d.toml from psi = 1 in a process of its own, on one thread, start and files included.
`growth` is the exponent of the cost of a step in the number of nodes from the size before.  About: 0.06 has 16 thousand
nodes, 0.04 51, 0.026 190, 0.02 400, 0.0148 a million.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

PROBLEM = Path(__file__).parent.parent / "problems" / "wire_3d.toml"


def measured(h: float, until: float) -> dict[str, Any]:
    """One run, in this process."""
    import femtdgl as fg

    with tempfile.TemporaryDirectory() as folder:
        changes: dict[str, Any] = {"mesh__h": h, "output__fields": until, "measure__discard": 0.0}
        result = fg.run(PROBLEM, Path(folder) / "run", until=until, threads=1, **changes)
        summary = result.summary
        voltage = float(result.probes["voltage"][-1])
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    return {
        "h": h, "nodes": summary["mesh"]["nodes"], "unknowns": summary["unknowns"], "steps": summary["steps"],
        "cpu": cpu, "cpu_per_step": cpu / summary["steps"], "peak_GiB": used.ru_maxrss / 2**20, "voltage": voltage,
    }  # fmt: skip


def main() -> None:
    """A row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.06, 0.04, 0.026])
    parser.add_argument("--until", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        sys.stdout.write(json.dumps(measured(options.one, options.until)))
        return
    rows: list[dict[str, Any]] = []
    sys.stdout.write("     h     nodes  steps  CPU s/step  growth  peak GiB\n")
    for h in options.sizes:
        command = [sys.executable, __file__, "--one", str(h), "--until", str(options.until)]
        row = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        growth = np.nan
        if rows:
            last = rows[-1]
            growth = np.log(row["cpu_per_step"] / last["cpu_per_step"]) / np.log(row["nodes"] / last["nodes"])
        rows.append(row | {"growth": None if np.isnan(growth) else float(growth)})
        sys.stdout.write(
            f"{h:6.4f} {row['nodes']:9d} {row['steps']:6d} {row['cpu_per_step']:11.3f} {growth:7.2f} "
            f"{row['peak_GiB']:9.2f}\n"
        )
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
