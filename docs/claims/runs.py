"""Runs of the shipped problems for the docs, kept under results/docs as long as nothing they depend on has changed.

What they depend on: the text of the problem and of those it names, the keys that were changed, the sources of femtdgl
and the versions of the packages.  So a run is never taken for that of another program.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import h5py

import femtdgl
from femtdgl import Result

ROOT = Path(__file__).parent.parent.parent
PROBLEMS = ROOT / "problems"
KEPT = ROOT / "results" / "docs"
PROGRAMS = 3
"""States of the program whose runs are kept: the last ones that were used."""
PACKAGES = ("numpy", "scipy", "scikit-fem", "scikit-sundae", "numba")


def run(problem: str, changes: Mapping[str, Any] | None = None) -> Result:
    """The result of problems/<problem>.toml with some dotted keys changed: computed, or as it was kept."""
    return _run(problem, json.dumps(dict(changes or {}), sort_keys=True))


def summary(problem: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The summary of `run`."""
    return run(problem, changes).summary


@cache
def flux(problem: str, changes: str = "{}", kernel: str = "exact", kinetics: str = "linear") -> dict[str, Any]:
    """What `femtdgl flux` writes into flux.json for `run`, with the cycle average if there is one; `changes` as "
    "JSON."""
    from femtdgl.kinds.filament.flux import write_flux

    result = _run(problem, changes)
    kept = result.directory / f"flux-{kernel}-{kinetics}.json"
    if not kept.exists():
        book = write_flux(result, kernel, kinetics)
        with h5py.File(result.directory / "flux.h5", "r") as file:
            book |= {name: file[name][()].tolist() for name in ("average_w", "average") if name in file}
        kept.write_text(json.dumps(book, default=float))
    return json.loads(kept.read_text())


@cache
def _run(problem: str, changes: str) -> Result:
    path = PROBLEMS / f"{problem}.toml"
    directory = _kept() / f"{problem}-{_digest(path, changes)}"
    if not (directory / "summary.json").exists():
        scratch = Path(tempfile.mkdtemp(prefix=f"{problem}-", dir=_kept()))
        try:
            femtdgl.run(path, scratch / "run", **json.loads(changes))
            if not directory.exists():  # another process may have been quicker
                (scratch / "run").rename(directory)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return Result(directory)


def _digest(path: Path, changes: str) -> str:
    """Of the problem, the problems that it names, and the changed keys."""
    text = path.read_text(encoding="utf-8")
    named = sorted(set(re.findall(r"[\w-]+\.toml", text)) & {p.name for p in PROBLEMS.iterdir()})
    parts = [text, changes, *((PROBLEMS / name).read_text(encoding="utf-8") for name in named)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@cache
def _kept() -> Path:
    """The folder of the runs of this program; those of programs that were used long ago go."""
    digest = hashlib.sha256()
    source = Path(femtdgl.__file__).parent
    for path in sorted(source.rglob("*.py")):
        digest.update(path.relative_to(source).as_posix().encode() + path.read_bytes())
    digest.update(" ".join(importlib.metadata.version(name) for name in PACKAGES).encode())
    folder = KEPT / digest.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    used = sorted((p for p in KEPT.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in used[PROGRAMS:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def entry(table: Mapping[str, Any], path: str) -> Any:
    """The entry of a summary at a dotted path; list places by number, and labels may hold dots and blanks."""
    here: Any = table
    parts = path.split(".")
    while parts:
        for n in range(len(parts), 0, -1):
            key = ".".join(parts[:n])
            if isinstance(here, list) and key.lstrip("-").isdigit():
                here, parts = here[int(key)], parts[n:]
                break
            if isinstance(here, Mapping) and key in here:
                here, parts = here[key], parts[n:]
                break
        else:
            raise KeyError(f"{path!r} is not in the summary")
    return here
