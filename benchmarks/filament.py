"""CPU seconds of one-dimensional runs: the main job, and 100 linear elements over 60 t0 at rtol 1e-5.

    OMP_NUM_THREADS=1 python benchmarks/filament.py [--repeat 3]

Prints JSON: for each case the least CPU time of the solve, the steps, and microseconds for each residual, and for the
Jacobian at the state of the residual before it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

import femtdgl as fg

FILE = Path(__file__).parent.parent / "problems" / "psc_filament.toml"
CASES: dict[str, dict[str, Any]] = {
    "psc_filament": {},
    "100 linear elements, 60 t0, rtol 1e-5": {
        "mesh.order": 1, "time.t_end": 60.0, "time.rtol": 1e-5, "output.fields": 0.5,
    },
}  # fmt: skip


def microseconds(call: Callable[[], Any], count: int = 300) -> float:
    """CPU time of one call."""
    call()
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count * 1e6


def main() -> None:
    """Run the cases and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    report = {}
    for name, changes in CASES.items():
        problem = fg.load(FILE, changes)
        runs = [fg.run(problem).summary for _ in range(repeat)]
        system = fg.System(problem)
        y, yp = system.consistent(0.0, system.initial(np.ones(system.space.N, dtype=complex)))
        states = cycle((y, 1.01 * y))  # fields at the points are kept for the last one
        report[name] = {
            "cpu_seconds": min(run["cpu_seconds"] for run in runs),
            "steps": runs[0]["steps"],
            "period": runs[0]["period"],
            "residual_us": microseconds(lambda s=system, a=states, b=yp: s.residual(0.0, next(a), b)),  # type: ignore[misc]
            "jacobian_us": microseconds(lambda s=system, a=y, b=yp: s.jacobian(0.0, a, b, 1.0)),  # type: ignore[misc]
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
