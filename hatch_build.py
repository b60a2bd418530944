"""What a wheel holds beside the package: the pages of the docs, without their pictures, for `femtdgl docs`."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Pages(BuildHookInterface):
    """docs/**/*.md as femtdgl/docs; an editable install reads them where they are."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files are collected."""
        if version == "editable":
            return
        docs = Path(self.root) / "docs"
        for page in sorted(docs.rglob("*.md")):
            build_data["force_include"][str(page)] = f"femtdgl/docs/{page.relative_to(docs).as_posix()}"
