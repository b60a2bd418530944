"""CPU seconds of a step in a field, beside those of another commit: the same problem and mesh, one after the other.

    python benchmarks/field_step.py COMMIT [--repeat 3] [--until 20]

Runs problems/vortex_strip.toml in its ramp and in a field that never rests, with elements of both orders, in turns; the
least of the repeated runs counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
MESHES = {
    "order 1, h = 0.45": (0.45, 1),
    "order 1, h = 0.2": (0.2, 1),
    "order 2, h = 0.7": (0.7, 2),
    "order 2, h = 0.5": (0.5, 2),
}
RAMPS = {"rests from 5 t0 on": 5.0, "never rests": 50.0}
ONE = """
import sys
import femtdgl as fg
h, order, over, until = (float(part) for part in sys.argv[1:])
changes = {"mesh.h": h, "mesh.order": int(order), "drive.field": {"ramp": [0.0, 0.2], "over": over},
           "time.t_end": until, "output.fields": until}
summary = fg.run(fg.load("problems/vortex_strip.toml", changes)).summary
print(summary["cpu_seconds"], summary["steps"])
"""


def run(tree: Path, *numbers: float) -> tuple[float, int]:
    """CPU seconds and steps of one run with the package of a tree."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", ONE, *map(str, numbers)]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=True)
    seconds, steps = done.stdout.split()[-2:]
    return float(seconds), int(steps)


def main() -> None:
    """Run both trees in turns and print the milliseconds of a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--until", type=float, default=20.0)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        other = Path(folder)
        packed = subprocess.run(["git", "archive", options.commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=packed, check=True)
        for mesh, (h, order) in MESHES.items():
            for field, over in RAMPS.items():
                step = {}
                for tree in (other, ROOT):  # loops are compiled
                    run(tree, h, order, over, 6.0)
                    step[tree] = float("inf")
                for _ in range(options.repeat):
                    for tree, best in step.items():
                        seconds, steps = run(tree, h, order, over, options.until)
                        step[tree] = min(best, 1e3 * seconds / steps)
                there, here = step[other], step[ROOT]
                print(
                    f"{mesh}, field {field}: {there:.2f} ms there, {here:.2f} ms here, {here / there:.2f} times",
                    flush=True,
                )


if __name__ == "__main__":
    main()
