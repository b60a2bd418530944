"""The weak-spot strip beside pyTDGL, where that is installed: mean voltage between x = -15 and 15 over t in 100..200.

    OMP_NUM_THREADS=1 python benchmarks/weak_spot.py [--edges 0.2 0.15] [--peer-only]

pyTDGL's time unit is our t0, its length xi, its K0 four times our j0 times the thickness, its voltages in V0: numbers
compare as they stand.  `eps` enters it as `disorder_epsilon`, delta as its gamma, and it has neither of the terms that
the problem file turns off.  It starts from psi = 1 with the full current; the mean depends on that by 0.002
(docs/planes.md).
Prints one JSON.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

import femtdgl as fg

PROBLEM = Path(__file__).parent.parent / "problems" / "weak_spot_strip.toml"
LENGTH, WIDTH, CURRENT, T_END, FROM = 40.0, 1.0, 0.30, 200.0, 100.0


def ours() -> dict[str, Any]:
    """The problem file as it ships."""
    summary = fg.run(PROBLEM).summary
    return {"nodes": summary["mesh"]["nodes"], "V": summary["mean_inner"], "cpu_per_t0": summary["cpu_seconds"] / T_END}


def peer(edge: float) -> dict[str, Any]:
    """pyTDGL on the same strip."""
    import tdgl

    layer = tdgl.Layer(coherence_length=1.0, london_lambda=10.0, thickness=0.1, gamma=1.0, u=fg.units.U)
    film = tdgl.Polygon("film", points=tdgl.geometry.box(LENGTH, WIDTH)).resample(801)
    ends = [
        tdgl.Polygon(name, points=tdgl.geometry.box(0.1, WIDTH, center=(x, 0)))
        for name, x in (("source", -LENGTH / 2), ("drain", LENGTH / 2))
    ]
    device = tdgl.Device("strip", layer=layer, film=film, terminals=ends, probe_points=[(-15, 0), (15, 0)])
    device.make_mesh(max_edge_length=edge)
    current = CURRENT * WIDTH * device.K0.to("uA/um").magnitude / 4
    options = tdgl.SolverOptions(solve_time=T_END, current_units="uA", field_units="mT", save_every=5000)
    start = time.process_time()
    solution = tdgl.solve(
        device,
        options,
        terminal_currents={"source": current, "drain": -current},
        disorder_epsilon=lambda r: 1 - 0.7 * np.exp(-(r[0] ** 2) / 2),
    )
    cpu = time.process_time() - start
    steps = np.asarray(solution.dynamics.dt, float)
    voltage = np.asarray(solution.dynamics.voltage(), float)
    kept = np.cumsum(steps) > FROM
    mean = float(voltage[kept] @ steps[kept] / steps[kept].sum())
    return {"sites": len(device.points), "V": abs(mean), "cpu_per_t0": cpu / T_END}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=float, nargs="+", default=[0.2, 0.15])
    parser.add_argument("--peer-only", action="store_true")
    arguments = parser.parse_args()
    report: dict[str, Any] = {} if arguments.peer_only else {"femtdgl": ours()}
    if importlib.util.find_spec("tdgl") is not None:
        report["pytdgl"] = [peer(edge) for edge in arguments.edges]
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
