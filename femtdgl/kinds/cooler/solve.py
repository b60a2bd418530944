"""Solving a cooler into a directory: its filament into DIR/filament, with other interference into DIR/variants, then
result.h5, summary.json and figures.
"""

from __future__ import annotations

from pathlib import Path

import h5py

from femtdgl.errors import SolverStopped
from femtdgl.figures import cooler as figures
from femtdgl.files.atomic import write_json
from femtdgl.files.hdf5 import created, seal, store
from femtdgl.files.reader import Result
from femtdgl.files.versions import version_attributes
from femtdgl.kinds.cooler.curves import Named, kappa_curves, settling, thickness_curves, transient_curves
from femtdgl.kinds.cooler.evaluate import evaluate
from femtdgl.kinds.cooler.judge import CAUTION
from femtdgl.kinds.cooler.prepare import Prepared
from femtdgl.kinds.cooler.run import FilamentRun, read_run
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.kinds.kind import Watch
from femtdgl.measure.entry import as_json


def solve(prepared: Prepared, text: str, directory: Path, watch: Watch | None = None) -> None:
    """Run the filament, then the plates.  Raises SolverStopped or Interrupted where one did not end."""
    filament = filament_run(prepared, directory / "filament", watch)
    others = {
        name: completed(job, directory / "variants" / name, prepared.kernel, watch)
        for name, job in prepared.others.items()
    }
    cooler, summary = evaluate(prepared, filament, others)
    transients = {mode: settling(cooler, mode) for mode in cooler.modes}
    with created(directory / "result.h5") as file:
        seal(file, {"format": "femtdgl cooler 1", **version_attributes()}, text)
        for mode, run in transients.items():
            store_curves(file, f"transient/{mode}", transient_curves(run))
        store_curves(file, "kappa", kappa_curves(cooler))
        store_curves(file, "thickness", thickness_curves(cooler))
        if "paper" in cooler.modes:
            for name in ("transient/paper", "thickness/paper"):
                file[name].attrs["label"] = CAUTION
    summary = summary.with_mismatches({mode: run.energy_mismatch for mode, run in transients.items()})
    write_json(directory / "summary.json", as_json(summary))
    figures.write_figures(Result(directory))


def filament_run(prepared: Prepared, where: Path, watch: Watch | None = None) -> FilamentRun:
    """What the filament gives; it is run into `where` unless its run is stored."""
    if isinstance(prepared.filament, FilamentRun):
        return prepared.filament
    return completed(prepared.filament, where, prepared.kernel, watch)


def completed(job: FilamentJob, where: Path, kernel: str, watch: Watch | None = None) -> FilamentRun:
    """A filament run into `where`, and read.  Raises SolverStopped where it did not come to its end."""
    where.mkdir(parents=True, exist_ok=True)
    job.solve(where, watch)
    result = Result(where)
    if result.summary["stop_reason"] == "interrupted":
        raise SolverStopped("the run of the filament was interrupted", time=result.summary["t_end"])
    return read_run(result, kernel)


def store_curves(file: h5py.File, group: str, curves: Named) -> None:
    """Curves as the datasets of a group."""
    for name, values in curves:
        store(file, f"{group}/{name}", values)
