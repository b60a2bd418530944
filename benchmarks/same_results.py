"""Are the results of another commit equal to the bit?  Runs problems at both and compares everything they wrote.

    python benchmarks/same_results.py COMMIT [--problems psc_filament,ring] [--jobs 2]

Compared are every dataset of every result file and every entry of summary.json, but for CPU seconds and versions.
Long problems are shortened.  Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np

ROOT = Path(__file__).parent.parent
PROBLEMS = {
    "psc_filament": [],
    "psc_gapless": [],
    "notched_strip": ["time.t_end=20.0"],
    "heated_filament": [],
    "ring": ["time.t_end=30.0"],
    "wire_3d": ["time.t_end=4.0"],
    "sn_balance": [],
    "psc_cooler": [],
}
"""Problems, and what shortens them."""
PRIVATE = {"cpu_seconds", "versions", "checksum"}
"""Entries that differ from run to run."""


def run(tree: Path, problem: str, changes: list[str], out: Path) -> str:
    """Run a problem with the package of a tree; what it said if it failed."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    options = [part for change in changes for part in ("--set", change)]
    done = subprocess.run(
        [sys.executable, "-m", "femtdgl", "run", f"problems/{problem}.toml", "--out", str(out), "--quiet", *options],
        cwd=tree, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stderr.strip()


def numbers(value: Any) -> Any:
    """A summary without what differs from run to run."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items() if key not in PRIVATE}
    return [numbers(item) for item in value] if isinstance(value, list) else value


def datasets(file: Path) -> dict[str, Any]:
    """Every dataset of a result file."""
    found: dict[str, Any] = {}
    with h5py.File(file, "r") as data:
        data.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def differences(old: Path, new: Path) -> list[str]:
    """Names of everything in which two result directories differ; how much was compared stands first."""
    differing, count = [], 0
    for file in sorted({p.relative_to(d) for d in (old, new) for p in d.rglob("*.h5")}):
        a, b = datasets(old / file), datasets(new / file)
        for name in sorted(a.keys() | b.keys()):
            count += 1
            if name not in a or name not in b or not np.array_equal(a[name], b[name]):
                differing.append(f"{file}:{name}")
    for file in sorted({p.relative_to(d) for d in (old, new) for p in d.rglob("summary.json")}):
        a, b = (numbers(json.loads((d / file).read_text())) for d in (old, new))
        for name in sorted(a.keys() | b.keys()):
            count += 1
            if a.get(name) != b.get(name):
                differing.append(f"{file}:{name}")
    return [f"{count} datasets and entries", *differing]


def main() -> None:
    """Check out the other commit, run, compare, print a line a problem."""
    parser = argparse.ArgumentParser(description="Compare the results of another commit with those of this tree.")
    parser.add_argument("commit")
    parser.add_argument("--problems", default=",".join(PROBLEMS))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    bad = 0
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "other"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), options.commit], cwd=ROOT, check=True)
        try:

            def compared(problem: str) -> tuple[str, list[str]]:
                where = [Path(folder) / side / problem for side in ("old", "new")]
                said = [
                    run(root, problem, PROBLEMS.get(problem, []), out)
                    for root, out in zip((tree, ROOT), where, strict=True)
                ]
                return problem, [s for s in said if s] or differences(*where)

            with ThreadPoolExecutor(options.jobs) as pool:
                for problem, (count, *found) in pool.map(compared, options.problems.split(",")):
                    bad += len(found)
                    print(f"{problem:18} {count}: {'equal to the bit' if not found else ', '.join(found)}", flush=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
