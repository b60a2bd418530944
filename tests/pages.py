"""Pages of the docs as programs: every block of one runs, from top to bottom, in an empty directory.

    ```toml title="film.toml"       a file that is written
    ```toml                         a piece of a problem file: it goes into the last file above, into the ready problem
                                    of <!-- in: NAME -->, or else into psc_filament, and that must build
    ```python                       runs; the names of the blocks above are there
    ```python title="mine.py"       a file that is written
    ```sh                           commands: femtdgl and python run, pip is held against pyproject.toml; what the page
                                    cannot run here (OUTSIDE) stands there alone
    ```text                         what the block above printed; a line "..." is any lines, numbers agree in what is
                                    printed of them, up to one in the last digit, or 1e-5
    <!-- value: EXPRESSION FORMAT -->11.94<!-- end -->     a number of the text, from the names of the blocks above
    <!-- picture: FILE or CODE -->                         where the picture that follows comes from: a file that the
                                                           page has made, or lines of Python that draw it

Expressions also know `summary("results/x")`, the summary.json of a run.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
OUTSIDE = ("paraview", "xvfb-run", "dask", "sbatch")
"""Programs that a page may call and a test cannot."""
LARGEST = 100_000
"""Bytes of a picture."""
PIECES = re.compile(
    r"^(?P<indent>[ ]*)```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^[ ]*```$"
    r"|<!-- value: (?P<value>.+?) (?P<format>\S+) -->(?P<text>[^<>]*)<!-- end -->"
    r"|<!-- in: (?P<base>\S+) -->"
    r"|<!-- picture:\s+(?P<picture>.*?)\s*-->\s*!\[(?P<alt>[^\]]*)\]\((?P<target>[^)]+)\)",
    flags=re.MULTILINE | re.DOTALL,
)
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")
LINK = re.compile(r"\]\(([^)\s]+)\)")


PROGRESS = re.compile(r"^t = .* elapsed.*\n", re.M)
"""Lines of a run that takes long, as on a busy machine."""


class Piece(NamedTuple):
    """Something on a page that runs: "python", "sh", "toml", "text", "value" or "picture"; where; and what."""

    kind: str
    line: int
    body: str
    title: str = ""
    """The file of a block, the format of a value, the target of a picture."""
    printed: str = ""
    """What the page prints for a value."""


def pieces(page: Path) -> list[Piece]:
    """What runs on a page, from top to bottom."""
    text, found = page.read_text(), []
    for match in PIECES.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["language"]:
            body = "".join(row.removeprefix(match["indent"]) for row in match["body"].splitlines(keepends=True))
            found.append(Piece(match["language"], line, body, match["title"] or ""))
        elif match["base"]:
            found.append(Piece("base", line, match["base"]))
        elif match["value"]:
            found.append(Piece("value", line, match["value"], match["format"], match["text"]))
        else:
            found.append(Piece("picture", line, match["picture"], match["target"]))
    return found


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of a language, as they stand."""
    return [piece.body for piece in pieces(page) if piece.kind == language]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Links of a page to others: (path, anchor); within code blocks there are none."""
    for target in LINK.findall(re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)):
        if not target.startswith(("http:", "https:", "mailto:")):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    """Names of the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", head).strip().lower()) for head in heads}


