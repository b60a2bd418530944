"""A progress bar for runs from Python: one line in a terminal, or under the cell of a notebook.

Nothing is shown for runs of about a second, where nobody reads (no terminal and no notebook), or in worker processes,
whose lines would mix.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Protocol

from femtdgl.kinds.kind import Progress, Watch

QUIET, EVERY = 1.0, 0.2
"""Seconds before anything is shown, and between what is shown."""
WIDTH = 24


class Screen(Protocol):
    """Where a bar is shown."""

    def show(self, share: float, words: str) -> None:
        """How far it is, 0 to 1, and in words."""

    def close(self) -> None:
        """Leave no half a line."""


class Terminal:
    """One line of a terminal, written over and removed at the end."""

    def __init__(self, stream: Any) -> None:
        self.stream, self._length = stream, 0

    def show(self, share: float, words: str) -> None:
        """How far it is, 0 to 1, and in words, as far as the line goes."""
        done = round(share * WIDTH)
        line = f"{share:4.0%} [{'#' * done}{'.' * (WIDTH - done)}] {words}"
        line = line[: max(shutil.get_terminal_size().columns - 1, 10)]
        self._write(f"\r{line.ljust(self._length)}")
        self._length = len(line)

    def close(self) -> None:
        """An empty line."""
        if self._length:
            self._write(f"\r{' ' * self._length}\r")

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError):  # nobody reads any more: the run goes on
            pass


class Notebook:
    """Under the cell of a notebook, by IPython alone."""

    def __init__(self, display: Any, html: Any) -> None:
        self._display, self._html, self._handle = display, html, None

    def show(self, share: float, words: str) -> None:
        """How far it is, 0 to 1, and in words."""
        content = self._html(f"<progress value='{share:.4f}' max='1'></progress> {escape(words)}")
        if self._handle is None:
            self._handle = self._display(content, display_id=True)
        else:
            self._handle.update(content)

    def close(self) -> None:
        """The last that was shown stays."""


def screen() -> Screen | None:
    """Where there is somebody to see a bar; None: nowhere."""
    if multiprocessing.parent_process() is not None:
        return None
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if type(shell).__name__ == "ZMQInteractiveShell":
        from IPython.display import HTML, display

        return Notebook(display, HTML)
    return Terminal(sys.stderr) if sys.stderr is not None and sys.stderr.isatty() else None


class Bar:
    """Called with the Progress of each step; shows it on a screen, where it is time to."""

    def __init__(self, screen: Screen, clock: Any = time.monotonic) -> None:
        self.screen, self._clock = screen, clock
        self._start = self._shown = clock()
        self._first: float | None = None

    def __call__(self, progress: Progress) -> None:
        """Show the progress, after the first second and then a few times each."""
        now = self._clock()
        if self._first is None:
            self._first = progress.t
        if now - self._start < QUIET or now - self._shown < EVERY:
            return
        self._shown = now
        share = (progress.t - self._first) / max(progress.t_end - self._first, 1e-300)
        left = (now - self._start) * (1 - share) / share if share > 0 else float("inf")
        self.screen.show(min(max(share, 0.0), 1.0), f"{progress.words()}   about {clock(left)} left")


@contextmanager
def watching(watch: Watch | None, progress: bool | None) -> Iterator[Watch | None]:
    """What watches a run: `watch`, and a bar where one is wanted (None: where there is somebody to see it)."""
    there = None if progress is False else screen()
    if progress and there is None:
        there = Terminal(sys.stderr)
    if there is None:
        yield watch
        return
    bar = Bar(there)

    def both(step: Progress) -> None:
        bar(step)
        if watch is not None:
            watch(step)

    try:
        yield both
    finally:
        there.close()


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss."""
    if seconds == float("inf"):
        return "?"
    minutes, s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{s:02d}" if hours else f"{minutes}:{s:02d}"
