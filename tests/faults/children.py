"""Calls and programs in processes of their own, and how they end, in words."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from femtdgl.errors import InputError, SolverStopped


def in_child(work, limit=None):
    """What a function returns in a process of its own, where no file may be longer than `limit` bytes."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            os.write(writable, work().encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writable)
    with open(readable) as pipe:
        said = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return said


def ending(work):
    """How a call ends, in words."""

    def told():
        try:
            work()
            return "done"
        except (InputError, SolverStopped) as error:
            return f"{type(error).__name__}: {error}"

    return told


def program(module, *arguments):
    """A program of tests/faults."""
    done = subprocess.run(
        [sys.executable, "-m", f"faults.{module}", *map(str, arguments)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
