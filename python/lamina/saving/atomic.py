"""Files that are there as a whole, or as they were before."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

_ENDING = ".lamina-part"  # of files that are being written
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # of folders, on some network file systems


def write_atomically(path: str | os.PathLike[str], write: Callable[[IO[bytes]], Any]) -> None:
    """Lets `write(file)` fill a new file, which then takes the place of an old one at `path`.

    The new file lies in the same folder under a temporary name until it is complete and on the disk.
    Whatever goes wrong, the old file stays, and the temporary one is removed; one that a killed
    process left is removed by the next write into its folder.

    Errors: OSError (no folder, no permission, full disk) that names `path`.
    """
    path = os.path.realpath(os.fspath(path))
    folder = os.path.dirname(path)
    partial = ""
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "there is a folder of this name")
        remove_left(folder)
        with _new_file(folder) as file:
            partial = file.name
            write(file)
            file.flush()
            os.fsync(file.fileno())
            if os.path.exists(path):
                os.chmod(partial, os.stat(path).st_mode & 0o777)
        os.replace(partial, path)
    except OSError as error:
        kept = ": the file that was there is as it was" if os.path.exists(path) else ""
        raise type(error)(
            error.errno, f"{error.strerror or error}; nothing was written{kept}", path
        ) from error
    finally:
        _remove(partial)
    _sync_folder(folder)


def remove_left(folder: str) -> None:
    """Removes what processes that were killed while they wrote have left in a folder."""
    for name in os.listdir(folder):
        if not name.endswith(_ENDING):
            continue
        left = os.path.join(folder, name)
        if fcntl is None:
            _remove(left)
            continue
        with contextlib.suppress(OSError), open(left, "rb") as file:
            _lock(file)
            _remove(left)


def _new_file(folder: str) -> IO[bytes]:
    """A file under a temporary name, locked for as long as this process writes it."""
    while True:
        file = open(os.path.join(folder, f".{secrets.token_hex(4)}{_ENDING}"), "xb")  # noqa: SIM115
        try:
            _lock(file)
        except BlockingIOError:  # taken for a left one by another process, which removes it
            file.close()
            continue
        except OSError:  # a file system without locks
            return file
        if os.path.exists(file.name):
            return file
        file.close()


def _lock(file: IO[bytes]) -> None:
    """Errors: OSError if another process holds the lock."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # it is gone, or what went wrong before is what matters
        os.remove(path)


def _sync_folder(folder: str) -> None:
    """So that the new name survives a loss of power; Windows cannot open folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)
