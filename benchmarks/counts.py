"""Steps, Jacobians, iterations and memory of small runs, against what they may be: the same on every machine.

    python benchmarks/counts.py [--json FILE]

Seconds say little on a machine that others use; these numbers say when a change makes the solver work more.  It ends
with 1 when one of them is over its limit.  The limits are what was counted when they were set, and a tenth; of memory a
quarter.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

PROBLEMS = Path(__file__).parent.parent / "problems"
CASES: dict[str, tuple[str, dict[str, Any], dict[str, float]]] = {
    "wire, 17k nodes": (
        "wire_3d",
        {"mesh__h": 0.06, "until": 0.3, "output__fields": 0.3, "measure__discard": 0.0},
        {"steps": 16, "jacobians": 5, "iterations": 24, "MiB": 580},
    ),
    "long wire, 14k nodes": (
        "wire_3d",
        {"mesh__length": 30.0, "mesh__h": 0.14, "until": 0.3, "output__fields": 0.3, "measure__discard": 0.0},
        {"steps": 14, "jacobians": 8, "iterations": 15, "MiB": 510},
    ),
    "strip in a field, 5k nodes": (
        "vortex_strip",
        {"mesh__h": 0.2, "until": 20.0, "time__rtol": 3e-4, "output__fields": 20.0, "measure__discard": 0.0},
        {"steps": 83, "jacobians": 85, "iterations": 138, "MiB": 370},
    ),
    "long filament": (
        "psc_long_filament",
        {"until": 60.0, "measure__discard": 0.0},
        {"steps": 752, "jacobians": 770, "iterations": 752, "MiB": 200},
    ),
}
"""Problem file, changes, and limits."""


def counted(name: str) -> dict[str, Any]:
    """One run, in this process."""
    import femtdgl as fg

    problem, changes, _ = CASES[name]
    summary = fg.run(PROBLEMS / f"{problem}.toml", threads=1, **changes).summary
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"nodes": summary["mesh"]["nodes"], "steps": summary["steps"], **summary["work"], "MiB": round(peak)}


def measured(name: str) -> dict[str, Any]:
    """One run, in a process of its own."""
    command = [sys.executable, __file__, "--one", name]
    made: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return made


def main() -> None:
    """A row a case; each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        sys.stdout.write(json.dumps(counted(options.one)))
        return
    rows, over = {}, []
    sys.stdout.write("case                          nodes  steps  Jacobians  iterations  MiB\n")
    for name, (_, _, limits) in CASES.items():
        row = measured(name)
        if row["MiB"] > limits["MiB"]:  # once more: to compile a loop takes more memory than to run it
            row = measured(name)
        rows[name] = row
        over += [f"{name}: {row[key]} {key}, at most {limit}" for key, limit in limits.items() if row[key] > limit]
        sys.stdout.write(
            f"{name:28} {row['nodes']:6d} {row['steps']:6d} {row['jacobians']:10d} {row['iterations']:11d} "
            f"{row['MiB']:4d}\n"
        )
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    for line in over:
        sys.stdout.write(f"over its limit: {line}\n")
    raise SystemExit(1 if over else 0)


if __name__ == "__main__":
    main()
