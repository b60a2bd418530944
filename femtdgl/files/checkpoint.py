"""Checkpoints: all that a run needs to go on from a time, in one small file that is replaced as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing

NAME = "checkpoint.npz"


def write_checkpoint(directory: Path, state: Mapping[str, Any]) -> None:
    """Write the state, named arrays and numbers, atomically."""
    with replacing(directory / NAME) as path, path.open("wb") as file:
        np.savez(file, **state)


def read_checkpoint(directory: Path) -> dict[str, Any]:
    """The state as it was written.  Raises InputError when there is none, or it cannot be read."""
    path = directory / NAME
    try:
        with np.load(path, allow_pickle=False) as data:
            return {name: data[name] if data[name].ndim else data[name].item() for name in data.files}
    except FileNotFoundError:
        raise InputError("holds no checkpoint", file=str(directory), allowed="the directory of a run") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", file=str(path)) from error
