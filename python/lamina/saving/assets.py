"""What layers keep in files of their own: vocabularies."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from lamina.saving.walk import saveables


def gather_assets(root: Any) -> dict[str, bytes]:
    """The content of the files that `save_assets(folder)` of each layer writes, by "path/file"."""
    found: dict[str, bytes] = {}
    for path, obj in saveables(root):
        if hasattr(obj, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                obj.save_assets(folder)
                found |= {f"{path}/{name}".lstrip("/"): read for name, read in _files(folder)}
    return found


def restore_assets(root: Any, assets: Mapping[str, bytes]) -> None:
    """Lets each layer `load_assets(folder)` from a folder with what it had written.

    Errors: ValueError for a name that leads out of the folder.
    """
    for path, obj in saveables(root):
        if not hasattr(obj, "load_assets"):
            continue
        prefix = f"{path}/" if path else ""
        own = {n[len(prefix) :]: c for n, c in assets.items() if n.startswith(prefix)}
        with tempfile.TemporaryDirectory() as folder:
            for name, content in own.items():
                _write(folder, name, content)
            obj.load_assets(folder)


def _files(folder: str) -> list[tuple[str, bytes]]:
    found = []
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            full = os.path.join(place, name)
            with open(full, "rb") as file:
                found.append((os.path.relpath(full, folder).replace(os.sep, "/"), file.read()))
    return found


def _write(folder: str, name: str, content: bytes) -> None:
    parts = name.split("/")
    if {"", ".", ".."} & set(parts) or any(c in name for c in "\\:\0"):
        raise ValueError(f"Not allowed: an asset named {name!r}")
    full = os.path.join(folder, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(content)
