"""A thermal network from a problem file: run, written and drawn like any other problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing, write_json
from femtdgl.files.versions import version_attributes, versions
from femtdgl.kinds.network.outcome import NetworkOutcome, run_network
from femtdgl.kinds.network.tables import read_network, read_problem


def check_network(table: Mapping[str, Any], *, file: str = "") -> Iterator[str]:
    """What would be solved, line by line.  Raises InputError for bad input."""
    try:
        problem = read_problem(table)
        network = read_network(problem)
    except InputError as error:
        raise error.at(file=file) from None
    yield problem.title or "(no title)"
    yield f"  nodes       {', '.join(network.nodes)}"
    yield f"  links       {', '.join(network.links)}"
    if problem.scan is not None:
        yield f"  scan        {problem.scan.parameter}, {len(problem.scan.grid())} values"


def solve_network(table: Mapping[str, Any], text: str, directory: Path) -> None:
    """Run a network and write result.h5, summary.json and figures."""
    outcome = run_network(table)
    with replacing(directory / "result.h5") as path, h5py.File(path, "w") as file:
        file.attrs.update({"format": "femtdgl network 1", **version_attributes()})
        file["problem"] = text
        for name, array in outcome.arrays.items():
            file[name] = array
    write_json(directory / "summary.json", {**outcome.summary, "versions": versions()})
    draw_network(outcome, directory)


def draw_network(outcome: NetworkOutcome, directory: Path) -> list[Path]:
    """The figures of a network, one file each."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from femtdgl.figures import network as plots_network

    folder = directory / "figures"
    folder.mkdir(exist_ok=True)
    paths = []
    for name in outcome.figures:
        figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
        plots_network.FIGURES[name](ax, outcome)
        figure.suptitle(outcome.summary["title"], fontsize=9)
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=130)
        plt.close(figure)
    return paths


def network_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The summary of a network for people."""
    yield summary["title"]
    yield "  " + ", ".join(f"{name} {T * 1e3:.6g} mK" for name, T in summary["nodes"].items())
    yield "  " + ", ".join(f"{name} {P:.4g} W" for name, P in summary["links"].items())
    for root in summary["roots"]:
        places = ", ".join(f"{name} {T * 1e3:.8g} mK" for name, T in root["temperatures"].items())
        yield f"  steady state ({'stable' if root['stable'] else 'unstable'}): {places}"
    for window in summary.get("ndtc_windows", ()):
        yield "  NDTC window: " + ", ".join(f"{key} {value}" for key, value in window.items())
    for warning in summary["warnings"]:
        yield f"  warning: {warning}"
