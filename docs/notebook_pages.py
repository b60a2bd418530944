"""The notebooks of docs/notebooks: executed, and as pages of the site with what they print and draw.

python docs/notebook_pages.py            execute them all, exit status 1 if a cell fails
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent / "notebooks"
LONGEST = 300
"""Seconds for a cell."""


def executed(file: Path, where: Path) -> Any:
    """A notebook with the outputs of its cells, run in a directory.  Raises CellExecutionError where one fails."""
    notebook = nbformat.read(file, as_version=4)
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(where / "kernel"))
    NotebookClient(notebook, km=manager, timeout=LONGEST, resources={"metadata": {"path": str(where)}}).execute()
    return notebook


def pages() -> Iterator[tuple[str, str | bytes]]:
    """File names and contents: a page of Markdown and its pictures for each notebook."""
    import tempfile

    for file in sorted(NOTEBOOKS.glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as temporary:
            notebook = executed(file, Path(temporary))
        parts: list[str] = []
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "markdown":
                parts.append(cell.source)
                continue
            parts.append(f"```python\n{cell.source}\n```")
            printed = "".join(output.text for output in cell.outputs if output.output_type == "stream").strip()
            if printed:
                parts.append(f"```text\n{printed}\n```")
            for k, output in enumerate(cell.outputs):
                data = output.get("data", {})
                if "image/png" in data:
                    picture = f"{file.stem}_{number}_{k}.png"
                    yield f"notebooks/{picture}", base64.b64decode(data["image/png"])
                    parts.append(f"![What the cell draws]({picture})")
                elif "text/html" in data:
                    parts.append(data["text/html"])
                elif said := data.get("text/plain", ""):
                    parts.append(f"```text\n{said}\n```")
        parts.append(f"This page is a notebook: [{file.name}]({file.name}).")
        yield f"notebooks/{file.stem}.md", "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    for name, _ in pages():
        sys.stdout.write(f"{name}\n")
