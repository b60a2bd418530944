"""From the table of a problem file to all that a cooler needs before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError
from femtdgl.kinds.cooler.assemble import assemble, scales_of
from femtdgl.kinds.cooler.run import FilamentRun, read_run
from femtdgl.kinds.cooler.sections import CoolerProblem, read_sections
from femtdgl.kinds.cooler.self_heating import self_heated
from femtdgl.kinds.cooler.source import read_source
from femtdgl.kinds.filament.kind import FilamentJob
from femtdgl.problem.film import Interference
from femtdgl.thermal.cooler import Cooler


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A checked file: nothing in it can still be wrong but what the run of its filament gives."""

    problem: CoolerProblem
    kernel: str
    filament: FilamentJob | FilamentRun
    """To be run; or what a stored run gave."""
    name: str
    """Of the filament: its title, or where it is stored."""
    unpowered: Cooler
    """The cooler with a filament of length xi and unit <J V>, that pumps nothing: all but what a run decides."""
    others: Mapping[Interference, FilamentJob] = field(default_factory=dict)
    """The filament with the other coefficients c of (1.2), to be run beside it."""


def prepare(table: Mapping[str, Any], *, file: str = "") -> Prepared:
    """Check a file, the mesh and the system of its filament too.  Raises InputError before anything is written."""
    try:
        problem = read_sections(table)
        source = read_source(problem.filament, Path(file).parent)
        scales = scales_of(problem.material, source.problem.film.eta)
        unpowered = assemble(problem, scales, length=1.0, joule=1.0, g_W=0.0, current=0.0).cooler
        if source.self_heating:
            source = source.replaced(self_heated(source, scales, unpowered))
        filament = source.job() if source.stored is None else read_run(source.stored, source.kernel)
        others = source.others()
        stored = "" if source.stored is None else f"stored: {source.stored.directory}"
        name = stored or source.problem.title or "(no title)"
    except InputError as error:
        raise error.at(file=error.file or file) from None
    return Prepared(
        problem=problem, kernel=source.kernel, filament=filament, name=name, unpowered=unpowered, others=others
    )
