"""A GPU against the host, in pieces and in whole steps: films and wires from 20 thousand to a million nodes.

    python benchmarks/gpu.py [--sizes plane:20k space:51k ...] [--host-sizes plane:20k ...] [--until 1] [--json FILE]
    python benchmarks/gpu.py --stand-in

Each size runs a ready problem, vortex_strip in the plane and wire_3d in space, from psi = 1 to `--until`, each device
in a process of its own.  `s/step` is the mean of all but the first ten steps, with the record, which is worked out on
the host whatever the device, and of the march alone.  Then the pieces are timed at a state near the last one, with
cj = 100: a few calls in a row and a wait for the device before and after them, so that what a call costs its caller is
in it.  `newton` is one whole iteration, residual and GMRES; on the host `cycle` is left out where phi has a complete
LU.

It checks what it measures, and ends with 1 and words where a check fails:

    residual, Jacobian, J v    of device and host at that state: 1e-12 of the largest entry
    voltage, period            of both runs: 1e-3 (a period where the runs are long enough to have one: --until 30)
    resumed                    the second half again, from the state in the middle: the same to the bit

The host runs the sizes of `--host-sizes` only, as the large ones take it hours, on one thread; beside a GPU it works
out the record on all of them.  All sizes on the device are meant to take less than ten minutes, most of them the
host's, for mesh and patterns.  Without a device it says so and ends with 2; `--stand-in` does it all in numpy, small.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROBLEMS = Path(__file__).parent.parent / "problems"
FILES = {"plane": PROBLEMS / "vortex_strip.toml", "space": PROBLEMS / "wire_3d.toml"}
SIZES = {
    "plane:20k": 0.1, "plane:200k": 0.0316, "space:51k": 0.04, "space:300k": 0.0221, "space:1M": 0.0148,
    "plane:1k": 0.5, "space:1k": 0.2,
}  # fmt: skip
"""And their h."""
LARGE, SMALL = list(SIZES)[:5], list(SIZES)[5:]
SAME, EQUAL = 1e-3, 1e-12
"""Differences that are allowed: of voltages and periods, relative; of pieces, of the largest entry."""
PIECES = ("residual", "jacobian", "jacobian_vector", "setup", "apply", "cycle", "newton")


def measured(size: str, until: float, device: str) -> dict[str, Any]:
    """One run and its pieces, in this process."""
    import femtdgl as fg

    keys: dict[str, Any] = {"mesh__h": SIZES[size], "output__fields": until, "measure__discard": 0.0}
    keys["threads"] = None if device == "gpu" else 1
    return {"size": size, **fg.time_pieces(FILES[size.split(":")[0]], until=until, device=device, **keys)}


def complaints(row: dict[str, Any], host: dict[str, Any] | None) -> list[str]:
    """What is wrong with a run on the device, beside that of the host if there is one."""
    size = row["size"]
    found = [
        f"{size}: {name} of device and host differ by {value:.1e}, at most {EQUAL:.0e}"
        for name, value in row["differences"].items()
        if not value <= EQUAL
    ]
    if not row["resumed"]:
        found.append(f"{size}: the second half, taken up again, is not the same to the bit")
    if host is None:
        return found
    for name in ("voltage", "period"):
        here, there = row[name], host[name]
        if (here is None) != (there is None):
            found.append(f"{size}: {name} {here} on the device, {there} on the host")
        elif here is not None and not abs(here - there) <= SAME * abs(there):
            found.append(f"{size}: {name} {here:.6g} on the device, {there:.6g} on the host")
    return found


def row_of(size: str, until: float, device: str) -> dict[str, Any]:
    """The same as `measured`, in a process of its own.  Ends the program where that fails."""
    command = [sys.executable, __file__, "--one", size, "--until", str(until), "--device", device]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(done.returncode)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def told(row: dict[str, Any]) -> str:
    """Two lines of the table."""
    pieces, counts, steps = row["pieces"], row["counts"], max(row["steps"], 1)
    alone = f", {row['per_step_alone']:.4f} alone" if "per_step_alone" in row else ""
    held = "" if row.get("device_GiB") is None else f", {row['device_GiB']:.2f} GiB on the device"
    times = "  ".join(f"{name} {1e3 * pieces[name]:.3g}" for name in PIECES if name in pieces)
    return (
        f"{row['size']:11s} {row['device']:9s} {row['nodes']:8d} nodes {row['steps']:5d} steps {row['per_step']:8.4f} "
        f"s/step{alone}; a step: {counts['setup'] / steps:.2f} set-ups, {counts['times'] / steps:.1f} J v; "
        f"{sum(row['seconds'].values()):.0f} s in all, {row['host_GiB']:.2f} GiB here{held}\n    ms: {times}\n"
    )


def main() -> None:
    """Two lines a size and device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="gpu")
    parser.add_argument("--stand-in", action="store_true", help="without a device, in numpy, at small sizes")
    parser.add_argument("--sizes", nargs="+", choices=SIZES)
    parser.add_argument("--host-sizes", nargs="*", choices=SIZES, help="those that the host runs too")
    parser.add_argument("--until", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        from femtdgl import InputError

        try:
            sys.stdout.write(json.dumps(measured(options.one, options.until, options.device)))
        except InputError as error:
            sys.stderr.write(f"no device: {error}\n" if error.key == "device" else f"{error}\n")
            raise SystemExit(2) from None
        return
    device = "stand-in" if options.stand_in else options.device
    sizes = options.sizes or (SMALL if options.stand_in else LARGE)
    beside = {"plane:20k", "space:51k", *SMALL} if options.host_sizes is None else set(options.host_sizes)
    rows, wrong = [], []
    for size in sizes:
        row = row_of(size, options.until, device)
        host = row_of(size, options.until, "cpu") if size in beside else None
        rows += [row] if host is None else [row, host]
        wrong += complaints(row, host)
        sys.stdout.write(told(row) + ("" if host is None else told(host)))
        sys.stdout.flush()
        if options.json:
            options.json.write_text(json.dumps({"rows": rows, "wrong": wrong}, indent=1))
    for line in wrong:
        sys.stdout.write(f"WRONG  {line}\n")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
