"""The ways in which a run can end badly, and what each must say."""

from typing import Any


class InputError(ValueError):
    """Bad input: names the file, the key, the value and what is allowed.  The command line exits with 2."""

    def __init__(self, message: str, *, key: str = "", file: str = "", allowed: str = "") -> None:
        message, key, allowed = shortened(message, 400), shortened(key, 120), shortened(allowed, 400)
        self.message, self.key, self.file, self.allowed = message, key, file, allowed
        where = ": ".join(part for part in (shortened(file, 200), key) if part)
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} (allowed: {allowed})" if allowed else text)

    def at(self, *, file: str = "", key: str = "") -> "InputError":
        """The same error with the file, or the key, that was not known where it arose."""
        return InputError(self.message, key=key or self.key, file=file or self.file, allowed=self.allowed)


def shortened(text: str, most: int) -> str:
    """A text without its middle when it is longer than `most`: nobody reads a value of 5,000 characters."""
    return text if len(text) <= most else f"{text[: most - 40]} ... {text[-30:]}"


class SolverStopped(RuntimeError):
    """The integrator gave up: the time, the reason and what was kept.  The command line exits with 3.

    `kept`: in words.  `result`: what there is of the run, where it was run by `fg.run` or `fg.resume`.
    """

    def __init__(self, reason: str, *, time: float, checkpoint: str = "", kept: str = "") -> None:
        self.reason, self.time, self.checkpoint = reason, time, checkpoint
        self.result: Any = None
        if checkpoint and not kept:
            kept = f"what was computed is kept, the last checkpoint is {checkpoint}"
        super().__init__(f"the solver stopped at t = {time:.6g}: {reason}{kept and '; '}{kept}")


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a polite kill, ended a run: its files are finished.  The command line exits with 130.

    `result` is what there is of the run; without `out` it goes with this exception.
    """

    def __init__(self, message: str, *, time: float) -> None:
        self.time = time
        self.result: Any = None
        super().__init__(message)
