"""The two ways in which a run can end badly, and what each must say."""


class InputError(ValueError):
    """Bad input: names the file, the key, the value and what is allowed.  The command line exits with 2."""

    def __init__(self, message: str, *, key: str = "", file: str = "", allowed: str = "") -> None:
        self.message, self.key, self.file, self.allowed = message, key, file, allowed
        where = ": ".join(part for part in (file, key) if part)
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} (allowed: {allowed})" if allowed else text)

    def at(self, *, file: str = "", key: str = "") -> "InputError":
        """The same error with the file, or the key, that was not known where it arose."""
        return InputError(self.message, key=key or self.key, file=file or self.file, allowed=self.allowed)


class SolverStopped(RuntimeError):
    """The integrator gave up: the time, the reason and what was kept.  The command line exits with 3."""

    def __init__(self, reason: str, *, time: float, checkpoint: str = "") -> None:
        self.reason, self.time, self.checkpoint = reason, time, checkpoint
        kept = f"; what was computed is kept, the last checkpoint is {checkpoint}" if checkpoint else ""
        super().__init__(f"the solver stopped at t = {time:.6g}: {reason}{kept}")
