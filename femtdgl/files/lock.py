"""One writer for each directory: a lock that the system takes back when its process dies, whatever killed it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from femtdgl.errors import InputError

try:
    import fcntl
except ImportError:  # no locks of this sort on Windows
    fcntl = None  # type: ignore[assignment]

NAME = ".femtdgl.lock"
TRIES, WAIT = 10, 0.02
"""How often, and after how many seconds each, the name of a holder is looked for."""


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Hold a directory that is there as its only writer.  Raises InputError when another process does."""
    path = directory / NAME
    descriptor = _acquire(path)
    try:
        yield
    finally:
        with suppress(OSError):  # while it is held: whoever opened it in the meantime sees that it has gone
            path.unlink()
        os.close(descriptor)


def _acquire(path: Path) -> int:
    """The descriptor of the lock, held."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"cannot be written to: {reason}", file=str(path.parent)) from None
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise InputError(
                f"is being written to by {holder}",
                file=str(path.parent),
                allowed="another directory, or this one when that has ended",
            ) from None
        except OSError:  # a file system without locks
            pass
        if _is_at(descriptor, path):
            with suppress(OSError):  # on a full disk it is held without a name
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
            return descriptor
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    """Who holds the lock, as it says itself as soon as it has it; on a full disk it cannot."""
    for _ in range(TRIES):
        name = os.pread(descriptor, 200, 0).decode(errors="replace")
        if name:
            return name
        time.sleep(WAIT)
    return "another process"


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one of that name: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
