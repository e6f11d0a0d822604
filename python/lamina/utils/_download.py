"""One file from a URL, whole and with the right hash, or nothing."""

import contextlib
import hashlib
import os
import queue
import secrets
import threading
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, BinaryIO
from urllib.error import HTTPError
from urllib.request import urlopen

_TIMEOUT = 5.0  # seconds: for an answer, then for each further piece
_PIECE = 1 << 16
_DIGITS = {"sha256": 64, "md5": 32}


def check_hash(file_hash: str | None, algorithm: str) -> str:
    """The name of the algorithm, "auto" resolved by the length of the hash."""
    if algorithm not in ("auto", *_DIGITS):
        raise ValueError(
            f'hash_algorithm must be "auto", "sha256" or "md5". '
            f"Received: hash_algorithm={algorithm!r}"
        )
    if algorithm == "auto":
        algorithm = "md5" if file_hash is not None and len(file_hash) == 32 else "sha256"
    if file_hash is not None and (
        len(file_hash) != _DIGITS[algorithm] or set(file_hash.lower()) - set("0123456789abcdef")
    ):
        raise ValueError(
            f"file_hash must be {_DIGITS[algorithm]} hexadecimal digits for {algorithm}. "
            f"Received: file_hash={file_hash!r}"
        )
    return algorithm


def has_hash(path: str, file_hash: str, algorithm: str) -> bool:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == file_hash.lower()


def download(url: str, place: str, file_hash: str | None, algorithm: str) -> None:
    """Writes url's content to place, in one step at the end; makes the folders it needs."""
    print(f"Downloading data from {url}")
    try:
        response = _open(url)
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise OSError(f"Could not download {url}: {error}") from error
    with response, _new_file(place) as partial:
        try:
            _copy(response, partial)
        except (OSError, HTTPException) as error:
            raise OSError(f"Could not download {url}: {error}") from error
        if file_hash is not None and not has_hash(partial, file_hash, algorithm):
            raise ValueError(
                f"What came from {url} does not have the {algorithm} hash {file_hash}: "
                "the file is damaged or another one. It was not kept."
            )


def _open(url: str) -> Any:
    """The response to url; TimeoutError if there is none in time.

    The socket's own timeout counts for each of a host's addresses anew and not for the look-up
    of its name, so a thread waits for the answer.
    """
    answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        try:
            response = urlopen(url, timeout=_TIMEOUT)
            if given_up.is_set():
                response.close()
            answer.put(response)
        except BaseException as error:  # handed to the thread that waits
            answer.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        result = answer.get(timeout=_TIMEOUT)
    except queue.Empty:
        raise TimeoutError(f"no answer within {_TIMEOUT:g} seconds") from None
    finally:
        given_up.set()
    if isinstance(result, BaseException):
        raise result
    return result


@contextlib.contextmanager
def _new_file(place: str) -> Iterator[str]:
    """A name to write to, which becomes place if all goes well and else disappears."""
    made, folder = [], os.path.dirname(os.path.abspath(place))
    while not os.path.isdir(folder):
        made.append(folder)
        folder = os.path.dirname(folder)
    os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
    partial = f"{place}.{secrets.token_hex(4)}.part"
    try:
        yield partial
        os.replace(partial, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(partial)
        for folder in made:
            with contextlib.suppress(OSError):  # another download may be using it
                os.rmdir(folder)
        raise


def _copy(response: Any, partial: str) -> None:
    from tqdm import tqdm

    length = response.headers.get("Content-Length")
    total = int(length) if length else None
    file: BinaryIO
    with (
        open(partial, "xb") as file,
        tqdm(total=total, unit="B", unit_scale=True, disable=None) as bar,
    ):
        while piece := response.read(_PIECE):
            file.write(piece)
            bar.update(len(piece))
        if total is not None and file.tell() != total:
            raise OSError(f"the connection ended after {file.tell()} of {total} bytes")
        file.flush()
        os.fsync(file.fileno())
