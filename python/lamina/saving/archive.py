"""The zip archives of Keras: metadata, config, weights, and assets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import IO

from lamina.utils.zip_members import open_archive, read_member

_FACTOR, _SPARE = 1.5, 8 << 20  # Keras does not compress, but who packs a file anew may
_FIXED = ("metadata.json", "config.json", "model.weights.h5")


def write_archive(file: IO[bytes], members: Mapping[str, bytes]) -> None:
    """Puts the members into a zip archive, uncompressed."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def read_archive(data: bytes) -> dict[str, bytes]:
    """The members by name.

    Errors: ValueError for what is no zip archive, lacks a member, or has members twice, of other
    names, encrypted, or of more bytes together than one and a half times the file and 8 MB.
    """
    try:
        with open_archive(io.BytesIO(data), int(_FACTOR * len(data)) + _SPARE) as archive:
            infos = archive.infolist()
            for info in infos:
                _check_name(info.filename)
            names = [info.filename for info in infos if not info.is_dir()]
            members = {name: read_member(archive, name) for name in names}
    except ValueError as error:
        raise ValueError(f"The file is no `.keras` archive that can be read: {error}") from error
    missing = [name for name in _FIXED[1:] if name not in members]
    if missing:
        raise ValueError(f"The archive has no {missing[0]}. Received: {sorted(members)[:100]}")
    return members


def _check_name(name: str) -> None:
    parts = name.rstrip("/").split("/")
    outside = (
        not name.startswith("assets/") or {"", ".", ".."} & set(parts) or set("\\:\0") & set(name)
    )
    if name not in _FIXED and outside:
        raise ValueError(f"not allowed: member {name!r} of the archive")