class Running:
    """A page that runs in the current directory: the names that its blocks have made, and what they printed."""

    def __init__(self, page: Path, strict: bool = True) -> None:
        self.page, self.strict = page, strict
        self.names: dict[str, Any] = {"summary": summary}
        self.printed = ""
        self.base: Path | None = None
        self.ran = 0
        self.pictures: list[Piece] = []
        self.found: list[str] = []
        """What the values of the page are, in their formats."""

    def all(self) -> Running:
        """Run what is there."""
        for piece in pieces(self.page):
            try:
                getattr(self, f"_{piece.kind}", self._other)(piece)
            except Exception as error:
                error.add_note(f"{self.page.name}, line {piece.line}")
                raise
        return self

    def _base(self, piece: Piece) -> None:
        from femtdgl.input import listed

        self.base = listed.find(piece.body)

    def _toml(self, piece: Piece) -> None:
        table = tomllib.loads(piece.body)
        if piece.title:
            self.base, self.ran = Path(piece.title), self.ran + 1
            self.base.write_text(piece.body)
            return
        from femtdgl.input import listed
        from femtdgl.problem import toml

        base = tomllib.loads((self.base or listed.find("psc_filament")).read_text())
        base.pop("sweep", None)
        toml.build({**base, **table})

    def _python(self, piece: Piece) -> None:
        if piece.title:
            Path(piece.title).write_text(piece.body)
            return
        self.ran += 1
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(piece.body, f"{self.page.name}:{piece.line}", "exec"), self.names)
        self.printed = out.getvalue()

    def _sh(self, piece: Piece) -> None:
        self.printed = ""
        for line in piece.body.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                self._command(words)

    def _command(self, words: list[str]) -> None:
        self.ran += 1
        if words[:2] == ["pip", "install"]:
            known_to_pip(words[2:])
        elif words[0] == "femtdgl":
            from typer.testing import CliRunner

            from femtdgl.cli import app

            done = CliRunner().invoke(app, words[1:])
            assert done.exit_code == 0, f"{shlex.join(words)}: {done.stderr}{done.exception or ''}"
            self.printed += PROGRESS.sub("", done.stdout)
        elif words[0] in ("gmsh", "python"):
            program = [sys.executable, *words[1:]] if words[0] == "python" else words
            done = subprocess.run(program, capture_output=True, text=True)
            assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}"
            self.printed += done.stdout
        else:
            assert words[0] in OUTSIDE, f"{words[0]} is not run by the tests"

    def _text(self, piece: Piece) -> None:
        if self.strict:
            agrees(piece.body, self.printed)

    def _value(self, piece: Piece) -> None:
        value = eval(piece.body, self.names)
        found = str(value) if value is None or isinstance(value, str) else format(value, piece.title)
        self.found.append(found)
        agreed = same(piece.printed, found) and len(piece.printed) == len(found)
        assert not self.strict or agreed, f"{piece.body} is {found}, not {piece.printed}"

    def _picture(self, piece: Piece) -> None:
        if piece.body.endswith(".png") and "\n" not in piece.body:
            assert Path(piece.body).exists(), f"{piece.body} was not made"
        self.pictures.append(piece)

    def draw(self, piece: Piece, to: Path) -> None:
        """Write a picture of the page, from its run."""
        import matplotlib.pyplot as plt
        from PIL import Image

        if piece.body.endswith(".png") and "\n" not in piece.body:
            image = Image.open(piece.body)
        else:
            plt.close("all")
            exec(piece.body, self.names)
            drawn = io.BytesIO()
            plt.gcf().savefig(drawn, dpi=110)
            plt.close("all")
            image = Image.open(drawn)
        for widest, colours in ((1000, 256), (900, 256), (900, 128), (800, 128), (700, 128), (600, 128)):
            smaller = image.convert("RGB")
            smaller.thumbnail((widest, widest), Image.Resampling.LANCZOS)
            smaller.quantize(colours, dither=Image.Dither.NONE).save(to, optimize=True)
            if to.stat().st_size < LARGEST:
                break

    def _other(self, piece: Piece) -> None:
        """A file of another language, which a command below reads."""
        assert piece.title, f"a block of {piece.kind} that is no file"
        Path(piece.title).write_text(piece.body)


def summary(where: str) -> Any:
    """The summary.json of a run of the page."""
    return json.loads((Path(where) / "summary.json").read_text())


def known_to_pip(words: list[str]) -> None:
    """Raise AssertionError for something to install that pyproject.toml does not have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for word in words:
        name, _, extras = word.rstrip("]").partition("[")
        if word != "-e":
            assert name in (".", project["name"]), word
            assert set(filter(None, extras.split(","))) <= set(project["optional-dependencies"]), word


def agrees(shown: str, printed: str) -> None:
    """Raise AssertionError unless what a page shows was printed; "..." stands for any lines."""
    lines, at, free = [" ".join(line.split()) for line in printed.splitlines()], 0, False
    for wanted in (" ".join(line.split()) for line in shown.splitlines()):
        if wanted == "...":
            free = True
            continue
        found = [k for k in range(at, len(lines)) if same(wanted, lines[k])]
        assert found and (free or found[0] == at), f"the page shows {wanted!r}; printed was:\n{printed}"
        at, free = found[0] + 1, False
    assert free or at == len(lines), f"more was printed:\n{printed}"


def same(shown: str, printed: str) -> bool:
    """Whether two texts are the same, numbers up to one in the last digit that is shown, or 1e-5 of them.

    Whole numbers must be equal: they are counts.
    """
    if NUMBER.sub("#", shown) != NUMBER.sub("#", printed):
        return False
    pairs = zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True)
    return all(abs(float(a) - float(b)) <= allowed(a) for a, b in pairs)


def allowed(number: str) -> float:
    """By how much another number may differ from one that is shown."""
    digit = last_digit(number)
    return max(1.000001 * digit, 1e-5 * abs(float(number))) if digit else 0.0


def last_digit(number: str) -> float:
    """What one in the last digit of a number is: 0.01 of 11.94, 0 of a whole number."""
    mantissa, _, power = number.partition("e")
    _, point, decimals = mantissa.partition(".")
    return 10.0 ** (int(power or 0) - len(decimals)) if point or power else 0.0


def in_process(page: Path, where: Path, strict: bool = True) -> Running:
    """Run a page in a directory.  `strict`: raise AssertionError where it shows something else than comes out."""
    import matplotlib

    matplotlib.use("Agg")
    with contextlib.chdir(where):
        return Running(page, strict).all()
