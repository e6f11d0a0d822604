"""Gives mkdocs the pages that are made from lamina itself."""

from __future__ import annotations

import pathlib
import sys
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import reference


def on_config(config: Any) -> Any:
    """Adds the reference to the navigation."""
    entries = [{"Overview": "reference/index.md"}]
    entries += [
        {title: f"reference/{reference.file_name(family)}"}
        for family, title in reference.families().items()
    ]
    config.nav.append({"API reference": entries})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages of the reference."""
    for path, text in reference.pages().items():
        files.append(File.generated(config, path, content=text))
    return files
