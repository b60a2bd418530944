"""Points on many processes of this machine: one BLAS thread each, and what is killed is done again."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from femtdgl.solve.threads import use, using
from femtdgl.studies.point import Point

ATTEMPTS = 3
"""How often a point is begun whose process is killed."""
After = Callable[[dict[str, Any]], Point | None]
"""What comes after a row that was handed out, if anything does."""


def _nothing(row: dict[str, Any]) -> None:
    """No point depends on another."""


def solved(points: Sequence[Point], workers: int, after: After = _nothing) -> Iterator[dict[str, Any]]:
    """The rows of the points as they come in, and of what comes `after` each; with one worker in this process and in
    order: a point, all that comes after it, the next.
    """
    if workers == 1 or len(points) == 1:
        for begun in points:
            point: Point | None = begun
            while point is not None:
                with using(1):
                    row = point.solve()
                yield row
                point = after(row)
        return
    queue, attempts = deque(points), dict[int, int]()
    while queue:
        pool = ProcessPoolExecutor(min(workers, len(queue)), multiprocessing.get_context("spawn"), _begin)
        under_way: dict[Future[dict[str, Any]], Point] = {}
        try:
            while queue or under_way:
                while queue and len(under_way) < workers:
                    under_way[pool.submit(queue[0].solve)] = queue[0]
                    queue.popleft()
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    row = future.result()
                    del under_way[future]
                    yield row
                    if (following := after(row)) is not None:
                        queue.appendleft(following)
        except BrokenProcessPool:  # one of the processes was killed; which, nobody says
            left = []
            for point in under_way.values():
                attempts[point.number] = attempts.get(point.number, 0) + 1
                row_before = point.finished()
                if row_before is None and attempts[point.number] < ATTEMPTS:
                    left.append(point)
                    continue
                yield (row := row_before or point.killed(ATTEMPTS))
                if (following := after(row)) is not None:
                    left.append(following)
            queue.extendleft(reversed(left))
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
