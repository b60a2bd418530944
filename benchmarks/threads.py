"""Wall seconds of a large run on one thread and on several, and whether the results are the same to the bit.

    python benchmarks/threads.py [--threads 2] [--strip 0.0316] [--wire 0.022] [--json FILE]

The vortex strip at 200 thousand nodes and wire_3d at 290 thousand, over 0..0.3 t0, each run in a process of its own.
`ratio` is the wall time of the steps over that on one thread, without start and files; it says something only
on as many free cores.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PROBLEMS = Path(__file__).parent.parent / "problems"


def measured(name: str, h: float, until: float, threads: int) -> dict[str, Any]:
    """One run, in this process."""
    import femtdgl as fg

    marks: list[float] = []
    changes: dict[str, Any] = {"mesh__h": h, "output__fields": until, "measure__discard": 0.0}
    result = fg.run(
        PROBLEMS / f"{name}.toml", until=until, threads=threads, watch=lambda _: marks.append(time.perf_counter()),
        **changes,
    )  # fmt: skip
    digest = hashlib.sha256(np.ascontiguousarray(result.psi(until)).tobytes()).hexdigest()
    steps = len(marks)
    return {
        "nodes": result.summary["mesh"]["nodes"], "threads": threads, "steps": steps,
        "wall_per_step": (marks[-1] - marks[0]) / (steps - 1), "psi": digest,
    }  # fmt: skip


def main() -> None:
    """Two rows a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--strip", type=float, default=0.0316)
    parser.add_argument("--wire", type=float, default=0.022)
    parser.add_argument("--until", type=float, default=0.3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, h, threads = options.one
        sys.stdout.write(json.dumps(measured(name, float(h), options.until, int(threads))))
        return
    report: dict[str, Any] = {}
    for name, h in (("vortex_strip", options.strip), ("wire_3d", options.wire)):
        rows = []
        for threads in (1, options.threads):
            command = [sys.executable, __file__, "--until", str(options.until), "--one", name, str(h), str(threads)]
            rows.append(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))
            sys.stdout.write(
                f"{name:14} {rows[-1]['nodes']:7d} nodes  {threads} threads  {rows[-1]['steps']:4d} steps  "
                f"{rows[-1]['wall_per_step']:7.3f} s a step\n"
            )
            sys.stdout.flush()
        ratio = rows[1]["wall_per_step"] / rows[0]["wall_per_step"]
        same = rows[0]["psi"] == rows[1]["psi"]
        sys.stdout.write(f"{name:14} ratio {ratio:.2f}, {'the same' if same else 'DIFFERENT'} bits\n")
        report[name] = {"runs": rows, "ratio": ratio, "same_bits": same}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
