"""Files that are there as a whole, or as they were before."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from typing import IO, Any


def write_atomically(path: str | os.PathLike[str], write: Callable[[IO[bytes]], Any]) -> None:
    """Lets `write(file)` fill a new file, which then takes the place of an old one at `path`.

    The new file lies in the same folder under a temporary name until it is complete and on the disk.
    Whatever goes wrong, the old file stays, and the temporary one is removed.

    Errors: OSError (no folder, no permission, full disk) that names `path`.
    """
    path = os.path.realpath(os.fspath(path))
    folder, name = os.path.split(path)
    partial = None
    try:
        descriptor, partial = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        _take_permissions(path, partial)
        os.replace(partial, path)
        partial = None
        _sync_folder(folder)
    except OSError as error:
        before = "the file that was there is as it was" if os.path.exists(path) else "no file"
        raise type(error)(
            error.errno, f"{error.strerror or error}; nothing was written: {before}", path
        ) from error
    finally:
        if partial is not None:
            _remove(partial)


def _take_permissions(path: str, partial: str) -> None:
    """Those of the old file, or those that `open` gives a new one."""
    try:
        mode = os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.chmod(partial, mode)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # what went wrong before is what matters
        os.remove(path)


def _sync_folder(folder: str) -> None:
    """So that the new name survives a loss of power; Windows cannot open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
