"""Pieces of a page as text: whatever is not markup is escaped here, once."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from femtdgl.web.maths import in_text

HEAVY = 150_000
"""Bytes from which a picture is stored in a page as WebP, a third of its size as PNG."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


@dataclass(frozen=True)
class Section:
    """A part of a page below a heading of its own."""

    title: str
    parts: tuple[str, ...]
    """Markup."""


def text_of(value: Any) -> Markup:
    """What stands in a cell or a sentence, as markup: formulas between dollars, numbers in six digits, a dash for
    None.
    """
    if isinstance(value, Markup):
        return value
    if value is None:
        return Markup("–")
    if isinstance(value, bool):
        return Markup("yes" if value else "no")
    if isinstance(value, float):
        return Markup(f"{value:.6g}".replace("-", "−"))
    return Markup(in_text(value) if isinstance(value, str) else escape(str(value)))


def paragraph(text: Any, kind: str = "") -> Markup:
    """A paragraph; `kind`: its class."""
    return Markup(f'<p class="{kind}">{text_of(text)}</p>' if kind else f"<p>{text_of(text)}</p>")


def preformatted(text: str) -> Markup:
    """Text as it stands."""
    return Markup(f"<pre>{escape(text)}</pre>")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], *, kind: str = "") -> Markup:
    """A table; numbers to the right."""
    lines = [f"<tr>{''.join(f'<th>{text_of(cell)}</th>' for cell in head)}</tr>"] if head else []
    for row in rows:
        cells = (f"<td{' class=number' if _is_number(cell) else ''}>{text_of(cell)}</td>" for cell in row)
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return Markup(f'<div class="wide"><table class="{kind}">{"".join(lines)}</table></div>')


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def link(target: str, words: str) -> Markup:
    """A link to a file that lies beside the page."""
    return Markup(f'<a href="{escape(target)}">{escape(words)}</a>')


def equation(formula: Any, number: str = "", words: str = "") -> Markup:
    """A formula, as `maths` makes it, with its number and what is to be said of it."""
    told = f'<span class="words">{text_of(words)}</span>' if words else ""
    return Markup(f'<div class="equation">{formula}<span class="no">{escape(number)}</span>{told}</div>')


def picture(path: Path, words: str) -> Markup:
    """A picture file inside the page, below it what it shows.  Raises OSError when it cannot be read."""
    data, kind = path.read_bytes(), path.suffix[1:]
    if len(data) > HEAVY:
        data, kind = _lighter(data), "webp"
    return Markup(
        f'<figure><img alt="{escape(words)}" src="{data_uri(data, kind)}"><figcaption>{text_of(words)}</figcaption>'
        "</figure>"
    )


def _lighter(data: bytes) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(stream, format="WEBP", quality=90)
    return stream.getvalue()


def data_uri(data: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def json_in_page(data: Any) -> str:
    """JSON that may stand inside a script element, whatever the texts in it."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
