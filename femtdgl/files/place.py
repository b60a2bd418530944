"""The directory of a run: who may write there, and what may go.

Only files that this program wrote are replaced or removed, by their own mark; whatever else lies there stays.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from femtdgl.errors import InputError
from femtdgl.files.atomic import refuse_foreign, remove_temporary
from femtdgl.files.lock import NAME as LOCK
from femtdgl.files.lock import writing
from femtdgl.files.mark import is_ours

RESULT = "result.h5"
FILES = (RESULT, "summary.json", "checkpoint.npz", "checkpoint-regular.npz", "flux.h5", "flux.json", "report.html")
"""What a run, and what is made of it, writes beside its folders."""
FOLDERS = ("parts", "figures", "paraview", "filament", "variants")


@contextmanager
def prepare(directory: Path, *, force: bool = False) -> Iterator[None]:
    """Make the directory of a run, and hold it as its only writer.

    An old result is removed with `force`, else it is refused.  Raises InputError when there is one, or something that
    this program did not write in a place where it writes, or when the directory cannot be written to.  A directory that
    was made here and stayed empty is removed again.
    """
    made = _make(directory)
    try:
        with writing(directory):
            remove_leftovers(directory)
            _refuse(directory, force=force)
            _clear(directory)
            try:
                yield
            finally:
                if not (directory / RESULT).exists():  # it did not get as far as that
                    _clear_folder(directory / "parts")
    finally:
        for folder in made:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


def refuse(directory: Path, *, force: bool = False) -> None:
    """Raises InputError for a directory that a run would be refused: quickly, with nothing made or removed of a run."""
    if os.path.lexists(directory / LOCK):
        with writing(directory):  # somebody may have been killed there
            pass
    if os.path.isdir(directory):  # else whether it can be made is seen when it is
        _refuse(directory, force=force)


def _refuse(directory: Path, *, force: bool) -> None:
    _check(directory)
    if not force:
        _refuse_old(directory)


def remove_leftovers(directory: Path) -> None:
    """Remove what killed processes left half written in the directory of a run."""
    remove_temporary(directory)
    for name in FOLDERS:
        for folder in (directory / name, *(directory / name).glob("*/")):
            remove_temporary(folder)


def _make(directory: Path) -> list[Path]:
    """Make a directory and those above it; those that were not there before, the lowest first."""
    try:
        if directory.exists() and not directory.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is not a directory")
        made = [folder for folder in (directory, *directory.parents) if not folder.exists()]
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        name = str(directory).replace("\0", "\\0")
        raise InputError(f"cannot be made: {reason}", key="--out", file=name, allowed="a directory") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise InputError("cannot be written to", key="--out", file=str(directory))
    return made


def _check(directory: Path) -> None:
    """Raises InputError where a run would write over what is not ours."""
    for name in FILES:
        refuse_foreign(directory / name)
    for name in FOLDERS:
        folder = directory / name
        if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
            allowed = "a directory of its own, or none"
            raise InputError("is not a directory of femtdgl: it is left as it is", file=str(folder), allowed=allowed)


def _refuse_old(directory: Path) -> None:
    """Raises InputError when there is a run, whole or in part; what was killed before its first checkpoint is none."""
    instead = "another directory, or --force (in Python force=True) to replace it"
    if (directory / RESULT).exists() and not _is_stillborn(directory):
        allowed = f"`femtdgl resume {directory}` to go on with it, {instead}"
        raise InputError("holds a result already", file=str(directory), allowed=allowed)
    for rest in ("checkpoint.npz", "checkpoint-regular.npz", f"filament/{RESULT}"):
        if (directory / rest).exists():
            raise InputError(f"holds {rest} of a run already", file=str(directory), allowed=instead)


def _is_stillborn(directory: Path) -> bool:
    """Whether a run was killed before its first checkpoint: it has stored its start, and nothing can go on from it."""
    if (directory / "checkpoint.npz").exists():
        return False
    from femtdgl.files.reader import Result

    try:
        return [part.last for part in Result(directory).parts or ()] == [0]
    except InputError:
        return False


def _clear(directory: Path) -> None:
    """Remove an old run, or what is left of one that was killed before it had a result."""
    for name in FILES:
        if is_ours(directory / name):
            (directory / name).unlink()
    for name in FOLDERS:
        _clear_folder(directory / name)


def _clear_folder(folder: Path) -> None:
    """Remove our files in a folder and in those below it, and the folders that are empty then."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _clear_folder(path)
        elif is_ours(path):
            path.unlink()
    with suppress(OSError):  # it is not empty
        folder.rmdir()
