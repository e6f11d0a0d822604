"""The zip archives of Keras: metadata, config, weights, and assets."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO

_FIXED = ("metadata.json", "config.json", "model.weights.h5")
_EXPANSION = 4  # Keras stores members as they are
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError)


def write_archive(file: IO[bytes], members: Mapping[str, bytes]) -> None:
    """Puts the members into a zip archive, uncompressed."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def read_archive(data: bytes) -> dict[str, bytes]:
    """The members by name.

    Errors: ValueError for what is no zip archive, lacks a member, or has members twice, of other
    names, encrypted, or of more bytes together than four times the file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check(infos, len(data))
            members = {info.filename: archive.read(info) for info in infos if not info.is_dir()}
    except _UNREADABLE as error:
        raise ValueError(f"The file is no `.keras` archive that can be read: {error}") from error
    missing = [name for name in _FIXED[1:] if name not in members]
    if missing:
        raise ValueError(f"The archive has no {missing[0]}. Received: {sorted(members)}")
    return members


def _check(infos: list[zipfile.ZipInfo], size: int) -> None:
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise ValueError(f"Not allowed: members that stand in the archive twice: {names}")
    for info in infos:
        parts = info.filename.rstrip("/").split("/")
        if info.filename not in _FIXED and (parts[0] != "assets" or {"", ".", ".."} & set(parts)):
            raise ValueError(f"Not allowed: member {info.filename!r} of the archive")
        if "\\" in info.filename or ":" in info.filename or "\0" in info.filename:
            raise ValueError(f"Not allowed: member {info.filename!r} of the archive")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"Not allowed: the compression of member {info.filename!r}")
    claimed = sum(info.file_size for info in infos)
    if claimed > _EXPANSION * size:
        raise ValueError(f"Not allowed: members of {claimed} bytes in an archive of {size}")
