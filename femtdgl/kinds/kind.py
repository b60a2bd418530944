"""The contract of a kind of problem.

A kind reads tables (all that can be wrong is said there, and nothing is written), describes what would be solved,
solves into a directory, goes on with a run or says in words that it cannot, tells a summary to people and draws.
Nothing outside a kind's own room asks which kind it deals with: `check` and `run` refuse the same inputs because both
begin with `read`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from femtdgl.device.names import CPU, known
from femtdgl.errors import InputError
from femtdgl.files.reader import Result
from femtdgl.web.html import Markup, Section

if TYPE_CHECKING:  # it draws, which takes long to import
    from femtdgl.web.scene import Scene


@dataclass
class Progress:
    """What a display may show of a run: how far it is, and the kind's own words about it."""

    t: float
    t_end: float

    def words(self) -> str:
        """How far it is, and how it goes."""
        return f"t = {self.t:.4g} of {self.t_end:.4g}"


Watch = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True)
class Onward:
    """How to go on with a stored run."""

    until: float | str | None = None
    """A new end, in t0, or text with a unit."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Dotted keys of the problem and their new values, where that means something."""
    exact: bool | None = None
    """Back to the last regular checkpoint, so that the result is that of an uninterrupted run to the bit; None: of a
    run that had come to its t_end, but not of one that was stopped."""
    vector_potential: Any = None
    """The A(x, t) of a run that had one in Python."""
    device: str = CPU
    """What it goes on on."""


class Job(ABC):
    """A problem that was read and found good."""

    @abstractmethod
    def describe(self) -> Iterator[str]:
        """What would be solved, line by line."""

    def on(self, device: str) -> None:
        """Solve it on a device.  Raises InputError where that is not possible."""
        if known(device) != CPU:
            raise InputError(f"{device!r} is not possible, this kind is solved on the CPU", key="device", allowed=CPU)

    @abstractmethod
    def solve(self, directory: Path, watch: Watch | None = None) -> None:
        """Solve into a prepared directory: result.h5, with an attribute `format` "femtdgl ...", and summary.json.

        Raises SolverStopped when it cannot be finished, and Interrupted when it was told to stop; what was computed is
        kept.
        """


class Kind(ABC):
    """A kind of problem: one object of each stands in the registry under its name."""

    name: ClassVar[str]
    """What `kind = "..."` of a problem file says."""
    summary: ClassVar[type]
    """The frozen dataclass of the entries of summary.json: each with its unit and its meaning."""
    described_by: ClassVar[type | None] = None
    """The class of its problems made in Python, if there is one: see `read_object`."""
    sections: ClassVar[type | None] = None
    """The dataclass of its problem files, for a schema; None: anything may stand in them."""
    studied: ClassVar[tuple[str, ...]] = ()
    """Entries of its summary that a sweep draws first; empty: whatever varies."""
    beginning: ClassVar[str] = ""
    """Section of its problems that says how they start, whose key `file` takes the result of another; "": there is
    none, a result depends on its problem alone."""
    listed: ClassVar[tuple[str, ...]] = ()
    """Lists of its summary, by dotted names with * for any part, that a table of many runs holds too: how long they
    are, and their items by number."""
    coexisting: ClassVar[str] = ""
    """The one of these that lists all states of a problem, where one run finds them all."""
    draws_when_solved: ClassVar[bool] = False
    """Whether `solve` makes the figures too: they are quick, and wanted from Python as well."""

    sources: ClassVar[tuple[str, ...]] = ()
    """Papers whose equations it solves, by their names in the docs: what a report asks to be cited."""

    @abstractmethod
    def read(self, table: Mapping[str, Any], text: str, *, file: str = "") -> Job:
        """The table of a problem file, whose text is stored with the result, as something to solve.

        Raises InputError, naming file, key, value and what is allowed, for all that is wrong with it.
        """

    def text_of(self, problem: Any) -> str:
        """A problem made in Python as the text of a problem file."""
        raise TypeError(f"{type(problem).__name__} describes no problem")

    def problem_of(self, table: Mapping[str, Any], *, file: str = "") -> Any:
        """The problem of a stored run for Python: an object of `described_by`, if there is one, else its table."""
        return dict(table)

    def read_object(self, problem: Any, changes: Mapping[str, Any]) -> Job:
        """A problem made in Python, with dotted keys changed."""
        raise TypeError(f"{type(problem).__name__} describes no problem")

    def resume(self, result: Result, onward: Onward, watch: Watch | None = None) -> None:
        """Go on with a stored run.  Raises InputError where that is not possible, SolverStopped and Interrupted."""
        raise InputError(
            f"is a {self.name}, solved as a whole: there is nothing to resume",
            file=str(result.directory),
            allowed="run it again with `femtdgl run --force`",
        )

    def flux(
        self, result: Result, kernel: str = "exact", kinetics: str = "linear", *, full: bool = False
    ) -> Iterator[str]:
        """Write the phonon spectral flux of a stored run beside it, and tell it."""
        raise InputError(
            f"is a {self.name}: it has no phonon flux of its own",
            file=str(result.directory),
            allowed="the directory of a run of a filament",
        )

    def distinguishing(self, entries: Sequence[str]) -> dict[str, float]:
        """Those of these entries of its summaries, by dotted names, by which one state is told from another; with a
        number that is small for the entry: two that differ by less are the same.
        """
        return {name: 0.0 for name in self.studied if name in entries}

    @abstractmethod
    def tell(self, summary: Mapping[str, Any], name: str) -> Iterator[str]:
        """The summary for people, line by line; `name` stands for a title that is not there."""

    @abstractmethod
    def draw(self, result: Result, *, times: Sequence[float] | None = None, animation: bool = False) -> list[Path]:
        """Make the figures of a result and return the files; `times` and `animation` where they mean something."""

    def picture(self, result: Result, name: str, *, times: Sequence[float] | None = None) -> list[Path]:
        """Draw one stored field alone.  Raises InputError where there is none of that name."""
        raise self._without_fields(result)

    def movie(self, result: Result, name: str, path: Path | None, *, fps: float, most: int,
              watch: Callable[[int, int], Any] | None = None) -> Path:  # fmt: skip
        """Make a movie of a stored field.  Raises InputError where there is none of that name."""
        raise self._without_fields(result)

    def equations(self, result: Result) -> Iterator[Markup]:
        """What was solved, for a report: pieces of a page, equations with the variants that were chosen."""
        yield from ()

    def report(self, result: Result) -> Iterator[Section]:
        """What a report shows of a result beside its figures."""
        yield from ()

    def view(self, result: Result) -> Scene:
        """The fields for the interactive view.  Raises InputError where there are none."""
        raise self._without_fields(result)

    def _without_fields(self, result: Result) -> InputError:
        words = f"is a {self.name}: it has no fields in space"
        return InputError(words, file=str(result.directory), allowed="the directory of a run of a filament")
