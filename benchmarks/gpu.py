"""A GPU against the host, in pieces and in whole steps: films and wires from 20 thousand to a million nodes.

    python benchmarks/gpu.py [--sizes plane:20k space:51k ...] [--host-sizes plane:20k ...] [--until 1] [--json FILE]
    python benchmarks/gpu.py --stand-in

Each size runs a ready problem, vortex_strip in the plane and wire_3d in space, from psi = 1 to `--until`, each device
in a process of its own.  `s/step` is the mean of all but the first ten steps, record and files included.  Then the
pieces are timed at a state near the last one, with cj = 100: a few calls in a row and a wait for the device before and
after them, so that what a call costs its caller is in it.  `newton` is one whole iteration, residual and GMRES; on the
host `v_cycle` is left out where phi has a complete LU.

It checks what it measures, and ends with 1 and words where a check fails:

    residual, Jacobian, J v    of device and host at that state: 1e-12 of the largest entry
    voltage, period            of both runs: 1e-3 (a period where the runs are long enough to have one: --until 30)
    resumed                    the second half again, from the state in the middle: the same to the bit

The host runs the sizes of `--host-sizes` only, on one thread, as the large ones take it hours.  All sizes on the device
are made to fit into ten minutes on a machine that builds a mesh of a million nodes in three.  Without a device it says
so and ends with 2; `--stand-in` does it all in numpy, small.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PROBLEMS = Path(__file__).parent.parent / "problems"
FILES = {"plane": PROBLEMS / "vortex_strip.toml", "space": PROBLEMS / "wire_3d.toml"}
SIZES = {
    "plane:20k": 0.1, "plane:200k": 0.0316, "space:51k": 0.04, "space:300k": 0.0221, "space:1M": 0.0148,
    "plane:1k": 0.5, "space:1k": 0.2,
}  # fmt: skip
"""And their h."""
LARGE, SMALL = list(SIZES)[:5], list(SIZES)[5:]
STARTING = 10
"""Steps that are not timed."""
CJ = 100.0
LONG_ENOUGH, MOST_CALLS = 0.2, 20
"""A piece is called until this many seconds have gone, or so many times."""
SAME, EQUAL = 1e-3, 1e-12
"""Differences that are allowed: of voltages and periods, relative; of pieces, of the largest entry."""
PIECES = ("residual", "jacobian", "jacobian_vector", "setup", "apply", "v_cycle", "newton")

Call = Callable[[], Any]


def timed(call: Call, wait: Callable[[], None]) -> float:
    """Seconds a call."""
    call()
    wait()
    begun, count = time.perf_counter(), 0
    while count < MOST_CALLS:
        call()
        count += 1
        if count in (1, 5):
            wait()
            if time.perf_counter() - begun > LONG_ENOUGH:
                break
    wait()
    return (time.perf_counter() - begun) / count


def pieces_of(system: Any, device: bool, t: float, state: tuple[Any, Any]) -> dict[str, Call]:
    """What to time, on the device or on the host."""
    from femtdgl.device.gmres import gmres
    from femtdgl.device.integrate import LINEAR, NEWTON
    from femtdgl.solve.integrate import KRYLOV

    newton, rng = system.newton, np.random.default_rng(1)
    up = newton.machine.up if device else lambda array: array
    y, yp = (up(part) for part in state)
    v, z = up(rng.normal(size=system.size)), np.empty(system.size)
    weights = up(1 / (system.problem.time.rtol * (1 + np.abs(state[0]))))
    there = newton.on_device if device else system
    if device:
        apply = newton.apply
        grids = newton._potential._grids
    else:

        def apply(r: Any) -> Any:
            newton.solve(t, y, yp, None, r, z, CJ, 0.0)
            return z.copy()

        grids = getattr(newton.phi_inverse, "_grids", None)

    def iteration() -> Any:
        right = weights * apply(-there.residual(t, y, yp))
        operator = lambda x: weights * apply(newton.whole.times(x / weights))  # noqa: E731
        allowed = LINEAR * NEWTON * np.sqrt(system.size)
        return gmres(newton.xp if device else np, operator, right, allowed, KRYLOV)

    made: dict[str, Call] = {
        "residual": lambda: there.residual(t, y, yp),
        "jacobian": lambda: there.jacobian(t, y, yp, CJ),
        "jacobian_vector": lambda: newton.whole.times(v),
        "setup": newton._factorise,
        "apply": lambda: apply(v),
    }
    if grids is not None and grids.levels:
        b = up(rng.normal(size=grids.levels[0].inverse.size))
        made["v_cycle"] = lambda: grids._cycle(0, b)
    return made | {"newton": iteration}


def differences(system: Any, t: float, state: tuple[Any, Any]) -> dict[str, float]:
    """Of device and host, each of the largest entry."""
    newton, down = system.newton, system.newton.machine.down
    y, yp = (newton.machine.up(part) for part in state)
    v = np.random.default_rng(2).normal(size=system.size)
    entries = system.jacobian(t, *state, CJ)
    pairs = {
        "residual": (newton.on_device.residual(t, y, yp), system.residual(t, *state)),
        "jacobian": (newton.on_device.jacobian(t, y, yp, CJ), entries),
        "jacobian_vector": (newton.whole.times(newton.machine.up(v)), system.matrix(entries) @ v),
    }
    return {name: float(np.abs(down(a) - b).max() / np.abs(b).max()) for name, (a, b) in pairs.items()}


def peak(machine: Any) -> float | None:
    """GiB that arrays have taken at most, or have been held for them: the pool gives nothing back."""
    pool = getattr(machine.xp, "get_default_memory_pool", None)
    return None if pool is None else float(pool().total_bytes()) / 2**30


def measured(size: str, until: float, device: str) -> dict[str, Any]:
    """One run and its pieces, in this process."""
    from femtdgl.kinds.run import read_file, solve_into

    place = size.split(":")[0]
    changes = {"mesh.h": SIZES[size], "output.fields": until, "measure.discard": 0.0}
    marks = [time.perf_counter()]
    job: Any = read_file(FILES[place], {**changes, "time.t_end": until, "time.checkpoint": until / 2})
    system, march = job.simulation.system, job.simulation.march
    marks.append(time.perf_counter())
    job.on(device)
    marks.append(time.perf_counter())
    on_device = device != "cpu"
    ends: list[float] = []
    middle: list[Any] = []

    def watch(progress: Any) -> None:
        ends.append(time.perf_counter())
        if progress.t == until / 2:
            middle.append(job.simulation.y.copy())

    with tempfile.TemporaryDirectory() as folder:
        result = solve_into(Path(folder) / "run", job, threads=1, watch=watch, device=device)
        summary, voltage = result.summary, float(result.probes["voltage"][-1])
    marks.append(time.perf_counter())
    newton = system.newton
    steps = np.diff(ends)[min(STARTING, len(ends) // 2) :]
    row: dict[str, Any] = {
        "size": size, "device": device, "nodes": summary["mesh"]["nodes"], "unknowns": system.size, "nnz": system.nnz,
        "seconds": dict(zip(("build", "place", "run"), np.diff(marks).tolist(), strict=True)),
        "steps": summary["steps"], "per_step": float(np.mean(steps)), "median_step": float(np.median(steps)),
        "counts": dict(newton.counts), "voltage": voltage, "period": summary["period"],
    }  # fmt: skip
    y, t = job.simulation.y, job.simulation.t
    if on_device:
        row["device_GiB"] = peak(newton.machine)
        march.begin(until / 2)
        *_, last = march.steps(until / 2, middle[0])
        row["resumed"] = bool(np.array_equal(last.y, y))
    rng = np.random.default_rng(0)  # off the solution, where the residual is not zero
    state = (y + 0.01 * rng.normal(size=y.size), rng.normal(size=y.size))
    if on_device:
        newton._make(t, newton.machine.up(state[0]), newton.machine.up(state[1]), CJ)
        row["differences"] = differences(system, t, state)
    else:
        newton._make(t, *state, CJ)
    wait = newton.machine.wait if on_device else lambda: None
    row["pieces"] = {name: timed(call, wait) for name, call in pieces_of(system, on_device, t, state).items()}
    row["host_GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return row


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
    for name in ("voltage", "period") if host is not None else ():
        here, there = row[name], host[name] if host is not None else None
        if (here is None) != (there is None):
            found.append(f"{size}: {name} {here} on the device, {there} on the host")
        elif here is not None and there is not None and not abs(here - there) <= SAME * abs(there):
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
    held = "" if row.get("device_GiB") is None else f", {row['device_GiB']:.2f} GiB on the device"
    times = "  ".join(f"{name} {1e3 * pieces[name]:.3g}" for name in PIECES if name in pieces)
    return (
        f"{row['size']:11s} {row['device']:9s} {row['nodes']:8d} nodes {row['steps']:5d} steps {row['per_step']:8.4f} "
        f"s/step; a step: {counts['setup'] / steps:.2f} set-ups, {counts['times'] / steps:.1f} J v; "
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
