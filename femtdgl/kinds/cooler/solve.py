"""Solving a cooler into a directory: its filament into DIR/filament, then result.h5, summary.json and figures."""

from __future__ import annotations

from pathlib import Path

import h5py

from femtdgl.errors import SolverStopped
from femtdgl.figures import cooler as figures
from femtdgl.files.atomic import replacing, write_json
from femtdgl.files.reader import Result
from femtdgl.files.versions import version_attributes
from femtdgl.kinds.cooler.curves import Named, kappa_curves, settling, thickness_curves, transient_curves
from femtdgl.kinds.cooler.evaluate import evaluate
from femtdgl.kinds.cooler.judge import CAUTION
from femtdgl.kinds.cooler.prepare import Prepared
from femtdgl.kinds.cooler.run import FilamentRun, read_run
from femtdgl.kinds.kind import Watch
from femtdgl.measure.entry import as_json


def solve(prepared: Prepared, text: str, directory: Path, watch: Watch | None = None) -> None:
    """Run the filament, then the plates.  Raises SolverStopped where the filament did not come to its end."""
    cooler, summary = evaluate(prepared, filament_run(prepared, directory / "filament", watch))
    transients = {mode: settling(cooler, mode) for mode in cooler.modes}
    with replacing(directory / "result.h5") as path, h5py.File(path, "w") as file:
        file.attrs.update({"format": "femtdgl cooler 1", **version_attributes()})
        file["problem"] = text
        for mode, run in transients.items():
            store(file, f"transient/{mode}", transient_curves(run))
        store(file, "kappa", kappa_curves(cooler))
        store(file, "thickness", thickness_curves(cooler))
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
    where.mkdir(exist_ok=True)
    prepared.filament.solve(where, watch)
    result = Result(where)
    if result.summary["stop_reason"] == "interrupted":
        checkpoint = str(where / "checkpoint.npz")
        reason = "the run of the filament was interrupted"
        raise SolverStopped(reason, time=result.summary["t_end"], checkpoint=checkpoint)
    return read_run(result, prepared.kernel)


def store(file: h5py.File, group: str, curves: Named) -> None:
    """Curves as the datasets of a group."""
    for name, values in curves:
        file[f"{group}/{name}"] = values
