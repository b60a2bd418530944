"""What any run says at its end, and what any problem file says before it: each kind in its own words."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError
from femtdgl.figures.offscreen import NoPicture
from femtdgl.files.reader import Result
from femtdgl.kinds import registry
from femtdgl.kinds.run import read_file


def lines(result: Result) -> Iterator[str]:
    """The summary of a run for people."""
    yield from registry.of_result(result).tell(result.summary, str(result.directory))
    yield f"  written to {result.directory}"


def describe_file(path: str | Path, changes: Mapping[str, Any] | None = None) -> Iterator[str]:
    """What would be solved, for a problem file of any kind; changes by dotted keys."""
    return read_file(path, changes).describe()


def figures(
    result: Result, *, times: Sequence[float] | None = None, animation: bool = False, units: str | None = None
) -> list[Path]:
    """Make the figures of a run again, and return the files.   units: as for `figures.units.shown_in`.

    Raises InputError for times that are not there and for a damaged result, and NoPicture where there is nothing to
    draw, or no OpenGL to draw it with; what is stored is not touched.
    """
    from femtdgl.figures.units import shown_in

    kind = registry.of_result(result)
    try:
        with shown_in(units), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of matplotlib, on what a short run leaves empty
            return kind.draw(result, times=times, animation=animation)
    except (InputError, OSError, MemoryError):
        raise
    except Exception as error:  # a run that ended early, or went astray, may hold anything
        raise NoPicture(f"no figures of {result.directory}: its record cannot be drawn, {error!r}") from error
