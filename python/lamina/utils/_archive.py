"""Archives unpacked so that nothing lands outside the folder given."""

import bz2
import gzip
import lzma
import os
import posixpath
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Sequence

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
)
_COMPRESSORS = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ\x00": lzma}


def extract_archive(path: str, folder: str, formats: str | Sequence[str] | None) -> bool:
    """Unpacks path into folder; False if it is no archive of the formats ("tar", "zip", "auto").

    Files of the same names in folder are replaced, others stay.  ValueError names the archive
    when a member would leave the folder, is a device, or cannot be read: then nothing is unpacked.
    """
    if formats == "auto":
        formats = ("tar", "zip")
    for kind in (formats,) if isinstance(formats, str) else formats or ():
        if kind not in ("tar", "zip"):
            raise ValueError(
                f'archive_format must be "tar", "zip", "auto" or None. '
                f"Received: archive_format={kind!r}"
            )
        try:
            if (_is_tar if kind == "tar" else zipfile.is_zipfile)(path):
                _extract(path, folder, kind)
                return True
        except _BROKEN as error:
            raise ValueError(f"{path} cannot be unpacked: {error}") from error
        except OSError as error:
            if error.errno is None:  # not from the system: from a decompressor
                raise ValueError(f"{path} cannot be unpacked: {error}") from error
            raise
    return False


def _is_tar(path: str) -> bool:
    """tarfile's answer, but a compressed file that is broken at its start raises its error."""
    if tarfile.is_tarfile(path):
        return True
    with open(path, "rb") as file:
        start = file.read(6)
    for magic, compressor in _COMPRESSORS.items():
        if start.startswith(magic):
            with compressor.open(path) as content:
                content.read(1)
    return False


def _extract(path: str, folder: str, kind: str) -> None:
    parent = os.path.dirname(os.path.abspath(folder))
    scratch = tempfile.mkdtemp(prefix=".extracting-", dir=parent)
    try:
        if kind == "zip":
            _unzip(path, scratch)
        else:
            _untar(path, scratch)
        _move(scratch, folder)
    finally:
        shutil.rmtree(scratch)


def _unzip(path: str, folder: str) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            _refuse_outside(path, member.filename)
        archive.extractall(folder)


def _untar(path: str, folder: str) -> None:
    with tarfile.open(path) as archive:
        safe_links = hasattr(tarfile, "data_filter")
        for member in archive.getmembers():
            _refuse_outside(path, member.name)
            link = member.issym() or member.islnk()
            if not (member.isfile() or member.isdir() or (link and safe_links)):
                raise ValueError(f"{path} holds {member.name!r}, which is no file or folder")
        if safe_links:
            archive.extractall(folder, filter="data")  # refuses links that lead outside
        else:
            archive.extractall(folder)
        while archive.fileobj and archive.fileobj.read(1 << 16):
            pass  # the checksum stands at the end


def _refuse_outside(path: str, name: str) -> None:
    clean = posixpath.normpath(name.replace("\\", "/"))
    if clean.startswith("/") or clean.split("/")[0] == ".." or clean[1:2] == ":":
        raise ValueError(f"{path} is not safe to unpack: {name!r} lies outside its folder")


def _move(source: str, target: str) -> None:
    """Moves what is in source into target, which may hold files already."""
    os.makedirs(target, exist_ok=True)
    with os.scandir(source) as entries:
        for entry in entries:
            place = os.path.join(target, entry.name)
            if entry.is_dir(follow_symlinks=False):
                _move(entry.path, place)
            else:
                os.replace(entry.path, place)
