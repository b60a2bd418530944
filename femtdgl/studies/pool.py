"""Points on many processes of this machine: one BLAS thread each, and what is killed is done again."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from femtdgl.solve.threads import use, using
from femtdgl.studies.point import Point

ATTEMPTS = 3
"""How often a point is begun whose process is killed."""


def solved(points: Sequence[Point], workers: int) -> Iterator[dict[str, Any]]:
    """The rows of the points as they come in; with one worker in this process and in order."""
    if workers == 1 or len(points) == 1:
        for point in points:
            with using(1):
                row = point.solve()
            yield row
        return
    left, attempts = list(points), dict.fromkeys((p.number for p in points), 0)
    while left:
        pool = ProcessPoolExecutor(min(workers, len(left)), multiprocessing.get_context("spawn"), _begin)
        waiting: dict[Future[dict[str, Any]], Point] = {}
        queue = iter(left)
        try:
            for point in queue:
                waiting[pool.submit(point.solve)] = point
                if len(waiting) == workers:
                    break
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    row = future.result()
                    point = waiting.pop(future)
                    left.remove(point)
                    yield row
                    following = next(queue, None)
                    if following is not None:
                        waiting[pool.submit(following.solve)] = following
        except BrokenProcessPool:  # one of the processes was killed; which, nobody says
            for point in list(waiting.values()):
                attempts[point.number] += 1
                row_before = point.finished()
                if row_before is not None or attempts[point.number] >= ATTEMPTS:
                    left.remove(point)
                    yield row_before or point.killed(ATTEMPTS)
        finally:
            _end(pool)


def _begin() -> None:
    """In each process: one thread, and Ctrl-C is the business of the parent."""
    os.environ["OMP_NUM_THREADS"] = "1"
    use(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes, whatever they are at: what is not finished is done again by the next call."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(10.0)
