"""The vortex strip beside pyTDGL: CPU seconds over the same stretch of time, on one thread, and voltages by windows.

    python benchmarks/strip.py [--sizes 0.2 0.1] [--until 20 5] [--json FILE]          the start, from psi = 1
    python benchmarks/strip.py --sizes 0.2 0.1 --until 100 100 --json FILE             a long run; an hour

Each size runs problems/vortex_strip.toml at a relative tolerance of 3e-4, and then pyTDGL (pip install -e '.[bench]')
at about as many sites, once with its default first step and once with 1e-4, one after the other in one process.
Seconds are those of the solve, without imports and meshes; `first` is the stretch up to t = 5 in them.  Windows are
20 t0 long; the voltage is that between the inner probes.  `growth` is the exponent of the seconds per t0 in the nodes,
from size to size.  With `--refined H` a case of 20 t0 or more is run here again on a mesh of that h at a relative
tolerance of 1e-6: `errors` are those of the windows against it, relative.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import argparse
import contextlib
import importlib.util
import io
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicHermiteSpline

import femtdgl as fg

PROBLEM = Path(__file__).parent.parent / "problems" / "vortex_strip.toml"
EARLY, WINDOW = 5.0, 20.0


def timed(h: float, until: float, rtol: float) -> dict[str, Any]:
    """One run: nodes, steps, CPU seconds of the solve and of its first part, mean inner voltage by windows."""
    changes = {"mesh.h": h, "time.t_end": until, "time.rtol": rtol, "output.fields": until, "measure.discard": 0.0}
    problem = fg.load(PROBLEM, changes)
    fg.run(PROBLEM, until=0.02, mesh__h=1.0, measure__discard=0.0)  # compiled, or read from the cache
    marks: list[tuple[float, float]] = []
    result = fg.run(problem, watch=lambda progress: marks.append((progress.t, time.process_time())), threads=1)
    t, cpu = np.array(marks).T
    total = float(result.summary["cpu_seconds"])
    return {
        "nodes": result.summary["mesh"]["nodes"], "until": until, "rtol": rtol, "steps": result.summary["steps"],
        **result.summary["work"], "cpu": total,
        "first": float(np.interp(min(EARLY, until), t, cpu)) - (float(cpu[-1]) - total),
        "windows": _exact_windows(result, until),
    }  # fmt: skip


def peer(sites: float, until: float, dt_init: float | None) -> dict[str, Any]:
    """pyTDGL on the same strip: lengths in xi, time in its tau_0, which is our t0."""
    import tdgl

    layer = tdgl.Layer(coherence_length=1.0, london_lambda=10.0, thickness=0.1, gamma=10.0, u=5.7882)
    film = tdgl.Polygon("film", points=tdgl.geometry.box(20.0, 10.0)).resample(401)
    ends = [tdgl.Polygon(name, points=tdgl.geometry.box(0.1, 10.0, center=(x, 0))) for name, x in
            (("source", -10.0), ("drain", 10.0))]  # fmt: skip
    device = tdgl.Device("strip", layer=layer, film=film, terminals=ends, probe_points=[(-7, 0), (7, 0)])
    edge = 0.39 * np.sqrt(5000 / sites)  # of the longest, for so many sites
    with contextlib.redirect_stderr(io.StringIO()):
        device.make_mesh(max_edge_length=edge)
        current = 0.15 * 10.0 * device.K0.to("uA/um").magnitude / 4  # K0 is 4 j0 d
        first = {} if dt_init is None else {"dt_init": dt_init}
        options = tdgl.SolverOptions(solve_time=until, current_units="uA", field_units="mT", save_every=1000, **first)
        field = 0.2 * device.Bc2.to("mT").magnitude
        start = time.process_time()
        solution = tdgl.solve(
            device,
            options,
            applied_vector_potential=field,
            terminal_currents=lambda t: {"source": current * min(t, 1.0), "drain": -current * min(t, 1.0)},
        )
        cpu = time.process_time() - start
    dynamics = solution.dynamics
    steps = np.asarray(dynamics.dt)
    at = np.cumsum(steps)
    return {
        "sites": len(device.points), "until": until, "dt_init": dt_init, "steps": int(steps.size), "cpu": cpu,
        "windows": _windows(at, np.abs(np.asarray(dynamics.voltage())), until),
    }  # fmt: skip


def _exact_windows(result: fg.Result, until: float) -> list[float]:
    """The same of a run of ours, whose steps grow to several t0: from integrals over time, of which V is the slope."""
    t, values = result.read("integrals/t"), result.probes["inner"]
    if t.size != values.size:
        return _windows(result.probes["t"], values, until)
    total = CubicHermiteSpline(t, result.read("integrals/inner"), values)
    return [float(total(b) - total(a)) / WINDOW for a, b in pairwise(np.arange(0.0, until + 1e-9, WINDOW))]


def _windows(t: Any, values: Any, until: float) -> list[float]:
    """Means over windows, by the trapezoidal rule."""
    means = []
    for a, b in pairwise(np.arange(0.0, until + 1e-9, WINDOW)):
        kept = (t >= a) & (t <= b)
        means.append(float(np.trapezoid(values[kept], t[kept]) / np.ptp(t[kept])))
    return means


def fastest(h: float, until: float, rtol: float, peers: tuple[float | None, ...], rounds: int) -> list[dict[str, Any]]:
    """Our run and those of the peer by their first steps, in turn; of each the one of so many that took least."""
    runs: list[list[dict[str, Any]]] = []
    for _ in range(rounds):
        own = timed(h, until, rtol)
        runs.append([own, *(peer(own["nodes"], until, dt_init) for dt_init in peers)])
    return [min(same, key=lambda run: run["cpu"]) for same in zip(*runs, strict=True)]


def add_errors(case: dict[str, Any], windows: list[float]) -> None:
    """To each run of a case its errors against refined windows."""
    for run in case.values():
        run["errors"] = [value / right - 1 for value, right in zip(run["windows"], windows, strict=True)]


def main() -> None:
    """A block a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.2, 0.1], help="mesh.h of each case")
    parser.add_argument("--until", type=float, nargs="+", default=[20.0, 5.0], help="end of each case, in t0")
    parser.add_argument("--rtol", type=float, default=3e-4)
    parser.add_argument("--repeat", type=int, default=1, help="rounds, of which the least seconds of each are told")
    parser.add_argument("--alone", action="store_true", help="without the peer")
    parser.add_argument("--refined", type=float, metavar="H", help="mesh.h of the run that errors are told against")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    beside = not options.alone and importlib.util.find_spec("tdgl") is not None
    report: list[dict[str, Any]] = []
    last: dict[str, Any] | None = None
    right: dict[float, list[float]] = {}
    for h, until in zip(options.sizes, options.until, strict=True):
        own, *others = fastest(h, until, options.rtol, (None, 1e-4) if beside else (), options.repeat)
        if last is not None:
            ratio = np.log(own["cpu"] / own["until"]) - np.log(last["cpu"] / last["until"])
            own["growth"] = float(ratio / np.log(own["nodes"] / last["nodes"]))
        case: dict[str, Any] = {"femtdgl": own}
        print(
            f"femtdgl  {own['nodes']:6d} nodes  0..{until:g}  {own['steps']:6d} steps  {own['cpu']:8.2f} CPU s",
            flush=True,
        )
        for other in others:
            other["ratio"] = other["cpu"] / own["cpu"]
            case[f"pytdgl, dt_init {other['dt_init'] or 'default'}"] = other
            told = f"{other['sites']:6d} sites  0..{until:g}  {other['steps']:6d} steps  {other['cpu']:8.2f} CPU s"
            print(f"pyTDGL   {told}  {other['ratio']:5.1f} times", flush=True)
        if options.refined is not None and until >= WINDOW:
            if until not in right:
                right[until] = timed(options.refined, until, 1e-6)["windows"]
            add_errors(case, right[until])
            for name, run in case.items():
                print(name, "errors of windows:", *(f"{error:+.2%}" for error in run["errors"]), flush=True)
        report.append(case)
        last = own
    text = json.dumps(report, indent=1)
    if options.json is not None:
        options.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
