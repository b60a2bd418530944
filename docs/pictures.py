"""Make the pictures and the numbers of the pages for people from the runs of the pages themselves.

    python docs/pictures.py                  all pages of tasks/, tutorials/ and howto/ (minutes)
    python docs/pictures.py tasks/movie.md   only these

What a page says of its pictures and numbers, and how it runs: tests/pages.py.  `tests/test_pages.py` holds the numbers
to the runs; the pictures are not compared.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
ROOMS = ("tasks", "tutorials", "howto")


def make(page: Path, runner: Any) -> None:
    """Run a page, write its pictures and its numbers."""
    with TemporaryDirectory() as where:
        ran = runner.in_process(page, Path(where), strict=False)
        with contextlib.chdir(where):
            for picture in ran.pictures:
                target = (page.parent / picture.title).resolve()
                target.parent.mkdir(parents=True, exist_ok=True)
                ran.draw(picture, target)
    found: Iterator[str] = iter(ran.found)

    def value(match: Any) -> str:
        whole = str(match[0])
        if not match["value"]:
            return whole
        now = next(found)
        if len(match["text"]) == len(now) and runner.same(match["text"], now):
            return whole
        return whole.removesuffix(f"{match['text']}<!-- end -->") + f"{now}<!-- end -->"

    text = page.read_text()
    written = runner.PIECES.sub(value, text)
    if written != text:
        page.write_text(written)


def main(names: list[str]) -> None:
    """The pages of these names, or all."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]
    runner = importlib.import_module("pages")
    for page in [HERE / name for name in names] or [p for room in ROOMS for p in sorted((HERE / room).glob("*.md"))]:
        before = seconds()
        make(page, runner)
        sys.stderr.write(f"{page.relative_to(HERE)}: {seconds() - before:.1f} CPU s\n")


def seconds() -> float:
    """CPU time of this process and its children so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main(sys.argv[1:])
