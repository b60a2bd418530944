"""What MkDocs is told beside mkdocs.yml: pages made by the build, the navigation, links that leave docs/.

Pages of docs/ that stand in no list below come at the end of "Using it", and every page of docs/tutorials, docs/tasks,
docs/howto and docs/notebooks in the order of the index.md there, or by its name: a new one needs no edit.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS))

import api  # noqa: E402
import gallery  # noqa: E402
import notebook_pages  # noqa: E402

FOLDERS = {"tutorials": "Tutorials", "notebooks": "Notebooks", "tasks": "Tasks", "howto": "How to"}
GROUPS = {
    "Using it": ["python", "running", "results", "sweeps", "cluster", "units", "waveforms", "meshes", "planes"],
    "Physics": ["theory", "validation", "flux", "heat", "phonons", "noise", "gauge", "photonic", "cooler"],
    "Reference": ["problem_files", "keys", "errors", "extending", "architecture", "scale"],
}
"""Pages of docs/ by the tab that they stand under, in reading order."""
FROM_ROOT = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
SHIM, OURS = "https://unpkg.com/iframe-worker/shim", "offline/iframe-worker.js"
"""What the plugin `offline` would fetch, for its search on file://, and the copy that comes with the site."""
COMMENT = re.compile(r"<!--.*?-->")
LINK = re.compile(r"(\]\()([^)#\s]+)([)#])")


def made() -> dict[str, str | bytes]:
    """Pages that no file holds, by where they would lie."""
    pages: dict[str, str | bytes] = {**dict(gallery.pages()), **dict(api.pages()), **dict(notebook_pages.pages())}
    for source, page in FROM_ROOT.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        for other, there in FROM_ROOT.items():
            text = text.replace(f"]({other})", f"]({there})")
        pages[page] = text
    return pages


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that the build makes, and put the navigation together."""
    for where, text in made().items():
        files.append(File.generated(config, where, content=text))
    pages = sorted(file.src_uri for file in files.documentation_pages())
    config.nav = navigation(pages)
    return files


def navigation(pages: Sequence[str]) -> list[Any]:
    """Tabs with their pages; titles are the headings of the pages."""
    left = set(pages)

    def take(names: Sequence[str]) -> list[str]:
        found = [name for name in names if name in left]
        left.difference_update(found)
        return found

    def folder(name: str) -> list[str]:
        inside = [page for page in pages if page.startswith(f"{name}/")]
        index = DOCS / name / "index.md"
        text = index.read_text(encoding="utf-8") if index.is_file() else ""

        def rank(page: str) -> tuple[bool, int, str]:
            place = text.find(f"]({posixpath.basename(page)}")
            return not page.endswith("/index.md"), len(text) if place < 0 else place, page

        return take(sorted(inside, key=rank))

    nav: list[Any] = [{"Home": take(["index.md"])[0]}]
    for name, title in FOLDERS.items():
        if inside := folder(name):
            nav.append({title: inside})
    nav.append({"Gallery": folder("gallery")})
    groups = {title: take([f"{name}.md" for name in names]) for title, names in GROUPS.items()}
    reference: list[Any] = [*groups.pop("Reference"), {"API": folder("api")}, *take(list(FROM_ROOT.values()))]
    groups["Using it"] += take(sorted(left))
    return [*nav, *({title: inside} for title, inside in groups.items()), {"Reference": reference}]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to files beside docs/ lead to the pages that stand for them, and `folders` to the indexes of FOLDERS.

    Other comments go: they would end a paragraph.
    """
    here = posixpath.dirname(page.file.src_uri)

    def led(match: re.Match[str]) -> str:
        target = match[2]
        if "://" in target or target.startswith("mailto:"):
            return match[0]
        path = posixpath.normpath(posixpath.join("docs", here, target))
        return match[0] if path.startswith("docs/") else f"{match[1]}{away(path, here)}{match[3]}"

    begin = [f"[{title}]({name}/index.md)" for name, title in FOLDERS.items() if (DOCS / name / "index.md").is_file()]
    markdown = markdown.replace("<!-- folders -->", f"Begin with {', '.join(begin)}.")
    lines = (line if line.startswith("    ") else COMMENT.sub("", line) for line in markdown.split("\n"))
    return LINK.sub(led, "\n".join(lines))


def away(path: str, here: str) -> str:
    """The page of the site that stands for a file of the checkout."""
    if path.startswith("problems/"):
        page = f"gallery/{posixpath.splitext(posixpath.basename(path))[0]}.md"
    else:
        page = FROM_ROOT.get(path, "index.md")
    return posixpath.relpath(page, here or ".")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Nothing is fetched from elsewhere."""
    return output.replace(SHIM, posixpath.relpath(OURS, posixpath.dirname(page.file.dest_uri) or "."))


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The same of pages that have no source, such as 404.html."""
    return output.replace(SHIM, OURS)
