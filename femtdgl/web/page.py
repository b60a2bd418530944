"""A page in one file: sections under a heading, with style and script inside; nothing is fetched from anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from femtdgl.errors import InputError
from femtdgl.files.atomic import replacing
from femtdgl.files.mark import MARK
from femtdgl.web.html import Section

HERE = Path(__file__).parent
ALLOWED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What a browser may load for a page: what is in it."""


def page(title: str, sections: Sequence[Section], *, before: str = "") -> str:
    """A page as text; `before`: markup between its heading and its first section."""
    names = [_name(section.title) for section in sections]
    listed = "".join(f'<a href="#{n}">{escape(s.title)}</a>' for n, s in zip(names, sections, strict=True))
    body = "".join(
        f'<section id="{name}"><h2>{escape(section.title)}</h2>{"".join(section.parts)}</section>'
        for name, section in zip(names, sections, strict=True)
    )
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><!-- {MARK} -->'
        f'<meta http-equiv="Content-Security-Policy" content="{ALLOWED}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_read('page.css')}</style></head>"
        f"<body><header><h1>{escape(title)}</h1>{before}<nav>{listed}</nav></header><main>{body}</main>"
        f"<script>{_read('player.js')}</script></body></html>\n"
    )


def _name(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def write(path: Path, text: str) -> Path:
    """Write a page; it appears whole.  Raises InputError where that is not possible."""
    if path.suffix not in (".html", ".htm"):
        raise InputError(f"{path.name!r} is no page", key="--out", allowed="a name that ends in .html")
    if not path.parent.is_dir():
        raise InputError("is no directory", key="--out", file=str(path.parent), allowed="one that is there")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path
