"""Files appear whole or not at all: written under a temporary name, brought to the disk, then renamed.

A power cut leaves the file of before or the new one, never a part of it.  A file that somebody else wrote is not
replaced.  Tables as JSON have a checksum among their entries.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from femtdgl.errors import InputError
from femtdgl.files.mark import MARK, is_ours

TEMPORARY = re.compile(r"\..+\.(\d+)\.tmp")
CHECKSUM = "checksum"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` to write to; it takes the place of `path` when the block ends well.

    Raises InputError when there is a file that this program did not write, and OSError, with its name, when the new
    one cannot be written.
    """
    refuse_foreign(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        _to_disk(temporary)
        os.replace(temporary, path)
        _to_disk(path.parent)
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(temporary)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def refuse_foreign(path: Path) -> None:
    """Raises InputError when there is something at a path that this program did not write."""
    if os.path.lexists(path) and not is_ours(path):
        raise InputError(
            "is there already, and was not written by femtdgl: it is left as it is",
            file=str(path),
            allowed="another place, or move it away",
        )


def write_json(path: Path, data: dict[str, Any]) -> None:
    """JSON with stable formatting, and the checksum of its content as one more entry; NaN is refused."""
    text = json.dumps({**data, CHECKSUM: _seal(data)}, indent=2, allow_nan=False) + "\n"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """The table, without its checksum.  Raises InputError when there is none, or not as it was written."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        allowed = "a run that has ended: `femtdgl resume` ends one that was cut short"
        raise InputError("is not there", file=str(path), allowed=allowed) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=str(path)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"is damaged: {error}", file=str(path), allowed="the file as femtdgl wrote it") from None
    allowed = "the file as femtdgl wrote it; who edits it on purpose takes its checksum out"
    if not isinstance(table, dict):
        raise InputError("is no table", file=str(path), allowed=allowed)
    checksum = table.pop(CHECKSUM, None)
    if checksum is not None and checksum != _seal(table):
        raise InputError("is damaged: it is not as it was written", file=str(path), allowed=allowed)
    return table


def _seal(data: dict[str, Any]) -> str:
    """The mark of this program and a checksum of the content, whatever its formatting."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return f"{MARK}, crc32 {zlib.crc32(text.encode()):08x}"


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a directory, are on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # a directory that may not be listed; on some systems, any
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if path.is_file():
            raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        os.close(descriptor)


def remove_temporary(folder: Path) -> None:
    """Remove temporary files in a directory, of processes that were killed."""
    for path in folder.glob(".*.tmp"):
        match = TEMPORARY.fullmatch(path.name)
        if match is not None and not _is_alive(int(match[1])) and path.is_file() and not path.is_symlink():
            with suppress(OSError):
                path.unlink()


def _is_alive(process: int) -> bool:
    """Whether a process is there, of this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
