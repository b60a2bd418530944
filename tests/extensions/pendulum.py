"""A kind of problem of somebody else's: a pendulum of small swings, in one module."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from femtdgl.files.atomic import write_json
from femtdgl.files.hdf5 import created, seal
from femtdgl.input.tables import validated
from femtdgl.kinds import registry
from femtdgl.kinds.kind import Job, Kind
from femtdgl.measure.entry import as_json, entry, summary


@dataclass(frozen=True, kw_only=True)
class Pendulum:
    """The problem file."""

    kind: str
    length: float
    title: str = ""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012


@summary
class PendulumSummary:
    """What comes out."""

    title: str = entry("", "title of the problem")
    period: float = entry("s", "period of small swings")


@dataclass
class PendulumJob(Job):
    """A pendulum that was read."""

    problem: Pendulum
    text: str

    def describe(self) -> Iterator[str]:
        """Its length."""
        yield f"a pendulum of {self.problem.length:g} m"

    def solve(self, directory: Path, watch=None) -> None:
        """Its period."""
        period = 2 * np.pi * np.sqrt(self.problem.length / 9.81)
        with created(directory / "result.h5") as file:
            seal(file, {"format": "femtdgl pendulum 1"}, self.text)
        write_json(directory / "summary.json", as_json(PendulumSummary(title=self.problem.title, period=period)))


class PendulumKind(Kind):
    """kind = "pendulum"."""

    name = "pendulum"
    summary = PendulumSummary

    def read(self, table, text, *, file=""):
        """A table as a pendulum."""
        return PendulumJob(validated(Pendulum, table, ""), text)

    def tell(self, summary, name):
        """Its period in words."""
        yield f"{summary['title'] or name}: {summary['period']:.4g} s"

    def draw(self, result, *, times=None, animation=False):
        """A picture of it."""
        folder = result.directory / "figures"
        folder.mkdir(exist_ok=True)
        (folder / "swing.txt").write_text("o")
        return [folder / "swing.txt"]


registry.register(PendulumKind())
