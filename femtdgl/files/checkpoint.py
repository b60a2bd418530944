"""Checkpoints: all that a run needs to go on from a time, in one small file that is replaced as a whole.

The last one is `checkpoint.npz`, at a multiple of time.checkpoint or where the run stopped.  When a run stopped between
two multiples, the one at the multiple before stays as `checkpoint-regular.npz`: going on from it gives the result of an
uninterrupted run to the bit.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing
from femtdgl.files.hdf5 import reading
from femtdgl.files.mark import MARK

NAME, REGULAR = "checkpoint.npz", "checkpoint-regular.npz"
END = "end_"
"""Before the names of the fields that another run may begin with."""


def write_checkpoint(directory: Path, state: Mapping[str, Any], *, regular: bool = True) -> None:
    """Write the state, named arrays and numbers; `regular`: at a multiple of time.checkpoint."""
    last, before = directory / NAME, directory / REGULAR
    if not regular and last.exists() and not before.exists():
        with replacing(before) as path:
            shutil.copyfile(last, path)
    with replacing(last) as path, path.open("wb") as file:
        arrays: dict[str, Any] = {MARK: 1, **state}
        np.savez(file, **arrays)
    if regular:
        before.unlink(missing_ok=True)


def read_checkpoint(directory: Path, *, exact: bool = False) -> dict[str, Any]:
    """The state as it was written; `exact`: the one at a multiple of time.checkpoint.

    Raises InputError when there is none, or it cannot be read.
    """
    path = directory / (REGULAR if exact and (directory / REGULAR).exists() else NAME)
    if not path.exists():
        raise InputError("holds no checkpoint", file=str(directory), allowed="the directory of a run that has begun")
    with reading(path, "the file as it was written"), np.load(path, allow_pickle=False) as data:
        if MARK not in data.files:
            raise InputError("is no checkpoint of femtdgl")
        found = {name: data[name] for name in data.files if name != MARK}
    return {name: value if value.ndim else value.item() for name, value in found.items()}
