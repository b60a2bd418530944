"""What heat costs: a run with [heat] against the same run without, in CPU seconds a step.

    OMP_NUM_THREADS=1 python benchmarks/heat.py [--repeat 3]

Prints JSON: for each case both CPU times, their ratio a step (least of the repetitions, taken in turn), and the
mismatch of the energy ledger.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import femtdgl as fg

PROBLEMS = Path(__file__).parent.parent / "problems"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "line, one temperature": ("heated_filament", {"time.t_end": 60.0, "measure.discard": 20.0}),
    "line, two temperatures, plate and NIS link": ("psc_nis_drain", {"time.t_end": 60.0, "measure.discard": 20.0}),
    "strip, 1,500 nodes": ("hotspot_strip", {"mesh.h": 0.3, "mesh.h_fine": 0.2, "time.rtol": 1e-4}),
}


def main() -> None:
    """Run the cases and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    report = {}
    for name, (file, changes) in CASES.items():
        heated = fg.load(PROBLEMS / f"{file}.toml", changes)
        cold = replace(heated, heat=None)
        pairs = [(fg.run(heated).summary, fg.run(cold).summary) for _ in range(repeat)]
        warm, isothermal = (min((pair[k] for pair in pairs), key=lambda run: float(run["cpu_seconds"])) for k in (0, 1))
        per_step = [run["cpu_seconds"] / run["steps"] for run in (warm, isothermal)]
        report[name] = {
            "unknowns": warm["unknowns"],
            "cpu_seconds": warm["cpu_seconds"],
            "cpu_seconds_isothermal": isothermal["cpu_seconds"],
            "ratio_a_step": per_step[0] / per_step[1],
            "ledger_mismatch": warm["heat"]["ledger_of_run"]["mismatch"],
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
