"""The marks by which this program knows its own files, so that it never touches another's.

HDF5 has the attribute `format`, "femtdgl ..."; every other file has the words of MARK near its beginning or its end.
"""

from __future__ import annotations

import re
from pathlib import Path

MARK = "written by femtdgl"
NEAR = 65536
"""Bytes at the beginning and at the end of a file in which the mark is looked for."""
FORMATS = re.compile(rb"femtdgl [a-z]+ \d")
"""The attribute `format` of an HDF5 file in its bytes: looked for first, as reading a damaged one may never end."""


def mark_xml(path: Path) -> None:
    """Put the mark at the end of an XML file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"<!-- {MARK} -->\n")


def is_ours(path: Path) -> bool:
    """Whether a file was written by this program.  False for directories, links and what cannot be read."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            beginning = file.read(NEAR)
            file.seek(max(path.stat().st_size - NEAR, 0))
            ends = beginning + file.read()
    except OSError:
        return False
    if beginning.startswith(b"\x89HDF"):
        return _is_our_hdf5(path, ends)
    return MARK.encode() in ends


def _is_our_hdf5(path: Path, ends: bytes) -> bool:
    if FORMATS.search(ends) is not None:
        return True
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return str(file.attrs.get("format", "")).startswith("femtdgl ")
    except Exception:  # damaged: h5py has many ways to say so
        return False
