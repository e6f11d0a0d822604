"""The members of zip archives that nobody vouches for."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# What zipfile raises for archives that it cannot read.
_UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError,
    OSError, OverflowError, IndexError,
)  # fmt: skip


@contextmanager
def open_archive(file: Any, most: int) -> Iterator[zipfile.ZipFile]:
    """The archive in a file, whose members may have `most` bytes together.

    Errors: ValueError for what is no zip archive, is damaged where it is read inside of the `with`,
    or has members twice, compressed in rare ways, or of more bytes.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive.infolist(), most)
            yield archive
    except _UNREADABLE as error:
        raise ValueError(f"it is no zip archive that can be read: {error}") from error


def _check(infos: list[zipfile.ZipInfo], most: int) -> None:
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise ValueError(f"not allowed: members that stand in the archive twice: {names[:100]}")
    for info in infos:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"not allowed: the compression of member {info.filename!r}")
    claimed = sum(info.file_size for info in infos)
    if claimed > most:
        raise ValueError(f"not allowed: members of {claimed} bytes, more than {most}")


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a member: as many as the archive says, however many it would unpack to.

    Errors: ValueError for fewer, or a checksum that is not theirs.
    """
    size = archive.getinfo(name).file_size
    with archive.open(name) as file:
        content = file.read(size)  # read() would unpack everything before it looks at the size
    if len(content) != size:
        raise ValueError(f"member {name!r} should have {size} bytes, but has {len(content)}")
    return content
