"""What a march through time is made of, timed, on a device or on the host: for `benchmarks/gpu.py`."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femtdgl.device.gmres import gmres
from femtdgl.device.integrate import LINEAR, NEWTON
from femtdgl.device.names import CPU
from femtdgl.errors import InputError
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.kinds.run import read_file, solve_into
from femtdgl.solve.integrate import KRYLOV
from femtdgl.solve.system import System

Array = NDArray[np.float64]
Call = Callable[[], Any]

CJ = 100.0
"""Of the pieces, d y'/dy."""
STARTING = 10
"""Steps that are not timed."""
LONG_ENOUGH, MOST_CALLS = 0.2, 20
"""A piece is called until so many seconds have gone, or so many times."""
GIB = 2**30


def time_pieces(
    problem: str | Path, *, until: float, device: str = CPU, threads: int | None = None, **overrides: Any
) -> dict[str, Any]:
    """Run a filament of two or three dimensions, and time the run and what it is made of.

    `problem`: a file, or the name of a ready problem, run from its start to `until`, with a checkpoint in the middle;
    `device`, `threads` and overrides as for `run`.  Returns numbers only, by name:

    `nodes`, `unknowns`, `nnz`, `steps`, `counts`, `voltage`, `period`; `seconds` of build, place (on the device), run;
    `per_step`, without the first ten; `host_GiB`, the most that this process had; and `pieces`, seconds a call at a
    state near the last one: residual, jacobian, jacobian_vector, setup (of the preconditioner, from the Jacobian),
    apply, cycle, newton (a residual and GMRES).

    On a device also `per_step_alone`, without the record; `resumed`, whether the second half run again is the same to
    the bit; `device_GiB`, the most that arrays took; `differences` of residual, jacobian and jacobian_vector from the
    host's, of the largest entry.
    Raises InputError and SolverStopped as `run` does.
    """
    marks = [time.perf_counter()]
    changes = {name.replace("__", "."): value for name, value in overrides.items()}
    job = read_file(problem, {**changes, "time.t_end": until, "time.checkpoint": until / 2})
    if not isinstance(job, FilamentJob) or job.simulation.system.space.dim == 1:
        raise InputError("is not timed in pieces", key="problem", allowed="a filament of two or three dimensions")
    simulation = job.simulation
    system, march = simulation.system, simulation.march
    marks.append(time.perf_counter())
    job.on(device)
    marks.append(time.perf_counter())
    there, ends, middle = device != CPU, list[float](), list[tuple[Array, float | None]]()

    def watch(progress: Any) -> None:
        ends.append(time.perf_counter())
        if progress.t == until / 2:
            middle.append((simulation.y.copy(), march.pace(progress.t)))

    with TemporaryDirectory() as folder:
        result = solve_into(Path(folder) / "run", job, threads=threads, watch=watch, device=device)
        summary, voltage = result.summary, float(result.probes["voltage"][-1])
    marks.append(time.perf_counter())
    row: dict[str, Any] = {
        "device": device, "nodes": system.space.N, "unknowns": system.size, "nnz": system.nnz,
        "seconds": dict(zip(("build", "place", "run"), np.diff(marks).tolist(), strict=True)),
        "steps": summary["steps"], "per_step": _per_step(ends), "counts": dict(system.newton.counts),
        "voltage": voltage, "period": summary["period"],
    }  # fmt: skip
    y, t = simulation.y, simulation.t
    if there:
        row["device_GiB"] = _taken(system.newton)
        y_then, pace = middle[0]
        march.begin(until / 2, pace)
        again = [(time.perf_counter(), step.y) for step in march.steps(until / 2, y_then)]
        row["per_step_alone"] = _per_step([end for end, _ in again])
        row["resumed"] = bool(np.array_equal(again[-1][1], y))
    rng = np.random.default_rng(0)  # off the solution, where the residual is not zero
    state = (y + 0.01 * rng.normal(size=y.size), rng.normal(size=y.size))
    if there:
        row["differences"] = _differences(system, t, state)
    calls, wait = _calls(system, t, state, there=there)
    row["pieces"] = {name: _timed(call, wait) for name, call in calls.items()}
    row["host_GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
    return row


def _per_step(ends: list[float]) -> float:
    """Seconds a step, from the times at which steps ended, without those of the start."""
    return float(np.mean(np.diff(ends)[min(STARTING, len(ends) // 2) :]))


def _taken(newton: Any) -> float | None:
    """GiB that arrays on the device have taken at most: the pool gives nothing back."""
    pool = getattr(newton.machine.xp, "get_default_memory_pool", None)
    return None if pool is None else float(pool().total_bytes()) / GIB


def _differences(system: System, t: float, state: tuple[Array, Array]) -> dict[str, float]:
    """Of device and host, each of the largest entry.   The Jacobian is made with them."""
    newton: Any = system.newton
    up, down = newton.machine.up, newton.machine.down
    y, yp = map(up, state)
    newton._make(t, y, yp, CJ)
    v, entries = np.random.default_rng(2).normal(size=system.size), system.jacobian(t, *state, CJ)
    pairs = {
        "residual": (newton.on_device.residual(t, y, yp), system.residual(t, *state)),
        "jacobian": (newton.whole.data, entries),
        "jacobian_vector": (newton.whole.times(up(v)), system.matrix(entries) @ v),
    }
    return {name: float(np.abs(down(a) - b).max() / np.abs(b).max()) for name, (a, b) in pairs.items()}


def _calls(system: System, t: float, state: tuple[Array, Array], *, there: bool) -> tuple[dict[str, Call], Call]:
    """What to time, on the device or on the host; and how to wait for it."""
    newton: Any = system.newton
    rng, z = np.random.default_rng(1), np.empty(system.size)
    up: Any = newton.machine.up if there else np.asarray
    y, yp = map(up, state)
    v, weights = up(rng.normal(size=system.size)), up(1 / (system.problem.time.rtol * (1 + np.abs(state[0]))))
    assembly = newton.on_device if there else system
    newton._make(t, y, yp, CJ)

    def apply(r: Any) -> Any:
        if there:
            return newton.apply(r)
        newton.solve(t, y, yp, None, r, z, CJ, 0.0)
        return z.copy()

    def iteration() -> Any:
        right = weights * apply(-assembly.residual(t, y, yp))
        allowed = LINEAR * NEWTON * np.sqrt(system.size)
        operator = lambda x: weights * apply(newton.whole.times(x / weights))  # noqa: E731
        return gmres(newton.xp if there else np, operator, right, allowed, KRYLOV)

    calls: dict[str, Call] = {
        "residual": lambda: assembly.residual(t, y, yp),
        "jacobian": lambda: assembly.jacobian(t, y, yp, CJ),
        "jacobian_vector": lambda: newton.whole.times(v),
        "setup": newton._factorise,
        "apply": lambda: apply(v),
        "newton": iteration,
    }
    grids = getattr(newton._potential if there else newton.phi_inverse, "_grids", None)
    if grids is not None and grids.levels:
        b = up(rng.normal(size=grids.levels[0].inverse.size))
        calls["cycle"] = lambda: grids._cycle(0, b)
    return calls, newton.machine.wait if there else lambda: None


def _timed(call: Call, wait: Call) -> float:
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
