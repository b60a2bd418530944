"""CPU seconds per t0 of the vortex strip against the number of nodes: the whole solve, probes included.

    python benchmarks/strip.py [--sizes 0.45 0.2 0.1] [--until 20] [--rtol 3e-4] [--json FILE]

Each size runs problems/vortex_strip.toml from psi = 1.  The first t0, in which psi heals to the contacts and the
current rises, take most of the steps: `first` is their share up to t = 5, `later` what follows.  pyTDGL is run beside,
at about as many sites, where it is installed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import importlib.util
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import femtdgl as fg

PROBLEM = Path(__file__).parent.parent / "problems" / "vortex_strip.toml"
EARLY = 5.0


def timed(h: float, until: float, rtol: float) -> dict[str, Any]:
    """One run: nodes, steps, CPU seconds per t0 of its parts, mean voltage between the inner probes by windows."""
    changes = {"mesh.h": h, "time.t_end": until, "time.rtol": rtol, "output.fields": until}
    problem = fg.load(PROBLEM, changes)
    built = time.process_time()
    system = fg.System(problem)
    system.residual(0.0, *np.zeros((2, system.size)))  # compiled, or read from the cache
    setup = time.process_time() - built
    marks: list[tuple[float, float]] = []
    result = fg.run(problem, watch=lambda progress: marks.append((progress.t, time.process_time())))
    t, cpu = np.array(marks).T
    total = float(result.summary["cpu_seconds"])
    start = cpu[-1] - total  # but for the last of the recording, which follows the last step
    early = float(np.interp(min(EARLY, until), t, cpu)) - start
    series, voltage = result.probes["t"], result.probes["inner"]
    edges = np.arange(0.0, until + 1e-9, 20.0)
    windows = []
    for a, b in pairwise(edges):
        kept = (series >= a) & (series <= b)
        windows.append(float(np.trapezoid(voltage[kept], series[kept]) / np.ptp(series[kept])))
    return {
        "h": h, "nodes": result.summary["mesh"]["nodes"], "unknowns": result.summary["unknowns"], "rtol": rtol,
        "until": until, "steps": result.summary["steps"], "setup_cpu": setup, "cpu_per_t0": total / until,
        "first": early / min(EARLY, until), "later": (total - early) / max(until - EARLY, 1e-9),
        "inner_voltage_by_20_t0": windows,
    }  # fmt: skip


def peer(h: float, until: float) -> dict[str, Any]:
    """pyTDGL on the same strip: lengths in xi, time in its tau_0, which is our t0."""
    import tdgl

    layer = tdgl.Layer(coherence_length=1.0, london_lambda=10.0, thickness=0.1, gamma=10.0, u=5.7882)
    film = tdgl.Polygon("film", points=tdgl.geometry.box(20.0, 10.0)).resample(401)
    ends = [tdgl.Polygon(name, points=tdgl.geometry.box(0.1, 10.0, center=(x, 0))) for name, x in
            (("source", -10.0), ("drain", 10.0))]  # fmt: skip
    device = tdgl.Device("strip", layer=layer, film=film, terminals=ends, probe_points=[(-7, 0), (7, 0)])
    device.make_mesh(max_edge_length=h)
    current = 0.15 * 10.0 * device.K0.to("uA/um").magnitude / 4  # K0 is 4 j0 d
    options = tdgl.SolverOptions(solve_time=until, current_units="uA", field_units="mT", save_every=1000)
    field = 0.2 * device.Bc2.to("mT").magnitude
    start = time.process_time()
    tdgl.solve(
        device, options, applied_vector_potential=field, terminal_currents={"source": current, "drain": -current}
    )
    return {"sites": len(device.points), "cpu_per_t0": (time.process_time() - start) / until}


def main() -> None:
    """Run all sizes and print one JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.45, 0.2, 0.1])
    parser.add_argument("--until", type=float, default=20.0)
    parser.add_argument("--rtol", type=float, default=3e-4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    runs = []
    for h in options.sizes:
        runs.append(timed(h, options.until, options.rtol))
        print(json.dumps(runs[-1]), flush=True)
    nodes, costs = (np.log([run[key] for run in runs]) for key in ("nodes", "cpu_per_t0"))
    report: dict[str, Any] = {"femtdgl": runs}
    if len(runs) > 1:
        report["cost_grows_as_nodes_to_the"] = float(np.polyfit(nodes, costs, 1)[0])
    if importlib.util.find_spec("tdgl") is not None:
        report["pytdgl"] = [peer(h, options.until) for h in options.sizes]
    text = json.dumps(report, indent=2)
    if options.json is not None:
        options.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
