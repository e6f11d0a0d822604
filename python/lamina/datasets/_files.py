"""Where a data set's files are looked for, and how the untrusted bytes in them are read."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]
    Arrays = tuple[tuple[Array, Array], tuple[Array, Array]]

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}
DIGITS = "; or use lamina.datasets.digits, which draws its images itself"
_HEADER = 1 << 16  # bytes that the header of an array has at most
_BROKEN = (OSError, EOFError, ValueError, zlib.error)


def load(
    name: str,
    folder: str,
    read: Callable[[str], Any],
    file_hash: str | None = None,
    origin: str = "",
    inside: str = "",
    instead: str = "",
) -> Any:
    """read(path) of the first of $LAMINA_DATA_DIR/folder/name, Keras's cache, the network.

    In the cache a file needs the hash; without one it must be readable.  A bad one is downloaded
    again.  Raises FileNotFoundError, telling what was tried, when there is nothing to be had.

    origin: a URL, or the file's name on the usual server, where that is another one.
    inside: for an archive, its folder that is read; it is looked for under that name alone in
        $LAMINA_DATA_DIR, and in the cache's folder `name`.
    instead: what the error recommends.
    """
    own = os.environ.get("LAMINA_DATA_DIR", "")
    tried = "$LAMINA_DATA_DIR: not set"
    if own:
        path = os.path.join(os.path.expanduser(own), folder, inside or name)
        if os.path.exists(path):
            return read(path)
        tried = f"$LAMINA_DATA_DIR: no file {path}"
    # Only here: what a download needs takes longer to import than all of lamina.
    from lamina.utils.file_utils import cache_home, get_file

    cached = os.path.join(cache_home(), "datasets", folder, name, *filter(None, [inside]))
    here = os.path.exists(cached)
    if here and (file_hash is None or inside):
        try:
            return read(cached)
        except ValueError as error:
            print(f"{error}; downloading it again.")
    try:
        path = get_file(
            name,
            origin if "://" in origin else ORIGIN + (origin or name),
            file_hash=file_hash,
            cache_subdir=os.path.join("datasets", folder),
            extract=bool(inside),
            force_download=here and file_hash is None,
        )
    except OSError as error:
        raise FileNotFoundError(
            f"{name} is neither on this machine nor to be had from the network. "
            f"Tried, in this order: (1) {tried}; "
            f"(2) Keras's cache: {cached} {'is damaged' if here else 'does not exist'}; "
            f"(3) {error}. Put the file there, or at "
            f"{os.path.join('$LAMINA_DATA_DIR', folder, inside or name)}{instead}."
        ) from error
    return read(os.path.join(path, inside) if inside else path)


def load_path(
    path: str | os.PathLike[str],
    origin: str,
    read: Callable[[str], Any],
    file_hash: str,
    instead: str = "",
) -> Any:
    """`load` for a name; an absolute path is read as it is, or downloaded to."""
    name = os.fspath(path)
    if not os.path.isabs(name):
        return load(name, "", read, file_hash, origin, instead=instead)
    if not os.path.exists(name):
        from lamina.utils.file_utils import get_file

        folder, name = os.path.split(name)
        name = get_file(
            name, ORIGIN + origin, file_hash=file_hash, cache_dir=folder, cache_subdir=""
        )
    return read(name)


def read_digits(path: str) -> dict[str, Array]:
    """The uint8 arrays of SHAPES in a .npz.  ValueError names the file and what is wrong."""
    from lamina.datasets._npy import read_npz

    try:
        known = sum(math.prod(shape) + _HEADER for shape in SHAPES.values())
        arrays = read_npz(path, tuple(SHAPES), known)
        for key, shape in SHAPES.items():
            found = arrays[key]
            if found.shape != shape or found.dtype != np.uint8:
                raise ValueError(
                    f"array {key!r} is {found.dtype} {found.shape}, expected uint8 {shape}"
                )
        check_labels(arrays["y_train"])
        check_labels(arrays["y_test"])
    except ValueError as error:
        raise ValueError(f"{path} is not the MNIST file: {error}") from error
    return arrays


def read_tables(
    path: str,
    pairs: tuple[tuple[str, str], ...],
    check: Callable[[Array, Array], None],
    objects: bool = False,
) -> dict[str, Array]:
    """The arrays of a .npz, in pairs of one length that `check` accepts.  ValueError as above."""
    from lamina.datasets._npy import read_npz

    try:
        keys = tuple(key for pair in pairs for key in pair)
        arrays = read_npz(path, keys, objects=objects)
        for x, y in pairs:
            if arrays[x].shape[:1] != arrays[y].shape or not len(arrays[y]):
                raise ValueError(
                    f"{x!r} and {y!r} have different lengths, or none: "
                    f"{arrays[x].shape} and {arrays[y].shape}"
                )
            check(arrays[x], arrays[y])
    except ValueError as error:
        raise ValueError(f"{path} is not the expected .npz file: {error}") from error
    return arrays


def read_idx(path: str, shape: tuple[int, ...]) -> Array:
    """The uint8 array of this shape in a gzipped idx file.  ValueError as for read_digits."""
    try:
        with gzip.open(path) as file:
            array = _read_idx(file, shape)
        if len(shape) == 1:
            check_labels(array)
    except FileNotFoundError:
        raise
    except _BROKEN as error:
        raise ValueError(f"{path} is not the expected idx file: {error}") from error
    return array


def _read_idx(file: gzip.GzipFile, shape: tuple[int, ...]) -> Array:
    head = file.read(4 + 4 * len(shape))
    magic = bytes([0, 0, 8, len(shape)])  # 8: unsigned bytes
    if head[:4] != magic:
        raise ValueError(f"it starts with {head[:4].hex()}, expected {magic.hex()}")
    found = tuple(int(n) for n in np.frombuffer(head[4 : len(head) // 4 * 4], ">u4"))
    if found != shape:
        raise ValueError(f"its header says shape {found}, expected {shape}")
    size = math.prod(shape)
    data = file.read(size + 1)
    if len(data) != size:
        more = "more than " if len(data) > size else ""
        raise ValueError(f"it holds {more}{min(len(data), size)} values, expected {size}")
    return np.frombuffer(bytearray(data), np.uint8).reshape(shape)


def check_labels(labels: Array) -> None:
    bad = np.flatnonzero(labels > 9)
    if bad.size:
        raise ValueError(f"label {bad[0]} is {labels[bad[0]]}, expected 0 to 9")
