"""Wall seconds a step on a GPU and on the host, films and wires from 20 thousand to a million nodes.

    python benchmarks/gpu.py [--device gpu] [--sizes plane:20k space:51k ...] [--until 1] [--host 60000] [--json FILE]

Each size runs a ready problem, vortex_strip in the plane and wire_3d in space, from psi = 1 to `--until`, each device
in a process of its own, start and files included; `s/step` leaves the first ten steps out.  The host runs up to
`--host` nodes (on one thread).  It checks what it measures, and ends with 1 where a check fails: host and device have
the same voltage to 1e-3 of it, and what is run again, taken up halfway, is the same to the bit.  Without a device it
says so and ends with 2.
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
import time
from pathlib import Path
from typing import Any

import numpy as np

PROBLEMS = Path(__file__).parent.parent / "problems"
FILES = {"plane": PROBLEMS / "vortex_strip.toml", "space": PROBLEMS / "wire_3d.toml"}
SIZES = {"plane:20k": 0.1, "plane:200k": 0.0316, "space:51k": 0.04, "space:300k": 0.0221, "space:1M": 0.0148}
"""And their h."""
STARTING = 10
"""Steps that are not timed."""
SAME = 1e-3
"""Relative difference of the voltage that is allowed."""


def measured(size: str, until: float, device: str, again: bool) -> dict[str, Any]:
    """One run, in this process; with `again` also in two halves."""
    import femtdgl as fg

    changes: dict[str, Any] = {
        "mesh__h": SIZES[size], "output__fields": until, "measure__discard": 0.0, "time__checkpoint": until / 2,
    }  # fmt: skip
    ends: list[float] = []
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run, file = Path(folder) / "run", FILES[size.split(":")[0]]
        watch = lambda progress: ends.append(time.perf_counter())  # noqa: E731
        result = fg.run(file, run, until=until, device=device, threads=1, watch=watch, **changes)
        whole, psi, summary = time.perf_counter() - begun, result.psi(until), result.summary
        same: bool | None = None
        if again:
            fg.run(file, Path(folder) / "half", until=until / 2, device=device, threads=1, **changes)
            same = bool(np.array_equal(psi, fg.resume(Path(folder) / "half", until=until, device=device).psi(until)))
        voltage = float(result.probes["voltage"][-1])
    timed = np.diff(ends)[min(STARTING, len(ends) // 2) :]
    return {
        "size": size, "device": device, "nodes": summary["mesh"]["nodes"], "steps": summary["steps"],
        "seconds": whole, "per_step": float(np.mean(timed)), "voltage": voltage, "resumed_same": same,
        "peak_GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }  # fmt: skip


def row_of(size: str, options: argparse.Namespace, device: str, again: bool) -> dict[str, Any]:
    """The same in a process of its own.  Ends the program where that fails."""
    command = [sys.executable, __file__, "--one", size, "--until", str(options.until), "--device", device]
    done = subprocess.run([*command, *(["--again"] if again else [])], capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(done.returncode)
    return dict(json.loads(done.stdout))


def main() -> None:
    """A row a size and device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="gpu")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--until", type=float, default=1.0)
    parser.add_argument("--host", type=float, default=60_000, help="nodes up to which the host runs too")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--again", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from femtdgl import InputError

        try:
            sys.stdout.write(json.dumps(measured(options.one, options.until, options.device, options.again)))
        except InputError as error:
            sys.stderr.write(f"no device: {error}\n" if error.key == "device" else f"{error}\n")
            raise SystemExit(2) from None
        return
    rows, right = [], True
    sys.stdout.write("size        device      nodes  steps   s/step  seconds  host GiB  checks\n")
    for size in options.sizes:
        row = row_of(size, options, options.device, True)
        made, checks = [row], {"resumed the same": bool(row["resumed_same"])}
        if row["nodes"] <= options.host:
            host = row_of(size, options, "cpu", False)
            made.append(host)
            checks["voltage of the host"] = abs(row["voltage"] - host["voltage"]) <= SAME * abs(host["voltage"])
        for line in made:
            words = "" if line is not row else ", ".join(f"{k}: {'yes' if v else 'NO'}" for k, v in checks.items())
            sys.stdout.write(
                f"{size:11s} {line['device']:9s} {line['nodes']:7d} {line['steps']:6d} {line['per_step']:8.4f} "
                f"{line['seconds']:8.1f} {line['peak_GiB']:9.2f}  {words}\n"
            )
        sys.stdout.flush()
        rows += made
        right &= all(checks.values())
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    if not right:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
