"""Points on the workers of a Dask cluster that is there: in place, in the directory of the sweep, as processes of this
machine would.

The workers must see that directory (a file system that they share), have the same femtdgl, and one thread each: what a
point takes is a core, and two points in one process would be in each other's way.  A worker that dies has its points
done by another; one that dies of a point three times makes a row of it, as on one machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from femtdgl.errors import InputError
from femtdgl.files.versions import versions
from femtdgl.solve.threads import using
from femtdgl.studies.point import Point
from femtdgl.studies.pool import ATTEMPTS, After

PATIENCE = 20.0
"""Seconds in which a scheduler must answer and have a worker."""


def solved(address: str, points: Sequence[Point], directory: Path, after: After) -> Iterator[dict[str, Any]]:
    """The rows of the points as they come in, and of what comes `after` each.  Raises InputError."""
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        said = "needs the packages of the extra dask"
        raise InputError(said, key="--dask", allowed="pip install 'femtdgl[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        reason = f"no scheduler with a worker answers at {address!r}: {error or type(error).__name__}"
        raise InputError(reason, key="--dask", allowed="the address of a scheduler: tcp://HOST:8786") from None
    here = Path.cwd()
    with client:
        _check(client, here, directory)

        def submit(point: Point) -> Any:
            future = client.submit(_solve, point, here, key=f"point-{point.number}-{uuid4().hex}", pure=False)
            under_way[future.key] = point
            return future

        under_way: dict[Any, Point] = {}
        coming = as_completed([submit(point) for point in points], loop=client.loop)
        for future in coming:
            point = under_way.pop(future.key)
            try:
                row = future.result()
            except KilledWorker:
                row = point.finished() or point.killed(ATTEMPTS)
            yield row
            if (following := after(row)) is not None:
                coming.add(submit(following))


def _solve(point: Point, here: Path) -> dict[str, Any]:
    """On a worker: the same as in a process of the sweep's own, from where that was started."""
    os.chdir(here)
    with using(1):
        return point.solve()


def _check(client: Any, here: Path, directory: Path) -> None:
    """Raises InputError where the workers cannot do what processes of this machine can."""
    for name, worker in client.scheduler_info(n_workers=-1)["workers"].items():
        if worker["nthreads"] != 1:
            said = f"worker {name} has {worker['nthreads']} threads"
            raise InputError(said, key="--dask", allowed="workers of one: `dask worker --nthreads 1`")
    token = directory / f".seen-{uuid4().hex}"
    token.touch()
    try:
        seen = client.run(_seen, here / token)
    finally:
        token.unlink()
    for name, (there, theirs) in seen.items():
        if not there:
            said = f"worker {name} does not see {here / directory}"
            raise InputError(said, key="--dask", allowed="a directory on a file system that the workers share")
        if theirs != _made_of():
            said = f"worker {name} has another femtdgl, or other versions of what it stands on"
            raise InputError(said, key="--dask", allowed="the same on all machines: results are then equal")


def _seen(token: Path) -> tuple[bool, str]:
    """On a worker: whether it sees a file, and what it would solve with."""
    return token.exists(), _made_of()


def _made_of() -> str:
    """A digest of the sources of femtdgl and of the versions that results depend on."""
    digest = hashlib.sha256(repr(sorted(versions().items())).encode())
    root = Path(__file__).parent.parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
