"""Files from the network, kept in Keras's cache."""

import os
import tempfile
import warnings
from collections.abc import Sequence
from urllib.parse import urlsplit

from lamina.utils._archive import extract_archive
from lamina.utils._download import check_hash, download, has_hash

PathLike = str | os.PathLike[str]


def get_file(
    fname: PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: PathLike = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: PathLike | None = None,
    force_download: bool = False,
) -> str:
    """The path of the file at the URL origin, downloaded unless it is in the cache already.

    fname: the name to give it, without folders; None takes the name from origin.
    cache_dir, cache_subdir: the folder; $KERAS_HOME or ~/.keras, and in it "datasets".  Where
        cache_dir cannot be written, .keras in the folder for temporary files.
    file_hash, hash_algorithm: sha256 or md5 ("auto": by length) that the file must have.  A
        cached file with another hash is downloaded again.  md5_hash is the old spelling.
    extract: unpack the archive too and return the folder, as in Keras: for fname "a.zip" it is
        "a_extracted", for "a" it is "a"; untar=True means a tar archive.
    archive_format: "tar", "zip", a list of them, or "auto" for both.
    force_download: do not look into the cache.

    A file appears complete or not at all: a download that fails, stalls for five seconds, is
    interrupted or has a wrong hash leaves what was there before.  No server is asked twice.

    Raises ValueError for bad arguments, a wrong hash and bad archives (also those that reach out
    of their folder); OSError naming origin when it cannot be downloaded.
    """
    if not origin:
        raise ValueError(f"origin must be the URL of the file. Received: origin={origin!r}")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    algorithm = check_hash(file_hash, hash_algorithm)
    name = _file_name(fname, origin)
    target, folder = name, name
    if extract or untar:
        if fname and "." in name:
            folder = f"{name[: name.index('.')]}_extracted"
        else:
            target = f"{name}_archive"
    place = _place(cache_dir, cache_subdir, target)
    _fetch(place, origin, file_hash, algorithm, force_download)
    if not (extract or untar):
        return place
    folder = os.path.join(os.path.dirname(place), folder)
    if not extract_archive(place, folder, "tar" if untar else archive_format):
        warnings.warn(
            f"{place} is no archive of archive_format={archive_format!r}; nothing was extracted.",
            stacklevel=2,
        )
    return folder


def cache_home() -> str:
    """Keras's folder: $KERAS_HOME or ~/.keras."""
    return os.path.expanduser(os.environ.get("KERAS_HOME") or os.path.join("~", ".keras"))


def _file_name(fname: PathLike | None, origin: str) -> str:
    if fname:
        name = os.fspath(fname)
        if os.sep in name or (os.altsep or os.sep) in name or name in (".", ".."):
            raise ValueError(
                "fname must be a plain name; cache_dir and cache_subdir say where it goes. "
                f"Received: fname={name}"
            )
        return name
    name = os.path.basename(urlsplit(origin).path)
    if not name:
        raise ValueError(f"fname is needed, origin ends in no name. Received: origin={origin}")
    return name


def _place(cache_dir: PathLike | None, subdir: PathLike, name: str) -> str:
    """Where the file is or goes: a file that is there counts, even where nothing can be written."""
    base = os.path.expanduser(cache_home() if cache_dir is None else os.fspath(cache_dir))
    place = os.path.join(base, subdir, name)
    if os.path.exists(place) or _writable(base):
        return place
    root = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
    return os.path.join(root, ".keras", subdir, name)


def _writable(folder: str) -> bool:
    """True if the folder, or the nearest one above it that exists, can be written."""
    folder = os.path.abspath(folder)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return os.access(folder, os.W_OK)


def _fetch(
    place: str, origin: str, file_hash: str | None, algorithm: str, force_download: bool
) -> None:
    stale = ""
    if os.path.exists(place) and not force_download:
        if file_hash is None or has_hash(place, file_hash, algorithm):
            return
        stale = f"{place} does not have the {algorithm} hash {file_hash}"
        print(f"{stale}; downloading it again.")
    try:
        download(origin, place, file_hash, algorithm)
    except OSError as error:
        if stale:
            raise OSError(f"{stale}, and a new one cannot be had. {error}") from error
        raise
