"""Off-screen pictures by VTK happen in a process of their own.

Where there is no OpenGL, VTK does not raise: it ends the process that asked for a picture.  So that process is a child,
and the parent says in words what happened.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys


class NoPicture(OSError):
    """A picture that could not be drawn off screen; what was computed is not touched."""


def in_own_process(module: str, *arguments: str, seconds: float = 600.0) -> None:
    """Run `python -m module arguments`.  Raises NoPicture with the last words of the process when it fails."""
    environment = {**os.environ, "PYVISTA_OFF_SCREEN": "true"}
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=environment, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NoPicture(f"no picture: {module} did not end within {seconds:g} s") from None
    if done.returncode:
        words = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        if "Traceback (most recent call last):" in words:  # a fault of the program, not of the machine
            said = next((line for line in reversed(words) if re.match(r"\w+(Error|Exception)\b", line)), words[-1])
            raise NoPicture(f"no picture: {module} ended with {said}")
        raise NoPicture(
            f"no picture: off-screen drawing with VTK ended with {done.returncode} "
            f"({words[-1] if words else 'without a word'}); it needs OpenGL, such as the libraries libgl1 and libegl1"
        )
