"""What phonons that act back cost: CPU seconds of a run with them over those without, the better of some repetitions.

    python benchmarks/feedback.py [--repeat 3]

psc_filament and a strip, each with an excess so weak that it takes the same steps, as good as; tables included.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import femtdgl as fg

ROOT = Path(__file__).parent.parent
PLACE = {"at": 0.2, "width": 0.2}
EXCESS: dict[str, Any] = {
    "without": None,
    "line": {"strength": 1e-5, "lines": [{"w": 2.5, "area": 0.5, "place": PLACE}]},
    "T_ph": {"strength": 1e-5, "thermal": {"T": 0.95}},
    "T_ph(x)": {"strength": 1e-5, "thermal": {"T": 0.9, "profile": [{"depth": 0.05, **PLACE}]}},
    "escape, local": {"strength": 1e-5, "escape": {"time": 1.0, "emission": 0.02}},
    "escape, equation": {"strength": 1e-5, "escape": {"time": 1.0, "emission": 0.02, "balance": "equation"}},
}
RUNS: dict[str, dict[str, Any]] = {
    "psc_filament": {"time__t_end": 60.0},
    "notched_strip": {"time__t_end": 4.0, "output__fields": 1.0},
}


def seconds(problem: str, phonons: Any, changes: dict[str, Any]) -> tuple[float, int]:
    """CPU seconds of a whole run, tables included, and its steps."""
    given = {} if phonons is None else {"phonons": phonons}
    start = time.process_time()
    summary = fg.run(ROOT / "problems" / f"{problem}.toml", **changes, **given).summary
    return time.process_time() - start, summary["steps"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    for problem, changes in RUNS.items():
        kinds = [name for name in EXCESS if problem == "psc_filament" or "equation" not in name]
        best: dict[str, tuple[float, int]] = {}
        for _ in range(repeat):  # in turn, so that a busy machine is fair to all
            for name in kinds:
                found = seconds(problem, EXCESS[name], changes)
                best[name] = min(found, best.get(name, found))
        for name in kinds:
            cost, steps = best[name]
            print(f"{problem:14} {name:18} {cost:7.2f} s {steps:6d} steps, {cost / best['without'][0]:.2f} of without")
