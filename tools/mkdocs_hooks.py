"""Gives mkdocs the pages that are made from lamina itself, and the examples' programs."""

from __future__ import annotations

import pathlib
import sys
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import reference

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"


def on_config(config: Any) -> Any:
    """Adds the reference to the navigation."""
    entries = [{"Overview": "reference/index.md"}]
    entries += [
        {title: f"reference/{reference.file_name(family)}"}
        for family, title in reference.families().items()
    ]
    config.nav.append({"API reference": entries})
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links to the examples lead to their copies in the site."""
    return markdown.replace("](../examples/", "](examples/")


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages of the reference, and the examples."""
    for program in sorted(EXAMPLES.glob("*.py")):
        path = f"examples/{program.name}"
        files.append(File.generated(config, path, content=program.read_text()))
    for path, text in reference.pages().items():
        files.append(File.generated(config, path, content=text))
    return files
