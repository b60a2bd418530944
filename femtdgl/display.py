"""Progress of a run: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from femtdgl.kinds.bar import clock
from femtdgl.kinds.kind import Progress

LIVE_EVERY, PLAIN_EVERY = 0.2, 10.0  # seconds


class Display:
    """Context manager; call it with the Progress of each step."""

    def __init__(self, console: Console) -> None:
        self.console, self.unread = console, False
        self.live = Live(console=console, refresh_per_second=5, transient=True) if console.is_terminal else None
        self.start = self.shown = time.monotonic()
        self.t_start, self.t = 0.0, float("inf")

    def __enter__(self) -> Display:
        if self.live is not None:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live is not None:
            self.live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show the progress, if the last show was long enough ago."""
        now = time.monotonic()
        if progress.t < self.t:  # the first step, of the first run or of another one
            self.t_start = progress.t
            self.start = now if self.t < float("inf") else self.start
        self.t = progress.t
        if self.unread or now - self.shown < (PLAIN_EVERY if self.live is None else LIVE_EVERY):
            return
        self.shown = now
        line = self._line(progress, now - self.start)
        try:
            if self.live is None:
                self.console.print(line, highlight=False, soft_wrap=True)
            else:
                self.live.update(Text(line, no_wrap=True, overflow="ellipsis"))
        except (BrokenPipeError, SystemExit):  # nobody reads any more (rich would exit): the run goes on
            self.unread = True

    def _line(self, p: Progress, elapsed: float) -> str:
        done = (p.t - self.t_start) / max(p.t_end - self.t_start, 1e-300)
        left = elapsed * (1 - done) / done if done > 0 else float("inf")
        parts = [*p.words().split("   "), f"{clock(elapsed)} elapsed, about {clock(left)} left"]
        width = self.console.width if self.live is not None else sys.maxsize
        while len("   ".join(parts)) > width and len(parts) > 2:  # in one line: the rest of it is for wide windows
            parts.pop(1)
        return "   ".join(parts)
